"""Was the yield of a site's run good enough to publish? Judged by the profile's bounds, by the site's own past, and by what is published.

The counts that are judged are of the whole site as it stands after the run, not of what the run fetched: an incremental crawl asks for a
hundred pages one night and for ten the next. A layout that changes overnight shows in those totals only when most pages have been asked for
again; it shows at once in the pages that were asked for, so those are compared with what is published of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .runs import SiteCounts
from .site import Gate
from .state import read_state
from .visits import MISSES_TO_BE_GONE, Kind, Outcome

MIN_REWRITTEN = 5
"""Changed articles before they are judged: of fewer, one that an editor turned into a stub is more than a fifth."""
MIN_AGAIN = 5
"""Known pages asked for again before the share that was missed is judged, likewise."""
MIN_ANSWERS = 20
"""Answers before the share of errors among them is judged: dead links of the site are among them, and a small run may meet several."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The published articles whose page has changed since: what they were, and what they are now, by the same rules."""

    pages: int = 0
    articles: int = 0
    """How many still are articles; the other fields are of these."""
    characters_before: int = 0
    characters: int = 0
    findings_before: int = 0
    findings: int = 0


def asked_again(state: Path) -> tuple[int, int]:
    """Of a site's state file: how many pages that were had before the last run asked for again, and how many of them it missed.

    Pages that stand as gone do not count when they are looked for once more. Raises BrokenState.
    """
    with read_state(state) as db:
        again, missed = db.execute(
            "SELECT count(*), count(*) FILTER (WHERE outcome NOT IN (?, ?)) FROM visits WHERE run = (SELECT max(id) FROM runs)"
            " AND kind >= ? AND fetched_at IS NOT NULL AND outcome NOT IN (?, ?) AND misses <= ?",
            (
                Outcome.CHANGED,
                Outcome.UNCHANGED,
                Kind.START,
                Outcome.NEW,
                Outcome.MOVED,
                MISSES_TO_BE_GONE,
            ),
        ).fetchone()
    return int(again), int(missed)


def broken_bounds(gate: Gate, counts: SiteCounts) -> list[str]:
    """Say in words which of the profile's bounds a run broke; empty if none. Nobody can wave these through: they are the profile's."""
    failed = []
    if not counts.articles:
        failed.append("articles: none at all")
    if not any(counts.statuses.get(status) for status in ("200", "304")):
        failed.append("answers: not one page, sitemap or feed was had")
    elif counts.again and counts.missed == counts.again and not counts.new:
        failed.append("answers: not one page was had")
    for name, (least, value) in _yields(gate).items():
        if value(counts) < least and (counts.articles or name == "pages"):
            failed.append(f"{name}: {_number(value(counts))}, the profile asks for {_number(least)}")
    if counts.missed > gate.error_share * counts.again and counts.again >= MIN_AGAIN:
        failed.append(
            f"known pages: {counts.missed} of {counts.again} could not be had again, the profile allows {gate.error_share:.0%}"
        )
    answers = sum(counts.statuses.values())
    errors = sum(number for status, number in counts.statuses.items() if status[:1] in "45")
    if answers >= MIN_ANSWERS and errors / answers > gate.error_share:
        failed.append(
            f"4xx and 5xx: {errors / answers:.0%} of the answers, the profile allows {gate.error_share:.0%}"
        )
    return failed


def fallen(gate: Gate, counts: SiteCounts, history: Sequence[SiteCounts]) -> list[str]:
    """Say in words what fell below the median of the site's last good runs; empty if there were none, or if there is no article to speak of,
    which is a broken bound."""
    if not counts.articles:
        return []
    failed = []
    past = "the last good run" if len(history) == 1 else f"the last {len(history)} good runs"
    for name, (_, value) in _yields(gate).items():
        usual = median(map(value, history)) if history else 0
        if value(counts) < usual * (1 - gate.drop):
            failed.append(f"{name}: {_number(value(counts))}, {past} had {_number(usual)}")
    return failed


def disfigured(gate: Gate, rewritten: Rewritten) -> list[str]:
    """Say in words how the changed articles look as if it was the layout that changed: lost, cut short, or full of what is not theirs."""
    if rewritten.pages < MIN_REWRITTEN:
        return []
    failed = []
    if rewritten.articles < rewritten.pages * (1 - gate.drop):
        failed.append(f"changed articles: {rewritten.articles} of {rewritten.pages} are articles still")
    for name, before, now in (
        ("characters", rewritten.characters_before, rewritten.characters),
        ("findings", rewritten.findings_before, rewritten.findings),
    ):
        if now < before * (1 - gate.drop) or now * (1 - gate.drop) > before:
            failed.append(
                f"changed articles: {_number(now / max(rewritten.articles, 1))} {name} on average,"
                f" {_number(before / max(rewritten.articles, 1))} before"
            )
    return failed


def _yields(gate: Gate) -> dict[str, tuple[float, Callable[[SiteCounts], float]]]:
    """What a site yields: its name, the profile's bound, and how it is counted."""
    return {
        "pages": (gate.pages, lambda counts: counts.pages),
        "articles": (gate.articles, lambda counts: counts.articles),
        "extraction rate": (gate.extraction_rate, lambda counts: counts.articles / max(counts.pages, 1)),
        "mean characters": (gate.mean_text, lambda counts: counts.mean_characters),
        "findings per article": (
            gate.findings_per_article,
            lambda counts: sum(counts.findings.values()) / max(counts.articles, 1),
        ),
    }


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"
