"""Parquet: the tables themselves, or a part of them."""

from pathlib import Path

import pyarrow.parquet as pq

from ..columns import TABLES
from ..selection import Selection


def write_parquet(selection: Selection, folder: Path) -> None:
    """Write data/TABLE.parquet into the folder; a selection's own folder holds them already."""
    if folder == selection.folder:
        return
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for table in selection.tables:
        with pq.ParquetWriter(
            data / f"{table}.parquet",
            TABLES[table].schema,
            compression="zstd",
            compression_level=3,
            write_page_index=True,
            use_content_defined_chunking=True,
        ) as writer:
            for batch in selection.batches(table):
                writer.write_batch(batch)
