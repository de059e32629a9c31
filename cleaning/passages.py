"""Divide an article's text into headings, paragraphs and list items, in HTML lists or in run-on prose.

Three passes, each linear in the text. First every marker is noted ("2.", "(2)", "②", "•", "Second,"). Then the
markers that count on from one another become runs: a lone "2." is a number in passing, a "1." after "3." starts a
new list. Last the blocks are walked in order and cut at the markers of the runs; what HTML says (headings, lists,
tables, bold labels) goes before what the text looks like.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby, pairwise

from .blocks import Block
from .cuefile import any_of, read_cues
from .sentences import sentences


class Marker(StrEnum):
    """What shows a reader that an item is an item."""

    NUMBER = "num"
    BULLET = "bullet"
    ORDINAL = "ordinal"
    LABEL = "label"
    LINE = "line"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading, a paragraph or one item of a list. Offsets are half-open code points into Article.text."""

    kind: str
    """heading, paragraph or item."""
    start: int
    """After the marker, if the text holds one."""
    end: int
    level: int = 0
    """A heading's rank 1–6; an item's nesting, outermost 1."""
    list_id: int = -1
    """Which list of the article, counted from 0; -1 for none. A table's columns are a list each; the cell above a
    column is a heading with that list's id."""
    position: int = 0
    """1-based place in the list; 0 for none."""
    marker: Marker = Marker.NONE
    label_end: int = -1
    """The label is text[start:label_end] ("Fatigue" in "1. Fatigue. Too much …"); -1 for none."""


def divide(kept: Sequence[Block]) -> tuple[Passage, ...]:
    """List the passages of "\\n".join(block.text for block in kept), in order and not overlapping."""
    lines = _lines(kept)
    text = "\n".join(block.text for block in kept)
    marks = _marks(text, lines)
    numbering = _Lists()
    runs = _runs(text, marks, lines)
    begins = {mark.content: mark.start for run in runs for mark in run.marks}
    items = _items_of_runs(text, lines, runs, numbering)
    passages = _with_sections(text, _walk(text, lines, items, begins, numbering))
    return tuple(_with_label(text, passage, lines) for passage in passages)


# ---------------------------------------------------------------------------------------------------- lines


@dataclass(slots=True)
class _Line:
    """A block and where it stands in the joined text."""

    block: Block
    start: int
    end: int
    index: int
    twice: bool = False
    """It stood above in capitals too: a heading, or an item's name."""

    @property
    def listed(self) -> bool:
        """HTML says that it is an item."""
        return self.block.list_tag in ("ul", "ol") or self.block.tag in ("li", "dt", "dd")

    @property
    def structured(self) -> bool:
        """A list's or a table's: never the continuation of an item above it."""
        return self.listed or self.block.list_tag == "table"

    @property
    def heading(self) -> bool:
        return len(self.block.tag) == 2 and self.block.tag[0] == "h" and self.block.tag[1] in "123456"


MAX_CELL = 400
"""Characters of a cell that may still be data; a longer one is an article in a table that only lays out its page."""


def _lines(kept: Sequence[Block]) -> list[_Line]:
    lines: list[_Line] = []
    at = 0
    kept = _text_tables(kept)
    twice = False
    data = _data_tables(kept)
    for index, block in enumerate(kept):
        if block.list_tag == "table" and block.list_id not in data:
            block = replace(block, list_tag="", list_id=-1, item=0, depth=0)
        said_again = index + 1 < len(kept) and _repeated(block, kept[index + 1])
        if not said_again:
            lines.append(_Line(block, at, at + len(block.text), len(lines), twice))
        twice = said_again
        at += len(block.text) + 1
    return lines


MIN_ROWS = 3
"""Lines of flattened text with bars that make a table, its head among them; fewer are a menu or a signature."""


def _text_tables(kept: Sequence[Block]) -> Sequence[Block]:
    """The blocks, lines of flattened text that hold as many cells as those around them as a table's rows."""
    found: list[Block] = []
    identity = max((block.list_id for block in kept), default=-1)
    for cells, group in groupby(kept, lambda block: block.text.count(" | ") if block.tag == "line" else 0):
        rows = list(group)
        if cells and len(rows) >= MIN_ROWS:
            identity += 1
            rows = [
                replace(row, list_tag="table", list_id=identity, item=number)
                for number, row in enumerate(rows, 1)
            ]
        found.extend(rows)
    return found


_IN_FRONT = re.compile(r"(?:(?:\d{1,2}|[IVX]{1,4})[.)]\s*)?")


def _repeated(block: Block, below: Block) -> bool:
    """The line says in capitals what the next one says again: "1. FAMILY HISTORY" above "1. Family history"."""
    if not block.text.isupper() or below.text.isupper() or block.tag != below.tag:
        return False
    again = below.text.upper()
    return again.endswith(block.text) and _IN_FRONT.fullmatch(again.removesuffix(block.text)) is not None


def _data_tables(kept: Sequence[Block]) -> set[int]:
    """Tables with two rows of two cells at least, none of them long: the others only lay out the page."""
    cells: dict[int, Counter[int]] = {}
    longest: Counter[int] = Counter()
    for block in kept:
        if block.list_tag == "table":
            cells.setdefault(block.list_id, Counter())[block.item] += block.text.count(" | ") + 1
            longest[block.list_id] = max(longest[block.list_id], *map(len, block.text.split(" | ")))
    return {
        table
        for table, rows in cells.items()
        if longest[table] <= MAX_CELL and sum(number > 1 for number in rows.values()) > 1
    }


class _Lists:
    """Hands out list ids in the order in which they are asked for."""

    def __init__(self) -> None:
        self._next = 0

    def new(self) -> int:
        self._next += 1
        return self._next - 1


# ---------------------------------------------------------------------------------------------------- marks


@dataclass(slots=True)
class _Mark:
    """A sign that an item may begin here."""

    start: int
    content: int
    """Where the item's own words begin."""
    style: str
    """Markers of one list share it: "1.", "(1)", "①", "ordinal" …"""
    value: int
    """0: whatever comes next ("Finally", a bullet)."""
    line: int
    opens: bool
    """It is the first thing on its line."""


_CUES = read_cues("passages")


def _phrases(name: str) -> list[str]:
    """A table of the cues, all languages together."""
    return [phrase for language in _CUES[name].values() for phrase in language]


