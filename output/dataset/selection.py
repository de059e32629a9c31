"""A version's rows, all or those that meet conditions, as every format is written from them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .columns import FLAG, INT, LONG, REPEATED, SHARE, TABLES, TEXT, TIME, Column
from .parquet import BATCH_ROWS
from .rows import NESTED_IN, Row, parse_time

_CONDITION = re.compile(
    r"\s*(?:(articles|findings)\.)?([a-z_0-9]+)\s*(!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL
)


_ANOTHER = r"(?=[a-z_0-9.]+\s*[!=<>~])"
"""Before it, "and" joins two conditions; elsewhere it is a word of a value."""


class BadCondition(ValueError):  # noqa: N818  the user's words, not a fault
    """A condition that cannot be understood; the message names it and says what can."""


@dataclass(frozen=True, slots=True)
class Condition:
    """column op value; = and != take several values, comma separated, and ~ finds a part of a text in any case."""

    table: str
    column: str
    op: str
    values: tuple[Any, ...]

    def mask(self, batch: pa.RecordBatch) -> pa.Array:
        """Which rows of the batch meet it; a null meets only !=."""
        column = batch.column(self.column)
        value = self.values[0]
        if self.op in ("=", "!="):
            met = pc.is_in(column, value_set=pa.array(self.values, column.type))
            return pc.invert(met) if self.op == "!=" else met
        if self.op == "~":
            met = pc.match_substring(column, value, ignore_case=True)
        else:
            compare = {">": pc.greater, "<": pc.less, ">=": pc.greater_equal, "<=": pc.less_equal}[self.op]
            met = compare(column, pa.scalar(value, column.type))
        return pc.fill_null(met, fill_value=False)


def parse_conditions(where: Sequence[str]) -> tuple[Condition, ...]:
    """Read conditions; one text may hold several, joined by " and ". Raises BadCondition."""
    for text in where:
        if re.search(rf"\s+or\s+{_ANOTHER}", text):
            raise BadCondition(
                f"condition {text!r}: all must hold, there is no or; a list is: role=cause,symptom"
            )
    return tuple(
        _parse(part) for text in where for part in re.split(rf"\s+and\s+{_ANOTHER}", text) if part.strip()
    )


def _parse(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if not match:
        raise BadCondition(
            f"condition {text!r}: write column=value, with one of = != < <= > >= ~ (contains) between"
        )
    table, name, op, value = match.groups()
    place, column = _column(text, table, name)
    if column.type not in (TEXT, INT, LONG, SHARE, FLAG, TIME):
        raise BadCondition(f"condition {text!r}: {name} is a list; no condition can be put on it")
    if op == "~" and column.type != TEXT:
        raise BadCondition(f"condition {text!r}: ~ looks into text, {name} is none")
    parts = [part.strip() for part in value.split(",")] if op in ("=", "!=") else [value]
    values = tuple(_typed(text, part, column.type) for part in parts)
    if column.values and op in ("=", "!="):
        for wrong in [value for value in values if value not in column.values]:
            raise BadCondition(
                f"condition {text!r}: {name} is never {wrong!r}, but {', '.join(column.values)}"
            )
    return Condition(place, name, op, values)


def _column(text: str, table: str | None, name: str) -> tuple[str, Column]:
    """The column that a condition names, and its table."""
    found = {
        place: column
        for place in ([table] if table else ["articles", "findings"])
        for column in TABLES[place].columns
        if column.name == name
    }
    if not found:
        raise BadCondition(
            f"condition {text!r}: no column {name} in articles or findings (see docs/records.md)"
        )
    if len(found) > 1 and name not in REPEATED:
        both = " or ".join(f"{place}.{name}" for place in found)
        raise BadCondition(f"condition {text!r}: both tables have it: write {both}")
    return next(iter(found.items()))


def _typed(text: str, value: str, kind: pa.DataType) -> Any:
    value = value.strip("'\"") if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
    if kind == TEXT:
        return value
    if kind == FLAG:
        if value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise BadCondition(f"condition {text!r}: true or false, not {value!r}")
    try:
        if kind == TIME:
            if (time := parse_time(value)) is None:
                raise ValueError
            return time
        return pa.scalar(float(value) if kind == SHARE else int(value), kind).as_py()
    except (ValueError, pa.ArrowInvalid, OverflowError):
        raise BadCondition(f"condition {text!r}: {value!r} is no {kind}") from None


class Selection:
    """The rows of a version that meet all conditions: articles, and the findings of those articles.

    A condition on findings leaves only articles that have such a finding, and in them only such findings. Claims, refusals, changes and runs speak of whole versions and are
    given only when nothing is left out.
    """

    def __init__(
        self, folder: Path, conditions: Sequence[Condition] = (), *, shareable_only: bool = False
    ) -> None:
        """Read the conditions' articles once; only their ids are kept."""
        self.folder = folder
        self.conditions = (
            *conditions,
            *([Condition("articles", "shareable", "=", (True,))] if shareable_only else []),
        )
        self.whole = not self.conditions
        self._ids = None if self.whole else self._article_ids()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it has."""
        return tuple(TABLES) if self.whole else ("articles", "findings")

    def batches(self, table: str) -> Iterator[pa.RecordBatch]:
        """The table's rows in its order, a batch at a time."""
        if table == "articles" and self._chooses_findings:
            return self._with_their_findings(self._chosen(table))
        return self._chosen(table)

    def count(self, table: str) -> int:
        """How many rows of the table it has."""
        return sum(batch.num_rows for batch in self._chosen(table, ["article_id"]))

    def rows(self, table: str) -> Iterator[Row]:
        """The table's rows as dicts."""
        for batch in self.batches(table):
            yield from batch.to_pylist()

    @property
    def _chooses_findings(self) -> bool:
        return any(condition.table == "findings" for condition in self.conditions)

    def _chosen(self, table: str, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        for batch in self._met(table, columns):
            if self._ids is not None:
                batch = batch.filter(pc.is_in(batch.column("article_id"), value_set=self._ids))
            if batch.num_rows:
                yield batch

    def _with_their_findings(self, articles: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The articles with those findings nested that meet the conditions: both tables are sorted by url."""
        findings = (
            row for batch in self._met("findings", ["url", "finding_id"]) for row in batch.to_pylist()
        )
        waiting = next(findings, None)
        for batch in articles:
            last = batch.column("url")[-1].as_py()
            met = []
            while waiting and waiting["url"] <= last:
                met.append(waiting["finding_id"])
                waiting = next(findings, None)
            yield _nesting_only(batch, pa.array(met, TEXT))

    def _met(self, table: str, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        conditions = [condition for condition in self.conditions if condition.table == table]
        if columns is not None:
            columns = [*columns, *(c.column for c in conditions if c.column not in columns)]
        with pq.ParquetFile(self.folder / "data" / f"{table}.parquet") as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
                for condition in conditions:
                    batch = batch.filter(condition.mask(batch))
                yield batch

    def _article_ids(self) -> pa.Array:
        ids = self._ids_of("articles")
        if self._chooses_findings:
            ids &= self._ids_of("findings")
        return pa.array(sorted(ids), TEXT)

    def _ids_of(self, table: str) -> set[str]:
        return {
            identity
            for batch in self._met(table, ["article_id"])
            for identity in batch.column("article_id").to_pylist()
        }


def _nesting_only(articles: pa.RecordBatch, findings: pa.Array) -> pa.RecordBatch:
    """The articles without the nested findings that are not among these."""
    total = np.zeros(articles.num_rows, np.int32)
    for name in NESTED_IN.values():
        lists = articles.column(name)
        items = lists.flatten()
        kept = pc.is_in(items.field("finding_id"), value_set=findings)
        counts = np.bincount(pc.list_parent_indices(lists).filter(kept), minlength=len(lists))
        offsets = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
        told = pa.ListArray.from_arrays(offsets, items.filter(kept), type=lists.type)
        articles = articles.set_column(
            articles.schema.get_field_index(name), articles.schema.field(name), told
        )
        total += counts.astype(np.int32)
    place = articles.schema.get_field_index("n_findings")
    return articles.set_column(place, articles.schema.field(place), pa.array(total, INT))
