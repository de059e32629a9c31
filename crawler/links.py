"""Find where a page leads, as plain strings.

A page of 250 links costs Scrapy's LinkExtractor 8 ms, and 5 ms more if each link becomes a Request. Here lexbor parses, ada-url
joins as browsers do, and what is left to do is done on strings, so that only a new address need ever become a Request.
"""

import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import quote_from_bytes

from ada_url import join_url
from courlan.filters import is_not_crawlable
from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_LENGTH = 2_000
"""Characters of an address; what browsers and sitemaps (2,048) agree to carry."""

MAX_LINKS = 5_000
"""Links of a page that are looked at; a sitemap page for people may have 1,000."""

MAX_SEGMENTS = 14
"""Of a path. Endless relative links (`a/a/a/…`) grow one a step; honest paths have fewer than 8."""

MAX_PARAMETERS = 6
"""Of a query. Faceted lists multiply with each of theirs; an article of an old content management system may have five."""

MANY_TAGS = 10_000
"""Only beyond this is the depth looked at: a page of 96 KB has 3,000, and what 10,000 can do is 0.3 s."""

MAX_DEPTH = 1_000
"""Elements that may be open at a time; browsers flatten beyond 512, pages of honest sites stay below 100."""

MAX_LABEL = 40
"""Characters that may stand before a link as a neighbour's label; the longest on the list has 20."""

MAX_TEXT = 200
"""Characters of a link's text in which a label is looked for; it stands at the start."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page leads; absolute addresses without fragments and tracking parameters, each once, in the page's order.

    Links of image maps and of the head come after the others.
    """

    urls: tuple[str, ...] = ()
    """All http and https links, those of the other fields included but for `canonical` and `feeds`."""
    previous: tuple[str, ...] = ()
    """Links to the article or list page before this one, by rel, class or label."""
    next: tuple[str, ...] = ()
    """Links to the one after it."""
    nofollow: frozenset[str] = frozenset()
    """Links that occur with rel=nofollow only."""
    feeds: tuple[str, ...] = ()
    """RSS and Atom feeds the page names."""
    canonical: str = ""
    """The page's own address as it gives it; "" if it gives none."""


class Refusal(StrEnum):
    """Why an address is not worth asking for."""

    SCHEME = "neither http nor https"
    LENGTH = "address too long"
    HOST = "not of this site"
    FILE = "a file that is no page"
    PURPOSE = "log-in, basket, search and the like"
    REPEATED = "path that repeats itself"
    DEEP = "path too deep"
    FACETS = "too many query parameters"
    CALENDAR = "calendar"


def find_links(
    html: bytes | str,
    base_url: str,
    *,
    keep_params: Collection[str] = (),
    strip_params: Collection[str] = (),
    known: Callable[[str], bool] = lambda url: False,
) -> Links:
    """Gather the links of a page that was found at `base_url`; what is no valid address is passed over.

    Query parameters on the list `trackers.txt` are taken off, but for `keep_params`; so are `strip_params`. Of the page's <a> those that
    are `known` are passed over too: a site's menu need not be read on every page.
    """
    markup, charset = _decoded(html)
    tree = LexborHTMLParser(_shallow(markup))
    join = _Joiner(_base(tree, base_url), charset, _stripped(frozenset(keep_params), frozenset(strip_params)))
    found: dict[str, bool] = {}  # address: nofollow everywhere so far
    sides: dict[str, dict[str, None]] = {"previous": {}, "next": {}}
    for node in tree.css("a[href]")[:MAX_LINKS]:
        attributes = node.attributes
        if not (url := join(attributes["href"])) or known(url):
            continue
        rel = attributes.get("rel")
        side = (_side_by_rel(rel) if rel else "") or _side(node, attributes.get("class"))
        found[url] = _nofollow(rel) and found.get(url, True) if rel else False
        if side:
            sides[side][url] = None
    feeds: dict[str, None] = {}
    canonical = ""
    for node in tree.css("area[href], link[href], meta[http-equiv=refresh i]")[:MAX_LINKS]:
        attributes = node.attributes
        if not (url := join(_refresh(attributes) if node.tag == "meta" else attributes["href"])):
            continue
        rel = attributes.get("rel") or ""
        if node.tag != "link":
            found[url] = _nofollow(rel) and found.get(url, True)
        elif side := _side_by_rel(rel):
            found[url] = False
            sides[side][url] = None
        elif "canonical" in rel.lower().split():
            canonical = canonical or url
        elif "alternate" in rel.lower().split() and _is_feed(attributes.get("type")):
            feeds[url] = None
    return Links(
        tuple(found),
        tuple(sides["previous"]),
        tuple(sides["next"]),
        frozenset(url for url, nofollow in found.items() if nofollow),
        tuple(feeds),
        canonical,
    )


