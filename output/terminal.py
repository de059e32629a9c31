"""What a person sees in a terminal: why a page was kept so, what a run did, what changed."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cleaning.article import Article
from crawler.runs import Run, SiteCounts
from crawler.summary import SiteSummary

from .dataset.version import Version
from .findings import Finding, describe, find
from .findings.finding import GROUPS, Role
from .job import Job
from .teller import GATE_FAILED
from .trial import Judged

Told = tuple[Run, Mapping[str, tuple[SiteCounts, Sequence[str]]]]
"""A run of the ledger, and by site what it did and which gates failed."""

STYLES = {"cause": "red", "advice": "green", "symptom": "yellow", "other": "cyan"}
MAX_ROWS = 5
"""Sample rows that a run's summary prints."""
MAX_LISTED = 10
"""Lines of any list in a summary, before it says how many more there are."""


def explain(article: Article) -> RenderableType:
    """Each block with its verdict, and under it the findings that stand in it."""
    subject = describe(article)
    findings = find(article, subject)
    about = [subject.topic or "no topic", subject.population, f"confidence {article.confidence:.2f}"]
    parts: list[RenderableType] = [
        Text(article.url, style="bold"),
        Text(article.facts.title or "(no title)"),
        Text(" · ".join(part for part in about if part), style="dim"),
        Text(),
    ]
    start = 0
    for verdict in article.verdicts:
        place = f"{verdict.block.start}–{verdict.block.end}" if verdict.block.start >= 0 else ""
        if verdict.reason:
            parts.append(_line("drop", "dim strike", verdict.block.text, f"{verdict.reason.value} {place}"))
            continue
        parts.append(_line("keep", "", verdict.block.text, place))
        end = start + len(verdict.block.text)
        parts += [_finding(article, finding) for finding in findings if start <= finding.start < end]
        start = end + 1
    counts = Counter(GROUPS[finding.role] for finding in findings)
    nothing = f"nothing was looked for: {subject.refused}" if subject.refused else "no findings"
    parts += [
        Text(),
        Text(", ".join(f"{number} {group}" for group, number in counts.items()) or nothing, style="bold"),
    ]
    return Group(*parts)


def _line(verdict: str, style: str, text: str, note: str) -> Text:
    line = Text(f"{verdict}  ", style="green" if verdict == "keep" else "magenta")
    line.append(text, style=style)
    if note:
        line.append(f"  [{note.strip()}]", style="magenta" if verdict == "drop" else "dim")
    return line


def _finding(article: Article, finding: Finding) -> Padding:
    line = Text(f"▸ {finding.role.value}", style=f"bold {STYLES[GROUPS[finding.role]]}")
    if finding.label:
        line.append(f" {finding.label}")
    more = [
        finding.decided_by,
        f"{finding.confidence:.2f}",
        finding.polarity if finding.polarity in ("negated", "avoid") else "",
        "hedged" if finding.hedge else "",
        f"also {finding.secondary_role.value}" if finding.secondary_role else "",
    ]
    line.append(f" ({', '.join(part for part in more if part)})", style="dim")
    line.append(f" {finding.start}–{finding.end}: ", style="dim")
    line.append(article.text[finding.start : finding.end])
    return Padding(line, (0, 0, 0, 6))


def job_summary(job: Job) -> RenderableType:
    """What a run fetched, refused and found, five sample rows, and where the dataset and the report lie."""
    parts: list[RenderableType] = [crawl_table(job.summaries.values()), Text()]
    refused: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    for counts in job.counts.values():
        refused.update(counts.refused)
        failed.update(counts.failed)
        findings.update(counts.findings)
    for summary in job.summaries.values():
        passed.update(summary.passed_over)
    parts += (
        _tally("Pages refused", refused)
        + _tally("Pages failed", failed)
        + _tally("Links passed over", passed)
    )
    articles = sum(counts.articles for counts in job.counts.values())
    causes, advice = (
        sum(number for role, number in findings.items() if GROUPS[Role(role)] == group)
        for group in ("cause", "advice")
    )
    parts += [
        Text(
            f"{articles} articles: {causes} causes and risk factors, {advice} pieces of advice", style="bold"
        )
    ]
    parts += [Text("  " + ", ".join(f"{number} {role}" for role, number in findings.most_common())), Text()]
    if job.version:
        parts += [_sample(job.version), Text()]
        parts += [Text(f"dataset  {job.version.path}  ({holds(job.version)})")]
        if (report := job.version.path / "report.html").exists():
            parts += [Text(f"report   {report}")]
    return Group(*parts)


