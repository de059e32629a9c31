"""The rows of one shard of pages on disk: three Parquet files sorted by url, and a marker that says that they are whole.

A shard is written once and read many times. Its files appear under their names only when complete and synced; the marker comes last, so a
killed worker leaves nothing that counts, and a rerun skips what has its marker.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .columns import TABLES
from .disk import write_whole
from .duplicates import signature
from .parquet import BATCH_ROWS
from .rows import PageRows, Row

SHARD_TABLES = ("articles", "findings", "refusals")
TRAITS = (pa.field("signature", pa.binary()), pa.field("length", pa.int64()))
"""What a shard's articles have beside the columns of the table: made by the worker, so that who merges shards need not read the texts for it."""


@dataclass(frozen=True, slots=True)
class ShardStats:
    """What a shard, or several added together, has come to."""

    pages: int = 0
    articles: int = 0
    findings: int = 0
    refusals: int = 0
    by_site: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """site → articles, findings, refusals."""
    by_role: Mapping[str, int] = field(default_factory=dict)
    by_reason: Mapping[str, int] = field(default_factory=dict)
    """"stage: reason" → pages."""

    @property
    def pages_read(self) -> int:
        """How many of the pages had a body to read."""
        return self.pages - sum(
            number for reason, number in self.by_reason.items() if reason.startswith("fetch: ")
        )

    def __add__(self, other: "ShardStats") -> "ShardStats":
        """Both together."""
        return ShardStats(
            self.pages + other.pages,
            self.articles + other.articles,
            self.findings + other.findings,
            self.refusals + other.refusals,
            {
                site: _added(self.by_site.get(site, {}), other.by_site.get(site, {}))
                for site in sorted(self.by_site.keys() | other.by_site.keys())
            },
            _added(self.by_role, other.by_role),
            _added(self.by_reason, other.by_reason),
        )


@dataclass(frozen=True, slots=True)
class Shard:
    """A complete shard on disk."""

    folder: Path
    name: str
    stats: ShardStats

    def path(self, table: str) -> Path:
        """The file that holds the table's rows."""
        return self.folder / f"{self.name}.{table}.parquet"


def write_shard(pages: Iterable[PageRows], folder: Path, name: str) -> Shard:
    """Write the rows of one shard; a shard that is complete already is returned as it is."""
    if not re.fullmatch(r"[\w.-]{1,200}", name):
        raise ValueError(f"shard name {name!r}: letters, digits, dot, dash and underscore only")
    if shard := read_shard(folder, name):
        return shard
    folder.mkdir(parents=True, exist_ok=True)
    tables, stats = _collect(pages)
    for table, content in tables.items():
        ordered = content.sort_by([(column, "ascending") for column in TABLES[table].order])
        with write_whole(folder / f"{name}.{table}.parquet") as file:
            pq.write_table(ordered, file, compression="zstd", row_group_size=10_000)
    with write_whole(folder / f"{name}.done.json") as file:
        file.write(json.dumps(asdict(stats), ensure_ascii=False, sort_keys=True).encode())
    return Shard(folder, name, stats)


def shard_schema(table: str) -> pa.Schema:
    """The columns of a shard's file."""
    schema = TABLES[table].schema
    return pa.schema([*schema, *TRAITS], metadata=schema.metadata) if table == "articles" else schema


def read_shard(folder: Path, name: str) -> Shard | None:
    """The shard, or None while it is not complete."""
    try:
        marker = json.loads((folder / f"{name}.done.json").read_bytes())
    except FileNotFoundError:
        return None
    return Shard(folder, name, ShardStats(**marker))


def read_shards(folder: Path) -> list[Shard]:
    """The complete shards of a folder, by name."""
    names = sorted(path.name.removesuffix(".done.json") for path in folder.glob("*.done.json"))
    return [shard for name in names if (shard := read_shard(folder, name))]


def made_by(run_id: str, shards: Iterable[Shard]) -> ShardStats:
    """What the shards' rows come to that this run has made: the rest was made by runs before it."""
    mine = pc.field("run_id") == run_id
    columns = {"articles": ["site"], "findings": ["site", "role"], "refusals": ["site", "stage", "reason"]}
    return sum(
        (
            stats_of(
                {
                    table: pq.read_table(shard.path(table), columns=columns[table], filters=mine)
                    for table in SHARD_TABLES
                }
            )
            for shard in shards
        ),
        ShardStats(),
    )


def stats_of(tables: Mapping[str, pa.Table]) -> ShardStats:
    """What the rows of a shard's tables come to."""
    site = {name: Counter(table["site"].fill_null("").to_pylist()) for name, table in tables.items()}
    names = sorted(site["articles"].keys() | site["refusals"].keys())
    refusals = zip(
        tables["refusals"]["stage"].to_pylist(), tables["refusals"]["reason"].to_pylist(), strict=True
    )
    return ShardStats(
        tables["articles"].num_rows + tables["refusals"].num_rows,
        tables["articles"].num_rows,
        tables["findings"].num_rows,
        tables["refusals"].num_rows,
        {name: {table: site[table][name] for table in SHARD_TABLES} for name in names},
        dict(sorted(Counter(tables["findings"]["role"].to_pylist()).items())),
        dict(sorted(Counter(f"{stage}: {reason}" for stage, reason in refusals).items())),
    )


def _collect(pages: Iterable[PageRows]) -> tuple[dict[str, pa.Table], ShardStats]:
    batches: dict[str, list[pa.RecordBatch]] = {table: [] for table in SHARD_TABLES}
    waiting: dict[str, list[Row]] = {table: [] for table in SHARD_TABLES}
    sites: dict[str, Counter[str]] = {}
    roles: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    n_pages = 0

    def put(table: str, rows: Sequence[Row]) -> None:
        waiting[table] += rows
        if len(waiting[table]) >= BATCH_ROWS:
            flush(table)

    def flush(table: str) -> None:
        batches[table].append(pa.RecordBatch.from_pylist(waiting[table], schema=shard_schema(table)))
        waiting[table] = []

    for page in pages:
        n_pages += 1
        site = (page.article or page.refusal or {}).get("site") or ""
        counts = sites.setdefault(site, Counter(articles=0, findings=0, refusals=0))
        if page.article:
            text = page.article["text"]
            put("articles", [{**page.article, "signature": signature(text), "length": len(text)}])
            put("findings", page.findings)
            counts["articles"] += 1
            counts["findings"] += len(page.findings)
            roles.update(row["role"] for row in page.findings)
        if page.refusal:
            put("refusals", [page.refusal])
            counts["refusals"] += 1
            reasons[f"{page.refusal['stage']}: {page.refusal['reason']}"] += 1
    for table in SHARD_TABLES:
        flush(table)
    total: Counter[str] = sum(sites.values(), Counter())
    stats = ShardStats(
        n_pages,
        total["articles"],
        total["findings"],
        total["refusals"],
        {site: dict(counts) for site, counts in sorted(sites.items())},
        dict(sorted(roles.items())),
        dict(sorted(reasons.items())),
    )
    return {
        table: pa.Table.from_batches(batches[table], shard_schema(table)) for table in SHARD_TABLES
    }, stats


def _added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in sorted(one.keys() | other.keys())}
