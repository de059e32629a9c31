"""The report after a run, and the evidence pages of its articles."""

from ..dataset.version import Version
from .pages import write_pages
from .report import write_report

REPORT = "report.html"
PAGES = "pages"


def add_report(version: Version) -> None:
    """Write report and evidence pages into a version that is not sealed yet: for publish(finish=add_report)."""
    write_pages(version, version.path / PAGES)
    write_report(version, version.path / REPORT, pages=f"{PAGES}/")


__all__ = ["PAGES", "REPORT", "add_report", "write_pages", "write_report"]
