"""The reasons that need a line's words and its neighbours: previous/next, teaser runs, related lists, tags, breadcrumbs.

A cue alone never drops an article's sentence. Phrases that only sites use count anywhere; phrases that an article may use too ("Source:",
"Next:", "Recommendations") count at the page's edges, before its first sentence or after its last, beside a line already
marked, or where the line is a link. The cues are data: cues/lines.toml.
"""

import html
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from .blocks import MAX_BLOCKS, Block
from .boilerplate import Reason, Verdict, kept_lines, line_reason
from .cuefile import any_of, read_cues
from .document import Document
from .wrapped import paragraphs, rejoin

MAX_CUE = 300
"""Characters of a line up to which a phrase inside it decides; longer ones are paragraphs that may say the same in passing."""

MIN_PROSE = 80
"""Characters (a Chinese, Japanese or Korean one counts as three) from which a line with a sentence's end is prose: On wcxb-dev's article pages 84 % of such blocks are content, 42 % of the others."""

RESUMES = 200
"""Prose of this size after a list of related pages is the article again; blurbs in such lists are shorter. Chosen by reading
pages, not swept."""

MAX_TAIL = 600
"""Characters at a line's end among which the site's words are looked for: tags, neighbours, a disclaimer and a hotline are 400 together."""

TOP = 12
"""Lines among which the page's own title stands, below the site's name and a path with a step a line."""

MAX_LABEL = 60
"""Characters of the longest label or the longest beginning of a farewell."""

MAX_HEAD = 200
"""Lines among which a flattened page's title is looked for."""

MIN_TEASER = 20
"""Size of the shortest teaser; real ones are mostly cut at 30 and more (research: 49), bare
"wait ..." is speech."""

CUT_AT_WORD = 20
"""Spread of lengths in a run whose lines were cut at the word before a limit: a long word and a space."""

NEAR_COMMENTS = 8
"""Lines below "Leave a comment" among which a form or a comment's date stands if there are any."""

RIGHT_BELOW = 3
"""Lines below it among which the article goes on if there are none: its heading and a sentence."""

GAP = 4
"""Lines that may stand between two teasers of one run: title, date, author, "read more"."""


def lines(document: Document) -> tuple[Block, ...]:
    """Cut flattened text into its lines, each with its place in the document's text; of more than MAX_BLOCKS lines the first ones."""
    found: list[Block] = []
    for begin, stop in paragraphs(document.text):
        for start, end in _split(document.text[begin:stop], begin):
            start, end = _trim(document.text, start, end)
            if start < end:
                found.append(Block(_fold(rejoin(document.text[start:end])), "line", start=start, end=end))
        if len(found) >= MAX_BLOCKS:
            break
    return tuple(block for block in found if block.text)


def judge_lines(document: Document) -> tuple[Verdict, ...]:
    """Tell the article's own lines from the site's in a page that is already flattened."""
    blocks = lines(document)
    reasons = link_lists(blocks, headline(blocks))
    for place in _tabs(document, blocks):
        reasons[place] = reasons[place] or Reason.NAVIGATION
    own = kept_lines([block.text for block in blocks]).tolist()
    return tuple(
        Verdict(block, reason or (None if keep else line_reason(block.text)))
        for block, reason, keep in zip(blocks, reasons, own, strict=True)
    )


MIN_TABS, TAB_WORDS = 3, 3
"""Lines of so few words that end in a bar, one below the other, are a bar of tabs; chosen by reading pages, not swept."""


def _tabs(document: Document, blocks: Sequence[Block]) -> list[int]:
    """Places of the lines "Symptoms |", "Causes |" … of a bar of tabs."""
    found: list[int] = []
    row: list[int] = []
    for place, block in enumerate([*blocks, Block("", "line")]):
        rest = document.text[block.end : block.end + 8].partition("\n")[0]
        barred = rest.strip(" \t\xa0") == "|" and "|" not in block.text
        if barred and len(block.text.split()) <= TAB_WORDS:
            row.append(place)
            continue
        if len(row) >= MIN_TABS:
            found.extend(row)
        row = []
    return found


def headline(blocks: Sequence[Block]) -> str:
    """The title of a flattened page: its first line that looks like one, before any prose; "" if there is none."""
    marked = _Marks(blocks[:MAX_HEAD], "")
    marked.mark()
    for line, reason in zip(marked.lines, marked.reasons, strict=True):
        if reason is None and _titled(line):
            title = marked.bare_title(line)
            follows = any(later.prose for later in marked.lines[line.place + 1 : line.place + TOP])
            return title if len(title) > 3 and (follows or title != line.text) else ""
        if line.prose or reason is None:
            return ""
    return ""


def link_lists(blocks: Sequence[Block], title: str = "") -> list[Reason | None]:
    """Reasons by words and neighbours, None where there is none; for HTML blocks and flattened lines alike."""
    marks = _Marks(blocks, title)
    marks.mark()
    return marks.reasons


# --- lines of flattened text ---

# Where a flattener lost the line end before a link to a neighbour: these never stand inside a sentence.
_GLUED = re.compile(
    r"(?<=[.!?。！？|…\w])[ \t|]{0,8}(?=(?:<<|>>|«|»|&lt;&lt;|&gt;&gt;)[:：][ \t]{0,8}\w)"
    r"|(?<=[\w。！？|])[ \t|]{0,8}(?=(?:上一篇|下一篇|上一页|下一页)[:：])|(?<=[。！？|])[ \t]{0,8}(?=(?:相关文章|相关阅读|标签)[:：])"
)
_ENDS = (".", "!", "?", "。", "！", "？", "…", ")", "）", "]", "】", '"', "”")
_LABEL_SIGN = re.compile("[:：?]")
_NEXT_SENTENCE = re.compile(r"[.!?。！？…][)\]）】\"”]{0,3}(?:[ \t|]{1,8}|(?=[^\W\d_a-z]))")
_SPACES = re.compile(r"\s+")
_MARGIN = " \t\xa0\u3000\ufeff\u200b\u200c\u200d\u2060\xad"
_TRAILING = re.compile(r"(?:[\s\u200b\ufeff]|&nbsp;|(?<=[\s.!?。！？])\|)+$")
_LEADING = re.compile(r"^(?:[\s\u200b\ufeff]|&nbsp;|\|(?=\s))+")


