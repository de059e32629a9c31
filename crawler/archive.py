"""Keep fetched pages as WARC files, and read pages out of any WARC.

A file is called `<site>-<utc time>-<serial>.warc.gz.open` while it is written and loses `.open` once it is whole and has been
read back. Nothing is ever appended to a file of an earlier process: behind a cut gzip member a new record cannot be found
again (5 of 8 tries with warcio, 5 of 5 with fastwarc). Instead `repair` seals what a crash left behind.

`write` hands each record to the operating system before it returns, so a killed process loses nothing it was told is written.
`sync` asks the disk as well; whoever promises that a page is safe from a power cut calls it first, once for many pages.

The body in a record is the decoded one. Headers that would then lie about it (`Content-Encoding`, `Transfer-Encoding`, another
`Content-Length`) are kept under `X-Archive-Orig-…`, the spelling of pywb.
"""

import base64
import fcntl
import hashlib
import os
import re
import sys
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

import brotli  # type: ignore[import-untyped]
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from isal import isal_zlib

from .page import Page, Record
from .store import find_store, is_address

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES = 1_000_000_000
"""A file is closed beyond this size: Common Crawl's and Heritrix's custom, small enough to be one task of a later stage."""

GZIP_LEVEL = 2
"""Of ISA-L's 0 to 3. A page of 96 KB: 0.33 ms at 41% of its size, where zlib needs 1.1 ms for 43% and 2.4 ms for 40%."""

MAX_HEAD = 2**20
"""Bytes of a foreign record's headers; fastwarc's default of 32 KB would give up a file for one page's cookies."""

MAX_BODY = 64 * 2**20
"""A record beyond this is no page and passed over; a body that would decode to more stays encoded."""

UNSYNCED_BYTES = 8_000_000
"""`write` syncs by itself when so much has gathered (about 200 pages): a bound where nobody calls `sync`."""

DECODED = ("gzip", "x-gzip", "deflate", "br", "zstd")
"""Content encodings that the crawler undoes (crawler.compression)."""

PAGE_SUFFIXES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain",
}
"""Loose files that are taken for pages."""

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".wet", ".wet.gz")

_READ = 1 << 16

_DAMAGED: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub has an instance


class CannotArchive(Exception):  # noqa: N818
    """A page could not be stored; the file holds the whole records before it."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class BadArchive(Exception):  # noqa: N818
    """A WARC file is cut or damaged from `offset` on."""

    def __init__(self, file: Path | str, offset: int, reason: str) -> None:
        super().__init__(f"{file}: {reason} at byte {offset}")
        self.file = file
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Repair:
    """What was saved of a file that a crash left open."""

    file: str
    """Name of the sealed file; "" if no page was whole."""
    pages: tuple[tuple[str, Record], ...]
    """Address and place of each whole page (revisits included), in the file's order."""
    damaged: int
    """Bytes moved to `<name>.damaged`."""


