"""Was the yield of a site's run good enough to publish? Judged by the profile's bounds and by the site's own past."""

from collections.abc import Callable, Sequence
from statistics import median

from .runs import SiteCounts
from .site import Gate

MIN_HISTORY = 3
"""Runs before the past is judged by: the median of fewer moves with every one of them."""


def failed_gates(gate: Gate, counts: SiteCounts, history: Sequence[SiteCounts]) -> list[str]:
    """Say in words which bounds a run broke; empty if none. `history` is the site's last good runs."""
    failed = []
    if not counts.articles:
        failed.append("articles: none at all")
    for name, (least, value) in _floors(gate).items():
        found = value(counts)
        if found < least:
            failed.append(f"{name}: {_number(found)}, the profile asks for {_number(least)}")
        elif len(history) >= MIN_HISTORY and found < (usual := median(map(value, history))) * (1 - gate.drop):
            failed.append(f"{name}: {_number(found)}, the last {len(history)} runs had {_number(usual)}")
    if (errors := error_share(counts)) > gate.error_share:
        failed.append(f"4xx and 5xx: {errors:.0%} of the answers, the profile allows {gate.error_share:.0%}")
    return failed


def reached(counts: SiteCounts) -> int:
    """Pages that answered, with a body or with "unchanged"."""
    return counts.new + counts.changed + counts.unchanged


def error_share(counts: SiteCounts) -> float:
    """Share of answers that were 4xx or 5xx."""
    bad = sum(number for status, number in counts.statuses.items() if status[:1] in "45")
    return bad / max(sum(counts.statuses.values()), 1)


def _floors(gate: Gate) -> dict[str, tuple[float, Callable[[SiteCounts], float]]]:
    return {
        "pages": (gate.pages, reached),
        "articles": (gate.articles, lambda counts: counts.articles),
        "extraction rate": (gate.extraction_rate, lambda counts: counts.articles / max(reached(counts), 1)),
        "mean characters": (gate.mean_text, lambda counts: counts.mean_characters),
        "findings per article": (
            gate.findings_per_article,
            lambda counts: sum(counts.findings.values()) / max(counts.articles, 1),
        ),
    }


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"
