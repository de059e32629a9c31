"""The stage end to end: pages in, articles out."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning import Article, NotAnArticle, clean, clean_text, main_text
from crawler.page import Page

PAGES = Path(__file__).parents[1] / "pages"


def page(name: str) -> Page:
    return Page(
        "https://example.org/a",
        (PAGES / name / "page.html").read_bytes(),
        headers=(("Content-Type", "text/html; charset=utf-8"),),
    )


def test_an_article_is_its_kept_blocks() -> None:
    article = clean(page("leaflet-lists-and-headings"))
    assert article.text == "\n".join(
        verdict.block.text for verdict in article.verdicts if verdict.reason is None
    )
    assert article.text.startswith("A sprain means")
    assert article.facts.title == "Looking after a sprained wrist"
    assert article.source_format == "html"
    assert len(article.raw_sha256) == 64
    assert 0.5 < article.confidence <= 1


def test_the_frame_is_among_the_verdicts() -> None:
    article = clean(page("faq-details-spanish"))
    texts = [verdict.block.text for verdict in article.verdicts]
    assert "Citas" in texts
    assert texts.index("Citas") < texts.index("¿Ayuda la miel?") < texts.index("La fiebre en los niños")


def test_passages_index_the_text() -> None:
    article = clean(page("recipe-table-german"))
    assert article.passages
    assert all(0 <= passage.start < passage.end <= len(article.text) for passage in article.passages)
    assert any(
        article.text[passage.start : passage.end].startswith("Vergleichen Sie")
        for passage in article.passages
    )


def test_link_lists_only_take_more_away_than_main_text() -> None:
    lines = main_text(page("magazine-utility-classes").body.decode()).splitlines()
    assert [
        line for line in clean(page("magazine-utility-classes")).text.splitlines() if line not in lines
    ] == []


@pytest.mark.parametrize(
    "text", ["", " ", "<p>", "<html></html>", "<!doctype html><script>x</script>"], ids=repr
)
def test_nothing_has_no_main_text(text: str) -> None:
    assert main_text(text) == ""


def test_flattened_text_is_cleaned_as_lines() -> None:
    lines = [
        f"Sentence number {n} tells what to do when the calf cramps at night, and why it helps."
        for n in range(12)
    ]
    article = clean_text("\n".join(lines), "https://example.org/b")
    assert isinstance(article, Article)
    assert article.source_format == "text"
    assert article.text.splitlines() == lines


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_an_article_or_none(body: bytes) -> None:
    try:
        article = clean(Page("https://example.org/c", body))
    except NotAnArticle as refusal:
        assert refusal.reason  # noqa: PT017  both ends are fine
    else:
        assert article.text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_main_text_takes_any_text(text: str) -> None:
    assert isinstance(main_text(text), str)
    assert isinstance(main_text("<html><body>" + text), str)
