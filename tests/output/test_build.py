"""From archives to rows: the same rows wherever they are made, every whole record once, what is wrong named with its place."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from crawler.archive import read_pages
from crawler.engine import Engine, Workers
from output.build import Done, clean_all, tasks
from output.dataset.shard import SHARD_TABLES, read_shards

from ..command import consilia
from .archives import pages, write_archive

WHERE = [
    pytest.param(Workers(), id="inline"),
    pytest.param(Workers(Engine.PROCESSES, 1), id="one process"),
    pytest.param(Workers(Engine.PROCESSES, 2), id="two processes"),
    pytest.param(Workers(Engine.DASK, 2), id="dask"),
]


def contents(done: Sequence[Done]) -> dict[str, str]:
    """A hash of each table's rows, whatever shards they came in."""
    hashes = {}
    for table in SHARD_TABLES:
        rows = [
            json.dumps(row, sort_keys=True, default=str)
            for one in done
            for row in pq.read_table(one.shard.path(table)).to_pylist()
        ]
        hashes[table] = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
    return hashes


def urls(done: Sequence[Done]) -> list[str]:
    """Of every row of an article or a refusal."""
    return sorted(
        url
        for one in done
        for table in ("articles", "refusals")
        for url in pq.read_table(one.shard.path(table), columns=["url"])["url"].to_pylist()
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three WARC files of four pages."""
    return write_archive(tmp_path_factory.mktemp("archive"), pages(12), each=4)


@pytest.fixture(scope="module")
def inline(archive: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Done]:
    """What they come to in this process."""
    return clean_all(tasks(archive, tmp_path_factory.mktemp("rows"), "r1"))


@pytest.mark.parametrize("workers", WHERE[1:])
def test_rows_are_the_same_wherever_they_are_made(
    workers: Workers, archive: list[Path], inline: list[Done], tmp_path: Path
) -> None:
    done = clean_all(tasks(archive, tmp_path, "r1"), workers)
    assert [one.shard.name for one in done] == [one.shard.name for one in inline]
    assert contents(done) == contents(inline)
    assert urls(done) == sorted(page.url for page in pages(12))


def test_a_large_file_is_cut_and_comes_to_the_same(
    archive: list[Path], inline: list[Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("output.build.PART_BYTES", 1500)
    todo = tasks(archive, tmp_path, "r1")
    assert len(todo) > len(archive)
    assert contents(clean_all(todo)) == contents(inline)


def test_what_is_done_is_not_done_again(archive: list[Path], inline: list[Done]) -> None:
    folder = inline[0].shard.folder
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = clean_all(tasks(archive, folder, "r2"))
    assert contents(again) == contents(inline)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_folder_of_everything_gives_every_page_once(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    write_archive(folder / "warc", pages(4), each=2)
    for number, page in enumerate(pages(2)):
        (folder / f"{number}.html").write_bytes(page.body)
    done = clean_all(tasks([folder], tmp_path / "rows", "r1"))
    assert len(done) == 3
    assert len(urls(done)) == len(set(urls(done))) == 6


@pytest.mark.parametrize("cut", [0.3, 0.7])
def test_of_a_cut_file_every_whole_record_is_used_and_the_rest_is_told(tmp_path: Path, cut: float) -> None:
    files = write_archive(tmp_path / "a", pages(12), each=6)
    content = files[0].read_bytes()
    records = [page.record for page in read_pages([files[0]]) if page.record]
    end = int(len(content) * cut)
    files[0].write_bytes(content[:end])
    whole = sum(record.offset + record.length <= end for record in records)
    done = clean_all(tasks(files, tmp_path / "rows", "r1"))
    assert urls(done) == sorted(page.url for page in [*pages(12)[:whole], *pages(12)[6:]])
    (failure,) = done[0].failures
    assert (failure.file, failure.offset) == (files[0].name, records[whole].offset)
    assert failure.error == "the file ends inside a record; passed over up to the end"


def test_of_a_damaged_file_only_the_damaged_record_is_missing(tmp_path: Path) -> None:
    (file,) = write_archive(tmp_path / "a", pages(6))
    record = list(read_pages([file]))[2].record
    assert record
    content = bytearray(file.read_bytes())
    content[record.offset + 300 : record.offset + 340] = bytes(40)
    file.write_bytes(content)
    (done,) = clean_all(tasks([file], tmp_path / "rows", "r1"))
    assert urls([done]) == sorted(page.url for number, page in enumerate(pages(6)) if number != 2)
    (failure,) = done.failures
    assert failure.offset == record.offset
    assert failure.error.endswith(f"passed over up to {record.offset + record.length}")


def test_build_tells_of_damage_publishes_the_rest_and_fails(tmp_path: Path) -> None:
    files = write_archive(tmp_path / "a", pages(6), each=3)
    files[1].write_bytes(files[1].read_bytes()[:-100])
    done = consilia(
        "build", *files, "--engine", "processes", "--workers", "1", "--data", "d", cwd=tmp_path, code=1
    )
    rows = read_shards(tmp_path / "d" / "rows" / "foreign")
    assert sum(shard.stats.articles for shard in rows) == 4
    assert "articles" in done.stdout
    assert f"{files[1].name} at byte" in done.stderr
    assert "the file ends inside a record" in done.stderr
    assert (tmp_path / "d" / "dataset" / "latest" / "report.html").exists()


def test_a_scheduler_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    files = write_archive(tmp_path / "a", pages(1))
    done = consilia("build", *files, "--scheduler", "tcp://127.0.0.1:9", "--data", "d", cwd=tmp_path, code=1)
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith("consilia: the scheduler at tcp://127.0.0.1:9 does not answer")
    )


def test_an_archive_at_an_address_is_read_like_a_file(
    archive: list[Path], inline: list[Done], tmp_path: Path
) -> None:
    for file in archive:
        with fsspec.open(f"memory://bucket/crawl/{file.name}", "wb") as copy:
            copy.write(file.read_bytes())
    for source in ("memory://bucket/crawl", "memory://bucket/crawl/*.warc.gz"):
        done = clean_all(tasks([source], tmp_path / str(len(source)), "r1"))
        assert contents(done) == contents(inline)
