"""Read what sites publish to be found by: sitemaps of every kind, RSS and Atom.

Real sitemaps are gzipped without saying so, lack their namespace or have a wrong one, are cut off, or are lists of lines. What can be
read of them is read, and what was wrong is told.
"""

import calendar
import io
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from html.entities import html5
from typing import Any

import feedparser
from lxml import etree  # type: ignore[import-untyped]

from .links import absolute

MAX_BYTES = 50 * 2**20
"""Of a sitemap, unpacked: the limit of sitemaps.org."""

MAX_ENTRIES = 50_000
"""Of a sitemap: the limit of sitemaps.org."""

MAX_FEED = 2 * 2**20
"""Bytes of a feed that are read; the newest entries come first. feedparser needs 50 µs for each tag, and a hostile feed is all tags."""

MIN_SHARE = 0.5
"""Of a text's lines that must be addresses: a list may have comments, a licence has a few addresses."""

_GZIP = b"\x1f\x8b"


class NotASitemap(Exception):  # noqa: N818  news about an answer, not an error
    """An answer is neither a sitemap nor a feed; the message tells what it looks like."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address a site publishes."""

    url: str
    lastmod: datetime | None = None
    """When the page last changed, as the site says; in UTC."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap or a feed lists."""

    pages: tuple[Entry, ...] = ()
    sitemaps: tuple[Entry, ...] = ()
    """Of an index: further sitemaps."""
    problem: str = ""
    """What was wrong with it, though something could be read; "" if nothing."""


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap, sitemap index, text list, RSS or Atom feed that was found at `url`.

    Raises NotASitemap if there is nothing of the kind in it.
    """
    data, problem = _unpacked(body)
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise NotASitemap("empty")
    if not text.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        lines = text.decode("utf-8", "replace").splitlines()
        listed = [(line.strip(), "", "") for line in lines if _ADDRESS.match(line)]
        if len(listed) < MIN_SHARE * sum(1 for line in lines if line.strip()):
            raise NotASitemap("a text, not a list of addresses")
        return _limited(listed, [], url, problem)
    return _xml(text, url, problem)


def _unpacked(body: bytes) -> tuple[bytes, str]:
    """The bytes behind any gzip, at most MAX_BYTES of them, and what was wrong."""
    if not body.startswith(_GZIP):
        return body[:MAX_BYTES], "longer than 50 MB" if len(body) > MAX_BYTES else ""
    inflate = zlib.decompressobj(wbits=31)
    data = b""
    try:
        data = inflate.decompress(body, MAX_BYTES)
    except zlib.error:
        data = _until_damage(body)
        return data, "damaged gzip"
    if inflate.unconsumed_tail:
        return data, "longer than 50 MB"
    return data, "" if inflate.eof else "the gzip file is cut off"


def _until_damage(body: bytes) -> bytes:
    """What inflates before the first damaged byte: fed in pieces, only the piece with the damage is lost."""
    inflate = zlib.decompressobj(wbits=31)
    out = bytearray()
    try:
        for start in range(0, len(body), 512):
            out += inflate.decompress(body[start : start + 512], MAX_BYTES - len(out))
            if len(out) >= MAX_BYTES:
                break
    except zlib.error:
        pass  # what came before is what we are after
    return bytes(out)


_ADDRESS = re.compile(r"\s*https?://\S+\s*$", re.IGNORECASE)

# XML

_AMPERSAND = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)(?:([a-zA-Z][a-zA-Z0-9]{0,40});)?"
)
"""An ampersand that XML does not know of: a bare one, or an entity of HTML or of the document type."""

_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}>")
_DOCTYPE = re.compile(
    rb"((?:\s++|<\?.*?\?>|<!--.*?-->)*+)<!DOCTYPE[^>\[]{0,1000}+(?:\[[^\]]*+\]\s*+)?>",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(rb"\s*+(?:<\?.*?\?>\s*+|<!--.*?-->\s*+)*+<(?:[\w.-]+:)?([A-Za-z]\w*)", re.DOTALL)
_END = re.compile(rb"</(?:[\w.-]+:)?(?:url|sitemap)\s*>", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]")


def _xml(text: bytes, url: str, problem: str) -> Sitemap:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _DECLARATION.sub(b"", text.decode("utf-16", "replace").encode())
    # No sitemap needs a document type, and what it defines can only do harm.
    if found := _DOCTYPE.match(text):
        text = found[1] + text[found.end() :]
    text = _AMPERSAND.sub(_entity, _CONTROL.sub(b"", text))
    found = _ROOT.match(text)
    root = found[1].decode().lower() if found else ""
    if root in ("rss", "rdf", "feed"):
        return _feed(text, url, problem)
    if root not in ("urlset", "sitemapindex", "url", "sitemap"):
        raise NotASitemap(f"its outermost element is <{root}>" if root else "no XML that can be read")
    pages: list[tuple[str, str, str]] = []
    maps: list[tuple[str, str, str]] = []
    # libxml2's limits on depth and size stay on.
    steps = etree.iterparse(
        io.BytesIO(text),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, element in steps:
            name = _local(element.tag)
            if name in ("url", "sitemap"):
                (maps if name == "sitemap" else pages).append(_fields(element))
                element.clear()
                if len(pages) + len(maps) > MAX_ENTRIES:
                    break
    except etree.XMLSyntaxError as error:
        problem = problem or f"broken XML: {error.msg}"
    if len(pages) + len(maps) > len(
        _END.findall(text)
    ):  # the last one was closed by the parser: cut off, maybe inside its address
        (pages or maps).pop()
    fatal = [entry for entry in steps.error_log if entry.level >= etree.ErrorLevels.FATAL]
    if fatal and not problem:
        problem = f"broken XML: {fatal[0].message.strip()} in line {fatal[0].line}"
    return _limited(pages, maps, url, problem)


def _entity(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return b"&amp;"
    return html5.get(f"{found[1].decode()};", "").encode()


@lru_cache(1_000)
def _local(tag: Any) -> str:
    """An element's name in lower case without namespace or prefix; "" for a comment."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _fields(element: Any) -> tuple[str, str, str]:
    """Address, date and title of a <url> or <sitemap>, whatever its namespace; images and videos have addresses of their own."""
    address = changed = published = title = ""
    for child in element:
        name = _local(child.tag)
        if name == "loc":
            address = address or _text(child)
        elif name == "lastmod":
            changed = changed or _text(child)
        elif name == "news":
            for detail in child:
                if _local(detail.tag) == "publication_date":
                    published = published or _text(detail)
                elif _local(detail.tag) == "title":
                    title = title or _text(detail)
    if not address and "://" in (element.text or ""):
        address = element.text
    return address, changed or published, title


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip() if len(element) else (element.text or "").strip()


