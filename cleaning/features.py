"""Turn a layout into numbers: a row for every feature, a column for every block.

Everything is counted over the whole page at once: the characters of all blocks as one array of classes, and what an element holds as
the difference of two running sums, for an element is a run of blocks. No word list of any language is needed; cues and class words only add to it.
"""

import itertools
import math
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .blocks import GROUPS, Inside, Layout

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page says outside its blocks."""

    title: str = ""
    """As in the title element: often with the site's name."""
    body: str = ""
    """The article's text as the page states it for search engines (JSON-LD articleBody)."""


# Classes of characters.
(
    _OTHER,
    _LOWER,
    _UPPER,
    _DIGIT,
    _LETTER,
    _WIDE,
    _COMMA,
    _STOP,
    _MARK,
    _COLON,
    _QUOTE,
    _RIGHT,
    _SPACE,
    _DOTS,
    _ASK,
    _CLOSE,
) = range(16)
_SPECIAL = {
    _COMMA: ",;、，；،؛",
    _STOP: ".!。！।։؟",
    _ASK: "?？؟",
    _MARK: "|•»›·→←«‹▼▶/>✓★☆▸►",
    _COLON: ":：",
    _QUOTE: "\"'“”‘’「」„",
    _RIGHT: "©®@",
    _DOTS: "…",
    _CLOSE: ")]）】",
}


def _class_table() -> NDArray[np.uint8]:
    table = np.zeros(65536, np.uint8)
    by_category = {
        "Ll": _LOWER,
        "Lu": _UPPER,
        "Lt": _UPPER,
        "Nd": _DIGIT,
        "Lo": _LETTER,
        "Lm": _LETTER,
        "Mn": _LETTER,
        "Mc": _LETTER,
        "Zs": _SPACE,
    }
    for code in range(65536):
        table[code] = by_category.get(unicodedata.category(chr(code)), _OTHER)
    for first, last in ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        table[first : last + 1] = _WIDE
    for number, characters in _SPECIAL.items():
        for character in characters:
            table[ord(character)] = number
    table[0x0A] = _SPACE
    return table


_CLASSES = _class_table()
_CLASSES_OF_ASCII = _CLASSES[:256].tobytes()
_TAGS: Final = (
    ("p",),
    ("h1",),
    ("h2",),
    ("h3",),
    ("h4", "h5", "h6"),
    ("li",),
    ("tr", "td", "th"),
    ("dt", "dd"),
    ("summary",),
    ("blockquote", "pre"),
    ("figcaption", "caption"),
    ("button", "label", "legend", "form", "option"),
)
_TAG_NUMBER: Final = {tag: n for n, tags in enumerate(_TAGS) for tag in tags}
_LEVELS = 5
"""How many elements around a block are looked at, elements with the same blocks counted once. (As many as in the prototype; not swept.)"""
_SHORT = 250
"""Characters: longer blocks are not compared with the title."""
_MAX_TITLES = 2000
"""Blocks compared with the title; bounds time on hostile input."""
_CUE_LENGTH = 120
"""Characters: longer blocks are not looked up among the cues."""


# What may follow the words so far, and under None the group of the phrase that ends there.
_Following = dict[str | None, Any]


def _read_cues() -> tuple[tuple[str, ...], _Following]:
    table = tomllib.loads((files(__package__) / "models" / "cues.toml").read_text("utf-8"))
    start: _Following = {}
    for n, text in enumerate(table.values()):
        for line in text.strip().splitlines():
            for phrase in line.split("|"):
                following = start
                for word in phrase.split():
                    following = following.setdefault(word, {})
                following.setdefault(None, n)
    return tuple(table), start


CUES, _CUE_OF = _read_cues()
"""Names of the groups of cues, in the order of their numbers."""
_WORDS = re.compile(r"[^\W_]+")
_PUNCTUATION = ".,:;!?…«»<>|-–—()[]'\"“”‘’•·›→←#*/：，。、！？【】（）"


_SPACELESS = "\u2e80"
"""From here on the scripts are written without spaces."""


