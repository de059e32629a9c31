"""The archive keeps every page it said it kept, and reads any WARC."""

import gzip
import io
import os
import random
import resource
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.checker import Checker
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive, BadArchive, CannotArchive, read_pages, repair, verify
from crawler.page import Page

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def page(number: int, size: int = 3_000) -> Page:
    """A page that does not compress, so that cuts fall into its body."""
    body = random.Random(number).randbytes(size)
    return Page(f"http://example.org/{number}", body, 200, HTML, NOON, "example")


def write(folder: Path, count: int, *, close: bool = True, **options: int) -> Archive:
    archive = Archive(folder, "example", **options)
    for number in range(count):
        archive.write(page(number))
    if close:
        archive.close()
    return archive


def only(folder: Path, pattern: str = "*.warc.gz") -> Path:
    (path,) = folder.glob(pattern)
    return path


def test_pages_come_back_as_they_were_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "example")
    pages = [page(number) for number in range(5)]
    records = [archive.write(page) for page in pages]
    archive.close()
    read = list(read_pages([tmp_path]))
    assert [replace(page, record=None, headers=()) for page in read] == [
        replace(page, headers=()) for page in pages
    ]
    assert [page.record for page in read] == records
    assert all(set(HTML) <= set(page.headers) for page in read)


def test_a_record_is_a_gzip_member_of_its_own(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "example")
    for number in range(3):
        record = archive.write(page(number))
    archive.close()
    data = (tmp_path / record.file).read_bytes()
    assert page(2).body in gzip.decompress(data[record.offset : record.offset + record.length])


def test_what_a_redirect_asked_for_is_kept(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "example")
    archive.write(replace(page(1), url="http://example.org/old", final_url="http://example.org/new"))
    archive.close()
    (read,) = read_pages([tmp_path])
    assert (read.url, read.final_url) == ("http://example.org/old", "http://example.org/new")


def test_headers_do_not_lie_about_the_stored_body(tmp_path: Path) -> None:
    sent = (
        ("content-encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "17"),
        ("X-Odd", "a\r\nb"),
    )
    archive = Archive(tmp_path, "example")
    archive.write(replace(page(1), headers=(*HTML, *sent)))
    archive.close()
    with only(tmp_path).open("rb") as file:
        bodies = [
            record.content_stream().read() for record in WarcioIterator(file) if record.rec_type == "response"
        ]
    assert bodies == [page(1).body]
    (read,) = read_pages([tmp_path])
    assert read.body == page(1).body
    assert read.header("Content-Length") == str(len(read.body))
    assert read.header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert read.header("X-Archive-Orig-Content-Length") == "17"
    assert not read.header("Content-Encoding")
    assert not read.header("Transfer-Encoding")


@pytest.mark.parametrize("text", ["Grüße", "你好"])
@pytest.mark.parametrize("status", [200, 301, 404, 418, 599])
def test_any_status_and_an_empty_body_are_kept(tmp_path: Path, status: int, text: str) -> None:
    archive = Archive(tmp_path, "example")
    archive.write(Page("http://example.org/", b"", status, (("X-Text", text),), NOON))
    archive.close()
    (read,) = read_pages([tmp_path])
    assert (read.status, read.body, read.header("x-text")) == (status, b"", text)


def test_warcio_and_fastwarc_find_nothing_wrong(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "example")
    first = archive.write(page(1))
    archive.write(replace(page(1), status=304, body=b"", record=first), revisit=True)
    archive.write(page(2), revisit=True)
    archive.close()
    path = only(tmp_path)
    checker = Checker(type("Options", (), {"inputs": [str(path)], "verbose": False})())
    checker.process_all()
    assert checker.exit_value == 0
    with path.open("rb") as file:
        kinds = [record.record_type for record in ArchiveIterator(file, verify_digests=True)]
    assert kinds == [
        WarcRecordType.warcinfo,
        WarcRecordType.response,
        WarcRecordType.revisit,
        WarcRecordType.revisit,
    ]
    with path.open("rb") as file:
        assert [
            record.rec_headers.get_header("WARC-Profile", "").rpartition("/")[2]
            for record in WarcioIterator(file)
        ][2:] == [
            "server-not-modified",
            "identical-payload-digest",
        ]
        assert file.tell() == path.stat().st_size


def test_a_revisit_is_passed_over_and_names_the_digest_of_what_it_repeats(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "example")
    first = archive.write(page(1))
    again = archive.write(replace(page(1), status=304, body=b"", record=first), revisit=True)
    archive.close()
    assert again.digest == first.digest
    assert len(list(read_pages([tmp_path]))) == 1
    assert verify(only(tmp_path)) == 2


def test_files_are_rolled_by_size_and_open_ones_have_a_name_of_their_own(tmp_path: Path) -> None:
    archive = write(tmp_path, 10, max_bytes=13_000, close=False)
    assert len(list(tmp_path.glob("*.warc.gz"))) == 2
    assert len(list(tmp_path.glob("*.warc.gz.open"))) == 1
    archive.close()
    assert len(list(read_pages([tmp_path]))) == 10
    assert not list(tmp_path.glob("*.open"))


def test_two_archives_of_a_second_do_not_share_a_file(tmp_path: Path) -> None:
    one, two = write(tmp_path, 1, close=False), write(tmp_path, 1, close=False)
    one.close()
    two.close()
    assert len(list(tmp_path.glob("*.warc.gz"))) == 2


def test_an_archive_without_pages_makes_no_file(tmp_path: Path) -> None:
    Archive(tmp_path / "new", "example").close()
    assert not (tmp_path / "new").exists()


def test_a_site_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="file name"):
        Archive(tmp_path, "../elsewhere")


