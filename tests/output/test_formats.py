"""Every format opens in the tools its users have."""

import csv
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cleaning.article import Article
from output.dataset.columns import TABLES
from output.dataset.formats import FORMATS
from output.dataset.formats.csv import cell
from output.dataset.formats.jsonld import as_web_page
from output.dataset.publish import publish
from output.dataset.rows import page_rows
from output.dataset.shard import write_shard
from output.dataset.version import Version, load
from output.findings import Finding, Role

from .samples import SUBJECT, TEXT, a_page, a_run, refused, rows_of, sentences

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x.test")']


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    """A version with quotes, commas, line separators, formulas and other alphabets in its texts."""
    root = tmp_path_factory.mktemp("formats")
    odd = TEXT + '\n"Quoted", with, commas;\u2028 a line separator, 头痛 and \U0001f600'
    pages = [
        rows_of(text=odd, title='=HYPERLINK("http://evil.test")', author="-Bob", license="CC BY 4.0"),
        rows_of(
            "https://demo.test/b",
            sentences(20, 1),
            published="2026-02-30",
            reviewed="2026-02-03T10:00:00+02:00",
        ),
        refused("https://demo.test/login"),
    ]
    return publish([write_shard(pages, root / "p", "s")], root / "ds", a_run(), formats=tuple(FORMATS))


def _run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_line_gives_pandas_users_every_table(version: Version) -> None:
    tables = load(version.path)
    assert set(tables) == set(TABLES)
    findings = tables["findings"].merge(
        tables["articles"][["article_id", "text"]], on="article_id", suffixes=("", "_article")
    )
    assert len(findings) == 4
    assert (
        findings.evidence == [row.text_article[row.start : row.end] for row in findings.itertuples()]
    ).all()
    assert str(tables["findings"].start.dtype) == "Int32"
    assert str(tables["articles"].fetched_at.dtype) == "datetime64[us, UTC]"


def test_plain_pandas_reads_the_parquet_files(version: Version) -> None:
    frame = pd.read_parquet(version.file("articles"))
    causes = frame.set_index("url").loc["https://demo.test/cramps", "causes"]
    assert [cause["label"] for cause in causes] == ["Tired muscles", "Cold"]


def test_duckdb_queries_nested_causes(version: Version) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(
        f"SELECT url, cause.label FROM (SELECT url, unnest(causes) AS cause FROM '{version.file('articles')}') ORDER BY 2"  # noqa: S608
    ).fetchall()
    assert rows == [("https://demo.test/cramps", "Cold"), ("https://demo.test/cramps", "Tired muscles")]
    same = duckdb.sql(
        f"""SELECT count(*) FROM '{version.file("findings")}' f JOIN '{version.file("articles")}' a USING (article_id)
        WHERE a.text[f.start + 1 : f.end] = f.evidence"""  # noqa: S608
    ).fetchall()
    assert same == [(4,)]


def test_json_lines_match_their_schema_and_the_parquet_rows(version: Version) -> None:
    schema = json.loads((version.path / "schema.json").read_bytes())
    for table in TABLES:
        validator = jsonschema.Draft202012Validator(
            {**schema, "$ref": f"#/$defs/{table}"}, format_checker=jsonschema.FormatChecker()
        )
        raw = gzip.decompress((version.path / "jsonl" / f"{table}.jsonl.gz").read_bytes()).decode()
        lines = raw.splitlines()  # splits at U+2028 too: none may be left bare
        assert len(lines) == version.count(table)
        for line, row in zip(lines, version.rows(table), strict=True):
            read = json.loads(line)
            validator.validate(read)
            assert list(read) == list(row)
            assert read.get("text") == row.get("text")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"article_id": 1}, schema)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_csv_cell_is_a_formula(text: str) -> None:
    assert str(cell(text)).startswith("'")


