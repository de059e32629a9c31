"""The gate before a version is published: every row of every table, as it lies on disk.

pandera checks what one column can tell (null, values, ranges, patterns), lazily, so that one run lists every fault. What takes two columns
or two tables is checked here: order, keys, evidence against the article's text, parents, counts.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandera.pandas as pa_check
import pyarrow as pa
import pyarrow.parquet as pq
from pandera.errors import SchemaErrors

from .columns import FLAG, INT, LONG, SHARE, TABLES, TEXT, TIME, Column, to_pandas
from .parquet import BATCH_ROWS
from .rows import Row

MAX_LISTED = 20
"""Faults kept for the message's end; the count is of all."""
_SHA256 = r"[0-9a-f]{64}"
_PANDERA_TYPES = {TEXT: "str", INT: "Int32", LONG: "Int64", SHARE: "Float64", FLAG: "boolean"}


class CheckFailed(Exception):  # noqa: N818  it tells of data, not of a fault in the code
    """Rows that must not be published. The message names table, row and column of the first."""

    def __init__(self, faults: list[str], count: int) -> None:
        """Keep the faults listed and the count of all."""
        more = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"not published: {faults[0]}{more}")
        self.faults = tuple(faults)


@cache
def schema(table: str) -> pa_check.DataFrameSchema:
    """The table's checks for pandera."""
    return pa_check.DataFrameSchema(
        {column.name: _column(column) for column in TABLES[table].columns},
        strict=True,
        ordered=True,
        name=table,
    )


def _column(column: Column) -> pa_check.Column:
    checks = []
    if column.values:
        checks.append(pa_check.Check.isin(column.values))
    if column.name.endswith("_id") and column.name not in ("run_id", "first_run_id", "list_id"):
        checks.append(pa_check.Check.str_matches(rf"^{_SHA256}$"))
    if column.name == "confidence":
        checks.append(pa_check.Check.in_range(0, 1))
    if column.name.startswith(("n_", "masked_")) or column.name in ("start", "warc_offset"):
        checks.append(pa_check.Check.ge(0))
    if column.name in ("text", "evidence", "url", "reason"):
        checks.append(pa_check.Check.str_length(min_value=1))
    dtype = _PANDERA_TYPES.get(column.type, "datetime64[us, UTC]" if column.type == TIME else None)
    return pa_check.Column(dtype, checks, nullable=column.nullable)


def check_tables(folder: Path) -> dict[str, Any]:
    """Rows and checks of each table in folder/data. Raises CheckFailed."""
    faults = _Faults()
    counts = {table: _check_table(folder, table, faults) for table in TABLES}
    _check_evidence(folder, faults)
    _check_claims(folder, faults)
    faults.settle()
    return {
        "rows": counts,
        "checks": {
            "schema": "every column's type, nulls, values, ranges and patterns (pandera)",
            "order": "rows sorted by "
            + "; ".join(f"{t.name}: {', '.join(t.order)}" for t in TABLES.values()),
            "keys": "unique: "
            + "; ".join(f"{t.name}: {', '.join(t.keys)}" for t in TABLES.values() if t.keys),
            "evidence": "every finding's evidence equals its article's text[start:end]",
            "nested": "articles' causes, advice, symptoms, other hold the findings table's rows, no more, no fewer",
            "parents": "every parent finding is of the same article",
            "claims": "as many findings name a claim as the claims count",
        },
        "faults": 0,
    }


class _Faults:
    def __init__(self) -> None:
        self.listed: list[str] = []
        self.count = 0

    def add(self, table: str, row: int, url: object, column: str, what: str) -> None:
        self.count += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(f"table {table}, row {row} ({url}), column {column}: {what}")

    def settle(self) -> None:
        if self.count:
            raise CheckFailed(self.listed, self.count)


def _check_table(folder: Path, name: str, faults: _Faults) -> int:
    spec = TABLES[name]
    path = folder / "data" / f"{name}.parquet"
    with pq.ParquetFile(path) as file:
        if not file.schema_arrow.equals(spec.schema):
            faults.add(name, 0, path.name, "all", "the file's schema is not the declared one")
            return 0
        first = 0
        before: tuple[Any, ...] | None = None
        for batch in file.iter_batches(batch_size=4 * BATCH_ROWS):
            before = _check_batch(name, pa.Table.from_batches([batch]), first, before, faults)
            first += batch.num_rows
    return first


def _check_batch(
    name: str, batch: pa.Table, first: int, before: tuple[Any, ...] | None, faults: _Faults
) -> tuple[Any, ...] | None:
    spec = TABLES[name]
    frame = to_pandas(batch)
    urls = frame["url"] if "url" in frame else frame[spec.order[0]]
    try:
        schema(name).validate(frame, lazy=True)
    except SchemaErrors as errors:
        for case in errors.failure_cases.to_dict("records"):
            index = case["index"]
            row = int(index) if isinstance(index, (int, float)) and index == index else 0
            said = str(case["failure_case"])
            faults.add(
                name,
                first + row,
                urls.iloc[row] if len(urls) else "",
                str(case["column"]),
                f"{said[:80]!r} fails {case['check']}",
            )
    for number, row in enumerate(batch.select(list(spec.order)).to_pylist()):
        order = tuple(row[column] for column in spec.order)
        if before is not None and (before > order or (spec.keys == spec.order and before == order)):
            faults.add(name, first + number, urls.iloc[number], spec.order[0], "out of order or twice")
        before = order
    return before


def _check_evidence(folder: Path, faults: _Faults) -> None:
    findings = enumerate(_rows(folder, "findings"))
    number, finding = next(findings, (0, None))
    columns = ["article_id", "url", "text", "n_findings", "causes", "advice", "symptoms", "other"]
    for place, article in enumerate(_rows(folder, "articles", columns)):
        ids: set[str] = set()
        parents: list[tuple[int, str]] = []
        text = article["text"]
        while finding is not None and finding["url"] <= article["url"]:
            if finding["article_id"] != article["article_id"]:
                faults.add("findings", number, finding["url"], "article_id", "is not in the articles table")
            elif text[finding["start"] : finding["end"]] != finding["evidence"]:
                faults.add("findings", number, finding["url"], "evidence", "is not the text at its offsets")
            if finding["finding_id"] in ids:
                faults.add("findings", number, finding["url"], "finding_id", "stands twice")
            ids.add(finding["finding_id"])
            if finding["parent_finding_id"]:
                parents.append((number, finding["parent_finding_id"]))
            number, finding = next(findings, (0, None))
        for row, parent in parents:
            if parent not in ids:
                faults.add("findings", row, article["url"], "parent_finding_id", "is of another article")
        nested = {
            item["finding_id"]
            for column in ("causes", "advice", "symptoms", "other")
            for item in article[column]
        }
        if nested != ids or article["n_findings"] != len(ids):
            faults.add("articles", place, article["url"], "n_findings", "differs from the findings table")
    if finding is not None:
        faults.add("findings", number, finding["url"], "article_id", "is not in the articles table")


def _check_claims(folder: Path, faults: _Faults) -> None:
    named = sum(row["claim_id"] is not None for row in _rows(folder, "findings", ["claim_id"]))
    counted = sum(row["n_findings"] for row in _rows(folder, "claims", ["n_findings"]))
    if named != counted:
        faults.add("claims", 0, "all", "n_findings", f"{counted} counted, {named} findings name a claim")


def _rows(folder: Path, table: str, columns: list[str] | None = None) -> Iterator[Row]:
    with pq.ParquetFile(folder / "data" / f"{table}.parquet") as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
            yield from batch.to_pylist()
