"""Articles in, a dataset of causes and advice out."""

from .dataset import RunInfo, Version, export, latest, load, nested, open_version, publish, tables, versions
from .findings import Finding, Role, Subject, describe, find

__all__ = [
    "Finding",
    "Role",
    "RunInfo",
    "Subject",
    "Version",
    "describe",
    "export",
    "find",
    "latest",
    "load",
    "nested",
    "open_version",
    "publish",
    "tables",
    "versions",
]
