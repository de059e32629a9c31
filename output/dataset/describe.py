"""The papers of a version: dataset card, Croissant, Frictionless data package, JSON Schema, change log."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa

from .columns import FLAG, INT, LONG, SHARE, TABLES, TEXT, TIME, Column
from .formats.csv import CSV_TABLES, flat_columns
from .rows import Row
from .run import RunInfo
from .version import Version

NAME = "health-articles"
TITLE = "Causes and advice stated by health articles"
DESCRIPTION = (
    "Health articles with the causes, risk factors, symptoms, complications, diagnoses, treatments, self-care, prevention and reasons to see a"
    " doctor that each states, every one a span of the article's text. What pages claim, not what is true; not medical advice."
)
LICENSE = "Texts belong to their publishers; see the columns license and shareable"
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_CHANGES_LISTED = 50
_LOG_VERSIONS = 30


def describe_version(
    folder: Path,
    id_: str,
    old: Version | None,
    run: RunInfo,
    facts: Mapping[str, Any],
    formats: Sequence[str],
) -> None:
    """Write README.md, croissant.json, datapackage.json, schema.json and CHANGELOG.md into the version's folder."""
    _json(folder / "schema.json", json_schema())
    if "csv" in formats:
        _json(folder / "datapackage.json", data_package(folder, id_, run))
    _json(folder / "croissant.json", croissant(folder, id_, run))
    (folder / "README.md").write_text(_card(id_, facts, formats), "utf-8")
    (folder / "CHANGELOG.md").write_text(_change_log(folder, id_, old, facts), "utf-8")