class Archive:
    """A folder of WARC files that one process writes for one site."""

    def __init__(self, folder: Path, site: str, *, max_bytes: int = MAX_BYTES) -> None:
        if not re.fullmatch(r"[\w.-]+", site):
            raise ValueError(f"{site!r} does not do as part of a file name")
        self.folder = folder
        self.site = site
        self.max_bytes = max_bytes
        self._serial = 0
        self._file: _OpenFile | None = None

    def write(self, page: Page, *, revisit: bool = False) -> Record:
        """Store a page; flushed to the operating system when this returns.

        A revisit stores headers only: "the same as before". `page.record`, if given, is the earlier record and lends its digest.
        Raises CannotArchive, and leaves the file as it was before the page.
        """
        file = self._file = self._file or self._open()
        digest = page.record.digest if revisit and page.record else _digest(page.body)
        offset = file.size
        member = _member(_revisit_record(page, digest) if revisit else _response_record(page, digest))
        file.append(member)
        record = Record(_sealed(file.path).name, offset, len(member), digest)
        if file.size >= self.max_bytes:
            self.close()
        return record

    def sync(self) -> None:
        """Wait until all that was written is on the disk; raises CannotArchive."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        """Seal the file being written, if any: sync, read it back, rename. A later `write` starts another one.

        Raises BadArchive if what lies on the disk is not what was written, CannotArchive if it cannot be read or renamed; the file then
        stays `.open`.
        """
        if self._file is not None:
            self._file.seal()
            self._file = None

    def _open(self) -> "_OpenFile":
        now = datetime.now(UTC)
        while True:
            self._serial += 1
            path = self.folder / f"{self.site}-{now:%Y%m%d%H%M%S}-{self._serial:05}.warc.gz.open"
            if _sealed(path).exists():
                continue
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                file = _OpenFile(path)
            except FileExistsError:
                continue
            except OSError as error:
                raise CannotArchive(path, error.strerror or str(error)) from error
            file.append(_member(_info_record(_sealed(path).name, self.site, now)))
            return file


class _OpenFile:
    """A WARC file being written, locked against `repair` in another process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._unsynced = 0
        self._file = path.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sync_folder(path.parent)

    def append(self, member: bytes) -> None:
        left = memoryview(member)
        try:
            while left:  # without a buffer, a disk that fills up takes a part of it
                left = left[self._file.write(left) :]
        except OSError as error:
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise CannotArchive(self.path, error.strerror or str(error)) from error
        self.size += len(member)
        self._unsynced += len(member)
        if self._unsynced >= UNSYNCED_BYTES:
            self.sync()

    def sync(self) -> None:
        if not self._unsynced:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise CannotArchive(self.path, error.strerror or str(error)) from error
        self._unsynced = 0

    def seal(self) -> None:
        self.sync()
        try:
            with self.path.open("rb") as file:
                for _ in _members(self.path, file):
                    pass  # each member's CRC; `verify` checks the digests as well, at three times the price
            self.path.rename(_sealed(self.path))
            sync_folder(self.path.parent)
        except OSError as error:
            raise CannotArchive(self.path, error.strerror or str(error)) from error
        self._file.close()


