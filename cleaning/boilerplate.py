"""Tell the article's own blocks from the site's.

A learned model gives every block a probability (models/ holds its weights, the script that makes them and a card). What falls is given the most
particular reason that the page's markup and words support; "the model takes it for boilerplate" is the last of them.
"""

import itertools
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from .blocks import GROUPS, HEADINGS, NEVER, Block, Inside, Layout, lay_out_frame, lay_out_lines
from .features import CUES, Frame, Table, cue_of, tabulate
from .forest import Forest, load_forest, probability


class Reason(StrEnum):
    """Why a block is not the article's own."""

    NAVIGATION = "menu, header or footer of the site"
    BREADCRUMB = "path to the page"
    LINKS = "mostly links"
    RELATED = "points at related articles"
    NEIGHBOUR = "points at the next or the previous article"
    TEASER = "cut off with an ellipsis"
    TAGS = "tag line"
    TOC = "table of contents"
    SHARE = "share bar"
    NEWSLETTER = "newsletter or sign-up"
    COOKIES = "cookie or consent notice"
    PROMOTION = "promotion inside the page"
    AUTHOR = "author box or byline"
    DATE = "date line"
    CAPTION = "caption or credit"
    COMMENT = "reader comment or comment form"
    FORM = "form or its messages"
    LEGAL = "copyright, disclaimer or legal notice"
    SOURCE = "source line"
    TITLE = "the title again"
    DUPLICATE = "stands twice on the page"
    REPEATED = "stands on many pages of the site"
    LAYOUT = "dropped by the site's profile"
    HIDDEN = "not shown to a reader"
    MODEL = "the model takes it for boilerplate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A block, and the reason to leave it out if there is one."""

    block: Block
    reason: Reason | None = None
    confidence: float = 1.0
    """How sure the decision is, 0.5 to 1."""


LIFT, SLOPE = 0.05, 0.5
"""A block is kept above LIFT + SLOPE * the F1 that the page promises: half of it would be best if blocks were independent (Lipton et al. 2014, "Optimal
thresholding of classifiers to maximize F1"); a little more suits articles, a little less the other page types. (Swept out of fold on WCXB: flat to .0015 in 0 to .1.)"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the cleaner thinks of a page's blocks, before anybody asks for reasons."""

    layout: Layout
    table: Table
    probability: NDArray[np.float32]
    """Of every block to be the article's own."""
    keep: NDArray[np.bool_]
    confidence: float
    """The word F1 that the probabilities promise, 0 to 1."""
    named: Sequence[tuple[int, int, Reason]] = ()
    """Runs of blocks, first to end, in elements whose names say that they are never the article's own."""

    def text(self) -> str:
        """The kept blocks, a line each."""
        return self.layout.text(np.flatnonzero(self.keep).tolist())

    def verdicts(self) -> tuple[Verdict, ...]:
        """Every block with the reason against it, if there is one."""
        kept = {self.layout.texts[n] for n in np.flatnonzero(self.keep).tolist()}
        named = {n: reason for first, end, reason in self.named for n in range(first, end)}
        judged = [
            [
                Verdict(
                    block,
                    None if keep else named.get(n) or self._reason(n, kept),
                    float(max(chance, 1 - chance)),
                )
                for block in self.layout.blocks(n)
            ]
            for n, (keep, chance) in enumerate(zip(self.keep, self.probability, strict=True))
        ]
        lists = len(self.layout.list_tags)
        for place, element in reversed(self.layout.left_out):
            frame = lay_out_frame(element)
            blocks = [block for n in range(len(frame.texts)) for block in frame.blocks(n)]
            judged[place:place] = [
                [
                    Verdict(
                        replace(block, list_id=block.list_id + lists) if block.list_id >= 0 else block,
                        _frame_reason(block),
                    )
                    for block in blocks
                ]
            ]
            lists += len(frame.list_tags)
        return tuple(itertools.chain.from_iterable(judged))

    def _reason(self, n: int, kept: set[str]) -> Reason:
        layout, table = self.layout, self.table
        around = layout.around[n]
        if around & Inside.HIDDEN:
            return Reason.HIDDEN
        if table.row("title match")[n] > 0.8:
            return Reason.TITLE
        if layout.texts[n] in kept:
            return Reason.DUPLICATE
        if around & Inside.NAV:
            return Reason.NAVIGATION
        groups = 0
        element = layout.element[n]
        for _ in range(_NEAR):
            if element < 0:
                break
            groups |= layout.groups[element]
            element = layout.parent[element]
        if groups & _PATH and table.row("marks")[n] > 0 and table.row("link share")[n] > 0:
            return Reason.BREADCRUMB
        for group, reason in _GROUP_REASONS:
            if groups & group:
                return reason
        cue = int(table.cues[n])
        if cue >= 0 and CUES[cue] in _CUE_REASONS:
            return _CUE_REASONS[CUES[cue]]
        if around & (Inside.HEADER | Inside.FOOTER):
            return Reason.NAVIGATION
        if around & (Inside.FORM | Inside.BUTTON):
            return Reason.FORM
        if around & Inside.FIGURE:
            return Reason.CAPTION
        if table.row("under comment heading")[n]:
            return Reason.COMMENT
        if table.row("dots")[n]:
            return Reason.TEASER
        if table.row("link share")[n] > MOSTLY_LINKS:
            return Reason.LINKS
        if _DATE.fullmatch(layout.texts[n]):
            return Reason.DATE
        return Reason.MODEL


