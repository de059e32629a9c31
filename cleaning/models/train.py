"""Train the cleaner's forests: `python -m cleaning.models.train DATA`, from a checkout, with catboost installed.

DATA is a folder of pages with their main content (WCXB's development pages). Every page is used as it is and in COPIES other clothes (augment.py). Written are
blocks.npz, trained on everything, and benchmarks/folds/0 … 4.npz, each trained without a fifth of the domains: with these `benchmarks.quality` judges pages that
the model did not see. The same for flattened pages: lines.npz and benchmarks/folds/lines-0 … 4.npz (`benchmarks.flattened`). The card beside this file says what was trained on what.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from benchmarks.flattened import variants
from benchmarks.pages import FOLDS, Sample, read_wcxb

from ..blocks import lay_out, lay_out_lines
from ..boilerplate import read_frame
from ..features import NAMES, Frame, tabulate
from .augment import Donor, donate, dress, in_other_script
from .label import label

COPIES = 3
"""Clothes that every article is put into; other pages half as often. (Chosen, not swept.)"""
ITERATIONS, DEPTH, RATE = 250, 6, 0.1
OTHER_KINDS = 0.35
"""Weight of a page that is no article: the cleaner is for articles first."""
DRESSED = 0.3
"""Weight of a page in other clothes."""
PAGE_WEIGHT = 6.0
"""Most that all blocks of one page weigh together."""
TRIMMED, ALONE = 0.6, 0.5
"""Weights of a flattened page that was trimmed, and of its content alone."""
OTHER_SCRIPT = 0.2
"""Share of flattened articles that are also read in another script."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The blocks of a page as the trainer sees them."""

    values: NDArray[np.float16]
    """A row for every block."""
    labels: NDArray[np.int8]
    weights: NDArray[np.float32]
    fold: int


def as_it_is(sample: Sample) -> Rows | None:
    """The page itself."""
    tree = LexborHTMLParser(sample.html)
    layout = lay_out(tree)
    if not layout.texts:
        return None
    labels, sizes = label(layout.texts, sample.content)
    values = tabulate(layout, read_frame(tree)).values.T.astype(np.float16)
    return Rows(values, labels, _weigh(sizes, sample, 1.0), sample.fold)


def in_other_clothes(sample: Sample, donors: Sequence[Donor], rng: random.Random) -> Rows | None:
    """The page dressed anew; None where its content cannot be found again."""
    html = dress(sample.html, sample.content, rng.choices(donors, k=6), rng)
    tree = LexborHTMLParser(html)
    layout = lay_out(tree, plain=rng.random() < 0.4)
    labels, sizes = label(layout.texts, sample.content)
    if not labels.any():
        return None
    frame = read_frame(tree)
    if rng.random() < 0.5:
        frame = Frame(frame.title, "")
    if rng.random() < 0.2:
        frame = Frame("", frame.body)
    if rng.random() < 0.15:
        script = rng.choice((0, 1, 2, 2))
        before = layout.texts
        layout.texts = [in_other_script(text, script) or "。" for text in before]
        frame = Frame(in_other_script(frame.title, script), "")
        layout.linked = [
            len(new) * share // len(old)
            for new, old, share in zip(layout.texts, before, layout.linked, strict=True)
        ]
        layout.bold = [
            len(new) * share // len(old)
            for new, old, share in zip(layout.texts, before, layout.bold, strict=True)
        ]
    values = tabulate(layout, frame).values.T.astype(np.float16)
    return Rows(values, labels, _weigh(sizes, sample, DRESSED), sample.fold)


def _weigh(sizes: NDArray[np.int64], sample: Sample, weight: float) -> NDArray[np.float32]:
    """A block weighs by the root of its share in the page's content, which is near to what it does to the page's F1."""
    share = np.maximum(sizes, 0.5) / max(20, len(sample.content.split()))
    weights = np.clip(np.sqrt(share), 0.01, 1)
    weights *= min(1.0, PAGE_WEIGHT / float(weights.sum())) * weight
    return np.asarray(weights * (1.0 if sample.kind == "article" else OTHER_KINDS), np.float32)