def clean_url(url: str, *, keep_params: Collection[str] = (), strip_params: Collection[str] = ()) -> str:
    """An address as browsers write it, without fragment and tracking parameters; "" if it is none."""
    stripped = _stripped(frozenset(keep_params), frozenset(strip_params))
    return _Joiner("http://invalid./", "utf-8", stripped)(url if "://" in url else None)


def refusal(url: str, hosts: Collection[str] = ()) -> Refusal | None:
    """Why an absolute address is not worth asking for, None if it is.

    `hosts` are those of the site ("example.org", "example.org:8080"); none given, all do.
    """
    scheme, colon, rest = url.partition("://")
    if not colon or scheme not in ("http", "https"):
        return Refusal.SCHEME
    if len(url) > MAX_LENGTH:
        return Refusal.LENGTH
    host, _, path_and_query = rest.partition("/")
    path, _, query = path_and_query.partition("?")
    if hosts and host not in hosts:
        return Refusal.HOST
    segments = [segment for segment in path.lower().split("/") if segment]
    if segments and _FILE.search(segments[-1]):
        return Refusal.FILE
    if is_not_crawlable(url) or not _PURPOSES.isdisjoint(segments) or _ACTION.search(query):
        return Refusal.PURPOSE
    if len(segments) > MAX_SEGMENTS:
        return Refusal.DEEP
    if _repeats(segments):
        return Refusal.REPEATED
    if query.count("&") + 1 > MAX_PARAMETERS:
        return Refusal.FACETS
    if _CALENDAR.search(path_and_query.lower()):
        return Refusal.CALENDAR
    return None


def keep(url: str, hosts: Collection[str] = ()) -> bool:
    """Whether an absolute address is worth asking for; `refusal` tells why not."""
    return refusal(url, hosts) is None


# Joining

_SEGMENT = r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*"
_PLAIN_PATH = re.compile(rf"/(?:{_SEGMENT}/)*(?:{_SEGMENT})?")
_PLAIN_URL = re.compile(
    rf"https?://(?!xn--)(?![^/]*\.xn--)(?:[a-z0-9-]+\.)+[a-z]{{2,}}/(?:{_SEGMENT}/)*(?:{_SEGMENT})?"
)
"""What the URL standard leaves as it is."""


def absolute(href: str, base_url: str) -> str:
    """Join as the URL standard has it, without the fragment; "" for what is not http or https, or no address at all.

    The plain ones are joined by hand: a call into ada-url costs 2 µs, and most need none.
    """
    if _PLAIN_PATH.fullmatch(href):
        return _origin(base_url) + href
    if _PLAIN_URL.fullmatch(href):
        return href
    try:
        url: str = join_url(base_url, href)
    except ValueError:
        return ""
    return url.partition("#")[0] if url.startswith(("http://", "https://")) else ""


def _origin(url: str) -> str:
    return url[: url.find("/", url.find("//") + 2)]


class _Joiner:
    """Makes a page's hrefs absolute and clean."""

    def __init__(self, base: str, charset: str, stripped: "re.Pattern[str]") -> None:
        self._base = base
        self._origin = _origin(base)
        self._charset = charset
        self._stripped = stripped

    def __call__(self, href: str | None) -> str:
        """The address, or "" if it is none for us."""
        if not href:
            return ""
        if _PLAIN_PATH.fullmatch(href):
            return self._origin + href
        if href.startswith("#"):
            return ""
        if self._charset != "utf-8" and "?" in href and not href.isascii():
            href = _query_in(href, self._charset)
        path, mark, query = absolute(href, self._base).partition("?")
        if ";jsessionid=" in path:
            path = re.sub(r";jsessionid=[^/;]*", "", path)
        if not mark:
            return path
        query = "&".join(
            part for part in query.split("&") if part and not self._stripped.fullmatch(_name(part))
        )
        return f"{path}?{query}" if query else path


