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
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEVELS = 5
"""How many elements around a block are looked at, elements with the same blocks counted once. (As many as in the prototype; not swept.)"""
_CUE_LENGTH = 120
"""Characters: longer blocks are not looked up among the cues."""


def _read_cues() -> tuple[tuple[str, ...], dict[str, dict[tuple[str, ...], int]]]:
    table = tomllib.loads((files(__package__) / "models" / "cues.toml").read_text("utf-8"))
    phrases: dict[str, dict[tuple[str, ...], int]] = {}
    for n, text in enumerate(table.values()):
        for line in text.strip().splitlines():
            for phrase in line.split("|"):
                words = phrase.split()
                phrases.setdefault(words[0], {}).setdefault(tuple(words[1:]), n)
    return tuple(table), phrases


CUES, _CUE_OF = _read_cues()
"""Names of the groups of cues, in the order of their numbers."""
_WORDS = re.compile(r"[^\W_]+")
_PUNCTUATION = ".,:;!?…«»<>|-–—()[]'\"“”‘’•·›→←#*/：，。、！？【】（）"


def cue_of(text: str) -> int:
    """Which group of CUES a line begins with; -1 for none."""
    if len(text) > _CUE_LENGTH:
        return -1
    words = text[:60].lower().split(None, 5)
    first = words[0]
    phrases = _CUE_OF.get(first)
    if phrases is None:
        first = first.strip(_PUNCTUATION)
        if not first:
            if len(words) == 1:
                return -1
            del words[0]
            first = words[0].strip(_PUNCTUATION)
        phrases = _CUE_OF.get(first)
        if phrases is None:
            if first > "\u2e80":  # written without spaces
                for length in (5, 4, 3, 2):
                    phrases = _CUE_OF.get(first[:length])
                    if phrases is not None:
                        return phrases.get((), -1)
            return -1
    if len(phrases) > 1:
        rest = tuple([word.strip(_PUNCTUATION) for word in words[1:4]])
        for length in range(len(rest), 0, -1):
            cue = phrases.get(rest[:length])
            if cue is not None:
                return cue
    return phrases.get((), -1)


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


_TEXT = ["size", "tokens", "commas", "stops", "marks", "rights", "token length", "comma rate", "stop rate", "upper", "digits", "quotes", "letters", "closed", "asks", "colon", "dots", "opens upper", "opens digit", "link share", "links", "unlinked", "bold", "list depth", "item", "copies", "title match", "stated", "body stated", "under frame heading", "under comment heading", "since heading"]  # fmt: skip
_LEVEL = [
    "size",
    "links",
    "prose",
    "prose rate",
    "blocks",
    "p",
    "headings",
    "long",
    "place",
    "cues",
    "mean",
    "stops",
    "copies",
    "digits",
    "siblings",
    "alike",
    "alike prose",
    "share of alike",
]
_PLACE = [
    "place",
    "place by size",
    "prose before",
    "prose left",
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
]
_SIDE = ("size", "link share", "heading", "prose")
_NEXT = ("same tag", "same parent", "cue", "closed")
_WINDOWS = (3, 8)


def _names() -> tuple[str, ...]:
    names = list(_TEXT)
    names += ["tag " + tags[0] for tags in _TAGS]
    names += [f"in {bit.name}" for bit in Inside]
    names += ["cue"]
    names += [f"{name} {level}" for name in _LEVEL for level in range(1, _LEVELS + 1)]
    names += ["own " + group for group in GROUPS] + ["near content", "far content"]
    names += ["li 1", "li 2", "semantic 1", "semantic 2"]
    names += _PLACE
    names += [f"{name} {distance:+}" for distance in (1, -1) for name in _SIDE]
    names += [f"{name} {distance:+}" for distance in (1, -1) for name in _NEXT]
    names += [f"{name} in {window}" for window in _WINDOWS for name in ("prose", "links", "cues")]
    return tuple(names)


NAMES: Final = _names()
"""Of the features, in the order of the rows."""
_ROW: Final = {name: number for number, name in enumerate(NAMES)}