def cue_of(text: str) -> int:
    """Which group of CUES a line begins with; -1 for none."""
    if len(text) > _CUE_LENGTH:
        return -1
    words = text[:60].lower().split()
    first = words[0]
    following = _CUE_OF.get(first)
    if following is None:
        first = first.strip(_PUNCTUATION)
        if not first:
            if len(words) == 1:
                return -1
            del words[0]
            first = words[0].strip(_PUNCTUATION)
        following = _CUE_OF.get(first)
        if following is None:
            if first > _SPACELESS:
                for length in (5, 4, 3, 2):
                    following = _CUE_OF.get(first[:length])
                    if following is not None:
                        return int(following.get(None, -1))
            return -1
    cue = following.get(None, -1)
    for word in words[1:]:
        following = following.get(word.strip(_PUNCTUATION))
        if following is None:
            break
        cue = following.get(None, cue)
    return int(cue)


_may_begin: dict[str, bool] = {}
_MAY_BEGIN_SIZE = 50_000
"""First words remembered between pages; the answers do not depend on it."""


def _cues(texts: Sequence[str]) -> list[int]:
    """cue_of every line. What the first word is tells of most lines that they begin with none."""
    cues = [-1] * len(texts)
    firsts = [text[:60].split(" ", 1)[0] for text in texts]
    for n, known in enumerate(map(_may_begin.get, firsts)):
        if known or (known is None and _may_begin_cue(firsts[n])):
            cues[n] = cue_of(texts[n])
    return cues


def _may_begin_cue(first: str) -> bool:
    lower = first.lower()
    bare = lower.strip(_PUNCTUATION)
    known = not bare or bare > _SPACELESS or lower in _CUE_OF or bare in _CUE_OF
    if len(_may_begin) >= _MAY_BEGIN_SIZE:
        _may_begin.clear()
    _may_begin[first] = known
    return known


@dataclass(slots=True)
class Table:
    """The features of a page, and what later steps need of how they were made."""

    values: Floats
    """A row for every name in NAMES, a column for every block."""
    size: Doubles
    """Characters, ideographs and kana counted thrice."""
    cues: NDArray[np.intp]
    """Number of the group of CUES that each block begins with; -1 for none."""

    def row(self, name: str) -> Floats:
        """The feature of that name, for every block."""
        row: Floats = self.values[_ROW[name]]
        return row


_TEXT = (
    "size",
    "tokens",
    "marks",
    "unlinked",
    "closed",
    "dots",
    "link share",
    "bold",
    "list depth",
    "item",
    "copies",
    "title match",
    "stated",
    "body stated",
    "under frame heading",
    "under comment heading",
    "since heading",
    "cue",
)
_LEVEL = (
    "size",
    "blocks",
    "mean",
    "long",
    "links",
    "prose rate",
    "stops",
    "digits",
    "p",
    "headings",
    "cues",
    "copies",
    "prose",
    "alike prose",
)
_OWN = (
    "navigation",
    "sidebar",
    "comment",
    "share",
    "related",
    "advert",
    "newsletter",
    "overlay",
    "author",
    "caption",
    "content",
    "card",
)
"""Groups of class words that are features; the others only name reasons. (Of the 24, these are what a forest over all of them asks for.)"""
_PLACE = (
    "place",
    "place by size",
    "prose before",
    "prose passed",
    "from h1",
    "from title",
    "since prose",
    "until prose",
    "in main",
    "steps to main",
    "before main",
    "after main",
    "main prose",
    "page size",
    "page prose",
    "page long",
    "page blocks",
    "page links",
    "alike blocks",
    "alike blocks prose",
    "alike blocks mean",
)
_SIDE = ("size", "link share", "parent", "closed")
_WINDOWS = (3, 8)


def _names() -> tuple[str, ...]:
    names = list(_TEXT)
    names += ["tag " + tags[0] for tags in _TAGS]
    names += [f"in {bit.name}" for bit in Inside]
    names += [f"{name} {level}" for name in _LEVEL for level in range(1, _LEVELS + 1)]
    names += ["own " + group for group in _OWN] + ["near content"]
    names += _PLACE
    names += [f"{name} {distance:+}" for distance in (1, -1) for name in _SIDE]
    names += [f"{name} in {window}" for window in _WINDOWS for name in ("links", "prose", "cues")]
    return tuple(names)