def _split(line: str, offset: int) -> Iterator[tuple[int, int]]:
    seams = [match.span() for match in _GLUED.finditer(line)]
    seams += [(place, place) for place in _tail(line)]
    start = 0
    for end, after in sorted(seams):
        yield offset + start, offset + end
        start = after
    yield offset + start, offset + len(line)


def _tail(line: str) -> Iterator[int]:
    """Where the site's words begin that a flattener glued to the article's last ones: "… see a dentist. Tags: teeth Previous: Bleeding gums"."""
    if len(line) < MIN_PROSE:
        return
    cues = _cues()
    begin = max(0, len(line) - MAX_TAIL)
    labels = dict(_glued_labels(line, begin, cues.glued))
    pair = len({label for label in labels.values() if label in cues.weak}) > 1
    opened = said = False
    for place in sorted({*labels, *(match.end() for match in _NEXT_SENTENCE.finditer(line, begin))}):
        if label := labels.get(place, ""):
            closed = line[max(0, place - 8) : place].rstrip(" \t|").endswith(_ENDS)
            begins = opened or " " in label or (pair if label in cues.weak else closed)
        else:
            sentence = line[place : place + MAX_LABEL].casefold().replace("’", "'")
            begins = sentence.startswith(cues.farewells)
        if begins or said:  # a farewell ends with its sentence, what a label names with the next label
            yield place
        opened = opened or begins
        said = begins and not label


def _glued_labels(line: str, begin: int, labels: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for sign in _LABEL_SIGN.finditer(line, begin):
        before = line[max(begin, sign.start() - MAX_LABEL) : sign.start()].rstrip()
        folded = before.casefold()
        if folded.endswith(labels):
            label = max(filter(folded.endswith, labels), key=len)
            head = before[: -len(label)]
            if not head[-1:].isalnum() and not before[-len(label)].islower():
                start = max(begin, sign.start() - MAX_LABEL) + len(head)
                yield start - head.endswith(("(", "[", "（", "【")), label


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out margins, and the bars that flatteners leave where a cell or a column ended."""
    while start < end and text[start] in _MARGIN:
        start += 1
    while start < end and text[end - 1] in _MARGIN:
        end -= 1
    if start < end and (text[start] in "|&" or text[end - 1] in "|;"):
        if match := _LEADING.search(text[start:end][:200]):
            start += match.end()
        tail = text[max(start, end - 200) : end]
        if match := _TRAILING.search(tail):
            end -= len(tail) - match.start()
        if text[start:end].strip("| ") == "":
            return start, start
    return start, end


def _fold(text: str) -> str:
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    return _SPACES.sub(" ", text).strip()


_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060\xad"))


# --- one line, and what is cheap to know of it ---


@dataclass(slots=True)
class _Line:
    place: int
    text: str
    key: str
    """Lower case without the signs at its ends; "" for lines too long to be a cue."""
    size: int
    """Characters, East Asian ones three times."""
    prose: bool
    """Reads as the article's own: long, with a sentence's end."""
    own: bool
    """At least a sentence or a list item."""
    listed: bool
    """Starts with a list's number or bullet."""
    cut: int
    """Where the ellipsis at its end begins, -1 for none."""
    linked: float
    flat: bool
    tag: str


_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]")
_SENTENCE_END = re.compile(r"""[.!?。！？।؟۔][)"'”’»\]]*(?:\s|$)|[。！？]""")
_STOP = re.compile(r"""[.;؛۔][)"'”’»\]]*(?:\s|$)|[。；]""")
_CLOSED = re.compile(r"""[.。।۔;；][)"'”’»\]]*$""")
_MARKER = re.compile(
    r"\s*(?:\(?\d{1,2}[.)、:．]|\d{1,2}[.)、]|[①-⑳]|[•●○▪■*–-]\s|#\d|\(?[a-zA-Z][.)]\s|[一二三四五六七八九十]{1,3}[、.])"
)
_EDGES = " \t\xa0-–—|•·*#>»›→:：[]()（）【】<«‹←!！…。.,，、+▼▲▶►◄■□●◆★☆_~=⟵⟶⇐⇒《》\"“”'‘’↑↓"


def _line(place: int, block: Block) -> _Line:
    text = block.text
    length = len(text)
    size = length if text.isascii() else length + 2 * len(_WIDE.findall(text[:2000]))
    cut = _ellipsis(text)
    linked = min(1.0, block.linked / length) if length else 0.0
    ends = _SENTENCE_END.search(text) is not None
    prose = size >= MIN_PROSE and ends and linked < 0.5 and (cut < 0 or size > 2 * RESUMES)
    listed = _MARKER.match(text) is not None
    own = prose or (
        cut < 0
        and linked < 0.5
        and (listed or (size >= MIN_TEASER and _CLOSED.search(text[-8:]) is not None))
    )
    key = text.casefold().replace("’", "'").strip(_EDGES) if length <= MAX_CUE else ""
    return _Line(place, text, key, size, prose, own, listed, cut, linked, block.tag == "line", block.tag)


