"""Find out which blocks of a page make up its known content."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_RUN = 3
"""Words in a row that must stand in the content for a word to count as found. (The ceilings of research were measured with runs of three.)"""
_AROUND = 6
"""Blocks to either side that tell where the content is densest."""


def label(texts: Sequence[str], content: str) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """1 for the content's blocks, and every block's number of words.

    A block is content when at least half of its words lie in runs of words of the content, and are still to be had: each word of the
    content serves once, and serves the blocks first that stand where most is found, so that copies in teasers and contents lists go empty.
    """
    words = [_WORD.findall(text.lower()) for text in texts]
    wanted = _WORD.findall(content.lower())
    runs = set(zip(wanted, wanted[1:], wanted[2:], strict=False))
    pairs, singles = set(pairwise(wanted)), set(wanted)
    lines = {tuple(_WORD.findall(line.lower())) for line in content.split("\n")}
    count = len(texts)
    found = np.zeros(count)
    for n, own in enumerate(words):
        if not own:
            continue
        if len(own) < _RUN:
            known = own[0] in singles if len(own) == 1 else (own[0], own[1]) in pairs
            found[n] = 1.0 if tuple(own) in lines else 0.5 * known
            continue
        marks = [False] * len(own)
        for i, run in enumerate(zip(own, own[1:], own[2:], strict=False)):
            if run in runs:
                marks[i] = marks[i + 1] = marks[i + 2] = True
        found[n] = sum(marks) / len(own)
    sizes: NDArray[np.int64] = np.array([len(own) for own in words], np.int64)
    dense = np.concatenate([[0], np.cumsum(np.where(found > 0.6, sizes, 0))])
    total = np.concatenate([[0], np.cumsum(sizes)])
    place = np.arange(count)
    low, high = np.maximum(place - _AROUND, 0), np.minimum(place + _AROUND + 1, count)
    near = dense[high] - dense[low]
    density = np.round(near / np.maximum(total[high] - total[low], 1) * np.log1p(near), 2)
    left = Counter(wanted)
    labels = np.zeros(count, np.int8)
    for n in sorted(range(count), key=lambda n: (-min(len(words[n]), _RUN), -float(density[n]), n)):
        own = words[n]
        if not own or found[n] < 0.5:
            continue
        between = 0 < n < count - 1 and labels[n - 1] and labels[n + 1]
        if len(own) < _RUN and found[n] < 1 and not between:
            continue
        counts = Counter(own)
        if sum(min(number, left[word]) for word, number in counts.items()) >= 0.5 * len(own):
            labels[n] = 1
            left.subtract(counts)
            for word in counts:
                left[word] = max(0, left[word])
    return labels, sizes