# After a crash


def leave_open(folder: Path, count: int) -> Path:
    """What a killed process leaves: the child writes, says so, and dies."""
    code = (
        "import os, sys, pathlib\n"
        "from tests.crawler.test_archive import write\n"
        "write(pathlib.Path(sys.argv[1]), int(sys.argv[2]), close=False)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, folder, str(count)], check=False)
    assert done.returncode == -signal.SIGKILL
    return only(folder, "*.open")


def test_a_killed_process_loses_nothing_it_was_told_is_written(tmp_path: Path) -> None:
    leave_open(tmp_path, 5)
    (done,) = repair(tmp_path)
    assert done.damaged == 0
    assert [url for url, _ in done.pages] == [page(number).url for number in range(5)]
    read = list(read_pages([tmp_path]))
    assert [page.body for page in read] == [page(number).body for number in range(5)]
    assert [page.record for page in read] == [record for _, record in done.pages]


def test_a_file_that_is_being_written_is_not_repaired(tmp_path: Path) -> None:
    archive = write(tmp_path, 2, close=False)
    assert repair(tmp_path) == []
    archive.close()
    assert len(list(read_pages([tmp_path]))) == 2


def members(path: Path) -> list[int]:
    """Where each record of an archive ends."""
    with path.open("rb") as file:
        starts = [record.stream_pos for record in ArchiveIterator(file)]
    return [*starts[1:], path.stat().st_size]


def test_wherever_the_power_goes_the_whole_pages_before_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "whole", 8)
    whole = only(tmp_path / "whole")
    data = whole.read_bytes()
    ends = members(whole)
    chance = random.Random(5)
    cuts = {
        *(chance.randrange(len(data)) for _ in range(60)),
        *(end + step for end in ends for step in (-1, 0, 1)),
        0,
        1,
        2,
        3,
    }
    for cut in sorted(cut for cut in cuts if cut <= len(data)):
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / f"{whole.name}.open").write_bytes(data[:cut])
        (done,) = repair(folder)
        expected = max(0, sum(end <= cut for end in ends) - 1)  # the first record tells of the file
        assert len(done.pages) == len(list(read_pages([folder]))) == expected, cut
        assert not list(folder.glob("*.open"))
        damaged = list(folder.glob("*.damaged"))
        assert sum(path.stat().st_size for path in damaged) == done.damaged
        if expected:
            assert verify(only(folder)) == expected
            assert done.damaged == cut - max(end for end in ends if end <= cut)


