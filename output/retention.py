"""What need not stay on disk: versions and archive files beyond what the settings keep, rows of rules that hold no more.

Never removed: the newest version, and one that readers may have open still; archive files in which a page lies that still stands; the
ledger. What is removed vanishes from its name at once: nobody lists half a version.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.settings import Keep
from crawler.site import Site

from .build import archive_of, gone_because, tasks, visits_of
from .dataset.version import SCRATCH, Version, latest, versions

READ_HOURS = 24
"""A version stays so long after the next one came: whoever had it open gets to the end. (A day: one night's readers are done by the next.)"""
FOREIGN_DAYS = 30
"""Rows of archives that are not the folder's own are a cache of `consilia build PATH`: made anew when they are wanted again."""
REPEATED, SUMS = "repeated.json", "sums.json"
"""Beside a site's rows: the lines that many of its pages repeat, and the sums of its archive files."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file or folder that may go."""

    path: Path
    bytes: int
    reason: str


def leftovers(data: Path, sites: Sequence[Site], keep: Keep, now: datetime) -> list[Leftover]:
    """What may go by these rules; `sites` are the profiles that the pages are read by."""
    return [
        *_versions(data / "dataset", keep, now),
        *(going for site in sites for going in _warcs(data, site.name, keep.warc_days, now)),
        *(going for site in sites for going in _rows(data, site)),
        *_foreign(data / "rows" / "foreign", now),
    ]


def remove(going: Iterable[Leftover]) -> list[str]:
    """Take them away; what could not be, in words."""
    troubles = []
    for leftover in going:
        try:
            if leftover.path.is_dir():
                hidden = leftover.path.with_name(f"{SCRATCH}{leftover.path.name}")
                leftover.path.rename(hidden)
                shutil.rmtree(hidden)
            else:
                leftover.path.unlink()
        except OSError as error:
            troubles.append(f"{leftover.path}: cannot be removed: {error.strerror}")
    return troubles


def _versions(root: Path, keep: Keep, now: datetime) -> Iterator[Leftover]:
    known = versions(root)
    newest = latest(root)
    grace = now - timedelta(hours=READ_HOURS)
    for place, (version, following) in enumerate(pairwise(known), 1):
        if (newest and version.id == newest.id) or _made(following) > grace:
            continue
        size = _size(version.path)
        age = now - _made(version)
        if keep.versions and place <= len(known) - keep.versions:
            yield Leftover(version.path, size, f"{keep.versions} newer versions are kept")
        elif keep.version_days and age > timedelta(days=keep.version_days):
            yield Leftover(version.path, size, f"a version {age.days} days old")


def _made(version: Version) -> datetime:
    return datetime.strptime(version.id[:18], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)


def _warcs(data: Path, site: str, days: int, now: datetime) -> Iterator[Leftover]:
    if not days:
        return
    needed = {visit.file for visit in visits_of(data, site) if visit.has_body and not gone_because(visit)}
    if newest := latest(data / "dataset"):
        mine = (pc.field("site") == site) & (pc.field("status") != "gone")
        published = pq.read_table(newest.file("articles"), columns=["warc_file"], filters=mine)
        needed |= set(published["warc_file"].to_pylist())
    for file in archive_of(data, site):
        age = now - _modified(file)
        if file.name not in needed and age > timedelta(days=days):
            yield Leftover(
                file, file.stat().st_size, f"{age.days} days old, and no page lies in it that still stands"
            )


def _rows(data: Path, site: Site) -> Iterator[Leftover]:
    """Rows by other rules than today's, or of archive files that are no more."""
    folder = data / "rows" / site.name
    lines = folder / REPEATED
    valid = tasks(archive_of(data, site.name), folder, "", site, lines if lines.exists() else None)
    names = {task.name for task in valid}
    yield from _files(
        folder,
        lambda file: file.name not in (REPEATED, SUMS) and _shard(file) not in names,
        "rows of rules that hold no more, or of an archive file that went",
    )


def _foreign(folder: Path, now: datetime) -> Iterator[Leftover]:
    old = now - timedelta(days=FOREIGN_DAYS)
    yield from _files(
        folder,
        lambda file: _modified(file) < old,
        f"rows of an archive that is not this folder's own, {FOREIGN_DAYS} days old",
    )


def _files(folder: Path, goes: Callable[[Path], bool], reason: str) -> Iterator[Leftover]:
    if folder.is_dir():
        # The marker first: rows without it count as not made, markers without rows would be believed.
        for file in sorted(folder.iterdir(), key=lambda file: (not file.name.endswith(".done.json"), file)):
            if file.is_file() and goes(file):
                yield Leftover(file, file.stat().st_size, reason)


def _shard(file: Path) -> str:
    """The shard that a file of rows belongs to: its name without the last two suffixes."""
    return file.name.rsplit(".", 2)[0]


def _modified(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _size(folder: Path) -> int:
    return sum(Path(root, name).stat().st_size for root, _, files in os.walk(folder) for name in files)
