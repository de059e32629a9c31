"""The small model that reads sentences and items: weights in models/*.npz, numpy only.

Word vectors; over three words in a row a layer whose largest answers are kept (Kim 2014); with them the words of the heading and the row of
features.around() into a hidden layer; over five units in a row, twice, what the neighbours say; out of all of it the share of each class.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from importlib import resources
from itertools import chain, pairwise, repeat
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import features
from .cues import Cues
from .features import CLASSES, Floats
from .units import Unit

SHIPPED = "english.npz"
EDGE = 6.0
"""Features further than so many spreads from their mean count as if they stood there."""
NOTHING, UNKNOWN = 0, 1
"""Rows of the word vectors: what stands before the first word and after the last, and a word that is not in the vocabulary."""
SPAN = 3
"""Words in a row that the first layer reads."""
REACH = 2
"""Units on either side that each of the two layers over units reads."""
TEMPERATURE = 1.2
"""Logits are divided by this before they are shares, so that a share is how often the answer is right on sources and authors that the weights have not seen."""
SMALL = 250_000
"""Multiplications at once: below the size from which OpenBLAS starts its threads, which wait longer than they work."""
STEPS = 7
"""A column of the word vectors is kept as so many steps to either side of 0: some three bits each in the compressed file. The other tables have 127."""


@dataclass(frozen=True)
class Model:
    """Weights. Tables have a row for what comes in and a column for what goes out."""

    vocabulary: tuple[str, ...]
    """The words of rows 2 … of `vectors`."""
    vectors: Floats
    spans: Floats
    """From SPAN words' vectors side by side."""
    spans_bias: Floats
    heading: Floats
    """From the sum of a heading's vectors by the root of their number."""
    heading_bias: Floats
    inner: Floats
    """From a unit's row of around(), the largest answers of `spans`, the sum of its vectors by the root of their number, and its heading."""
    inner_bias: Floats
    near: Floats
    """From the hidden layer of 2·REACH + 1 units side by side."""
    near_bias: Floats
    far: Floats
    """The same from what `near` gives."""
    far_bias: Floats
    outer: Floats
    """From the hidden layer, `near` and `far` to the classes."""
    straight: Floats
    """From the row of around() to the classes, past everything else."""
    bias: Floats
    mean: Floats
    scale: Floats

    def read(self, units: Sequence[Unit], cues: Cues) -> Floats:
        """The share of each class for each unit, a row a unit."""
        if not units:
            return np.zeros((0, len(CLASSES)), np.float32)
        rows = ((features.around(units, cues) - self.mean) / self.scale).clip(-EDGE, EDGE)
        hidden = _relu(np.hstack([rows, *self._words(units)]), self.inner, self.inner_bias)
        near = _relu(_side_by_side(hidden), self.near, self.near_bias)
        far = _relu(_side_by_side(near), self.far, self.far_bias)
        logits = _times(np.hstack([hidden, near, far]), self.outer) + _times(rows, self.straight) + self.bias
        logits /= TEMPERATURE
        exps = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Floats = (exps / exps.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares

    @cached_property
    def _numbers(self) -> Callable[[Sequence[str]], list[int]]:
        return numbering(self.vocabulary)

    @cached_property
    def _adds(self) -> list[Floats]:
        """What each word of the vocabulary adds in each place of a span."""
        return [_times(self.vectors, part) for part in np.split(self.spans, SPAN)]

    def _words(self, units: Sequence[Unit]) -> tuple[Floats, Floats, Floats]:
        """The largest answers over each unit's spans, the sum of its vectors, and what its heading gives."""
        under = {unit.heading: unit for unit in units}
        texts = (*map(features.words, units), *map(features.heading_words, under.values()))
        numbers = [self._numbers(words) for words in texts]
        padded = np.array(list(chain.from_iterable([*own, *[NOTHING] * SPAN] for own in numbers)))
        lengths = np.array([len(own) for own in numbers])
        ends = np.cumsum(lengths + SPAN)
        sums = np.add.reduceat(self.vectors.take(padded, axis=0), ends - lengths - SPAN)
        sums = (sums / np.sqrt(np.maximum(lengths, 1))[:, None]).astype(np.float32)
        size = len(units)
        headings = _relu(sums[size:], self.heading, self.heading_bias)
        place = {heading: number for number, heading in enumerate(under)}
        above = headings.take([place[unit.heading] for unit in units], axis=0)
        return self._largest(padded, ends[:size].tolist()), sums[:size], above

    def _largest(self, padded: npt.NDArray[np.intp], ends: list[int]) -> Floats:
        """The largest answers over the spans of each text, of words that end there; nothing stands around a text."""
        before = np.concatenate([np.full(SPAN - 1, NOTHING), padded[: ends[-1]]])
        first, *others = self._adds
        spans = first.take(before[: ends[-1]], axis=0)
        for place, adds in enumerate(others, 1):
            spans += adds.take(before[place : place + ends[-1]], axis=0)
        best = np.array([np.maximum.reduce(spans[start:end]) for start, end in pairwise([0, *ends])])
        largest: Floats = np.maximum(best + self.spans_bias, 0)
        return largest


def numbering(vocabulary: Sequence[str]) -> Callable[[Sequence[str]], list[int]]:
    """What gives words the numbers of their vectors."""
    number = {word: at for at, word in enumerate(vocabulary, UNKNOWN + 1)}.get
    return lambda words: list(map(number, words, repeat(UNKNOWN)))


def _times(left: Floats, right: Floats) -> Floats:
    step = max(1, SMALL // right.size)
    product: Floats = np.concatenate([left[at : at + step] @ right for at in range(0, len(left), step)])
    return product


def _relu(rows: Floats, table: Floats, bias: Floats) -> Floats:
    answers: Floats = np.maximum(_times(rows, table) + bias, 0)
    return answers


def _side_by_side(rows: Floats) -> Floats:
    """Each row with those of its neighbours on either side, zeros beyond the page's ends."""
    beyond = np.zeros((REACH, rows.shape[1]), np.float32)
    wide = np.concatenate([beyond, rows, beyond])
    return np.hstack([wide[at : at + len(rows)] for at in range(2 * REACH + 1)])


def load(path: Path | None = None) -> Model:
    """The shipped weights, or those in a file."""
    if path is None:
        return _shipped()
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return _from({name: arrays[name] for name in arrays.files})


@cache
def _shipped() -> Model:
    source = resources.files(__package__).joinpath("models", SHIPPED)
    with source.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return _from({name: arrays[name] for name in arrays.files})


_TABLES = ("vectors", "spans", "heading", "inner", "near", "far", "outer", "straight")


def _from(arrays: dict[str, npt.NDArray[np.generic]]) -> Model:
    """Undo the rounding of save(): int8 times a step a column."""
    if tuple(arrays["classes"].tolist()) != CLASSES:
        raise ValueError(f"the weights are for other classes: {arrays['classes'].tolist()}")
    found: dict[str, Floats] = {}
    for field in fields(Model):
        if field.name in _TABLES:
            found[field.name] = arrays[field.name].astype(np.float32) * arrays[field.name + "_step"].astype(
                np.float32
            )
        elif field.name != "vocabulary":
            found[field.name] = arrays[field.name].astype(np.float32)
    vocabulary = tuple(arrays["vocabulary"].tobytes().decode().split("\n"))
    return Model(vocabulary, **found)


def save(model: Model, path: Path) -> None:
    """Write the weights, tables as int8."""
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "classes": np.array(CLASSES),
        "vocabulary": np.frombuffer("\n".join(model.vocabulary).encode(), np.uint8),
    }
    for field in fields(Model):
        if field.name in _TABLES:
            table = getattr(model, field.name)
            steps = STEPS if field.name == "vectors" else 127
            step = np.abs(table).max(axis=0) / steps + 1e-9
            arrays[field.name] = np.rint(table / step).astype(np.int8)
            arrays[field.name + "_step"] = step.astype(np.float32)
        elif field.name not in arrays:
            arrays[field.name] = getattr(model, field.name)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # numpy's stubs take the first keyword for a flag