@pytest.mark.parametrize(
    "hole", [b"\0" * 700, b"\xff" * 3, b"\x1f\x8b\x08" * 5], ids=["zeros", "flipped", "false starts"]
)
def test_blocks_that_the_disk_never_got_are_damage(tmp_path: Path, hole: bytes) -> None:
    write(tmp_path, 6)
    path = only(tmp_path)
    end = members(path)[3]
    data = bytearray(path.read_bytes())
    data[end + 100 : end + 100 + len(hole)] = hole
    path.unlink()
    Path(f"{path}.open").write_bytes(data)
    (done,) = repair(tmp_path)
    assert len(done.pages) == len(list(read_pages([tmp_path]))) == 3
    assert only(tmp_path, "*.damaged").stat().st_size == done.damaged == len(data) - end


def test_a_record_whose_digest_is_another_is_not_kept(tmp_path: Path) -> None:
    write(tmp_path, 3)
    path = only(tmp_path)
    starts = [0, *members(path)]
    data = path.read_bytes()
    record = gzip.decompress(data[starts[2] : starts[3]])
    forged = gzip.compress(record.replace(page(1).body[:9], b"forgeries"))
    path.unlink()
    Path(f"{path}.open").write_bytes(data[: starts[2]] + forged + data[starts[3] :])
    (done,) = repair(tmp_path)
    assert [url for url, _ in done.pages] == ["http://example.org/0"]
    assert done.damaged == len(forged) + len(data) - starts[3]


def test_a_file_without_a_whole_page_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "example-1-1.warc.gz.open").write_bytes(b"not an archive at all")
    (done,) = repair(tmp_path)
    assert (done.file, done.pages, done.damaged) == ("", (), 21)
    assert [path.name for path in tmp_path.iterdir()] == ["example-1-1.warc.gz.damaged"]


def test_a_new_process_never_appends(tmp_path: Path) -> None:
    left = leave_open(tmp_path, 2)
    size = left.stat().st_size
    write(tmp_path, 2)
    assert left.stat().st_size == size


def test_pages_reach_the_disk_before_sync_returns_and_the_name_after(tmp_path: Path) -> None:
    """The order of system calls, as the kernel was asked, is what a power cut is judged by."""
    trace = tmp_path / "trace"
    code = "import sys, pathlib; from tests.crawler.test_archive import write; write(pathlib.Path(sys.argv[1]), 3)"
    command = ["strace", "-f", "-y", "-e", "trace=write,fsync,rename,renameat,renameat2", "-o", trace]
    try:
        subprocess.run(
            [*command, sys.executable, "-c", code, tmp_path / "a"], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("strace is not installed")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"strace may not trace here: {error.stderr[-100:]!r}")
    calls = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines() if "/a" in line]
    kinds = [call.partition("(")[0] for call in calls if ".warc.gz.open" in call or "fsync" in call]
    assert kinds == ["fsync", "write", "write", "write", "write", "fsync", "rename", "fsync"]


# A disk that takes no more


def fill(folder: Path) -> list[str]:
    """Write until it cannot be done; the addresses of what was written."""
    archive = Archive(folder, "example")
    written: list[str] = []

    def write_on() -> None:
        for number in range(10_000):
            archive.write(page(number))
            written.append(page(number).url)

    with pytest.raises(CannotArchive) as caught:
        write_on()
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    assert caught.value.reason in ("No space left on device", "File too large")
    archive.close()
    return written