def _ellipsis(text: str) -> int:
    tail = text[-60:]
    if (
        "..." not in tail
        and "…" not in tail
        and "⋯" not in tail
        and ". . ." not in tail
        and "。。。" not in tail
    ):
        return -1
    match = _cues().ellipsis.search(tail)
    return len(text) - len(tail) + match.start() if match else -1


# --- the cues ---


@dataclass(frozen=True, slots=True)
class _Cues:
    whole: dict[str, Reason]
    label: dict[str, Reason]
    weak: frozenset[str]
    opens: dict[str, Reason]
    inside: dict[str, Reason]
    hint: dict[str, Reason]
    starts: dict[str, Reason]
    starting: re.Pattern[str]
    sentences: dict[str, Reason]
    farewells: tuple[str, ...]
    """The keys of `sentences`."""
    glued: tuple[str, ...]
    neighbours: re.Pattern[str]
    home: frozenset[str]
    share: frozenset[str]
    share_sites: frozenset[str]
    menu: frozenset[str]
    modest: frozenset[str]
    ellipsis: re.Pattern[str]


_TABLES = {
    "neighbour": Reason.NEIGHBOUR,
    "breadcrumb": Reason.BREADCRUMB,
    "tags": Reason.TAGS,
    "source": Reason.SOURCE,
    "date": Reason.DATE,
    "author": Reason.AUTHOR,
    "counter": Reason.DATE,
    "share": Reason.SHARE,
    "related": Reason.RELATED,
    "comment": Reason.COMMENT,
    "form": Reason.FORM,
    "newsletter": Reason.NEWSLETTER,
    "cookies": Reason.COOKIES,
    "legal": Reason.LEGAL,
    "promotion": Reason.PROMOTION,
    "caption": Reason.CAPTION,
    "toc": Reason.TOC,
}


@cache
def _cues() -> _Cues:
    table = read_cues("lines")

    def phrases(name: str, way: str) -> list[str]:
        return [
            phrase.casefold() for language in table.get(name, {}).get(way, {}).values() for phrase in language
        ]

    def reasons(way: str) -> dict[str, Reason]:
        return {phrase: reason for name, reason in _TABLES.items() for phrase in phrases(name, way)}

    starts, sentences = reasons("starts"), reasons("sentences")

    return _Cues(
        whole=reasons("whole"),
        label=reasons("label"),
        weak=frozenset(phrases("neighbour", "weak")),
        opens=reasons("opens"),
        inside=reasons("inside"),
        hint=reasons("hint"),
        starts=starts,
        starting=re.compile(f"(?:{any_of(starts)})(?=\\s)"),
        sentences=sentences,
        farewells=tuple(sentences),
        glued=tuple(phrases("glued", "label")),
        neighbours=re.compile(f"(?:{any_of(phrases('neighbour', 'label'))})(?!\\w)"),
        home=frozenset(phrases("breadcrumb", "home")),
        share=frozenset(phrases("share", "words")),
        share_sites=frozenset(phrases("share", "sites")),
        menu=frozenset(phrases("navigation", "words")),
        modest=frozenset(phrases("modest", "words")),
        ellipsis=re.compile(
            rf"(?:\.{{3,}}|…+|⋯+|\. \. \.|。{{3,}}|[\[(] ?(?:…|\.{{3}}) ?[\])])[\s\[(«»›>→]*(?:{any_of(phrases('more', 'ends'))})?[\s\])»›>→]*$",
            re.IGNORECASE,
        ),
    )


# --- the decision ---

