"""The bundled demo sites, served on loopback by the standard library."""

import gzip
import threading
import time
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from types import TracebackType
from typing import Self

from ..site import Site, read_site
from .article import DemoArticle, GoldFinding, articles
from .cms import Cms
from .face import Face, Refused
from .portal import Portal
from .qa import Qa
from .resource import Resource

HOST = "127.0.0.1"
PORTS = (8471, 8472, 8473)
"""Fixed, so that a second run meets the addresses of the first."""

_FACES: tuple[type[Face], ...] = (Cms, Portal, Qa)


class PortBusy(OSError):  # noqa: N818  named as what it tells
    """A port of the demo is taken."""


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the server's log: what was asked, and what that cost."""

    at: float
    """Of time.monotonic()."""
    site: str
    method: str
    path: str
    """With the query."""
    status: int
    sent: int
    """Bytes of the body as they went over the wire."""
    conditional: bool
    """Whether the client asked to be spared what it has."""
    user_agent: str


class _Stand:
    """One site at one port: its articles, and every path they make."""

    def __init__(self, face: type[Face], port: int, refused: Iterable[Refused], log: list[Request]) -> None:
        try:
            self.server = _Server((HOST, port), _Handler)
        except OSError as trouble:
            raise PortBusy(
                f"port {port} of {HOST} cannot be used for the demo site {face.name}: {trouble.strerror}"
            ) from trouble
        self.server.stand = self
        self.face = face(f"http://{HOST}:{self.server.server_port}", tuple(refused))
        self.log = log
        self.articles = {article.slug: article for article in articles(face.name)}
        self.gone: dict[str, int] = {}
        self.pages: dict[str, Resource] = {}
        self.rebuild()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def rebuild(self) -> None:
        """Set every page anew; readers see the old site or the new one, never half of each."""
        pages = self.face.build(list(self.articles.values()))
        for path, status in self.gone.items():
            pages[path] = replace(self.face.missing(), status=status)
        self.pages = pages

    def answer(self, path: str) -> Resource:
        """What lies under a path; the query makes no difference."""
        return self.pages.get(path.partition("?")[0]) or self.face.missing()

    def close(self) -> None:
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()


class Demo:
    """The three demo sites while they are being served."""

    def __init__(self, ports: Sequence[int] = PORTS) -> None:
        """Listen at the ports, 0 for any that is free. Raises PortBusy."""
        self.log: list[Request] = []
        """Every request, in the order of the answers."""
        self._stands: dict[str, _Stand] = {}
        self._lock = threading.Lock()
        refused = refused_pages()
        try:
            for face, port in zip(_FACES, ports, strict=True):
                self._stands[face.name] = _Stand(face, port, refused, self.log)
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Begin to answer."""
        for stand in self._stands.values():
            stand.thread.start()

    def close(self) -> None:
        """Stop answering, and give the ports back."""
        for stand in self._stands.values():
            stand.close()

    def __enter__(self) -> Self:
        """The demo, already answering."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    @property
    def origins(self) -> dict[str, str]:
        """Each site's address without a path."""
        return {name: stand.face.origin for name, stand in self._stands.items()}

    @property
    def sites(self) -> list[Site]:
        """The sites' profiles, with the ports as they are."""
        return [read_site(self.profile(name), f"{name}.toml") for name in self._stands]

    def profile(self, site: str) -> str:
        """A site's profile as TOML."""
        template = (files(__package__) / "sites" / f"{site}.toml").read_text("utf-8")
        return template.replace("{origin}", self._stands[site].face.origin)

    def gold(self) -> dict[str, DemoArticle]:
        """What each article says and what should be found in it, by address."""
        return {
            stand.face.url_of(article): stand.face.published(article)
            for stand in self._stands.values()
            for article in stand.articles.values()
        }

    def refusals(self) -> dict[str, Refused]:
        """The pages that must not become articles, by address, with the stage and the reason."""
        return {
            stand.face.origin + page.path: page
            for stand in self._stands.values()
            for page in stand.face.refused
        }

    def add(self, site: str, article: DemoArticle) -> str:
        """Publish another article; the answer is its address."""
        stand = self._stands[site]
        with self._lock:
            stand.articles[article.slug] = article
            stand.gone.pop(stand.face.path_of(article), None)
            stand.rebuild()
        return stand.face.url_of(article)

    def change(
        self,
        url: str,
        *,
        title: str | None = None,
        body: str | None = None,
        findings: tuple[GoldFinding, ...] | None = None,
        modified: date | None = None,
    ) -> None:
        """Edit an article; it counts as modified a day later than it was, or on the day given."""
        stand, article = self._find(url)
        edited = replace(
            article,
            title=article.title if title is None else title,
            body=article.body if body is None else body,
            findings=article.findings if findings is None else findings,
            modified=modified or article.modified + timedelta(days=1),
        )
        with self._lock:
            stand.articles[article.slug] = edited
            stand.rebuild()

    def remove(self, url: str, status: int = 404) -> None:
        """Take an article off the site; its address answers with the status from now on (200: a soft 404)."""
        stand, article = self._find(url)
        with self._lock:
            del stand.articles[article.slug]
            stand.gone[stand.face.path_of(article)] = status
            stand.rebuild()

    def _find(self, url: str) -> tuple[_Stand, DemoArticle]:
        for stand in self._stands.values():
            for article in stand.articles.values():
                if stand.face.url_of(article) == url:
                    return stand, article
        raise KeyError(f"{url}: no article of the demo")


def serve(ports: Sequence[int] = PORTS, changes: Callable[[Demo], None] | None = None) -> Demo:
    """Serve the demo sites until the answer is closed; `changes` is applied before the first request is answered.

    Raises PortBusy.
    """
    demo = Demo(ports)
    if changes:
        changes(demo)
    demo.start()
    return demo


def refused_pages() -> tuple[Refused, ...]:
    """The pages of all sites that must not become articles."""
    values = tomllib.loads((files(__package__) / "refusals.toml").read_text("utf-8"))
    return tuple(Refused(**page) for page in values["page"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    stand: _Stand


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        stand = self.server.stand
        found = stand.answer(self.path)
        validators = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        headers = _headers(found)
        if found.status == 200 and _is_current(found, *validators):
            status, body = 304, b""
        else:
            status, body = found.status, found.body
            if found.zipped and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = _zip(body)
                headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
        if self.command == "HEAD":
            body = b""
        stand.log.append(
            Request(
                time.monotonic(),
                stand.face.name,
                self.command,
                self.path,
                status,
                len(body),
                any(validators),
                self.headers.get("User-Agent", ""),
            )
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Quiet: the log is Demo.log."""


def _headers(found: Resource) -> dict[str, str]:
    headers = {
        "Content-Type": found.content_type,
        "ETag": found.etag,
        "Last-Modified": format_datetime(found.last_modified, usegmt=True) if found.last_modified else "",
        "Location": found.location,
        "Vary": "Accept-Encoding" if found.zipped else "",
    }
    return {name: value for name, value in headers.items() if value}


def _is_current(found: Resource, none_match: str | None, modified_since: str | None) -> bool:
    """Whether the client has this already: RFC 9110, 13.1.2 and 13.1.3; an entity tag wins over a date."""
    if none_match:
        return found.tagged and found.etag.removeprefix("W/") in {
            tag.strip().removeprefix("W/") for tag in none_match.split(",")
        }
    if not (modified_since and found.last_modified):
        return False
    try:
        since = parsedate_to_datetime(modified_since)
    except ValueError:
        return False
    return found.last_modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))


@lru_cache(maxsize=512)
def _zip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