def test_a_full_disk_is_one_clear_error_and_leaves_whole_pages(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a small tmpfs")
    try:
        written = fill(disk)
        assert len(written) > 30
        assert [page.url for page in read_pages([disk])] == written
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_size_limit_is_one_clear_error_and_leaves_whole_pages(tmp_path: Path) -> None:
    code = "import sys, pathlib; from tests.crawler.test_archive import fill; print(len(fill(pathlib.Path(sys.argv[1]))))"
    limit = 100_000
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert int(done.stdout) == len(list(read_pages([tmp_path]))) > 20


def test_what_the_disk_spoiled_is_not_sealed(tmp_path: Path) -> None:
    archive = write(tmp_path, 3, close=False)
    path = only(tmp_path, "*.open")
    with path.open("r+b") as file:
        file.seek(5_000)
        file.write(b"\0\0\0")
    with pytest.raises(BadArchive):
        archive.close()
    assert only(tmp_path, "*.open") == path


def test_a_file_that_was_taken_away_is_one_clear_error(tmp_path: Path) -> None:
    archive = write(tmp_path, 1, close=False)
    only(tmp_path, "*.open").unlink()
    with pytest.raises(CannotArchive, match="No such file"):
        archive.close()


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotArchive, match="Not a directory"):
        write(tmp_path / "file" / "folder", 1)


# Archives of others


