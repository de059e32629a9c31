"""What a page says to those who fetch it: robots rules and the reservation of text and data mining, in its headers and meta elements."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

AGENT = "consilia"
"""Our product token, what a group in robots.txt or a robots rule would name."""

MAX_HEAD = 65_536
"""Bytes of a page in which its robots and TDM tags are looked for; HTML's own head is nearly always below 20 KB."""

WITH_VALUE = frozenset(["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"])
"""Robots rules written with a colon, which elsewhere ends the name of a robot."""

_ROBOT = re.compile(r"[a-z][a-z_-]*")  # not "25-jun-10 15", of a date

_META = re.compile(rb"<meta\s[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([a-zA-Z:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@dataclass(frozen=True, slots=True)
class PageRules:
    """What a page asks of those who fetched it."""

    robots: frozenset[str] = frozenset()
    """Rules that are meant for every robot or for ours, in lower case; what only repeats the default is left out."""
    tdm_reserved: bool | None = None
    """Whether text and data mining is reserved (TDMRep of the W3C community group, Directive (EU) 2019/790, article 4); None if not told."""

    @property
    def nofollow(self) -> bool:
        """Its links are not to be followed."""
        return not self.robots.isdisjoint({"nofollow", "none"})

    @property
    def reserved(self) -> bool:
        """It is not to be shown to others, or not to be used for training (`noai` and `noml` are no standard, but some sites say them)."""
        return bool(self.tdm_reserved) or not self.robots.isdisjoint(
            {"noindex", "none", "noarchive", "noai", "noml"}
        )


def page_rules(headers: Iterable[tuple[str, str]], html: bytes | str = b"") -> PageRules:
    """Read the rules a page gives in its headers (X-Robots-Tag, TDM-Reservation) and its meta elements; the stricter word holds."""
    words: set[str] = set()
    reservations: set[str] = set()
    for name, value in headers:
        low = name.lower()
        if low == "x-robots-tag":
            words |= _directives(value)
        elif low == "tdm-reservation":
            reservations.add(value.strip())
    for name, value in _metas(html):
        if name in ("robots", AGENT):
            words |= _directives(value)
        elif name == "tdm-reservation":
            reservations.add(value.strip())
    reserved = True if "1" in reservations else False if "0" in reservations else None
    return PageRules(frozenset(words), reserved)


def _metas(html: bytes | str) -> Iterable[tuple[str, str]]:
    """Lower-case name and content of the meta tags before the body."""
    head = html[:MAX_HEAD]
    data = head.encode("utf-8", "replace") if isinstance(head, str) else head
    body = data.lower().find(b"<body")
    data = data if body < 0 else data[:body]
    for tag in _META.findall(_uncommented(data)):
        attributes = {
            name.lower(): unescape((double or single or bare).decode("latin-1"))
            for name, double, single, bare in _ATTRIBUTE.findall(tag)
        }
        if b"name" in attributes:
            yield attributes[b"name"].strip().lower(), attributes.get(b"content", "")


def _uncommented(html: bytes) -> bytes:
    """Without comments; a regular expression would look for the end again from each beginning."""
    parts = []
    at = 0
    while (start := html.find(b"<!--", at)) >= 0:
        parts.append(html[at:start])
        if (end := html.find(b"-->", start + 4)) < 0:
            return b"".join(parts)
        at = end + 3
    return b"".join((*parts, html[at:]))


def _directives(value: str) -> set[str]:
    """The words of a robots tag or header that are meant for everybody or for us ("otherbot: noindex" is not)."""
    meant = True
    words = set()
    for part in value.lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in WITH_VALUE and _ROBOT.fullmatch(name.strip()):
            meant = name.strip() == AGENT
            part = rest
        if meant:
            words.add(part.strip())
    return words - {"", "all", "index", "follow"}
