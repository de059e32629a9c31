"""A part of a version in a format of choice."""

from collections.abc import Sequence
from pathlib import Path

from .formats import FORMATS
from .selection import Selection, parse_conditions
from .version import Version


class CannotExport(ValueError):  # noqa: N818  the user's words, not a fault
    """A format that there is not, or a folder that is not to be written into."""


def export(
    version: Version,
    format_: str,
    folder: Path,
    *,
    where: Sequence[str] = (),
    shareable_only: bool = False,
) -> list[Path]:
    """Write the rows that meet all conditions into the folder; the files written.

    Conditions read like "site=nhs", "findings.confidence>=0.8", "role=cause,risk_factor", "title~cramp". Raises BadCondition and CannotExport.
    """
    return write_part(select(version, where, shareable_only=shareable_only), format_, folder)


def select(version: Version, where: Sequence[str] = (), *, shareable_only: bool = False) -> Selection:
    """The version's rows that meet all conditions. Raises BadCondition."""
    return Selection(version.path, parse_conditions(where), shareable_only=shareable_only)


def write_part(selection: Selection, format_: str, folder: Path) -> list[Path]:
    """Write the rows into the folder; the files written. Raises CannotExport."""
    if format_ not in FORMATS:
        raise CannotExport(f"unknown format {format_!r}; known: {', '.join(FORMATS)}")
    if folder.resolve() == selection.folder:
        raise CannotExport(f"{folder}: a published version is not written into")
    folder.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    FORMATS[format_](selection, folder)
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and before.get(path) != path.stat().st_mtime_ns
    )
