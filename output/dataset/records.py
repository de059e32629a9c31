"""docs/records.md, made of the tables' declaration: `python -m output.dataset.records > docs/records.md`."""

import pyarrow as pa

from .columns import FLAG, INT, LONG, SHARE, TABLES, TEXT, TIME, Column

_HEAD = """\
# Records: every table and column of a dataset version

This page is made of the declaration in `output/dataset/columns.py` (`python -m output.dataset.records`); a test compares them.

A finding's `evidence` is exactly its article's `text[start:end]`: Python's slices, that is Unicode code points, the end not included. In SQL,
where counting begins at 1, it is `substr(text, start + 1, end - start)`. Ids are SHA-256 sums in hex, so they are the same wherever and
whenever they are made. Text columns that have nothing to say are null, never empty. Times are UTC.

Personal data: e-mail addresses and telephone numbers in texts, labels, headings, titles and removed blocks are overwritten with `█`, each at
its own length, so that every offset stays true; ids and sums are those of the overwritten text. Help lines stay: short codes (911, 112,
988, 116 123) and freephone numbers. Of readers' comments, which are left out of the text, `removed` keeps place, length and punctuation, not
the words. Authors' names stay, as attribution. The WARC archive holds the pages as they came.

Nested columns are lists in Parquet and JSON Lines and are left out of CSV and Excel. In SQLite lists are JSON text; `causes`, `advice`,
`symptoms`, `other` and `passages` of articles are left out there, as findings has a table of its own.
"""


def records_page() -> str:
    """The page."""
    parts = [_HEAD]
    for spec in TABLES.values():
        keys = f" Unique: {', '.join(f'`{key}`' for key in spec.keys)}." if spec.keys else ""
        order = ", ".join(f"`{column}`" for column in spec.order)
        parts.append(f"## {spec.name}\n\nOne row: {spec.row}.{keys} Sorted by {order}.\n")
        parts.append("| column | type | null | meaning |\n|---|---|---|---|")
        parts += [_line(column) for column in spec.columns]
        parts.append("")
        parts += [_fields(column) for column in spec.columns if _is_nested(column)]
    return "\n".join(parts).rstrip() + "\n"


def _line(column: Column) -> str:
    meaning = column.description.replace("|", "\\|")
    if column.values:
        meaning += f": {', '.join(f'`{value}`' for value in column.values)}"
    return f"| `{column.name}` | {_type(column.type)} | {'yes' if column.nullable else 'no'} | {meaning} |"


def _fields(column: Column) -> str:
    fields = [column.type.value_type.field(place) for place in range(column.type.value_type.num_fields)]
    lines = [f"- `{f.name}` ({_type(f.type)}): {f.metadata[b'description'].decode()}" for f in fields]
    return f"Each of `{column.name}`:\n\n" + "\n".join(lines) + "\n"


def _is_nested(column: Column) -> bool:
    return bool(pa.types.is_list(column.type) and pa.types.is_struct(column.type.value_type))


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return "list of " + ("records" if pa.types.is_struct(kind.value_type) else _type(kind.value_type))
    return {
        TEXT: "text",
        INT: "int32",
        LONG: "int64",
        SHARE: "float64",
        FLAG: "bool",
        TIME: "timestamp (µs, UTC)",
    }[kind]


if __name__ == "__main__":
    print(records_page(), end="")
