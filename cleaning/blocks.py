"""Cut a document into the blocks of text a reader would see.

One lexbor tree, one visit. What the visit learns of each block and of the elements around it is kept in flat lists (`Layout`), because
the cleaner's time goes into Python objects; `Block`s are made from them where a caller wants to hold one.
"""

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag, auto
from importlib.resources import files
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, create_tag

from .document import Document, parse
from .preformatted import unwrap


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text with nothing above or below it on its line."""

    text: str
    """White space folded; a table row's cells joined by " | "."""
    tag: str
    """The nearest block-level element: p, h1 … h6, li, dt, dd, tr, summary, div …; "line" in flattened text."""
    linked: int = 0
    """How many of the text's characters are inside links."""
    bold: int = 0
    """How many characters at the text's start are set in bold: a label, or the whole line, as a row of th is."""
    list_id: int = -1
    """Which ul, ol, dl or table of the document holds the block, counted from 0; -1 for none. The innermost one."""
    list_tag: str = ""
    """ul, ol, dl or table; "" for none."""
    depth: int = 0
    """How many lists lie around the block."""
    item: int = 0
    """The item's number in its list: 1-based, ol start and li value honoured; 0 for none. Blocks of one item share it."""
    start: int = -1
    """Where the block begins in Document.text; -1 where that is not known."""
    end: int = -1


class Inside(IntFlag):
    """What lies around a block, at any distance."""

    ARTICLE = auto()
    MAIN = auto()
    SECTION = auto()
    ASIDE = auto()
    NAV = auto()
    HEADER = auto()
    FOOTER = auto()
    FORM = auto()
    FIGURE = auto()
    TABLE = auto()
    LIST = auto()
    QUOTE = auto()
    DETAILS = auto()
    BUTTON = auto()
    LINK = auto()
    HIDDEN = auto()
    BODY_PROPERTY = auto()
    """An element that microdata calls the article's body."""
    DIALOG = auto()
    ADDRESS = auto()
    PRE = auto()


MAX_TEXT = 8_000_000
"""Characters of text read from one page; the rest is left out. Bounds time and memory on hostile input (the longest page of WCXB has 76,477)."""

MAX_BLOCKS = 50_000
"""Blocks read from one page. Bounds time and memory on hostile input (the most on a page of WCXB: 2,603)."""

MAX_CELL = 400
"""Characters, ideographs and kana counted thrice: a table whose cells hold more is there for the layout, and its cells are read as blocks. (Chosen, not swept.)"""

MAX_CELL_LINES = 8
"""Lines: the same. (Chosen: from 3 on, lists of people on WCXB are lost.)"""

FRAME = "nav footer dialog"
"""Elements that are the site's frame by their own name. (Out of 1.6 million words of articles' content on WCXB .0009 stand in them, but 35 % of the blocks.)"""

LITTLE_TEXT = 500
"""Characters: with less outside of `FRAME`, an element of the frame was not closed and holds the page; then nothing is left out."""

