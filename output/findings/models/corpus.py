"""Our own labelled articles: short consumer pages, labelled finding by finding, and long pages, labelled sentence by sentence.

Consumer pages are TOML: title, topic, population, pattern, layout, html or text, [[finding]]. In long pages every line has its role in front.
"""

import html
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cleaning.article import Article
from cleaning.blocks import Block, cut, cut_lines
from cleaning.document import decode_text
from cleaning.facts import Facts
from cleaning.passages import divide
from output.findings.cues import Cues
from output.findings.subject import describe
from output.findings.units import Unit, lay_out, mask_of

TRAINED_ON = frozenset("acdefghijklmnopq")
"""Authors whose articles are trained on; b is measured alone."""

HELD_OUT = frozenset({"8", "12", "16", "24", "F9", "table"})
"""Pattern families and layouts of part a that are measured and never trained on: "(1) …; (2) …" inline, "One more cause is",
cause and solution in pairs, a noun label with a benefit, lists whose items differ in role, tables."""


def laid_out(article: Article, cues: Cues) -> list[Unit]:
    """The article's sentences and items as the finder reads them."""
    subject = describe(article)
    mask = mask_of(subject.topic, subject.alternate_names, cues)
    return lay_out(article, cues, mask, known_topic=subject.known)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A span of an article's text and what it says."""

    role: str
    start: int
    end: int
    polarity: str = ""
    hedge: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An article and its labels."""

    name: str
    part: str
    """Who wrote it: a letter, or zh."""
    article: Article
    labels: tuple[Labelled, ...]
    topic: str
    population: str
    tags: frozenset[str]
    """Patterns and layout."""

    @property
    def held_out(self) -> bool:
        return bool(self.tags & HELD_OUT)


def read_corpus(folder: Path) -> list[Example]:
    """Every article below a folder, with all of its blocks but the title's repetition: the cleaner is not at work here.

    Raises ValueError for a label that does not stand in its article's text.
    """
    found = []
    for path in sorted(folder.rglob("*.toml")):
        row = tomllib.loads(path.read_text(encoding="utf-8"))
        if "html" in row:
            blocks = [
                b for b in cut(decode_text(row["html"])) if not (b.tag == "h1" and b.text == row["title"])
            ]
        else:
            blocks = list(cut_lines(row["text"].strip()))
        text = "\n".join(block.text for block in blocks)
        labels = []
        at: dict[str, int] = {}
        for finding in row.get("finding", []):
            words = " ".join(finding["text"].split())
            place = _locate(text, words, at.get(words, 0))
            if place is None:
                raise ValueError(f"{path}: not in the text: {words[:60]}")
            at[words] = place[0] + 1
            labels.append(
                Labelled(
                    finding["role"],
                    *place,
                    finding.get("polarity", ""),
                    bool(finding.get("hedge", False)),
                    finding.get("label", ""),
                )
            )
        found.append(
            Example(
                path.stem,
                path.parent.name,
                Article(path.stem, text, divide(blocks), Facts(title=row["title"], language="en")),
                tuple(labels),
                row["topic"].lower(),
                row.get("population", ""),
                frozenset({*map(str, row.get("pattern", [])), row.get("layout", "")}),
            )
        )
    return found


def _locate(text: str, words: str, start: int) -> tuple[int, int] | None:
    """Where the words stand, whatever white space or cell borders lie between them."""
    pattern = re.compile(r"[\s|]+".join(re.escape(word) for word in words.split()))
    match = pattern.search(text, start) or pattern.search(text)
    return match.span() if match else None


@dataclass(frozen=True, slots=True)
class LongPage:
    """An article of some hundred sentences or more."""

    name: str
    part: str
    """Who wrote it: a letter."""
    title: str
    lines: tuple[tuple[str, str, str], ...]
    """What a line is ("#", "##", "-" for an item, "" for a sentence of prose, "end" of a paragraph or list), its role, its text."""

    def article(self, *, headings: bool) -> tuple[Article, list[tuple[int, int, str]]]:
        """The article and the span and role of each sentence: as HTML, or flattened to lines without headings."""
        markup: list[str] = []
        for kind, lines in groupby(self.lines, key=lambda line: line[0]):
            texts = [html.escape(text) for _, _, text in lines]
            if kind in ("#", "##"):
                markup += [f"<{_LEVELS[kind]}>{text}</{_LEVELS[kind]}>" for text in texts] if headings else []
            elif kind == "-":
                markup += ["<ul>", *(f"<li>{text}</li>" for text in texts), "</ul>"]
            elif kind == "":
                markup.append(f"<p>{' '.join(texts)}</p>")
        blocks = list(cut(decode_text("\n".join(markup))))
        if not headings:
            blocks = [Block(block.text, "line") for block in blocks]
        text = "\n".join(block.text for block in blocks)
        spans = []
        at = 0
        for _, role, said in self.lines:
            if role:
                at = text.index(said, at)
                spans.append((at, at + len(said), role))
                at += len(said)
        facts = Facts(title=self.title, language="en")
        return Article(self.name, text, divide(blocks), facts), spans


_LEVELS = {"#": "h2", "##": "h3"}
_LINE = re.compile(r"(?P<item>- )?(?P<role>[a-z_]+) *\| (?P<text>\S.*)")


def read_long_pages(folder: Path) -> list[LongPage]:
    """Every long page below a folder. Raises ValueError for a line that is none of a heading, "role | sentence" and "- role | item"."""
    return [
        LongPage(path.stem, path.parent.name, title, tuple(lines))
        for path in sorted(folder.rglob("*.txt"))
        for title, lines in [_long_page(path)]
    ]


def _long_page(path: Path) -> tuple[str, list[tuple[str, str, str]]]:
    first, *rest = path.read_text(encoding="utf-8").strip().split("\n")
    if not first.startswith("title: ") or not rest or not rest[0].startswith("topic: "):
        raise ValueError(f"{path}: title and topic first")
    return first.removeprefix("title: "), list(_lines(path, rest[1:]))


def _lines(path: Path, rest: list[str]) -> Iterator[tuple[str, str, str]]:
    for line in rest:
        words = " ".join(line.split())
        if not words:
            yield "end", "", ""
        elif words.startswith(("# ", "## ")):
            level, _, text = words.partition(" ")
            yield level, "", text
        elif match := _LINE.fullmatch(words):
            yield "-" if match["item"] else "", match["role"], match["text"]
        else:
            raise ValueError(f"{path}: neither a heading nor a role and a sentence: {line[:60]}")
