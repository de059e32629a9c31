"""A web server that does everything wrong, case by case; sockets, since no library would send such answers."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache

import brotli  # type: ignore[import-untyped]

BOMB = 200_000_000
"""Decoded bytes of the bombs: what made Scrapy's defaults grow to 461 MB."""

Send = Callable[[bytes], None]
Case = Callable[[Send], None]


@dataclass
class Villain:
    """Cases by path; `hits` are the paths that were asked for."""

    cases: dict[str, Case]
    origin: str = ""
    port: int = 0
    hits: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    """What was sent to ask for them."""


@contextmanager
def serve(cases: dict[str, Case], address: str = "127.0.0.1", port: int = 0) -> Iterator[Villain]:
    """Serve on loopback; each connection is closed after its answer."""
    villain = Villain(cases)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, port), family=family, backlog=64)
    villain.port = listener.getsockname()[1]
    villain.origin = f"http://{address}:{villain.port}"

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(60)
            asked = b""
            while b"\r\n\r\n" not in asked:
                if not (chunk := connection.recv(65_536)):
                    return
                asked += chunk
            path = asked.split(b" ", 2)[1].decode("latin-1")
            villain.hits.append(path)
            villain.heads.append(asked)
            villain.cases.get(path, missing)(connection.sendall)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield villain
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def plain(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> Case:
    """An honest answer."""
    head = "".join(
        f"{line}\r\n"
        for line in (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers)
    )
    return lambda send: send(f"{head}Connection: close\r\n\r\n".encode() + body)


missing = plain(b"<h1>Not found</h1>", status="404 Not Found")


def redirect(target: str) -> Case:
    """Found elsewhere."""
    return plain(b"", f"Location: {target}", status="302 Found")


def links(*paths: str) -> Case:
    """A page that leads to others."""
    return plain(
        b"<html><body>"
        + b"".join(f'<a href="{path}">{path}</a>'.encode() for path in paths)
        + b"</body></html>"
    )


def raw(data: bytes) -> Case:
    """Whatever bytes."""
    return lambda send: send(data)


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(BOMB))


@cache
def _brotli_bomb() -> bytes:
    return bytes(brotli.compress(bytes(BOMB), quality=5))


def gzip_bomb(kind: str = "text/html") -> Case:
    """200 MB in 194 KB."""
    return lambda send: plain(_gzip_bomb(), "Content-Encoding: gzip", kind=kind)(send)


def brotli_bomb(send: Send) -> None:
    """200 MB in some hundred bytes."""
    plain(_brotli_bomb(), "Content-Encoding: br")(send)


def nested_bomb(send: Send) -> None:
    """A bomb in a bomb: what is decoded twice is to be bounded twice."""
    plain(gzip.compress(_gzip_bomb()), "Content-Encoding: gzip, gzip")(send)


def endless(send: Send) -> None:
    """A body without end, as fast as it is taken."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    while True:
        send(b"<p>and so on</p>" * 4096)


def endless_chunks(send: Send) -> None:
    """The same in chunks."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def drip(send: Send) -> None:
    """Never silent for long, never done."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    while True:
        send(b"x")
        time.sleep(0.2)


def slow_headers(send: Send) -> None:
    """Headers that do not come to an end, slowly."""
    send(b"HTTP/1.1 200 OK\r\n")
    while True:
        send(b"X-More: yes\r\n")
        time.sleep(0.2)


def many_headers(send: Send) -> None:
    """50,000 headers of 1 KB."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    for number in range(500):
        send(b"".join(b"X-%d-%d: %b\r\n" % (number, part, b"y" * 1000) for part in range(100)))
    send(b"Content-Length: 2\r\n\r\nhi")


def long_header(send: Send) -> None:
    """One header of 5 MB."""
    send(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Long: "
        + b"y" * 5_000_000
        + b"\r\nContent-Length: 2\r\n\r\nhi"
    )


def big_headers(send: Send) -> None:
    """100 headers of 10 KB: few enough, each short enough, too much together."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    send(b"".join(b"X-%d: %b\r\n" % (number, b"y" * 10_000) for number in range(100)))
    send(b"Content-Length: 2\r\n\r\nhi")


def informed(send: Send) -> None:
    """Interim answers without end."""
    while True:
        send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" * 100)


def cookies(send: Send) -> None:
    """60 cookies, within what headers may have."""
    lines = [f"Set-Cookie: c{number}={'x' * 400}; Path=/" for number in range(60)]
    plain(PAGE, *lines)(send)


def nested(send: Send) -> None:
    """200,000 elements, each inside the other."""
    plain(b"<html><body>" + b"<div>" * 200_000 + b'<a href="/deep">deep</a></body></html>')(send)


def short(send: Send) -> None:
    """Less than was promised."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>only this")


def bad_chunk(send: Send) -> None:
    """A chunk whose length is none."""
    send(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n"
    )


def huge_promise(send: Send) -> None:
    """10 GB are promised."""
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10000000000\r\n\r\nx")
    time.sleep(0.5)


def two_lengths(send: Send) -> None:
    """Two lengths that differ: a smuggler's trick."""
    send(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello"
    )


def plain_called_gzip(send: Send) -> None:
    """Not gzip, though it says so."""
    plain(PAGE, "Content-Encoding: gzip")(send)


def cut_gzip(send: Send) -> None:
    """Gzip that ends early, though its length is right."""
    data = gzip.compress(PAGE * 100)
    plain(data[: len(data) // 2], "Content-Encoding: gzip")(send)


def raw_deflate(send: Send) -> None:
    """Deflate as Microsoft's servers send it: no harm in it."""
    plain(zlib.compress(PAGE, wbits=-15), "Content-Encoding: deflate")(send)


def odd_encoding(send: Send) -> None:
    """A charset where an encoding should be: common, and harmless."""
    plain(PAGE, "Content-Encoding: UTF-8")(send)


PAGE = b"<html><body><h1>Leg cramps</h1><p>Stretch the calf gently and drink some water.</p></body></html>"