def _by_words(text: str, otherwise: Reason) -> Reason:
    cue = cue_of(text)
    return _CUE_REASONS.get(CUES[cue], otherwise) if cue >= 0 else otherwise


def _frame_reason(block: Block) -> Reason:
    reason = _by_words(block.text, Reason.NAVIGATION)
    return (
        reason
        if reason in (Reason.LEGAL, Reason.NEWSLETTER, Reason.COOKIES, Reason.TOC, Reason.SHARE)
        else Reason.NAVIGATION
    )


MOSTLY_LINKS = 0.5
"""Above this share of linked characters a dropped block is called links. Decides on the reason's name alone."""
_NEAR = 3
"""Elements from the block outwards whose class words may give the reason. (WCXB: further out they name the layout, not the block.)"""
_DATE = re.compile(r"(?=.{4,40}$)(?=.*\d)[\w ,.:/|–-]*\b(?:19|20)\d\d\b[\w ,.:/|–-]*")


def _bit(group: str) -> int:
    return 1 << GROUPS.index(group)


_PATH: Final = _bit("navigation")
_GROUP_REASONS: Final = (
    (_bit("comment"), Reason.COMMENT),
    (_bit("share"), Reason.SHARE),
    (_bit("newsletter"), Reason.NEWSLETTER),
    (_bit("related"), Reason.RELATED),
    (_bit("author"), Reason.AUTHOR),
    (_bit("contents"), Reason.TOC),
    (_bit("tags"), Reason.TAGS),
    (_bit("overlay"), Reason.COOKIES),
    (_bit("advert"), Reason.PROMOTION),
    (_bit("navigation") | _bit("footer") | _bit("sidebar"), Reason.NAVIGATION),
)
_CUE_REASONS: Final = {
    "related": Reason.RELATED,
    "share": Reason.SHARE,
    "newsletter": Reason.NEWSLETTER,
    "cookies": Reason.COOKIES,
    "author": Reason.AUTHOR,
    "date": Reason.DATE,
    "comment": Reason.COMMENT,
    "tags": Reason.TAGS,
    "legal": Reason.LEGAL,
    "promotion": Reason.PROMOTION,
    "caption": Reason.CAPTION,
    "contents": Reason.TOC,
    "references": Reason.SOURCE,
    "error": Reason.NAVIGATION,
}


@cache
def _forest(name: str) -> Forest:
    return load_forest((files(__package__) / "models" / f"{name}.npz").read_bytes())


def judge(layout: Layout, frame: Frame, forest: Forest | None = None) -> Judgement:
    """Decide for every block whether it is the article's own; by the forest that ships with the package unless another is given."""
    table = tabulate(layout, frame)
    if not layout.texts:
        return Judgement(layout, table, np.zeros(0, np.float32), np.zeros(0, np.bool_), 0.0)
    chance = probability((forest or _forest("blocks")).log_odds(table.values))
    named = _never(layout, table.size, chance)
    for first, end, _ in named:
        np.minimum(chance[first:end], NEVER_CHANCE, out=chance[first:end])
    promise = _promise(chance, table.size)
    # The likeliest block is kept whatever its chance, so that a page never comes out empty.
    keep = chance >= min(LIFT + SLOPE * promise, float(chance.max()))
    if promise < UNSURE:
        keep = _second_opinion(table, chance, keep)
    doubtful = ~keep & (chance > DOUBTFUL)
    keep |= _switches(layout, table, keep, doubtful)
    keep |= _whole_lists(layout, table, keep, doubtful)
    keep |= _heads_of_lists(table, keep, doubtful)
    return Judgement(layout, table, chance, keep, promise, named)