# What the walk does with an element. What stands in none of the tables is inline, as in browsers, but see `_stands_alone`.
_SKIP, _INLINE, _BREAK, _LINK, _BOLD, _FRAME, _BLOCK, _UNLISTED = range(8)
_KINDS = {
    _SKIP: "script style noscript template svg iframe object canvas audio video select datalist textarea head map input img picture embed meta link title area "
    "noembed noframes",
    _INLINE: "abbr acronym bdi bdo big cite code data del dfn em font i ins kbd mark nobr output q rb rp rt ruby s samp small span strike sub sup time tt u var wbr "
    "math mi mn mo mtext ms mrow msup msub mfrac progress meter",
    _BREAK: "br",
    _LINK: "a",
    _BOLD: "b strong",
}
# What opening a block-level element means for the numbering of lists and for the tag that its text has.
_PLAIN, _PASS, _LIST, _ROW, _CELL, _ITEM, _DEFINITION = range(7)
_ROLES_IN_LIST = {
    _PASS: "div center section",
    _LIST: "ul ol dl table",
    _ROW: "tr",
    _CELL: "td th",
    _ITEM: "li dt",
    _DEFINITION: "dd",
    _PLAIN: "body html p h1 h2 h3 h4 h5 h6 thead tbody tfoot caption summary details pre blockquote figure figcaption article main aside nav header footer form fieldset "
    "legend label button address hr dialog menu dir option optgroup hgroup search listing xmp plaintext",
}
_TEXT_ID: Final = 2  # lexbor's numbers for text and comment nodes, checked in the tests
_COMMENT_ID: Final = 4
_AROUND = {
    Inside.ARTICLE: "article",
    Inside.MAIN: "main",
    Inside.SECTION: "section",
    Inside.ASIDE: "aside",
    Inside.NAV: "nav",
    Inside.HEADER: "header",
    Inside.FOOTER: "footer",
    Inside.FORM: "form fieldset label",
    Inside.FIGURE: "figure figcaption",
    Inside.TABLE: "table",
    Inside.LIST: "ul ol dl menu",
    Inside.QUOTE: "blockquote",
    Inside.DETAILS: "details",
    Inside.BUTTON: "button",
    Inside.DIALOG: "dialog",
    Inside.ADDRESS: "address",
    Inside.PRE: "pre",
}
_ROLES = {
    "main": Inside.MAIN,
    "article": Inside.ARTICLE,
    "navigation": Inside.NAV,
    "menu": Inside.NAV,
    "menubar": Inside.NAV,
    "banner": Inside.HEADER,
    "contentinfo": Inside.FOOTER,
    "complementary": Inside.ASIDE,
    "dialog": Inside.DIALOG,
    "alertdialog": Inside.DIALOG,
    "search": Inside.FORM,
    "button": Inside.BUTTON,
}
_IN_LINK, _HIDDEN, _BODY_PROPERTY = int(Inside.LINK), int(Inside.HIDDEN), int(Inside.BODY_PROPERTY)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_KEEP_TAGS = frozenset(
    [
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "summary",
        "figcaption",
        "caption",
        "label",
        "legend",
        "button",
        "blockquote",
        "pre",
    ]
)
"""Inside one of them a div says nothing of what the text is."""
_ANCHORS: Final = frozenset("#¶§🔗")
"""Signs by which a heading links to itself, before or behind its words."""
_OF_PHRASES = HEADINGS | {"p"}
"""What stands in them is part of a sentence, whatever its name."""
_WORDS_OF_ASCII: Final = bytes(
    code if chr(code) in "abcdefghijklmnopqrstuvwxyz" else 32 for code in range(256)
)
"""Small letters as they are, a space for all else: a third of the time that a regular expression takes."""
_SPLIT_CAMEL = re.compile("[A-Z]?[a-z]+|[A-Z]+")


def _tag_ids(names: str) -> list[int]:
    return [create_tag(name).tag_id for name in names.split()]


_KIND: Final[dict[int, int]] = {tag_id: kind for kind, names in _KINDS.items() for tag_id in _tag_ids(names)}
_AROUND_OF: Final = {name: int(bit) for bit, names in _AROUND.items() for name in names.split()}
_ELEMENT: Final = {
    create_tag(name).tag_id: (name, _AROUND_OF.get(name, 0), role)
    for role, names in _ROLES_IN_LIST.items()
    for name in names.split()
}
_KIND.update(dict.fromkeys(_ELEMENT, _BLOCK))
_KIND[_COMMENT_ID] = _SKIP
_KIND_WITHOUT_FRAME: Final = _KIND | dict.fromkeys(_tag_ids(FRAME), _FRAME)
"""The same where the site's frame is left out."""
_CUSTOM: Final = ("custom", 0, _PASS)


def _read_groups() -> tuple[tuple[str, ...], dict[bytes, int]]:
    table = tomllib.loads((files(__package__) / "models" / "class_words.toml").read_text("utf-8"))
    return tuple(table), {
        word.encode(): 1 << n for n, words in enumerate(table.values()) for word in words.split()
    }


