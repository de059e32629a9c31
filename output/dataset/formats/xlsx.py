"""An Excel workbook, a sheet a table. Text stays text: no formula and no link is made of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..selection import Selection
from .csv import CSV_TABLES, cell, flat_columns

MAX_ROWS = 1_048_576
"""Of a sheet, its header included. (Excel's specification)"""
MAX_CHARACTERS = 32_767
"""Of a cell."""
_CREATED = datetime(2020, 1, 1)


def write_xlsx(selection: Selection, folder: Path) -> None:
    """Write consilia.xlsx. Raises ValueError where a table is too long."""
    import xlsxwriter  # needed for nothing else

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(folder / "consilia.xlsx", options) as book:
        book.set_properties({"title": "Causes and advice stated by health articles", "created": _CREATED})
        bold = book.add_format({"bold": True})
        for table in CSV_TABLES:
            if table in selection.tables:
                _fill(book.add_worksheet(table), bold, table, selection.rows(table))


def _fill(sheet: Any, bold: object, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    columns = flat_columns(table)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, bold)
    for number, row in enumerate(rows, 1):
        if number >= MAX_ROWS:
            raise ValueError(f"table {table} has more rows than an Excel sheet can hold ({MAX_ROWS})")
        for place, column in enumerate(columns):
            value = cell(row[column.name])
            if isinstance(value, str):
                sheet.write_string(number, place, value[:MAX_CHARACTERS])
            elif value is not None:
                sheet.write_number(number, place, value)
