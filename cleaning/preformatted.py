"""The lines of a preformatted text as a reader takes them: what was broken at the end of the screen is one line again."""

import re
from collections.abc import Iterator

SCREEN = (50, 120)
"""Characters of the longest line of a text that was broken by hand: a shorter text had no need of it, a longer one was not broken."""
LONG, FULL = 0.6, 0.85
"""Shares of the longest line from which a line may go on in small letters, and from which it reaches the screen's end."""
ENOUGH_FULL = 3
"""Lines that reach the screen's end before it is believed to be one."""

_WORD = re.compile(r"[^\W_]")
_MARKED = re.compile(r"\s*(?:[^\w\s]{1,2}|\(?(?:\d{1,3}|[A-Za-z])[.)])\s")


def unwrap(text: str) -> Iterator[str]:
    """Paragraphs, headings and items, white space folded; empty lines and lines drawn with marks are left out."""
    lines = [line.rstrip() for line in text.expandtabs().split("\n")]
    width = max(map(len, lines))
    broken = SCREEN[0] <= width <= SCREEN[1]
    screen = broken and sum(len(line) >= FULL * width for line in lines) >= ENOUGH_FULL
    gathered: list[str] = []
    above = ""
    hanging = 0  # the indent below which an item's further lines stand; 0 for no item
    for line in lines:
        words = line.split()
        indent = len(line) - len(line.lstrip())
        marked = _MARKED.match(line)
        goes_on = (
            bool(words and above)
            and not marked
            and (
                0 < hanging <= indent
                or (broken and words[0][0].islower() and len(above) >= LONG * width)
                or (screen and len(above) + 1 + len(words[0]) > width)
            )
        )
        if not goes_on:
            if gathered:
                yield " ".join(gathered)
            gathered = []
            hanging = indent + 1 if marked else 0
        above = line if _WORD.search(line) else ""
        if above:
            gathered += words
    if gathered:
        yield " ".join(gathered)
