"""Only the records that an index in Common Crawl's form names are read, and of a general crawl only what speaks of health is cleaned."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.archive import read_pages
from crawler.page import Page
from output.build import clean_all, index_tasks, tasks
from output.commoncrawl import BadIndex, wanted

from ..command import consilia
from .archives import pages, write_archive
from .test_build import urls

PREFIX = "crawl-data/CC-MAIN-2026-47/segments/1.0/warc"


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Two WARC files in the folders of a Common Crawl, and their index."""
    warcs = tmp_path / PREFIX
    files = write_archive(warcs, pages(12), each=6)
    rows = [
        {
            "url": page.url,
            "fetch_status": 200 if number != 4 else 404,
            "content_mime_detected": "text/html",
            "warc_filename": f"{PREFIX}/{page.record.file}",
            "warc_record_offset": page.record.offset,
            "warc_record_length": page.record.length,
        }
        for number, page in enumerate(read_pages(files))
        if page.record
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "index.parquet")
    return tmp_path


def some_rows(crawl: Path, numbers: list[int]) -> Path:
    """An index of these rows alone."""
    path = crawl / "some.parquet"
    pq.write_table(pq.read_table(crawl / "index.parquet").take(numbers), path)
    return path


def test_only_the_records_named_are_read(crawl: Path) -> None:
    index = some_rows(crawl, [7, 1, 3, 1, 4])
    told = list(wanted([index], crawl))
    assert [len(places) for _, places in told] == [2, 1]
    done = clean_all(index_tasks(told, crawl / "rows", "r"))
    assert urls(done) == sorted(f"http://remedies.example/{number}" for number in (1, 3, 7))


def test_a_whole_crawl_by_its_index_is_the_crawl(crawl: Path) -> None:
    done = clean_all(index_tasks(wanted([crawl / "index.parquet"], crawl), crawl / "rows", "r"))
    assert urls(done) == sorted(page.url for number, page in enumerate(pages(12)) if number != 4)


def test_an_index_that_lies_is_told_and_costs_nothing_else(crawl: Path) -> None:
    table = pq.read_table(crawl / "index.parquet").to_pylist()
    table[2]["warc_record_offset"] += 7
    pq.write_table(pa.Table.from_pylist(table), crawl / "lies.parquet")
    done = clean_all(index_tasks(wanted([crawl / "lies.parquet"], crawl), crawl / "rows", "r"))
    assert len(urls(done)) == 10
    (failure,) = [failure for one in done for failure in one.failures]
    assert (failure.offset, failure.error) == (table[2]["warc_record_offset"], "no page's record here")


def test_a_file_that_is_no_index_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"url": ["http://a.example/"]}), tmp_path / "other.parquet")
    with pytest.raises(BadIndex, match=r"other.parquet: no column warc_filename"):
        list(wanted([tmp_path / "other.parquet"], tmp_path))


def test_build_reads_an_index(crawl: Path) -> None:
    index = some_rows(crawl, [0, 1])
    done = consilia("build", "--index", index, "--base", crawl, "--data", "d", cwd=crawl)
    assert "articles" in done.stdout
    told = pq.read_table(crawl / "d" / "dataset" / "latest" / "data" / "articles.parquet", columns=["url"])
    assert set(told["url"].to_pylist()) <= {"http://remedies.example/0", "http://remedies.example/1"}


def test_pages_that_do_not_speak_of_health_are_refused_and_counted(tmp_path: Path) -> None:
    other = (
        b"<html><title>Sanding</title><p>" + b"Sand the table along the grain and wipe the dust away. " * 30
    )
    symptoms = pages(1)[0].body.replace(b"hiccups", b"hiccups, a symptom with many treatments,")
    archive = [Page("http://a.example/table", other), Page("http://b.example/hiccups", symptoms)]
    (done,) = clean_all(tasks(write_archive(tmp_path / "a", archive), tmp_path / "rows", "r", health=True))
    assert done.shard.stats.by_reason == {"cleaning: not about health": 1}
    assert done.shard.stats.articles == 1
