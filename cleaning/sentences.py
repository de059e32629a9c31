"""Where the sentences of a stretch of text begin and end."""

import re
from collections.abc import Iterator

_STOP = re.compile(
    r"""(?P<latin>[.!?…]+(?:\d{1,2}(?:,\d{1,2})*(?=\s))?["'”’)\]]*)   # "men.2 Then": a citation's digit is glued on
        (?=\s+["'“‘(\[]?[A-Z0-9À-Þ*#]|\s*$|[A-Z][a-z]) # "years.Then": flattening ate the space
      | [。！？]+[”’」』）]*                               # no space follows in Chinese
      | \n""",
    re.VERBOSE,
)

_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|[Dd]r|Mrs?|Ms|Prof|St|[Ff]igs?|[Nn]os?|[Vv]ol|[Aa]pprox|vs|e\.?g|i\.?e|[Cc]f|Inc|Ltd|[Ee]sp|incl|max|min|mg|U\.S|a\.m|p\.m|al)$"
)


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Half-open spans of the sentences in text[start:end], white space around them left out; linear time."""
    end = len(text) if end is None else end
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if stop.group("latin") and stop.group("latin").startswith(".") and stop.end() < end:
            before = text[max(begin, stop.start() - 12) : stop.start()]
            if _ABBREVIATION.search(before) and not text[stop.end() : stop.end() + 1].isupper():
                continue
            if before[-1:].isdigit() and text[begin : stop.start()].strip().isdigit():
                continue  # "3. Cold": a number that heads its sentence
        span = _trimmed(text, begin, stop.end())
        if span:
            yield span
        begin = stop.end()
    span = _trimmed(text, begin, end)
    if span:
        yield span


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    return (left, right) if left < right else None
