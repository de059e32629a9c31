"""Turn a layout into numbers: a row for every feature, a column for every block.

Everything is counted over the whole page at once: the characters of all blocks as one array of classes, and what an element holds as
the difference of two running sums, for an element is a run of blocks. No word list of any language is needed; cues and class words only add to it.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .blocks import GROUPS, Inside, Layout

Floats = NDArray[np.float32]


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
"""How many elements around a block are looked at, elements with the same blocks counted once. (Probe: five were enough.)"""
_CUE_LENGTH = 120
"""Characters: longer blocks are not looked up among the cues."""


def _read_cues() -> tuple[tuple[str, ...], dict[str, int]]:
    table = tomllib.loads((files(__package__) / "models" / "cues.toml").read_text("utf-8"))
    phrases: dict[str, int] = {}
    for n, text in enumerate(table.values()):
        for line in text.strip().splitlines():
            for phrase in line.split("|"):
                phrases.setdefault(phrase.strip(), n)
    return tuple(table), phrases


CUES, _CUE_OF = _read_cues()
"""Names of the groups of cues, in the order of their numbers."""
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def cue_of(text: str) -> int:
    """Which group of CUES a line begins with; -1 for none."""
    if len(text) > _CUE_LENGTH:
        return -1
    words = _WORDS.findall(text[:60].lower(), 0)
    get = _CUE_OF.get
    for length in (4, 3, 2):
        if len(words) >= length:
            cue = get(" ".join(words[:length]))
            if cue is not None:
                return cue
    if not words:
        return get("©", -1) if "©" in text else -1
    word: str = words[0]
    cue = get(word)
    if cue is not None:
        return cue
    if word[0] > "\u2e80":
        for length in (5, 4, 3, 2):
            cue = get(word[:length])
            if cue is not None:
                return cue
    return -1


def _log(values: NDArray[np.float64] | Floats) -> Floats:
    return np.log1p(values).astype(np.float32)


def _before(values: Floats, distance: int, fill: float = 0.0) -> Floats:
    """The values of the block so many places before (after, if negative)."""
    out = np.full_like(values, fill)
    if distance > 0:
        out[distance:] = values[:-distance]
    else:
        out[:distance] = values[-distance:]
    return out


@dataclass(slots=True)
class Table:
    """The features of a page, and what later steps need of how they were made."""

    names: list[str]
    values: Floats
    """A row for every name, a column for every block."""
    size: NDArray[np.float64]
    """Characters, ideographs and kana counted thrice."""
    prose: NDArray[np.float64]
    """The characters of blocks that look like prose, without their links."""
    levels: list[NDArray[np.int64]]
    """For each level outwards, the element around every block."""
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    """Bounds of every element, as block numbers."""
    alike: NDArray[np.int64]
    """A number that blocks share which stand in alike elements."""
    cues: NDArray[np.int64]

    def row(self, name: str) -> Floats:
        """The feature of that name, for every block."""
        row: Floats = self.values[self.names.index(name)]
        return row


def tabulate(layout: Layout, frame: Frame) -> Table:
    """Count the features of every block."""
    names: list[str] = []
    rows: list[NDArray[np.generic]] = []

    def add(name: str, values: NDArray[np.generic]) -> None:
        names.append(name)
        rows.append(values)

    texts = layout.texts
    n = len(texts)
    # --- characters
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    classes = _CLASSES[np.minimum(codes, 65535)]
    length = np.fromiter(map(len, texts), np.int64, n)
    start = np.zeros(n, np.int64)
    np.cumsum(length[:-1] + 1, out=start[1:])
    last = start + length - 1
    spread = np.repeat(np.arange(n), length + 1)[: len(classes)]
    count = np.bincount(spread * 16 + classes, minlength=n * 16).reshape(n, 16).astype(np.float64)
    size = length + 2.0 * count[:, _WIDE]
    letters = count[:, _LOWER] + count[:, _UPPER] + count[:, _LETTER] + count[:, _WIDE]
    some = np.maximum(letters, 1)
    tokens = count[:, _SPACE] + 1
    stops = count[:, _STOP] + count[:, _ASK] + count[:, _DOTS]
    commas = count[:, _COMMA]
    closing = classes[last]
    inner = classes[np.maximum(last - 1, start)]
    closing = np.where((closing == _QUOTE) | (closing == _CLOSE), inner, closing)
    opening = classes[start]
    linked = np.array(layout.linked, np.float64)
    links = np.array(layout.links, np.float64)
    link_share = linked / length
    plain = 1 - link_share
    sentence = (closing == _STOP) | (closing == _ASK) | (closing == _DOTS) | (closing == _COLON)
    is_prose = (size >= 50) & (link_share < 0.5) & (stops + commas >= 1) & (letters > 0.6 * length)
    prose = np.where(is_prose, size * plain, 0.0)
    long_prose = is_prose & (size >= 120)
    dots = (closing == _DOTS) | (
        (length > 3) & (codes[last] == 46) & (codes[np.maximum(last - 1, start)] == 46)
    )
    add("size", _log(size))
    add("token length", length / tokens)
    add("tokens", _log(tokens))
    add("commas", _log(commas))
    add("comma rate", commas / tokens)
    add("stops", _log(stops))
    add("stop rate", stops / tokens)
    add("upper", count[:, _UPPER] / some)
    add("digits", count[:, _DIGIT] / length)
    add("marks", _log(count[:, _MARK]))
    add("rights", count[:, _RIGHT])
    add("quotes", count[:, _QUOTE] / tokens)
    add("letters", letters / length)
    add("closed", sentence)
    add("asks", closing == _ASK)
    add("colon", closing == _COLON)
    add("dots", dots)
    add("opens upper", (opening == _UPPER) | (opening == _WIDE) | (opening == _LETTER))
    add("opens digit", opening == _DIGIT)
    add("link share", link_share)
    add("links", _log(links))
    add("anchors", np.array(layout.anchors, np.float32))
    add("unlinked", _log(size * plain))
    bold = np.array(layout.bold, np.float64) / length
    add("bold", bold)
    # --- the element and what lies around
    tag_number = np.fromiter((_TAG_NUMBER.get(tag, 12) for tag in layout.tags), np.int64, n)
    for number, tags in enumerate(_TAGS):
        add("tag " + tags[0], tag_number == number)
    heading = (tag_number >= 1) & (tag_number <= 4)
    around = np.array(layout.around, np.int64)
    for bit in Inside:
        add(f"in {bit.name}", (around & bit.value) != 0)
    add("list depth", np.array(layout.depth, np.float32))
    add("item", np.minimum(np.array(layout.item, np.float32), 30))
    # --- cues and the title
    cues = np.fromiter(map(cue_of, texts), np.int64, n)
    for number, cue in enumerate(CUES):
        add("cue " + cue, cues == number)
    order = np.arange(n)
    last_heading = np.maximum.accumulate(np.where(heading, order, -1))
    under = np.where(last_heading >= 0, cues[last_heading], -1)
    add("under frame heading", np.isin(under, _FRAME_CUES))
    add("under comment heading", under == CUES.index("comment"))
    add("since heading", np.minimum(order - last_heading, 60))
    title_words = set(_WORDS.findall(frame.title.lower()))
    match = np.zeros(n, np.float32)
    if title_words:
        for i in np.flatnonzero((length <= 250) & (heading | (size < 160)))[:400]:
            words = set(_WORDS.findall(texts[i].lower()))
            if words:
                common = len(words & title_words)
                match[i] = common / max(len(words), 1) * min(1.0, common / max(1, min(len(title_words), 6)))
    add("title match", match)
    seen: dict[str, int] = {}
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
    copies = np.fromiter(map(seen.__getitem__, texts), np.float32, n)
    add("copies", np.minimum(copies, 5))
    if frame.body:
        body = " ".join(frame.body.split())
        stated = np.fromiter(((text[:80] in body) for text in texts), np.float32, n)
        add("stated", np.where(length >= 12, stated, 0))
        add("body stated", np.full(n, np.log1p(len(body))))
    else:
        add("stated", np.full(n, -1.0))
        add("body stated", np.zeros(n))
    # --- elements
    parent = layout.parent
    first = np.array(layout.first, np.int64)
    end = np.array(layout.end, np.int64)
    end[end == 0] = n  # cut short
    spans, outer, bits, tag_of = _fold(layout)
    element = np.array(layout.element, np.int64)
    level0 = np.array(spans, np.int64)[element] if len(first) else np.zeros(n, np.int64)
    outer_array = np.array(outer, np.int64)
    bits_array = np.array(bits, np.int64)
    kin = np.array(layout.kin, np.int64)
    parent_array = np.array(parent, np.int64)
    pair = (parent_array + 1) * (kin.max(initial=0) + 1) + kin
    _, inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)
    siblings = counts[inverse].astype(np.float64)
    # Alike: same tag and class, inside parents of the same tag and class, and theirs.
    base = kin.max(initial=0) + 2
    up = np.where(parent_array >= 0, parent_array, 0)
    signature = (kin * base + kin[up]) * base + kin[up[up]]
    _, alike_all = np.unique(signature, return_inverse=True)
    alike = alike_all[element]
    alike_blocks = np.bincount(alike)
    alike_prose = np.bincount(alike, prose)
    # --- running sums
    columns = np.stack(
        [
            size,
            linked,
            prose,
            np.ones(n),
            tag_number == 0,
            heading,
            long_prose,
            (cues >= 0),
            stops,
            links,
            copies > 1,
            count[:, _DIGIT],
        ]
    )
    sums = np.zeros((len(columns), n + 1))
    np.cumsum(columns, axis=1, out=sums[:, 1:])
    held = sums[:, end] - sums[:, first]
    total = sums[:, -1]
    page_prose = max(total[2], 1.0)
    levels = [level0]
    for _ in range(_LEVELS):
        levels.append(outer_array[levels[-1]])
    for number, around_level in enumerate(levels[1:], 1):
        inside = held[:, around_level]
        blocks = np.maximum(inside[3], 1)
        add(f"{number} size", _log(inside[0]))
        add(f"{number} links", inside[1] / np.maximum(inside[0], 1))
        add(f"{number} prose", inside[2] / page_prose)
        add(f"{number} prose rate", inside[2] / np.maximum(inside[0], 1))
        add(f"{number} blocks", _log(inside[3]))
        add(f"{number} p", inside[4] / blocks)
        add(f"{number} headings", inside[5] / blocks)
        add(f"{number} long", _log(inside[6]))
        add(f"{number} place", (order - first[around_level]) / blocks)
        if number <= 3:
            add(f"{number} cues", inside[7] / blocks)
            add(f"{number} mean", _log(inside[0] / blocks))
            add(f"{number} stops", inside[8] / np.maximum(inside[0], 1) * 100)
            add(f"{number} copies", inside[10] / blocks)
            add(f"{number} digits", inside[11] / np.maximum(inside[0], 1))
            add(f"{number} siblings", _log(siblings[around_level]))
    own = bits_array[levels[0]] | bits_array[levels[1]]
    near = bits_array[levels[2]]
    far = bits_array[levels[3]] | bits_array[levels[4]]
    for number, group in enumerate(GROUPS):
        add("own " + group, (own >> number) & 1)
        add("near " + group, (near >> number) & 1)
        add("far " + group, (far >> number) & 1)
    tag_numbers = np.array(tag_of, np.int64)
    for level in (1, 2):
        add(f"{level} li", tag_numbers[levels[level]] == 1)
        add(f"{level} semantic", tag_numbers[levels[level]] == 2)
    add("alike blocks", _log(alike_blocks[alike].astype(np.float64)))
    add("alike prose", alike_prose[alike] / page_prose)
    add("alike mean", _log(alike_prose[alike] / alike_blocks[alike]))
    # --- place on the page
    add("place", order / n)
    add("place by size", sums[0, :-1] / max(total[0], 1))
    add("prose before", sums[2, :-1] / page_prose)
    add("prose left", _log(total[2] - sums[2, :-1]))
    add("prose passed", _log(sums[2, :-1]))
    h1 = np.flatnonzero(tag_number == 1)
    add("from h1", np.clip(order - h1[0], -50, 100) if len(h1) else np.full(n, -100))
    titles = np.flatnonzero((match > 0.6) & (heading | (size < 160)))
    add(
        "from title",
        np.clip(order - titles[-1 if len(titles) < 2 else 0], -50, 100) if len(titles) else np.full(n, -100),
    )
    previous = np.maximum.accumulate(np.where(long_prose, order, -1))
    after = n - 1 - np.maximum.accumulate(np.where(long_prose[::-1], order, -1))[::-1]
    after = np.where(after >= n, 2 * n, after)
    add("since prose", np.minimum(order - np.where(previous >= 0, previous, -60), 60))
    add("until prose", np.minimum(after - order, 60))
    # --- neighbours
    log_size = rows[0].astype(np.float32)
    share = link_share.astype(np.float32)
    tag_row = tag_number.astype(np.float32)
    prosy = np.minimum(prose, 600).astype(np.float32)
    for distance in (1, -1, 2, -2):
        add(f"{distance} size", _before(log_size, distance))
        add(f"{distance} link share", _before(share, distance))
        add(f"{distance} heading", _before(heading.astype(np.float32), distance))
        add(f"{distance} prose", _before(prosy, distance))
        if abs(distance) == 1:
            add(f"{distance} same tag", _before(tag_row, distance, -1) == tag_row)
            add(f"{distance} same parent", _before(element.astype(np.float32), distance, -1) == element)
            add(f"{distance} cue", _before((cues >= 0).astype(np.float32), distance))
            add(f"{distance} closed", _before(sentence.astype(np.float32), distance))
    for window in (3, 8):
        low, high = np.maximum(order - window, 0), np.minimum(order + window + 1, n)
        width = high - low
        add(f"window {window} prose", _log((sums[2, high] - sums[2, low]) / width))
        add(
            f"window {window} links",
            (sums[1, high] - sums[1, low]) / np.maximum(sums[0, high] - sums[0, low], 1),
        )
        add(f"window {window} cues", (sums[7, high] - sums[7, low]) / width)
    # --- the page
    add("page size", np.full(n, np.log1p(total[0])))
    add("page prose", np.full(n, total[2] / max(total[0], 1)))
    add("page long", np.full(n, np.log1p(total[6])))
    add("page blocks", np.full(n, np.log1p(n)))
    add("page links", np.full(n, total[1] / max(total[0], 1)))
    values = np.empty((len(rows), n), np.float32)
    for number, row in enumerate(rows):
        values[number] = row
    return Table(names, values, size, prose, levels, first, end, alike, cues)


_FRAME_CUES = [
    CUES.index(name) for name in ("related", "share", "newsletter", "tags", "comment", "author", "promotion")
]
_SEMANTIC = frozenset(("article", "main", "section", "aside", "nav", "header", "footer"))


def _fold(layout: Layout) -> tuple[list[int], list[int], list[int], list[int]]:
    """Take elements that hold the same blocks for one: its name, the next one outwards, their class words together, and a number for the tag."""
    first, end, parent, tags = layout.first, layout.end, layout.parent, layout.element_tag
    spans: list[int] = []
    outer: list[int] = []
    bits = list(layout.groups)
    kind: list[int] = []
    for n, above in enumerate(parent):
        if above >= 0 and first[above] == first[n] and end[above] == end[n]:
            same = spans[above]
            spans.append(same)
            outer.append(outer[same])
            bits[same] |= bits[n]
        else:
            spans.append(n)
            outer.append(spans[above] if above >= 0 else n)
        tag = tags[n]
        number = 1 if tag == "li" else 2 if tag in _SEMANTIC else 0
        kind.append(number)
        if number:
            kind[spans[n]] = number
    return spans, outer, bits, kind