def _read_never() -> tuple[tuple[str, ...], re.Pattern[str]]:
    table = tomllib.loads((files(__package__) / "models" / "never.toml").read_text("utf-8"))
    return tuple(table), re.compile(
        "|".join(f"(?P<{name}>{'|'.join(lines.split())})" for name, lines in table.items())
    )


GROUPS, _GROUP_OF = _read_groups()
"""Names of the groups of class and id words, in the order of the bits in Layout.groups."""
NEVER, _NEVER_NAMES = _read_never()
"""Reasons that a class name or id can give by itself; their bits in Layout.groups follow those of GROUPS."""
_NEVER_BIT: Final = {name: 1 << n for n, name in enumerate(NEVER, len(GROUPS))}
_MAX_NAME: Final = 80  # characters: a longer class name is a program's, and no pattern is tried on it


@dataclass(slots=True)
class Layout:
    """What one visit of the tree learns: blocks in reading order, and the block-level elements around them, parents first."""

    texts: Sequence[str] = ()
    tags: Sequence[str] = ()
    linked: Sequence[int] = ()
    links: Sequence[int] = ()
    bold: Sequence[int] = ()
    around: Sequence[int] = ()
    """`Inside` bits."""
    element: Sequence[int] = ()
    """The innermost block-level element: an index into the columns of elements."""
    lists: Sequence[int] = ()
    """Innermost list of the block, an index into list_tags; -1 for none."""
    depth: Sequence[int] = ()
    item: Sequence[int] = ()

    parent: Sequence[int] = ()
    """-1 for the outermost. Elements without text are left out."""
    element_tag: Sequence[str] = ()
    groups: Sequence[int] = ()
    """Bits of `GROUPS` that the element's class and id words belong to, and above them bits of `NEVER`."""
    kin: Sequence[int] = ()
    """A number that elements with the same tag and class share."""
    first: Sequence[int] = ()
    """The element holds the blocks first … end - 1."""
    end: Sequence[int] = ()

    list_tags: Sequence[str] = ()
    left_out: Sequence[tuple[int, LexborNode]] = ()
    """The site's frame by its element's own name (`FRAME`), not visited: the number of the block that follows, and the element."""

    divided: Mapping[int, Sequence[Block]] = field(default_factory=dict)
    """Blocks that are judged as one and read as several: a table's row with a heading in one cell and its list in another, a preformatted text."""

    def text(self, numbers: Sequence[int]) -> str:
        """Blocks as a reader reads them, a line each."""
        texts, divided = self.texts, self.divided
        text = "\n".join(
            ["\n".join([line.text for line in divided[n]]) if n in divided else texts[n] for n in numbers]
            if divided
            else [texts[n] for n in numbers]
        )
        return "\n".join(map(_seen, text.split("\n"))) if _hides(text) else text

    def blocks(self, n: int) -> Sequence[Block]:
        """The n-th block as a reader reads it, each line a value of its own."""
        return self.divided.get(n) or (self.block(n),)

    def _of_heads(self, n: int) -> bool:
        """Whether the n-th block is a row whose cells are all th."""
        if self.tags[n] != "tr":
            return False
        row = self.element[n]
        inside = itertools.takewhile(lambda inner: self.first[inner] == n, range(row + 1, len(self.first)))
        return {self.element_tag[inner] for inner in inside if self.parent[inner] == row} == {"th"}

    def block(self, n: int) -> Block:
        """The n-th block as a value of its own."""
        text = _seen(self.texts[n])
        list_id = self.lists[n]
        return Block(
            text=text,
            tag=self.tags[n],
            linked=min(self.linked[n], len(text)),
            bold=len(text) if self._of_heads(n) else min(self.bold[n], len(text)),
            list_id=list_id,
            list_tag=self.list_tags[list_id] if list_id >= 0 else "",
            depth=self.depth[n],
            item=self.item[n],
        )


INVISIBLE = "\ufeff\u200b\u2060\xad"
"""Where a word may be broken or not, and nothing that is read. The joiners of Persian, Hindi and emoji are not among them."""
_NO_INVISIBLE: Final = dict.fromkeys(map(ord, INVISIBLE))