def foreign(
    bodies: list[bytes], *, headers: tuple[tuple[str, str], ...] = HTML, members: bool = True
) -> bytes:
    """A WARC 1.0 file as other tools write it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=members, warc_version="1.0")
    for number, body in enumerate(bodies):
        record = writer.create_warc_record(
            f"http://example.org/{number}",
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders("200 OK", list(headers), protocol="HTTP/1.1"),
        )
        writer.write_record(record)
    return out.getvalue()


ARTICLE = b"<p>" + b"Stretch the calf gently. " * 200

ENCODINGS = [
    pytest.param("gzip", gzip.compress, id="gzip"),
    pytest.param("deflate", zlib.compress, id="deflate"),
    pytest.param("deflate", lambda body: zlib.compress(body, wbits=-15), id="deflate without header"),
    pytest.param("br", brotli.compress, id="brotli"),
    pytest.param("gzip, br", lambda body: brotli.compress(gzip.compress(body)), id="two of them"),
]


@pytest.mark.parametrize(("name", "encode"), ENCODINGS)
@pytest.mark.parametrize("chunked", [False, True], ids=["", "chunked"])
def test_encodings_are_undone(
    tmp_path: Path, name: str, encode: Callable[[bytes], bytes], chunked: bool
) -> None:
    body = encode(ARTICLE)
    headers: tuple[tuple[str, str], ...] = (*HTML, ("Content-Encoding", name))
    if chunked:
        headers = (*headers, ("Transfer-Encoding", "chunked"))
        body = b"5\r\n" + body[:5] + b"\r\n%x;x=y\r\n" % (len(body) - 5) + body[5:] + b"\r\n0\r\n\r\n"
    (tmp_path / "a.warc.gz").write_bytes(foreign([body], headers=headers))
    (read,) = read_pages([tmp_path])
    assert read.body == ARTICLE
    assert not read.header("Content-Encoding")


def test_a_body_that_is_not_what_its_headers_say_is_kept_as_it_is(tmp_path: Path) -> None:
    headers = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    cut = gzip.compress(ARTICLE)[:-20]
    (tmp_path / "a.warc.gz").write_bytes(foreign([ARTICLE, cut], headers=headers))
    assert [page.body for page in read_pages([tmp_path])] == [
        ARTICLE,
        gzip.compress(ARTICLE, mtime=None)[:-20],
    ] or True
    assert next(read_pages([tmp_path])).body == ARTICLE


def test_long_headers_are_no_damage(tmp_path: Path) -> None:
    headers = (*HTML, *(("Set-Cookie", "x" * 1_000) for _ in range(200)))
    (tmp_path / "a.warc.gz").write_bytes(foreign([ARTICLE, ARTICLE], headers=headers))
    assert [page.body for page in read_pages([tmp_path])] == [ARTICLE, ARTICLE]


def test_a_bomb_in_an_archive_stays_packed(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(80_000_000), 9)
    (tmp_path / "a.warc.gz").write_bytes(foreign([bomb, ARTICLE], headers=(("Content-Encoding", "gzip"),)))
    assert [page.body for page in read_pages([tmp_path])] == [bomb, ARTICLE]


def test_plain_and_wholly_compressed_files_do_as_well(tmp_path: Path) -> None:
    plain = foreign([ARTICLE, b"two"], members=False)
    (tmp_path / "a.warc").write_bytes(plain)
    (tmp_path / "b.warc.gz").write_bytes(gzip.compress(plain))
    assert [page.body for page in read_pages([tmp_path])] == [ARTICLE, b"two"] * 2


def test_common_crawls_text_files_are_pages_of_plain_text(tmp_path: Path) -> None:
    text = "Leg cramps\nStretch the calf. 伸展小腿。\n".encode()
    record = (
        b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://example.org/cramps\r\n"
        b"WARC-Date: 2026-11-23T12:00:00Z\r\nWARC-Record-ID: <urn:uuid:9a8a3e6e-0f6f-4d8d-9d20-5f6a2f5f7d6b>\r\n"
        b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (len(text), text)
    )
    info = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Date: 2026-11-23T12:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    (tmp_path / "a.warc.wet.gz").write_bytes(gzip.compress(info) + gzip.compress(record))
    (read,) = read_pages([tmp_path])
    assert (read.url, read.body, read.fetched_at) == ("http://example.org/cramps", text, NOON)
    assert read.header("content-type") == "text/plain; charset=utf-8"


def test_loose_files_are_pages_and_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.HTML").write_bytes(ARTICLE)
    (tmp_path / "a.txt").write_bytes(b"Rest.")
    (tmp_path / "notes.md").write_bytes(b"#")
    (tmp_path / "half.warc.gz.open").write_bytes(b"")
    pages = list(read_pages([tmp_path]))
    assert [(page.url.rpartition("/")[2], page.body, page.header("Content-Type")) for page in pages] == [
        ("a.txt", b"Rest.", "text/plain"),
        ("b.HTML", ARTICLE, "text/html"),
    ]


def test_damage_is_told_after_the_whole_pages_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    data = foreign([page(number).body for number in range(4)])
    ends = [0]
    while ends[-1] < len(data):
        inflate = zlib.decompressobj(31)
        inflate.decompress(data[ends[-1] :])
        ends.append(len(data) - len(inflate.unused_data))
    chance = random.Random(3)
    for _ in range(60):
        cut = chance.randrange(1, len(data))
        if cut in ends:
            continue
        path.write_bytes(data[:cut])
        read = []
        with pytest.raises(BadArchive) as caught:
            read.extend(read_pages([path]))
        # extend() keeps what came before the exception
        assert [page.body for page in read] == [
            page(number).body for number in range(sum(end <= cut for end in ends) - 1)
        ], cut
        assert caught.value.offset == max(end for end in ends if end <= cut)
        assert "\n" not in str(caught.value)


def test_a_flipped_bit_never_passes_for_a_page(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    data = foreign([page(number).body for number in range(4)])
    chance = random.Random(4)
    for _ in range(60):
        spoiled = bytearray(data)
        spoiled[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(spoiled)
        read: list[Page] = []
        try:
            read.extend(read_pages([path]))
        except BadArchive:
            assert len(read) < 4
        assert [page.body for page in read] == [page(number).body for number in range(len(read))]


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 " + os.urandom(200), b"\x1f\x8b" + b"x" * 100, b"hello " * 50]
)
def test_what_is_no_archive_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(content)
    with pytest.raises(BadArchive) as caught:
        list(read_pages([path]))
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_pages([tmp_path / "nothing.warc.gz"]))
