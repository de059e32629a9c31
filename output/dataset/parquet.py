"""Rows to Parquet and back, with a batch of them in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from .columns import TABLES
from .rows import Row

pa.set_memory_pool(
    pa.system_memory_pool()
)  # gives back what is freed: a worker's peak is 60 MB lower than with Arrow's own

_T = TypeVar("_T")
BATCH_ROWS = 200
"""Rows held as dicts at a time: an article with its nested lists is about 60 kB as dicts and 6 kB as Arrow."""
ROW_GROUPS = {"articles": 2_000}
"""Rows of a row group, whole batches. An article's row is about 6 kB in Arrow: 12 MB a group, small enough to stream, large enough to compress."""
ROW_GROUP = 20_000


def read_rows(
    path: Path, columns: Sequence[str] | None = None, batch_rows: int = BATCH_ROWS
) -> Iterator[Row]:
    """The rows of a Parquet file in its order, a batch at a time in memory. Columns that the file does not have are left out."""
    with pq.ParquetFile(path) as file:
        if columns is not None:
            columns = [column for column in columns if column in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=batch_rows, columns=columns):
            yield from batch.to_pylist()


def in_batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of at most size rows."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


@contextmanager
def table_writer(path: Path, name: str, schema: pa.Schema | None = None) -> Iterator[Callable[[Row], None]]:
    """A function that adds one row to the table's file, of its own schema unless another is given; at most a row group is in memory."""
    schema = schema or TABLES[name].schema
    size = ROW_GROUPS.get(name, ROW_GROUP)
    waiting: list[Row] = []
    batches: list[pa.RecordBatch] = []

    def settle() -> None:
        batches.append(pa.RecordBatch.from_pylist(waiting, schema=schema))
        waiting.clear()

    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        write_page_index=True,
        use_content_defined_chunking=True,
    ) as writer:

        def add(row: Row) -> None:
            waiting.append(row)
            if len(waiting) == BATCH_ROWS:
                settle()
                if len(batches) * BATCH_ROWS == size:
                    writer.write_table(pa.Table.from_batches(batches), row_group_size=size)
                    batches.clear()

        yield add
        if waiting or batches:
            settle()
            writer.write_table(pa.Table.from_batches(batches), row_group_size=size)
