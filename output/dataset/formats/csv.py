"""CSV for spreadsheets: the flat columns. Nested ones are left to Parquet and JSON Lines, and formulas are defused.

A cell that begins with = + - or @, white space aside, is run as a formula by spreadsheets; it gets a leading apostrophe. Reading a CSV
back is therefore not lossless. The dialect is RFC 4180 with line feeds, UTF-8 without a mark.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from ..columns import TABLES, TEXTS, Column
from ..selection import Selection

CSV_TABLES = ("articles", "findings", "claims", "refusals", "changes")
_FORMULA = ("=", "+", "-", "@")
LIST_SEPARATOR = " | "


def write_csv(selection: Selection, folder: Path) -> None:
    """Write csv/TABLE.csv."""
    (folder / "csv").mkdir(parents=True, exist_ok=True)
    for table in CSV_TABLES:
        if table in selection.tables:
            with (folder / "csv" / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                put_rows(file, table, selection.rows(table))


def put_rows(file: IO[str], table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put the header and a line a row."""
    columns = flat_columns(table)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([cell(row[column.name]) for column in columns])


def flat_columns(table: str) -> list[Column]:
    """The columns that fit a cell."""
    return [
        column
        for column in TABLES[table].columns
        if column.type == TEXTS or not str(column.type).startswith("list")
    ]


def cell(value: object) -> str | int | float | None:
    """A value as a cell."""
    if isinstance(value, str):
        # A carriage return inside a quoted cell is legal, but half of all readers take it for a row's end.
        text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
        # White space before the sign does not stop a spreadsheet.
        return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list):
        return cell(LIST_SEPARATOR.join(map(str, value)))
    raise TypeError(f"{type(value).__name__} does not fit a cell")


def iso(moment: datetime) -> str:
    """A time as ISO 8601 in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
