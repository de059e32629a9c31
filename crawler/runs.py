"""The ledger of runs: what each was asked, what it did and how it ended. Kept for ever."""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_STEPS = (
    """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    sites TEXT NOT NULL,
    profiles_sha256 TEXT NOT NULL,
    versions TEXT NOT NULL,
    full INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    resumed_at TEXT NOT NULL DEFAULT '[]',
    finished_at TEXT,
    finish_reason TEXT,
    exit_code INTEGER,
    dataset_version TEXT
) STRICT
""",
    """
CREATE TABLE IF NOT EXISTS site_runs (
    run_id TEXT NOT NULL REFERENCES runs,
    site TEXT NOT NULL,
    counts TEXT NOT NULL,
    gates TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (run_id, site)
) STRICT
""",
    "ALTER TABLE runs ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0",
)
"""What made the file what it is, in order; user_version counts those done. A ledger is kept for ever, so a new column is a new step."""


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the ledger."""

    run_id: str
    """The UTC second it began in, moved on where the clock went back: ids always rise."""
    sites: tuple[str, ...]
    profiles_sha256: str
    versions: dict[str, str]
    full: bool
    """Whether it asked for every page anew."""
    started_at: str
    resumed_at: tuple[str, ...] = ()
    """When a later process took the run over from one that died."""
    finished_at: str | None = None
    finish_reason: str | None = None
    """Also of a run that stopped to be taken up again; None while it goes on, and after a kill."""
    exit_code: int | None = None
    dataset_version: str | None = None
    accepted: bool = False
    """Whether it was not judged by the past; later runs are judged by no run before it."""


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """What a run did on one site. A page is counted once, under what became of it."""

    fetched: int = 0
    """Answers with a body."""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """By reason, of the crawl and of the cleaner."""
    failed: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    again: int = 0
    """Pages had before that this run asked for again; changed and unchanged are among them."""
    missed: int = 0
    """How many of those it could not have."""
    pages: int = 0
    """Pages of this site in the archive that still stand, articles or not."""
    articles: int = 0
    """Articles of this site in the dataset after the run."""
    findings: dict[str, int] = field(default_factory=dict)
    """By role, of those articles."""
    mean_characters: float = 0.0
    """Mean length of those articles' texts."""
    finish_reason: str = ""


class CannotRecord(Exception):  # noqa: N818
    """The ledger could not be read or written; names the file and the reason."""

    def __init__(self, path: Path, error: sqlite3.Error) -> None:
        """SQLite calls a full disk an I/O error: look."""
        full = shutil.disk_usage(path.parent).free < FULL
        super().__init__(f"{path}: {'no space left on the disk' if full else error}")


FULL = 2**20
"""Bytes free below which a disk counts as full: SQLite's write-ahead log wants some hundred KB at once."""