NAMES: Final = _names()
"""Of the features, in the order of the rows."""
_ROW: Final = {name: number for number, name in enumerate(NAMES)}


def tabulate(layout: Layout, frame: Frame) -> Table:
    """Count the features of every block. A page costs as many calls of numpy as stand here, whatever its size: hence few, and many rows at once."""
    texts = layout.texts
    n = len(texts)
    values = np.empty((len(NAMES), n), np.float32)
    if not n:
        return Table(values, np.zeros(0), np.zeros(0, np.intp))
    filled = 0

    def put(*rows: NDArray[Any] | float) -> None:
        nonlocal filled
        for row in rows:
            values[filled] = row
            filled += 1

    def put_all(rows: NDArray[Any]) -> None:
        nonlocal filled
        values[filled : filled + len(rows)] = rows
        filled += len(rows)

    # --- characters
    codes, classes = _classify("\n".join(texts))
    lengths = np.fromiter(map(len, texts), np.intp, n)
    beyond = np.cumsum(lengths + 1)
    start, last = beyond - lengths - 1, beyond - 2
    spread = np.repeat(np.arange(0, n * 16, 16), lengths + 1)[: len(classes)]
    count = np.bincount(spread + classes, minlength=n * 16).reshape(n, 16).T
    size = lengths + 2.0 * count[_WIDE]
    letters = count[_LOWER] + count[_UPPER] + count[_LETTER] + count[_WIDE]
    stops = count[_STOP] + count[_ASK] + count[_DOTS]
    before_last = np.maximum(last - 1, start)
    closing = classes[last]
    closing = np.where((closing == _QUOTE) | (closing == _CLOSE), classes[before_last], closing)
    dots = (closing == _DOTS) | ((lengths > 3) & (codes[last] == 46) & (codes[before_last] == 46))
    closed = _CLOSING[closing]
    linked = np.fromiter(layout.linked, np.float64, n)
    link_share = linked / lengths
    unlinked = size * (1 - link_share)
    is_prose = (size >= 50) & (link_share < 0.5) & (stops + count[_COMMA] >= 1) & (letters > 0.6 * lengths)
    prose = np.where(is_prose, unlinked, 0.0)
    long_prose = is_prose & (size >= 120)
    tag_number = np.fromiter(map(_TAG_NUMBER.get, layout.tags, itertools.repeat(len(_TAGS))), np.intp, n)
    heading = (tag_number >= 1) & (tag_number <= 4)
    cues = np.array(_cues(texts), np.intp)
    has_cue = cues >= 0
    order = np.arange(n)
    match = _title_match(texts, frame.title)
    seen = Counter(texts)
    copies = np.fromiter(map(seen.__getitem__, texts), np.intp, n)
    last_heading = np.maximum.accumulate(np.where(heading, order, -1))
    under = np.where(last_heading >= 0, cues[last_heading], -1)
    put_all(np.log1p(np.array([size, count[_SPACE] + 1, count[_MARK], unlinked])))
    put(closed, dots, link_share, _ints(layout.bold) / lengths, _ints(layout.depth))
    put(np.minimum(_ints(layout.item), 30), np.minimum(copies, 5), match)
    if frame.body:
        body = " ".join(frame.body.split())
        stated = np.fromiter((len(text) >= 12 and text[:80] in body for text in texts), np.bool_, n)
        put(stated, math.log1p(len(body)))
    else:
        put(-1.0, 0.0)
    put(_OF_FRAME[under], under == _COMMENT_CUE, np.minimum(order - last_heading, 60), has_cue)
    # --- the element's tag, what lies around it
    put_all(tag_number == _TAG_NUMBERS)
    put_all((np.fromiter(layout.around, np.int32, n) & _INSIDE_BITS) != 0)
    # --- elements
    elements = len(layout.first)
    first = _ints(layout.first)
    end = _ints(layout.end)
    up = np.maximum(_ints(layout.parent), 0)
    spans, outwards, bits = _fold(first, end, up, layout.groups)
    element = _ints(layout.element)
    levels = np.empty((_LEVELS + 1, n), np.intp)
    levels[0] = spans[element]
    for level in range(_LEVELS):
        levels[level + 1] = outwards[levels[level]]
    kin = _ints(layout.kin)
    base = int(kin.max()) + 1
    alike = _alike((kin * base + kin[up]) * base + kin[up[up]])
    # --- what every element holds: differences of running sums
    sums = np.zeros((len(_HELD), n + 1))
    sums[:, 1:] = (
        size,
        linked,
        prose,
        stops,
        count[_DIGIT],
        tag_number == 0,
        heading,
        has_cue,
        copies > 1,
        long_prose,
    )
    np.cumsum(sums, axis=1, out=sums)
    total = sums[:, -1].tolist()
    page_size, page_prose = max(total[0], 1.0), max(total[2], 1.0)
    held = sums.take(end, axis=1)
    held -= sums.take(first, axis=1)
    blocks = (end - first).astype(np.float64)
    alike_prose = np.bincount(alike, held[2])[alike]
    of_element = np.empty((len(_LEVEL), elements), np.float32)
    of_element[:4] = np.log1p(np.array([held[0], blocks, held[0] / blocks, held[9]]))
    of_element[4:8] = held[1:5] / held[0]
    of_element[8:12] = held[5:9] / blocks
    of_element[12] = held[2] / page_prose
    of_element[13] = alike_prose / page_prose
    put_all(of_element.take(levels[1:], axis=1).reshape(-1, n))
    put_all(((bits[levels[0]] | bits[levels[1]]) & _OWN_BITS) != 0)
    put((bits[levels[2]] & _CONTENT) != 0)
    # --- place on the page
    passed = sums[2, :-1]
    h1 = np.flatnonzero(tag_number == 1)
    titles = np.flatnonzero(match > 0.6)
    previous = np.maximum.accumulate(np.where(long_prose, order, -60))
    following = np.minimum.accumulate(np.where(long_prose, order, n + 60)[::-1])[::-1]
    put(order / n, sums[0, :-1] / page_size, passed / page_prose, np.log1p(passed))
    put(_clip(order - h1[0], -50, 100) if len(h1) else -100.0)
    put(_clip(order - titles[0], -50, 100) if len(titles) else -100.0)
    put(np.minimum(order - previous, 60), np.minimum(following - order, 60))
    main = _main_element(levels, np.where(long_prose, unlinked, 0.0), elements)
    low, high = int(first[main]), int(end[main])
    holds = (first[levels[1:]] <= low) & (end[levels[1:]] >= high)
    put((order >= low) & (order < high), _LEVELS - holds.sum(0))
    put(_clip(low - order, 0, 60), _clip(order - high + 1, 0, 60))
    put(float(held[2, main]) / page_prose)
    put(math.log1p(total[0]), total[2] / page_size, math.log1p(total[9]), math.log1p(n), total[1] / page_size)
    mine = alike[element]
    blocks_alike = np.bincount(mine)[mine]
    prose_alike = np.bincount(mine, prose)[mine]
    put(np.log1p(blocks_alike), prose_alike / page_prose, np.log1p(prose_alike / blocks_alike))
    # --- neighbours
    sides = np.zeros((len(_SIDE), n + 2))
    sides[:, 1:-1] = (values[0], link_share, element, closed)
    for beside in (sides[:, :-2], sides[:, 2:]):
        put_all(beside)
        values[filled - 2] = beside[2] == element
    for window in _WINDOWS:
        upper, lower = np.minimum(order + window + 1, n), np.maximum(order - window, 0)
        near = sums.take(upper, axis=1)
        near -= sums.take(lower, axis=1)
        put(near[1] / near[0], np.log1p(near[2] / (upper - lower)), near[7] / (upper - lower))
    return Table(values, size, cues)