def _hides(text: str) -> bool:
    return not text.isascii() and any(character in text for character in INVISIBLE)


def _seen(text: str) -> str:
    """Without what is not seen; a text that is nothing else stays."""
    return (" ".join(text.translate(_NO_INVISIBLE).split()) or text) if _hides(text) else text


def cut(document: Document) -> tuple[Block, ...]:
    """List the blocks in reading order."""
    if document.kind == "text":
        return cut_lines(document.text)
    layout = lay_out(parse(document.text))
    return tuple(block for n in range(len(layout.texts)) for block in layout.blocks(n))


def cut_lines(text: str) -> tuple[Block, ...]:
    """List the lines of a flattened page, empty ones left out; start and end index the text."""
    blocks = []
    position = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = position + line.index(stripped[0])
            blocks.append(
                Block(text=" ".join(stripped.split()), tag="line", start=start, end=start + len(stripped))
            )
        position += len(line) + 1
    return tuple(blocks)


_group_cache: dict[str, int] = {}
_name_cache: dict[str, int] = {}
_GROUP_CACHE_SIZE = 50_000
"""Class strings, and names in them, remembered between pages; the answers do not depend on it."""


def _groups_of(names: str) -> int:
    """Bits of a class string: a site repeats its strings, and sites share their names."""
    bits = _group_cache.get(names)
    if bits is None:
        bits = 0
        for name in names.split():
            known = _name_cache.get(name)
            bits |= _groups_of_name(name) if known is None else known
        if len(_group_cache) >= _GROUP_CACHE_SIZE:
            _group_cache.clear()
        _group_cache[names] = bits
    return bits


def _groups_of_name(name: str) -> int:
    lower = name.lower()
    bits = 0
    for word in lower.encode("ascii", "replace").translate(_WORDS_OF_ASCII).split():
        if word in _GROUP_OF:
            bits |= _GROUP_OF[word]
    if lower != name:
        for word in _SPLIT_CAMEL.findall(name):
            bits |= _GROUP_OF.get(word.lower().encode(), 0)
    # A name without any known word is not among those of NEVER either.
    if bits and len(name) <= _MAX_NAME and (match := _NEVER_NAMES.fullmatch(lower)):
        bits |= _NEVER_BIT[match.lastgroup or ""]
    if len(_name_cache) >= _GROUP_CACHE_SIZE:
        _name_cache.clear()
    _name_cache[name] = bits
    return bits


# A block under way to Layout's columns: text, tag, linked, links, bold, around, element, list, depth, item.
_Row = tuple[str, str, int, int, int, int, int, int, int, int]
# An element: parent, tag, groups, kin.
_Element = tuple[int, str, int, int]
_MOST_TAGS = 256
"""lexbor numbers the tags of HTML below it; a custom one has an address in memory for a number, another in every process, so all count as one."""


def lay_out_lines(texts: Sequence[str]) -> Layout:
    """The layout of lines without markup: each as if it were a paragraph of the body."""
    size = len(texts)
    none = [0] * size
    return Layout(
        texts=texts, tags=["p"] * size, linked=none, links=none, bold=none, around=none, element=range(1, size + 1),
        lists=[-1] * size, depth=none, item=none, parent=[-1, *none], element_tag=["body", *["p"] * size], groups=[0, *none],
        kin=[0, *[1] * size], first=[0, *range(size)], end=[size, *range(1, size + 1)],
    )  # fmt: skip


def lay_out(tree: LexborHTMLParser, *, plain: bool = False) -> Layout:
    """Visit the tree once. `plain` passes over every class, id and role, as training does to learn from structure alone."""
    root = tree.body if tree.body is not None else _without_frames(tree)
    if root is None:
        return Layout()
    layout = _visit(root, plain, _KIND_WITHOUT_FRAME)
    if layout.left_out and sum(map(len, layout.texts)) < LITTLE_TEXT:
        layout = _visit(root, plain, _KIND)
    return layout


