"""Bytes to text: which charset a page is in, and whether it is HTML or already flattened."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from crawler.page import Page

from .charset import Source, read
from .refusal import NotAnArticle, Refusal


@dataclass(frozen=True, slots=True)
class Document:
    """A page's source as text."""

    text: str
    """HTML source or flattened text. No NUL, no lone surrogate."""
    kind: Literal["html", "text"]
    url: str = ""
    encoding: str = "utf-8"
    """WHATWG name of the charset that the bytes were read in."""
    encoding_source: Source = "given"


def decode(page: Page) -> Document:
    """Read a page's bytes; raises NotAnArticle for an empty page and for what is not text."""
    media, charset = _content_type(page.header("Content-Type"))
    if not page.body or page.body.isspace():
        raise NotAnArticle(Refusal.EMPTY, f"{len(page.body)} bytes")
    if what := _binary(page.body, media):
        raise NotAnArticle(Refusal.BINARY, what)
    reading = read(page.body, charset)
    kind = _kind(reading.text, media)
    text = reading.text
    if b"\0" in page.body:  # a search in the text costs eight times as much
        text = _without_nuls(text, kind)
    if kind == "html":
        text = bound(text, page.body)
    if not text or text.isspace():
        raise NotAnArticle(Refusal.EMPTY, f"{len(page.body)} bytes")
    return Document(text, kind, page.final_url or page.url, reading.encoding, reading.source)


def decode_text(text: str, url: str | None = None) -> Document:
    """Take a text that is already read, HTML or flattened."""
    try:
        source = text.encode()
    except UnicodeEncodeError:
        text = _paired(text)
        source = text.encode()
    kind = _kind(text, "")
    if b"\0" in source:  # a search in the text itself costs eight times as much
        text = _without_nuls(text, kind)
    return Document(bound(text, source) if kind == "html" else text, kind, url or "")


def parse(html: str | bytes) -> LexborHTMLParser:
    """Read HTML, or its UTF-8, as browsers do; without the events of a tree that changes, which take a thirtieth of the time."""
    return LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS)


def _content_type(header: str) -> tuple[str, str]:
    """Media type in lower case, and the charset's label."""
    media, _, parameters = header.partition(";")
    charset = re.search(
        r"""(?i)(?:^|[;\s,])charset\s*=\s*(?:"([^"]*)|'([^']*)|([^\s;,"']+))""", parameters[:1000]
    )
    return media.strip().lower(), next((label for label in charset.groups() if label), "") if charset else ""


# First bytes of what servers send under any name. Sources: the WHATWG MIME Sniffing Standard, section 6, and the formats' own.
_SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"BM", "BMP image"),
    (b"RIFF", "RIFF media"),
    (b"OggS", "Ogg media"),
    (b"ID3", "MP3 audio"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"\x00\x00\x00\x18ftyp", "MP4 video"),
    (b"\x00\x00\x00\x20ftyp", "MP4 video"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"PK\x03\x04", "ZIP archive or office document"),
    (b"PK\x05\x06", "ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"7z\xbc\xaf", "7-Zip archive"),
    (b"Rar!", "RAR archive"),
    (b"(\xb5/\xfd", "zstandard data"),
    (b"\xd0\xcf\x11\xe0", "old office document"),
    (b"{\\rtf", "RTF document"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"SQLite format 3", "SQLite database"),
)

_NOT_TEXT = re.compile(
    r"(?:image|audio|video|font|model)/(?!svg)|application/(?:pdf|zip|gzip|x-gzip|x-tar|msword|rtf|octet-stream"
    r"|vnd\.|x-shockwave-flash|wasm|java-archive)"
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in (9, 10, 12, 13, 14, 15, 27)) + b"\x7f"

MAX_CONTROLS = 0.02
"""Above this share of control bytes a body is no text: pages of wcxb-dev start with none in 4 KB,
compressed data has 0.10."""

FEW_CONTROLS = 4
"""A short text may hold so many."""


def _binary(body: bytes, media: str) -> str:
    """What the body is if it is no text, "" if it is."""
    start = body[:4096]
    for signature, what in _SIGNATURES:
        if start.startswith(signature) and (len(signature) > 3 or not _texty(start)):
            return what
    if media in ("application/json", "text/json") or media.endswith("+json"):
        return "JSON data"
    if media in (
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "text/csv",
    ):
        return media
    if _NOT_TEXT.match(media) and not _texty(start):
        return media
    if start.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or _wide_start(
        start
    ):
        return ""
    if not _texty(start):
        return "control bytes"
    return ""


def _texty(start: bytes) -> bool:
    """Whether the bytes hold no more control characters than text does."""
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return controls <= max(FEW_CONTROLS, MAX_CONTROLS * len(start)) or _wide_start(start)


