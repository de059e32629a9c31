"""Cut a document into the blocks of text a reader would see.

One lexbor tree, one visit. What the visit learns of each block and of the elements around it is kept in flat lists (`Layout`), because
the cleaner's time goes into Python objects; `Block`s are made from them where a caller wants to hold one.
"""

import itertools
import re
import tomllib
from dataclasses import dataclass, field
from enum import IntFlag, auto
from importlib.resources import files
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, create_tag

from .document import Document


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
    """How many characters at the text's start are set in bold: a label, or the whole line."""
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
"""Characters of text read from one page; the rest is left out. Bounds time and memory on hostile input (the longest page of WCXB has 0.4 million)."""

MAX_BLOCKS = 50_000
"""Blocks read from one page. Bounds time and memory on hostile input (the most on a page of WCXB: some 8,000)."""

MAX_CELL = 400
"""Characters: a table whose cells hold more is there for the layout, and its cells are read as blocks. (Data tables of WCXB: nearly all cells below 200.)"""

# What the walk does with an element. Whatever is not listed, custom elements too, is a block.
_SKIP, _INLINE, _BREAK, _LINK, _BOLD, _BLOCK = range(6)
_KINDS = {
    _SKIP: "script style noscript template svg iframe object canvas audio video select datalist textarea head map input img picture embed meta link title area",
    _INLINE: "abbr acronym bdi bdo big cite code data del dfn em font i ins kbd mark nobr output q rb rp rt ruby s samp small span strike sub sup time tt u var wbr math "
    "mi mn mo mtext ms mrow msup msub mfrac progress meter",
    _BREAK: "br",
    _LINK: "a",
    _BOLD: "b strong",
}
_TEXT_ID: Final = 2  # lexbor's numbers for text and comment nodes, checked in the tests
_COMMENT_ID: Final = 4
_AROUND = {
    "article": Inside.ARTICLE,
    "main": Inside.MAIN,
    "section": Inside.SECTION,
    "aside": Inside.ASIDE,
    "nav": Inside.NAV,
    "header": Inside.HEADER,
    "footer": Inside.FOOTER,
    "form": Inside.FORM,
    "fieldset": Inside.FORM,
    "label": Inside.FORM,
    "figure": Inside.FIGURE,
    "figcaption": Inside.FIGURE,
    "table": Inside.TABLE,
    "ul": Inside.LIST,
    "ol": Inside.LIST,
    "dl": Inside.LIST,
    "menu": Inside.LIST,
    "blockquote": Inside.QUOTE,
    "details": Inside.DETAILS,
    "button": Inside.BUTTON,
    "dialog": Inside.DIALOG,
    "address": Inside.ADDRESS,
    "pre": Inside.PRE,
}
_ROLES = {
    "main": int(Inside.MAIN),
    "article": int(Inside.ARTICLE),
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
_AROUND_OF: Final = {name: int(bit) for name, bit in _AROUND.items()}
_IN_LINK, _HIDDEN, _BODY_PROPERTY = int(Inside.LINK), int(Inside.HIDDEN), int(Inside.BODY_PROPERTY)
_LISTS = frozenset(("ul", "ol", "dl", "table"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PASS_TAGS = frozenset(("div", "center", "custom", "section"))
"""Inside one of _KEEP_TAGS they say nothing of what the text is."""
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
_SPLIT_WORDS = re.compile("[a-z]+")
_SPLIT_CAMEL = re.compile("[A-Z]?[a-z]+|[A-Z]+")


def _tag_ids(names: str) -> list[int]:
    return [create_tag(name).tag_id for name in names.split()]


_KIND: Final[dict[int, int]] = {tag_id: kind for kind, names in _KINDS.items() for tag_id in _tag_ids(names)}
_NAME: Final = {
    create_tag(name).tag_id: name
    for name in [
        "body",
        "html",
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "summary",
        "details",
        "pre",
        "blockquote",
        "figure",
        "figcaption",
        "section",
        "article",
        "main",
        "aside",
        "nav",
        "header",
        "footer",
        "form",
        "fieldset",
        "legend",
        "label",
        "button",
        "address",
        "hr",
        "center",
        "dialog",
        "menu",
        "option",
        "optgroup",
        "hgroup",
        "search",
    ]
}


def _read_groups() -> tuple[tuple[str, ...], dict[str, int]]:
    table = tomllib.loads((files(__package__) / "models" / "class_words.toml").read_text("utf-8"))
    return tuple(table), {word: 1 << n for n, words in enumerate(table.values()) for word in words.split()}


GROUPS, _GROUP_OF = _read_groups()
"""Names of the groups of class and id words, in the order of the bits in Layout.groups."""


@dataclass(slots=True)
class Layout:
    """What one visit of the tree learns: blocks in reading order, and the block-level elements around them, parents first."""

    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    anchors: list[int] = field(default_factory=list)
    """Links to a place on the same page."""
    bold: list[int] = field(default_factory=list)
    around: list[int] = field(default_factory=list)
    """`Inside` bits."""
    element: list[int] = field(default_factory=list)
    """The innermost block-level element: an index into the lists below."""
    lists: list[int] = field(default_factory=list)
    """Innermost list of the block, an index into list_tags; -1 for none."""
    depth: list[int] = field(default_factory=list)
    item: list[int] = field(default_factory=list)

    parent: list[int] = field(default_factory=list)
    element_tag: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    """Bits of `GROUPS` that the element's class and id words belong to."""
    kin: list[int] = field(default_factory=list)
    """A number that elements with the same tag and class share."""
    first: list[int] = field(default_factory=list)
    """The element holds the blocks first … end - 1."""
    end: list[int] = field(default_factory=list)

    list_tags: list[str] = field(default_factory=list)

    def block(self, n: int) -> Block:
        """The n-th block as a value of its own."""
        list_id = self.lists[n]
        return Block(
            text=self.texts[n],
            tag=self.tags[n],
            linked=self.linked[n],
            bold=self.bold[n],
            list_id=list_id,
            list_tag=self.list_tags[list_id] if list_id >= 0 else "",
            depth=self.depth[n],
            item=self.item[n],
        )


def cut(document: Document) -> tuple[Block, ...]:
    """List the blocks in reading order."""
    if document.kind == "text":
        return cut_lines(document.text)
    layout = lay_out(LexborHTMLParser(document.text))
    return tuple(layout.block(n) for n in range(len(layout.texts)))


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


def lay_out(tree: LexborHTMLParser, *, plain: bool = False) -> Layout:
    """Visit the tree once. `plain` passes over every class, id and role, as training does to learn from structure alone."""
    layout = Layout()
    root = tree.body if tree.body is not None else tree.root
    if root is None:
        return layout
    _Walk(layout, plain).visit(root)
    return layout


_group_cache: dict[str, int] = {}
_GROUP_CACHE_SIZE = 50_000
"""Class strings remembered between pages; the answers do not depend on it."""


def _groups_of(names: str) -> int:
    bits = _group_cache.get(names)
    if bits is None:
        lower = names.lower()
        bits = 0
        for word in _SPLIT_WORDS.findall(lower):
            bits |= _GROUP_OF.get(word, 0)
        if lower != names:
            for word in _SPLIT_CAMEL.findall(names):
                bits |= _GROUP_OF.get(word.lower(), 0)
        if len(_group_cache) >= _GROUP_CACHE_SIZE:
            _group_cache.clear()
        _group_cache[names] = bits
    return bits


class _Walk:
    """The visit's state: the line being gathered, and what is open around it."""

    __slots__ = (
        "all_bold",
        "anchors",
        "around",
        "bold_pieces",
        "characters",
        "counters",
        "depth",
        "element",
        "in_bold",
        "in_link",
        "item",
        "kin_numbers",
        "layout",
        "linked",
        "links",
        "list_id",
        "pieces",
        "plain",
        "rows",
        "tag",
    )

    def __init__(self, layout: Layout, plain: bool) -> None:
        self.layout = layout
        self.plain = plain
        self.pieces: list[str] = []
        self.linked = self.links = self.anchors = 0
        self.bold_pieces = 0
        """How many of the first pieces are bold."""
        self.all_bold = True
        self.in_link = self.in_bold = 0
        self.characters = 0
        self.element = self.list_id = -1
        self.tag = "body"
        self.around = self.depth = self.item = 0
        self.kin_numbers: dict[str, int] = {}
        self.counters: list[int] = []
        """Number of the last item of every list."""
        self.rows: list[tuple[int, int, int, list[int]]] = []
        """Open table rows: first block, element, number of lists so far, first block of every cell."""

    def visit(self, root: LexborNode) -> None:
        """Depth first without recursion: pages nest deeper than Python's stack."""
        pieces, add, kind_of = self.pieces, self.pieces.append, _KIND.get
        stack: list[tuple[LexborNode, int, tuple[int, str, int, int, int, int] | None]] = []
        node = root
        while True:
            tag_id = node.tag_id
            if tag_id == _TEXT_ID:
                text = node.text_content or ""
                add(text)
                if self.in_link:
                    self.linked += len(text.strip())
                if self.all_bold:
                    if self.in_bold:
                        self.bold_pieces = len(pieces)
                    elif not text.isspace():
                        self.all_bold = False
            else:
                kind = kind_of(tag_id, _BLOCK)
                if kind != _SKIP:
                    child = node.first_child
                    if child is None:
                        if kind >= _BREAK and pieces and tag_id != _COMMENT_ID:
                            self.flush()
                    else:
                        saved = None
                        if kind == _BLOCK:
                            if pieces:
                                self.flush()
                            saved = (self.element, self.tag, self.around, self.list_id, self.depth, self.item)
                            self.open(node, tag_id)
                        elif kind == _LINK:
                            self.in_link += 1
                            self.links += 1
                            href = node.attributes.get("href")
                            if href and href[0] == "#":
                                self.anchors += 1
                        elif kind == _BOLD:
                            self.in_bold += 1
                        stack.append((node, kind, saved))
                        node = child
                        continue
            following = node.next
            while following is None:
                if not stack:
                    return
                node, kind, saved = stack.pop()
                if saved is not None:
                    if pieces:
                        self.flush()
                    self.close()
                    self.element, self.tag, self.around, self.list_id, self.depth, self.item = saved
                    if len(self.layout.texts) > MAX_BLOCKS or self.characters > MAX_TEXT:
                        return
                elif kind == _LINK:
                    self.in_link -= 1
                elif kind == _BOLD:
                    self.in_bold -= 1
                following = node.next if stack else None
            node = following

    def flush(self) -> None:
        """End the line."""
        pieces = self.pieces
        text = " ".join("".join(pieces).split())
        if text:
            layout = self.layout
            length = len(text)
            layout.texts.append(text)
            layout.tags.append(self.tag)
            layout.linked.append(min(self.linked, length))
            layout.links.append(self.links)
            layout.anchors.append(self.anchors)
            layout.bold.append(
                min(length, len(" ".join("".join(pieces[: self.bold_pieces]).split())))
                if self.bold_pieces
                else 0
            )
            layout.around.append(self.around | _IN_LINK if self.in_link else self.around)
            layout.element.append(self.element)
            layout.lists.append(self.list_id)
            layout.depth.append(self.depth)
            layout.item.append(self.item)
            self.characters += length
        pieces.clear()
        self.linked = self.anchors = self.bold_pieces = 0
        self.links = 1 if self.in_link else 0
        self.all_bold = True

    def open(self, node: LexborNode, tag_id: int) -> None:
        """Enter a block-level element."""
        layout = self.layout
        name = _NAME.get(tag_id, "custom")
        self.around |= _AROUND_OF.get(name, 0)
        attributes = node.attributes
        kin, groups = name, 0
        if attributes:
            if not self.plain:
                names = attributes.get("class") or ""
                if names:
                    kin = name + " " + names
                own_id = attributes.get("id")
                if own_id:
                    names = names + " " + own_id
                if names:
                    groups = _groups_of(names)
                role = attributes.get("role")
                if role:
                    self.around |= _ROLES.get(role, 0)
                if attributes.get("itemprop") == "articleBody":
                    self.around |= _BODY_PROPERTY
            if "hidden" in attributes or attributes.get("aria-hidden") == "true":
                self.around |= _HIDDEN
            style = attributes.get("style")
            if style and "none" in style and "display:none" in style.replace(" ", "").lower():
                self.around |= _HIDDEN
        layout.parent.append(self.element)
        self.element = len(layout.first)
        layout.element_tag.append(name)
        layout.groups.append(groups)
        layout.kin.append(self.kin_numbers.setdefault(kin, len(self.kin_numbers)))
        layout.first.append(len(layout.texts))
        layout.end.append(0)
        if name in _PASS_TAGS:
            if self.tag not in _KEEP_TAGS:
                self.tag = name
            return
        self.tag = name
        if name in _LISTS:
            self.list_id = len(layout.list_tags)
            layout.list_tags.append(name)
            self.counters.append(_number(attributes.get("start"), 1) - 1 if name == "ol" else 0)
            self.depth += 1
            self.item = 0
        elif name == "tr":
            self.next_item(None)
            self.rows.append((len(layout.texts), self.element, len(layout.list_tags), []))
        elif name in ("td", "th"):
            if self.rows:
                self.rows[-1][3].append(len(layout.texts))
        elif name in ("li", "dt"):
            self.next_item(attributes.get("value"))
        elif name == "dd" and self.list_id >= 0:
            self.item = max(1, self.counters[self.list_id])

    def next_item(self, value: str | None) -> None:
        """Number the item that begins."""
        if self.list_id >= 0:
            self.item = self.counters[self.list_id] = _number(value, self.counters[self.list_id] + 1)

    def close(self) -> None:
        """Leave a block-level element."""
        layout = self.layout
        layout.end[self.element] = len(layout.texts)
        if layout.element_tag[self.element] == "tr" and self.rows:
            self.join_cells(*self.rows.pop())

    def join_cells(self, first: int, element: int, lists: int, cells: list[int]) -> None:
        """Make one block of a row of data; leave a row alone that is there for the layout."""
        layout = self.layout
        texts = layout.texts
        if len(texts) == first or len(layout.list_tags) != lists or not cells:
            return
        bounds = [*cells, len(texts)]
        parts = [" ".join(texts[start:end]) for start, end in itertools.pairwise(bounds) if start < end]
        if (
            cells[0] != first
            or any(len(part) > MAX_CELL for part in parts)
            or any(tag in _HEADINGS for tag in layout.tags[first:])
        ):
            return
        if len(parts) < 2 and len(texts) - first > 1:
            return
        linked, links, anchors = (
            sum(layout.linked[first:]),
            sum(layout.links[first:]),
            sum(layout.anchors[first:]),
        )
        for column in (
            layout.texts,
            layout.tags,
            layout.linked,
            layout.links,
            layout.anchors,
            layout.bold,
            layout.around,
            layout.element,
        ):
            del column[first + 1 :]
        for column in (layout.lists, layout.depth, layout.item):
            del column[first + 1 :]
        texts[first] = " | ".join(parts)
        layout.tags[first] = "tr"
        layout.linked[first], layout.links[first], layout.anchors[first] = linked, links, anchors
        layout.element[first] = element
        layout.item[first] = self.item
        for inner in range(element, len(layout.first)):
            if layout.end[inner] > layout.first[inner]:
                layout.first[inner], layout.end[inner] = first, first + 1
            else:
                layout.first[inner] = layout.end[inner] = first


def _number(value: str | None, otherwise: int) -> int:
    if value is None or len(value) > 9:
        return otherwise
    try:
        return int(value)
    except ValueError:
        return otherwise
