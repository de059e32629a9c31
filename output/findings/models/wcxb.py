"""WCXB's development pages to learn from: pages on keeping well, labelled unit by unit, and pages that are not about health, which state nothing."""

import csv
import re
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pages import FOLDS, read_wcxb
from cleaning.article import Article, NotAnArticle, clean
from crawler.page import Page
from output.findings.subject import language_of

HELD_OUT = FOLDS - 1
"""The fold of domains that is never learnt from: benchmarks.findings measures on it."""
_WORDS = re.compile(r"\w+")

Labels = dict[str, str]
"""The role of each labelled unit, by what sign() makes of its text."""


def sign(text: str) -> str:
    """What stands for a unit in the table of labels, which holds no text: a checksum of its words."""
    return f"{zlib.crc32(' '.join(_WORDS.findall(text.lower())).encode()):08x}"


def read_labels(path: Path) -> dict[str, Labels]:
    """The labels of each page, by its id."""
    found: dict[str, Labels] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found.setdefault(row["page"], {})[row["unit"]] = row["role"]
    return found


def read_pages(folder: Path, benchmarks: Path, *, held_out: bool) -> Iterator[tuple[str, Article, Labels]]:
    """English articles as the cleaner makes them, with their labels; none for a page that is not about health.

    Pages on health without labels are left out. `held_out`: those of the fold that is not learnt from, or all others.
    """
    labels = read_labels(benchmarks / "wcxb_labels.tsv")
    known = tomllib.loads((benchmarks / "health_labels.toml").read_text(encoding="utf-8"))
    near = {*known["health"], *known["either"]}
    for sample in read_wcxb(folder):
        if (sample.id in near and sample.id not in labels) or (sample.fold == HELD_OUT) != held_out:
            continue
        page = Page(sample.url, sample.html.encode(), headers=(("Content-Type", "text/html; charset=utf-8"),))
        try:
            article = clean(page)
        except NotAnArticle:
            continue
        if language_of(article) == "en":
            yield sample.id, article, labels.get(sample.id, {})