def test_csv_is_guarded_flat_and_whole(version: Version) -> None:
    for table in ("articles", "findings", "claims", "refusals", "changes"):
        with (version.path / "csv" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == version.count(table)
        for row in rows:
            assert not [value for value in row.values() if value.startswith(("=", "@", "+", "\t", "\r"))]
    with (version.path / "csv" / "articles.csv").open(encoding="utf-8", newline="") as file:
        article = next(row for row in csv.DictReader(file) if row["url"].endswith("cramps"))
    assert article["title"].startswith("'=HYPERLINK")
    assert article["author"] == "'-Bob"
    assert "头痛" in article["text"]


def test_frictionless_finds_the_package_valid_and_a_planted_fault(version: Version, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json")
    report = subprocess.run(command, cwd=version.path, capture_output=True, text=True, timeout=120)
    assert json.loads(report.stdout)["valid"], report.stdout[:2000]
    package = json.loads((version.path / "datapackage.json").read_bytes())
    (tmp_path / "csv").mkdir()
    for resource in package["resources"]:
        text = (version.path / resource["path"]).read_text("utf-8")
        (tmp_path / resource["path"]).write_text(text.replace(",calf cramps,", ",calf cramps,x", 1), "utf-8")
        del resource["hash"], resource["bytes"]
    (tmp_path / "csv" / "findings.csv").write_text(
        (version.path / "csv" / "findings.csv").read_text("utf-8").replace(",self_care,", ",nursing,", 1),
        "utf-8",
    )
    (tmp_path / "datapackage.json").write_text(json.dumps(package), "utf-8")
    report = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert not json.loads(report.stdout)["valid"]
    assert "nursing" in report.stdout


@pytest.mark.filterwarnings("default::pandas.errors.Pandas4Warning")  # mlcroissant's own use of pandas
def test_croissant_is_valid_and_streams_its_records(version: Version) -> None:
    croissant = pytest.importorskip("mlcroissant")
    dataset = croissant.Dataset(jsonld=version.path / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    records = list(dataset.records("findings"))
    assert len(records) == 4
    assert {record["findings/label"] for record in records} >= {b"Cold"}


def test_hugging_face_loads_the_folder_offline(version: Version, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed")
    script = (
        "import sys; from datasets import load_dataset\n"
        "for name in ('articles', 'findings', 'claims'):\n"
        "    print(name, load_dataset(sys.argv[1], name, split='train', cache_dir=sys.argv[2]).num_rows)"
    )
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    out = _run(sys.executable, "-c", script, str(version.path), str(tmp_path), **offline)
    assert out.split() == ["articles", "2", "findings", "4", "claims", "4"]


def _datasette(version: Version, path: str) -> Any:
    out = _run(
        sys.executable,
        "-m",
        "datasette",
        str(version.path / "consilia.sqlite"),
        "--metadata",
        str(version.path / "datasette.yml"),
        "--get",
        path,
    )
    return json.loads(out)


def test_datasette_serves_searches_and_describes_the_tables(version: Version) -> None:
    found = _datasette(version, "/consilia/findings.json?_search=stretching&_shape=array")
    assert [row["label"] for row in found] == ["Stretch the calf"]
    causes = _datasette(version, "/consilia/causes.json?_shape=array&topic=calf+cramps")
    assert {row["label"] for row in causes} == {"Cold", "Tired muscles"}
    described = _datasette(version, "/-/metadata.json")
    columns = described["databases"]["consilia"]["tables"]["findings"]["columns"]
    assert columns["evidence"] == "exactly the article's text[start:end]"


def test_sqlite_keeps_its_own_word(version: Version) -> None:
    db = sqlite3.connect(version.path / "consilia.sqlite")
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in TABLES:
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (version.count(table),)  # noqa: S608
    db.execute("INSERT INTO findings_fts(findings_fts) VALUES ('integrity-check')")
    assert db.execute(
        "SELECT count(*) FROM findings f JOIN articles a USING (article_id) WHERE substr(a.text, f.start + 1, f.end - f.start) = f.evidence"
    ).fetchone() == (4,)
    db.close()


def test_excel_holds_text_where_there_was_a_formula(version: Version) -> None:
    with zipfile.ZipFile(version.path / "consilia.xlsx") as book:
        sheets = {name: book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name}
    assert len(sheets) == 5
    everything = "".join(sheets.values())
    assert "HYPERLINK" in everything
    assert "<f>" not in everything
    assert "<hyperlink" not in everything


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(), min_size=1, max_size=60).filter(str.strip),
    st.lists(st.tuples(st.integers(0, 59), st.integers(1, 20)), max_size=4),
)
@example("0\x85\u2028\u2029", [(0, 4)])
def test_any_text_keeps_its_characters_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, text: str, spans: list[tuple[int, int]]
) -> None:
    root = tmp_path_factory.mktemp("any")
    found = sorted(
        {
            (start, min(start + length, len(text)))
            for start, length in spans
            if text[start : start + length].strip()
        }
    )
    findings = [Finding(Role.CAUSE, "x", start, end) for start, end in found]
    rows = page_rows(Article("https://a.test/", text), a_page("https://a.test/"), SUBJECT, findings, "r")
    version = publish(
        [write_shard([rows], root / "p", "s")], root / "ds", a_run(), formats=("jsonl", "sqlite")
    )
    assert rows.article
    kept = rows.article["text"]
    assert len(kept) == len(text)
    told = [kept[start:end] for start, end in found]
    assert [row["evidence"] for row in version.rows("findings")] == told
    lines = gzip.decompress((version.path / "jsonl" / "findings.jsonl.gz").read_bytes()).decode().splitlines()
    assert [json.loads(line)["evidence"] for line in lines] == told
    with closing(sqlite3.connect(version.path / "consilia.sqlite")) as db:
        assert [row[0] for row in db.execute("SELECT evidence FROM findings ORDER BY rowid")] == told


# schema.org 30.0: properties of the types used here. A word that is not in the list is a mistake in the mapping.
SCHEMA_ORG = {
    "MedicalWebPage": "@id url identifier name inLanguage author publisher datePublished dateModified lastReviewed license audience about hasPart",
    "MedicalCondition": "name citation alternateName cause riskFactor signOrSymptom possibleTreatment primaryPrevention possibleComplication typicalTest",
    "MedicalCause": "name description identifier",
    "MedicalRiskFactor": "name description identifier",
    "MedicalSymptom": "name description identifier",
    "MedicalTherapy": "name description identifier",
    "LifestyleModification": "name description identifier",
    "MedicalTest": "name description identifier",
    "HealthTopicContent": "headline hasHealthAspect hasPart",
    "WebPageElement": "identifier text",
    "Patient": "audienceType",
    "ParentAudience": "audienceType",
    "MedicalAudience": "audienceType",
    "Audience": "audienceType",
    "Person": "name",
    "Organization": "name",
}
EXPECTS = {
    "cause": {"MedicalCause"},
    "riskFactor": {"MedicalRiskFactor"},
    "signOrSymptom": {"MedicalSymptom", "MedicalSign"},
    "possibleTreatment": {"MedicalTherapy", "LifestyleModification"},
    "primaryPrevention": {"MedicalTherapy"},
    "typicalTest": {"MedicalTest"},
}


def _objects(value: Any) -> Sequence[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in _objects(inner))]
    if isinstance(value, list):
        return [found for inner in value for found in _objects(inner)]
    return []


