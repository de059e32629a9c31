"""What a model sees of a unit: its words, hashed; its cues; and what stands around it.

Two tables. `words` feeds the first model (which role do these words sound like?). `around` feeds the second: the first
model's answers for the unit, its neighbours and its list, the heading, the lead-in, the cues, the place on the page.
"""

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .cues import OTHER, Cues
from .finding import Role
from .units import Unit

BUCKETS = 1 << 14
"""Words and pairs share so many weights a role; 2^15 gains less than a point of F1 on MedQuAD and doubles the file."""
ROLES = (*(role.value for role in Role), OTHER)
CONTINUES = "continues"
CLASSES = (*ROLES, CONTINUES)
"""The second model also says whether a sentence goes on with the finding before it."""

Floats = npt.NDArray[np.float32]
_ROLE_AT = {role: number for number, role in enumerate(ROLES)}
_MARKERS = ("num", "bullet", "ordinal", "label", "line")
ITEM = 130
"""The column of around() that tells an item from a sentence."""
WINDOW = 3
"""Sentences on either side that make up the neighbourhood."""


def words(unit: Unit) -> list[int]:
    """The buckets of the unit's words, of its pairs of words, and of how it begins."""
    tokens = unit.tokens[:60]
    keys = list(tokens)
    keys.extend(map(" ".join, pairwise(tokens)))
    keys.append("^" + " ".join(tokens[:1]))
    keys.append("^" + " ".join(tokens[:2]))
    if unit.item:
        keys.append("=item")
    return [zlib.crc32(key.encode()) % BUCKETS for key in keys]


def sound(units: Sequence[Unit], weights: Floats, bias: Floats) -> Floats:
    """The first model's logits: the mean weight of the unit's buckets, times the root of how many there are."""
    if not units:
        return np.zeros((0, len(bias)), np.float32)
    buckets = [words(unit) for unit in units]
    counts = np.array([len(some) for some in buckets])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(weights[np.concatenate(buckets)], starts, axis=0)
    logits: Floats = (sums / np.sqrt(counts)[:, None] + bias).astype(np.float32)
    return logits


def around(units: Sequence[Unit], logits: Floats, cues: Cues) -> Floats:
    """One row a unit; `logits` are the first model's, a row a unit and a column a role."""
    size = len(units)
    if not size:
        return np.zeros((0, width(cues)), np.float32)
    scores = logits - logits.mean(axis=1, keepdims=True)
    shares = _softmax(scores)
    place = {id(unit): number for number, unit in enumerate(units)}
    blank = np.zeros(len(ROLES), np.float32)
    family: dict[int, Floats] = {}
    section_start = 0
    rows = np.zeros((size, width(cues)), np.float32)
    cue_count = len(cues.finder.cues)
    cumulative = np.vstack([np.zeros((1, len(ROLES)), np.float32), np.cumsum(shares, axis=0)])
    for number, unit in enumerate(units):
        before = units[number - 1] if number else None
        if before is None or unit.heading != before.heading:
            section_start = number
        key = id(unit.siblings)
        if key not in family:
            members = [place[id(member)] for member in unit.siblings if id(member) in place]
            family[key] = scores[members].mean(axis=0) if members else blank
        close = before is not None and (
            before.paragraph == unit.paragraph or (unit.item and before.list_id == unit.list_id)
        )
        low, high = max(section_start, number - 4), number
        section = (cumulative[high] - cumulative[low]) / max(1, high - low)
        left, right = max(0, number - WINDOW), min(size, number + WINDOW + 1)
        near = (cumulative[right] - cumulative[left]) / (right - left)
        lead = blank
        if unit.item and unit.siblings:
            first = place.get(id(unit.siblings[0]), number)
            if first and not units[first - 1].item and unit.lead_in:
                lead = scores[first - 1]
        row = rows[number]
        row[0:10] = scores[number]
        row[10:20] = shares[number]
        row[20:30] = scores[number - 1] if close else blank
        row[30:40] = (
            scores[number + 1]
            if number + 1 < size and units[number + 1].paragraph == unit.paragraph
            else blank
        )
        row[40:50] = family[key] if unit.item else 0
        row[50:60] = 0 if unit.item else family[key]
        row[60:70] = section
        row[70:80] = near
        row[80:90] = lead
        at = 90
        if unit.heading_role:
            row[at + _ROLE_AT[unit.heading_role]] = 1.0
            if unit.fresh:
                row[at + 10 + _ROLE_AT[unit.heading_role]] = 1.0
            if unit.item:
                row[at + 20 + _ROLE_AT[unit.heading_role]] = 1.0
        at = 120
        if unit.item and unit.lead_role:
            row[at + _ROLE_AT[unit.lead_role]] = 1.0
        at = 130
        row[at : at + 20] = _place(unit, number, size, close)
        bits = unit.cues
        row[at + 20 : at + 20 + cue_count] = [bits >> bit & 1 for bit in range(cue_count)]
        if before is not None and close:
            previous = before.cues
            row[at + 20 + cue_count : at + 20 + 2 * cue_count] = [
                previous >> bit & 1 for bit in range(cue_count)
            ]
    return rows


def width(cues: Cues) -> int:
    """Columns of around()."""
    return 150 + 2 * len(cues.finder.cues)


def _place(unit: Unit, number: int, size: int, close: bool) -> list[float]:
    count = len(unit.tokens)
    return [
        float(unit.item),
        float(not unit.item and unit.index == 0),
        float(not unit.item and unit.index == 1),
        float(close),
        min(count, 60) / 30,
        float(count <= 5),
        min(len(unit.siblings), 12) / 6,
        float(unit.label_end >= 0),
        number / max(1, size - 1),
        float(number < 3),
        float(bool(unit.heading)),
        float(bool(unit.lead_in)),
        float("TOPIC" in unit.tokens),
        float("TOPIC" in unit.tokens[:4]),
        float("TOPIC" in unit.tokens[-5:]),
        *(float(unit.marker == marker) for marker in _MARKERS),
    ]


def _softmax(scores: Floats) -> Floats:
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = exps / exps.sum(axis=1, keepdims=True)
    return shares