_ORDINALS = {
    word: place
    for language in _CUES["ordinals"].values()
    for place, words in enumerate(language, 1)
    for word in words
} | {word: 0 for language in _CUES["ordinals_after"].values() for word in language}
_NUMERALS = {word: value for value, word in enumerate(_CUES["numerals"]["en"], 1)}
_CJK_DIGITS = "一二三四五六七八九十"
_SIGNS = {"①": "①-⑳", "⑴": "⑴-⒇", "⒈": "⒈-⒛", "❶": "❶-❿", "➀": "➀-➉", "➊": "➊-➓", "㈠": "㈠-㈩", "Ⅰ": "Ⅰ-Ⅹ"}
"""Numbers that are one sign: the first of each kind, and all of it."""
_ANY_SIGN = "".join(_SIGNS.values())
_BULLETS = "•‣▪▫●○◦·∙⁃*✓✔√➢►▶▸»✅❖◆◇♦■□☐★☆➤✤✦✧✱✲✳✴✶✽✿❀❁❃❉❋✪✯⭐⚫⚪🔴🔵🔹🔸🔷🔶👉→–—-"
_STRONG_BULLETS = frozenset(_BULLETS) - frozenset("-–—*·»→")
_EXPORTED = "§üØ\uf020-\uf0ff"
"""What is left of a word processor's bullets without its fonts of symbols."""
_LINE_BULLETS = rf"¤~+{_EXPORTED}"
"""Bullets only where line after line begins with them."""
_NUMBER = rf"\d{{1,2}}|[{_CJK_DIGITS}]{{1,3}}"
_AT = re.compile(
    rf"""
    (?P<sign>[{_ANY_SIGN}])(?:(?<![Ⅰ-Ⅹ])[.、．]?|[.、．])
    | [(（【](?P<paren>\d{{1,2}}|[a-hA-H]|[ivx]{{1,4}}|[{_CJK_DIGITS}]{{1,3}})[)）】]、?(?=\s|[^\d\s,.;])
    | \[(?P<square>\d{{1,2}})\](?=\s|[^\W\d])
    | (?P<lined>(?-i:[{_EXPORTED}o])(?=\s)|[¤~+](?=\s|[^\W\d])|--(?=\s|[^\W\d])|\*\*(?=\s)|[*–—-](?=[^\W\d]))
    | (?P<word>{any_of(_phrases("numbered"))})\s?\#?\s?(?P<wordnum>{_NUMBER}|{any_of(_NUMERALS)})\s?
        (?P<wordtail>[:：、，](?=\D)|[,.)–—-](?=\s))
    | no\.\s?(?P<rank>\d{{1,2}})(?:[:：、.]|(?=[\s\u4e00-\u9fff]))
    | 第(?P<nth>{_NUMBER})(?P<unit>{any_of(_phrases("measure_words"))})(?:[，,、]|[^\W\d]{{0,4}}[:：])
    | (?P<dotted>(?P<major>\d{{1,2}})\.(?P<minor>\d{{1,2}})[.)]?)(?=\s)
    | \#\s?(?P<hash>\d{{1,2}})(?:[.):]|\s?[–—-])?(?=[\s\u4e00-\u9fff])
    | (?P<num>\d{{1,2}})(?P<tail>\.\)|\ufe0f?\u20e3|[.)）、．:：,，]、?|\s?[–—-](?=\s)|/(?=\s))(?!\d)(?=\s|[^\s\d.,:;/%-])
    | (?P<bare>\d{{1,2}})(?=\s+[A-Z\u4e00-\u9fff])
    | (?P<cjk>[第其]?[{_CJK_DIGITS}]{{1,3}})(?P<cjktail>[、．.,，:：是])
    | (?P<alpha>[A-Ha-h]|[ivx]{{1,4}})(?P<alphatail>[.)）、．])
    | (?P<bullet>[{_BULLETS}])(?=\s|[^\W\d])
    | (?P<ordinal>{any_of(_ORDINALS)})(?:[,:](?=\s)|[，、：])
    | (?:the|a|an)?\s?(?P<counted>first|second|third|fourth|fifth|sixth|one\ more|one|another|last|final)\s
        (?=(?:[a-z-]+\s){{0,3}}(?:{any_of(_phrases("counted"))})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BREAK_BEFORE = re.compile(r"(?:^|[.:;!?。：；！？…)）\]”\"'’|,，、])\s*$")
"""What stands before an item that begins inside a line."""
_STOP_BEFORE = re.compile(r"(?:^|[.:;!?。：；！？])\s*$")
"""The same for markers that are common in prose: "1, cold; 2, heat", "A. Cold. B. Heat."."""

_NOT_A_LIST = re.compile(
    r"(?:^|[\s(])(?:(?:figs?|nos?|vol|pp?|refs?|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?|figure|number|table|"
    r"chapter|section|page|type|stage|grade|class|phase|level|category|part|version|vitamin|omega|covid|step|day|week|"
    r"month|year|age|aged|ages|of|to|than|about|under|over|least|most|and|or|at|by|score|room|item|group|hepatitis|"
    r"l|c|t|b|may|june|july)\s*$",
    re.IGNORECASE,
)
"""Words after which a number counts something else; "fig. 3", "stage 2.", "vitamin B 12."."""

_UNITS = re.compile(
    r"\s*(?:mg|mcg|g|kg|ml|l|cm|mm|km|lbs?|oz|years?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|times|"
    r"percent|per\ cent|am|pm|a\.m|p\.m|o'clock|degrees)\b|\s*[%°]",
    re.IGNORECASE,
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_CANDIDATE = re.compile(
    rf"(?<![^\s.。：；！？!?:;,，、…)）】”])(?<!\d[.,:])(?=[\w#(（【\[{_LINE_BULLETS}{_BULLETS}])|(?=[{_ANY_SIGN}])"
)
"""A place where a marker can stand at all: after white space or punctuation, but not inside "3.5", "1,200" or "8:30"."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _marks(text: str, lines: list[_Line]) -> list[_Mark]:
    marks: list[_Mark] = []
    for line in lines:
        if line.block.list_tag == "table":
            continue
        for place in _CANDIDATE.finditer(text, line.start, line.end):
            match = _AT.match(text, place.start(), line.end)
            if match:
                mark = _mark(text, line, match)
                if mark:
                    marks.append(mark)
    return _counted_bullets(marks)


def _counted_bullets(marks: list[_Mark]) -> list[_Mark]:
    """Without the bullets in front of numbers that count, "• 1 Stress", "• 2 Noise"; else without those numbers."""
    pairs = [
        (left, right)
        for left, right in pairwise(marks)
        if right.style == "bare" and left.line == right.line and left.style.startswith("bullet")
    ]
    count = [number.value for _, number in pairs] == list(range(1, len(pairs) + 1)) and len(pairs) > 1
    idle = {id(bullet if count else number) for bullet, number in pairs}
    begins = {id(number): bullet.start for bullet, number in pairs}
    return [replace(mark, start=begins.get(id(mark), mark.start)) for mark in marks if id(mark) not in idle]


def _mark(text: str, line: _Line, match: re.Match[str]) -> _Mark | None:
    start = match.start()
    ahead = text[line.start : start].strip() if start - line.start < 8 else "…"
    opens = not ahead or (match.lastgroup == "bare" and ahead in _STRONG_BULLETS)  # "• 1 Stress"
    before = text[max(line.start, start - 24) : start]
    after = text[match.end() : match.end() + 14]
    content = match.end() + len(after) - len(after.lstrip())
    broken = opens or _BREAK_BEFORE.search(before) is not None
    stopped = opens or _STOP_BEFORE.search(before) is not None
    upper = text[start].isupper()
    begins = after.lstrip()[:1].isupper() or _CHINESE.match(after.lstrip()) is not None
    kind = match.lastgroup or ""
    if content >= line.end and not opens:
        return None

    def mark(style: str, value: int, at: int = content) -> _Mark:
        return _Mark(start, at, style, value, line.index, opens)

    group = match.group
    if group("sign"):
        sign = group("sign").upper()
        first = max(one for one in _SIGNS if one <= sign)
        return mark(first, ord(sign) - ord(first) + 1)
    if group("paren"):
        inner = group("paren").lower()
        if inner.isdigit() and (_NOT_A_LIST.search(before) or _UNITS.match(after)):
            return None
        if not opens and stopped and not before[-1].isspace() and after[:1].isspace():
            return None  # "… was found.(2) Others …": a citation
        return mark(*_value(inner, "(%s)"))
    if group("square"):
        return mark("[1]", int(group("square"))) if opens else None
    if group("lined"):
        bullet = group("lined")
        return mark(_LINED + ("§" if _EXPORTED_BULLET.match(bullet) else bullet), 0) if opens else None
    if group("word"):
        # "Reasons for bedwetting Reason 1: Deep sleep": a capital for want of punctuation
        if not broken and not (upper and group("wordtail") in ":：、"):
            return None
        return mark("word" + group("word").lower(), _number(group("wordnum")))
    if group("rank"):
        return mark("no", int(group("rank"))) if broken and upper else None
    if group("nth"):
        return mark("nth" + group("unit"), _number(group("nth"))) if broken else None
    if group("dotted"):
        return mark("dotted" + group("major"), int(group("minor"))) if opens else None
    if group("hash"):
        return mark("#", int(group("hash"))) if broken or after[:1].isspace() else None
    if group("num"):
        tail = group("tail").strip().lstrip("\ufe0f").translate(_WIDE)
        if _NOT_A_LIST.search(before) and not opens:
            return None
        if not broken and not (begins and tail in (".", ")", "、")):
            return None
        if tail == "/" and not opens:
            return None
        if tail == "," and not (stopped and after.lstrip()[:1].isalpha()):
            return None
        if (_UNITS.match(after) and not begins) or (tail in ":：" and not stopped):
            return None
        return mark("1" + tail, int(group("num")))
    if group("bare"):
        return mark("bare", int(group("bare"))) if opens and not _UNITS.match(after) else None
    if group("cjk"):
        form = group("cjk")[0] if group("cjk")[0] in "第其" else ""
        style = "cjk" + form + ("是" if group("cjktail") == "是" else "")
        return mark(style, _number(group("cjk").lstrip("第其"))) if broken else None
    if group("alpha"):
        letter, tail = group("alpha"), group("alphatail").translate(_WIDE)
        if not broken or (upper and (not stopped or text[start - 2 : start - 1].isupper())):
            return None
        if tail in ".)" and not after[:1].isspace() and not (upper and begins):
            return None
        style, value = _value(letter.lower(), "%s" + tail)
        return mark(style.upper() if upper else style, value)
    if group("bullet"):
        bullet = group("bullet")
        if not after[:1].isspace() and bullet not in "•●▪✓✔" and not (bullet in _GLUED_BULLETS and stopped):
            return None
        return mark("bullet" + bullet, 0)
    if group("ordinal"):
        return mark("ordinal", _ORDINALS[group("ordinal").lower()]) if broken else None
    if group("counted"):
        word = group("counted").lower()
        if not broken:
            return None
        return mark("counted", 1 if word == "one" else _ORDINALS.get(word, 0), start)
    raise AssertionError(kind)


_LINED = "bullet of lines "
"""Begins the style of the bullets that count only on lines that follow one another."""
_EXPORTED_BULLET = re.compile(f"[{_EXPORTED}]")
_WIDE = str.maketrans("）．，", ").,")
_GLUED_BULLETS = (_STRONG_BULLETS | {"·"}) - {"☆"}
"""Bullets that may touch the item's first word."""


def _number(text: str) -> int:
    """Of "2", "two", "二" or "十二"."""
    if text.isdigit():
        return int(text)
    if text.lower() in _NUMERALS:
        return _NUMERALS[text.lower()]
    value = _CJK_DIGITS.index(text[-1]) + 1
    if len(text) == 2:
        return 10 + value if text[0] == "十" else 10
    return value


def _value(inner: str, form: str) -> tuple[str, int]:
    if inner.isdigit():
        return form % "1", int(inner)
    if inner[0] in _CJK_DIGITS:
        return form % "一", _number(inner)
    if inner in _ROMAN and inner != "c":
        return form % "i", _ROMAN[inner]
    return form % "a", ord(inner[0]) - ord("a") + 1


# ---------------------------------------------------------------------------------------------------- runs


@dataclass(slots=True)
class _Run:
    style: str
    marks: list[_Mark]
    end: int = -1
    """Where its last item ends, if a title for the next list follows on the same line; -1 for none."""

    @property
    def due(self) -> int:
        return len(self.marks) + self.marks[0].value if self.marks[0].value else 0


def _runs(text: str, marks: list[_Mark], lines: list[_Line]) -> list[_Run]:
    """The numbered marks that count on from one another, and the bullets of one kind that stand together."""
    done: list[_Run] = []
    open_runs: list[_Run] = []
    for mark in marks:
        if mark.style.startswith("bullet"):
            continue
        for depth in range(len(open_runs) - 1, -1, -1):
            run = open_runs[depth]
            if run.style == mark.style and _continues(run, mark):
                run.marks.append(replace(mark, value=run.due))
                done.extend(open_runs[depth + 1 :])
                del open_runs[depth + 1 :]
                break
        else:
            starts = mark.value == 1 or (
                mark.opens and mark.value > 1 and mark.style not in ("ordinal", "counted")
            )
            if starts:
                # An unfinished list two levels up is kept: "1. (a) (b) 2.". More than four levels is noise.
                if len(open_runs) >= 4:
                    done.append(open_runs.pop(0))
                open_runs.append(_Run(mark.style, [mark]))
    done.extend(open_runs)
    runs = [run for run in done if _holds(run, lines)]
    runs.extend(_bullet_runs(text, marks, lines))
    runs.extend(_title_runs(text, lines))
    return sorted(runs, key=lambda run: run.marks[0].start)


MAX_LINES_APART = 4
"""Lines between an item and one that does not count ("Finally, …"), which is else another list's."""


def _continues(run: _Run, mark: _Mark) -> bool:
    """The mark counts on from the run's last one, and the item between them is not empty."""
    last = run.marks[-1]
    due = mark.value == run.due or (mark.value == 0 and mark.line - last.line <= MAX_LINES_APART)
    return due and mark.start > last.content


def _holds(run: _Run, lines: list[_Line]) -> bool:
    """A run counts from two items on; a list that begins late or without punctuation needs to stand on lines."""
    size = len(run.marks)
    if size < 2:
        return False
    if run.style == "bare":
        return size >= 3 and run.marks[0].value == 1
    if run.style == "counted":
        return run.marks[-1].line - run.marks[0].line <= 4 * size
    if run.marks[0].value > 1:
        return all(mark.opens for mark in run.marks) or size >= 3
    return run.style != "1:" or all(mark.opens for mark in run.marks)


def _bullet_runs(text: str, marks: list[_Mark], lines: list[_Line]) -> list[_Run]:
    by_line: dict[int, list[_Mark]] = {}
    for mark in marks:
        if mark.style.startswith("bullet"):
            by_line.setdefault(mark.line, []).append(mark)
    runs: list[_Run] = []
    for index, found in by_line.items():
        first = found[0]
        if first.opens:
            chosen = [mark for mark in found if mark.style == first.style]
        else:
            strong = [mark for mark in found if mark.style[-1] in _STRONG_BULLETS]
            weak = [mark for mark in found if mark.style[-1] in "-–—*·"]
            body, at = lines[index].block.text, lines[index].start
            first_weak = next(
                (
                    n
                    for n, mark in enumerate(weak)
                    if _announced(body[max(0, mark.start - at - 40) : mark.start - at])
                ),
                len(weak),
            )
            if len(strong) >= 2:
                chosen = [mark for mark in strong if mark.style == strong[0].style]
            elif len(weak) - first_weak >= 2:
                chosen = [mark for mark in weak[first_weak:] if mark.style == weak[first_weak].style]
            else:
                continue
        last = runs[-1] if runs else None
        joins = (
            last is not None
            and first.opens
            and last.style[-1] == chosen[0].style[-1]  # "*Stress" above "* Noise"
            and last.marks[0].opens
            and last.marks[-1].line == index - 1
        )
        parts = _parted(text, chosen)
        if joins and last is not None:
            last.marks.extend(parts[0].marks)
            last.end = parts[0].end
            del parts[0]
        runs.extend(parts)
    return [run for run in runs if len(run.marks) > 1 or not run.style.startswith(_LINED)]


MIN_TITLES = 3
"""Titles glued to what they head that make a list of their line."""
_GLUE = re.compile(r"[a-z]{3}[A-Z][a-z]*\s[a-z]")


def _title_runs(text: str, lines: list[_Line]) -> list[_Run]:
    """The titles of a line that lost its line ends, "Dry mouthYour body …Blurred visionThe lens …", as a list."""
    runs = []
    for line in lines:
        if line.block.list_tag == "table" or not _GLUE.search(line.block.text):
            continue
        titles = [
            _Mark(start, start, "title", 0, line.index, start == line.start)
            for (start, end), (following, _) in pairwise(sentences(text, line.start, line.end))
            if end == following and text[end - 1].isalpha()
        ]
        if len(titles) >= MIN_TITLES:
            runs.append(_Run("title", titles))
    return runs


def _parted(text: str, marks: list[_Mark]) -> list[_Run]:
    """The bullets of one line as lists: a lead-in or a title at an item's end begins another."""
    stopped = _stopped(text, marks)
    parts = [_Run(marks[0].style, [marks[0]])]
    for mark, following in pairwise(marks):
        end = _before_title(text, mark.content, following.start, stopped)
        if end < following.start:
            parts[-1].end = end
            parts.append(_Run(following.style, []))
        parts[-1].marks.append(following)
    return parts


def _stopped(text: str, marks: list[_Mark]) -> bool:
    """Most items, the last one aside, end with a stop."""
    ends = [text[max(0, following.start - 4) : following.start].rstrip()[-1:] for following in marks[1:]]
    return 2 * sum(end in _STOPS for end in ends if end) > len(ends)


_STOPS = frozenset(".。!！;；")


def _announced(before: str) -> bool:
    """A dash that follows this opens a list; elsewhere it is a dash."""
    before = before.rstrip()
    return before.endswith((":", "：")) or _LEADS.search(before) is not None


# ---------------------------------------------------------------------------------------------------- items


_MARKERS = {"ordinal": Marker.ORDINAL, "counted": Marker.ORDINAL, "title": Marker.LABEL}
_QUESTION = re.compile(
    r"(?:so|then|and|now|but|well)?,?\s*(?:what|why|how|when|which|who|where|should|can|is|are|do|does)\b[^.!?]*\?\s*$",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[吗呢？?]\s*$")


def _items_of_runs(text: str, lines: list[_Line], runs: list[_Run], numbering: _Lists) -> list[Passage]:
    """An item goes from its marker to the next marker of any run, and over whole lines where its run is one of lines."""
    starts: list[tuple[_Mark, _Run, int]] = []
    for run in runs:
        identity = numbering.new()
        starts.extend((mark, run, identity) for mark in run.marks)
    starts.sort(key=lambda entry: (entry[0].start, -len(entry[1].marks)))
    unique: list[tuple[_Mark, _Run, int]] = []
    for entry in starts:
        if unique and entry[0].start < unique[-1][0].content:
            continue  # two runs claim one marker: the longer has it
        unique.append(entry)
    items: list[Passage] = []
    counts: dict[int, int] = {}
    longest: dict[int, int] = {}
    """Sentences in the longest item of a list so far."""
    levels = _levels([(mark, run) for mark, run, _ in unique])
    for at, (mark, run, identity) in enumerate(unique):
        following = unique[at + 1] if at + 1 < len(unique) else None
        counts[identity] = counts.get(identity, 0) + 1
        end = _end_of_item(text, lines, mark, run, following)
        if run.marks[-1] is mark and not mark.opens and counts[identity] > 2:
            end = _no_longer(text, mark.content, end, longest[identity], _stopped(text, run.marks))
        elif not mark.opens or run.marks[0].line == run.marks[-1].line:
            said = sum(1 for _ in sentences(text, mark.content, end))
            longest[identity] = max(longest.get(identity, 1), said)
        else:
            longest.setdefault(identity, 1)
        style = Marker.BULLET if run.style.startswith("bullet") else _MARKERS.get(run.style, Marker.NUMBER)
        if end > mark.content:
            position = mark.value or counts[identity]
            items.append(Passage("item", mark.content, end, levels[at], identity, position, style))
    return items


MAX_LINES_BELOW = 2
"""Lines between an item and a list below it."""


def _levels(marks: list[tuple[_Mark, _Run]]) -> list[int]:
    """How deep each mark's list is nested: in the lists that go on behind it.

    A list below the last item of another is nested in that one if its other items hold lists of the same style.
    """
    until = {id(run): run.marks[-1].start for _, run in marks}
    nested: dict[int, set[str]] = {}
    levels: list[int] = []
    around: list[_Run] = []
    line = 0
    for mark, run in marks:
        above = around[-1] if around else None
        if (
            above is not None
            and mark is run.marks[0]
            and mark.line - line <= MAX_LINES_BELOW
            and run.style in nested.get(id(above), ())
        ):
            for other in around:
                until[id(other)] = max(until[id(other)], run.marks[-1].start + 1)
        around = [other for other in around if until[id(other)] > mark.start and other is not run]
        if around and around[-1].style != run.style:
            nested.setdefault(id(around[-1]), set()).add(run.style)
        levels.append(1 + len(around))
        around.append(run)
        line = mark.line
    return levels


_SWALLOWED = re.compile(r"(?<=[a-z)\]]) (?=[A-Z][a-z']* [a-z])")


def _no_longer(text: str, start: int, end: int, most: int, stopped: bool) -> int:
    """Flattening loses where a list ends: its last item has no more sentences than the longest before it.

    Among items that are no sentences it ends where a sentence begins: "- Gas - Swelling Your doctor may …".
    """
    if most == 1 and not stopped and text[end - 1] == ".":
        match = _SWALLOWED.search(text, start, end)
        if match:
            return match.start()
    for number, (_, right) in enumerate(sentences(text, start, end), 1):
        if number == most:
            return right
    return end


def _end_of_item(
    text: str, lines: list[_Line], mark: _Mark, run: _Run, following: tuple[_Mark, _Run, int] | None
) -> int:
    line = lines[mark.line]
    if following is not None and following[0].line == mark.line:
        end = following[0].start
        if run.end >= 0 and run.marks[-1] is mark:
            end = min(end, run.end)
        elif run.marks[-1] is mark:
            end = _before_title(text, mark.content, end, _stopped(text, run.marks))
        elif following[1] is not run:
            end = _before_lead_in(text, mark.content, end)
        return _rstrip(text, mark.content, end)
    end = line.end
    last = run.marks[-1] is mark
    below = following is not None and following[0].line == mark.line + 1 and following[1] is not run
    if below and not line.listed:
        return _rstrip(text, mark.content, _before_lead_in(text, mark.content, end))
    if last and not mark.opens:
        end = _before_question(text, mark.content, end)
    if line.listed:
        return _rstrip(text, mark.content, end)
    # A label on a line of its own owns the lines below it, up to the next marker or heading.
    limit = following[0].line if following is not None else len(lines)
    if not last and following is not None and following[1] is run and mark.opens and following[0].opens:
        for nxt in lines[mark.line + 1 : limit]:
            if (
                nxt.heading and not (line.heading and int(nxt.block.tag[1]) > int(line.block.tag[1]))
            ) or nxt.structured:
                break
            if nxt.index - mark.line > 6:  # more than six lines under one number is a section, not an item
                break
            if (
                _looks_like_question(nxt.block.text)
                or nxt.block.text.endswith("：")
                or _opens_bare_list(lines, nxt.index - 1, limit)
            ):
                break
            end = nxt.end
    elif (
        last
        and mark.opens
        and len(run.marks) > 1
        and run.marks[-2].line + 1 < mark.line
        and (line.heading or _short(text[mark.content : line.end]))
        and mark.line + 1 < limit
    ):
        nxt = lines[mark.line + 1]
        leads = nxt.block.text.endswith("：")
        if not nxt.heading and not nxt.structured and not leads and not _short(nxt.block.text):
            end = nxt.end
    return _rstrip(text, mark.content, end)


def _opens_bare_list(lines: list[_Line], lead: int, limit: int) -> bool:
    """The line ends in a colon, and two lines or more below it that are no sentences are what it announces."""
    if not lines[lead].block.text.rstrip().endswith((":", "：")):
        return False
    below = lines[lead + 1 : min(lead + 3, limit)]
    return len(below) == 2 and all(_short(line.block.text) and not line.structured for line in below)


_SECTION = re.compile(
    rf"""(?<=[^\s.:;,?!])\ (?=(?:
        (?:{any_of(map(str.capitalize, _CUES["section_questions"]["en"]))})\b[^.:;?!]{{1,60}}
        | (?:(?:{any_of(map(str.capitalize, _phrases("section_kinds")))})\ (?:{any_of(_phrases("sections"))})
            | (?:{any_of(map(str.capitalize, _phrases("sections")))}))\b[^.:;?!]{{0,60}}
        )[:?]?\s*$)""",
    re.VERBOSE,
)
"""Where a section's title begins that flattening has left behind an item's last word."""
_LEAD_IN = re.compile(r"(?<=[a-z)\]]) (?=[A-Z][a-z][^A-Z.:;?!]{0,80}[:?]\s*$)")
_SECTION_TITLE = re.compile(
    rf"""(?:(?:{any_of(_phrases("section_kinds"))})\s)*(?:{any_of(_phrases("sections"))})
        (?:\s(?:and|or|&)\s(?:{any_of(_phrases("sections"))}))*\s?[:：]?
    | (?:{any_of(_phrases("section_openings"))})\b[^.:;,]{{0,50}}[?:]?
    | (?:[\u4e00-\u9fff]{{1,12}}的|[\u4e00-\u9fff]{{2}})?(?:{any_of(_phrases("section_words"))})[:：]?""",
    re.VERBOSE | re.IGNORECASE,
)
"""A line or cell that is nothing but a section's title."""
_HEAD = re.compile(
    rf"""{_SECTION_TITLE.pattern}
    | (?:(?:{any_of(_phrases("section_kinds"))})\s)*(?:{any_of(_phrases("naming_columns"))})
    | (?:{any_of(_CUES["section_questions"]["en"])})\b.*
    | .*(?:{any_of(_CUES["section_questions"]["zh"])}).*""",
    re.VERBOSE | re.IGNORECASE,
)
"""Heads a table's first column."""
_COLUMN = re.compile(any_of(_phrases("columns")), re.IGNORECASE)
MAX_TITLE = 100
"""Characters of a title or lead-in that has lost the line end before it."""
_UNFINISHED = re.compile(rf"\b(?:{any_of(_phrases('unfinished'))})\s*$")


def _runs_on(before: str, title: str) -> bool:
    """The capital of the title is not the page's way to write the item's own words."""
    if " " not in before.strip():
        return title.split(" ", 1)[-1][0].islower()
    return not (before.split()[-1][0].isupper() or _LEADS.search(before) or _UNFINISHED.search(before))


def _before_title(text: str, start: int, end: int, stopped: bool) -> int:
    """Where a list's last item ends: behind it there may stand the next list's lead-in or title.

    Where the other items end with stops, a few words without one are a title; elsewhere they need the looks of one.
    """
    *_, (left, right) = [(start, start), *sentences(text, start, end)]
    alone = left == start and not stopped
    for pattern in (_SECTION, _LEAD_IN) if alone else (_SECTION,):
        found = pattern.search(text, max(left, right - MAX_TITLE), right)
        if found and _runs_on(text[left : found.start()], text[found.end() : right]):
            return found.start()
    if stopped and left > start and _short(text[left:right]) and not text[left].islower():
        return left
    return _before_lead_in(text, start, end)


def _before_lead_in(text: str, start: int, end: int) -> int:
    """Where the item before a new list ends: its last sentence may be that list's lead-in."""
    spans = list(sentences(text, start, end))
    if len(spans) > 1:
        last = text[spans[-1][0] : spans[-1][1]]
        if last[-1] in ":：?？" or _ASKS.search(last):
            return spans[-1][0]
    return end


def _before_question(text: str, start: int, end: int) -> int:
    """Where the last item of a run-on list ends: a question after it opens another part."""
    if "?" not in text[start:end] and "？" not in text[start:end]:
        return end
    for number, (left, right) in enumerate(sentences(text, start, end)):
        if number and _QUESTION.match(text[left:right]):
            return left
    return end


def _rstrip(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _short(text: str) -> bool:
    """Eight words or 24 Chinese characters at most, and no sentence: a label's length."""
    text = text.strip()
    return (
        0 < len(text) <= 70
        and text.count(" ") < 9
        and text[-1] not in ".。;；,，"
        and (len(text) <= 24 or text.isascii() or " " in text)
    )


def _looks_like_question(text: str) -> bool:
    return len(text) < 120 and (text.rstrip().endswith(("?", "？")))


# ---------------------------------------------------------------------------------------------------- the walk


_COLON_LABEL = re.compile(r"(?P<label>[^\s.:?!;|][^.:?!;|\n]{1,70}?)\s?(?P<sep>:|：)\s*(?=\S)")
_DASH_LABEL = re.compile(r"(?P<label>[^\s.:?!;|][^.:?!;|\n]{1,60}?)(?P<sep>\s[–—-]\s)(?=\S)")
_LEADS = re.compile(
    r"(?:[:：]|\b(?:includes?|including|are|is|as|may|can|to|have|following|by|if|when|(?:if|when)\syou|should|or|and|the|of|with|for|that))\s*$"
)


def _walk(
    text: str, lines: list[_Line], items: list[Passage], begins: dict[int, int], numbering: _Lists
) -> list[Passage]:
    """Cut the lines at the items; `begins` tells where the marker before an item's words does."""
    passages: list[Passage] = []
    covered = 0
    """Everything before this offset is in a passage already."""
    coming = 0
    labels = _label_lines(text, lines, items)
    bare = _bare_lines(text, lines, items, labels)
    html_lists: dict[int, int] = {}
    tables = _tables(lines)
    groups: dict[int, int] = {}
    for line in lines:
        while coming < len(items) and items[coming].end <= line.start:
            coming += 1
        at = max(line.start, covered)
        if at >= line.end:
            continue
        inside = []
        probe = coming
        while probe < len(items) and items[probe].start < line.end:
            if items[probe].start >= at:  # not one that reaches here from the line above
                inside.append(items[probe])
            probe += 1
        if line.block.list_tag == "table":
            passages.extend(_cells(text, line, tables[line.block.list_id], numbering))
        elif line.block.tag == "dt" or (line.block.tag == "dd" and line.block.list_id >= 0):
            passages.extend(_defined(text, line, lines, passages, html_lists, numbering))
        elif line.listed:
            passages.extend(_html_item(text, line, inside, begins, passages, html_lists, numbering))
        elif line.heading and not inside:
            passages.append(Passage("heading", *_span(text, at, line.end), int(line.block.tag[1])))
        elif inside:
            for item in inside:
                if text[at : begins[item.start]].strip():
                    passages.append(_plain(text, at, begins[item.start], line))
                passages.append(item)
                at = max(at, item.end)
            if at < line.end and text[at : line.end].strip():
                passages.append(_plain(text, at, line.end, line))
        elif line.index in labels:
            identity = groups.setdefault(labels[line.index], -1)
            if identity < 0:
                identity = groups[labels[line.index]] = numbering.new()
            position = 1 + sum(1 for p in passages[-64:] if p.list_id == identity)
            passages.append(Passage("item", *_span(text, at, line.end), 1, identity, position, Marker.LABEL))
        elif line.index in bare:
            key = -1 - bare[line.index]
            identity = groups.setdefault(key, -1)
            if identity < 0:
                identity = groups[key] = numbering.new()
            position = 1 + sum(1 for p in passages[-64:] if p.list_id == identity)
            level = _bare_level(text, passages[-1], identity) if passages else 1
            passages.append(
                Passage("item", *_span(text, at, line.end), level, identity, position, Marker.LINE)
            )
        elif _heading_line(lines, line):
            level = 2 if _looks_like_question(line.block.text) else 3
            passages.append(Passage("heading", *_span(text, at, line.end), level))
        else:
            passages.append(_plain(text, at, line.end, line))
        if passages:
            covered = max(covered, passages[-1].end)
    return [passage for passage in passages if passage.end > passage.start]


def _bare_level(text: str, above: Passage, identity: int) -> int:
    """How deep a bare line is nested: in the item above it if that announces it."""
    if above.list_id == identity:
        return above.level
    return above.level + 1 if above.kind == "item" and text[above.end - 1] in ":：" else 1


def _plain(text: str, start: int, end: int, line: _Line) -> Passage:
    kind = "heading" if line.heading else "paragraph"
    return Passage(kind, *_span(text, start, end), int(line.block.tag[1]) if line.heading else 0)


def _span(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    return left, max(left, start + len(piece.rstrip()))


def _html_item(
    text: str,
    line: _Line,
    inside: list[Passage],
    begins: dict[int, int],
    passages: list[Passage],
    ids: dict[int, int],
    numbering: _Lists,
) -> list[Passage]:
    """A line of a ul or ol; a second paragraph of the same item is joined to it."""
    block = line.block
    last = passages[-1] if passages else None
    follows = last is not None and last.list_id == ids.get(block.list_id)
    if block.list_id not in ids or (block.list_id < 0 and not follows):  # an li outside of any list
        ids[block.list_id] = numbering.new()
    identity = ids[block.list_id]
    if last is not None and last.list_id == identity and last.position == block.item and block.item > 0:
        passages[-1] = replace(last, end=_span(text, last.start, line.end)[1])
        return []
    start = line.start
    opening = [item for item in inside if not text[line.start : begins[item.start]].strip()]
    if opening:  # the list's own marker and one in the text
        start = opening[0].start
    marker = Marker.NUMBER if block.list_tag == "ol" else Marker.BULLET
    position = block.item or (last.position + 1 if last is not None and last.list_id == identity else 1)
    own = Passage("item", *_span(text, start, line.end), max(1, block.depth), identity, position, marker)
    nested = [item for item in inside if item not in opening]
    if len(nested) < 2:
        return [own]
    return [
        replace(own, end=_span(text, start, begins[nested[0].start])[1]),
        *(replace(i, level=own.level + 1) for i in nested),
    ]


def _defined(
    text: str,
    line: _Line,
    lines: list[_Line],
    passages: list[Passage],
    ids: dict[int, int],
    numbering: _Lists,
) -> list[Passage]:
    """A dt begins an item, its dd lines belong to it."""
    block = line.block
    if block.list_id not in ids:
        ids[block.list_id] = numbering.new()
    identity = ids[block.list_id]
    last = passages[-1] if passages else None
    if block.tag == "dd" and last is not None and last.list_id == identity:
        passages[-1] = replace(
            last,
            end=_span(text, last.start, line.end)[1],
            label_end=last.label_end if last.label_end >= 0 else last.end,
        )
        return []
    position = 1 + max((p.position for p in passages[-64:] if p.list_id == identity), default=0)
    return [
        Passage(
            "item", *_span(text, line.start, line.end), max(1, block.depth), identity, position, Marker.LABEL
        )
    ]


@dataclass(slots=True)
class _Table:
    """The rows of a table of data."""

    rows: list[_Line]
    head: _Line | None = None
    """The row of the columns' heads."""
    marked: bool = False
    """The first column holds bullets or numbers, the others the items."""
    titled: bool = False
    """The first column holds section titles, the second what they are about."""
    columns: dict[int, int] = field(default_factory=dict)
    """The list of each column."""


_MARKER_CELL = re.compile(rf"[o{_LINE_BULLETS}{_BULLETS}]|[(\[]?(?P<number>\d{{1,2}})[.)\]]?")


def _tables(lines: list[_Line]) -> dict[int, _Table]:
    tables: dict[int, _Table] = {}
    for line in lines:
        if line.block.list_tag == "table":
            table = tables.setdefault(line.block.list_id, _Table([]))
            if line.block.tag != "caption":
                table.rows.append(line)
    for table in tables.values():
        cells = [line.block.text.split(" | ") for line in table.rows]
        titles = sum(len(row) == 2 and _SECTION_TITLE.fullmatch(row[0]) is not None for row in cells)
        table.titled = titles > 1 and 2 * titles >= len(cells)
        if not table.titled and _is_head(table.rows, cells):
            table.head = table.rows[0]
        table.marked = _counts([row[0] for row in cells[table.head is not None :]])
    return tables


def _is_head(rows: list[_Line], cells: list[list[str]]) -> bool:
    """Whether the first row is bold, names what the columns hold, or is of another kind than those below it."""
    if len(cells) < 2 or len(cells[0]) < 2:
        return False
    first, *below = cells
    top, following = rows[0].block, rows[1].block
    if top.bold >= len(top.text) > following.bold or (
        top.bold >= len(first[0]) and following.bold < len(below[0][0])
    ):
        return True
    if not all(map(_short, first)):
        return False
    named = _HEAD.fullmatch(first[0]) or all(
        _HEAD.fullmatch(cell) or _COLUMN.fullmatch(cell) for cell in first
    )
    if named or any(map(_leads, first)):
        return True
    brief = 2 * len(top.text) * len(below) < sum(len(row.block.text) for row in rows[1:])
    columns = zip(first, *(row for row in below if len(row) == len(first)), strict=True)
    return len(below) > 1 and (brief or any(map(_numeric, columns)))


def _numeric(column: Sequence[str]) -> bool:
    """There is a digit in all cells but the first."""
    head, *below = (any(map(str.isdigit, cell)) for cell in column)
    return bool(below) and all(below) and not head


def _counts(cells: list[str]) -> bool:
    """Whether all cells are bullets, or numbers that count on."""
    found = [_MARKER_CELL.fullmatch(cell) for cell in cells]
    numbers = [int(cell["number"] or 0) for cell in found if cell]
    return len(numbers) == len(cells) > 1 and all(
        right == left + bool(left) for left, right in pairwise(numbers)
    )


def _cells(text: str, line: _Line, table: _Table, numbering: _Lists) -> list[Passage]:
    """A table's row: each column is a list, the cells of the head its headings."""
    cells = []
    at = line.start
    for piece in text[line.start : line.end].split(" | "):
        cells.append(_span(text, at, at + len(piece)))
        at += len(piece) + 3
    if table.titled and len(cells) == 2:
        return _titled_row(text, cells[0], cells[1], numbering)
    row = line.block.item or line.index
    passages = []
    for column, (start, end) in enumerate(cells):
        if table.marked and column == 0 and len(cells) > 1:
            continue
        if column not in table.columns:
            table.columns[column] = numbering.new()
        identity = table.columns[column]
        if line is table.head:
            passages.append(Passage("heading", start, end, 6, identity))
        else:
            passages.append(Passage("item", start, end, 1, identity, max(1, row), Marker.LINE))
    return passages


def _titled_row(text: str, title: tuple[int, int], told: tuple[int, int], numbering: _Lists) -> list[Passage]:
    heading = Passage("heading", *title, 6)
    if len(list(sentences(text, *told))) > 1:
        return [heading, Passage("paragraph", *told)]
    return [heading, Passage("item", *told, 1, numbering.new(), 1, Marker.LINE)]


def _label_lines(text: str, lines: list[_Line], items: list[Passage]) -> dict[int, int]:
    """Lines that begin "Label: …", "Label – …" or with a bold label, two or more together → a number for each list."""
    taken = _lines_with_items(lines, items)
    group = 0
    found: dict[int, int] = {}
    previous = -2
    kind_before = ""
    pending = -1
    for line in lines:
        kind = ""
        if (
            line.index not in taken
            and not line.heading
            and not line.listed
            and line.block.list_tag != "table"
        ):
            kind = _label_kind(line.block)
        if kind and kind == kind_before and line.index == previous + 1:
            if pending >= 0:
                group += 1
                found[pending] = group
                pending = -1
            found[line.index] = group
        else:
            pending = line.index if kind else -1
        previous, kind_before = line.index, kind
    return found


def _label_kind(block: Block) -> str:
    if 2 < block.bold < len(block.text) - 3 and _short(block.text[: block.bold].rstrip(" .:：–-")):
        return "bold"
    match = _COLON_LABEL.match(block.text)
    if match and _is_label(match.group("label")) and len(block.text) > match.end() + 8:
        return "colon"
    match = _DASH_LABEL.match(block.text)
    if match and _is_label(match.group("label")) and len(block.text) > match.end() + 8:
        return "dash"
    return ""


_NO_LABELS = frozenset(_phrases("no_labels"))


def _is_label(text: str) -> bool:
    return text.count(" ") < 8 and text.lower().strip() not in _NO_LABELS


def _lines_with_items(lines: list[_Line], items: list[Passage]) -> set[int]:
    taken: set[int] = set()
    at = 0
    for line in lines:
        while at < len(items) and items[at].end <= line.start:
            at += 1
        if at < len(items) and items[at].start < line.end:
            taken.add(line.index)
    return taken


def _bare_lines(
    text: str, lines: list[_Line], items: list[Passage], labels: dict[int, int]
) -> dict[int, int]:
    """Lines that were a list before their markers were lost → a number for each list.

    They follow a lead-in that ends in a colon or in the middle of a sentence, or a heading or short line in a run of
    three or more short lines; and they are alike: all without a full stop, or all short sentences.
    """
    taken = _lines_with_items(lines, items) | set(labels)
    leading = {item.end for item in items if text[item.end - 1] in ":："}

    def plain(index: int) -> bool:
        line = lines[index]
        return (
            index not in taken
            and not line.heading
            and not line.twice
            and not line.listed
            and line.block.list_tag != "table"
            and bool(line.block.text.strip())
        )

    found: dict[int, int] = {}
    group = 0
    index = 0
    while index < len(lines):
        heads = (lines[index].heading and lines[index].block.tag != "h1") or (
            lines[index].twice and index not in taken
        )
        if not plain(index) and not heads and lines[index].end not in leading:
            index += 1
            continue
        body = lines[index].block.text.rstrip()
        end = index
        stopped = body.endswith((".", "。"))
        if not heads and (_leads(body) or (_wholly_bold(lines[index].block) and not stopped)):
            end = _alike(lines, index + 1, plain)
            if not _leads(body) and end - index - 1 < 3:
                end = index
        elif heads or (_short(body) and not stopped):
            end = _alike(lines, index + 1, plain)
            if end - index - 1 < 3 or _sentences_in(lines, index + 1, end):
                end = index
        if end - index - 1 >= 2:
            group += 1
            for member in range(index + 1, end):
                found[member] = group
            index = end
        else:
            index += 1
    return found


def _wholly_bold(block: Block) -> bool:
    return block.bold > 0 and block.bold >= len(block.text) - 2


def _leads(body: str) -> bool:
    return body.endswith((":", "：")) or (
        len(body) > 12 and body[-1].isalpha() and _LEADS.search(body) is not None
    )


def _sentences_in(lines: list[_Line], first: int, end: int) -> bool:
    return (
        sum(lines[i].block.text.rstrip().endswith((".", "。", "!", "?")) for i in range(first, end))
        > (end - first) / 2
    )


def _alike(lines: list[_Line], first: int, plain: Callable[[int], bool]) -> int:
    """One past the last line that can be an item of the list whose first line this is."""
    if first >= len(lines) or not plain(first):
        return first
    opener = lines[first].block.text.rstrip()
    stopped = opener.endswith((".", "。", "!", "！"))
    if opener.endswith(("?", "？")) or _leads(opener) or len(opener) > (180 if stopped else 240):
        return first
    index = first + 1
    while index < len(lines) and plain(index):
        body = lines[index].block.text.rstrip()
        if body.endswith(("?", "？")) or _leads(body):
            break
        ends = body.endswith((".", "。", "!", "！"))
        if not stopped and ends and not _closes_list(body):
            break
        if len(body) > (180 if stopped else 240):
            break
        if stopped and (not ends or not _parallel(opener, body)):
            break
        if _titles_next(lines, first, index):
            break
        if (
            not stopped
            and not _is_set_apart(lines[first - 1])
            and _begins_section(lines, first, index, plain)
        ):
            break
        index += 1
    return index


def _is_set_apart(line: _Line) -> bool:
    """A title as the page sets its titles: where there is one, plain lines are none."""
    return line.heading or _wholly_bold(line.block)


_CAPITALS = re.compile(r"[A-Z]{2}[A-Z ]{4}")
"""Too long for an abbreviation."""


def _stands_out(block: Block, other: Block) -> bool:
    """It is bold or in capitals, and the other is not."""
    if _wholly_bold(block):
        return not _wholly_bold(other)
    return block.text.isupper() and _CAPITALS.search(block.text) is not None and not other.text.isupper()


def _titles_next(lines: list[_Line], first: int, index: int) -> bool:
    """The line is a title among lines that are none: bold, in capitals, or in its words."""
    block, opener = lines[index].block, lines[first].block
    if _stands_out(block, opener):
        return True
    around = [opener, lines[index - 1].block, *(line.block for line in lines[index + 1 : index + 2])]
    return (
        index + 1 < len(lines)
        and block.text[:1].isupper()
        and _SECTION_TITLE.fullmatch(block.text) is not None
        and not any(_SECTION_TITLE.fullmatch(other.text) for other in around)
    )


def _closes_list(body: str) -> bool:
    """The last of "a / b, or / c." may carry the sentence's full stop."""
    return len(body) < 100 and body[:1].islower()


def _parallel(opener: str, body: str) -> bool:
    """Short sentences are a list if they begin alike: no back reference at the start."""
    first = body.split(" ", 1)[0].lower().strip(",")
    return first not in _CONTINUES and opener.split(" ", 1)[0].lower() not in _CONTINUES


_CONTINUES = frozenset(
    ["also", "although", "and", "as", "because", "but", "for", "he", "however", "if", "in", "instead", "it", "its",
     "many", "moreover", "most", "often", "or", "other", "others", "she", "so", "some", "such", "that", "therefore",
     "these", "they", "this", "those", "though", "thus", "usually", "when", "while"]
)  # fmt: skip


def _begins_section(lines: list[_Line], first: int, index: int, plain: Callable[[int], bool]) -> bool:
    """A short line with a long one under it is a heading, not an item; behind a colon only if its words are a title's."""
    body = lines[index].block.text
    if not _short(body) or not body[:1].isupper() or index + 1 >= len(lines):
        return False
    below = lines[index + 1]
    return (
        below.block.text.rstrip().endswith((".", "。", ":", "："))
        and len(below.block.text) > 2 * len(body) + 30
        and plain(index + 1)
        and (
            not lines[first - 1].block.text.rstrip().endswith((":", "："))
            or _SECTION_TITLE.fullmatch(body) is not None
            or not _words(body).isdisjoint(_words(below.block.text))
        )
    )


def _words(text: str) -> set[str]:
    """Those of four letters and more, without their endings."""
    return {word[:5] for word in re.findall(r"[^\W\d_]{4,}", text.lower())}


def _heading_line(lines: list[_Line], line: _Line) -> bool:
    """A line of flattened text, or one set in bold, that has the looks of a heading."""
    body = line.block.text.strip()
    if line.twice or (_looks_like_question(body) and len(body.split()) <= 18):
        return True
    colon = body[-1:] in ":：" and body.count(" ") < 4 and not _VERBS.search(body)
    if not _short(body) or (body[-1] in "!:：" and not colon and not _wholly_bold(line.block)):
        return False
    if body[0].islower() or body[0] in "(-*" or (not colon and _leads(body)):
        return False
    if line.index + 1 >= len(lines):
        return False
    below = lines[line.index + 1]
    if below.heading:
        return False
    return (
        _wholly_bold(line.block)
        or _stands_out(line.block, below.block)
        or _SECTION_TITLE.fullmatch(body) is not None
        or len(below.block.text) > len(body)
    )


# ---------------------------------------------------------------------------------------------------- sections


def _with_sections(text: str, passages: list[Passage]) -> list[Passage]:
    """Make headings and paragraphs of the numbered items that head or hold a section."""
    lists: dict[int, list[int]] = {}
    for at, passage in enumerate(passages):
        if passage.kind == "item" and passage.marker == Marker.NUMBER:
            lists.setdefault(passage.list_id, []).append(at)
    opened = {
        identity
        for identity, members in lists.items()
        if _titles(text, passages, members) or _questions(text, passages, members)
    }
    if not opened:
        return passages
    found: list[Passage] = []
    levels: dict[int, int] = {}
    above = 1
    depths: list[int] = []
    """Levels of the opened lists around the passage at hand."""
    for passage in passages:
        if passage.kind == "heading" and passage.list_id < 0:
            above = passage.level
            depths = []
        if passage.kind != "item":
            found.append(passage)
            continue
        while depths and depths[-1] >= passage.level:
            depths.pop()
        if passage.list_id in opened:
            level = levels.setdefault(passage.list_id, min(6, above + 1 + len(depths)))
            depths.append(passage.level)
            found.extend(_section(text, passage, level))
        else:
            found.append(replace(passage, level=passage.level - len(depths)))
    return found


def _section(text: str, item: Passage, level: int) -> list[Passage]:
    """The item as a heading if it is a title, as a heading and a paragraph if its first line is, else as a paragraph."""
    line_end = text.find("\n", item.start, item.end)
    end = line_end if line_end >= 0 else item.end
    body = Passage("paragraph", *_span(text, end, item.end))
    if not _is_title(text[item.start : end]):
        return [Passage("paragraph", item.start, item.end)]
    heading = Passage("heading", *_span(text, item.start, end), level)
    return [heading, body] if body.end > body.start else [heading]


def _is_title(text: str) -> bool:
    return _short(text) or (_looks_like_question(text) and "?" not in text.rstrip()[:-1])


def _titles(text: str, passages: list[Passage], members: list[int]) -> bool:
    """Most items are no more than a title, and hold a list each; and nothing leads in to them."""
    before = passages[members[0] - 1] if members[0] else None
    if before is not None and before.kind == "paragraph" and text[before.end - 1] in ":：?？":
        return False
    titles = sum(
        _holds_list(passages, at) and _is_title(text[passages[at].start : passages[at].end]) for at in members
    )
    return titles > 1 and 2 * titles > len(members)


def _holds_list(passages: list[Passage], at: int) -> bool:
    """A list of its own begins below the item, perhaps behind a paragraph."""
    for passage in passages[at + 1 : at + 3]:
        if passage.kind == "item":
            return passage.list_id != passages[at].list_id and passage.position == 1
        if passage.kind == "heading":
            return False
    return False


_ASKING = _CUES["section_questions"]
_SECTION_QUESTION = re.compile(
    rf"\b(?:{any_of(_ASKING['en'])})\b|{any_of(_ASKING['zh'])}",
    re.IGNORECASE,
)


def _questions(text: str, passages: list[Passage], members: list[int]) -> bool:
    """Most items ask something and answer it."""
    asked = 0
    for at in members:
        first = next(sentences(text, passages[at].start, passages[at].end), None)
        if first is not None and first[1] < passages[at].end:
            question = text[slice(*first)]
            asked += _looks_like_question(question) and _SECTION_QUESTION.search(question) is not None
    return asked > 1 and 2 * asked > len(members)


# ---------------------------------------------------------------------------------------------------- labels


_STOPPED_LABEL = re.compile(
    r"(?P<label>[^\s.:?!;|][^.:?!;|\n。：]{0,60}?)(?P<sep>[.。])(?=\s+[A-Z\"“(]|[\u4e00-\u9fff])"
)
_VERBS = re.compile(
    r"\b(?:is|are|was|were|be|been|can|may|might|will|should|has|have|had|do|does|did|causes?|leads?|helps?|makes?|"
    r"occurs?|happens?|gets?|becomes?|you|your|it|they|we|i|if)\b",
    re.IGNORECASE,
)


def _with_label(text: str, passage: Passage, lines: list[_Line]) -> Passage:
    if passage.kind != "item" or passage.label_end >= 0:
        return passage
    end = _label_end(text, passage, lines)
    return replace(passage, label_end=end) if passage.start < end < passage.end else passage


def _label_end(text: str, passage: Passage, lines: list[_Line]) -> int:
    body = text[passage.start : passage.end]
    line = _line_at(lines, passage.start)
    if line is not None and line.block.bold:
        bold_end = line.start + line.block.bold
        # bold counts from the block's start, so a marker before the item is part of it
        label = text[passage.start : bold_end].rstrip(" .:：–—-")
        if 0 < len(label) <= 90 and bold_end < passage.end:
            return passage.start + len(label)
    newline = body.find("\n")
    if newline > 0 and _short(body[:newline].rstrip(" .:：")):
        return passage.start + len(body[:newline].rstrip(" .:：–—-"))
    for pattern in (_COLON_LABEL, _DASH_LABEL):
        match = pattern.match(body)
        if match and _is_label(match.group("label")):
            return passage.start + match.end("label")
    _, title_end = next(sentences(text, passage.start, passage.end), (0, passage.end))
    if text[title_end - 1 : title_end + 1].isalpha() and title_end < passage.end:
        return title_end
    match = _STOPPED_LABEL.match(body)
    if match and match.group("label").count(" ") < 6 and not _VERBS.search(match.group("label")):
        return passage.start + match.end("label")
    return -1


def _line_at(lines: list[_Line], offset: int) -> _Line | None:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        if lines[middle].end <= offset:
            low = middle + 1
        else:
            high = middle
    return lines[low] if low < len(lines) else None
