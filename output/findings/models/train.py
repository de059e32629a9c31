"""Make the weights: python -m output.findings.models.train MEDQUAD [--without SOURCE] [--out FILE], from a checkout.

MEDQUAD is answers.jsonl.gz; our own labelled articles (all authors but b; part a without its held-out pattern families) and the labels of
MedQuAD's sentences lie in benchmarks/. Two models:

1. words → role. Multinomial logistic regression on hashed words and pairs, trained on MedQuAD's units with their question's
   type as a noisy label, and on the labelled units, which count more.
2. what stands around → role, "other" or "continues". Small nets (net.py) on features.around(), trained on labelled units only:
   medquad_labels.tsv (sentences of MedQuAD labelled by hand) and our own articles. The first model's answers that it reads come from weights that had
   not seen the document's source, so that it learns how far they can be trusted elsewhere.

Each labelled document of MedQuAD is read with its headings and without. Needs scikit-learn (not used where findings are made).
"""

import argparse
import csv
import json
import random
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from cleaning.article import Article
from output.findings import features
from output.findings.cues import Cues, cues_of
from output.findings.features import BUCKETS, CLASSES, CONTINUES, ROLES, Floats
from output.findings.model import Model, save
from output.findings.models import net
from output.findings.models.corpus import TRAINED_ON, Example, read_corpus
from output.findings.models.medquad import Source, article_of, read
from output.findings.subject import describe
from output.findings.units import Unit, lay_out, mask_of

Integers = npt.NDArray[np.int64]
HERE = Path(__file__).parent
BENCHMARKS = HERE.parents[2] / "benchmarks"
GOLD = HERE / "left_out.txt"
"""MedQuAD documents that findings-gold is made of: never trained on, whatever the source."""
CAP = 5_000
"""Noisy units of one role at most: MedQuAD has ten times more "other" than prevention."""
OWN_WEIGHT = 6.0
"""A labelled unit against a noisy one in the first model. (6, 12 and 20, authors left out: lists of our own pages right .923, .894, .903; macro F1 within .005 of one
another, for sources of MedQuAD as well.)"""

CONSUMER_WEIGHT = 6.0
"""A unit of our own consumer pages against one of MedQuAD in the second model. (2 and 4, authors left out: macro F1 of our own pages .637, .646, of
NIDDK and NHLBI .682, .680; 6, with some more wordings of headings, .679 and .681.)"""


@dataclass(slots=True)
class Document:
    """Units with their labels: a class for the second model, "" where not labelled."""

    key: str
    units: list[Unit]
    labels: list[str]
    noisy: list[str]
    """The question's role; "" where there is none."""
    weight: float

    @property
    def fold(self) -> str:
        """What is held out together: a source of MedQuAD, an author of our own pages."""
        return self.key.partition("/")[0]


def main() -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early on purpose: see max_iter
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("medquad", type=Path)
    parser.add_argument(
        "--without", default="", help="leave out a source of MedQuAD: NIDDK, NHLBI, CancerGov"
    )
    parser.add_argument("--out", type=Path, default=HERE / "english.npz")
    given = parser.parse_args()
    cues = cues_of("en")
    documents = prepare(given.medquad, given.without, cues)
    print(Counter(label for document in documents for label in document.labels if label), file=sys.stderr)
    model = train(documents, cues)
    save(model, given.out)
    print(f"{given.out}: {given.out.stat().st_size} bytes", file=sys.stderr)


def prepare(medquad: Path, without: str, cues: Cues) -> list[Document]:
    """Every document to learn from, laid out."""
    hand = read_labels(BENCHMARKS / "medquad_labels.tsv")
    left_out = set(GOLD.read_text(encoding="utf-8").split())
    documents: list[Document] = []
    for source in read(medquad):
        if source.source == without or source.key in left_out:
            continue
        if source.key in hand:
            documents.extend(
                _by_hand(source, hand[source.key], cues, headings=shown) for shown in (True, False)
            )
        else:
            documents.append(_noisy(source, cues))
    documents.extend(
        own(example, cues)
        for example in read_corpus(BENCHMARKS / "findings_corpus")
        if example.part in TRAINED_ON and not (example.part == "a" and example.held_out)
    )
    return documents