_HELD = ("size", "linked", "prose", "stops", "digits", "p", "headings", "cues", "copies", "long")
"""What is summed over the blocks of an element, in the order of the rows."""
_TAG_NUMBERS: Final = np.arange(len(_TAGS))[:, None]
_INSIDE_BITS: Final = np.array([int(bit) for bit in Inside], np.int32)[:, None]
_OWN_BITS: Final = np.array([1 << GROUPS.index(group) for group in _OWN])[:, None]
_CLOSING: Final = np.isin(np.arange(16), (_STOP, _ASK, _DOTS, _COLON))
"""Which classes end a sentence, or announce what follows."""


def _ints(values: Sequence[int]) -> NDArray[np.intp]:
    return np.fromiter(values, np.intp, len(values))  # np.array takes half as much again


def _classify(text: str) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """The code and the class of every character; the narrower the codes the faster."""
    if text.isascii():
        plain = text.encode("ascii")
        return np.frombuffer(plain, np.uint8), np.frombuffer(plain.translate(_CLASSES_OF_ASCII), np.uint8)
    pairs = np.frombuffer(text.encode("utf-16-le", "replace"), np.uint16)
    if len(pairs) == len(text):
        return pairs, _CLASSES.take(pairs)
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    return codes, _CLASSES[np.minimum(codes, 65535)]


