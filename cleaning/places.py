"""Where each block of an HTML page stands in the page's source.

The parser keeps no offsets, so the source's text is laid out once more, without tags and white space, and the blocks are found in it one after
another. A block that the parser made of text that stands elsewhere (foster-parented tables) may not be found: then its place is not known.
"""

import html
import re
from array import array
from collections.abc import Sequence
from dataclasses import replace

from .blocks import Block

MAX_MISSES = 50
"""Blocks that may be looked for in vain: each costs a look through the whole page, which a hostile page would make quadratic."""

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|noscript)\b.*?(?:</\1\s*>|\Z)|<[a-zA-Z/!?][^>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_PIECE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?|\s+|[^&\s]+|&")


def locate(source: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, in reading order, with start and end in the source where they can be found."""
    text, starts, ends = _letters(source)
    placed = []
    cursor = misses = 0
    for block in blocks:
        parts = [_bare(part) for part in (block.text.split(" | ") if block.tag == "tr" else [block.text])]
        first, last = (
            next((part for part in parts if part), ""),
            next((part for part in reversed(parts) if part), ""),
        )
        at = text.find(first, cursor) if first and misses < MAX_MISSES else -1
        end = (
            text.find(last, at + (len(first) if len(parts) > 1 and last is not first else 0))
            if at >= 0
            else -1
        )
        if end < 0:
            misses += 1
            placed.append(block)
            continue
        cursor = end + len(last)
        placed.append(replace(block, start=starts[at], end=ends[cursor - 1]))
    return tuple(placed)


def _letters(source: str) -> tuple[str, "array[int]", "array[int]"]:
    """The characters a reader sees, white space left out, and where each begins and ends in the source."""
    letters: list[str] = []
    starts, ends = array("l"), array("l")

    def add(begin: int, end: int) -> None:
        for match in _PIECE.finditer(source, begin, end):
            piece = match[0]
            if piece[0] == "&" and len(piece) > 1:
                shown = _bare(html.unescape(piece))
                letters.append(shown)
                starts.extend([match.start()] * len(shown))
                ends.extend([match.end()] * len(shown))
            elif not piece[0].isspace():
                letters.append(piece)
                starts.extend(range(match.start(), match.end()))
                ends.extend(range(match.start() + 1, match.end() + 1))

    seen = 0
    for match in _UNSEEN.finditer(source):
        add(seen, match.start())
        seen = match.end()
    add(seen, len(source))
    return "".join(letters), starts, ends


def _bare(text: str) -> str:
    return "".join(text.split())