def repair(folder: Path) -> list[Repair]:
    """Seal the `.open` files that crashed processes left in a folder; those still being written are left alone.

    The whole records at a file's start are kept, each checked by length, gzip CRC and digest; what follows them goes to
    `<name>.damaged`, to be looked at by a person.
    """
    repairs = []
    for path in sorted(folder.glob("*.warc.gz.open")):
        with path.open("r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            repairs.append(_repair(path, file))
    if repairs:
        sync_folder(folder)
    return repairs


def verify(path: Path) -> int:
    """Count the pages and revisits of a WARC file of ours, every record checked by length, CRC and digests; raises BadArchive.

    A foreign file that has no gzip member for each record is only read.
    """
    if not path.name.endswith((".gz", ".gz.open")):
        return sum(1 for _ in _read_warc(path, path.name))
    with path.open("rb") as file:
        checked = [_check(path, offset, record) for offset, _, record in _members(path, file)]
    return sum(1 for page in checked if page is not None)


def read_pages(paths: Iterable[Path | str]) -> Iterator[Page]:
    """The pages of WARC files, of loose .html and .txt files, and of folders of both, in the order of their names.

    Any WARC does: ours, Common Crawl's, WET (its text as text/plain). Transfer and content encodings are undone. A revisit
    record is passed over: the page it repeats stands in an earlier record, which is read from there. `.open` files in
    a folder are passed over too: they are being written, or wait for `repair`.
    Raises BadArchive after the whole records before the damage, FileNotFoundError for a path that is not there.
    """
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.name.lower().endswith((*WARC_SUFFIXES, *PAGE_SUFFIXES)) and file.is_file():
                    yield from _read_file(file, str(file.relative_to(path)))
        else:
            yield from _read_file(path, path.name)


def read_part(source: Path | str, start: int = 0, end: int | None = None) -> Iterator[Page]:
    """The pages of a WARC file whose records begin from byte `start` on and before `end`; parts that adjoin share no record and miss none.

    The source is a path, or an address that fsspec knows (s3://…). A file without a gzip member for each record is one part: that from byte 0.
    Raises BadArchive after the whole records before the damage.
    """
    yield from _read_warc(source, name_of(source), start, end)


def read_places(source: Path | str, places: Iterable[tuple[int, int]]) -> Iterator[Page]:
    """The pages of the records at these offsets, each with its length: what an index lists of a WARC file.

    Raises BadArchive for a place without a whole record.
    """
    for offset, length in places:
        found = False
        for page in _read_warc(source, name_of(source), offset, offset + length):
            if page.record is None or page.record.offset != offset:
                break
            found = True
            yield page
        if not found:
            raise BadArchive(source, offset, "no page's record here")


def next_record(source: Path | str, start: int) -> int | None:
    """Where the first record from byte `start` on begins in a file with a gzip member for each record; None if there is none."""
    with open_archive(source) as file:
        return _next_member(file, start)


def open_archive(source: Path | str) -> BinaryIO:
    """A local file, or one at an address that fsspec knows, for reading at any place. Raises NoStore."""
    if is_address(source):
        store, path = find_store(source)
        file: BinaryIO = store.open(path, "rb")
        return file
    return Path(source).open("rb")


def name_of(source: Path | str) -> str:
    """The file's own name."""
    return str(source).rstrip("/").rpartition("/")[2]


def _read_file(path: Path, name: str) -> Iterator[Page]:
    media_type = PAGE_SUFFIXES.get(path.suffix.lower())
    if media_type is None:
        yield from _read_warc(path, name)
    else:
        yield Page(path.absolute().as_uri(), path.read_bytes(), headers=(("Content-Type", media_type),))


# Writing


def _response_record(page: Page, digest: str) -> bytes:
    return _record("response", page, digest, {}, page.body)


def _revisit_record(page: Page, digest: str) -> bytes:
    unchanged = (
        "server-not-modified" if page.status == HTTPStatus.NOT_MODIFIED else "identical-payload-digest"
    )
    fields = {
        "WARC-Profile": f"http://netpreserve.org/warc/1.1/revisit/{unchanged}",
        "WARC-Refers-To-Target-URI": page.final_url or page.url,
    }
    return _record("revisit", page, digest, fields, b"")


def _record(kind: str, page: Page, digest: str, fields: dict[str, str], body: bytes) -> bytes:
    block = b"HTTP/1.1 %b\r\n%b\r\n%b" % (_status_line(page.status), _header_lines(page, body), body)
    if page.final_url and page.final_url != page.url:
        fields["X-Requested-URI"] = page.url
    if page.tdm_reserved is not None:
        fields["X-TDM-Reservation"] = "1" if page.tdm_reserved else "0"
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": _warc_date(page.fetched_at or datetime.now(UTC)),
        "WARC-Target-URI": page.final_url or page.url,
        **fields,
        "WARC-Payload-Digest": digest,
        "WARC-Block-Digest": _digest(block),
        "Content-Type": "application/http; msgtype=response",
    }
    return _warc(fields, block)


def _info_record(name: str, site: str, now: datetime) -> bytes:
    block = f"software: consilia\r\nformat: WARC File Format 1.1\r\nisPartOf: {site}\r\n".encode()
    fields = {
        "WARC-Type": "warcinfo",
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": _warc_date(now),
        "WARC-Filename": name,
        "WARC-Block-Digest": _digest(block),
        "Content-Type": "application/warc-fields",
    }
    return _warc(fields, block)


def _warc(fields: dict[str, str], block: bytes) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    head = f"WARC/1.1\r\n{lines}Content-Length: {len(block)}\r\n\r\n"
    return b"%b%b\r\n\r\n" % (head.encode(), block)


def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    return f"{status} {phrase}".encode()


def _header_lines(page: Page, body: bytes) -> bytes:
    length = str(len(body))
    lines = []
    for name, value in page.headers:
        undone = {
            "transfer-encoding": True,
            "content-encoding": value.strip().lower() in DECODED,
            "content-length": value.strip() != length,
        }.get(name.lower(), False)
        lines.append(f"{'X-Archive-Orig-' if undone else ''}{name}: {_LINE_BREAK.sub(' ', value)}\r\n")
    if body and page.header("Content-Length").strip() != length:
        lines.append(f"Content-Length: {length}\r\n")
    text = "".join(lines)
    try:
        return text.encode(
            "latin-1"
        )  # as HTTP has it: the very bytes that were sent, if they were decoded so
    except UnicodeEncodeError:
        return text.encode()


