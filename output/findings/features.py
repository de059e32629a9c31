"""What a model sees of a unit: its words, hashed; its cues; and what stands around it.

Two tables. `words` feeds the first model (which role do these words sound like?). `around` feeds the second: the first
model's answers for the unit, its neighbours and its list, the heading, the lead-in, the cues, the place on the page.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .cues import OTHER, Cues
from .finding import Role
from .units import Unit

BUCKETS = 1 << 14
"""Words and pairs share so many weights a role. (More gains little: research on MedQuAD sentences had macro F1 .620 with 2^15, .629
with 2^16 and with 2^18. This size was taken for the file's sake.)"""
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


@lru_cache(maxsize=50_000)
def _hashes(token: str) -> tuple[bytes, int, int]:
    """A token's bytes, its bucket, and the checksum that a pair's second word goes on from."""
    body = token.encode()
    return body, zlib.crc32(body) % BUCKETS, zlib.crc32(body + b" ")


def words(unit: Unit) -> list[int]:
    """The buckets of the unit's words, of its pairs of words, and of how it begins."""
    found = []
    before = -1
    tokens = unit.tokens[:60]
    for token in tokens:
        body, bucket, start = _hashes(token)
        found.append(bucket)
        if before >= 0:
            found.append(zlib.crc32(body, before) % BUCKETS)
        before = start
    found.append(_hashes("^" + " ".join(tokens[:1]))[1])
    found.append(_hashes("^" + " ".join(tokens[:2]))[1])
    if unit.item:
        found.append(_hashes("=item")[1])
    return found


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
    rows = np.zeros((size, width(cues)), np.float32)
    if not size:
        return rows
    scores = logits - logits.mean(axis=1, keepdims=True)
    shares = _softmax(scores)
    place = {id(unit): number for number, unit in enumerate(units)}
    close = np.zeros((size, 1), np.float32)
    onward = np.zeros((size, 1), np.float32)
    section = np.arange(size)
    kin = np.zeros((size, 2, len(ROLES)), np.float32)
    heading = np.zeros((size, 3, len(ROLES)), np.float32)
    lead = np.zeros((size, len(ROLES)), np.float32)
    family: dict[int, Floats] = {}
    start = 0
    before: Unit | None = None
    for number, unit in enumerate(units):
        if before is None or unit.heading != before.heading:
            start = number
        section[number] = max(start, number - 4)
        if before is not None and (
            before.paragraph == unit.paragraph or (unit.item and before.list_id == unit.list_id)
        ):
            close[number] = 1.0
        if before is not None and before.paragraph == unit.paragraph:
            onward[number - 1] = 1.0
        key = id(unit.siblings)
        if key not in family:
            members = [place[id(member)] for member in unit.siblings if id(member) in place]
            family[key] = scores[members].mean(axis=0) if members else np.zeros(len(ROLES), np.float32)
        kin[number, 0 if unit.item else 1] = family[key]
        if unit.item and unit.lead_in and unit.siblings:
            first = place.get(id(unit.siblings[0]), number)
            if first and not units[first - 1].item:
                rows[number, 80:90] = scores[first - 1]
        if unit.heading_role:
            role = _ROLE_AT[unit.heading_role]
            heading[number, 0, role] = 1.0
            heading[number, 1, role] = unit.fresh
            heading[number, 2, role] = unit.item
        if unit.item and unit.lead_role:
            lead[number, _ROLE_AT[unit.lead_role]] = 1.0
        rows[number, 130:154] = _place(unit, number, size, bool(close[number, 0]))
        before = unit
    numbers = np.arange(size)
    sums = np.vstack([np.zeros((1, len(ROLES)), np.float32), np.cumsum(shares, axis=0)])
    left, right = np.maximum(0, numbers - WINDOW), np.minimum(size, numbers + WINDOW + 1)
    rows[:, 0:10] = scores
    rows[:, 10:20] = shares
    rows[1:, 20:30] = scores[:-1] * close[1:]
    rows[:-1, 30:40] = scores[1:] * onward[:-1]
    rows[:, 40:60] = kin.reshape(size, -1)
    rows[:, 60:70] = (sums[numbers] - sums[section]) / np.maximum(1, numbers - section)[:, None]
    rows[:, 70:80] = (sums[right] - sums[left]) / (right - left)[:, None]
    rows[:, 90:120] = heading.reshape(size, -1)
    rows[:, 120:130] = lead
    bits = np.array([unit.cues for unit in units], np.uint64)[:, None] >> np.arange(
        len(cues.finder.cues), dtype=np.uint64
    )
    shown = (bits & np.uint64(1)).astype(np.float32)
    count = shown.shape[1]
    rows[:, 154 : 154 + count] = shown
    rows[1:, 154 + count : 154 + 2 * count] = shown[:-1] * close[1:]
    return rows


def width(cues: Cues) -> int:
    """Columns of around()."""
    return 154 + 2 * len(cues.finder.cues)


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
        float(unit.closed),
        float(unit.inherited),
        float(unit.inherited and unit.item),
        min(size, 100) / 50,
    ]


def _softmax(scores: Floats) -> Floats:
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = exps / exps.sum(axis=1, keepdims=True)
    return shares