def tabulate(layout: Layout, frame: Frame) -> Table:
    """Count the features of every block."""
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
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32)
    classes = _CLASSES[np.minimum(codes, 65535)]
    lengths = np.fromiter(map(len, texts), np.intp, n)
    start = np.zeros(n, np.intp)
    np.cumsum(lengths[:-1] + 1, out=start[1:])
    last = start + lengths - 1
    spread = np.repeat(np.arange(0, n * 16, 16), lengths + 1)[: len(classes)]
    count = np.bincount(spread + classes, minlength=n * 16).reshape(n, 16).T.astype(np.float64)
    length = lengths.astype(np.float64)
    size = length + 2.0 * count[_WIDE]
    letters = count[_LOWER] + count[_UPPER] + count[_LETTER] + count[_WIDE]
    tokens = count[_SPACE] + 1
    stops = count[_STOP] + count[_ASK] + count[_DOTS]
    commas = count[_COMMA]
    closing = classes[last]
    before_last = np.maximum(last - 1, start)
    closing = np.where((closing == _QUOTE) | (closing == _CLOSE), classes[before_last], closing)
    opening = classes[start]
    linked = np.array(layout.linked, np.float64)
    links = np.array(layout.links, np.float64)
    link_share = linked / length
    unlinked = size * (1 - link_share)
    closed = (closing == _STOP) | (closing == _ASK) | (closing == _DOTS) | (closing == _COLON)
    is_prose = (size >= 50) & (link_share < 0.5) & (stops + commas >= 1) & (letters > 0.6 * length)
    prose = np.where(is_prose, unlinked, 0.0)
    long_prose = is_prose & (size >= 120)
    tag_number = np.fromiter(map(_TAG_NUMBER.get, layout.tags, itertools.repeat(len(_TAGS))), np.intp, n)
    heading = (tag_number >= 1) & (tag_number <= 4)
    cues = np.fromiter(map(cue_of, texts), np.intp, n)
    has_cue = cues >= 0
    order = np.arange(n)
    match = _title_match(
        texts, frame.title, np.flatnonzero((lengths < 250) & ((size < 160) | heading)), tokens
    )
    seen = Counter(texts)
    copies = np.fromiter(map(seen.__getitem__, texts), np.float64, n)
    last_heading = np.maximum.accumulate(np.where(heading, order, -1))
    under = np.where(last_heading >= 0, cues[last_heading], -1)
    logs = np.log1p(np.stack([size, tokens, commas, stops, count[_MARK], count[_RIGHT]]))
    put_all(logs)
    put(
        length / tokens,
        commas / tokens,
        stops / tokens,
        count[_UPPER] / np.maximum(letters, 1),
        count[_DIGIT] / length,
    )
    put(count[_QUOTE] / tokens, letters / length, closed, closing == _ASK, closing == _COLON)
    put((closing == _DOTS) | ((lengths > 3) & (codes[last] == 46) & (codes[before_last] == 46)))
    put((opening == _UPPER) | (opening == _WIDE) | (opening == _LETTER), opening == _DIGIT)
    put(link_share, np.log1p(links), np.log1p(unlinked))
    put(np.array(layout.bold) / length, np.array(layout.depth), np.minimum(np.array(layout.item), 30))
    put(np.minimum(copies, 5), match)
    if frame.body:
        body = " ".join(frame.body.split())
        stated = np.fromiter((text[:80] in body for text in texts), np.float64, n)
        put(np.where(lengths >= 12, stated, 0.0), math.log1p(len(body)))
    else:
        put(-1.0, 0.0)
    put(_OF_FRAME[under], under == _COMMENT_CUE, np.minimum(order - last_heading, 60))
    # --- the element's tag, what lies around it, cues
    put_all(tag_number == np.arange(len(_TAGS))[:, None])
    put_all((np.array(layout.around) >> np.arange(len(Inside))[:, None]) & 1)
    put(has_cue)
    # --- elements
    first = np.array(layout.first, np.intp)
    end = np.array(layout.end, np.intp)
    up = np.array(layout.parent, np.intp)
    spans, outwards, bits, kinds = _fold(first, end, up, layout.groups, layout.element_tag)
    element = np.array(layout.element, np.intp)
    levels = np.empty((_LEVELS + 1, n), np.intp)
    levels[0] = spans[element]
    for level in range(_LEVELS):
        levels[level + 1] = outwards[levels[level]]
    kin = np.array(layout.kin, np.int64)
    siblings = _sizes((up + 1) * (int(kin.max()) + 1) + kin)
    up[up < 0] = 0
    base = int(kin.max()) + 1
    alike = np.unique((kin * base + kin[up]) * base + kin[up[up]], return_inverse=True)[1]
    # --- what every element holds: differences of running sums
    sums = np.zeros((12, n + 1))
    np.cumsum(
        np.stack(
            [
                size,
                linked,
                prose,
                np.ones(n),
                tag_number == 0,
                heading,
                long_prose,
                has_cue,
                stops,
                copies > 1,
                count[_DIGIT],
                links,
            ]
        ),
        axis=1,
        out=sums[:, 1:],
    )
    total = sums[:, -1]
    page_prose = max(float(total[2]), 1.0)
    held = sums[:, end] - sums[:, first]
    alike_number = np.bincount(alike)
    alike_prose = np.bincount(alike, held[2])
    of_element = np.array(
        [
            np.log1p(held[0]),
            held[1] / np.maximum(held[0], 1),
            held[2] / page_prose,
            held[2] / np.maximum(held[0], 1),
            np.log1p(held[3]),
            held[4] / np.maximum(held[3], 1),
            held[5] / np.maximum(held[3], 1),
            np.log1p(held[6]),
            first,
            held[7] / np.maximum(held[3], 1),
            np.log1p(held[0] / np.maximum(held[3], 1)),
            held[8] / np.maximum(held[0], 1) * 100,
            held[9] / np.maximum(held[3], 1),
            held[10] / np.maximum(held[0], 1),
            np.log1p(siblings),
            np.log1p(alike_number[alike]),
            alike_prose[alike] / page_prose,
            held[2] / np.maximum(alike_prose[alike], 1),
        ],
        np.float32,
    )
    around = of_element[:, levels[1:]]
    around[8] = (order - around[8]) / held[3][levels[1:]]
    put_all(around.reshape(-1, n))
    put_all(((bits[levels[0]] | bits[levels[1]]) >> np.arange(len(GROUPS))[:, None]) & 1)
    put((bits[levels[2]] & _CONTENT) != 0, ((bits[levels[3]] | bits[levels[4]]) & _CONTENT) != 0)
    kind = kinds[levels[1:3]]
    put_all(kind == 1)
    put_all(kind == 2)
    # --- place on the page
    passed = sums[2, :-1]
    h1 = np.flatnonzero(tag_number == 1)
    titles = np.flatnonzero(match > 0.6)
    previous = np.maximum.accumulate(np.where(long_prose, order, -60))
    following = np.minimum.accumulate(np.where(long_prose, order, n + 60)[::-1])[::-1]
    put(
        order / n,
        sums[0, :-1] / max(total[0], 1),
        passed / page_prose,
        np.log1p(total[2] - passed),
        np.log1p(passed),
    )
    put(np.clip(order - h1[0], -50, 100) if len(h1) else -100.0)
    put(np.clip(order - titles[0], -50, 100) if len(titles) else -100.0)
    put(np.minimum(order - previous, 60), np.minimum(following - order, 60))
    main = _main_element(levels, np.where(long_prose, unlinked, 0.0), len(first))
    low, high = first[main], end[main]
    holds = (first[levels[1:]] <= low) & (end[levels[1:]] >= high)
    put(
        (order >= low) & (order < high),
        _LEVELS - holds.sum(0),
        np.clip(low - order, 0, 60),
        np.clip(order - high + 1, 0, 60),
    )
    put(held[2, main] / page_prose)
    put(
        math.log1p(total[0]),
        total[2] / max(total[0], 1),
        math.log1p(total[6]),
        math.log1p(n),
        total[1] / max(total[0], 1),
    )
    mine = alike[element]
    blocks_alike = np.bincount(mine)[mine]
    prose_alike = np.bincount(mine, prose)[mine]
    put(np.log1p(blocks_alike), prose_alike / page_prose, np.log1p(prose_alike / blocks_alike))
    # --- neighbours
    sides = np.stack([logs[0], link_share, heading, np.minimum(prose, 600)])
    following_rows = np.stack([tag_number, element, has_cue, closed]).astype(np.float64)
    for distance in (1, -1):
        put_all(_shift(sides, distance))
    for distance in (1, -1):
        shifted = _shift(following_rows, distance)
        shifted[:2] = shifted[:2] == following_rows[:2]
        put_all(shifted)
    for window in _WINDOWS:
        high_sums = sums[:, np.minimum(order + window + 1, n)] - sums[:, np.maximum(order - window, 0)]
        put(
            np.log1p(high_sums[2] / high_sums[3]),
            high_sums[1] / np.maximum(high_sums[0], 1),
            high_sums[7] / high_sums[3],
        )
    return Table(values, size, cues)


