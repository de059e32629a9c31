"""Bring the shards of a run and the version before together, in one pass over rows sorted by url."""

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from .columns import TABLES
from .parquet import in_batches, read_rows, table_writer
from .rows import Row
from .shard import Shard, shard_schema
from .version import Version

MAX_OPEN = 64
"""Files merged at once; more are merged in rounds. Far below the usual limit of 1,024 open files, and each holds a batch in memory."""
MERGE_ROWS = 50
"""Rows of each file in memory while files are merged: 64 files of articles with their lists are about 200 MB."""
_BY_URL = itemgetter("url")


@dataclass(frozen=True, slots=True)
class Known:
    """An article with its findings, from one side."""

    article: Row
    findings: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """What the version before and this run know of one address."""

    url: str
    old: Known | None
    new: Known | None
    gone: str
    """Why the page is no article any more; "" if it is, or if this run has not heard of it."""


def pairs(
    old: Version | None,
    shards: Sequence[Shard],
    gone: Mapping[str, str],
    scratch: Path,
    columns: Sequence[str] | None = None,
) -> Iterator[Pair]:
    """Every address that either side knows, sorted. Files that are needed on the way lie in scratch.

    With columns, articles have only these, and no findings: several times as fast.
    """
    if columns is not None:
        columns = sorted({*columns, "url", "status", "fetched_at", "article_id"})
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        files = {
            table: reduce_runs([shard.path(table) for shard in shards], table, Path(own))
            for table in ("articles", "findings", "refusals")
            if columns is None or table != "findings"
        }
        before: Iterator[Known] = iter(())
        if old:
            told = old.rows("findings") if columns is None else iter(())
            before = _known(read_rows(old.file("articles"), columns, MERGE_ROWS), told)
        told = _merged(files["findings"], _BY_URL) if columns is None else iter(())
        now = _known(_newest(_merged(files["articles"], _BY_URL, columns)), told)
        refused = _refused(_merged(files["refusals"], _BY_URL))
        yield from _joined(before, now, refused, gone)


def refusals(shards: Sequence[Shard], scratch: Path) -> Iterator[Row]:
    """The refusals of all shards, sorted."""
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        files = reduce_runs([shard.path("refusals") for shard in shards], "refusals", Path(own))
        yield from _merged(files, itemgetter(*TABLES["refusals"].order))


def reduce_runs(files: Sequence[Path], table: str, scratch: Path) -> list[Path]:
    """As the files, sorted each, but at most MAX_OPEN of them: the rest are merged into scratch."""
    files = list(files)
    round_ = 0
    while len(files) > MAX_OPEN:
        merged = []
        for number, part in enumerate(in_batches(files, MAX_OPEN)):
            path = scratch / f"{table}-{round_}-{number}.parquet"
            with table_writer(path, table, shard_schema(table)) as add:
                for row in _merged(part, itemgetter(*TABLES[table].order)):
                    add(row)
            merged.append(path)
        files = merged
        round_ += 1
    return files


def _merged(
    files: Iterable[Path], key: Callable[[Row], Any], columns: Sequence[str] | None = None
) -> Iterator[Row]:
    return heapq.merge(*(read_rows(file, columns, MERGE_ROWS) for file in files), key=key)


def _newest(articles: Iterator[Row]) -> Iterator[Row]:
    """One row an address: the one fetched last."""
    for _, rows in groupby(articles, _BY_URL):
        yield max(rows, key=lambda row: (row["fetched_at"] is not None, row["fetched_at"], row["article_id"]))


def _known(articles: Iterator[Row], findings: Iterator[Row]) -> Iterator[Known]:
    groups = groupby(findings, _BY_URL)
    told = next(groups, None)
    for article in articles:
        own: tuple[Row, ...] = ()
        while told is not None and told[0] <= article["url"]:
            if told[0] == article["url"]:
                # A page archived twice tells everything twice, and tells other things where its text was another.
                rows = {
                    row["finding_id"]: row for row in told[1] if row["article_id"] == article["article_id"]
                }
                own = tuple(sorted(rows.values(), key=lambda row: (row["start"], row["end"], row["role"])))
            told = next(groups, None)
        yield Known(article, own)


def _refused(rows: Iterator[Row]) -> Iterator[tuple[str, str]]:
    """Addresses that answered with something that is no article, and what it is."""
    for url, group in groupby(rows, _BY_URL):
        reasons = [row["reason"] for row in group if row["stage"] == "cleaning"]
        if reasons:
            yield url, reasons[0]


def _joined(
    before: Iterator[Known], now: Iterator[Known], refused: Iterator[tuple[str, str]], gone: Mapping[str, str]
) -> Iterator[Pair]:
    old, new, refusal = next(before, None), next(now, None), next(refused, None)
    while old or new:
        url = min(side.article["url"] for side in (old, new) if side)
        while refusal and refusal[0] < url:
            refusal = next(refused, None)
        mine = old if old and old.article["url"] == url else None
        fresh = new if new and new.article["url"] == url else None
        note = ""
        if fresh is None:
            note = gone.get(url, "") or (refusal[1] if refusal and refusal[0] == url else "")
        yield Pair(url, mine, fresh, note)
        if mine:
            old = next(before, None)
        if fresh:
            new = next(now, None)
