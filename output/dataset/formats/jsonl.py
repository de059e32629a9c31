"""JSON Lines, gzipped: articles with their findings nested, and each tidy table."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from ..selection import Selection


def write_jsonl(selection: Selection, folder: Path) -> None:
    """Write jsonl/TABLE.jsonl.gz."""
    (folder / "jsonl").mkdir(parents=True, exist_ok=True)
    for table in selection.tables:
        with open_gzip(folder / "jsonl" / f"{table}.jsonl.gz") as put:
            put_rows(put, selection.rows(table))


def put_rows(put: "Writer", rows: Iterable[Mapping[str, Any]]) -> None:
    """Put a line a row; U+2028 and U+2029 are escaped, for readers that split lines by them."""
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=as_json)
        put.write(line.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode() + b"\n")


def as_json(value: object) -> str:
    """A time as ISO 8601 in UTC. Raises TypeError for what no column holds."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no form in JSON")


Writer = gzip.GzipFile


@contextmanager
def open_gzip(path: Path) -> Iterator[Writer]:
    """A gzip file whose bytes depend on its content alone: no name, no time."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as file:
        yield file