_LINE_BREAK = re.compile(r"[\r\n]+")


def _member(record: bytes) -> bytes:
    data: bytes = isal_zlib.compress(record, level=GZIP_LEVEL, wbits=31)
    return data


def _digest(body: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sealed(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".open"))


def sync_folder(folder: Path) -> None:
    """Make names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Reading back what we wrote: one gzip member a record, nothing between them


def _repair(path: Path, file: BinaryIO) -> Repair:
    name = _sealed(path).name
    pages = []
    whole = 0
    try:
        for offset, length, record in _members(path, file):
            page = _check(path, offset, record)
            if page is not None:
                pages.append((page[0], Record(name, offset, length, page[1])))
            whole = offset + length
    except BadArchive:
        pass  # from here on it is damaged
    size = file.seek(0, os.SEEK_END)
    damaged = size - whole if pages else size
    if damaged:
        _set_aside(file, size - damaged, path.with_name(name + ".damaged"))
    if not pages:
        path.unlink()
        return Repair("", (), damaged)
    file.truncate(whole)
    os.fsync(file.fileno())
    path.rename(path.with_name(name))
    return Repair(name, tuple(pages), damaged)


def _set_aside(file: BinaryIO, start: int, target: Path) -> None:
    file.seek(start)
    with target.open("wb") as out:
        while chunk := file.read(_READ):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _members(path: Path, file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Offset, length and content of each gzip member; raises BadArchive at the first that is not whole."""
    offset = file.seek(0)
    rest = b""
    while True:
        if not rest and not (rest := file.read(_READ)):
            return
        inflate = isal_zlib.decompressobj(wbits=31)
        parts = []
        length = 0
        while not inflate.eof:
            if not rest and not (rest := file.read(_READ)):
                raise BadArchive(path, offset, _CUT)
            try:
                parts.append(inflate.decompress(rest))
            except _DAMAGED as error:
                raise BadArchive(path, offset, f"damaged gzip member ({error})") from error
            length += len(rest) - len(inflate.unused_data)
            rest = inflate.unused_data
        yield offset, length, b"".join(parts)
        offset += length


def _check(path: Path, offset: int, record: bytes) -> tuple[str, str] | None:
    """Address and payload digest of a page's record, None for another kind; raises BadArchive if it does not hold together."""
    head, _, block = record.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not lines[0].startswith("WARC/1."):
        raise BadArchive(path, offset, "no WARC record")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = fields.get("content-length", "")
    if not length.isdecimal() or block[int(length) :] != b"\r\n\r\n":
        raise BadArchive(path, offset, "the record is not as long as it says")
    block = block[: int(length)]
    if fields.get("warc-block-digest", _digest(block)) != _digest(block):
        raise BadArchive(path, offset, "the block's digest does not match")
    kind = fields.get("warc-type")
    if kind not in ("response", "revisit"):
        return None
    digest = fields.get("warc-payload-digest", "")
    if kind == "response" and digest != _digest(block.partition(b"\r\n\r\n")[2]):
        raise BadArchive(path, offset, "the payload's digest does not match")
    return fields.get("x-requested-uri") or fields.get("warc-target-uri", ""), digest


# Reading any WARC

_KINDS = (WarcRecordType.response, WarcRecordType.resource, WarcRecordType.conversion)


def _read_warc(path: Path | str, name: str, begin: int = 0, until: int | None = None) -> Iterator[Page]:
    site = ""
    held: tuple[Page, Record] | None = None
    damage = ""
    with open_archive(path) as file:
        size = file.seek(0, os.SEEK_END)
        first, last = _bounds(file, begin, until, size)
        if first >= last:
            return
        if first:
            site = _site_of(file)
        start = first  # of the record being read
        try:
            records = ArchiveIterator(
                _Part(file, first, last), WarcRecordType.any_type, parse_http=False, max_header_len=MAX_HEAD
            )
            for record in records:
                start = record.stream_pos
                if held is not None:
                    yield _placed(*held, start)
                    held = None
                if record.record_type == WarcRecordType.warcinfo:
                    site = _part_of(record.reader.read())
                elif record.record_type in _KINDS and record.content_length <= MAX_BODY:
                    held = _page(record, name, site)
        except (OSError, ValueError) as error:  # what fastwarc raises on damage, and on a body that is cut
            damage = (str(error).partition("\n")[0] or "damaged")[:200]
        # A cut or flipped record may have been handed out as if whole, but only the last one.
        end = _whole_until(file, start, size)
    if end is None:
        raise BadArchive(path, start, damage or _CUT)
    if held is not None:
        yield _placed(*held, end)
    if damage or end < last:
        raise BadArchive(path, end, damage or "no WARC record")