_LEFT = r"<<|«|‹|←|⟵|⇐|◄|◀|《《|＜＜|〈〈|<(?=\s)"
_RIGHT = r">>|»|›|→|⟶|⇒|►|▶|》》|＞＞|〉〉|>(?=\s)"
_ARROW_COLON = re.compile(rf"(?:{_LEFT}|{_RIGHT})\s?[:：]\s*\S")
_STARTS_LEFT = re.compile(rf"(?:{_LEFT})\s*[^\s\d<>«»=]")
_STARTS_RIGHT = re.compile(rf"(?:{_RIGHT})\s*[^\s\d<>«»=]")
_ENDS_RIGHT = re.compile(rf"[^\s<>«»]\s*(?:{_RIGHT})$")
_PATH_STEP = re.compile(r"\s*(?:>{1,2}|»|›|→|／|≫|＞)\s*|\s+/\s+")
_LABEL = re.compile(r"[\W_]{0,6}([^:：|]{1,45}?)\s{0,3}[:：]\s*(.*)", re.DOTALL)
_SIGNED = re.compile(r"[\W_]{0,6}([^:：|]{1,45}?)\s{1,3}(?:[|>›»→–—-]|>>)\s+(.*)", re.DOTALL)
_COMMENT_COUNT = re.compile(
    r"(?:(?:there (?:are|is) )?(?:\d{1,5}|one|no) (?:comments?|thoughts?|responses?|replies|reply|comentarios?|kommentare?|commentaires?|comentários?|commenti"
    r"|комментари\w+)(?: (?:on|to|so far|en|zu|sur|em|su)\b.{0,200})?|comments? \(\d{1,5}\)|评论[(（]\d{1,5}[)）]|\d{1,5} ?条评论)"
)
_DATE_LINE = re.compile(
    r"(?:(?:posted|published|updated|last updated|last modified|modified|am|le|el|em|il)\s*(?:on|:)?\s*)?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
    r"(?:\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?(?: de| of)? [^\W\d]{3,10}\.?,?(?: de)? \d{4}|[^\W\d]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
    r"(?:,?\s*(?:at|um|à|às|a las)?\s*\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?|uhr)?(?:\s*[a-z]{3,4})?)?"
)
_RIGHTS = re.compile(
    r"(?:©|\(c\)|copyright)\W{0,3}.{0,80}(?:19|20)\d\d|(?:19|20)\d\d\W{1,3}(?:©|copyright)", re.IGNORECASE
)
_PAGER = re.compile(
    r"(?:(?:page\s)?(?:\d{1,4}|\.{3}|…|first|last|next|prev(?:ious)?|page|of|[«»‹›<>|\[\]])\s*){3,}|page \d{1,4} of \d{1,4}",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"[-–—]\s{0,3}\d{1,4}\s{0,3}[-–—]")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_][\w+'-]*")
_TITLE_TAIL = re.compile(r"[?!.。？！]?\s*(?:[\d(\[【（]+\w{0,3}[\])】）]?|[-_|–—•:·].{1,60})")


MAX_SECTIONS = 30
"""Openers looked at on a page; keeps a page made of them alone linear. The most on an article page of wcxb-dev: 17."""


class _Marks:
    """The lines of one page and the reasons found so far."""

    __slots__ = ("first", "hints", "last", "lines", "reasons", "title")

    def __init__(self, blocks: Sequence[Block], title: str) -> None:
        self.lines = [_line(place, block) for place, block in enumerate(blocks)]
        self.reasons: list[Reason | None] = [None] * len(self.lines)
        self.hints: dict[int, Reason] = {}
        """Lines with a phrase that an article's sentence may hold too."""
        self.title = _letters(title)
        self.first = self.last = -1

    def mark(self) -> None:
        if not self.lines:
            return
        cues = _cues()
        self._titles()
        self._page_heads()
        self._teasers()
        self._phrases(cues)
        for line in self.lines:
            if self.reasons[line.place] is None and len(line.text) <= MAX_CUE:
                self.reasons[line.place] = _certain(line, cues)
        self._arrows()
        self._contents(cues)
        self._edges()
        self._menu(cues)
        self._likelies(cues)
        self._likelies(cues)  # a line that needs a marked neighbour may have got one
        self._above_title()
        self._sections(cues)
        self._edges()
        self._likelies(cues)  # or the page's end, below which only a list of other pages stood
        self._after_the_end()

    # Phrases anywhere in a line of at most MAX_CUE characters, in one search over all lines for each: an alternation of some
    # hundred phrases costs Python's regular expressions ten times as much.
    def _phrases(self, cues: _Cues) -> None:
        starts: list[int] = []
        keys: list[str] = []
        at = 0
        candidates = [line for line in self.lines if len(line.key) >= 6 and self.reasons[line.place] is None]
        for line in candidates:
            starts.append(at)
            keys.append(line.key)
            at += len(line.key) + 1
        text = "\n".join(keys)
        for table, certain in ((cues.inside, True), (cues.hint, False)):
            for phrase, reason in table.items():
                found = text.find(phrase)
                while found >= 0:
                    line = candidates[bisect_right(starts, found) - 1]
                    if self.reasons[line.place] is None:
                        if certain:
                            self.reasons[line.place] = reason
                        else:
                            self.hints.setdefault(line.place, reason)
                    found = text.find(phrase, found + len(phrase))

    # The page's own title, as often as it stands there, glued to a digit or to the site's name.
    def _titles(self) -> None:
        if len(self.title) < 4:
            return
        for line in self.lines:
            if len(line.text) > len(self.title) * 2 + 80:
                continue
            letters = _letters(line.text)
            if letters == self.title or (
                letters.startswith(self.title)
                and len(self.title) >= 8
                and (letters[len(self.title) :].isdigit() or _suffixed(line.text, self.title))
            ):
                self.reasons[line.place] = Reason.TITLE

    # "- 3 -", and the running heads beside such numbers or with a page's number of their own.
    def _page_heads(self) -> None:
        numbers = [line.place for line in self.lines if line.flat and _PAGE_NUMBER.fullmatch(line.text)]
        heads: dict[str, list[int]] = {}
        for line in self.lines:
            if (
                line.flat
                and line.key
                and line.size <= 100
                and (letters := _letters(_DIGITS.sub("", line.key)))
            ):
                heads.setdefault(letters, []).append(line.place)
        beside = {place + step for place in numbers for step in (-1, 1)}
        for places in heads.values():
            if len(places) > 1 and 2 * sum(place in beside for place in places) >= len(places):
                numbers += places
        for place in numbers:
            self.reasons[place] = self.reasons[place] or Reason.NAVIGATION

    # The site's name and the path's steps, which a flattener left on lines of their own above the page's title.
    def _above_title(self) -> None:
        titles = [
            line.place
            for line in self.lines[: min(TOP, self.first)]
            if line.flat and self.reasons[line.place] is Reason.TITLE
        ]
        if titles and self.last >= 0:
            for place in range(titles[-1]):
                self.reasons[place] = self.reasons[place] or Reason.NAVIGATION

    def bare_title(self, line: _Line) -> str:
        """The title without the site's name: as it stands again below, or below the path when only the site's name stands above that."""
        below = []
        for later in self.lines[line.place + 1 : line.place + TOP]:
            if later.prose and not _titled(later):
                break
            below.append(later)
        for later in below:
            if len(letters := _letters(later.text)) >= 8 and _suffixed(line.text, letters):
                return later.text
        if len(below) > 1 and self.reasons[below[0].place] is Reason.BREADCRUMB:
            title = below[1]
            if self.reasons[title.place] is None and _titled(title) and title.size > line.size:
                return title.text
        return line.text

    def _teasers(self) -> None:
        run: list[_Line] = []
        for line in self.lines:
            if (
                line.cut < 0
                or line.tag == "tr"
                or line.size < MIN_TEASER
                or line.size > 600
                or self.reasons[line.place] is not None
            ):
                continue
            if run and (
                line.place - run[-1].place > GAP + 1 or self._prose_between(run[-1].place, line.place)
            ):
                self._teaser_run(run)
                run = []
            run.append(line)
        self._teaser_run(run)
        self._copies()

    def _prose_between(self, start: int, end: int) -> bool:
        return any(line.prose and line.size >= RESUMES for line in self.lines[start + 1 : end])

    def _teaser_run(self, run: list[_Line]) -> None:
        teasers = _cut_alike(run)
        if not teasers:
            return
        for line in teasers:
            self.reasons[line.place] = Reason.TEASER
        # Titles and dates of the cards: as many lines before the first teaser as between every two.
        places = [line.place for line in teasers]
        gaps = {after - before - 1 for before, after in pairwise(places)}
        if len(gaps) == 1 and (gap := gaps.pop()) > 0:
            between = [*range(max(0, places[0] - gap), places[0]), *range(places[0], places[-1])]
            if not any(self.lines[place].own for place in between):
                for place in between:
                    self.reasons[place] = self.reasons[place] or Reason.RELATED
        elif len(teasers) >= 3:
            for place in range(places[0], places[-1]):
                if not self.lines[place].own:
                    self.reasons[place] = self.reasons[place] or Reason.RELATED

    # The head of a text that stands whole elsewhere on the page.
    def _copies(self) -> None:
        cut = [
            line
            for line in self.lines
            if line.cut >= 25 and self.reasons[line.place] is None and line.size <= 600
        ]
        if not cut:
            return
        whole = {line.text[:25] for line in cut}
        heads: dict[str, list[str]] = {}
        for line in self.lines:
            if line.cut < 0 and line.text[:25] in whole:
                heads.setdefault(line.text[:25], []).append(line.text)
        for line in cut:
            if any(
                text.startswith(line.text[: line.cut].rstrip()) for text in heads.get(line.text[:25], ())[:50]
            ):
                self.reasons[line.place] = Reason.TEASER

    # « and » with a page's title each. Three and more of one kind are a list's bullets.
    def _arrows(self) -> None:
        left = [
            line
            for line in self.lines
            if line.size <= 200 and line.tag != "pre" and _STARTS_LEFT.match(line.text)
        ]
        right = [
            line
            for line in self.lines
            if line.size <= 200 and (_STARTS_RIGHT.match(line.text) or _ENDS_RIGHT.search(line.text))
        ]
        if not left or len(left) > 4 or len(right) > 4:
            return
        for line in left:
            both = [other for other in right if abs(other.place - line.place) <= 3]
            if both:
                for found in (line, both[0]):
                    if not found.prose:
                        self.reasons[found.place] = self.reasons[found.place] or Reason.NEIGHBOUR

    # A run of different lines each of which comes again below the run, in the same order, as heading of some text.
    def _contents(self, cues: _Cues) -> None:
        places: dict[str, list[int]] = {}
        for line in self.lines:
            if line.key and line.size <= 150 and not line.prose:
                places.setdefault(_bare(line.key), []).append(line.place)
        if len(places) == len(self.lines):
            return
        run: list[tuple[int, int]] = []
        """Place of the line and of its copy."""
        opener = -1
        for line in self.lines:
            copies = (
                places.get(_bare(line.key), []) if line.key and line.size <= 150 and not line.prose else []
            )
            after = max(line.place, run[-1][1] if run else -1)
            copy = bisect_right(copies, after)
            if copy < len(copies) and self.reasons[line.place] in (None, Reason.TITLE):
                run.append((line.place, copies[copy]))
                continue
            self._contents_run(run, opener)
            run = []
            if line.size <= 60 and cues.opens.get(line.key) is Reason.TOC:
                opener = line.place
        self._contents_run(run, opener)

    def _contents_run(self, run: list[tuple[int, int]], opener: int) -> None:
        opened = bool(run) and opener == run[0][0] - 1
        if len(run) < (2 if opened else 3):
            return
        last = run[-1][0]
        headings = 0
        for place, copy in run:
            line, heading = self.lines[place], self.lines[copy]
            below = copy + 1 < len(self.lines) and self.lines[copy + 1].own
            if heading.flat:
                headings += copy > last and below
            else:
                headings += (
                    copy > last and heading.tag != line.tag and (heading.tag[:1] == "h" or line.linked > 0.8)
                )
        if headings * 3 >= len(run) * 2:
            for place, _ in run:
                self.reasons[place] = self.reasons[place] or Reason.TOC
            if opened:
                self.reasons[opener] = self.reasons[opener] or Reason.TOC

    def _edges(self) -> None:
        """Find the first and the last line that is the article's own for all we know."""
        own = [line.place for line in self.lines if line.own and self.reasons[line.place] is None]
        self.first, self.last = (own[0], own[-1]) if own else (len(self.lines), -1)

    def _edge(self, line: _Line) -> bool:
        return line.place < self.first or line.place > self.last

    def _beside(self, line: _Line) -> bool:
        place = line.place
        return (place > 0 and self.reasons[place - 1] is not None) or (
            place + 1 < len(self.reasons) and self.reasons[place + 1] is not None
        )

    # A run of three and more short lines above the article or below it, some of them words of menus.
    def _menu(self, cues: _Cues) -> None:
        run: list[_Line] = []
        for line in [*self.lines, None]:
            if (
                line is not None
                and line.size <= 30
                and not line.own
                and self._edge(line)
                and self.reasons[line.place] in (None, Reason.PROMOTION)
            ):
                run.append(line)
                continue
            if len(run) >= 3 and sum(entry.key in cues.menu for entry in run) >= max(2, len(run) // 5):
                for entry in run:
                    self.reasons[entry.place] = self.reasons[entry.place] or Reason.NAVIGATION
            run = []

    def _likelies(self, cues: _Cues) -> None:
        for line in self.lines:
            if self.reasons[line.place] is None and len(line.text) <= MAX_CUE:
                self.reasons[line.place] = self._likely(line, cues)

    def _likely(self, line: _Line, cues: _Cues) -> Reason | None:
        """Cues that an article may hold too: at its edges, beside a marked line, or as a link."""
        placed = self._edge(line) or self._beside(line) or line.linked > 0.5
        hint = self.hints.get(line.place)
        if hint is not None and (placed or line.size <= 60) and line.size <= 200:
            return hint
        if not placed:
            return None
        if (reason := cues.whole.get(line.key)) is not None:
            return reason
        if (reason := cues.label.get(line.key)) is not None and line.size <= 40:
            return reason
        if match := _LABEL.match(line.text):
            name, rest = match[1].casefold().strip(_EDGES), match[2]
            reason = Reason.NEIGHBOUR if name in cues.weak else cues.label.get(name)
            if reason is not None and not _is_sentence(rest, reason):
                return reason
        if not line.own or line.size <= 80:
            if (match := cues.starting.match(line.key)) and _named(line.text[match.end() :]):
                return cues.starts[match[0]]
            if _is_dateline(line.key, cues):
                return Reason.DATE
        if line.key in cues.menu and (
            line.place == 0 or line.place == len(self.lines) - 1 or self._beside(line)
        ):
            return Reason.NAVIGATION
        return None

    # What follows "Related articles" or "Leave a reply", until the article's prose comes back.
    def _sections(self, cues: _Cues) -> None:
        until = -1
        sections = 0
        for line in self.lines:
            if line.place <= until:
                continue
            if sections > MAX_SECTIONS:
                break
            reason = cues.opens.get(line.key) if line.size <= 80 else None
            if reason is None and line.size <= 200 and _COMMENT_COUNT.fullmatch(line.key):
                reason = Reason.COMMENT
            if reason is None or reason is Reason.TOC:
                continue
            sections += 1
            end = self._section_end(line, reason) if self._opens(line, reason) else line.place + 1
            rest = self.lines[line.place + 1 : end]
            if line.key in cues.modest and not self._confirmed(rest, reason):
                continue
            if line.place < self.first and reason is Reason.COMMENT:
                rest = []  # "3 comments" under the title
            self.reasons[line.place] = self.reasons[line.place] or reason
            for later in rest:
                self.reasons[later.place] = self.reasons[later.place] or reason
            until = end - 1

    def _opens(self, opener: _Line, reason: Reason) -> bool:
        """Whether a section follows: a button that invites comments in the middle of an article has the article right below, and neither form nor comments."""
        cues = _cues()
        if reason is not Reason.COMMENT or opener.key in cues.modest or opener.key not in cues.opens:
            return True
        near = self.lines[opener.place + 1 : opener.place + 1 + NEAR_COMMENTS]
        return (
            any(self._of_comments(line, cues) for line in near)
            or any(line.key in cues.opens for line in near[:RIGHT_BELOW])
            or not any(
                self.reasons[line.place] is None and (line.own or line.tag[:1] == "h")
                for line in near[:RIGHT_BELOW]
            )
        )

    def _of_comments(self, line: _Line, cues: _Cues) -> bool:
        return (
            self.reasons[line.place] in (Reason.FORM, Reason.COMMENT, Reason.DATE)
            or Reason.FORM is cues.whole.get(line.key)
            or Reason.COMMENT is cues.opens.get(line.key)
            or _COMMENT_COUNT.fullmatch(line.key) is not None
        )

    def _section_end(self, opener: _Line, reason: Reason) -> int:
        """The line at which the article comes back, the number of lines if it does not."""
        before = sum(line.size for line in self.lines[: opener.place] if line.prose)
        after = sum(line.size for line in self.lines[opener.place + 1 :] if line.prose)
        if reason is Reason.COMMENT and before > after:
            return len(self.lines)
        titles = reason is Reason.RELATED and self._titles_to_the_end(opener)
        previous = opener
        for line in self.lines[opener.place + 1 :]:
            back = (
                line.prose
                and self.reasons[line.place] is None
                and (line.size >= RESUMES or (previous.prose and previous is not opener))
            )
            if not line.flat and reason is Reason.RELATED:
                # In HTML a list of related pages is made of links: where none is near, it has ended.
                back = back or not any(
                    near.linked > 0.5 or near.cut >= 0 for near in self.lines[line.place : line.place + 3]
                )
            other = _cues().opens.get(line.key, reason) if line.key and line.size <= 80 else reason
            if other is not reason and other is not Reason.TOC and line.key not in _cues().modest:
                return line.place
            if back or (line.listed and line.own and not line.linked and not titles):
                end = line.place if not (previous.prose and previous is not opener) else previous.place
                # A short line above the prose is its heading, unless it is a link or cut off.
                while end - 1 > opener.place and self._is_heading(self.lines[end - 1]):
                    end -= 1
                    break
                return end
            if self.reasons[line.place] is None:
                previous = line
        return len(self.lines)

    def _titles_to_the_end(self, opener: _Line) -> bool:
        """Whether only titles stand below, numbered or not, and none of the article's sentences."""
        for line in self.lines[opener.place + 1 :]:
            if line.key and _cues().opens.get(line.key) is Reason.COMMENT:
                break
            if self.reasons[line.place] is None and (line.prose or _CLOSED.search(line.text[-8:])):
                return False
        return opener.key not in _cues().modest

    def _is_heading(self, line: _Line) -> bool:
        return (
            self.reasons[line.place] is None
            and line.size <= 80
            and line.cut < 0
            and line.linked < 0.5
            and not line.prose
        )

    def _confirmed(self, rest: list[_Line], reason: Reason) -> bool:
        """Whether what follows a modest opener is a list of links or a comment form."""
        near = rest[:8]
        if any(
            self.reasons[line.place] in (Reason.FORM, Reason.TEASER, Reason.NEIGHBOUR, Reason.RELATED)
            for line in near
        ):
            return True
        if reason is Reason.COMMENT:
            return not rest
        linked = [line for line in near if line.linked > 0.5]
        if linked:
            return len(linked) * 2 > len(near)
        return (
            bool(near)
            and near[0].flat
            and not any(line.own for line in rest)
            and rest[-1].place == len(self.lines) - 1
            and len(rest) >= 2
        )

    # Below the article nothing but the site comes after a link to its neighbours, a teaser run, a related list.
    def _after_the_end(self) -> None:
        ended: Reason | None = None
        for line in self.lines[self.last + 1 :] if self.last >= 0 else ():
            reason = self.reasons[line.place]
            if reason in (Reason.NEIGHBOUR, Reason.TEASER, Reason.RELATED, Reason.COMMENT, Reason.LEGAL):
                ended = reason
            elif reason is None and ended is not None and (line.flat or line.linked > 0.5):
                self.reasons[line.place] = Reason.TEASER if line.cut > 0 else Reason.RELATED


def _certain(line: _Line, cues: _Cues) -> Reason | None:
    """Reasons that hold wherever the line stands."""
    text, key = line.text, line.key
    if not key:
        return Reason.NAVIGATION if line.flat and not any(character.isalnum() for character in text) else None
    if _ARROW_COLON.match(text) or (_STARTS_LEFT.match(text) and cues.neighbours.match(key)):
        return Reason.NEIGHBOUR
    if (reason := cues.whole.get(key)) is not None and _unambiguous(key, cues):
        return reason
    if (match := _LABEL.match(text)) and len(text) <= 250:
        name = match[1].casefold().strip(_EDGES)
        reason = cues.label.get(name)
        if reason in (Reason.NEIGHBOUR, Reason.LEGAL):
            return reason
        if reason is Reason.BREADCRUMB and (
            _is_path(match[2], cues, 1) or (line.flat and match[2].casefold().strip(_EDGES) in cues.home)
        ):
            return reason
        if reason is not None and _unambiguous(name, cues) and not _is_sentence(match[2], reason):
            return reason
    if line.tag != "tr" and len(text) <= 250 and (match := _SIGNED.match(text)):
        name = match[1].casefold().strip(_EDGES)
        reason = cues.label.get(name)
        if reason is not None and _unambiguous(name, cues) and not _is_sentence(match[2], reason):
            return reason
    if (reason := _farewell(text, cues)) is not None:
        return reason
    if len(text) <= 250 and not line.own and _is_path(text, cues, 2):
        return Reason.BREADCRUMB
    if len(text) <= 120 and _is_share(key, cues):
        return Reason.SHARE
    if len(text) <= 200 and _RIGHTS.search(text):
        return Reason.LEGAL
    if len(text) <= 80 and line.tag != "pre" and (line.flat or line.linked > 0.5) and _PAGER.fullmatch(text):
        return Reason.NEIGHBOUR
    return None


def _farewell(text: str, cues: _Cues) -> Reason | None:
    """The reason against a line whose every sentence thanks, invites or sums up what was told; questions may stand before one that does."""
    found = None
    for match in _SENTENCE.finditer(text.casefold().replace("’", "'")):
        words = match[1]
        if words.startswith(cues.farewells):
            found = next(reason for phrase, reason in cues.sentences.items() if words.startswith(phrase))
        elif words and not match[0].endswith(("?", "？")):
            return None
        elif words:
            found = None
    return found


_SENTENCE = re.compile(r"[\W_]*(\w[^.!?。！？]*)[.!?。！？]*")


def _unambiguous(phrase: str, cues: _Cues) -> bool:
    """Two words, or four East Asian characters, that no article uses as a line or label of its own."""
    if phrase in cues.modest:
        return False
    return (
        " " in phrase
        or "-" in phrase
        or (len(phrase) >= 4 and _WIDE.match(phrase) is not None)
        or len(phrase) >= 11
    )


def _is_sentence(rest: str, reason: Reason) -> bool:
    """Whether what follows a label reads on as the article's text."""
    limit = 250 if reason in (Reason.TAGS, Reason.RELATED, Reason.NEIGHBOUR, Reason.CAPTION) else 120
    if len(rest) > limit:
        return True
    sentences = len(_SENTENCE_END.findall(rest))
    if reason is Reason.RELATED:
        return len(_STOP.findall(rest)) > 1  # titles may ask, one after another
    if reason in (Reason.NEIGHBOUR, Reason.CAPTION, Reason.SHARE):
        return sentences > 1 or (
            sentences == 1 and rest.endswith((".", "。")) and reason is Reason.NEIGHBOUR and len(rest) > 60
        )
    if reason is Reason.DATE:
        return not any(character.isdigit() for character in rest[:40]) and len(rest) > 25
    return sentences > 0 and len(rest) > 40


def _is_dateline(key: str, cues: _Cues) -> bool:
    """A date alone, or with who published the page and how often it was read."""
    match = _DATE_LINE.match(key)
    if match is None:
        return False
    rest = key[match.end() :].strip(_EDGES)
    label = _LABEL.match(rest)
    return (
        not rest
        or cues.starting.match(rest) is not None
        or (label is not None and label[1].strip(_EDGES) in cues.label)
        or (_CLOCK.search(match[0]) is not None and len(rest) <= 40 and not _SENTENCE_END.search(rest))
    )


_CLOCK = re.compile(r"\d[:.h]\d\d")


def _titled(line: _Line) -> bool:
    """Whether the line may be a title: short, and no sentence unless it asks."""
    return (
        line.size <= 150
        and line.cut < 0
        and not line.listed
        and not line.text.endswith((".", "。", ",", ";", ":", "：", "；", "，"))
        and not (line.prose and (_STOP.search(line.text) or line.text.endswith(("?", "!", "？", "！"))))
    )


def _is_path(text: str, cues: _Cues, steps: int) -> bool:
    """Steps of a path, the first of them the site's front page, or at least three short ones."""
    if not any(sign in text for sign in (">", "»", "›", "→", "/", "／", "≫", "＞", "&gt;")):
        return False
    parts = [part.strip(_EDGES).casefold() for part in _PATH_STEP.split(text.replace("&gt;", ">"))]
    if len(parts) <= steps or any(len(part) > 60 for part in parts[:-1]):
        return len(parts) == 2 and steps == 1 and parts[0] in cues.home
    if parts[0] in cues.home:
        return True
    if steps == 1:
        return True
    return (
        ">" in text
        and len(parts) >= 4
        and all(0 < len(part) <= 40 for part in parts[:-1])
        and not _SENTENCE_END.search(text)
    )


def _is_share(key: str, cues: _Cues) -> bool:
    if any(sign in key for sign in "$€£¥%"):
        return False
    words = _WORD.findall(key)
    if words and words[0] not in cues.share and not words[0].isdigit():
        return False
    named = [word for word in words if not word.isdigit()]
    if not named or len(named) > 20:
        return False
    if len(named) == 1:
        return named[0] in cues.share_sites and named[0] not in (
            "pin",
            "print",
            "copy",
            "email",
            "e-mail",
            "share",
            "tweet",
        )
    return all(word in cues.share for word in named) and any(word in cues.share_sites for word in named)


def _named(rest: str) -> bool:
    """Whether a byline's "by" is followed by somebody: words in capitals, few, and no sentence."""
    if len(rest) > 120 or _SENTENCE_END.search(re.sub(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|[A-Z])\.", "", rest)):
        return False
    words = [word for word in _WORD.findall(rest) if not word.isdigit()]
    capital = sum(word[0].isupper() for word in words)
    return 0 < len(words) <= 14 and capital * 2 >= len(words)


def _letters(text: str) -> str:
    return _SIGNS.sub("", text.casefold())


_SIGNS = re.compile(r"[\W_]+")


def _suffixed(text: str, title: str) -> bool:
    """Whether the line is the title and then the site's name behind a separator."""
    count = 0
    for place, character in enumerate(text.casefold()):
        if count == len(title):
            return _TITLE_TAIL.fullmatch(text[place:]) is not None
        count += character.isalnum()
    return False


def _bare(key: str) -> str:
    """A heading without its number, for comparing it with the table of contents."""
    return _NUMBER.sub("", key)


_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)、:]?|[ivx]{1,4}[.)]|[一二三四五六七八九十]{1,3}[、.])\s*")