def read_labels(path: Path) -> dict[str, list[tuple[int, int, int, str]]]:
    """Document → (answer, start, end, role): offsets into the answer's text as medquad.read() gives it."""
    found: dict[str, list[tuple[int, int, int, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found.setdefault(row["document"], []).append(
                (int(row["answer"]), int(row["start"]), int(row["end"]), row["role"])
            )
    return found


def laid_out(article: Article, cues: Cues) -> list[Unit]:
    subject = describe(article)
    return lay_out(article, cues, mask_of(subject.topic, subject.alternate_names, cues))


def _by_hand(
    source: Source, hand: Sequence[tuple[int, int, int, str]], cues: Cues, *, headings: bool
) -> Document:
    article, places = article_of(source, headings=headings)
    begins = {number: start for number, start, _ in places}
    spans = [(begins[n] + start, begins[n] + end, role) for n, start, end, role in hand]
    units = laid_out(article, cues)
    return Document(source.key, units, _labels(units, spans, fill=""), [""] * len(units), 1.0)


def _noisy(source: Source, cues: Cues) -> Document:
    headings = zlib.crc32(source.key.encode()) % 2 == 0
    article, places = article_of(source, headings=headings)
    units = laid_out(article, cues)
    roles = [source.answers[number].role for number, _, _ in places]
    noisy = []
    for unit in units:
        at = next((i for i, (_, start, end) in enumerate(places) if start <= unit.start < end), None)
        known = (at is not None and 3 < len(unit.tokens) < 80) or (unit.item and at is not None)
        noisy.append(roles[at] if known and at is not None else "")
    return Document(source.key, units, [""] * len(units), noisy, 1.0)


def own(example: Example, cues: Cues) -> Document:
    units = laid_out(example.article, cues)
    spans = [(label.start, label.end, label.role) for label in example.labels if label.polarity != "negated"]
    return Document(
        f"{example.part}/{example.name}",
        units,
        _labels(units, spans, fill="other"),
        [""] * len(units),
        CONSUMER_WEIGHT,
    )


def _labels(units: Sequence[Unit], spans: Sequence[tuple[int, int, str]], fill: str) -> list[str]:
    """The role of the span that covers most of each unit; "continues" from the second unit of a span on."""
    labels = []
    begun: set[int] = set()
    for unit in units:
        best, best_share = -1, 0
        for number, (start, end, _) in enumerate(spans):
            share = min(end, unit.end) - max(start, unit.start)
            if share > best_share:
                best, best_share = number, share
        if best < 0 or best_share < 0.4 * min(unit.end - unit.start, spans[best][1] - spans[best][0]):
            labels.append(fill)
        elif spans[best][2] in (CONTINUES, "other"):
            labels.append(spans[best][2])
        elif best in begun:
            labels.append(CONTINUES)
        else:
            begun.add(best)
            labels.append(spans[best][2])
    return labels


# ---------------------------------------------------------------------------------------------------- training


def train(documents: Sequence[Document], cues: Cues) -> Model:
    """Both models; the first also without each source, so that the second learns how far it goes on pages from elsewhere."""
    rng = random.Random(7)  # noqa: S311  a sample, no secret
    labelled = [document for document in documents if any(document.labels)]
    sounded: dict[int, Floats] = {}
    for fold in sorted({document.fold for document in labelled}):
        weights, bias = _words_model([d for d in documents if d.fold != fold], rng)
        for number, document in enumerate(labelled):
            if document.fold == fold:
                sounded[number] = features.sound(document.units, weights, bias)
    weights, bias = _words_model(documents, rng)
    rows, targets, groups, sample = [], [], [], []
    for number, document in enumerate(labelled):
        table = features.around(document.units, sounded[number], cues)
        for row, label in zip(table, document.labels, strict=True):
            if label:
                rows.append(row)
                targets.append(CLASSES.index(label))
                groups.append(document.fold)
                sample.append(document.weight)
    x, y, folds, weight = np.array(rows), np.array(targets), np.array(groups), np.array(sample, np.float32)
    print(f"{len(x)} labelled units, {x.shape[1]} features", file=sys.stderr)
    held = np.zeros((len(x), len(CLASSES)), np.float32)
    for fold in sorted(set(groups)):
        seen = folds != fold
        model = _model(weights, bias, net.fit(x[seen], y[seen], weight[seen], nets=1), 1.0)
        held[~seen] = np.log(model.top_shares(x[~seen]) + 1e-9)
    temperature = _temperature(held, y)
    _report(held / temperature, y)
    return _model(weights, bias, net.fit(x, y, weight), temperature)


def _model(words: Floats, words_bias: Floats, top: net.Net, temperature: float) -> Model:
    return Model(
        words,
        words_bias,
        top.inner,
        top.inner_bias,
        top.outer,
        top.straight,
        top.bias,
        top.mean,
        top.scale,
        temperature,
    )


def _words_model(documents: Sequence[Document], rng: random.Random) -> tuple[Floats, Floats]:
    noisy: dict[str, list[Unit]] = {}
    rows: list[list[int]] = []
    targets: list[int] = []
    sample: list[float] = []
    for document in documents:
        for unit, label, role in zip(document.units, document.labels, document.noisy, strict=True):
            if label and label != CONTINUES:
                rows.append(features.words(unit))
                targets.append(ROLES.index(label))
                sample.append(OWN_WEIGHT)
            elif role and not label:
                noisy.setdefault(role, []).append(unit)
    for role, units in noisy.items():
        for unit in rng.sample(units, min(CAP, len(units))):
            rows.append(features.words(unit))
            targets.append(ROLES.index(role))
            sample.append(1.0)
    table = _sparse(rows)
    fit = LogisticRegression(C=3.0, max_iter=60, tol=1e-3)
    fit.fit(table, targets, sample_weight=np.array(sample))
    weights = np.zeros((BUCKETS, len(ROLES)), np.float32)
    bias = np.full(len(ROLES), -8.0, np.float32)
    for row, role in enumerate(fit.classes_):
        weights[:, role] = fit.coef_[row]
        bias[role] = fit.intercept_[row]
    return weights, bias


def _sparse(rows: Sequence[Sequence[int]]) -> csr_matrix:
    lengths = np.array([len(row) for row in rows])
    indices = np.concatenate([np.array(row) for row in rows])
    values = np.repeat(1 / np.sqrt(lengths), lengths).astype(np.float32)
    return csr_matrix(
        (values, indices, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(rows), BUCKETS)
    )


def _temperature(logs: Floats, y: Integers) -> float:
    """What to divide logits by for the least log loss."""

    def loss(temperature: float) -> float:
        z = logs / temperature
        z = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return -float(z[np.arange(len(y)), y].mean())

    return float(min(np.arange(0.6, 2.6, 0.05).tolist(), key=loss))


def _report(logs: Floats, y: Integers) -> None:
    """Out-of-fold figures and the reliability table, for the card."""
    shares = np.exp(logs)
    shares /= shares.sum(axis=1, keepdims=True)
    guess = shares.argmax(axis=1)
    rows = {}
    for number, name in enumerate(CLASSES):
        hit = int(((guess == number) & (y == number)).sum())
        found, gold = int((guess == number).sum()), int((y == number).sum())
        rows[name] = [round(hit / max(1, found), 3), round(hit / max(1, gold), 3), gold]
    print(
        json.dumps(
            {"accuracy": round(float((guess == y).mean()), 4), "precision, recall, units": rows}, indent=1
        ),
        file=sys.stderr,
    )
    sure = shares.max(axis=1)
    for low in np.arange(0.2, 1.0, 0.1):
        chosen = (sure >= low) & (sure < low + 0.1)
        if chosen.sum():
            print(
                f"said {sure[chosen].mean():.2f} was {(guess == y)[chosen].mean():.2f} of {int(chosen.sum())}",
                file=sys.stderr,
            )


if __name__ == "__main__":
    main()
