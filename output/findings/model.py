"""The two small models that read sentences and items: weights in models/*.npz, numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
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
BLOCK = 5
"""Rows multiplied at once: below the size from which OpenBLAS starts its threads, which wait longer than they work. (Blocks of 5, 16
and 64: 3.6, 5.0 and 5.7 ms of CPU an article of part a.)"""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights, and how sure an answer of theirs turned out to be."""

    words: Floats
    """A row a bucket, a column a role."""
    words_bias: Floats
    inner: Floats
    """A row a feature of features.around(), a column a unit of the hidden layer."""
    inner_bias: Floats
    outer: Floats
    """A row a unit of the hidden layer, a column a class."""
    straight: Floats
    """From features to classes, past the hidden layer."""
    bias: Floats
    mean: Floats
    scale: Floats
    temperature: float
    """Logits are divided by this before they are shares: fitted on articles that the weights had not seen."""

    def read(self, units: Sequence[Unit], cues: Cues) -> Floats:
        """The share of each class for each unit, a row a unit."""
        rows = features.around(units, self.sound(units), cues)
        return self.top_shares(rows)

    def sound(self, units: Sequence[Unit]) -> Floats:
        """The first model's logits: what a unit's own words sound like."""
        return features.sound(units, self.words, self.words_bias)

    def top_shares(self, rows: Floats) -> Floats:
        """The second model's answer for rows of features.around()."""
        logits = np.empty((len(rows), len(CLASSES)), np.float32)
        for start in range(0, len(rows), BLOCK):
            some = ((rows[start : start + BLOCK] - self.mean) / self.scale).clip(-EDGE, EDGE)
            hidden = np.maximum(some @ self.inner + self.inner_bias, 0)
            logits[start : start + BLOCK] = hidden @ self.outer + some @ self.straight + self.bias
        logits /= self.temperature
        exps = np.exp(logits - logits.max(axis=1, keepdims=True)) if len(logits) else logits
        shares: Floats = (exps / exps.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares


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


def _from(arrays: dict[str, npt.NDArray[np.generic]]) -> Model:
    """Undo the rounding of save(): int8 times a step a column."""
    if tuple(arrays["classes"].tolist()) != CLASSES:
        raise ValueError(f"the weights are for other classes: {arrays['classes'].tolist()}")

    def real(name: str) -> Floats:
        return arrays[name].astype(np.float32)

    return Model(
        real("words") * real("words_step"),
        real("words_bias"),
        real("inner"),
        real("inner_bias"),
        real("outer"),
        real("straight"),
        real("bias"),
        real("mean"),
        real("scale"),
        float(arrays["temperature"].item()),
    )


def save(model: Model, path: Path) -> None:
    """Write the weights, the large table as int8, the second model's as half floats."""

    def rounded(table: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
        step = np.abs(table).max(axis=0) / 127 + 1e-9
        return np.rint(table / step).astype(np.int8), step.astype(np.float32)

    word_table, words_step = rounded(model.words)
    np.savez_compressed(
        path,
        words=word_table,
        words_step=words_step,
        words_bias=model.words_bias,
        inner=model.inner.astype(np.float16),
        inner_bias=model.inner_bias,
        outer=model.outer.astype(np.float16),
        straight=model.straight.astype(np.float16),
        bias=model.bias,
        mean=model.mean,
        scale=model.scale,
        temperature=np.float32(model.temperature),
        classes=np.array(CLASSES),
    )
