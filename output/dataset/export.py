"""A part of a version in a format of choice."""

from collections.abc import Sequence
from pathlib import Path

from .formats import FORMATS
from .selection import Selection, parse_conditions
from .version import Version


def export(
    version: Version,
    format_: str,
    folder: Path,
    *,
    where: Sequence[str] = (),
    shareable_only: bool = False,
) -> list[Path]:
    """Write the rows that meet all conditions into the folder; the files written.

    Conditions read like "site=nhs", "confidence>=0.8", "role=cause,risk_factor", "title~cramp". Raises BadCondition, and ValueError for an
    unknown format.
    """
    if format_ not in FORMATS:
        raise ValueError(f"unknown format {format_!r}; known: {', '.join(FORMATS)}")
    selection = Selection(version.path, parse_conditions(where), shareable_only=shareable_only)
    if folder.resolve() == version.path:
        raise ValueError(f"{folder}: a published version is not written into")
    folder.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    FORMATS[format_](selection, folder)
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and before.get(path) != path.stat().st_mtime_ns
    )