def _without_frames(tree: LexborHTMLParser) -> LexborNode | None:
    """What a page of frames says to those who see none; the parser takes it for text."""
    said = tree.css_first("noframes")
    return LexborHTMLParser(said.text()).body if said is not None else tree.root


def lay_out_frame(element: LexborNode) -> Layout:
    """Visit an element that lay_out left out."""
    return _visit(element, False, _KIND)


def _visit(root: LexborNode, plain: bool, kinds: Mapping[int, int]) -> Layout:
    """Depth first, without recursion (pages nest deeper than Python's stack) and in one function: a call for every node would double the time."""
    kind_of, element_of, name_of = kinds.get, _ELEMENT.get, _name_cache.get
    rows: list[_Row] = []
    elements: list[_Element] = []
    firsts: list[int] = []
    ends: list[int] = []
    class_of: dict[str, tuple[int, int]] = {
        "": (0, 0)
    }  # a number for every value of class on the page, and its groups
    list_tags: list[str] = []
    left_out: list[tuple[int, LexborNode]] = []
    divided: dict[int, Sequence[Block]] = {}
    counters: list[int] = []  # number of the last item of every list
    open_rows: list[
        tuple[int, int, int, list[int]]
    ] = []  # first block, element, lists so far, first block of every cell

    # The line being gathered.
    pieces: list[str] = []
    linked = links = 0
    bold_pieces = 0  # how many of the first pieces are bold
    in_link = in_bold = link_start = characters = read_lines = 0
    leads = False  # the bold text that is open stands at the line's start
    enough = False  # the page is longer than what is read of one
    # What is open around it.
    element, tag, around, list_id, depth, item = -1, "body", 0, -1, 0, 0
    stack: list[tuple[LexborNode, int, tuple[int, str, int, int, int, int] | None]] = []

    def end_line() -> None:
        nonlocal linked, links, bold_pieces, link_start, leads, enough, characters, read_lines
        if links and len(pieces) > 1 and tag in HEADINGS:
            _drop_anchors(pieces)
        whole = pieces[0] if len(pieces) == 1 else "".join(pieces)
        text = whole.strip()
        if "  " in text or not text.isprintable():  # of all white space only the plain space is printable
            text = " ".join(text.split())
        length = len(text)
        characters += length
        if in_link:
            linked += len("".join(pieces[link_start:]).strip())
        bold = 0
        if in_bold and leads:
            bold = length
        elif bold_pieces:
            bold = min(length, len(" ".join("".join(pieces[:bold_pieces]).split())))
        if tag == "pre" and "\n" in whole and read_lines < MAX_BLOCKS:
            lines = list(unwrap(whole.translate(_NO_INVISIBLE)))
            read_lines += len(lines)
            if len(lines) > 1:
                divided[len(rows)] = [
                    Block(line, tag, len(line) if linked >= length else 0, 0 if n else min(bold, len(line)))
                    for n, line in enumerate(lines)
                ]
        rows.append(
            (
                text,
                tag,
                linked if linked < length else length,
                links,
                bold,
                around | _IN_LINK if in_link else around,
                element,
                list_id,
                depth,
                item,
            )
        )
        pieces.clear()
        linked = bold_pieces = link_start = 0
        links = 1 if in_link else 0
        leads = True
        enough = len(rows) > MAX_BLOCKS or characters > MAX_TEXT

    node = root
    while True:
        tag_id = node.tag_id
        if tag_id == _TEXT_ID:
            # A line begins with text: what is gathered is never white space alone.
            if pieces or not node.is_empty_text_node:
                text = node.text_content
                if text and (pieces or not text.isspace()):
                    pieces.append(text)
        elif kind := kind_of(tag_id, _UNLISTED):
            child = node.first_child
            if kind == _FRAME:
                if pieces:
                    end_line()
                left_out.append((len(rows), node))
            elif child is None:
                if pieces and (kind == _BLOCK or kind == _BREAK):  # noqa: SIM109  a tuple takes longer
                    end_line()
            else:
                saved = None
                if kind >= _BLOCK and (kind == _BLOCK or _stands_alone(node, tag)):
                    if pieces:
                        end_line()
                    saved = (element, tag, around, list_id, depth, item)
                    name, bit, role = element_of(tag_id, _CUSTOM)
                    around |= bit
                    attributes = node.attributes
                    number = group = 0
                    if attributes:
                        others = len(attributes)
                        classes = attributes.get("class")
                        if classes:
                            others -= 1
                            known = class_of.get(classes)
                            if known is None:
                                known = class_of[classes] = (
                                    (0, 0) if plain else (len(class_of), _groups_of(classes))
                                )
                            number, group = known
                        if others:
                            own_id = attributes.get("id")
                            if own_id:
                                others -= 1
                                if not plain:
                                    known_id = name_of(own_id)
                                    group |= _groups_of_name(own_id) if known_id is None else known_id
                            if others and not _TELLING.isdisjoint(attributes):
                                around |= _told(attributes, plain)
                    elements.append(
                        (element, name, group, number * _MOST_TAGS + (tag_id if tag_id < _MOST_TAGS else 0))
                    )
                    element = len(firsts)
                    firsts.append(len(rows))
                    ends.append(0)
                    if role == _PASS:
                        if tag not in _KEEP_TAGS:
                            tag = name
                    else:
                        tag = name
                        if role == _ITEM:
                            if list_id >= 0:
                                item = counters[list_id] = _number(
                                    attributes.get("value"), counters[list_id] + 1
                                )
                        elif role == _LIST:
                            list_id = len(list_tags)
                            list_tags.append(name)
                            counters.append(_number(attributes.get("start"), 1) - 1 if name == "ol" else 0)
                            depth += 1
                            item = 0
                        elif role == _ROW:
                            if list_id >= 0:
                                item = counters[list_id] = counters[list_id] + 1
                            open_rows.append((len(rows), element, len(list_tags), []))
                        elif role == _CELL:
                            if open_rows:
                                open_rows[-1][3].append(len(rows))
                        elif role == _DEFINITION and list_id >= 0:
                            item = max(1, counters[list_id])
                elif kind == _LINK:
                    attributes = node.attributes
                    if "href" in attributes and attributes.get("role") != "button":
                        if not in_link:
                            link_start = len(pieces)
                        in_link += 1
                        links += 1
                    else:  # a place to jump to, which many a page leaves open, or a heading to press
                        kind = _INLINE
                elif kind == _BOLD:
                    if not in_bold:
                        leads = bold_pieces == len(pieces) or "".join(pieces[bold_pieces:]).isspace()
                    in_bold += 1
                stack.append((node, kind, saved))
                node = child
                continue
        following = node.next
        while following is None and stack:
            node, kind, saved = stack.pop()
            if saved is not None:
                if pieces:
                    end_line()
                if firsts[element] == len(rows):  # without text: it and what it held are left out
                    del elements[element:], firsts[element:], ends[element:]
                    if tag == "tr" and open_rows and open_rows[-1][1] == element:
                        open_rows.pop()
                else:
                    ends[element] = len(rows)
                    if tag == "tr" and open_rows and elements[element][1] == "tr":
                        _join_cells(rows, firsts, ends, divided, *open_rows.pop(), item)
                element, tag, around, list_id, depth, item = saved
                if enough:
                    stack.clear()
            elif kind == _LINK:
                in_link -= 1
                if pieces and not in_link:
                    linked += len("".join(pieces[link_start:]).strip())
                elif not in_link:
                    links = 0
            elif kind == _BOLD:
                in_bold -= 1
                if leads and not in_bold:
                    bold_pieces = len(pieces)
            following = node.next if stack else None
        if following is None:
            break
        node = following
    if pieces:
        end_line()
    if not rows:
        return Layout(left_out=left_out)
    ends = [end or len(rows) for end in ends]
    columns: Any = (
        *zip(*rows, strict=True),
        *zip(*elements, strict=True),
        firsts,
        ends,
        list_tags,
        left_out,
        divided,
    )
    return Layout(*columns)