def gather(samples: Sequence[Sample]) -> list[Rows]:
    """All pages as they are and in other clothes, which they borrow within their fold."""
    gathered = [as_it_is(sample) for sample in samples]
    donors: list[list[Donor]] = [[] for _ in range(FOLDS)]
    for sample in samples:
        donor = donate(sample.html, sample.content)
        if donor.sentences:
            donors[sample.fold].append(donor)
    for copy in range(COPIES):
        rng = random.Random(1000 + copy)  # noqa: S311  no secrets
        chosen = [sample for sample in samples if sample.kind == "article" or rng.random() < 0.5]
        gathered += [in_other_clothes(sample, donors[sample.fold], rng) for sample in chosen]
        print(f"copy {copy + 1} of {COPIES} dressed", file=sys.stderr, flush=True)
    return [rows for rows in gathered if rows is not None]


def flattened(sample: Sample) -> Iterator[Rows]:
    """The page as lines, in each way to flatten it; pages that are no article only whole."""
    rng = random.Random(2000 + int(sample.id))  # noqa: S311  no secrets
    for name, lines in variants(sample):
        trimmed, alone = name.endswith("trimmed"), name.startswith("the content")
        if not lines or (trimmed and sample.kind != "article"):
            continue
        labels, sizes = label(lines, sample.content)
        if alone:
            labels[:] = 1
        weights = _weigh(sizes, sample, TRIMMED if trimmed else ALONE if alone else 1.0)
        readings = [lines]
        if sample.kind == "article" and rng.random() < OTHER_SCRIPT:
            script = rng.choice((0, 1, 2, 2))
            readings.append([in_other_script(line, script) or "。" for line in lines])
        for reading in readings:
            values = tabulate(lay_out_lines(reading), Frame()).values.T.astype(np.float16)
            yield Rows(values, labels, weights, sample.fold)


def fit(pages: Sequence[Rows]) -> Any:
    """Boosted oblivious trees on the pages' blocks."""
    total = sum(len(page.labels) for page in pages)
    values = np.empty((total, len(NAMES)), np.float32)
    start = 0
    for page in pages:
        values[start : start + len(page.labels)] = page.values
        start += len(page.labels)
    model = import_module(
        "catboost"
    ).CatBoostClassifier(  # not needed to clean, so not among the requirements
        iterations=ITERATIONS,
        depth=DEPTH,
        learning_rate=RATE,
        border_count=32,
        l2_leaf_reg=5,
        rsm=0.2,
        bootstrap_type="Bernoulli",
        subsample=0.5,
        random_seed=1,
        thread_count=2,
        allow_writing_files=False,
        verbose=0,
    )
    labels = np.concatenate([page.labels for page in pages])
    model.fit(values, labels, sample_weight=np.concatenate([page.weights for page in pages]))
    return model


def write(model: Any, file: Path) -> None:
    """Store the trees as the arrays that forest.py reads."""
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "model.json"
        model.save_model(str(stored), format="json")
        description = json.loads(stored.read_text("utf-8"))
    trees = description["oblivious_trees"]
    row_of = {
        feature["feature_index"]: feature["flat_feature_index"]
        for feature in description["features_info"]["float_features"]
    }
    scale, bias = description["scale_and_bias"]
    feature = np.zeros((DEPTH, len(trees)), np.uint16)
    border = np.full((DEPTH, len(trees)), np.inf, np.float32)
    leaves = np.zeros((len(trees), 1 << DEPTH), np.float16)
    for n, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"]):
            feature[level, n] = row_of[split["float_feature_index"]]
            border[level, n] = split["border"]
        leaves[n, : len(tree["leaf_values"])] = np.array(tree["leaf_values"]) * scale
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        file, names=np.array(NAMES), feature=feature, border=border, leaves=leaves, bias=np.float32(bias[0])
    )


def main() -> None:
    """Gather, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with ground-truth.jsonl.gz and html/")
    parser.add_argument("--whole-only", action="store_true", help="leave the folds alone")
    arguments = parser.parse_args()
    started = time.monotonic()
    samples = list(read_wcxb(arguments.data))
    here = Path(__file__).parent
    for name, prefix, pages in (
        ("blocks", "", gather(samples)),
        ("lines", "lines-", [rows for sample in samples for rows in flattened(sample)]),
    ):
        print(
            f"{name}: {len(pages)} pages, {sum(len(page.labels) for page in pages)} rows, {time.monotonic() - started:.0f} s",
            file=sys.stderr,
        )
        write(fit(pages), here / f"{name}.npz")
        for fold in range(0 if arguments.whole_only else FOLDS):
            write(
                fit([page for page in pages if page.fold != fold]),
                here.parents[1] / "benchmarks" / "folds" / f"{prefix}{fold}.npz",
            )
            print(f"{name}, fold {fold}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