def _shift(rows: Doubles, distance: int) -> Doubles:
    """The values of the block so many places before (after, if negative); 0 beyond the page."""
    out = np.zeros_like(rows)
    if abs(distance) < rows.shape[1]:
        if distance > 0:
            out[:, distance:] = rows[:, :-distance]
        else:
            out[:, :distance] = rows[:, -distance:]
    return out


def _sizes(groups: NDArray[np.int64]) -> NDArray[np.intp]:
    """How many have the same number as each."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse], np.intp)


def _main_element(levels: NDArray[np.intp], prose: Doubles, elements: int) -> int:
    """The element nearest to most long prose: a paragraph counts whole for the element around it, half for the next, and so on (after Readability's scores)."""
    score = np.zeros(elements)
    for level in range(1, 4):
        score += np.bincount(levels[level], prose / 2 ** (level - 1), minlength=elements)
    return int(score.argmax())


def _title_match(texts: Sequence[str], title: str, candidates: NDArray[np.intp], tokens: Doubles) -> Doubles:
    """How far a block's words are the title's, and make up the title; 0 for blocks much longer than it."""
    match = np.zeros(len(texts))
    title_words = set(_WORDS.findall(title.lower()))
    if title_words:
        enough = min(len(title_words), 6)
        apart = title_words.isdisjoint
        for n in candidates[tokens[candidates] <= 2 * len(title_words) + 4].tolist()[:2000]:
            lower = texts[n].lower()
            if not apart(lower.split()):
                words = set(_WORDS.findall(lower))
                common = len(words & title_words)
                match[n] = common / len(words) * min(1.0, common / enough)
    return match


_CONTENT: Final = 1 << GROUPS.index("content")
_COMMENT_CUE: Final = CUES.index("comment")
_FRAME_CUES = frozenset(("related", "share", "newsletter", "tags", "comment", "author", "promotion"))
_OF_FRAME: Final = np.array([cue in _FRAME_CUES for cue in CUES] + [False])  # the last for -1, no cue


def _fold(
    first: NDArray[np.intp],
    end: NDArray[np.intp],
    parent: NDArray[np.intp],
    groups: Sequence[int],
    tags: Sequence[str],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """Take elements that hold the same blocks for one: its number, the next one outwards, their class words together, and 1 for li, 2 for section and the like."""
    order = np.arange(len(first))
    above = np.where(parent < 0, 0, parent)
    spans = np.where((first == first[above]) & (end == end[above]), above, order)
    while True:  # each round doubles how far a chain of equals is followed
        further = spans[spans]
        if (further == spans).all():
            break
        spans = further
    bits = np.zeros(len(first), np.int64)
    np.bitwise_or.at(bits, spans, np.array(groups, np.int64))
    kind = np.zeros(len(first), np.int64)
    np.maximum.at(kind, spans, np.fromiter(map(_KIND_OF.get, tags, itertools.repeat(0)), np.int64, len(tags)))
    return spans, spans[above[spans]], bits, kind


_KIND_OF: Final = {"li": 1} | dict.fromkeys(
    ("article", "main", "section", "aside", "nav", "header", "footer"), 2
)
