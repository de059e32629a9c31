"""Where each block of an HTML page stands in the page's source.

The parser keeps no offsets, so the source's text is laid out once more, without tags and white space, and the blocks are found in it one after
another. A block that the parser made of text that stands elsewhere (foster-parented tables) may not be found: then its place is not known.
"""

import html
import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .blocks import INVISIBLE, Block

MAX_MISSES = 50
"""Blocks that may be looked for in vain: each costs a look through the whole page, which a hostile page would make quadratic."""

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|noscript)\b.*?(?:</\1\s*>|\Z)|<[a-zA-Z/!?][^>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]+")
_UNSEEN_LETTERS = rf"\s{INVISIBLE}"
_PIECE = re.compile(
    rf"&(?:#\d{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});?|[{_UNSEEN_LETTERS}]+|[^&{_UNSEEN_LETTERS}]+|&"
)
_BLANK = re.compile(rf"[{_UNSEEN_LETTERS}]+")


def locate(source: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, in reading order, with start and end in the source where they can be found."""
    letters = _read(source)
    text = letters.text
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
        placed.append(replace(block, start=letters.place(at)[0], end=letters.place(cursor - 1)[1]))
    return tuple(placed)


@dataclass(frozen=True, slots=True)
class _Letters:
    """The characters a reader sees, white space left out, and which line between two tags each comes from."""

    source: str
    text: str
    firsts: list[int]
    """Of each line: its first character's place in the text."""
    lines: list[tuple[int, int]]
    """Of each line: where it begins and ends in the source."""

    def place(self, at: int) -> tuple[int, int]:
        """Where a character of the text begins and ends in the source."""
        line = bisect_right(self.firsts, at) - 1
        left = at - self.firsts[line]
        for start, end, shown in _pieces(self.source, *self.lines[line]):
            if left < len(shown):
                return (start, end) if self.source[start] == "&" else (start + left, start + left + 1)
            left -= len(shown)
        raise AssertionError("a line is as long as it was")


def _read(source: str) -> _Letters:
    letters: list[str] = []
    firsts: list[int] = []
    lines: list[tuple[int, int]] = []
    length = seen = 0
    for match in itertools.chain(_UNSEEN.finditer(source), [None]):
        end = match.start() if match else len(source)
        for line in _LINE.finditer(source, seen, end) if seen < end else ():
            words = line[0]
            shown = (
                "".join(piece for *_, piece in _pieces(source, line.start(), line.end()))
                if "&" in words
                else _bare(words)
            )
            if shown:
                letters.append(shown)
                firsts.append(length)
                lines.append(line.span())
                length += len(shown)
        seen = match.end() if match else end
    return _Letters(source, "".join(letters), firsts, lines)


def _pieces(source: str, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Words and entities: start, end, and what a reader sees of them."""
    for match in _PIECE.finditer(source, begin, end):
        piece = match[0]
        if piece[0] == "&" and len(piece) > 1:
            yield match.start(), match.end(), _bare(html.unescape(piece))
        elif not _BLANK.match(piece):
            yield match.start(), match.end(), piece


def _bare(text: str) -> str:
    return _BLANK.sub("", text)
