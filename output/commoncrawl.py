"""Records named by an index in Common Crawl's columnar form: Parquet rows of url, warc_filename, warc_record_offset, warc_record_length.

The index of a whole crawl is 300 files of about a gigabyte; whoever wants a part of it selects rows with DuckDB, Athena or Spark and gives us the Parquet that
comes out. What the index says of status and media type is used where it says it, so that redirects and pictures are never read.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.archive import open_archive
from crawler.store import find_store, is_address

BASE = "https://data.commoncrawl.org/"
"""Where Common Crawl's WARC files lie; s3://commoncrawl/ from within Amazon's network."""

PLACES = 1000
"""Records of one task: about 20 MB of a crawl's WARC file."""

MEDIA = ("text/html", "application/xhtml+xml", "text/plain")
_NEEDED = ("warc_filename", "warc_record_offset", "warc_record_length")
_HELPFUL = ("fetch_status", "content_mime_detected")


class BadIndex(Exception):  # noqa: N818
    """A Parquet file that lists no records."""


def wanted(
    index: Sequence[Path | str], base: Path | str = BASE
) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Each WARC file with the offsets and lengths wanted of it, in the file's order, at most PLACES at a time. Raises BadIndex, NoStore."""
    if index and is_address(base):
        find_store(base)
    places: dict[str, set[tuple[int, int]]] = {}
    for file in index:
        for batch in _batches(str(file)):
            for row in batch.to_pylist():
                if (
                    row.get("fetch_status", 200) == 200
                    and (row.get("content_mime_detected") or MEDIA[0]) in MEDIA
                ):
                    name, offset, length = (row[column] for column in _NEEDED)
                    places.setdefault(name, set()).add((int(offset), int(length)))
    for name in sorted(places):
        left = iter(sorted(places[name]))
        while some := tuple(islice(left, PLACES)):
            yield _under(base, name), some


def _batches(file: str) -> Iterator[pa.RecordBatch]:
    if is_address(file):
        with open_archive(file) as opened:
            yield from _read(pq.ParquetFile(opened), file)
    else:
        yield from _read(pq.ParquetFile(file), file)


def _read(parquet: pq.ParquetFile, file: str) -> Iterator[pa.RecordBatch]:
    names = parquet.schema_arrow.names
    if missing := [name for name in _NEEDED if name not in names]:
        raise BadIndex(f"{file}: no column {', '.join(missing)}")
    yield from parquet.iter_batches(10_000, columns=[*_NEEDED, *(name for name in _HELPFUL if name in names)])


def _under(base: Path | str, name: str) -> str:
    return f"{str(base).rstrip('/')}/{name}" if is_address(base) else str(Path(base).absolute() / name)
