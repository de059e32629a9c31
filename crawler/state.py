"""One SQLite file a site: the frontier of the run at hand, and what is known of every address between runs.

They share a file so that "this page is done, these links are new, that is its validator" is one transaction: whatever moment
the process dies at, a restart finds all of it or none. The file is in WAL mode with `synchronous=NORMAL`: a killed process loses
nothing it committed; a power cut may take the last commits, all of each, and the pages are then fetched again.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA_VERSION = 1

CACHE_KIB = 16_384
"""Of SQLite's page cache: what keeps a million addresses flat. (The index of their keys is 20 MB, the hot part of it less.)"""

_SCHEMA = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    whole INTEGER NOT NULL,
    wants TEXT NOT NULL,
    started_at REAL NOT NULL,
    finished_at REAL,
    reason TEXT NOT NULL DEFAULT '',
    asked INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE answers (run INTEGER NOT NULL, status INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (run, status)) STRICT;
CREATE TABLE passed_over (run INTEGER NOT NULL, reason TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (run, reason)) STRICT;
CREATE TABLE frontier (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL UNIQUE,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    kind INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    hops INTEGER NOT NULL DEFAULT 0,
    chain INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    lastmod TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX frontier_pending ON frontier (host, priority DESC, id) WHERE state = 0;
CREATE INDEX frontier_taken ON frontier (id) WHERE state = 1;
CREATE TABLE visits (
    key INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    run INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL DEFAULT 0,
    kind INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    asked_at REAL NOT NULL,
    fetched_at REAL,
    changed_at REAL,
    due_at REAL NOT NULL DEFAULT 0,
    misses INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    lastmod TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    file TEXT NOT NULL DEFAULT '',
    start INTEGER NOT NULL DEFAULT 0,
    length INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visits_run ON visits (run, outcome);
CREATE TABLE shapes (
    shape TEXT PRIMARY KEY,
    found INTEGER NOT NULL DEFAULT 0,
    fetched INTEGER NOT NULL DEFAULT 0,
    articles INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


class BrokenState(Exception):  # noqa: N818 -- names a file, like the other refusals
    """A state file that is not ours, is damaged, or is of another version; says which."""


def open_state(path: Path) -> sqlite3.Connection:
    """Open a site's state, or make it. Transactions are the caller's: see `transaction`.

    Raises BrokenState.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    state = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        state.execute("PRAGMA journal_mode = WAL")
        state.execute("PRAGMA synchronous = NORMAL")
        state.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        state.execute("PRAGMA journal_size_limit = 67108864")
        (version,) = state.execute("PRAGMA user_version").fetchone()
        if version == 0:
            state.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
        elif version != SCHEMA_VERSION:
            raise BrokenState(f"{path}: version {version}, this program writes version {SCHEMA_VERSION}")
    except sqlite3.DatabaseError as error:
        state.close()
        raise BrokenState(f"{path}: {error}") from error
    except BrokenState:
        state.close()
        raise
    return state


@contextmanager
def read_state(path: Path) -> Iterator[sqlite3.Connection]:
    """A site's state to look at, also while a crawl writes it.

    Raises BrokenState, also if there is none.
    """
    if not path.exists():
        raise BrokenState(f"{path}: no such file; has the site been crawled?")
    state = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        (version,) = state.execute("PRAGMA user_version").fetchone()
        if version != SCHEMA_VERSION:
            raise BrokenState(f"{path}: version {version}, this program reads version {SCHEMA_VERSION}")
        yield state
    except sqlite3.DatabaseError as error:
        raise BrokenState(f"{path}: {error}") from error
    finally:
        state.close()


@contextmanager
def transaction(state: sqlite3.Connection) -> Iterator[None]:
    """All of what the block writes, or nothing."""
    state.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if state.in_transaction:
            state.execute("ROLLBACK")
        raise
    state.execute("COMMIT")


def key_of(url: str) -> int:
    """The number an address is known by: 64 bits of BLAKE2b.

    Two of a million addresses share one with a chance of 3 in 100 million (n²/2⁶⁵).
    """
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest(), "big", signed=True)
