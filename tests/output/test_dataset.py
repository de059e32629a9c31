"""Shards: whole or not there, whatever kills the writer."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from output.dataset.duplicates import canonical_articles, copy_of, duplicates_within_sites, signature
from output.dataset.rows import PageRows
from output.dataset.shard import ShardStats, read_shard, read_shards, write_shard
from output.dataset.version import Version, open_version

from .samples import TEXT, refused, rows_of, sentences


def test_a_shard_is_sorted_counted_and_read_back(tmp_path: Path) -> None:
    pages = [rows_of("https://b.test"), refused("https://c.test"), rows_of("https://a.test", site="other")]
    shard = write_shard(pages, tmp_path, "demo-22.warc")
    assert pq.read_table(shard.path("articles"))["url"].to_pylist() == ["https://a.test", "https://b.test"]
    assert shard.stats == ShardStats(
        3,
        2,
        8,
        1,
        {
            "demo": {"articles": 1, "findings": 4, "refusals": 1},
            "other": {"articles": 1, "findings": 4, "refusals": 0},
        },
        {"cause": 4, "self_care": 4},
        {"cleaning: login page": 1},
    )
    assert read_shards(tmp_path) == [shard]


def test_statistics_add_up_in_any_order(tmp_path: Path) -> None:
    one = write_shard([rows_of(), refused("https://x.test")], tmp_path, "one").stats
    other = write_shard([rows_of("https://b.test", site="other")], tmp_path, "other").stats
    together = write_shard(
        [rows_of(), refused("https://x.test"), rows_of("https://b.test", site="other")], tmp_path, "both"
    ).stats
    assert one + other == other + one == together
    assert one + ShardStats() == one


def test_a_complete_shard_is_not_made_again(tmp_path: Path) -> None:
    first = write_shard([rows_of()], tmp_path, "s")

    def never() -> Iterator[PageRows]:
        raise AssertionError("the pages were read again")
        yield

    assert write_shard(never(), tmp_path, "s") == first


def test_a_failure_on_the_way_leaves_nothing_that_counts(tmp_path: Path) -> None:
    def broken() -> Iterator[PageRows]:
        yield rows_of()
        raise RuntimeError("page 2")

    with pytest.raises(RuntimeError, match="page 2"):
        write_shard(broken(), tmp_path, "s")
    assert read_shard(tmp_path, "s") is None
    assert list(tmp_path.iterdir()) == []


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shard name"):
        write_shard([], tmp_path, "../x")


_WRITER = """
import sys
from pathlib import Path
from tests.output.samples import rows_of, sentences
from output.dataset.shard import write_shard
print("ready", flush=True)
number = 0
while True:
    write_shard([rows_of(f"https://a.test/{n}", sentences(20, n)) for n in range(40)], Path(sys.argv[1]), f"s{number}")
    number += 1
"""


def test_killed_writers_leave_only_whole_shards(tmp_path: Path) -> None:
    for attempt in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(0.15 + 0.11 * attempt)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        for shard in read_shards(tmp_path):
            assert pq.read_table(shard.path("articles")).num_rows == 40
            assert pq.read_table(shard.path("findings")).num_rows == shard.stats.findings
    again = write_shard([rows_of()], tmp_path, "after")
    assert read_shard(tmp_path, "after") == again


def test_open_version_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no published version here"):
        open_version(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no version \.\./\.\./etc"):
        open_version(tmp_path, "../../etc")


def _copy(url: str, text: str, site: str = "a", **facts: str):  # type: ignore[no-untyped-def]
    row = rows_of(url, text, site=site, **facts).article  # type: ignore[arg-type]
    assert row
    return copy_of(row)


def test_near_duplicates_lead_to_the_oldest() -> None:
    base = sentences(60, 1)
    copies = [
        _copy("https://b.test/1", base + "\nReprinted.", "b", published="2026-04-01"),
        _copy("https://a.test/1", base, "a", published="2026-01-01"),
        _copy("https://c.test/1", "Intro line.\n" + base, "c", published="2026-05-01"),
        _copy("https://d.test/1", sentences(60, 2), "d"),
    ]
    original = copies[1].article_id
    assert canonical_articles(copies) == {copies[0].article_id: original, copies[2].article_id: original}
    assert canonical_articles(reversed(copies)) == canonical_articles(copies)


def test_a_canonical_address_is_believed_only_where_the_text_agrees() -> None:
    base = sentences(60, 1)
    page = _copy("https://a.test/1", base)
    printed = _copy("https://a.test/print/1", "Print view\n" + base, canonical_url="https://a.test/1")
    front = _copy("https://a.test/2", sentences(60, 2), canonical_url="https://a.test/1")
    assert duplicates_within_sites([page, printed, front]) == {printed.url: page.url}


def test_short_and_empty_texts_have_signatures() -> None:
    assert len(signature("")) == len(signature("one")) == len(signature(TEXT)) == 512
    assert signature("one two") != signature("three four")


def test_a_version_knows_its_files(tmp_path: Path) -> None:
    assert Version(tmp_path / "2026-11-22T050000Z").id == "2026-11-22T050000Z"
