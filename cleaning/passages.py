"""Divide an article's text into headings, paragraphs and list items, in HTML lists or in run-on prose."""

from dataclasses import dataclass
from enum import StrEnum


class Marker(StrEnum):
    """What shows a reader that an item is an item."""

    NUMBER = "num"
    BULLET = "bullet"
    ORDINAL = "ordinal"
    LABEL = "label"
    LINE = "line"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading, a paragraph or one item of a list. Offsets are half-open code points into Article.text."""

    kind: str
    """heading, paragraph or item."""
    start: int
    """After the marker, if the text holds one."""
    end: int
    level: int = 0
    """A heading's rank 1–6; an item's nesting, outermost 1."""
    list_id: int = -1
    """Which list of the article, counted from 0; -1 for none."""
    position: int = 0
    """1-based place in the list; 0 for none."""
    marker: Marker = Marker.NONE
    label_end: int = -1
    """The label is text[start:label_end] ("Fatigue" in "1. Fatigue. Too much …"); -1 for none."""
