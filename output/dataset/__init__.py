"""Tables declared once, written in several formats, checked, compared, and published atomically."""

from .changes import changes
from .check import CheckFailed
from .columns import TABLES, Column, TableSpec
from .export import export
from .formats import FORMATS
from .publish import PublishError, publish, run_row
from .rows import PageRows, article_row, finding_rows, nested, page_rows, refusal_row
from .run import RunInfo, SiteCounts
from .selection import BadCondition
from .shard import Shard, ShardStats, read_shard, read_shards, write_shard
from .tables import tables
from .version import Version, latest, load, open_version, versions

__all__ = [
    "FORMATS",
    "TABLES",
    "BadCondition",
    "CheckFailed",
    "Column",
    "PageRows",
    "PublishError",
    "RunInfo",
    "Shard",
    "ShardStats",
    "SiteCounts",
    "TableSpec",
    "Version",
    "article_row",
    "changes",
    "export",
    "finding_rows",
    "latest",
    "load",
    "nested",
    "open_version",
    "page_rows",
    "publish",
    "read_shard",
    "read_shards",
    "refusal_row",
    "run_row",
    "tables",
    "versions",
    "write_shard",
]
