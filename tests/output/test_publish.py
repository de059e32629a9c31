"""A version appears whole or not at all, and says what it is made of."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crawler.engine import Engine, Workers
from output.dataset.check import CheckFailed
from output.dataset.formats import FORMATS
from output.dataset.publish import PublishError, publish
from output.dataset.rows import PageRows
from output.dataset.run import SiteCounts
from output.dataset.shard import write_shard
from output.dataset.version import Version, latest, load, open_version, versions

from .samples import FINISHED, TEXT, a_run, folder_bytes, refused, rows_of, sentences

URL = "https://demo.test/cramps"


def _publish(
    root: Path, *pages: PageRows, run: int = 1, gone: dict[str, str] | None = None, **options: object
) -> Version:
    shard = write_shard(pages, root / "parts" / f"run-{run:04}", "shard-0")
    info = a_run(f"run-{run:04}", FINISHED + timedelta(days=run))
    options.setdefault("formats", ())
    return publish([shard], root / "ds", info, gone=gone, **options)  # type: ignore[arg-type]


def _status(version: Version) -> dict[str, str]:
    return {row["url"]: row["status"] for row in version.rows("articles")}


def test_a_version_holds_every_table_and_latest_leads_to_it(tmp_path: Path) -> None:
    version = _publish(tmp_path, rows_of(), refused("https://demo.test/login"))
    assert version.id == "2026-11-23T050000Z"
    assert latest(tmp_path / "ds") == version == open_version(tmp_path / "ds")
    assert {
        name: version.count(name) for name in ("articles", "findings", "refusals", "runs", "changes")
    } == {
        "articles": 1,
        "findings": 4,
        "refusals": 1,
        "runs": 1,
        "changes": 1,
    }
    assert version.count("claims") == 4


def test_an_empty_run_writes_the_same_columns(tmp_path: Path) -> None:
    empty = load(_publish(tmp_path / "a"))
    full = load(_publish(tmp_path / "b", rows_of()))
    for name, frame in full.items():
        assert list(frame.columns) == list(empty[name].columns)
        assert list(frame.dtypes) == list(empty[name].dtypes)
    assert len(empty["articles"]) == 0


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    pages = [rows_of(), rows_of("https://demo.test/b", sentences(20, 1)), refused("https://demo.test/x")]
    one = _publish(tmp_path / "a", *pages, formats=tuple(FORMATS))
    other = _publish(tmp_path / "b", *reversed(pages), formats=tuple(FORMATS))
    assert folder_bytes(one.path) == folder_bytes(other.path)


_PUBLISH_THERE = """
import sys
from pathlib import Path
from tests.output.samples import a_run, rows_of, sentences
from output.dataset.publish import publish
from output.dataset.shard import write_shard
from output.dataset.formats import FORMATS
from output.report import write_pages, write_report

def finish(version):
    write_pages(version, version.path / "pages")
    write_report(version, version.path / "report.html", pages="pages/")

