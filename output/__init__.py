"""Articles in, a dataset of causes and advice out.

Each name is fetched from its home when it is first asked for: whoever cleans pages by the million loads no pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dataset.export import export
    from .dataset.publish import publish
    from .dataset.rows import nested
    from .dataset.run import RunInfo
    from .dataset.tables import tables
    from .dataset.version import Version, latest, load, open_version, versions
    from .findings import Finding, Role, Subject, describe, find

_HOMES = {
    "findings": ("Finding", "Role", "Subject", "describe", "find"),
    "dataset.export": ("export",),
    "dataset.publish": ("publish",),
    "dataset.rows": ("nested",),
    "dataset.run": ("RunInfo",),
    "dataset.tables": ("tables",),
    "dataset.version": ("Version", "latest", "load", "open_version", "versions"),
}

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


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
