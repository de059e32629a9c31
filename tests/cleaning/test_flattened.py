"""Pages of our own, flattened to lines: the article's stay, most of the site's go."""

from pathlib import Path

import pytest

from benchmarks.flattened import flatten, folded
from cleaning import clean_text
from cleaning.blocks import lay_out, lay_out_lines
from cleaning.boilerplate import kept_lines
from cleaning.features import Frame, tabulate

PAGES = [
    page for page in sorted((Path(__file__).parents[1] / "pages").iterdir()) if page.name != "short-notice"
]
WAYS = pytest.mark.parametrize("way", [0, 1], ids=["a line a text node", "a line an element"])


def told(page: Path, way: int) -> tuple[list[str], str]:
    """The page's lines, and what clean_text makes of them."""
    lines = flatten((page / "page.html").read_text(encoding="utf-8"))[way]
    return lines, " ".join(clean_text("\n".join(lines)).text.split())


@WAYS
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_articles_lines_stay(page: Path, way: int) -> None:
    lines, text = told(page, way)
    whole = " ".join(lines)
    wanted = [line for line in folded((page / "kept.txt").read_text(encoding="utf-8")) if line in whole]
    assert wanted
    assert [line for line in wanted if line not in text] == []


@WAYS
def test_most_of_the_sites_lines_go(way: int) -> None:
    left = total = 0
    for page in PAGES:
        lines, text = told(page, way)
        unwanted = [
            line
            for line in folded((page / "dropped.txt").read_text(encoding="utf-8"))
            if line in " ".join(lines)
        ]
        left += sum(line in text for line in unwanted)
        total += len(unwanted)
    assert left <= 0.4 * total, f"{left} of {total}"


def test_lines_are_laid_out_as_paragraphs_are() -> None:
    from selectolax.lexbor import LexborHTMLParser

    lines = ["Home | News", "Cold feet wake you at night.", "Warm socks help, and so does a walk before bed."]
    markup = LexborHTMLParser("".join(f"<p>{line}</p>" for line in lines))
    ours, theirs = (
        tabulate(layout, Frame()).values for layout in (lay_out_lines(lines), lay_out(markup, plain=True))
    )
    assert (ours == theirs).all()


def test_no_lines_are_none() -> None:
    assert kept_lines([]).tolist() == []