# RSS and Atom


def _feed(text: bytes, url: str, problem: str) -> Sitemap:
    if len(text) > MAX_FEED:
        text, problem = text[:MAX_FEED], problem or "longer than 2 MB"
    parsed = feedparser.parse(
        io.BytesIO(text),
        response_headers={"content-location": url, "content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    entries = []
    for entry in parsed.entries:
        changed = "updated_parsed" if "updated_parsed" in entry.keys() else "published_parsed"  # noqa: SIM118  `in entry` maps one to the other
        moment = entry.get(changed)
        lastmod = datetime.fromtimestamp(calendar.timegm(moment), UTC).isoformat() if moment else ""
        address = entry.get("link") or (entry.get("id", "") if "://" in entry.get("id", "") else "")
        entries.append((address, lastmod, entry.get("title", "")))
    if parsed.bozo and not problem:
        problem = f"broken feed: {parsed.bozo_exception}"
    return _limited(entries, [], url, problem)


# What all have in common


def _limited(
    pages: list[tuple[str, str, str]],
    maps: list[tuple[str, str, str]],
    url: str,
    problem: str,
) -> Sitemap:
    listed = _entries(pages, url)
    further = _entries(maps, url)
    if not listed and not further and not problem:
        problem = "lists nothing"
    if len(listed) + len(further) > MAX_ENTRIES:
        problem = problem or f"more than {MAX_ENTRIES:,} entries"
    return Sitemap(tuple(listed[:MAX_ENTRIES]), tuple(further[:MAX_ENTRIES]), problem)


def _entries(fields: list[tuple[str, str, str]], base: str) -> list[Entry]:
    entries: dict[str, Entry] = {}
    for address, changed, title in fields:
        url = absolute("".join(address.split()), base) if address else ""
        if url and url not in entries:
            entries[url] = Entry(url, _moment(changed), title)
    return list(entries.values())


@lru_cache(10_000)
def _moment(text: str) -> datetime | None:
    """A W3C date (year, month, day or more), or one as in mails, in UTC; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d{4}(?:-\d\d?)?", text):
        year, _, month = text.partition("-")
        text = f"{year}-{int(month or 1):02}-01"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None
