"""What a crawl tells of itself, while it runs and at its end."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from .visits import Kind, Outcome

MAX_LISTED = 1_000
"""Troubles listed by address in a summary; all of them are in the state and in the counts."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An address that was refused or failed."""

    url: str
    reason: str
    """In words that can be counted."""
    detail: str = ""
    """More about it, of this one address."""


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """What a run did on one site. A page is counted once, under what became of it."""

    site: str
    finish_reason: str
    """"finished"; or why it stopped: "budget: pages", "unreachable: …", "interrupted", "disk full: …"."""
    broken: bool = False
    """The site could not be crawled at all, or its run not be ended; `finish_reason` tells why in one line."""
    finished: bool = True
    """False if a run of the same profile will go on with this one."""
    interruptions: int = 0
    """How often the run was taken up again."""
    asked: int = 0
    """Requests, sitemaps, feeds and repeated tries included, robots.txt not."""
    fetched: int = 0
    """Answers with a body, sitemaps and feeds included."""
    new: int = 0
    """Pages; so are the next four."""
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    moved: int = 0
    refused: tuple[Trouble, ...] = ()
    """All that stand refused, the first by address if there are very many."""
    failed: tuple[Trouble, ...] = ()
    refused_by_reason: Mapping[str, int] = field(default_factory=dict)
    failed_by_reason: Mapping[str, int] = field(default_factory=dict)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    """Links that were not asked for, by reason."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    bytes: int = 0
    files: tuple[str, ...] = ()
    """WARC files that hold what this run fetched, in data/archive/SITE."""
    left: int = 0
    """Addresses left to the next run."""
    pages_fetched: int = 0
    """Pages that this run has had with a body, changed or not."""
    pages_confirmed: int = 0
    """Pages that the site says have not changed (304)."""
    pages_failed: int = 0
    """Pages that this run asked for and could not have, though it should."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one site's run is."""

    site: str
    asked: int = 0
    pending: int = 0
    """Addresses known that wait, so far."""
    bytes: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    moved: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What became of all sites, in the order they were given."""

    sites: tuple[SiteSummary, ...] = ()
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether no site's run waits to be taken up again."""
        return all(site.finished for site in self.sites)


def summarise(state: sqlite3.Connection, site: str, run: int, folder: Path) -> SiteSummary:
    """What a run did, out of the site's state."""
    asked, size, interruptions, finished_at, reason = state.execute(
        "SELECT asked, bytes, interruptions, finished_at, reason FROM runs WHERE id = ?", (run,)
    ).fetchone()
    became = outcomes(state, run, Kind.START)
    statuses = dict(state.execute("SELECT status, number FROM answers WHERE run = ? AND status > 0", (run,)))
    files = state.execute(
        "SELECT DISTINCT file FROM visits WHERE run = ? AND file <> '' AND outcome IN ('new', 'changed')",
        (run,),
    )
    (left,) = state.execute("SELECT count(*) FROM frontier WHERE state < 2").fetchone()
    last_status = dict(
        state.execute(
            "SELECT status, count(*) FROM visits WHERE run = ? AND kind >= ? GROUP BY status",
            (run, int(Kind.START)),
        )
    )
    return SiteSummary(
        site=site,
        finish_reason=reason,
        finished=finished_at is not None,
        interruptions=interruptions,
        asked=asked,
        fetched=statuses.get(int(HTTPStatus.OK), 0),
        new=became.get(Outcome.NEW, 0),
        changed=became.get(Outcome.CHANGED, 0),
        unchanged=became.get(Outcome.UNCHANGED, 0),
        gone=became.get(Outcome.GONE, 0),
        moved=became.get(Outcome.MOVED, 0),
        refused=_troubles(state, Outcome.REFUSED),
        failed=_troubles(state, Outcome.FAILED),
        refused_by_reason=_reasons(state, Outcome.REFUSED),
        failed_by_reason=_reasons(state, Outcome.FAILED),
        passed_over=dict(
            state.execute("SELECT reason, number FROM passed_over WHERE run = ? ORDER BY number DESC", (run,))
        ),
        statuses={str(status): number for status, number in sorted(statuses.items())},
        bytes=size,
        files=tuple(sorted(name for (name,) in files if (folder / name).exists())),
        left=left,
        pages_fetched=last_status.get(int(HTTPStatus.OK), 0),
        pages_confirmed=last_status.get(int(HTTPStatus.NOT_MODIFIED), 0),
        pages_failed=became.get(Outcome.FAILED, 0),
    )


def outcomes(state: sqlite3.Connection, run: int, least: Kind = Kind.SITEMAP) -> dict[str, int]:
    """How many addresses a run asked for became what; of the kinds from `least` on."""
    rows = state.execute(
        "SELECT outcome, count(*) FROM visits WHERE run = ? AND kind >= ? GROUP BY outcome", (run, int(least))
    )
    return dict(rows.fetchall())


def _troubles(state: sqlite3.Connection, outcome: Outcome) -> tuple[Trouble, ...]:
    rows = state.execute(
        "SELECT url, reason, detail FROM visits WHERE outcome = ? ORDER BY url LIMIT ?", (outcome, MAX_LISTED)
    )
    return tuple(Trouble(*row) for row in rows)


def _reasons(state: sqlite3.Connection, outcome: Outcome) -> dict[str, int]:
    rows = state.execute(
        "SELECT reason, count(*) FROM visits WHERE outcome = ? GROUP BY reason ORDER BY 2 DESC, 1", (outcome,)
    )
    return dict(rows.fetchall())