def _cut_alike(run: list[_Line]) -> list[_Line]:
    """The lines of a run that were cut at one length, in characters, escaped characters, bytes, columns or words."""
    if len(run) < 2:
        return [line for line in run if line.linked > 0.8]
    sizes = [line.cut for line in run]
    shortest, spread = min(sizes), max(sizes) - min(sizes)
    at_words = (
        spread <= CUT_AT_WORD if shortest >= 30 else spread <= CUT_AT_WORD // 2 and shortest >= MIN_TEASER
    )
    if len(run) >= 3 and at_words and not any(line.listed for line in run):
        return run
    best: list[_Line] = []
    measured = [_lengths(line.text[: line.cut]) for line in run]
    for way in range(len(measured[0])):
        values = [lengths[way] for lengths in measured]
        mode, count = Counter(values).most_common(1)[0]
        if mode <= 0 or count < 2 or (count == 2 and any(line.listed for line in run)):
            continue
        # Trailing spaces are often taken off after the cut.
        alike = [line for line, value in zip(run, values, strict=True) if mode - 1 <= value <= mode]
        if len(alike) > len(best):
            best = alike
    if len(best) >= 3:
        # Whatever else ends in an ellipsis among them was cut in the middle of an entity, or at a word.
        longest = max(len(line.text) for line in best)
        first, last = best[0].place, best[-1].place
        places = {line.place for line in best}
        return [
            line
            for line in run
            if line.place in places
            or (len(line.text) <= longest + 8 and (first < line.place < last or len(best) >= 4))
        ]
    if len(best) * 2 >= len(run) and best:
        return best
    return [line for line in run if line.linked > 0.8]


_ESCAPES = str.maketrans(
    {
        "’": "&rsquo;",
        "‘": "&lsquo;",
        "“": "&ldquo;",
        "”": "&rdquo;",
        "–": "&ndash;",
        "—": "&mdash;",
        "…": "&hellip;",
        "\xa0": "&nbsp;",
    }
)


def _lengths(text: str) -> tuple[int, ...]:
    """The text's length by each way that sites measure it."""
    escaped = html.escape(text, quote=False).replace('"', "&quot;")
    words = len(text.split())
    return (
        len(text),
        len(escaped.replace("'", "&#39;")),
        len(escaped.replace("'", "&#x27;")),
        len(escaped.translate(_ESCAPES).replace("'", "&#039;")),
        len(text.encode()),
        sum(1 if character < "\x80" else 2 for character in text),
        words if words >= 15 else 0,
    )
