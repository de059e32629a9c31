"""Published versions of a dataset: where they lie, which is the latest, and their tables as frames."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from .columns import TABLES, to_pandas
from .parquet import read_rows
from .rows import Row

LATEST = "latest"
VERSIONS = "versions"
MANIFEST = "manifest.json"
STATISTICS = "stats.json"
SCRATCH = ".tmp-"
"""Begins the name of a version's folder until it is whole."""
_ID = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z(?:-\d{3,})?")


@dataclass(frozen=True, slots=True)
class Version:
    """One published version; its files do not change any more."""

    path: Path

    @property
    def id(self) -> str:
        """Its name: the run's end in UTC, and a count where that would not come after the version before."""
        return self.path.name.removeprefix(SCRATCH)

    @property
    def manifest(self) -> dict[str, Any]:
        """What the version is made of: files, sums, rows, code, inputs."""
        content: dict[str, Any] = json.loads((self.path / MANIFEST).read_bytes())
        return content

    @property
    def facts(self) -> dict[str, Any]:
        """Its counts: output.dataset.statistics."""
        content: dict[str, Any] = json.loads((self.path / STATISTICS).read_bytes())
        return content

    def file(self, table: str) -> Path:
        """The Parquet file of a table."""
        return self.path / "data" / f"{table}.parquet"

    def rows(self, table: str, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """A table's rows in its order, without holding them all."""
        return read_rows(self.file(table), columns)

    def standing_findings(self) -> Iterator[Row]:
        """The findings of articles that are not gone."""
        gone = {
            row["article_id"]
            for row in self.rows("articles", ("article_id", "status"))
            if row["status"] == "gone"
        }
        return (row for row in self.rows("findings") if row["article_id"] not in gone)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(pq.read_metadata(self.file(table)).num_rows)


def versions(root: Path | str) -> list[Version]:
    """The published versions, oldest first."""
    folder = Path(root) / VERSIONS
    if not folder.is_dir():
        return []
    return [
        Version(path)
        for path in sorted(folder.iterdir())
        if _ID.fullmatch(path.name) and (path / MANIFEST).is_file()
    ]


def latest(root: Path | str) -> Version | None:
    """The version that readers see, or None before the first."""
    link = Path(root) / LATEST
    return Version(link.resolve()) if (link / MANIFEST).is_file() else None


def open_version(place: Path | str, id_: str = LATEST) -> Version:
    """The version in a folder: the folder is a version, or the root of several. Raises FileNotFoundError, naming it."""
    path = Path(place)
    if (path / MANIFEST).is_file():
        return Version(path.resolve())
    if id_ == LATEST:
        if version := latest(path):
            return version
        raise FileNotFoundError(f"{path}: no published version here")
    version = Version((path / VERSIONS / id_).resolve())
    if not _ID.fullmatch(id_) or not (version.path / MANIFEST).is_file():
        known = ", ".join(v.id for v in versions(path)[-3:]) or "none"
        raise FileNotFoundError(f"{path}: no version {id_} here (latest: {known})")
    return version


def load(place: Version | Path | str) -> dict[str, pd.DataFrame]:
    """Every table of a version as a frame, by name; of the latest version where place is the root of several."""
    version = place if isinstance(place, Version) else open_version(place)
    return {name: to_pandas(pq.read_table(version.file(name))) for name in TABLES}


def next_id(root: Path, now: datetime) -> str:
    """An id that sorts after every published one, also when the clock stands still or goes back."""
    stamp = now.strftime("%Y-%m-%dT%H%M%SZ")
    known = versions(root)
    if not known or stamp > known[-1].id:
        return stamp
    base, _, count = known[-1].id.partition("Z")
    return f"{base}Z-{int(count.removeprefix('-') or 1) + 1:03d}"
