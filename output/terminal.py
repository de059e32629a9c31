"""What a person sees in a terminal: why a page was kept so, what a run did, what changed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
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

STYLES = {"cause": "red", "advice": "green", "symptom": "yellow", "other": "cyan"}
MAX_ROWS = 5
"""Sample rows that a run's summary prints."""
MAX_LISTED = 10
"""Lines of any list in a summary, before it says how many more there are."""


def explain(article: Article) -> RenderableType:
    """Each block with its verdict, and under it the findings that stand in it."""
    subject = describe(article)
    findings = find(article)
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
    parts += [
        Text(),
        Text(
            ", ".join(f"{number} {group}" for group, number in counts.items()) or "no findings", style="bold"
        ),
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
        parts += [Text(f"dataset  {job.version.path}")]
        if (report := job.version.path / "report.html").exists():
            parts += [Text(f"report   {report}")]
    return Group(*parts)


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
            site.fetched,
            site.new,
            site.changed,
            site.unchanged,
            site.gone,
            sum(site.refused_by_reason.values()),
            sum(site.failed_by_reason.values()),
        )
        table.add_row(site.site, *map(str, numbers), f"{site.bytes / 1e6:.1f}", site.finish_reason)
    return table


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
    """Rows of several roles and articles, the first of each in the table's order."""
    table = Table("topic", "role", "label", "evidence", box=None)
    topics = {row["article_id"]: row["topic"] for row in version.rows("articles")}
    seen: set[object] = set()
    for row in version.rows("findings"):
        if len(seen) >= 2 * MAX_ROWS:
            break
        if row["role"] in seen or row["article_id"] in seen:
            continue
        seen |= {row["role"], row["article_id"]}
        table.add_row(topics[row["article_id"]] or "", row["role"], row["label"] or "", _short(row["text"]))
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


def runs_table(runs: Sequence[Run]) -> Table:
    """A row a run, newest first."""
    table = Table("run", "sites", "began", "ended", "how", "exit", "dataset", box=None)
    for run in runs:
        how = run.finish_reason or ("going on, or interrupted" if run.finished_at is None else "")
        resumed = f" (taken up again {len(run.resumed_at)}×)" if run.resumed_at else ""
        exit_code = "" if run.exit_code is None else str(run.exit_code)
        table.add_row(
            run.run_id,
            ", ".join(run.sites),
            run.started_at,
            run.finished_at or "",
            how + resumed,
            exit_code,
            run.dataset_version or "",
        )
    return table


def run_tables(run: Run, sites: Mapping[str, tuple[SiteCounts, Sequence[str]]]) -> RenderableType:
    """All of one run."""
    parts: list[RenderableType] = [runs_table([run])]
    for name, (counts, gates) in sites.items():
        numbers = ("fetched", "new", "changed", "unchanged", "gone", "bytes", "articles")
        parts += [
            Text(),
            Text(name, style="bold"),
            Text("  " + ", ".join(f"{getattr(counts, key)} {key}" for key in numbers)),
        ]
        tallies = (
            ("answers", counts.statuses),
            ("refused", counts.refused),
            ("failed", counts.failed),
            ("findings", counts.findings),
        )
        parts += list(chain.from_iterable(_tally(title, tally) for title, tally in tallies))
        parts += [Text(f"  gate failed: {line}", style="red") for line in gates]
    return Group(*parts)
