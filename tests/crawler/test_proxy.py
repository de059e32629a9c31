"""The browser's proxy connects where the guard allows, and nowhere else."""

import asyncio
from collections.abc import Collection
from urllib.parse import urlsplit

import pytest

from crawler.proxy import GuardedProxy

from .website import Website, article, serve


def through(request: str, allowed: Collection[str] = (), then: str = "") -> bytes:
    """What comes back for a request sent to the proxy; `then` is sent once it has answered."""

    async def ask() -> bytes:
        proxy = GuardedProxy(allowed)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(await proxy.start()).port)
            writer.write(request.encode())
            got = b""
            if then:
                got = await reader.readuntil(b"\r\n\r\n")
                writer.write(then.encode())
            got += await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return got
        finally:
            proxy.close()

    return asyncio.run(ask())


def test_an_allowed_host_is_reached_by_http_and_through_a_tunnel() -> None:
    with serve(Website({"/a": article(1)})) as web:
        host = web.origin.removeprefix("http://")
        plain = through(
            f"GET {web.origin}/a HTTP/1.1\r\nHost: {host}\r\nProxy-Connection: keep-alive\r\n\r\n", [host]
        )
        assert b"200 OK" in plain
        assert b"complaint number 1" in plain
        tunnel = through(
            f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n",
            [host],
            f"GET /a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        )
        assert tunnel.startswith(b"HTTP/1.1 200 Connected")
        assert b"complaint number 1" in tunnel
        assert web.asked()["/a"] == 2


SPELLINGS = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_private_address_gets_through(spelling: str) -> None:
    with serve(Website({"/a": "secret"})) as web:
        port = web.origin.rpartition(":")[2]
        for request in (f"GET http://{spelling}:{port}/a HTTP/1.1", f"CONNECT {spelling}:{port} HTTP/1.1"):
            got = through(f"{request}\r\nHost: x\r\n\r\n", ["public.example"])
            assert b"secret" not in got
            assert not got or got.startswith(b"HTTP/1.1 403")
        assert web.hits == []


def test_what_is_no_http_is_dropped() -> None:
    assert through("GET file:///etc/passwd HTTP/1.1\r\n\r\n") == b""
    assert through("nonsense\r\n\r\n") == b""