def _alike(keys: NDArray[np.intp]) -> NDArray[np.intp]:
    """A number from 0 for each, the same for the same key. (np.unique does it at twice the time.)"""
    order = keys.argsort()
    ordered = keys[order]
    steps = np.zeros(len(keys), np.intp)
    np.cumsum(ordered[1:] != ordered[:-1], out=steps[1:])
    numbers = np.empty_like(steps)
    numbers[order] = steps
    return numbers


def _clip(values: NDArray[np.intp], low: int, high: int) -> NDArray[np.intp]:
    return np.minimum(np.maximum(values, low), high)  # np.clip takes four times as long on short rows


def _main_element(levels: NDArray[np.intp], prose: Doubles, elements: int) -> int:
    """The element nearest to most long prose: a paragraph counts whole for the element around it, half for the next, and so on (after Readability's scores)."""
    score = np.zeros(elements)
    for level in range(1, 4):
        score += np.bincount(levels[level], prose / 2 ** (level - 1), minlength=elements)
    return int(score.argmax())


def _title_match(texts: Sequence[str], title: str) -> Doubles:
    """How far a block's words are the title's, and make up the title; 0 for long blocks and for those without the title's longest word."""
    match = np.zeros(len(texts))
    words = _WORDS.findall(title)
    if words:
        longest = max(words, key=len)
        title_words = {word.lower() for word in words}
        enough = min(len(title_words), 6)
        named = [n for n, text in enumerate(texts) if len(text) < _SHORT and longest in text]
        for n in named[:_MAX_TITLES]:
            own = set(_WORDS.findall(texts[n].lower()))
            common = len(own & title_words)
            match[n] = common / len(own) * min(1.0, common / enough)
    return match


_CONTENT: Final = 1 << GROUPS.index("content")
_COMMENT_CUE: Final = CUES.index("comment")
_FRAME_CUES = frozenset(("related", "share", "newsletter", "tags", "comment", "author", "promotion"))
_OF_FRAME: Final = np.array([cue in _FRAME_CUES for cue in CUES] + [False])  # the last for -1, no cue


def _fold(
    first: NDArray[np.intp], end: NDArray[np.intp], above: NDArray[np.intp], groups: Sequence[int]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Take elements that hold the same blocks for one: its number, the next one outwards, and their class words together."""
    order = np.arange(len(first))
    spans = np.where((first == first[above]) & (end == end[above]), above, order)
    while True:  # each round doubles how far a chain of equals is followed
        further = spans[spans]
        if (further == spans).all():
            break
        spans = further
    bits = _ints(groups)
    inner = np.flatnonzero(spans != order)
    np.bitwise_or.at(bits, spans[inner], bits[inner])
    return spans, spans[above[spans]], bits
