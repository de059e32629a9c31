"""How well flattened pages are cleaned: python -m benchmarks.flattened DATA [--pages N].

DATA is a folder laid out as WCXB's development pages. Each article is flattened as people do it: every text node a line (BeautifulSoup's
get_text("\\n")), and a line a block-level element; then with most of what stands around the article cut off; and the main content alone, of
which nothing should go. Each page is read with the forest that was trained without its domain (folds/lines-*.npz). Word F1, precision and
recall beside the whole text and the rules without a forest.
"""

import argparse
import random
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from bs4 import BeautifulSoup, NavigableString

from benchmarks.floors import fallen
from benchmarks.pages import FOLDS, Sample, read_wcxb, word_f1
from cleaning.blocks import Block
from cleaning.boilerplate import kept_lines
from cleaning.forest import Forest, load_forest
from cleaning.linklists import headline, link_lists
from cleaning.models.label import label

HERE = Path(__file__).parent
_UNSEEN = ["head", "iframe", "noscript", "script", "style", "svg", "template"]
_BLOCK_LEVEL = [
    "address", "article", "aside", "blockquote", "body", "br", "button", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "label", "legend", "li", "main", "nav", "ol", "option", "p",
    "pre", "section", "select", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
]  # fmt: skip
_AROUND = (0, 1, 2, 3, 5, 8, 15, 30)


def flatten(html: str) -> tuple[list[str], list[str]]:
    """The page's lines: a line a text node, and a line a block-level element."""
    soup = BeautifulSoup(html, "lxml")
    for element in soup(_UNSEEN):
        element.decompose()
    nodes = folded(soup.get_text("\n"))
    for node in soup.find_all(string=True):
        node.replace_with(NavigableString(re.sub(r"\s+", " ", node)))
    for element in soup.find_all(_BLOCK_LEVEL):
        element.insert_before("\n")
        element.insert_after("\n")
    return nodes, folded(soup.get_text(""))


def folded(text: str) -> list[str]:
    """Its lines, white space folded, empty ones left out."""
    return [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]


def trimmed(lines: Sequence[str], content: str, rng: random.Random) -> list[str]:
    """From a few lines before the content's first line to a few after its last."""
    own = np.flatnonzero(label(lines, content)[0])
    if not len(own):
        return list(lines)
    return list(lines[max(0, own[0] - rng.choice(_AROUND)) : own[-1] + 1 + rng.choice(_AROUND)])


def variants(sample: Sample) -> Iterator[tuple[str, list[str]]]:
    """The page flattened in each way, by name."""
    rng = random.Random(int(sample.id))
    nodes, elements = flatten(sample.html)
    yield "a line a text node", nodes
    yield "a line an element", elements
    yield "a line a text node, trimmed", trimmed(nodes, sample.content, rng)
    yield "a line an element, trimmed", trimmed(elements, sample.content, rng)
    yield "the content alone", folded(sample.content)


def main() -> int:
    """Print the table; 1 if a figure is below its floor."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=0, help="so many articles at random, not all")
    given = parser.parse_args()
    samples = [sample for sample in read_wcxb(given.data) if sample.kind == "article"]
    if given.pages:
        samples = random.Random(0).sample(samples, given.pages)
    forests = [load_forest((HERE / "folds" / f"lines-{fold}.npz").read_bytes()) for fold in range(FOLDS)]
    scores: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for sample in samples:
        for name, lines in variants(sample):
            for how, text in answers(lines, forests[sample.fold]):
                scores.setdefault((name, how), []).append(word_f1(text, sample.content))
    print(f"{len(samples)} articles\n{'':30} {'':18} {'F1':>6} {'P':>6} {'R':>6} {'F1<.5':>6}")
    for (name, how), rows in scores.items():
        means = " ".join(f"{statistics.fmean(column):6.3f}" for column in zip(*rows, strict=True))
        print(f"{name:30} {how:18} {means} {sum(row[0] < 0.5 for row in rows):6}")
    if given.pages:  # the floors are for all of them
        return 0
    f1 = {
        name: statistics.fmean(row[0] for row in rows)
        for (name, how), rows in scores.items()
        if how == "consilia"
    }
    figures = {
        "nodes_f1": f1["a line a text node"],
        "elements_f1": f1["a line an element"],
        "alone_f1": f1["the content alone"],
    }
    below = fallen("flattened", figures)
    for name, floor in below.items():
        print(f"{name}: {figures[name]:.4f}, below its floor {floor}")
    return 1 if below else 0


def answers(lines: list[str], forest: Forest) -> Iterator[tuple[str, str]]:
    """What is kept of the lines: all, by the rules, by the rules and the forest."""
    blocks = [Block(line, "line") for line in lines]
    ruled = [reason is None for reason in link_lists(blocks, headline(blocks))]
    yield "all of it", "\n".join(lines)
    yield "the rules alone", "\n".join(line for line, keep in zip(lines, ruled, strict=True) if keep)
    both = np.array(ruled, np.bool_) & kept_lines(lines, forest)
    yield "consilia", "\n".join(line for line, keep in zip(lines, both.tolist(), strict=True) if keep)


if __name__ == "__main__":
    sys.exit(main())
