"""The labelled articles of ours keep what their readme promises."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from output.findings.finding import Role

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "benchmarks" / "findings_corpus"
PORTAL = ROOT / "crawler" / "demo" / "articles" / "portal"
ARTICLES = sorted(CORPUS.glob("*/*.toml"))
DEMO_ARTICLES = sorted(PORTAL.glob("*.toml"))

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


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", ARTICLES + DEMO_ARTICLES, ids=name)
def test_every_finding_stands_verbatim_and_once_inside_one_block(path: Path) -> None:
    article = load(path)
    shown = lines(article)
    for finding in article.get("finding", []):
        assert sum(line.count(finding["text"]) for line in shown) == 1, finding["text"]


@pytest.mark.parametrize("path", ARTICLES + DEMO_ARTICLES, ids=name)
def test_every_finding_is_well_formed(path: Path) -> None:
    article = load(path)
    for finding in article.get("finding", []):
        assert set(finding) <= {"role", "label", "text", "hedge", "polarity", "secondary_role"}
        Role(finding["role"])
        Role(finding.get("secondary_role", finding["role"]))
        assert finding["label"].strip()
        assert finding.get("polarity", "do") in POLARITIES


@pytest.mark.parametrize("path", ARTICLES, ids=name)
def test_an_article_names_its_topic_layout_and_patterns(path: Path) -> None:
    article = load(path)
    assert article["title"]
    assert article["topic"] == article["topic"].strip() != ""
    assert article["layout"] in LAYOUTS
    assert article["pattern"]
    assert set(article["pattern"]) <= PATTERNS
    assert ("html" in article) != ("text" in article)
    assert article.get("language", "en") == ("zh" if path.parent.name == "zh" else "en")


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