def holds(version: Version) -> str:
    """What a version has come to: all sites of the folder, gone articles and duplicates left out."""
    facts = version.facts
    twice = sum(row["pages"] for row in facts["refusals"] if row["reason"] == "duplicate")
    left_out = f", {twice} duplicates left out" if twice else ""
    return f"{facts['articles']} articles, {facts['findings']} findings{left_out}"


def crawl_table(summaries: Iterable[SiteSummary]) -> Table:
    """A row a site: what the crawl asked and what came of it."""
    table = Table(
        "site",
        "asked",
        "fetched",
        "new",
        "changed",
        "unchanged",
        "gone",
        "refused",
        "failed",
        "MB",
        "ended",
        box=None,
    )
    for column in table.columns[1:10]:
        column.justify = "right"
    for site in summaries:
        numbers = (
            site.asked,
            site.pages_fetched,
            site.new,
            site.changed,
            site.unchanged,
            site.gone,
            sum(site.refused_by_reason.values()),
            sum(site.failed_by_reason.values()),
        )
        table.add_row(site.site, *map(str, numbers), f"{site.bytes / 1e6:.1f}", site.finish_reason)
    return table


def trial_table(rows: Sequence[Judged], passed_over: Mapping[str, int]) -> RenderableType:
    """What a trial would take and refuse, a line an address in the order they were asked for."""
    table = Table("address", "as", "becomes", "because", "title", "causes", "advice", box=None)
    for row in rows:
        numbers = (str(row.causes), str(row.advice)) if row.becomes == "article" else ("", "")
        table.add_row(row.url, row.kind, row.becomes, row.because, _short(row.title), *numbers)
    return Group(table, Text(), *_tally("Links passed over", passed_over))


def _tally(title: str, counts: Mapping[str, int]) -> list[RenderableType]:
    if not counts:
        return []
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = [Text(f"{title}: {sum(counts.values())}", style="bold")]
    lines += [Text(f"  {number:5}  {reason}") for reason, number in ordered[:MAX_LISTED]]
    if len(ordered) > MAX_LISTED:
        lines.append(Text(f"  and {len(ordered) - MAX_LISTED} other reasons"))
    return [*lines, Text()]


def _sample(version: Version) -> Table:
    """Rows of several roles and articles of which the topic is known, the first of each in the table's order."""
    table = Table("topic", "role", "label", "evidence", box=None)
    topics = {row["article_id"]: row["topic"] for row in version.rows("articles")}
    seen: set[object] = set()
    for row in version.standing_findings():
        if len(seen) >= 2 * MAX_ROWS:
            break
        topic = topics[row["article_id"]]
        if not topic or row["role"] in seen or row["article_id"] in seen:
            continue
        seen |= {row["role"], row["article_id"]}
        table.add_row(topic, row["role"], row["label"] or "", _short(row["text"]))
    return table


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def changes_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """What changed between two versions, a line an article."""
    table = Table("change", "url", "fields", box=None)
    for row in rows:
        table.add_row(row["change"], row["url"], ", ".join(row.get("fields") or ()))
    counts = Counter(row["change"] for row in rows)
    return Group(
        table,
        Text(
            ", ".join(f"{number} {change}" for change, number in counts.items()) or "nothing changed",
            style="bold",
        ),
    )


def runs_table(told: Sequence[Told], going_on: Container[str]) -> RenderableType:
    """A row a run, newest first; `going_on` are the ids of those that still are. Changes are of pages: new, changed, gone."""
    table = Table(box=None, pad_edge=False)
    table.add_column("run", no_wrap=True)
    table.add_column("took", no_wrap=True, justify="right")
    table.add_column("sites", max_width=14)
    for name in ("articles", "changes"):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("how it ended")
    for run, sites in told:
        counts = [counts for counts, _ in sites.values()]
        new, changed, gone, articles = (
            sum(getattr(one, name) for one in counts) for name in ("new", "changed", "gone", "articles")
        )
        numbers = (str(articles), f"+{new} ~{changed} -{gone}") if counts else ("", "")
        how = how_it_ended(run, sites, going_on)
        told_how = Text(f"exit {run.exit_code}: {how}", style="red") if run.exit_code else Text(how)
        table.add_row(run.run_id, _took(run), ", ".join(run.sites), *numbers, told_how)
    return table if told else Text("no runs yet")


