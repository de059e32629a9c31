"""Boosted oblivious trees, answered in numpy for all blocks of a page at once.

In an oblivious tree every node of one depth asks the same question, so that a tree of depth six is six comparisons and a table of 64 answers:
no walk from node to node, only array operations. (Method: CatBoost, Prokhorenkova et al. 2018; the trees are trained with it.)
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from .features import NAMES

_CHUNK = 2048
"""Blocks answered at once: keeps the working arrays of a large page below 20 MB."""


@dataclass(frozen=True, slots=True)
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
        blocks = values.shape[1]
        flat = self.leaves.reshape(-1)
        base = (np.arange(trees) << depth)[:, None]
        borders = self.border[:, :, None]
        out = np.empty(blocks, np.float32)
        for start in range(0, blocks, _CHUNK):
            part = values[:, start : start + _CHUNK]
            leaf = np.zeros((trees, part.shape[1]), np.uint8)
            asked = np.empty((trees, part.shape[1]), np.float32)
            yes = np.empty((trees, part.shape[1]), np.bool_)
            for level in range(depth - 1, -1, -1):  # a sum takes a fraction of the time of a shift
                part.take(self.feature[level], axis=0, out=asked, mode="clip")
                np.greater(asked, borders[level], out=yes)
                leaf += leaf
                leaf += yes.view(np.uint8)
            flat.take(base + leaf, out=asked, mode="clip")
            out[start : start + _CHUNK] = asked.sum(0) + self.bias
        return out


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