class _Part(RawIOBase):
    """The bytes of a file from one place to another, told by their places in the file."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file = file
        self._at = start
        self._end = end

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = self._end - self._at
        self._file.seek(self._at)
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data


def _bounds(file: BinaryIO, begin: int, until: int | None, size: int) -> tuple[int, int]:
    """Where the records of a part begin and end. One that starts behind byte 0 needs members of its own."""
    if begin == 0 and (until is None or until >= size):
        return 0, size
    first = _next_member(file, begin)
    if first is None:
        return size, size
    last = size if until is None else _next_member(file, until)
    return first, size if last is None else last


def _next_member(file: BinaryIO, start: int) -> int | None:
    """The first gzip member with a WARC record from byte `start` on. Its three first bytes may stand in any data; what they decode to may not."""
    file.seek(start)
    at, held = start, b""
    while chunk := file.read(_READ):
        held += chunk
        found = held.find(_MEMBER)
        while found >= 0:
            file.seek(at + found)
            try:
                if isal_zlib.decompressobj(wbits=31).decompress(file.read(_PROBE), 5) == b"WARC/":
                    return at + found
            except _DAMAGED:
                pass
            found = held.find(_MEMBER, found + 1)
        kept = held[-len(_MEMBER) + 1 :]
        at += len(held) - len(kept)
        held = kept
        file.seek(at + len(held))
    return None


_MEMBER = b"\x1f\x8b\x08"
_PROBE = 4096
"""Bytes that surely decode to a record's first five: a gzip head with a file name, and the tables of deflate's first block."""


def _site_of(file: BinaryIO) -> str:
    """The site that the file's first record names."""
    file.seek(0)
    try:
        head = isal_zlib.decompressobj(wbits=31).decompress(file.read(_READ), _READ)
    except _DAMAGED:
        return ""
    return _part_of(head) if b"WARC-Type: warcinfo" in head else ""


def _placed(page: Page, record: Record, end: int) -> Page:
    return replace(page, record=replace(record, length=end - record.offset))


def _page(record: WarcRecord, name: str, site: str) -> tuple[Page, Record] | None:
    """The page in a record, None if it holds none; raises ValueError if it is cut."""
    address = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    if not address.startswith(("http://", "https://")):
        return None
    status = 200
    headers: tuple[tuple[str, str], ...]
    if record.record_type == WarcRecordType.response:
        if not record.is_http:
            return None
        record.parse_http(max_header_len=MAX_HEAD, strict_mode=False)
        status = record.http_headers.status_code or 0
        headers = tuple((_text(name), _text(value)) for name, value in record.http_headers.items_bytes())
    elif record.record_type == WarcRecordType.conversion:
        headers = (("Content-Type", "text/plain; charset=utf-8"),)
    else:
        headers = (("Content-Type", record.headers.get("Content-Type") or ""),)
    body = record.reader.read()
    if len(body) < record.content_length:
        raise ValueError(_CUT)
    digest = record.headers.get("WARC-Payload-Digest") or _digest(body)
    asked = record.headers.get("X-Requested-URI") or address
    headers, body = _undone(headers, body)
    page = Page(
        url=asked,
        body=body,
        status=status,
        headers=headers,
        fetched_at=_moment(record),
        site=site,
        final_url=address if asked != address else "",
        tdm_reserved={"1": True, "0": False}.get(record.headers.get("X-TDM-Reservation") or ""),
    )
    return page, Record(name, record.stream_pos, 0, digest)


