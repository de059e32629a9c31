"""Parts of a version in a format of choice."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from output.dataset.export import export, select, write_part
from output.dataset.formats import FORMATS
from output.dataset.publish import publish
from output.dataset.selection import BadCondition, Selection, parse_conditions
from output.dataset.shard import write_shard
from output.dataset.version import Version

from .samples import TEXT, a_run, folder_bytes, rows_of, sentences


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    root = tmp_path_factory.mktemp("export")
    pages = [
        rows_of(),
        rows_of(
            "https://open.test/a",
            sentences(20, 1),
            site="open",
            license="CC BY 4.0",
            language="de",
            title="Offen",
        ),
        rows_of(
            "https://open.test/b",
            sentences(20, 2),
            site="open",
            license="CC BY 4.0",
            headers=[("tdm-reservation", "1")],
        ),
    ]
    return publish([write_shard(pages, root / "p", "s")], root / "ds", a_run(), formats=())


WHERE = [
    pytest.param([], 3, 4, id="everything"),
    pytest.param(["site=demo"], 1, 4, id="an article's column"),
    pytest.param(["site=demo,open"], 3, 4, id="one of several"),
    pytest.param(["site!=demo"], 2, 0, id="not"),
    pytest.param(["role=cause"], 1, 2, id="a finding's column"),
    pytest.param(["role_group=advice and polarity=avoid"], 1, 1, id="two on findings"),
    pytest.param(["findings.confidence>=0.9"], 1, 2, id="the table named"),
    pytest.param(["articles.confidence>=0.9"], 3, 4, id="the other table named"),
    pytest.param(["url~cramps", "topic=calf cramps"], 1, 4, id="names that mean the same in both tables"),
    pytest.param(["status!=gone,changed"], 3, 4, id="values that there are"),
    pytest.param(["title~CALF"], 2, 4, id="contains, in any case"),
    pytest.param(["title='Offen'"], 1, 0, id="quoted"),
    pytest.param(["tdm_reservation=true"], 1, 0, id="a flag"),
    pytest.param(["author=nobody"], 0, 0, id="nothing left"),
    pytest.param(["date_published>=2026-01-01", "language=en"], 2, 4, id="a time, and another"),
    pytest.param(["n_findings>0"], 1, 4, id="a number"),
]


@pytest.mark.parametrize(("where", "articles", "findings"), WHERE)
def test_conditions_choose_articles_and_their_findings(
    version: Version, tmp_path: Path, where: list[str], articles: int, findings: int
) -> None:
    export(version, "parquet", tmp_path, where=where)
    assert len(pd.read_parquet(tmp_path / "data" / "articles.parquet")) == articles
    assert len(pd.read_parquet(tmp_path / "data" / "findings.parquet")) == findings


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("colour=red", "no column colour"),
        ("site", "write column=value"),
        ("site==x y z >", None),
        ("n_findings=many", "'many' is no int32"),
        ("shareable=maybe", "true or false"),
        ("causes=x", "is a list"),
        ("n_findings~3", "~ looks into text"),
        ("date_published>soon", "'soon' is no timestamp"),
        ("n_findings=99999999999999", "is no int32"),
        ("confidence>=0.8", "both tables have it: write articles.confidence or findings.confidence"),
        ("text~cramp", "articles.text or findings.text"),
        ("role=couse", "role is never 'couse', but cause, risk_factor"),
        ("status!=unchangd", "status is never 'unchangd'"),
        ("role=cause or role=symptom", "there is no or"),
    ],
)
def test_a_condition_that_makes_no_sense_is_named(condition: str, named: str | None) -> None:
    if named is None:
        assert parse_conditions([condition])
        return
    with pytest.raises(BadCondition) as raised:
        parse_conditions([condition])
    assert condition in str(raised.value)
    assert named in str(raised.value)
    assert "\n" not in str(raised.value)


def test_only_what_may_be_shared_is_exported(version: Version, tmp_path: Path) -> None:
    export(version, "jsonl", tmp_path, shareable_only=True)
    lines = gzip.decompress((tmp_path / "jsonl" / "articles.jsonl.gz").read_bytes()).decode().splitlines()
    assert [json.loads(line)["url"] for line in lines] == ["https://open.test/a"]
    assert not (tmp_path / "jsonl" / "claims.jsonl.gz").exists()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_says_what_it_wrote_and_writes_it_alike(
    version: Version, tmp_path: Path, name: str
) -> None:
    written = export(version, name, tmp_path / "one", where=["site=demo"])
    assert written
    assert all(path.is_file() for path in written)
    export(version, name, tmp_path / "two", where=["site=demo"])
    assert folder_bytes(tmp_path / "one") == folder_bytes(tmp_path / "two")


def test_a_version_is_not_written_into(version: Version) -> None:
    with pytest.raises(ValueError, match="not written into"):
        export(version, "csv", version.path)


def test_an_unknown_format_names_the_known(version: Version, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="known: parquet, jsonl"):
        export(version, "docx", tmp_path)


def test_a_part_has_no_claims_and_a_whole_has(version: Version) -> None:
    assert Selection(version.path).tables[2] == "claims"
    assert Selection(version.path, parse_conditions(["site=demo"])).tables == ("articles", "findings")


def test_a_part_holds_the_findings_asked_for_and_no_others(version: Version, tmp_path: Path) -> None:
    part = select(version, ["role=self_care", "polarity=avoid"])
    (article,) = part.rows("articles")
    (finding,) = part.rows("findings")
    assert [item["finding_id"] for item in article["advice"]] == [finding["finding_id"]]
    assert (article["causes"], article["n_findings"]) == ([], 1)
    assert (part.count("articles"), part.count("findings")) == (1, 1)
    write_part(part, "jsonld", tmp_path)
    (page,) = json.loads(gzip.decompress((tmp_path / "articles.jsonld.gz").read_bytes()))["@graph"]
    assert [aspect["headline"] for aspect in page["hasPart"]] == ["Self-care"]
    assert "cause" not in page["about"]


def test_nested_findings_are_told_apart_across_batches(
    version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [rows_of(f"https://demo.test/{n:03}", f"{TEXT}\nPage {n}.") for n in range(5)]
    several = publish([write_shard(pages, tmp_path / "p", "s")], tmp_path / "ds", a_run(), formats=())
    monkeypatch.setattr("output.dataset.selection.BATCH_ROWS", 2)
    rows = list(select(several, ["role=cause", "url!=https://demo.test/001"]).rows("articles"))
    assert [(row["url"][-3:], len(row["causes"]), row["advice"]) for row in rows] == [
        (number, 2, []) for number in ("000", "002", "003", "004")
    ]
