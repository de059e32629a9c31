"""Parts of a WARC file: together they hold every record once; damage costs its own record."""

import gzip
from itertools import pairwise
from pathlib import Path

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.archive import Archive, BadArchive, next_record, read_pages, read_part, read_places
from crawler.page import Page


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pages, some of which hold what looks like the start of a record."""
    archive = Archive(tmp_path_factory.mktemp("archive"), "clinic")
    for number in range(40):
        body = b"<p>Drink water.</p>" * number + b"\x1f\x8b\x08WARC/1.1\r\n" * (number % 3)
        archive.write(Page(f"http://clinic.example/{number}", body))
    archive.close()
    return next(archive.folder.iterdir())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 14_000), max_size=6))
def test_parts_that_adjoin_hold_every_page_once(file: Path, cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), None]
    pages = [
        page for start, end in pairwise(bounds) if start is not None for page in read_part(file, start, end)
    ]
    assert pages == list(read_pages([file]))
    assert {page.site for page in pages} == {"clinic"}


def test_places_give_their_pages_and_nothing_else(file: Path) -> None:
    whole = list(read_pages([file]))
    records = [page.record for page in (whole[7], whole[3]) if page.record]
    places = [(record.offset, record.length) for record in records]
    assert list(read_places(file, places)) == [whole[7], whole[3]]
    with pytest.raises(BadArchive, match="no page's record here at byte 1"):
        list(read_places(file, [(1, 100)]))


def test_a_file_compressed_as_a_whole_is_one_part(file: Path, tmp_path: Path) -> None:
    solid = tmp_path / "solid.warc.gz"
    solid.write_bytes(gzip.compress(gzip.decompress(file.read_bytes())))
    half = solid.stat().st_size // 2
    assert len(list(read_part(solid, 0, half))) == 40
    assert list(read_part(solid, half)) == []


def test_behind_damage_the_next_record_is_found(file: Path, tmp_path: Path) -> None:
    whole = list(read_pages([file]))
    record = whole[20].record
    assert record
    broken = tmp_path / file.name
    content = bytearray(file.read_bytes())
    content[record.offset + 40 : record.offset + 60] = bytes(20)
    broken.write_bytes(content)
    with pytest.raises(BadArchive) as caught:
        list(read_part(broken))
    assert caught.value.offset == record.offset
    assert next_record(broken, record.offset + 1) == record.offset + record.length
    assert list(read_part(broken, record.offset + 1)) == whole[21:]
    assert next_record(broken, len(content) - 10) is None


def test_addresses_are_read_like_paths(file: Path) -> None:
    with fsspec.open("memory://crawl/clinic.warc.gz", "wb") as copy:
        copy.write(file.read_bytes())
    assert [page.url for page in read_part("memory://crawl/clinic.warc.gz")] == [
        page.url for page in read_pages([file])
    ]