def _wide_start(start: bytes) -> bool:
    """Whether zeros lie as in UTF-16 or UTF-32 with markup or words in ASCII: every second byte, or three of four."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) / 2
    return half > 2 and (
        (0.2 * half < max(even, odd) and min(even, odd) <= 0.02 * half)
        or 0.7 * len(start) < start.count(0) < 0.8 * len(start)
    )


# An element's tag, not "a < b" nor the arrows "<<:" of flattened pages.
_TAG = re.compile(
    r"<(?:!doctype|!--|/?(?:html|head|body|title|meta|div|p|br|span|a|h[1-6]|ul|ol|li|table|tr|td|th|img|script|style|section|article|main|font|center|b|i|em|strong|hr|link|header|footer|nav|form|input|blockquote|pre|dl|dt|dd|iframe|figure)(?=[\s/>]))",
    re.IGNORECASE,
)
_FEED = re.compile(
    r"\s*<\?xml\s[^>]{0,200}>\s*(?:<[!?][^>]{0,500}>\s*){0,5}<(?!html|!doctype)(\w[\w:.-]{0,40})",
    re.IGNORECASE,
)
_PAGE_START = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def _kind(text: str, media: str) -> Literal["html", "text"]:
    """Flattened text has no elements; a page served as plain text counts as HTML only when it starts like one."""
    if _PAGE_START.match(text):
        return "html"
    if feed := _FEED.match(text):
        raise NotAnArticle(Refusal.BINARY, f"XML data <{feed[1]}>")
    if media == "text/plain":
        return "text"
    return "html" if _TAG.search(text) else "text"


def bound(html: str, source: bytes) -> str:
    """Leave out what the parser would take quadratic time for: thousands of attributes in a tag, thousands of elements inside one another.

    `source` is the same in bytes, of any charset: there tags are counted in a fifth of the time, and none is missed.
    """
    html = _bound_tags(html)
    tags = np.count_nonzero(np.frombuffer(source, np.uint8) == ord("<"))
    return html if tags < MANY_TAGS else _bound_depth(html)


LONG_TAG = 20_000
"""Characters between two ">" from which a tag may hold too much. lexbor compares every attribute of an element with all others: 5,000
take 0.03 s, 40,000 take 5 s, a million, by extrapolation, an hour."""

MANY_ATTRIBUTES = 2_500
"""White space in such a stretch from which it is cut; an image in base64 has none, scripts of wcxb-dev's pages are left whole."""


def _bound_tags(text: str) -> str:
    """Cut attributes off tags that hold thousands of them. Looks at every 20,000th character: wcxb-dev's pages cost 0.05 ms, most of it at long scripts."""
    place, end, kept = 0, len(text), 0
    pieces: list[str] = []
    while end - place > LONG_TAG:
        closed = text.rfind(">", place, place + LONG_TAG)
        if closed >= 0:
            place = closed + 1
            continue
        tag = _OPEN.search(text, place, place + LONG_TAG)
        closed = text.find(">", place + LONG_TAG)
        closed = end if closed < 0 else closed
        if (
            tag is not None
            and len(text[tag.end() : min(closed, tag.end() + LONG_TAG)].split()) >= MANY_ATTRIBUTES
        ):
            pieces.append(text[kept : tag.end()])
            kept = closed
        place = closed + 1
    return "".join([*pieces, text[kept:]]) if pieces else text


_OPEN = re.compile(r"<[A-Za-z][^\s<>/]{0,100}")


MAX_DEPTH = 1_500
"""Elements inside one another; what is nested deeper loses its tags, not its text. lexbor looks through all open elements at many a tag:
16,000 nested ones take 0.35 s, 200,000, by extrapolation, a minute. Browsers stop at 512; the deepest of every second page of
wcxb-dev has 43."""

MANY_TAGS = 30_000
"""Tags below which a page cannot be deep enough to matter, and is not looked at."""


def _bound_depth(text: str) -> str:
    """Leave out the tags of elements that are nested too deep."""
    pieces: list[str] = []
    depth = beyond = kept = 0
    for match in _NESTING.finditer(text):
        if match[1]:
            if beyond:
                beyond -= 1
            else:
                depth = max(0, depth - 1)
                continue
        elif depth < MAX_DEPTH:
            depth += 1
            continue
        else:
            beyond += 1
        pieces.append(text[kept : match.start()])
        kept = match.end()
    return "".join([*pieces, text[kept:]]) if pieces else text


# Elements that stay open until they are closed; p, li and table cells close one another, img and br are never open.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|dt|dd|tr|td|th|thead|tbody|tfoot|option|optgroup|br|hr|img|input|meta|link|col|source|track|wbr|area|base|embed|param"
    r"|script|style|svg|path|g|use|html|head|body|title)(?=[\s/>]))[A-Za-z][^<>]*>",
    re.IGNORECASE,
)


def _without_nuls(text: str, kind: str) -> str:
    """Drop NULs as HTML parsers do; in flattened text a space keeps what stands after in its place."""
    return text.replace("\0", "" if kind == "html" else " ")


def _paired(text: str) -> str:
    """Join surrogates to the characters they stand for; a lone half becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
