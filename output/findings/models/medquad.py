"""MedQuAD's answers as articles to train on."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaning.article import Article
from cleaning.blocks import Block
from cleaning.passages import divide

QTYPES = {
    "causes": "cause",
    "susceptibility": "risk_factor",
    "symptoms": "symptom",
    "complications": "complication",
    "exams and tests": "diagnosis",
    "stages": "other",
    "treatment": "treatment",
    "prevention": "prevention",
    "considerations": "self_care",
    "information": "other",
    "outlook": "other",
    "research": "other",
    "frequency": "other",
}
"""Which role a question's answer is about (research: health.md, section 1); inheritance and genetic changes are left out."""

_TEMPLATE = re.compile(
    r"human phenotype ontology|these resources (?:address|from)|genetic testing registry", re.IGNORECASE
)
_BREAK = re.compile(r"\s*\n\s*|(?<=[.?!:]) {3,}(?![ -])")


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of a document and its answer, a paragraph or a list a line."""

    question: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document of MedQuAD."""

    key: str
    """"NIDDK/0000014"."""
    focus: str
    answers: tuple[Answer, ...]

    @property
    def source(self) -> str:
        return self.key.split("/")[0]


def read(path: Path) -> list[Source]:
    """Every document that has an answer of a useful kind; templates and link lists left out."""
    rows = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows[f"{row['source']}/{row['doc'].split('/')[-1]}"].append(row)
    found = []
    for key, group in rows.items():
        answers = []
        for row in group:
            role = QTYPES.get(row["qtype"])
            text = _BREAK.sub("\n", row["answer"].strip())
            restated = re.match(r"[^.?]{5,160}\?\s+", text)
            if restated and key.startswith("GARD"):
                text = text[restated.end() :]
            if role and text and not _TEMPLATE.search(text[:400]):
                answers.append(Answer(" ".join(row["question"].split()).replace(" ?", "?"), role, text))
        if answers:
            found.append(Source(key, group[0]["focus"], tuple(answers)))
    return found


def article_of(source: Source, *, headings: bool) -> tuple[Article, list[tuple[int, int, int]]]:
    """The document as an article, and where each answer begins and ends: (number, start, end)."""
    lines: list[str] = []
    places = []
    at = 0
    for number, answer in enumerate(source.answers):
        if headings:
            lines.append(answer.question)
            at += len(answer.question) + 1
        places.append((number, at, at + len(answer.text)))
        for line in answer.text.split("\n"):
            lines.append(line)
            at += len(line) + 1
    blocks = [Block(line, "line") for line in lines]
    return Article(source.key, "\n".join(lines), divide(blocks)), places


def documents(path: Path, without: frozenset[str]) -> Iterator[Source]:
    """The documents of read() whose source is not left out."""
    return (source for source in read(path) if source.source not in without)
