"""The labelled articles of ours keep what their readme promises."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from output.findings.features import CLASSES
from output.findings.finding import Role
from output.findings.models.corpus import read_long_pages

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "benchmarks" / "findings_corpus"
LONG_PAGES = ROOT / "benchmarks" / "long_pages"
PORTAL = ROOT / "crawler" / "demo" / "articles" / "portal"
AUTHORS = sorted(folder for folder in CORPUS.iterdir() if folder.is_dir())

LAYOUTS = {
    "prose",
    "numbered",
    "bullets",
    "run-on",
    "bare lines",
    "sub-headings",
    "label-colon",
    "table",
    "q&a",
}
PATTERNS = {*range(1, 31), *(f"F{number}" for number in range(1, 18))}
POLARITIES = {"assert", "negated", "do", "avoid"}
BLOCKS = [
    "p",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "h4",
    "div",
    "br",
    "blockquote",
    "caption",
]


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def lines(article: dict[str, Any]) -> list[str]:
    """The blocks a reader sees, whitespace folded."""
    if "html" in article:
        soup = BeautifulSoup(article["html"], "html.parser")
        for tag in soup.find_all(BLOCKS):
            tag.insert_before("\n")
            tag.insert_after("\n")
        shown = soup.get_text()
    else:
        shown = article.get("text") or article["body"]
    return [" ".join(line.split()) for line in shown.split("\n") if line.strip()]


@pytest.mark.parametrize("folder", [*AUTHORS, PORTAL], ids=lambda folder: folder.name)
def test_every_finding_stands_verbatim_and_once_inside_one_block(folder: Path) -> None:
    for path in sorted(folder.glob("*.toml")):
        article = load(path)
        shown = lines(article)
        for finding in article.get("finding", []):
            assert sum(line.count(finding["text"]) for line in shown) == 1, (path, finding["text"])


@pytest.mark.parametrize("folder", [*AUTHORS, PORTAL], ids=lambda folder: folder.name)
def test_every_finding_is_well_formed(folder: Path) -> None:
    for path in sorted(folder.glob("*.toml")):
        for finding in load(path).get("finding", []):
            assert set(finding) <= {"role", "label", "text", "hedge", "polarity", "secondary_role"}, path
            Role(finding["role"])
            Role(finding.get("secondary_role", finding["role"]))
            assert finding["label"].strip(), path
            assert finding.get("polarity", "do") in POLARITIES, path


@pytest.mark.parametrize("folder", AUTHORS, ids=lambda folder: folder.name)
def test_an_article_names_its_topic_layout_and_patterns(folder: Path) -> None:
    for path in sorted(folder.glob("*.toml")):
        article = load(path)
        assert article["title"], path
        assert article["topic"] == article["topic"].strip() != "", path
        assert article["layout"] in LAYOUTS, path
        assert article["pattern"], path
        assert set(article["pattern"]) <= PATTERNS, path
        assert ("html" in article) != ("text" in article), path
        assert article.get("language", "en") == ("zh" if folder.name == "zh" else "en"), path


@pytest.mark.parametrize("author", ["a", "b"])
def test_an_author_covers_every_pattern_failure_and_layout_and_half_is_prose(author: str) -> None:
    articles = [load(path) for path in sorted((CORPUS / author).glob("*.toml"))]
    assert len(articles) >= 70
    assert {pattern for article in articles for pattern in article["pattern"]} == PATTERNS
    assert {article["layout"] for article in articles} == LAYOUTS
    assert sum(article["layout"] == "prose" for article in articles) * 2 >= len(articles)


def test_the_readme_counts_what_is_there() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (\d+) \| ([\d,]+) \| (\d+) \|$",
        (CORPUS / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert rows
    for author, count, findings, prose in rows:
        articles = [load(path) for path in (CORPUS / author).glob("*.toml")]
        assert len(articles) == int(count)
        assert sum(len(article["finding"]) for article in articles) == int(findings.replace(",", ""))
        assert sum(article["layout"] == "prose" for article in articles) == int(prose)


@pytest.mark.parametrize("headings", [True, False])
def test_a_long_page_is_read_with_every_sentence_in_its_place(headings: bool) -> None:
    for page in read_long_pages(LONG_PAGES):
        article, spans = page.article(headings=headings)
        said = [(role, text) for _, role, text in page.lines if role]
        assert [(role, article.text[start:end]) for start, end, role in spans] == said, page.name
        assert {role for role, _ in said} <= set(CLASSES), page.name
        own = {text for kind, _, text in page.lines if kind in ("#", "##")}
        assert not own or (own <= set(article.text.split("\n"))) == headings, page.name


@pytest.mark.parametrize(
    "line", ["cause  Cold.", "- | Cold.", "Cause | Cold.", "#Causes", "-- cause | Cold."]
)
def test_a_line_of_a_long_page_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a" / "leg-cramps.txt"
    path.parent.mkdir()
    path.write_text(f"title: Leg cramps\ntopic: leg cramps\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"{path}: neither")):
        read_long_pages(tmp_path)


def test_a_long_page_without_title_or_topic_is_named(tmp_path: Path) -> None:
    path = tmp_path / "leg-cramps.txt"
    path.write_text("topic: leg cramps\n\ncause | Cold.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="title and topic first"):
        read_long_pages(tmp_path)


def test_the_readme_of_the_long_pages_counts_what_is_there() -> None:
    pages = read_long_pages(LONG_PAGES)
    readme = (LONG_PAGES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z]+) \| (\d+) \| ([\d,]+) \|", readme, re.MULTILINE)
    assert {author for author, _, _ in rows} == {page.part for page in pages}
    for author, count, sentences in rows:
        own = [page for page in pages if page.part == author]
        assert len(own) == int(count)
        assert sum(bool(role) for page in own for _, role, _ in page.lines) == int(sentences.replace(",", ""))
