"""The report after a run, and the evidence pages of its articles."""

from .pages import write_pages
from .report import write_report

__all__ = ["write_pages", "write_report"]
