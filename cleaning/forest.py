"""Boosted oblivious trees, answered in numpy for all blocks of a page at once.

In an oblivious tree every node of one depth asks the same question, so that a tree of depth six is six comparisons and a table of 64 answers:
no walk from node to node, only array operations. (Method: CatBoost, Prokhorenkova et al. 2018; the trees are trained with it.)
"""

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from .features import NAMES

_CHUNK = 2048
"""Blocks answered at once: keeps the working arrays of a large page below 20 MB."""


@dataclass(frozen=True)
class Forest:
    """Trees of one depth whose answers add up to log-odds."""

    feature: NDArray[np.intp]
    """Depth × trees: the row of the table that is asked, in the order of features.NAMES."""
    border: NDArray[np.float32]
    """Depth × trees: the answer is yes above it."""
    leaves: NDArray[np.float32]
    """Trees × 2^depth, first question in the lowest bit."""
    bias: float

    def log_odds(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer for every column of a table that has a row for each feature."""
        depth, trees = self.feature.shape
        feature, border, number = self._questions
        blocks = values.shape[1]
        flat = self.leaves.reshape(-1)
        base = (np.arange(trees) << depth)[:, None]
        out = np.empty(blocks, np.float32)
        for start in range(0, blocks, _CHUNK):
            yes = values[:, start : start + _CHUNK].take(feature, axis=0, mode="clip") > border
            answers = yes.view(np.uint8).take(number, axis=0, mode="clip")
            leaf = answers[-1]
            for level in range(depth - 2, -1, -1):  # a sum takes a fraction of the time of a shift
                leaf += leaf
                leaf += answers[level]
            out[start : start + _CHUNK] = flat.take(base + leaf, mode="clip").sum(0) + self.bias
        return out

    @cached_property
    def _questions(self) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
        """Each question once, its row and its border, and depth × trees the number of the one asked: half of them are asked by several trees."""
        every = np.array([self.feature.ravel(), self.border.ravel()])
        questions, number = np.unique(every, axis=1, return_inverse=True)
        return (
            questions[0].astype(np.intp),
            questions[1].astype(np.float32)[:, None],
            number.reshape(self.feature.shape),
        )


def load_forest(stored: bytes) -> Forest:
    """Read a forest as the training script writes it; ValueError if it asks for other features than the cleaner counts."""
    with np.load(BytesIO(stored), allow_pickle=False) as arrays:
        if tuple(arrays["names"].tolist()) != NAMES:
            raise ValueError(
                "the forest was trained on other features; train it anew (python -m cleaning.models.train)"
            )
        return Forest(
            feature=arrays["feature"].astype(np.intp),
            border=arrays["border"].astype(np.float32),
            leaves=arrays["leaves"].astype(np.float32),
            bias=float(arrays["bias"]),
        )


def probability(log_odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logistic function."""
    return (1.0 / (1.0 + np.exp(-log_odds))).astype(np.float32)
