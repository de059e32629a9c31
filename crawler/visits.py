"""What is known of each address between runs: validators, content hash, when it is due again, what became of it.

The table is also the index of the archive: for every page it names the one record that holds its newest body.
"""

import base64
import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import IntEnum, StrEnum
from operator import attrgetter
from pathlib import Path

from .page import Record
from .site import Revisit
from .state import read_state

MISSES_TO_BE_GONE = 2
"""Runs in a row that must answer 404 or 410 before a page counts as gone: one may be a slip of the server."""

DAY = 86_400.0

DEADLY = "the crawler died each time it asked"
"""Reason of a page that is not asked for again in the next run, or it would kill that too."""


class Kind(IntEnum):
    """What an address is for."""

    SITEMAP = 1
    FEED = 2
    START = 3
    INDEX = 4
    """A page that is known not to be an article: the profile or its address' shape says so."""
    PAGE = 5

    @property
    def always_due(self) -> bool:
        """Whether new articles are found there, so that each run must look."""
        return self is not Kind.PAGE


class Outcome(StrEnum):
    """What became of an address when it was last asked for."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    """Said so by a 304, or by the same bytes."""
    GONE = "gone"
    MOVED = "moved"
    """A redirect to another address of the site, which has its own entry."""
    REFUSED = "refused"
    """News about the page: we may not have it or do not want it."""
    FAILED = "failed"
    """It could not be had though it should; asked again in the next run."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of an address."""

    key: int
    url: str
    run: int
    """The crawl run that asked for it last; read_run_names tells its name."""
    outcome: Outcome
    reason: str
    """Why it was refused or failed, in words that can be counted; where it moved."""
    detail: str
    """More about the reason, of this one address."""
    status: int
    kind: Kind
    depth: int
    asked_at: float
    """Seconds since 1970, like all times here."""
    fetched_at: float | None
    """When its body was last downloaded."""
    changed_at: float | None
    """When it was first seen as it is now."""
    due_at: float = 0.0
    misses: int = 0
    etag: str = ""
    last_modified: str = ""
    lastmod: str = ""
    """What the sitemap said when it was last asked for."""
    digest: str = ""
    """Of the body, as in the archive: "sha1:…" in base 32."""
    file: str = ""
    """The WARC file that holds the newest body, in the site's archive folder; "" if none does."""
    start: int = 0
    length: int = 0

    @property
    def has_body(self) -> bool:
        """Whether the archive holds a body of it."""
        return bool(self.file)


_COLUMNS = ", ".join(field.name for field in fields(Visit))
_PUT = f"INSERT OR REPLACE INTO visits ({_COLUMNS}) VALUES ({', '.join('?' * len(fields(Visit)))})"  # noqa: S608
_values = attrgetter(*(field.name for field in fields(Visit)))
_SELECT = f"SELECT {_COLUMNS} FROM visits"  # noqa: S608


class Visits:
    """The table of visits in an open state; the caller holds the transaction."""

    def __init__(self, state: sqlite3.Connection, revisit: Revisit) -> None:
        self._state = state
        self._revisit = revisit

    def get(self, key: int) -> Visit | None:
        """What is known of an address, if anything."""
        row = self._state.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
        return _visit(row) if row else None

    def put(self, visit: Visit) -> None:
        """Remember a visit, and when its address is due again."""
        self._state.execute(_PUT, _values(replace(visit, due_at=self._due(visit))))

    def _due(self, visit: Visit) -> float:
        longest = self._revisit.max_days * DAY
        if visit.outcome is Outcome.FAILED:
            return visit.asked_at + longest if visit.reason == DEADLY else 0.0
        if visit.outcome is Outcome.GONE:
            return visit.asked_at + longest
        if visit.kind.always_due:
            return 0.0
        if visit.outcome is Outcome.REFUSED:
            # a PDF stays one; a page that is forbidden or disallowed today may not be tomorrow
            return (
                visit.asked_at + longest if visit.status == 200 or visit.misses >= MISSES_TO_BE_GONE else 0.0
            )
        quiet = visit.asked_at - (visit.changed_at or visit.asked_at)
        return visit.asked_at + min(max(quiet, 0.0) * self._revisit.share, longest)


def seen_body(known: Visit | None, visit: Visit, digest: str, place: Record | None) -> Visit:
    """A visit that brought a body of that hash, compared with what was known; `place` is where a new one was archived."""
    if known is not None and known.digest == digest:
        visit = replace(
            visit,
            outcome=Outcome.UNCHANGED,
            changed_at=known.changed_at,
            file=known.file,
            start=known.start,
            length=known.length,
        )
    else:
        outcome = Outcome.CHANGED if known is not None and known.digest else Outcome.NEW
        visit = replace(visit, outcome=outcome, changed_at=visit.asked_at)
    if place is not None:
        visit = replace(visit, file=place.file, start=place.offset, length=place.length)
    lastmod = visit.lastmod or (known.lastmod if known else "")
    return replace(visit, digest=digest, fetched_at=visit.asked_at, lastmod=lastmod)


def seen_unchanged(known: Visit, visit: Visit) -> Visit:
    """A visit that brought a 304; validators it does not repeat still hold (RFC 9110, 15.4.5)."""
    return replace(
        visit,
        outcome=Outcome.UNCHANGED,
        fetched_at=known.fetched_at,
        changed_at=known.changed_at,
        etag=visit.etag or known.etag,
        last_modified=visit.last_modified or known.last_modified,
        lastmod=visit.lastmod or known.lastmod,
        digest=known.digest,
        file=known.file,
        start=known.start,
        length=known.length,
    )


def seen_nothing(known: Visit | None, visit: Visit) -> Visit:
    """A visit that brought no body: refused, failed, moved. What is archived stays known."""
    misses = 0
    if visit.status in (404, 410):
        misses = (known.misses if known else 0) + 1
    elif visit.outcome is Outcome.FAILED and known:
        misses = known.misses
    visit = replace(visit, misses=misses)
    if known is None:
        return replace(visit, changed_at=visit.asked_at)
    if misses >= MISSES_TO_BE_GONE and known.has_body:
        visit = replace(visit, outcome=Outcome.GONE)
    return replace(
        visit,
        fetched_at=known.fetched_at,
        changed_at=known.changed_at,
        etag=known.etag,
        last_modified=known.last_modified,
        lastmod=visit.lastmod or known.lastmod,
        digest=known.digest,
        file=known.file,
        start=known.start,
        length=known.length,
    )


def hash_of(body: bytes) -> str:
    """What a body is compared by between runs; the payload digest of its archive record."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def read_visits(path: Path) -> Iterator[Visit]:
    """All that is known of a site's addresses, in the order of their keys, from its state file.

    Raises BrokenState.
    """
    with read_state(path) as state:
        for row in state.execute(f"{_SELECT} ORDER BY key"):
            yield _visit(row)


def read_run_names(path: Path) -> dict[int, str]:
    """The names of a site's crawl runs, from its state file; of one that was given none "". Raises BrokenState."""
    with read_state(path) as state:
        return dict(state.execute("SELECT id, name FROM runs"))


def _visit(row: tuple[object, ...]) -> Visit:
    visit = Visit(*row)  # type: ignore[arg-type]  # the table is STRICT
    return replace(visit, outcome=Outcome(visit.outcome), kind=Kind(visit.kind))