def _undone(headers: tuple[tuple[str, str], ...], body: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Headers and body with transfer and content encoding undone; a body that is not what its headers say stays as it is."""
    named = {name.lower(): value.strip().lower() for name, value in headers}
    codings = [part.strip() for part in named.get("content-encoding", "").split(",") if part.strip()]
    if named.get("transfer-encoding") == "chunked":
        codings.append("chunked")
    if not codings:
        return headers, body
    try:
        for coding in reversed(codings):
            body = _DECODERS[coding](body)
    except (KeyError, ValueError, zlib.error, brotli.error, zstd.ZstdError):
        return headers, body
    gone = ("content-encoding", "transfer-encoding", "content-length")
    return tuple(
        (f"X-Archive-Orig-{name}" if name.lower() in gone else name, value) for name, value in headers
    ), body


def _inflated(body: bytes, wbits: int = 47) -> bytes:
    inflate = zlib.decompressobj(wbits)
    return _bounded(inflate.decompress(body, MAX_BODY), not inflate.unconsumed_tail)


def _deflated(body: bytes) -> bytes:
    try:
        return _inflated(body)
    except zlib.error:
        return _inflated(body, -15)  # without the header it should have: Microsoft's servers


def _unbrotlied(body: bytes) -> bytes:
    decoder = brotli.Decompressor()
    return _bounded(decoder.process(body, output_buffer_limit=MAX_BODY), decoder.is_finished())


def _unzstded(body: bytes) -> bytes:
    decoder = zstd.ZstdDecompressor()
    return _bounded(decoder.decompress(body, MAX_BODY), decoder.eof)


def _bounded(body: bytes, complete: bool) -> bytes:
    if not complete:
        raise ValueError("cut, or larger than MAX_BODY")
    return body


def _unchunked(body: bytes) -> bytes:
    out = bytearray()
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found[1], 16)
        if not size:
            return bytes(out)
        if found.end() + size > len(body):
            break
        out += body[found.end() : found.end() + size]
        at = found.end() + size
    raise ValueError("not chunked")


_CHUNK = re.compile(rb"(?:\r\n)?([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r\n")

_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "chunked": _unchunked,
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _deflated,
    "br": _unbrotlied,
    "zstd": _unzstded,
    "identity": bytes,
}

_CUT = "the file ends inside a record"


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _moment(record: WarcRecord) -> datetime | None:
    try:
        return datetime.fromisoformat(record.headers.get("WARC-Date") or "").astimezone(UTC)
    except ValueError:
        return None


def _part_of(fields: bytes) -> str:
    found = re.search(rb"(?mi)^isPartOf:[ \t]*([^\r\n]*)", fields)
    return found[1].decode("utf-8", "replace").strip() if found else ""


def _whole_until(file: BinaryIO, start: int, size: int) -> int | None:
    """Where the record that starts at `start` ends; None if the file ends or breaks first."""
    file.seek(0)
    magic = file.read(4)
    if magic == b"\x28\xb5\x2f\xfd" or not magic:
        return size  # zstd: fastwarc itself tells of cut frames
    if magic[:2] == b"\x1f\x8b":
        end = _member_end(file, start)
        # Some writers compress the file as a whole; there the records have no places of their own.
        return end if end is not None or start == 0 else size if _member_end(file, 0) == size else None
    file.seek(start)
    head = b""
    while b"\r\n\r\n" not in head:
        if not (chunk := file.read(_READ)):
            return None
        head += chunk
    fields = head.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?mi)^content-length:[ \t]*(\d+)", fields)
    end = start + len(fields) + 4 + int(length[1]) if length else 0
    return min(end + 4, size) if length and end <= size else None


def _member_end(file: BinaryIO, start: int) -> int | None:
    """Where the gzip member at `start` ends; None if there is none, or not a whole one."""
    file.seek(start)
    inflate = isal_zlib.decompressobj(wbits=31)
    end = start
    try:
        while not inflate.eof:
            if not (chunk := file.read(_READ)):
                return None
            inflate.decompress(chunk)
            end += len(chunk) - len(inflate.unused_data)
    except _DAMAGED:
        return None
    return end
