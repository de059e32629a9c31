"""Where the sentences of a stretch of text begin and end."""

import re
from collections.abc import Iterator

from .cuefile import any_of, read_cues

_STOP = re.compile(
    r"""[.!?…。！？\n](?:                           # a set of characters is looked for much faster than an alternation
        (?<=[.!?…])[.!?…]*(?:\d{1,2}(?:,\d{1,2})*(?=\s))?["'”’)\]]*   # "men.2 Then": a citation's digit is glued on
        (?=\s+["'“‘(\[]?[A-Z0-9À-Þ*#]|\s*$
          |[A-Z][a-z]|(?<=[a-z]{2}[.!?])[AI]\s[a-z]  # "years.Then", "years.A child": flattening ate the space
          |(?<!…)(?<!\.\.)\s*[“‘（《]?[\u4e00-\u9fff])  # "受凉.多喝水": the full stops of a Latin keyboard
      | (?<=[。！？])[。！？]*[”’」』）]*                 # no space follows in Chinese
      | (?<=\n))""",
    re.VERBOSE,
)

_CUES = read_cues("passages")["sentences"]
_TITLES, _MEASURES, _LETTERED = (any_of(_CUES[name]) for name in ("titles", "measures", "lettered"))
_ENDINGS = frozenset(word[-2:] for name in ("titles", "measures") for word in _CUES[name])
_TITLE = re.compile(rf"(?:^|[\s(])(?:{_TITLES})$")
_INITIAL = re.compile(r"(?:^|[\s(.])[A-Za-z]$")
_MEASURE = re.compile(rf"(?:^|[\s\d])(?:{_MEASURES})$")
_LETTER = re.compile(rf"\b(?:{_LETTERED})\s(?:[A-Z]\d{{0,2}}(?:,?\s(?:and|or|&)|,)\s){{0,4}}[A-Z]$")
"""The letter in "vitamin D." or "vitamins A, C and E."."""
_GLUED = re.compile(
    rf"""\s*(?P<title>[A-Z][a-z'’-]*(?:,?\s[a-z'’-]+){{1,3}}(?<=[a-z]{{3}})(?=(?:[A-Z][a-z]+|[AI])\s[a-z])
        | [A-Z][a-z]{{2,}}(?=(?:{any_of(_CUES["openers"])})\s[a-z]))""",
    re.VERBOSE,
)
"""A title whose line end is lost, "Increased hungerYour body …"; of one word, as "MedlinePlus" begins with, only before an opener."""
_INNER_CAPITAL = re.compile(r"[A-Z](?<=[a-z].)")
"""Without one there is no such title."""


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Half-open spans of the sentences in text[start:end], white space around them left out; linear time."""
    end = len(text) if end is None else end
    begin = start
    titled = _INNER_CAPITAL.search(text, start, end) is not None
    for stop in _STOP.finditer(text, start, end):
        at, after = stop.span()
        if text[at] == "." and after < end:
            before = text[max(begin, at - 40) : at]
            glued = text[after].isupper()
            if not glued and _abbreviated(before, text[after : after + 4].lstrip()[:1]):
                continue
            if before[-1:].isdigit() and text[begin:at].strip().isdigit():
                continue  # "3. Cold": a number that heads its sentence
        if titled and (title := _GLUED.match(text, begin, after)):
            yield title.span("title")
            begin = title.end()
        span = _trimmed(text, begin, after)
        if span:
            yield span
        begin = after
    if titled and (title := _GLUED.match(text, begin, end)):
        yield title.span("title")
        begin = title.end()
    span = _trimmed(text, begin, end)
    if span:
        yield span


def _abbreviated(before: str, follows: str) -> bool:
    """The full stop belongs to the word before it and ends no sentence."""
    if before[-2:-1].isalpha() and before[-2:] not in _ENDINGS:
        return False  # most words
    if _MEASURE.search(before):
        return not follows.isupper()
    if _LETTER.search(before):
        return False
    return _TITLE.search(before) is not None or _INITIAL.search(before) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end].rstrip()
    right = start + len(piece)
    return (right - len(piece.lstrip()), right) if piece else None