def json_schema() -> dict[str, Any]:
    """A schema for one line of each JSON Lines file, under $defs; the document itself describes an article."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        "$ref": "#/$defs/articles",
        "$defs": {
            name: {
                "title": name,
                "description": f"one line: {spec.row}",
                "type": "object",
                "additionalProperties": False,
                "required": [column.name for column in spec.columns],
                "properties": {column.name: _property(column) for column in spec.columns},
            }
            for name, spec in TABLES.items()
        },
    }


def _property(column: Column) -> dict[str, Any]:
    described = {"description": column.description, **_json_type(column.type)}
    if column.values:
        described["enum"] = [*column.values, *([None] if column.nullable else [])]
    if column.nullable:
        described["type"] = [described["type"], "null"]
    return described


def _json_type(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"type": "array", "items": _json_type(kind.value_type)}
    if pa.types.is_struct(kind):
        fields = [kind.field(place) for place in range(kind.num_fields)]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                field.name: {
                    **_json_type(field.type),
                    "type": [_json_type(field.type)["type"], "null"],
                    "description": field.metadata[b"description"].decode(),
                }
                for field in fields
            },
        }
    if kind == TIME:
        return {"type": "string", "format": "date-time"}
    return {"type": {TEXT: "string", INT: "integer", LONG: "integer", SHARE: "number", FLAG: "boolean"}[kind]}


_FRICTIONLESS = {
    TEXT: "string",
    INT: "integer",
    LONG: "integer",
    SHARE: "number",
    FLAG: "boolean",
    TIME: "datetime",
}


def data_package(folder: Path, id_: str, run: RunInfo) -> dict[str, Any]:
    """A Frictionless data package (v1) of the CSV files."""
    return {
        "name": NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": id_,
        "created": run.finished_at.isoformat(),
        "profile": "tabular-data-package",
        "resources": [
            {
                "name": table,
                "path": f"csv/{table}.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": (folder / "csv" / f"{table}.csv").stat().st_size,
                "hash": f"sha256:{_sha256(folder / 'csv' / f'{table}.csv')}",
                "description": f"One row: {TABLES[table].row}",
                "dialect": {"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True},
                "schema": {
                    "fields": [_field(column) for column in flat_columns(table)],
                    "missingValues": [""],
                    **({"primaryKey": list(TABLES[table].keys)} if TABLES[table].keys else {}),
                },
            }
            for table in CSV_TABLES
        ],
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _FRICTIONLESS.get(column.type, "string"),
        "description": column.description,
    }
    if column.type == TIME:
        field["format"] = "any"
    constraints: dict[str, Any] = {}
    if not column.nullable:
        constraints["required"] = True
    if column.values:
        constraints["enum"] = list(column.values)
    if constraints:
        field["constraints"] = constraints
    return field


_CROISSANT_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_CROISSANT_TYPES = {
    TEXT: "sc:Text",
    INT: "sc:Integer",
    LONG: "sc:Integer",
    SHARE: "sc:Float",
    FLAG: "sc:Boolean",
    TIME: "sc:DateTime",
}
_CROISSANT_TABLES = ("articles", "findings", "claims")


def croissant(folder: Path, id_: str, run: RunInfo) -> dict[str, Any]:
    """Croissant 1.1 with its terms for responsible AI; flat columns of the Parquet tables."""
    return {
        "@context": _CROISSANT_CONTEXT,
        "@type": "sc:Dataset",
        "name": NAME,
        "description": DESCRIPTION,
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "version": "1.0.0+" + id_.replace("-", "").replace("T", "."),
        "datePublished": run.finished_at.date().isoformat(),
        "license": LICENSE,
        "citeAs": f"{TITLE}, version {id_}",
        "isLiveDataset": True,
        "rai:dataCollection": "Pages of chosen sites are crawled within their robots rules, archived as WARC, stripped to the article and searched for findings.",
        "rai:dataLimitations": "What pages claim, not what is true. Roles and spans are found by rules and small models; confidence is an estimate.",
        "rai:personalSensitiveInformation": "E-mail addresses and telephone numbers in texts are overwritten at their own length; authors' names stay as attribution.",
        "rai:dataUseCases": "Research on health information; not for diagnosis or treatment.",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": f"{table}.parquet",
                "name": f"{table}.parquet",
                "contentUrl": f"data/{table}.parquet",
                "encodingFormat": "application/x-parquet",
                "contentSize": f"{(folder / 'data' / f'{table}.parquet').stat().st_size} B",
                "sha256": _sha256(folder / "data" / f"{table}.parquet"),
            }
            for table in _CROISSANT_TABLES
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": table,
                "name": table,
                "description": f"One record: {TABLES[table].row}",
                "key": [{"@id": f"{table}/{key}"} for key in TABLES[table].keys],
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"{table}/{column.name}",
                        "name": column.name,
                        "description": column.description,
                        "dataType": _CROISSANT_TYPES[column.type],
                        "source": {
                            "fileObject": {"@id": f"{table}.parquet"},
                            "extract": {"column": column.name},
                        },
                        **(
                            {"references": {"field": {"@id": "articles/article_id"}}}
                            if table == "findings" and column.name == "article_id"
                            else {}
                        ),
                    }
                    for column in TABLES[table].columns
                    if column.type in _CROISSANT_TYPES
                ],
            }
            for table in _CROISSANT_TABLES
        ],
    }


def _card(id_: str, facts: Mapping[str, Any], formats: Sequence[str]) -> str:
    count = facts["articles"]
    return _template("card.md.j2").render(
        id=id_,
        title=TITLE,
        description=DESCRIPTION,
        facts=facts,
        formats=formats,
        tables=TABLES,
        size=next((name for limit, name in _SIZES if count < limit), "n>1M"),
        languages=[code for code in facts["languages"] if len(code) in (2, 3)],
    )


def _change_log(folder: Path, id_: str, old: Version | None, facts: Mapping[str, Any]) -> str:
    version = Version(folder)
    listed: list[Row] = []
    for row in version.rows("changes"):
        if len(listed) == _CHANGES_LISTED:
            break
        listed.append(row)
    entry = _template("changelog.md.j2").render(
        id=id_,
        previous=old.id if old else None,
        counts=facts["changes"],
        listed=listed,
        total=version.count("changes"),
    )
    before = old.path / "CHANGELOG.md" if old else None
    head = "# Changes of the data\n"
    past = before.read_text("utf-8").removeprefix(head) if before and before.is_file() else ""
    # A nightly dataset would carry every night's list for ever: the versions' own changes tables keep them.
    entries = [f"\n## {part}" for part in f"\n{past}".split("\n## ")[1:]][: _LOG_VERSIONS - 1]
    return head + "\n" + entry.strip() + "\n" + "".join(part.rstrip() + "\n" for part in entries)


def _template(name: str) -> jinja2.Template:
    # Markdown, not HTML: what comes from pages passes the filter `code`, which keeps it inside one code span.
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("output.dataset"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    environment.filters["code"] = _code
    return environment.get_template(name)


def _code(text: str | None) -> str:
    """The text as a Markdown code span on one line, whatever it holds."""
    return "`" + " ".join((text or "").replace("`", "'").replace("|", "¦").split())[:200] + "`"


def _json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