LINE = 0.27
"""A line of flattened text is dropped below this probability: an article that lost a line is worse off than one with a line too many. (At .5 precision out of fold is .03
higher and recall .02 lower; the word F1 is the same within .01 from .27 to .5.)"""


def kept_lines(texts: Sequence[str], forest: Forest | None = None) -> NDArray[np.bool_]:
    """Which lines of flattened text are the article's own; by the forest that ships with the package unless another is given."""
    if not texts:
        return np.zeros(0, np.bool_)
    table = tabulate(lay_out_lines(texts), Frame())
    keep: NDArray[np.bool_] = probability((forest or _forest("lines")).log_odds(table.values)) >= LINE
    return keep


def line_reason(text: str) -> Reason:
    """What a dropped line looks like."""
    return _by_words(text, Reason.MODEL)


NEVER_CHANCE = 0.01
"""The probability of a block in an element that is never the article's own."""
ENOUGH_BESIDE = 500.0
"""Elements that are never the article's own are believed to be so where as many characters of likely content stand beside them (all of it, on a shorter page). A share of
the page will not do: under many an article stand more comments than article. (Out of fold on a fifth of WCXB: 200 to 1000 are the same for articles.)"""


def _never(
    layout: Layout, size: NDArray[np.float64], chance: NDArray[np.float32]
) -> list[tuple[int, int, Reason]]:
    """The runs of blocks inside elements whose names say that they are never the article's own."""
    runs: dict[int, list[tuple[int, int]]] = {}
    named = [(n, groups >> len(GROUPS)) for n, groups in enumerate(layout.groups) if groups >> len(GROUPS)]
    for element, bits in named:
        for number in range(bits.bit_length()):
            if bits >> number & 1:
                first, end = layout.first[element], layout.end[element]
                if NEVER[number] != "promotion" or _leads_on(layout, first, end):
                    runs.setdefault(number, []).append((first, end))
    likely = np.where(chance > 0.5, size, 0.0)
    enough = min(ENOUGH_BESIDE, float(likely.sum()))
    believed = []
    for number, of_reason in runs.items():
        beside = likely.copy()
        for first, end in of_reason:
            beside[first:end] = 0.0
        if beside.sum() >= enough:
            believed += [(first, end, Reason[NEVER[number].upper()]) for first, end in of_reason]
    return believed


def _leads_on(layout: Layout, first: int, end: int) -> bool:
    """Whether the blocks hold a link, a button or a form: a call to action without any is a box of the article."""
    return any(layout.links[first:end]) or any(
        around & (Inside.LINK | Inside.BUTTON | Inside.FORM) for around in layout.around[first:end]
    )


UNSURE = 0.5
"""Below this promise the model does not know where the article is. (Out of fold on two fifths of WCXB, and on Mozilla's pages: of 16 such pages three gain .28 to .55 of
F1 by the second opinion, three lose .01 to .05, and the others stay.)"""
ENOUGH_PROSE = 0.5
"""Share of the page's prose that an element must hold to be a second opinion."""


