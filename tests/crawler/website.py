"""A real web server on loopback whose pages a test writes, and whose log is the judge of a crawl."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from crawler.robots import TDM_FILE

RULES = ("/robots.txt", TDM_FILE)
"""What a crawler asks a host for before any page."""


@dataclass(frozen=True)
class Reply:
    """An answer that is not simply a page."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"
    wait: float = 0.0
    """Seconds before it is sent."""


Page = str | bytes | Reply | Callable[[], Reply]


@dataclass(frozen=True)
class Hit:
    """A request as the server saw it."""

    at: float
    path: str
    status: int
    body: int
    """Bytes of the body that was sent."""
    agent: str


@dataclass
class Website:
    """Pages by path; change them while it runs."""

    pages: dict[str, Page] = field(default_factory=dict)
    validators: bool = True
    """Whether ETags are sent and honoured."""
    hits: list[Hit] = field(default_factory=list)
    origin: str = ""
    open: int = 0
    most_open: int = 0
    """Most requests that were being answered at a time."""

    def asked(self) -> Counter[str]:
        """How often each path was asked for, RULES left out."""
        return Counter(hit.path for hit in self.hits if hit.path not in RULES)

    @property
    def pages_asked(self) -> int:
        """How many requests there were, RULES left out."""
        return sum(1 for hit in tuple(self.hits) if hit.path not in RULES)

    def bodies(self) -> int:
        """How many answers had a body, RULES and errors left out."""
        return sum(1 for hit in self.hits if hit.status == 200 and hit.body and hit.path not in RULES)

    def profile(self, name: str = "web", **more: Any) -> str:
        """A site profile for it, as TOML."""
        lines = [f'name = "{name}"', 'contact = "test@example.org"', f'start = ["{self.origin}/"]']
        lines += [f"{key} = {value}" for key, value in more.items() if not isinstance(value, dict)]
        tables = {"politeness": {"delay": 0}, "network": {"allow_private": "true"}}
        for key, value in more.items():
            if isinstance(value, dict):
                tables[key] = {**tables.get(key, {}), **value}
        for key, table in tables.items():
            lines += [f"[{key}]", *(f"{name} = {value}" for name, value in table.items())]
        return "\n".join(lines)


def article(number: int, links: str = "") -> str:
    """A small page of our own words."""
    return (
        f"<html><head><title>Page {number}</title></head><body><h1>Page {number}</h1>"
        f"<p>Rest, water and warmth help with complaint number {number}. See a doctor if it lasts.</p>{links}</body></html>"
    )


def library(articles: int, per_index: int = 20) -> dict[str, Page]:
    """A start page, index pages linked one to the next, and articles: 1 + articles / per_index + articles pages."""
    indexes = -(-articles // per_index)
    pages: dict[str, Page] = {}
    pages["/"] = article(0, "".join(f'<a href="/list/{at}">list {at}</a> ' for at in range(indexes)))
    for at in range(indexes):
        links = "".join(
            f'<a href="/health/page-{number}">page</a> '
            for number in range(at * per_index, min((at + 1) * per_index, articles))
        )
        pages[f"/list/{at}"] = f"<html><body>{links}</body></html>"
    for number in range(articles):
        pages[f"/health/page-{number}"] = article(number, '<a href="/">home</a>')
    return pages


@contextmanager
def serve(site: Website) -> Iterator[Website]:
    """Serve on a free loopback port; `site.origin` tells where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            site.open += 1
            site.most_open = max(site.most_open, site.open)
            try:
                self._answer()
            finally:
                site.open -= 1

        def _answer(self) -> None:
            at = time.monotonic()
            found = site.pages.get(self.path)
            reply = found() if callable(found) else found
            if reply is None:
                reply = Reply(404, b"<h1>Not found</h1>")
            elif not isinstance(reply, Reply):
                kind = "application/xml" if self.path.endswith(".xml") else "text/html; charset=utf-8"
                body = reply.encode() if isinstance(reply, str) else reply
                reply = Reply(200, body, content_type="text/plain" if self.path.endswith(".txt") else kind)
            if reply.wait:
                time.sleep(reply.wait)
            headers = dict(reply.headers)
            status, body = reply.status, reply.body
            if site.validators and status == 200:
                headers["ETag"] = f'"{sha256(body).hexdigest()[:16]}"'
                if self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
            site.hits.append(Hit(at, self.path, status, len(body), self.headers.get("User-Agent", "")))
            self.send_response(status)
            if status != 304:
                self.send_header("Content-Type", reply.content_type)
            headers.setdefault("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that was killed in the middle of an answer

    server = Server(("127.0.0.1", 0), Handler)
    site.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
