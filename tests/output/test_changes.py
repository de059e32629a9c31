"""What `consilia diff` tells of two versions."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from output.dataset.changes import change_counts, changes, compare
from output.dataset.merge import Known, pairs, refusals
from output.dataset.parquet import read_rows, table_writer
from output.dataset.publish import publish
from output.dataset.shard import write_shard
from output.dataset.version import Version

from .samples import FINISHED, TEXT, a_run, refused, rows_of, sentences


def _publish(root: Path, run: int, urls: dict[str, str], gone: dict[str, str] | None = None) -> Version:
    pages = [rows_of(url, text, run_id=f"run-{run:04}") for url, text in urls.items()]
    shard = write_shard(pages, root / f"p{run}", "s")
    return publish(
        [shard], root / "ds", a_run(f"run-{run:04}", FINISHED + timedelta(days=run)), gone=gone, formats=()
    )


def test_any_two_versions_compare_as_neighbours_do(tmp_path: Path) -> None:
    first = _publish(tmp_path, 1, {"https://a.test/1": TEXT, "https://a.test/2": sentences(9, 2)})
    second = _publish(tmp_path, 2, {"https://a.test/3": sentences(9, 3)}, {"https://a.test/2": "404"})
    third = _publish(tmp_path, 3, {"https://a.test/1": TEXT + "\nMore.", "https://a.test/2": sentences(9, 2)})
    assert list(changes(first, second)) == list(second.rows("changes"))
    assert list(changes(second, third)) == list(third.rows("changes"))
    over_two = {row["url"]: row["change"] for row in changes(first, third)}
    assert over_two == {"https://a.test/1": "changed", "https://a.test/3": "added"}
    backwards = {row["url"]: row["change"] for row in changes(third, first)}
    assert backwards == {"https://a.test/1": "changed", "https://a.test/3": "removed"}
    assert list(changes(third, third)) == []
    assert change_counts(changes(first, second)) == {
        "added": 1,
        "removed": 1,
        "changed": 0,
        "returned": 0,
        "findings_added": 0,
        "findings_removed": 0,
    }


def test_a_new_model_score_alone_is_no_change() -> None:
    rows = rows_of()
    assert rows.article
    later = {**rows.article, "confidence": 0.5, "run_id": "run-0002", "warc_offset": 9}
    assert compare(Known(rows.article, rows.findings), Known(later, rows.findings)) is None


def test_a_new_topic_is_a_change_and_named() -> None:
    rows = rows_of()
    assert rows.article
    later = {**rows.article, "topic": "sore calves"}
    change = compare(Known(rows.article, rows.findings), Known(later, rows.findings[1:]))
    assert change
    assert (change["fields"], change["findings_removed"]) == (["topic", "findings"], 1)


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 6), st.integers(0, 2), max_size=5),
        min_size=1,
        max_size=4,
    )
)
def test_versions_say_what_the_runs_have_seen(tmp_path_factory: object, runs: list[dict[int, int]]) -> None:
    root = tmp_path_factory.mktemp("runs")  # type: ignore[attr-defined]
    known: dict[str, str] = {}
    for number, seen in enumerate(runs, 1):
        pages = {f"https://a.test/{page}": sentences(4, 10 * page + text) for page, text in seen.items()}
        version = _publish(root, number, pages)
        added = {row["url"] for row in version.rows("changes") if row["change"] == "added"}
        changed = {row["url"] for row in version.rows("changes") if row["change"] == "changed"}
        assert added == set(pages) - set(known)
        assert changed == {url for url, text in pages.items() if url in known and known[url] != text}
        known |= pages
        assert {row["url"]: row["text"] for row in version.rows("articles")} == known


def test_many_shards_merge_in_rounds_and_the_newest_row_wins(tmp_path: Path, monkeypatch: object) -> None:
    import output.dataset.merge as merge

    monkeypatch.setattr(merge, "MAX_OPEN", 3)  # type: ignore[attr-defined]
    shards = []
    for number in range(10):
        pages = [
            rows_of(f"https://a.test/{number}", sentences(3, number)),
            rows_of("https://a.test/same", TEXT + f"\n{number}", day=1 + number),
        ]
        shards.append(write_shard(pages, tmp_path / "p", f"s{number}"))
    merged = list(pairs(None, shards, {}, tmp_path))
    assert [pair.url for pair in merged] == sorted(pair.url for pair in merged)
    assert len(merged) == 11
    same = merged[-1].new
    assert same
    assert same.article["text"].endswith("\n9")
    assert {row["article_id"] for row in same.findings} == {same.article["article_id"]}
    assert len(same.findings) == 4


def test_refusals_of_many_shards_come_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.dataset.merge.MAX_OPEN", 2)
    stages = ["fetch", "cleaning", "fetch", "cleaning", "cleaning"]
    shards = [
        write_shard(
            [
                refused("https://a.test/x", f"reason {9 - number}", stage=stage),
                refused(f"https://a.test/{number}"),
            ],
            tmp_path / "p",
            f"s{number}",
        )
        for number, stage in enumerate(stages)
    ]
    rows = [(row["url"], row["stage"], row["reason"]) for row in refusals(shards, tmp_path)]
    assert rows == sorted(rows)
    assert len(rows) == 10


def test_a_shard_read_twice_tells_everything_once(tmp_path: Path) -> None:
    shard = write_shard([rows_of()], tmp_path, "s")
    (pair,) = pairs(None, [shard, shard], {}, tmp_path)
    assert pair.new
    assert len(pair.new.findings) == 4


def test_rows_stream_through_parquet_unchanged(tmp_path: Path) -> None:
    rows = list(rows_of().findings)
    with table_writer(tmp_path / "x.parquet", "findings") as add:
        for row in rows:
            add(row)
    assert list(read_rows(tmp_path / "x.parquet")) == rows