def _second_opinion(table: Table, chance: NDArray[np.float32], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the page itself says that the article is, or where most prose stands together: the stated body, the element for articles, the densest element."""
    own = (table.row("link share") < MOSTLY_LINKS) & (chance > NEVER_CHANCE)
    prose = np.where(table.row("closed") > 0, table.size, 0.0)
    enough = ENOUGH_PROSE * float(prose.sum())
    for name in ("stated", "in BODY_PROPERTY", "in ARTICLE", "in MAIN", "in main"):
        inside = (table.row(name) > 0) & own
        if inside.any() and prose[inside].sum() > enough:
            return inside
    return keep


DOUBTFUL = 0.1
"""The least probability of a dropped block that what stands beside it may call back. (Out of fold on WCXB: .02 to .1 are the same for lists; of headings to press
.1 to .5 are about as often the content's as not, below are the words of forms.)"""
MAX_SWITCH = 150
"""Characters: a longer text is no heading. (Chosen; questions are the longest.)"""
Flags = NDArray[np.bool_]


def _switches(layout: Layout, table: Table, keep: Flags, doubtful: Flags) -> Flags:
    """Headings that are pressed to show what stands below them, where that is kept: by their element, or because several are alike."""
    pressed: Flags = (table.row("in BUTTON") + table.row("tag summary")) > 0
    called: Flags = doubtful & pressed
    if not called.any():
        return called
    opens = pressed & (table.cues < 0) & (table.row("copies") == 1)
    opens[:-1] &= keep[1:] & ~pressed[1:]
    opens[-1] = False
    called &= opens
    alike = Counter(layout.kin[layout.element[n]] for n in np.flatnonzero(opens & (keep | doubtful)).tolist())
    for n in np.flatnonzero(called).tolist():
        called[n] = len(layout.texts[n]) <= MAX_SWITCH and (
            alike[layout.kin[layout.element[n]]] > 1
            or not (HEADINGS | {"summary"}).isdisjoint(_own_elements(layout, n))
        )
    return called


def _own_elements(layout: Layout, n: int) -> set[str]:
    """Tags of the block and of the elements that hold nothing else."""
    tags = {layout.tags[n]}
    element = layout.element[n]
    while element >= 0 and layout.first[element] == n and layout.end[element] == n + 1:
        tags.add(layout.element_tag[element])
        element = layout.parent[element]
    return tags


def _whole_lists(layout: Layout, table: Table, keep: Flags, doubtful: Flags) -> Flags:
    """Items of lists that the article holds: half of the items that are no links are kept, or a kept line above announces the list.

    (Of the 134 items of WCXB's articles that the second rule adds to the first, 103 are the content's.)
    """
    item: Flags = (table.row("tag li") > 0) & (table.row("list depth") > 0)
    called: Flags = doubtful & item
    if not called.any():
        return called
    lists = np.array(layout.lists)
    own = item & (table.row("link share") < MOSTLY_LINKS)
    number = len(layout.list_tags)
    whole = np.bincount(lists[own & keep], minlength=number) >= 0.5 * np.bincount(
        lists[own], minlength=number
    )
    inside = table.row("in main") > 0
    begins = item[1:] & (lists[1:] != lists[:-1]) & (table.row("item")[1:] == 1)
    announced = np.zeros(number, np.bool_)
    for n in np.flatnonzero(begins & keep[:-1] & inside[:-1] & (table.cues[:-1] < 0)).tolist():
        announced[lists[n + 1]] = layout.texts[n].endswith((":", "："))
    called &= (own & whole[lists]) | (inside & announced[lists])
    return called


def _heads_of_lists(table: Table, keep: Flags, doubtful: Flags) -> Flags:
    """Headings right above a kept list: without them nobody knows what its items are. (Of the 55 on WCXB's articles 48 are the content's.)"""
    heading = (table.row("tag h2") + table.row("tag h3") + table.row("tag h4")) > 0
    called: Flags = doubtful & heading
    if not called.any():
        return called
    plain = table.row("link share") < MOSTLY_LINKS
    called &= plain & (table.row("in main") > 0)
    called[:-1] &= (keep & plain & (table.row("tag li") > 0))[1:]
    called[-1] = False
    return called


def _promise(chance: NDArray[np.float32], size: NDArray[np.float64]) -> float:
    """The best F1 to expect if every block is the article's with its probability, independently."""
    order = np.argsort(-chance)
    found = np.cumsum((chance * size)[order])
    return float((2 * found / (np.cumsum(size[order]) + found[-1])).max())


_TAGS_IN_TEXT = re.compile(r"<[^<>]{1,200}>")


def read_frame(tree: LexborHTMLParser) -> Frame:
    """What the page's head and its JSON-LD say; JSON that does not parse says nothing."""
    title = ""
    if tree.head is not None:
        for node in tree.head.iter():
            if node.tag == "title":
                title = node.text()
                break
    body = ""
    for script in tree.tags("script"):  # a selector would take twice the time to find those of one type
        if (script.attributes.get("type") or "").lower() == "application/ld+json":
            text = script.text()
            if "articleBody" in text:
                body = max(body, _article_body(text), key=len)
    return Frame(title, _TAGS_IN_TEXT.sub(" ", body) if "<" in body else body)


def _article_body(text: str) -> str:
    try:
        waiting = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return ""
    body = ""
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            stated = value.get("articleBody")
            if isinstance(stated, str) and len(stated) > len(body):
                body = stated
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return body
