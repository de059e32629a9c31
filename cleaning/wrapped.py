"""Find the paragraphs of flattened text, also where their lines were broken at a fixed width: leaflets, PDF files, e-mails.

Who breaks lines at a width begins a new one when the next word does not fit. So a line whose successor's first word would have fitted ends its
paragraph, and many lines that begin in lower case after full ones are the sign that a text was broken so.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

WIDTHS = range(40, 101)
"""Characters of a line at which texts are broken: columns of leaflets are as narrow as 40, e-mails and typewriters have 72 to 80."""

SLACK = 0.9
"""Share of the width from which a line counts as full: lines of printed text are alike in inches, not in characters. (Chosen, not swept.)"""

MIN_BROKEN = 3
"""Lines that begin in lower case after a full line from which a text may be broken at a width."""

MIN_LONE = 2
"""Lines that hold a list's marker alone from which they are believed to be markers."""


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends; in a text that was broken at a fixed width, each paragraph and each item of a list.

    A marker that stands on a line of its own belongs to the next line, where the text has several such.
    """
    lines = [
        (match.start(), match.start() + len(words))
        for match in _LINE.finditer(text)
        if (words := match[0].rstrip())
    ]
    width = _width(text, lines)
    lone = {line for line in lines if _LONE.fullmatch(text, *line)}
    if len(lone) < MIN_LONE:
        lone = set()
    begin = -1
    for here, below in pairwise([*lines, (len(text), len(text))]):
        begin = here[0] if begin < 0 else begin
        if here in lone and below not in lone and below[0] < len(text):
            continue
        if not width or not _continues(text, begin, here, below, width):
            yield begin, here[1]
            begin = -1


def rejoin(text: str) -> str:
    """Make words whole that were broken at a line's end."""
    return _HYPHENATED.sub("", text) if "-" in text else text


_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
# "ner-" above "vous"; not "over-" above "the-counter", which has its hyphens from its author.
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-[ \t]{0,8}(?:\r\n?|\n)[ \t]{0,80}(?=[^\W\d_A-Z]{1,40}(?![\w-]))")
_ITEM = re.compile(r"\s*(?:\(?\d{1,2}[.)、:．]|[①-⑳]|[•●○▪■*–-]\s|\(?[a-zA-Z][.)]\s)")
_LONE = re.compile(r"\s*(?:[•●○▪■*–-]|\(?\d{1,2}[.)、]|[①-⑳])\s*")
_WORD = re.compile(r"\s*(\S+)")


def _width(text: str, lines: Sequence[tuple[int, int]]) -> int:
    """The width at which the text was broken, 0 if it was not."""
    lengths = sorted(end - start for start, end in lines)
    width = lengths[len(lengths) * 19 // 20] if lengths else 0  # a few lines may stick out: addresses, tables
    if width not in WIDTHS or 10 * sum(length for length in lengths if length > 1.2 * width) > sum(lengths):
        return 0
    broken = begun = whole = 0
    for here, below in pairwise(lines):
        if not _adjacent(text, here, below) or _ITEM.match(text, below[0], below[1]):
            continue
        lower = text[below[0] : below[1]].lstrip()[:1].islower()
        if _full(text, here, below, width):
            broken += lower
            begun += not lower
        else:
            whole += lower
    return width if broken >= max(MIN_BROKEN, begun, 4 * whole) else 0


def _continues(text: str, begin: int, here: tuple[int, int], below: tuple[int, int], width: int) -> bool:
    """Whether the line below belongs to the paragraph that begins at `begin`."""
    if not _adjacent(text, here, below) or _ITEM.match(text, *below) or not _full(text, here, below, width):
        return False
    if _indent(text, below) > _indent(text, here) and not _ITEM.match(text, begin, here[1]):
        return False
    words = text[slice(*below)].lstrip()
    if words[:1].islower():
        return True
    heading = len(words) < width // 2 and not words.endswith((".", "!", "?", ",", ";"))
    return not text.endswith((":", ".", "!", "?") if heading else ":", *here)


def _adjacent(text: str, here: tuple[int, int], below: tuple[int, int]) -> bool:
    return text[here[1] : below[0]].strip(" \t") in ("\n", "\r\n", "\r")


def _full(text: str, here: tuple[int, int], below: tuple[int, int], width: int) -> bool:
    word = _WORD.match(text, *below)
    return here[1] - here[0] + 1 + len(word[1] if word else "") > SLACK * width


def _indent(text: str, line: tuple[int, int]) -> int:
    return line[1] - line[0] - len(text[slice(*line)].lstrip())
