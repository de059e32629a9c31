"""A proxy on loopback that connects to public addresses only: the guard of a browser, which looks names up by itself.

It resolves a name once and connects to the very address it judged, so nothing can change in between. `CONNECT` for https, absolute
addresses for http; one request a connection, all its bytes passed on as they come.
"""

import asyncio
import logging
import socket
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit

from .guard import MAX_HEADER_BYTES, TIMEOUT, is_public

logger = logging.getLogger(__name__)

CHUNK = 1 << 16


class GuardedProxy:
    """Listens from `start` to `close`; `allowed` are hosts or hosts with port that may have private addresses."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(allowed)
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen on a free port; the answer is the proxy's address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEADER_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._pass_on(reader, writer)
        except (
            OSError,
            TimeoutError,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as error:
            logger.debug("proxy: %s", error)
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, target, version = line.decode("ascii").split(" ")
        if method == "CONNECT":
            parts = urlsplit(f"//{target}")
            default, first = 443, b""
        else:
            parts = urlsplit(target)
            if parts.scheme != "http":
                raise ValueError(f"a request for {parts.scheme or 'nothing'}")
            path = target.partition("://")[2].partition("/")[2]
            default, first = (
                80,
                f"{method} /{path} {version}\r\nConnection: close\r\n".encode("ascii") + _kept(rest),
            )
        host, port = parts.hostname or "", parts.port or default
        address = await self._address(host, port)
        if not address:
            writer.write(
                b"HTTP/1.1 403 Not a public address\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            return
        out_reader, out_writer = await asyncio.open_connection(address, port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        out_writer.write(first)
        there = asyncio.ensure_future(_pump(reader, out_writer))
        try:
            await _pump(out_reader, writer)
        finally:
            there.cancel()
            out_writer.close()

    async def _address(self, host: str, port: int) -> str:
        """An address of the host that we may connect to, "" if it has none."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        shown = f"[{host}]" if ":" in host else host
        free = bool({host, shown, f"{shown}:{port}"} & self._allowed)
        return next((str(entry[4][0]) for entry in found if free or is_public(str(entry[4][0]))), "")


def _kept(headers: bytes) -> bytes:
    """The header lines without those meant for a proxy."""
    lines = headers.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith((b"connection:", b"proxy-")))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