def how_it_ended(
    run: Run, sites: Mapping[str, tuple[SiteCounts, Sequence[str]]], going_on: Container[str]
) -> str:
    """In a line; of a failed gate, which."""
    how = run.finish_reason or "interrupted; the next run goes on with it"
    if run.finished_at is None:
        how = "going on" if run.run_id in going_on else run.finish_reason or how
    gates = [f"{site}: {line}" for site, (_, lines) in sites.items() for line in lines]
    if run.dataset_version and gates:
        how = f"{how}, a fallen yield accepted"
    elif gates:
        how = gates[0] + (f" (and {len(gates) - 1} more)" if len(gates) > 1 else "")
    if run.resumed_at:
        how += f"; taken up again {len(run.resumed_at)}×"
    return how + ("; every page asked anew" if run.full else "")


def run_tables(
    run: Run, sites: Mapping[str, tuple[SiteCounts, Sequence[str]]], going_on: Container[str]
) -> RenderableType:
    """All of one run: when, how it ended and what that means, and what it did on each site."""
    versions = ", ".join(f"{name} {version[:12]}" for name, version in run.versions.items())
    told = {
        "run": f"{run.run_id}, {'every page asked anew' if run.full else 'only pages that were due'}",
        "sites": ", ".join(run.sites),
        "began": _moment(run.started_at),
        "taken up again": ", ".join(map(_moment, run.resumed_at)),
        "ended": f"{_moment(run.finished_at)}, after {_took(run)}" if run.finished_at else "",
        "exit code": "" if run.exit_code is None else str(run.exit_code),
        "how": how_it_ended(run, sites, going_on),
        "dataset": run.dataset_version
        or ("nothing was published; the version before stayed" if run.finished_at else ""),
        "made by": f"{versions}; profiles {run.profiles_sha256[:12]}",
    }
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    for name, text in told.items():
        if text:
            facts.add_row(name, text)
    parts: list[RenderableType] = [facts]
    for name, (counts, gates) in sites.items():
        parts += [Text(), Text(name, style="bold"), *_site_of_run(counts)]
        waved = bool(run.dataset_version)
        parts += [
            Text(f"  gate {'waved through' if waved else 'failed'}: {line}", style="" if waved else "red")
            for line in gates
        ]
    if run.exit_code == GATE_FAILED and not run.dataset_version:
        parts += [
            Text(),
            Text(
                "The next run tries again. If the site has changed for good, let the yield pass once: consilia run PROFILE --accept."
                " Bounds of the profile hold until its [gate] says otherwise."
            ),
        ]
    return Group(*parts)


def _site_of_run(counts: SiteCounts) -> list[RenderableType]:
    fetched = (
        f"fetched {counts.fetched} ({counts.bytes / 1e6:.1f} MB): {counts.new} new, {counts.changed} changed"
    )
    lines = [
        f"{fetched}; {counts.unchanged} unchanged, {counts.gone} gone; crawl {counts.finish_reason or 'finished'}",
        f"known pages asked again {counts.again}, missed {counts.missed}",
        f"the site now: {counts.pages} pages, {counts.articles} articles of {counts.mean_characters:.0f} characters on average",
    ]
    tallies = (
        ("findings", counts.findings),
        ("answers", counts.statuses),
        ("refused", counts.refused),
        ("failed", counts.failed),
    )
    lines += [
        f"{title} {sum(tally.values())}: " + ", ".join(f"{number}× {name}" for name, number in _most(tally))
        for title, tally in tallies
        if tally
    ]
    return [Padding(Text(line), (0, 0, 0, 2)) for line in lines]


def _most(tally: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(tally.items(), key=lambda item: (-item[1], item[0]))[:MAX_LISTED]


def _took(run: Run) -> str:
    if not run.finished_at:
        return ""
    took = datetime.fromisoformat(run.finished_at) - datetime.fromisoformat(run.started_at)
    return str(took) if took >= timedelta() else "?"  # the clock was set back meanwhile


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M:%S} UTC"