def _drop_anchors(pieces: list[str]) -> None:
    """Empty the first and the last text of a heading where it is no more than an anchor's sign: "C#" is one text, and stays."""
    spoken = [n for n, piece in enumerate(pieces) if not piece.isspace()]
    if len(spoken) > 1 and pieces[spoken[-1]].strip() in _ANCHORS:
        pieces[spoken.pop()] = ""
    if len(spoken) > 1 and pieces[spoken[0]].strip() in _ANCHORS:
        pieces[spoken[0]] = ""


def _stands_alone(node: LexborNode, tag: str) -> bool:
    """Whether an element that HTML does not know is a site's container: by its name a custom one, not in a paragraph, and no words right before or after it."""
    return (
        tag not in _OF_PHRASES
        and "-" in (node.tag or "")
        and not any(
            side is not None and side.tag_id == _TEXT_ID and not side.is_empty_text_node
            for side in (node.prev, node.next)
        )
    )


_TELLING: Final = frozenset(("hidden", "aria-hidden", "style", "role", "itemprop"))


def _told(attributes: Mapping[str, str | None], plain: bool) -> int:
    """What attributes other than class and id say of an element."""
    bits = 0
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        bits = _HIDDEN
    style = attributes.get("style")
    if style and "none" in style and "display:none" in style.replace(" ", "").lower():
        bits = _HIDDEN
    if not plain:
        role = attributes.get("role")
        if role:
            bits |= int(_ROLES.get(role, 0))
        if attributes.get("itemprop") == "articleBody":
            bits |= _BODY_PROPERTY
    return bits


