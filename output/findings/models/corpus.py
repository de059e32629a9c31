"""Our own labelled articles (TOML: title, topic, population, pattern, layout, html or text, [[finding]])."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cleaning.article import Article
from cleaning.blocks import cut, cut_lines
from cleaning.document import decode_text
from cleaning.facts import Facts
from cleaning.passages import divide

TRAINED_ON = frozenset("acdefghijklmnopq")
"""Authors whose articles are trained on; b is measured alone."""

HELD_OUT = frozenset({"8", "12", "16", "24", "F9", "table"})
"""Pattern families and layouts of part a that are measured and never trained on: "(1) …; (2) …" inline, "One more cause is",
cause and solution in pairs, a noun label with a benefit, lists whose items differ in role, tables."""


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
