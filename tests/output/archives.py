"""Archives of our own words for the builder's tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.archive import Archive
from crawler.page import Page

from ..command import ARTICLES

HTML = (("Content-Type", "text/html; charset=utf-8"),)


def pages(count: int, host: str = "remedies.example") -> list[Page]:
    """Articles and other pages by turns, each with its own address and a line of its own."""
    bodies = [ARTICLES[path] for path in ("/hiccups", "/dry-eyes", "/diary")]
    return [
        Page(
            f"http://{host}/{number}",
            bodies[number % 3].replace("suddenly", f"suddenly, {number} times a year,").encode(),
            headers=HTML,
            fetched_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=number),
        )
        for number in range(count)
    ]


def write_archive(folder: Path, pages: list[Page], site: str = "remedies", each: int = 1000) -> list[Path]:
    """The pages as WARC files of so many each."""
    for start in range(0, len(pages), each):
        archive = Archive(folder, f"{site}-{start}")
        for page in pages[start : start + each]:
            archive.write(page)
        archive.close()
    return sorted(folder.glob("*.warc.gz"), key=lambda path: int(path.name.split("-")[1]))