def _join_cells(
    rows: list[_Row],
    firsts: list[int],
    ends: list[int],
    divided: dict[int, Sequence[Block]],
    first: int,
    element: int,
    lists: int,
    cells: list[int],
    item: int,
) -> None:
    """Make one block of a row of data; leave a row alone that is there for the layout."""
    held = rows[first:]
    if not cells or cells[0] != first or any(row[7] >= lists or row[1] in HEADINGS for row in held):
        return
    filled = [range(start, end) for start, end in itertools.pairwise([*cells, len(rows)]) if start < end]
    parts = [[rows[n][0] for n in cell] for cell in filled]
    if any(map(_is_laid_out, parts)) or (len(parts) == 1 and len(held) > 1):
        return
    if divided or len(held) > len(filled):
        read = [
            [line for n in cell for line in divided.pop(n, None) or (_loose_line(rows[n]),)]
            for cell in filled
        ]
        if sum(map(_is_list, read)) == 1:
            divided[first] = list(itertools.chain(*read))
    text = " | ".join([" ".join(part) for part in parts])
    _, _, _, _, bold, around, _, list_id, depth, _ = held[0]
    linked = sum(row[2] for row in held)
    links = sum(row[3] for row in held)
    rows[first:] = [(text, "tr", linked, links, bold, around, element, list_id, depth, item)]
    for inner in range(element, len(firsts)):
        firsts[inner], ends[inner] = first, first + 1


def _is_laid_out(cell: Sequence[str]) -> bool:
    """Whether a cell holds too much to be data."""
    size = sum(map(len, cell))
    return (
        len(cell) > MAX_CELL_LINES
        or size > MAX_CELL
        or (3 * size > MAX_CELL and size + 2 * sum(len(_WIDE.findall(line)) for line in cell) > MAX_CELL)
    )


def _loose_line(row: _Row) -> Block:
    text = _seen(row[0])
    return Block(text, tag=row[1], linked=min(row[2], len(text)), bold=min(row[4], len(text)))


def _is_list(cell: Sequence[Block]) -> bool:
    """Whether a cell's lines are more than one line broken: "Dose<br>(mg)"."""
    return len(cell) > 2 or (len(cell) == 2 and not _GOES_ON.match(cell[1].text))


_GOES_ON = re.compile(r"[(\[/\d]|[^\W\d_A-Z]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def _number(value: str | None, otherwise: int) -> int:
    if value is None or len(value) > 9:
        return otherwise
    try:
        return int(value)
    except ValueError:
        return otherwise
