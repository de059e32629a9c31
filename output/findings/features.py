"""What the model sees of a unit: the words of it and of its heading, and a row of what stands around it.

The row: the role of heading and lead-in, the cues, the place on the page. What the words mean is the model's to tell.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .cues import OTHER, Cues
from .finding import Role
from .units import Unit, tokens_of

ROLES = (*(role.value for role in Role), OTHER)
CONTINUES = "continues"
CLASSES = (*ROLES, CONTINUES)
"""The model also says whether a sentence goes on with the finding before it."""
MAX_WORDS = 48
MAX_HEADING = 16
"""Words of a unit and of its heading that are read."""

Floats = npt.NDArray[np.float32]
_ROLE_AT = {role: number for number, role in enumerate(ROLES)}
_MARKERS = ("num", "bullet", "ordinal", "label", "line")
_PLACES = 24
_LEAD = 3 * len(ROLES)
_PLACE = _LEAD + len(ROLES)
_CUES = _PLACE + _PLACES


def words(unit: Unit) -> list[str]:
    """The unit's words, the page's topic masked."""
    return unit.tokens[:MAX_WORDS]


def heading_words(unit: Unit) -> list[str]:
    """The words of the heading above it."""
    return tokens_of(unit.heading.lower())[:MAX_HEADING]


def around(units: Sequence[Unit], cues: Cues) -> Floats:
    """One row a unit, `width` columns."""
    size = len(units)
    rows = np.zeros((size, width(cues)), np.float32)
    if not size:
        return rows
    heading = np.zeros((size, 3, len(ROLES)), np.float32)
    close = np.zeros((size, 1), np.float32)
    before: Unit | None = None
    for number, unit in enumerate(units):
        if before is not None and (
            before.paragraph == unit.paragraph or (unit.item and before.list_id == unit.list_id)
        ):
            close[number] = 1.0
        if unit.heading_role:
            role = _ROLE_AT[unit.heading_role]
            heading[number, 0, role] = 1.0
            heading[number, 1, role] = unit.fresh
            heading[number, 2, role] = unit.item
        if unit.item and unit.lead_role:
            rows[number, _LEAD + _ROLE_AT[unit.lead_role]] = 1.0
        rows[number, _PLACE:_CUES] = _place(unit, number, size, bool(close[number, 0]))
        before = unit
    rows[:, :_LEAD] = heading.reshape(size, -1)
    count = len(cues.finder.cues)
    bits = np.array([unit.cues for unit in units], np.uint64)[:, None] >> np.arange(count, dtype=np.uint64)
    shown = (bits & np.uint64(1)).astype(np.float32)
    rows[:, _CUES : _CUES + count] = shown
    rows[1:, _CUES + count :] = shown[:-1] * close[1:]
    return rows


def width(cues: Cues) -> int:
    """Columns of around()."""
    return _CUES + 2 * len(cues.finder.cues)


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