class Ledger:
    """The runs' SQLite file; each call is one transaction. Every call raises CannotRecord."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        try:
            with closing(sqlite3.connect(path, timeout=60)) as db:
                db.execute("PRAGMA journal_mode = WAL")
            with self._open() as db:  # another run may be making it, too
                (done,) = db.execute("PRAGMA user_version").fetchone()
                for step in _STEPS[done:]:
                    db.execute(step)
                db.execute(f"PRAGMA user_version = {len(_STEPS)}")
        except sqlite3.Error as error:
            raise CannotRecord(path, error) from error

    def begin(
        self,
        sites: Sequence[str],
        profiles_sha256: str,
        versions: Mapping[str, str],
        *,
        full: bool = False,
        accepted: bool = False,
        now: datetime | None = None,
    ) -> Run:
        """Begin a run, or take over the one over the same sites that never finished.

        The caller holds the sites' locks: an unfinished run that touches one of them is dead. A run that is taken over stays as full as it
        was begun; profiles and program are those of today.
        """
        now = now or datetime.now(UTC)
        names = json.dumps(sorted(sites))
        told = json.dumps(dict(versions))
        with self._open() as db:
            for run in self._select(db, "WHERE finished_at IS NULL ORDER BY run_id DESC"):
                if run.sites == tuple(sorted(sites)):
                    resumed = json.dumps([*run.resumed_at, _iso(now)])
                    db.execute(
                        "UPDATE runs SET resumed_at = ?, profiles_sha256 = ?, versions = ?, accepted = max(accepted, ?),"
                        " finish_reason = NULL, exit_code = NULL WHERE run_id = ?",
                        (resumed, profiles_sha256, told, accepted, run.run_id),
                    )
                    return self._one(db, run.run_id)
                if set(run.sites) & set(sites):
                    self._finish(
                        db, run.run_id, "interrupted; its sites were taken over by another set", 1, None, now
                    )
            (last,) = db.execute("SELECT max(run_id) FROM runs").fetchone()
            run_id = _id(now)
            if last is not None and run_id <= last:
                run_id = _id(datetime.strptime(last, _ID).replace(tzinfo=UTC) + timedelta(seconds=1))
            db.execute(
                "INSERT INTO runs (run_id, sites, profiles_sha256, versions, full, started_at, accepted) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, names, profiles_sha256, told, full, _iso(now), accepted),
            )
            return self._one(db, run_id)

    def count(self, run_id: str, site: str, counts: SiteCounts, gates: Sequence[str] = ()) -> None:
        """Write down what the run did on a site, and which gates failed; the last word holds."""
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO site_runs VALUES (?, ?, ?, ?)",
                (run_id, site, json.dumps(asdict(counts)), json.dumps(list(gates))),
            )

    def pause(self, run_id: str, reason: str, exit_code: int) -> None:
        """Say why a run stopped that the next one shall take over."""
        with self._open() as db:
            db.execute(
                "UPDATE runs SET finish_reason = ?, exit_code = ? WHERE run_id = ?",
                (reason, exit_code, run_id),
            )

    def finish(
        self,
        run_id: str,
        reason: str,
        exit_code: int,
        version: str | None = None,
        *,
        now: datetime | None = None,
    ) -> None:
        """Close a run."""
        with self._open() as db:
            self._finish(db, run_id, reason, exit_code, version, now or datetime.now(UTC))

    def runs(self, limit: int = 20) -> list[Run]:
        """The newest runs first."""
        with self._open() as db:
            return self._select(db, f"ORDER BY run_id DESC LIMIT {int(limit)}")

    def show(self, run_id: str) -> tuple[Run, dict[str, tuple[SiteCounts, list[str]]]]:
        """A run, and by site its counts and failed gates. Raises KeyError."""
        with self._open() as db:
            rows = db.execute(
                "SELECT site, counts, gates FROM site_runs WHERE run_id = ? ORDER BY site", (run_id,)
            )
            counts = {site: (SiteCounts(**json.loads(text)), json.loads(gates)) for site, text, gates in rows}
            return self._one(db, run_id), counts

    def history(self, site: str, limit: int) -> list[SiteCounts]:
        """What the site's last good runs did, which are those that published, newest first; none from before the last accepted one."""
        with self._open() as db:
            rows = db.execute(
                "SELECT counts FROM site_runs JOIN runs USING (run_id) WHERE site = ? AND dataset_version IS NOT NULL"
                " AND run_id >= coalesce((SELECT max(run_id) FROM site_runs JOIN runs USING (run_id)"
                "  WHERE site = ? AND dataset_version IS NOT NULL AND accepted), '')"
                " ORDER BY run_id DESC LIMIT ?",
                (site, site, limit),
            )
            return [SiteCounts(**json.loads(text)) for (text,) in rows]

    def newest(self) -> list[Run]:
        """The last run over each set of sites."""
        with self._open() as db:
            return self._select(
                db, "WHERE run_id IN (SELECT max(run_id) FROM runs GROUP BY sites) ORDER BY run_id"
            )

    def newest_counts(self) -> dict[str, SiteCounts]:
        """By site, what the last run did that got as far as counting."""
        with self._open() as db:
            rows = db.execute(
                "SELECT site, counts FROM site_runs WHERE (site, run_id) IN (SELECT site, max(run_id) FROM site_runs GROUP BY site)"
                " ORDER BY site"
            )
            return {site: SiteCounts(**json.loads(text)) for site, text in rows}

    def held_back(self) -> set[str]:
        """The sites whose last run has not published, since it goes on, died, or failed a gate: nobody has judged what it fetched to be
        good, so what is published of them stays."""
        with self._open() as db:
            rows = db.execute(
                "SELECT site FROM (SELECT value AS site, dataset_version,"
                " row_number() OVER (PARTITION BY value ORDER BY run_id DESC) AS age FROM runs, json_each(runs.sites))"
                " WHERE age = 1 AND dataset_version IS NULL"
            )
            return {site for (site,) in rows}

    def last_good(self, sites: Sequence[str]) -> str | None:
        """When the last good run over these sites ended."""
        with self._open() as db:
            (ended,) = db.execute(
                "SELECT max(finished_at) FROM runs WHERE dataset_version IS NOT NULL AND sites = ?",
                (json.dumps(sorted(sites)),),
            ).fetchone()
            return str(ended) if ended else None

    def last_full(self, sites: Sequence[str]) -> str | None:
        """When the last good run over these sites began that asked for every page anew; their first good run is one."""
        with self._open() as db:
            (begun,) = db.execute(
                "SELECT coalesce(max(started_at) FILTER (WHERE full), min(started_at)) FROM runs WHERE dataset_version IS NOT NULL AND sites = ?",
                (json.dumps(sorted(sites)),),
            ).fetchone()
            return str(begun) if begun else None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=60)) as db, db:
                db.execute("PRAGMA synchronous = FULL")
                db.execute("BEGIN IMMEDIATE")  # runs over other sites may write at the same time
                yield db
        except sqlite3.Error as error:
            raise CannotRecord(self._path, error) from error

    @staticmethod
    def _finish(
        db: sqlite3.Connection, run_id: str, reason: str, exit_code: int, version: str | None, now: datetime
    ) -> None:
        db.execute(
            "UPDATE runs SET finished_at = ?, finish_reason = ?, exit_code = ?, dataset_version = ? WHERE run_id = ?",
            (_iso(now), reason, exit_code, version, run_id),
        )

    def _one(self, db: sqlite3.Connection, run_id: str) -> Run:
        runs = self._select(db, "WHERE run_id = ?", run_id)
        if not runs:
            raise KeyError(run_id)
        return runs[0]

    @staticmethod
    def _select(db: sqlite3.Connection, tail: str, *values: Any) -> list[Run]:
        columns = "run_id, sites, profiles_sha256, versions, full, started_at, resumed_at, finished_at, finish_reason, exit_code, dataset_version, accepted"
        return [
            Run(
                row[0],
                tuple(json.loads(row[1])),
                row[2],
                json.loads(row[3]),
                bool(row[4]),
                row[5],
                tuple(json.loads(row[6])),
                finished_at=row[7],
                finish_reason=row[8],
                exit_code=row[9],
                dataset_version=row[10],
                accepted=bool(row[11]),
            )
            for row in db.execute(f"SELECT {columns} FROM runs {tail}", values).fetchall()  # noqa: S608  our own words
        ]


_ID = "%Y-%m-%dT%H%M%SZ"


def _id(now: datetime) -> str:
    return now.astimezone(UTC).strftime(_ID)


def _iso(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds")