root = Path(sys.argv[1])
pages = [rows_of(f"https://s{n % 3}.test/{n}", sentences(20, n // 2), site=f"s{n % 3}") for n in range(9)] + [rows_of()]
publish([write_shard(pages, root / "p", "s")], root / "ds", a_run(), formats=tuple(FORMATS), finish=finish)
"""


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    repository = Path(__file__).parents[2]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"}
        command = [sys.executable, "-c", _PUBLISH_THERE, str(tmp_path / seed)]
        subprocess.run(command, check=True, cwd=repository, env=environment)
    one, other = (folder_bytes(tmp_path / seed / "ds" / "latest" / "") for seed in ("1", "2"))
    assert [name for name in one if one[name] != other.get(name)] == []
    assert len(one) > 30


def test_a_version_of_older_columns_is_carried_on(tmp_path: Path) -> None:
    first = _publish(tmp_path, rows_of(), rows_of("https://demo.test/b", sentences(20, 1)))
    dropped = {
        "articles": ["shareable", "robots", "other", "has_disclaimer"],
        "findings": ["also"],
        "runs": ["n_errors"],
    }
    for table, columns in dropped.items():
        whole = pq.read_table(first.file(table))
        pq.write_table(whole.drop_columns(columns), first.file(table))
    second = _publish(tmp_path, rows_of(run_id="run-0002"), run=2)
    assert _status(second) == {URL: "unchanged", "https://demo.test/b": "unchanged"}
    assert second.count("changes") == 0
    assert second.count("runs") == 2
    kept = next(row for row in second.rows("articles") if row["url"] != URL)
    assert (kept["shareable"], kept["robots"], kept["other"]) == (False, None, [])


def test_manifest_and_sums_are_those_of_the_files(tmp_path: Path) -> None:
    version = _publish(tmp_path, rows_of())
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=version.path).returncode == 0
    manifest = version.manifest
    assert manifest["rows"]["findings"] == 4
    assert manifest["previous_version"] is None
    assert manifest["warcs"] == {"demo-22.warc.gz": "1" * 64}
    for name, facts in manifest["files"].items():
        content = (version.path / name).read_bytes()
        assert facts == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    listed = {path.relative_to(version.path).as_posix() for path in version.path.rglob("*") if path.is_file()}
    assert listed == {*manifest["files"], "manifest.json", "SHA256SUMS"}


def test_a_month_of_changes_is_told_night_by_night(tmp_path: Path) -> None:
    _publish(tmp_path, rows_of(), rows_of("https://demo.test/b", sentences(20, 1)))
    second = _publish(
        tmp_path,
        rows_of(text=TEXT + "\nWarm socks help too.", run_id="run-0002"),
        rows_of("https://demo.test/c", sentences(20, 2), run_id="run-0002"),
        run=2,
    )
    assert _status(second) == {
        URL: "changed",
        "https://demo.test/b": "unchanged",
        "https://demo.test/c": "new",
    }
    changes = {row["url"]: row for row in second.rows("changes")}
    assert changes[URL]["fields"] == ["text"]
    assert changes[URL]["findings_added"] == changes[URL]["findings_removed"] == 0
    assert changes["https://demo.test/c"]["change"] == "added"
    third = _publish(
        tmp_path,
        refused("https://demo.test/c", "login page", run_id="run-0003"),
        run=3,
        gone={"https://demo.test/b": "404 twice"},
    )
    assert _status(third) == {URL: "unchanged", "https://demo.test/b": "gone", "https://demo.test/c": "gone"}
    notes = {row["url"]: row["note"] for row in third.rows("changes")}
    assert notes == {"https://demo.test/b": "404 twice", "https://demo.test/c": "login page"}
    fourth = _publish(tmp_path, rows_of("https://demo.test/b", sentences(20, 1), run_id="run-0004"), run=4)
    assert _status(fourth)["https://demo.test/b"] == "changed"
    assert [row["change"] for row in fourth.rows("changes")] == ["returned"]
    assert [row["run_id"] for row in fourth.rows("runs")] == ["run-0001", "run-0002", "run-0003", "run-0004"]
    assert next(row for row in fourth.rows("articles") if row["url"] == URL)["first_run_id"] == "run-0001"


def test_a_page_that_could_not_be_fetched_stays(tmp_path: Path) -> None:
    _publish(tmp_path, rows_of())
    second = _publish(tmp_path, refused(URL, "timeout", stage="fetch", run_id="run-0002"), run=2)
    assert _status(second) == {URL: "unchanged"}


def test_findings_keep_their_ids_while_their_words_stay(tmp_path: Path) -> None:
    first = _publish(tmp_path, rows_of())
    second = _publish(tmp_path, rows_of(text="New first line.\n" + TEXT, run_id="run-0002"), run=2)
    ids = [[row["finding_id"] for row in version.rows("findings")] for version in (first, second)]
    assert ids[0] == ids[1]
    starts = [[row["start"] for row in version.rows("findings")] for version in (first, second)]
    assert starts[0] != starts[1]


def test_one_text_under_two_addresses_of_a_site_is_one_article(tmp_path: Path) -> None:
    version = _publish(
        tmp_path, rows_of(URL + "?from=home", canonical_url=URL), rows_of(URL, canonical_url=URL)
    )
    assert _status(version) == {URL: "new"}
    refusal = next(version.rows("refusals"))
    assert (refusal["url"], refusal["stage"], refusal["reason"]) == (
        URL + "?from=home",
        "dataset",
        "duplicate",
    )
    assert URL in refusal["detail"]


def test_a_copy_on_another_site_is_marked_and_counted_once(tmp_path: Path) -> None:
    text = TEXT + "\n" + sentences(30)
    version = _publish(
        tmp_path,
        rows_of(text=text),
        rows_of(
            "https://mirror.test/a", text + "\nCopied with thanks.", site="mirror", published="2026-05-01"
        ),
        rows_of("https://own.test/a", sentences(40, 3), site="own"),
    )
    articles = {row["url"]: row for row in version.rows("articles")}
    original = articles[URL]["article_id"]
    assert articles[URL]["canonical_article_id"] == original
    assert articles["https://mirror.test/a"]["canonical_article_id"] == original
    assert (
        articles["https://own.test/a"]["canonical_article_id"] == articles["https://own.test/a"]["article_id"]
    )
    assert {row["n_articles"] for row in version.rows("claims")} == {1}


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        pytest.param("evidence", "Something else.", "evidence", id="evidence is not the text at its offsets"),
        pytest.param("confidence", 1.5, "confidence", id="a share above one"),
        pytest.param("polarity", "maybe", "polarity", id="an unknown value"),
        pytest.param("parent_finding_id", "f" * 64, "parent_finding_id", id="a parent that is not there"),
        pytest.param("article_id", "e" * 64, "findings", id="an article that is not there"),
    ],
)
def test_a_bad_row_keeps_the_version_before(tmp_path: Path, column: str, value: object, named: str) -> None:
    good = _publish(tmp_path, rows_of())
    rows = rows_of("https://demo.test/z", TEXT + "\nMore.", run_id="run-0002")
    rows.findings[1][column] = value
    with pytest.raises(CheckFailed) as raised:
        _publish(tmp_path, rows, run=2)
    message = str(raised.value)
    assert "\n" not in message
    assert named in message
    assert latest(tmp_path / "ds") == good
    assert [path.name for path in (tmp_path / "ds" / "versions").iterdir()] == [good.id]


def test_ids_sort_after_each_other_when_the_clock_stands_or_goes_back(tmp_path: Path) -> None:
    ids = []
    for run, moment in enumerate(
        [FINISHED, FINISHED, FINISHED - timedelta(days=300), FINISHED + timedelta(seconds=1)]
    ):
        shard = write_shard([rows_of()], tmp_path / f"p{run}", "s")
        ids.append(publish([shard], tmp_path / "ds", a_run(f"r{run}", moment), formats=()).id)
    assert ids == sorted(ids)
    assert ids == [
        "2026-11-22T050000Z",
        "2026-11-22T050000Z-002",
        "2026-11-22T050000Z-003",
        "2026-11-22T050001Z",
    ]
    assert [version.id for version in versions(tmp_path / "ds")] == ids


def test_a_full_disk_is_one_clear_line_and_changes_nothing(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", small]).returncode
    ):
        pytest.skip("a small tmpfs cannot be mounted here (needs root)")
    try:
        shard = write_shard([rows_of()], tmp_path / "p1", "s")
        good = publish([shard], small / "ds", a_run(), formats=("jsonl",))
        more = [rows_of(f"https://demo.test/{n}", sentences(400, n), run_id="run-0002") for n in range(150)]
        big = write_shard(more, tmp_path / "p2", "s")
        with pytest.raises(
            PublishError, match="no space left on the disk; the version before stays published"
        ):
            publish([big], small / "ds", a_run("run-0002", FINISHED + timedelta(days=1)))
        assert latest(small / "ds") == good
        assert [path.name for path in (small / "ds" / "versions").iterdir()] == [good.id]
        assert len(load(small / "ds")["findings"]) == 4
    finally:
        subprocess.run(["umount", small], check=True)


def test_two_publishers_do_not_meet(tmp_path: Path) -> None:
    _publish(tmp_path, rows_of())
    with (tmp_path / "ds" / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(PublishError, match="another process"):
            _publish(tmp_path, rows_of(), run=2)


def test_what_a_killed_publisher_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / "ds" / "versions" / ".tmp-2026-11-01T000000Z"
    (left / "data").mkdir(parents=True)
    (left / "data" / "articles.parquet").write_bytes(b"PAR1 half")
    _publish(tmp_path, rows_of())
    assert not left.exists()


def test_parquet_says_what_its_columns_mean(tmp_path: Path) -> None:
    version = _publish(tmp_path, rows_of())
    schema = pq.read_schema(version.file("findings"))
    assert schema.field("evidence").metadata[b"description"] == b"exactly the article's text[start:end]"
    assert not schema.field("evidence").nullable
    metadata = pq.read_metadata(version.file("articles"))
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_what_finish_adds_is_sealed_with_the_version(tmp_path: Path) -> None:
    version = _publish(
        tmp_path,
        rows_of(),
        finish=lambda version: (version.path / "report.html").write_text("<p>", "utf-8") and None,
    )
    assert version.manifest["files"]["report.html"]["bytes"] == 3


def test_a_run_row_counts_site_by_site(tmp_path: Path) -> None:
    shard = write_shard([rows_of(), refused("https://demo.test/x")], tmp_path / "p", "s")
    waved = ("pages: 2, the last good run had 9",)
    version = publish([shard], tmp_path / "ds", a_run(demo=SiteCounts(5, 2, 1, accepted_gates=waved)))
    run = next(version.rows("runs"))
    assert (run["n_pages"], run["n_unchanged"], run["n_articles"], run["n_refused"]) == (5, 2, 1, 1)
    assert run["sites"] == [
        {
            "site": "demo",
            "fetched": 5,
            "unchanged": 2,
            "failed": 1,
            "articles": 1,
            "refused": 1,
            "findings": 4,
            "known": 1,
            "failed_gates": [],
            "accepted_gates": ["pages: 2, the last good run had 9"],
        }
    ]
    assert json.loads(run["config_json"]) == {"profiles": ["demo"]}


def test_a_copy_of_an_article_that_no_shard_holds_any_more_is_told(tmp_path: Path) -> None:
    text = sentences(20, 1)
    first = _publish(tmp_path, rows_of("https://demo.test/b", text, published="2026-01-01"))
    copied = rows_of("https://mirror.test/b", f"{text} Copied.", published="2026-02-01", run_id="run-0002")
    second = _publish(tmp_path, copied, run=2)
    (original,) = (row["article_id"] for row in first.rows("articles"))
    assert {row["canonical_article_id"] for row in second.rows("articles")} == {original}


def test_claims_grouped_by_workers_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [rows_of(), rows_of("https://demo.test/b", TEXT.replace("calf", "leg"))]
    whole = _publish(tmp_path / "a", *pages)
    monkeypatch.setattr("output.dataset.claims.FINDINGS_AT_ONCE", 1)
    dealt = _publish(tmp_path / "b", *pages, workers=Workers(Engine.PROCESSES, 2))
    assert list(whole.rows("claims")) == list(dealt.rows("claims"))
    assert list(whole.rows("findings")) == list(dealt.rows("findings"))


def test_findings_of_gone_articles_stay_and_are_counted_nowhere(tmp_path: Path) -> None:
    other = "https://demo.test/b"
    _publish(tmp_path, rows_of(), rows_of(other, TEXT + "\nMore."))
    second = _publish(tmp_path, run=2, gone={other: "status 410"}, formats=("jsonl",))
    assert second.count("findings") == 8
    assert (second.facts["articles"], second.facts["findings"]) == (1, 4)
    assert second.facts["findings_by_role"] == {"cause": 2, "self_care": 2}
    assert sum(second.facts["confidence"].values()) == sum(second.facts["decided_by"].values()) == 4
    assert "1 articles, 4 findings" in (second.path / "README.md").read_text()


def test_a_run_counts_what_it_has_read_itself(tmp_path: Path) -> None:
    quiet = write_shard([rows_of(), refused("https://demo.test/x")], tmp_path / "p", "one")
    fresh = write_shard(
        [rows_of("https://demo.test/b", TEXT + "\nMore.", run_id="r2")], tmp_path / "p", "two"
    )
    version = publish([quiet, fresh], tmp_path / "ds", a_run("r2", demo=SiteCounts(fetched=1, unchanged=2)))
    (run,) = version.rows("runs")
    assert (run["n_pages"], run["n_articles"], run["n_refused"], run["n_findings"]) == (1, 1, 0, 4)
    (site,) = run["sites"]
    assert (site["articles"], site["findings"], site["known"]) == (1, 4, 2)