def _name(parameter: str) -> str:
    return parameter.partition("=")[0].lower()


def _query_in(href: str, charset: str) -> str:
    """Browsers send a query in the page's own charset, the path always in UTF-8."""
    path, _, query = href.partition("?")
    encoded = query.encode(charset, "xmlcharrefreplace")
    return f"{path}?{quote_from_bytes(encoded, safe=_ASCII)}"


_ASCII = "".join(map(chr, range(0x21, 0x7F)))


@cache
def _stripped(keep_params: frozenset[str], strip_params: frozenset[str]) -> "re.Pattern[str]":
    names = (files(__package__) / "trackers.txt").read_text(encoding="utf-8").splitlines()
    kept = {name.lower() for name in keep_params}
    listed = [name for name in names if name and not name.startswith("#") and name not in kept]
    every = [
        re.escape(name).replace(r"\*", ".*") for name in (*listed, *(name.lower() for name in strip_params))
    ]
    exempt = "|".join(map(re.escape, sorted(kept)))
    return re.compile((f"(?!(?:{exempt})$)" if exempt else "") + f"(?:{'|'.join(every)})")


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    href = node.attributes.get("href") if node is not None else None
    try:
        base: str = join_url(url, href or "")
    except ValueError:
        return url
    return base if base.startswith(("http://", "https://")) else url


_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""", re.IGNORECASE)


def _decoded(html: bytes | str) -> tuple[bytes, str]:
    """The markup in UTF-8, as lexbor reads it, and the page's charset; labels are words, so it matters."""
    if isinstance(html, str):
        return html.encode("utf-8", "replace"), "utf-8"
    try:
        html.decode()
    except UnicodeDecodeError:
        found = _CHARSET.search(html[:2048])
        charset = found[1].decode() if found else "windows-1252"
        try:
            return html.decode(charset, "replace").encode("utf-8", "replace"), charset
        except LookupError:
            return html.decode("windows-1252", "replace").encode(), "windows-1252"
    return html, "utf-8"


_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_NOT_NESTING = frozenset(
    b"area base br col dd dt embed hr img input li link meta option p param rb rt source td th tr track wbr".split()
)


def _shallow(markup: bytes) -> bytes:
    """The markup up to where it nests too deep: lexbor needs time that grows with the square of the depth.

    50,000 `<div>`s, each in the other, take it 15 s.
    """
    if markup.count(b"<") <= MANY_TAGS:
        return markup
    depth = 0
    for tag in _TAG.finditer(markup):
        if tag[2].lower() in _NOT_NESTING:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MAX_DEPTH:
            return markup[: tag.start()]
    return markup


def _refresh(attributes: dict[str, str | None]) -> str:
    """Where a `<meta http-equiv=refresh content="0; url=…">` leads."""
    found = re.search(r"""url\s*=\s*["']?([^"']+)""", attributes.get("content") or "", re.IGNORECASE)
    return found[1].strip() if found else ""


def _is_feed(media_type: str | None) -> bool:
    return (media_type or "").strip().lower() in ("application/rss+xml", "application/atom+xml")


# Neighbours

_PREVIOUS_CLASS = re.compile(r"(?:^|[\s_-])(?:prev|previous|older)(?:$|[\s_-])", re.IGNORECASE)
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:next|newer)(?:$|[\s_-])", re.IGNORECASE)


def _side_by_rel(rel: str) -> str:
    words = rel.lower().split()
    if "prev" in words or "previous" in words:
        return "previous"
    return "next" if "next" in words else ""


def _nofollow(rel: str) -> bool:
    return "nofollow" in rel.lower().split()


def _side(node: LexborNode, own_class: str | None) -> str:
    """Whether a link is labelled as leading to a neighbour: in its text, right before it, or in a class."""
    labels = _labels()
    text = node.text()[:MAX_TEXT].strip()
    if (text[:2].lower() in labels.starts or text[:1] in labels.arrows) and (found := labels.own.match(text)):
        return found.lastgroup or ""
    if (before := node.prev) is not None and (side := _side_before(before)):
        return side
    if own_class and (side := _side_by_class(own_class)):
        return side
    parent = node.parent
    return _side_by_class(parent.attributes.get("class") or "") if parent is not None else ""


