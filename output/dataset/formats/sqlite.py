"""One SQLite file with full-text search over articles and findings, and what Datasette needs to show it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from ..columns import FLAG, INT, LONG, NESTED, PASSAGES, SHARE, TABLES, TEXT, TIME, Column, TableSpec
from ..parquet import in_batches
from ..selection import Selection
from .csv import iso
from .jsonl import to_json

FILE = "consilia.sqlite"
METADATA = "datasette.yml"
"""JSON, which is YAML too: Datasette reads either by this name."""
_TYPES = {INT: "INTEGER", LONG: "INTEGER", SHARE: "REAL", FLAG: "INTEGER"}
_PRIMARY = {"articles": "article_id", "findings": "finding_id", "claims": "claim_id", "runs": "run_id"}
_SEARCHED = {
    "articles": ("title", "topic", "text"),
    "findings": ("label", "topic", "text"),
    "claims": ("label", "topic"),
}
_INDEXED = {
    "articles": ("topic", "site", "url", "status"),
    "findings": ("article_id", "topic", "role", "role_group", "site", "claim_id"),
    "claims": ("topic", "role"),
    "refusals": ("site", "reason"),
}
FACETS = {
    "articles": ["site", "status", "population"],
    "findings": ["role", "topic", "site", "decided_by"],
    "claims": ["topic", "role"],
    "refusals": ["stage", "reason", "site"],
    "changes": ["change", "site"],
}
_INSERT_ROWS = 500


def write_sqlite(selection: Selection, folder: Path) -> None:
    """Write consilia.sqlite and datasette.yml."""
    path = folder / FILE
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # The file is dropped if this fails: no journal is needed.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for name in selection.tables:
            spec = TABLES[name]
            _create(db, spec)
            places = ", ".join("?" * len(columns_of(spec)))
            insert = f'INSERT INTO "{name}" VALUES ({places})'  # noqa: S608  declared names
            for rows in in_batches(_cells(selection, spec), _INSERT_ROWS):
                db.executemany(insert, rows)
        for name, searched in _SEARCHED.items():
            if name in selection.tables:
                _search(db, name, searched)
        for name, indexed in _INDEXED.items():
            for column in indexed if name in selection.tables else ():
                db.execute(f'CREATE INDEX "{name}_{column}" ON "{name}" ("{column}")')
        for view, group in (("causes", "cause"), ("advice", "advice"), ("symptoms", "symptom")):
            db.execute(
                f"CREATE VIEW {view} AS SELECT topic, population, label, text, polarity, hedge, confidence, role, site, url, finding_id"  # noqa: S608
                f" FROM findings WHERE role_group = '{group}'"
            )
        db.execute("COMMIT")
        db.execute("ANALYZE")
    (folder / METADATA).write_text(
        json.dumps(datasette_metadata(selection), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


def datasette_metadata(selection: Selection) -> dict[str, Any]:
    """Titles, column descriptions and facets for Datasette."""
    tables: dict[str, Any] = {
        name: {
            "description": f"One row: {TABLES[name].row}",
            "columns": {column.name: column.description for column in columns_of(TABLES[name])},
            "facets": FACETS.get(name, []),
            "size": 50,
        }
        for name in selection.tables
    }
    for name in ("articles", "findings"):
        tables[name]["label_column"] = "title" if name == "articles" else "label"
    return {
        "title": "Causes and advice stated by health articles",
        "description": "What the pages claim, with the place where they say it; not medical advice.",
        "databases": {"consilia": {"tables": tables}},
    }


def columns_of(spec: TableSpec) -> list[Column]:
    """The columns that SQLite gets: an article's findings are rows of their own there, and its passages serve nobody in SQL."""
    return [column for column in spec.columns if column.type not in (NESTED, PASSAGES)]


def _create(db: sqlite3.Connection, spec: TableSpec) -> None:
    lines = []
    for column in columns_of(spec):
        line = f'"{column.name}" {_TYPES.get(column.type, "TEXT")}'
        if not column.nullable:
            line += " NOT NULL"
        if column.name == _PRIMARY.get(spec.name):
            line += " PRIMARY KEY"
        if spec.name == "findings" and column.name == "article_id":
            line += " REFERENCES articles(article_id)"
        lines.append(line)
    db.execute(f'CREATE TABLE "{spec.name}" (\n  ' + ",\n  ".join(lines) + "\n)")


def _cells(selection: Selection, spec: TableSpec) -> Iterator[list[Any]]:
    plain = {column.name for column in spec.columns if column.type in (TEXT, INT, LONG, SHARE, FLAG)}
    times = {column.name for column in spec.columns if column.type == TIME}
    names = [column.name for column in columns_of(spec)]
    for row in selection.rows(spec.name):
        yield [
            value
            if (value := row[name]) is None or name in plain
            else iso(value)
            if name in times
            else to_json(value).decode()
            for name in names
        ]


def _search(db: sqlite3.Connection, name: str, columns: tuple[str, ...]) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    db.execute(
        f'CREATE VIRTUAL TABLE "{name}_fts" USING FTS5 ({listed}, tokenize=\'porter unicode61\', content="{name}")'
    )
    db.execute(
        f'INSERT INTO "{name}_fts" (rowid, {listed}) SELECT rowid, {listed} FROM "{name}"'  # noqa: S608
    )