def test_json_ld_speaks_schema_org(version: Version) -> None:
    document = json.loads(gzip.decompress((version.path / "articles.jsonld.gz").read_bytes()))
    assert document["@context"] == "https://schema.org"
    assert len(document["@graph"]) == 2
    for found in _objects(document["@graph"]):
        assert set(found) - {"@type"} <= set(SCHEMA_ORG[found["@type"]].split())
        for name, types in EXPECTS.items():
            assert {item["@type"] for item in found.get(name, ())} <= types
    page = next(page for page in document["@graph"] if page["url"].endswith("cramps"))
    assert [cause["name"] for cause in page["about"]["cause"]] == ["Tired muscles", "Cold"]
    assert page["audience"] == {"@type": "Patient", "audienceType": "patients"}
    assert {part["hasHealthAspect"] for part in page["hasPart"]} == {
        "https://schema.org/CausesHealthAspect",
        "https://schema.org/SelfCareHealthAspect",
    }


def test_json_ld_of_every_role_stays_within_schema_org(version: Version) -> None:
    row = next(row for row in version.rows("articles") if row["causes"])
    item = row["causes"][0]
    roles = {
        "causes": ("cause", "risk_factor"),
        "symptoms": ("symptom",),
        "advice": ("treatment", "self_care", "prevention", "see_doctor"),
        "other": ("complication", "diagnosis"),
    }
    page = as_web_page(
        {**row, **{column: [{**item, "role": role} for role in of] for column, of in roles.items()}}
    )
    for found in _objects(page):
        for name, types in EXPECTS.items():
            assert {item["@type"] for item in found.get(name, ())} <= types
    assert page["about"]["possibleComplication"] == [item["label"]]
    assert len(page["hasPart"]) == 9


def test_the_card_loads_as_yaml_and_names_every_column(version: Version) -> None:
    import yaml

    card = (version.path / "README.md").read_text("utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert {config["config_name"] for config in head["configs"]} == {"articles", "findings", "claims"}
    for config in head["configs"]:
        assert (version.path / config["data_files"]).is_file()
    for spec in TABLES.values():
        for column in spec.columns:
            assert f"| `{column.name}` |" in card
