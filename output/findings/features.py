"""What the model sees of a unit: the words of it and of its heading, and a row of what stands around it.

The row: the role of heading and lead-in, the cues, the place on the page, and whether the page is about a complaint at all. What the words mean is the model's to tell.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from cleaning.health import health_of_words

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
_TOLD = {role: number for number, role in enumerate([*ROLES, ""])}
_SHOWN_ROLES = np.eye(len(_TOLD), len(ROLES), dtype=np.float32)
"""A row a role: 1 in its own column; the last row for no role."""
_MARKERS = ("num", "bullet", "ordinal", "label", "line")
_SHOWN_MARKERS = {marker: tuple(marker == other for other in _MARKERS) for marker in ("none", *_MARKERS)}
_PLACES = 24
_PAGE = 4
_PLACE = 4 * len(ROLES)
_WHOLE = _PLACE + _PLACES
_CUES = _WHOLE + _PAGE
MUCH_HEALTH, MOST_HEALTH = 20.0, 3.0
"""The score (cleaning.health) of a page that counts as 1, and what a page counts at most: half of our own consumer articles score 17 or more, one in a hundred 45."""


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
    close = [False, *(_close(unit, before) for before, unit in pairwise(units))]
    named = ["TOPIC" in unit.tokens for unit in units]
    places = chain.from_iterable(
        _place(unit, number, size, close[number], named[number]) for number, unit in enumerate(units)
    )
    rows[:, _PLACE:_WHOLE] = np.fromiter(places, np.float32).reshape(size, _PLACES)
    item = rows[:, _PLACE, None]
    fresh = np.array([unit.fresh for unit in units])[:, None]
    heading = _SHOWN_ROLES.take([_TOLD[unit.heading_role] for unit in units], axis=0)
    lead = _SHOWN_ROLES.take([_TOLD[unit.lead_role] for unit in units], axis=0)
    rows[:, :_PLACE] = np.concatenate([heading, heading * fresh, heading * item, lead * item], axis=1)
    rows[:, _WHOLE:_CUES] = _page(units, sum(named))
    count = len(cues.finder.cues)
    bits = np.array([[unit.cues] for unit in units], "<u8").view(np.uint8)
    shown = np.unpackbits(bits, axis=1, count=count, bitorder="little")
    rows[:, _CUES : _CUES + count] = shown
    rows[1:, _CUES + count :] = shown[:-1] * np.array(close[1:])[:, None]
    return rows


def width(cues: Cues) -> int:
    """Columns of around()."""
    return _CUES + 2 * len(cues.finder.cues)


def _page(units: Sequence[Unit], named: int) -> tuple[float, ...]:
    """What the page as a whole tells: on one about a product or on keeping well the same words state less often a finding. `named`: units that name its topic."""
    said = health_of_words(Counter(chain.from_iterable(unit.tokens for unit in units)))
    return (
        units[0].known_topic,
        named > 0,
        named / len(units),
        min(said.score / MUCH_HEALTH, MOST_HEALTH),
    )


def _close(unit: Unit, before: Unit) -> bool:
    return before.paragraph == unit.paragraph or (unit.item and before.list_id == unit.list_id)


def _place(unit: Unit, number: int, size: int, close: bool, named: bool) -> tuple[float, ...]:
    count = len(unit.tokens)
    return (
        unit.item,
        not unit.item and unit.index == 0,
        not unit.item and unit.index == 1,
        close,
        min(count, 60) / 30,
        count <= 5,
        min(len(unit.siblings), 12) / 6,
        unit.label_end >= 0,
        number / max(1, size - 1),
        number < 3,
        bool(unit.heading),
        bool(unit.lead_in),
        named,
        named and "TOPIC" in unit.tokens[:4],
        named and "TOPIC" in unit.tokens[-5:],
        *_SHOWN_MARKERS[unit.marker],
        unit.closed,
        unit.inherited,
        unit.inherited and unit.item,
        min(size, 100) / 50,
    )
