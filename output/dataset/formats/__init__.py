"""The formats a version or a part of one can be written in, each from the Parquet tables, which are the truth."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ..selection import Selection
from .csv import write_csv
from .jsonl import write_jsonl
from .jsonld import write_jsonld
from .parquet import write_parquet
from .sqlite import write_sqlite
from .xlsx import write_xlsx

FORMATS: Mapping[str, Callable[[Selection, Path], None]] = {
    "parquet": write_parquet,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "sqlite": write_sqlite,
    "jsonld": write_jsonld,
    "xlsx": write_xlsx,
}

__all__ = ["FORMATS"]
