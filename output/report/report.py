"""The report after a run: one HTML file that needs nothing else, for whoever must decide whether to trust the data."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..dataset.disk import write_whole
from ..dataset.rows import Row
from ..dataset.version import Version
from .charts import MAX_SITES, histogram, trend
from .pages import asset, environment, page_name, script_json

MAX_RUNS = 30
"""Runs in the trend: a month of nights."""
SAMPLES = 12
"""Findings shown by lot, and as many of the least sure."""
MAX_CHANGES = 100
MAX_REFUSED = 8
"""Examples of refused pages shown for each reason."""


def write_report(
    version: Version, path: Path, *, history: Iterable[Mapping[str, Any]] = (), pages: str = ""
) -> None:
    """Write the report of a version.

    History: rows like the runs table's, for runs that the version does not know, such as one that failed its gates after it. Pages: where the
    evidence pages lie, relative to the report ("pages/"); "" for none.
    """
    runs = {row["run_id"]: row for row in version.rows("runs")}
    of_version = max(runs.values(), key=lambda row: str(row["run_id"]), default=None)
    runs.update({row["run_id"]: row for row in history})
    ordered = sorted(runs.values(), key=lambda row: (str(row["started_at"] or ""), str(row["run_id"])))
    facts = version.facts
    checks = json.loads((version.path / "checks.json").read_bytes())
    sampled, unsure = _samples(version)
    topics = sorted(facts["most_stated"].items(), key=lambda item: (-facts["topics"][item[0]], item[0]))
    script = asset("report.js")
    style = asset("style.css")
    html = (
        environment()
        .get_template("report.html.j2")
        .render(
            version_id=version.id,
            run=ordered[-1] if ordered else None,
            published=of_version,
            facts=facts,
            checks=checks,
            funnel=_funnel(facts, ordered[-1] if ordered else None),
            gates=_gates(ordered[-1] if ordered else None, "failed_gates"),
            accepted=_gates(ordered[-1] if ordered else None, "accepted_gates"),
            refusals=_refusals(version, facts),
            sites=_sites(facts, ordered),
            charts=_charts(facts, ordered[-MAX_RUNS:]),
            runs=list(reversed(ordered[-MAX_RUNS:])),
            sampled=sampled,
            unsure=unsure,
            topics=topics,
            places=_places(version, (groups for _, groups in topics)),
            first=version.manifest["previous_version"] is None,
            changes=_first(version.rows("changes"), MAX_CHANGES),
            n_changes=version.count("changes"),
            articles=_article_titles(version, [*sampled, *unsure]),
            croissant=Markup(script_json(json.loads((version.path / "croissant.json").read_bytes()))),  # noqa: S704
            pages=pages,
            page_name=page_name,
            style=Markup(style),  # noqa: S704  ours, beside the templates
            script=Markup(script),  # noqa: S704
            script_sum=_csp_sum(script),
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as file:
        file.write(html.encode())


def _funnel(facts: Mapping[str, Any], run: Mapping[str, Any] | None) -> list[tuple[str, int, str]]:
    """(step, count, what is counted)."""
    totals = facts["totals"]
    steps: list[tuple[str, int, str]] = []
    if run:
        steps = [
            ("pages fetched in the run", run["n_pages"], "answers with a body; of a build, pages read"),
            ("pages unchanged since", run["n_unchanged"], "the sites said so; not fetched again"),
            (
                "articles read in the run",
                run["n_articles"],
                "pages that are new, changed, or read by new rules",
            ),
        ]
    return [
        *steps,
        ("articles in the version", facts["articles"], "all known, those of earlier runs too"),
        ("articles with a cause", totals.get("with causes", 0), ""),
        ("articles with advice", totals.get("with advice", 0), ""),
    ]


def _gates(run: Mapping[str, Any] | None, which: str) -> list[tuple[str, str]]:
    return [(site["site"], gate) for site in (run["sites"] if run else ()) for gate in site.get(which) or ()]


def _refusals(version: Version, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    examples: dict[tuple[str, str], list[Row]] = {}
    for row in version.rows("refusals"):
        shown = examples.setdefault((row["stage"], row["reason"]), [])
        if len(shown) < MAX_REFUSED:
            shown.append(row)
    return [{**row, "examples": examples.get((row["stage"], row["reason"]), [])} for row in facts["refusals"]]


def _sites(facts: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    last = {site["site"]: site for run in runs[-1:] for site in run["sites"]}
    rows = []
    for name in sorted(set(facts["sites"]) | set(last)):
        known = facts["sites"].get(name, {})
        articles = known.get("articles", 0)
        rows.append(
            {
                "name": name or "loose files",
                "articles": articles,
                "findings": known.get("findings", 0),
                "per_article": known.get("findings", 0) / articles if articles else 0.0,
                "empty": known.get("without findings", 0),
                "refused": sum(known.get("refused", {}).values()),
                "fetched": last.get(name, {}).get("fetched", 0),
                "unchanged": last.get(name, {}).get("unchanged", 0),
                "failed": last.get(name, {}).get("failed", 0),
                "failed_gates": last.get(name, {}).get("failed_gates") or [],
                "accepted_gates": last.get(name, {}).get("accepted_gates") or [],
            }
        )
    return rows


def _charts(facts: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> dict[str, Markup]:
    charts = {}
    largest = sorted(facts["sites"], key=lambda site: (-facts["sites"][site].get("articles", 0), site))[
        :MAX_SITES
    ]
    if len(runs) > 1:
        points = [
            {"run": _run_name(run), "site": site["site"], "value": site["known"]}
            for run in runs
            for site in run["sites"]
            if site["site"] in largest
        ]
        charts["articles"] = trend(points, "articles known")
        points = [
            {
                "run": _run_name(run),
                "site": site["site"],
                "value": round(site["findings"] / site["articles"], 2),
            }
            for run in runs
            for site in run["sites"]
            if site["site"] in largest and site["articles"]
        ]
        if points:
            charts["yield"] = trend(points, "findings per article read")
    if facts["confidence"]:
        bars = [
            {
                "label": f"{step / 10:.1f}–{step / 10 + 0.1:.1f}",
                "value": facts["confidence"].get(f"{step / 10:.1f}", 0),
            }
            for step in range(10)
        ]
        charts["confidence"] = histogram(bars, "confidence", "findings")
    return charts


def _run_name(run: Mapping[str, Any]) -> str:
    return f"{run['started_at']:%d %b %H:%M}" if run["started_at"] else str(run["run_id"])


def _samples(version: Version) -> tuple[list[Row], list[Row]]:
    """Findings by lot (the smallest ids: sums are as good as dice, and the same tomorrow), and the least sure."""
    by_lot: list[Row] = []
    unsure: list[Row] = []
    for row in version.standing_findings():
        by_lot.append(row)
        unsure.append(row)
        if len(by_lot) > 50 * SAMPLES:
            by_lot = sorted(by_lot, key=lambda row: str(row["finding_id"]))[:SAMPLES]
            unsure = sorted(unsure, key=_sureness)[:SAMPLES]
    return (
        sorted(by_lot, key=lambda row: str(row["finding_id"]))[:SAMPLES],
        sorted(unsure, key=_sureness)[:SAMPLES],
    )


def _places(version: Version, topics: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Where the findings named by the listed claims stand: finding id → evidence page with anchor."""
    wanted = {
        identity
        for groups in topics
        for claims in groups.values()
        for claim in claims
        for identity in claim["finding_ids"]
    }
    places = {}
    for _, findings in groupby(
        version.rows("findings", ("url", "finding_id", "article_id")), lambda row: str(row["url"])
    ):
        for number, row in enumerate(findings, 1):
            if row["finding_id"] in wanted:
                places[row["finding_id"]] = f"{page_name(row['article_id'])}#m{number}"
    return places


def _sureness(row: Row) -> tuple[float, str]:
    return row["confidence"], row["finding_id"]


def _article_titles(version: Version, findings: Sequence[Row]) -> dict[str, str]:
    wanted = {row["article_id"] for row in findings}
    return {
        row["article_id"]: row["title"] or row["url"]
        for row in version.rows("articles")
        if row["article_id"] in wanted
    }


def _first(rows: Iterable[Row], count: int) -> list[Row]:
    return list(islice(rows, count))


def _csp_sum(script: str) -> str:
    """What the page's own policy lets run: this script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