def _side_before(node: LexborNode) -> str:
    """Whether what stands before a link is a neighbour's label; a blank is looked past."""
    before: LexborNode | None = node
    for _ in range(2):
        if before is None or before.tag == "a":
            return ""
        text = before.text(deep=True)
        if len(text) > MAX_LABEL:
            return ""
        if text := text.strip():
            found = _labels().lead.match(text)
            return (found.lastgroup or "") if found else ""
        before = before.prev
    return ""


@lru_cache(10_000)
def _side_by_class(names: str) -> str:
    if _PREVIOUS_CLASS.search(names):
        return "previous"
    return "next" if _NEXT_CLASS.search(names) else ""


@dataclass(frozen=True, slots=True)
class _Labels:
    own: "re.Pattern[str]"
    """What a neighbour's link says; the group that matched is the side."""
    lead: "re.Pattern[str]"
    """What is said before one."""
    starts: frozenset[str]
    """How labels begin: with two letters nine links of ten are told from a label."""
    arrows: str


@cache
def _labels() -> _Labels:
    listed = tomllib.loads((files(__package__) / "neighbours.toml").read_text(encoding="utf-8"))
    left, right = listed["left"], listed["right"]
    own, lead = [], []
    for side, arrows in (("previous", left), ("next", right)):
        words = "|".join(re.escape(label) for label in sorted(listed[side], key=len, reverse=True))
        worded = rf"[{left}{right}|\s-]*+(?:{words})(?!\w)\s*+"
        own.append(rf"(?P<{side}>{worded}(?:[{left}{right}:：|].*|[.…-]*+$)|[{arrows}\s]++(?:[:：].*|$))")
        bare = rf"[{left}\s]++[:：]?" if side == "previous" else rf"[{right}\s]++[:：]"
        lead.append(rf"(?P<{side}>(?:{worded}[{left}{right}:：|.\s]*+|{bare}\s*+)$)")
    flags = re.IGNORECASE | re.DOTALL
    starts = frozenset(label[:2] for side in ("previous", "next") for label in listed[side])
    return _Labels(
        re.compile("|".join(own), flags), re.compile("|".join(lead), flags), starts, f"{left}{right}|-"
    )


# Addresses that are not worth asking for

_FILE = re.compile(
    r"\.(?:7z|aac|apk|avi|avif|bmp|bz2|css|csv|dmg|docx?|eot|epub|exe|flac|flv|gif|gz|ico|ics|iso|jar|jpe?g|js|json|m4[av]|mobi"
    r"|mov|mp[34]|mpe?g|msi|od[tsp]|og[gv]|opus|otf|pdf|pls|png|ppsx?|pptx?|psd|rar|rtf|svgz?|swf|tar|tgz|tiff?|ttf|vcf|wav|web[mp]"
    r"|wma|wmv|woff2?|xlsx?|xz|zip)$"
)

_PURPOSES = frozenset(
    (files(__package__) / "purposes.txt").read_text(encoding="utf-8").split("\n\n", 1)[1].split()
)
"""Path segments of pages that have a purpose other than to be read."""

_ACTION = re.compile(
    r"(?:^|&)(?:replytocom|add-to-cart|share|print|sort|orderby|sort_?by|order)=|(?:^|&)(?:format=(?:pdf|feed)|action=(?:edit|history|login))",
    re.IGNORECASE,
)

_CALENDAR = re.compile(
    r"(?:^|/)(?:calendar|events?|agenda|kalender)/(?:.*/)?(?:19|20)\d\d(?:[-/]\d\d?){1,2}(?:/|\?|$)"
    r"|[?&](?:year|yr|month|mon|week|day|date|tribe-bar-date|ical)=[\d-]+"
)


def _repeats(segments: list[str]) -> bool:
    """Whether one or two segments stand three times in a row: a relative link that finds itself."""
    return any(
        segments[at : at + size]
        == segments[at + size : at + 2 * size]
        == segments[at + 2 * size : at + 3 * size]
        for size in (1, 2)
        for at in range(len(segments) - 3 * size + 1)
    )
