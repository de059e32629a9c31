"""Keep a crawl away from addresses and answers that could harm us.

A page can link or redirect to `http://169.254.169.254/`, to `http://2130706433/` or to a name whose address changes between
check and use. So nothing is judged by its spelling: the resolver that Twisted asks when it connects sees the addresses a
name (or an odd literal) really has, and hands on only those we may talk to. There is no moment between check and use.

Not guarded: what a proxy or a browser connects to by itself. `guard_settings` switches proxies off.
"""

import ipaddress
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from twisted.web._newclient import HEADER, HTTP11ClientProtocol, ParseError, ResponseFailed
from twisted.web._newclient import Request as SentRequest
from twisted.web.client import _HTTP11ClientFactory
from twisted.web.iweb import IResponse
from zope.interface import implementer  # type: ignore[import-untyped]

MAX_BODY = 10_000_000
"""Bytes of a body, on the wire and decoded. Pages are below 1 MB; a gzip bomb of 200 MB made Scrapy's default grow to 461 MB."""

TIMEOUT = 30
"""Seconds for a whole answer, not between two chunks of it."""

MAX_HEADERS = 256
"""Header lines of an answer. Real ones have 10 to 40; 50,000 of 1 KB each are accepted by Scrapy's default."""

MAX_HEADER_BYTES = 30 * 1024
"""Bytes of an answer's header lines: what fastwarc reads in an archive unless told otherwise (32 KB). Node takes 16 KB, browsers 250."""

NOT_PUBLIC = (" is not a public address", ", which is not public")
"""How the reason ends for which an address is not connected to."""

MAX_REDIRECTS = 5
"""As RFC 9309 asks for robots.txt; a page of an honest site needs one or two."""

NOT_OURS = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Azure's platform address, public by its number
            "192.0.0.0/24",  # IETF protocol assignments; Oracle's metadata is 192.0.0.192
            "192.88.99.0/24",  # 6to4 relays, given up
            "3fff::/20",  # documentation, newer than some ipaddress modules
            "5f00::/16",  # segment routing
            "64:ff9b:1::/48",  # NAT64 within an organisation
            "fec0::/10",  # site-local, given up but still routed by some
        ),
    )
)
"""Networks that are not on the open internet though `ipaddress` calls them global."""

_CARRIERS = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (
        ("::/96", 0),
        ("::ffff:0:0/96", 0),
        ("::ffff:0:0:0/96", 0),
        ("64:ff9b::/96", 0),
        ("2002::/16", 80),
    )
)
"""IPv6 networks whose addresses carry an IPv4 address, and how far right of it they go on."""


class Refused(IgnoreRequest):
    """The guard did not allow a request or its answer; the message is the reason."""


@dataclass(slots=True)
class _Visit:
    """What one request may connect to, and what it tried."""

    allowed: frozenset[str]
    refused: list[str] = field(default_factory=list)


_visit: ContextVar[_Visit] = ContextVar("_visit")


def guard_settings(*, allowed: Iterable[str] = (), verify_tls: bool = True) -> dict[str, Any]:
    """Scrapy settings of a guarded crawl.

    `allowed` are hosts ("intranet.example") or hosts with port ("127.0.0.1:8001", "[::1]:80") that may have private addresses.
    """
    handler = f"{__name__}.{GuardedHandler.__name__}"
    return {
        "GUARD_ALLOWED": sorted({entry.lower() for entry in allowed}),
        "DOWNLOAD_HANDLERS": {
            "http": handler,
            "https": handler,
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "DOWNLOAD_MAXSIZE": MAX_BODY,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": verify_tls,
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        # Read from the settings of the process, not of the crawl: there it lets hosts have IPv6 addresses. The guard sits on
        # top of whichever resolver it finds.
        "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
    }


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet's; of an IPv6 address that carries an IPv4 one, whether that is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        for network, shift in _CARRIERS:
            if ip in network:
                return is_public(str(ipaddress.IPv4Address(int(ip) >> shift & 0xFFFFFFFF)))
        if ip.teredo is not None:
            return False
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or any(ip in network for network in NOT_OURS)
    )


_is_public = lru_cache(10_000)(is_public)


@implementer(IHostnameResolver)
class GuardedResolver:
    """Passes on the addresses a request may connect to; all others are as if they did not exist."""

    def __init__(self, resolver: Any) -> None:  # Any: mypy takes Twisted's interfaces for classes with a self
        self._resolver = resolver

    def resolveHostName(  # noqa: N802  Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        *args: Any,
        **kwargs: Any,
    ) -> IHostResolution:
        """As IHostnameResolver has it; outside a guarded request nothing private is reachable either."""
        visit = _visit.get(None) or _Visit(frozenset())
        sieve = _Sieve(resolutionReceiver, hostName, portNumber, visit)
        resolution: IHostResolution = self._resolver.resolveHostName(
            sieve, hostName, portNumber, *args, **kwargs
        )
        return resolution


def _is_allowed(host: str, port: int, allowed: frozenset[str]) -> bool:
    name = host.lower()
    bracketed = f"[{name}]" if ":" in name else name
    return not allowed.isdisjoint((name, bracketed, f"{bracketed}:{port}"))


@implementer(IResolutionReceiver)
class _Sieve:
    def __init__(self, receiver: Any, host: str, port: int, visit: _Visit) -> None:
        self._free = _is_allowed(host, port, visit.allowed)
        self._receiver = receiver
        self._host = host
        self._refused = visit.refused

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        if self._free or (isinstance(address, IPv4Address | IPv6Address) and is_public(address.host)):
            self._receiver.addressResolved(address)
        else:
            shown = getattr(address, "host", str(address))
            self._refused.append(
                f"{self._host}{NOT_PUBLIC[0]}"
                if shown == self._host
                else f"{self._host} has the address {shown}{NOT_PUBLIC[1]}"
            )

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's own handler behind the resolver, with a cap on headers and reasons a person can read."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if self._pool._factory is not _LenientHTTP11ClientFactory:
            raise RuntimeError("this Scrapy makes another HTTP factory: crawler.guard must be adapted to it")
        self._pool._factory = _CappedFactory
        self._allowed = frozenset(crawler.settings.getlist("GUARD_ALLOWED"))

    async def download_request(self, request: Request) -> Response:
        """Download; raises Refused where the guard steps in."""
        from twisted.internet import reactor

        if not isinstance(reactor.nameResolver, GuardedResolver):
            # Here and not through TWISTED_DNS_RESOLVER: an addon's settings come too late for that one.
            reactor.installNameResolver(GuardedResolver(reactor.nameResolver))
        if urlparse_cached(request).scheme not in ("http", "https") or request.meta.get("proxy"):
            raise Refused("only http and https, and no proxy")
        visit = _Visit(self._allowed)
        token = _visit.set(visit)
        try:
            response = await super().download_request(request)
        except CannotResolveHostError as error:
            if visit.refused:
                raise Refused(visit.refused[0]) from error
            raise
        except DownloadCancelledError as error:
            maxsize = request.meta.get("download_maxsize", self._default_maxsize)
            raise Refused(f"the body is larger than {maxsize} bytes") from error
        except DownloadFailedError as error:
            raise _named(error) from error
        finally:
            _visit.reset(token)
        ensure_guarded(response, self._allowed)
        return response


def ensure_guarded(response: Response, allowed: frozenset[str]) -> None:
    """Make sure that the resolver was asked: the address that answered must be one it lets pass. Raises RuntimeError."""
    address = str(response.ip_address or "")
    if address and not _is_public(address):
        parts = urlparse_cached(response)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if not _is_allowed(parts.hostname or "", port, allowed):
            raise RuntimeError(
                f"connected to {address} past the guard: crawler.guard must be adapted to this Twisted"
            )


class _TooMuchHeader(Exception):  # noqa: N818  turned into Refused
    pass


class _CappedParser(_LenientHTTPClientParser):
    _header_lines = 0
    _header_bytes = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        if self.state == HEADER:
            self._header_lines += 1
            self._header_bytes += len(line)
            if self._header_lines > MAX_HEADERS:
                raise _TooMuchHeader(f"more than {MAX_HEADERS} header lines")
            if self._header_bytes > MAX_HEADER_BYTES:
                raise _TooMuchHeader(f"more than {MAX_HEADER_BYTES} bytes of headers")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        raise _TooMuchHeader(f"a header line longer than {self.MAX_LENGTH} bytes")


class _CappedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: SentRequest) -> Deferred[IResponse]:
        answer = super().request(request)
        if type(self._parser) is not _LenientHTTPClientParser:
            raise RuntimeError("this Scrapy makes another HTTP parser: crawler.guard must be adapted to it")
        self._parser.__class__ = _CappedParser  # Scrapy's own way to have its parser used
        return answer

    def _giveUp(self, reason: Any) -> None:  # noqa: N802
        super()._giveUp(reason)  # type: ignore[no-untyped-call]
        if reason.check(_TooMuchHeader):
            self.transport.abortConnection()  # type: ignore[union-attr]  # or it goes on reading until it may close


class _CappedFactory(_HTTP11ClientFactory):
    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802
        return _CappedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


def _named(error: DownloadFailedError) -> Exception:
    """The failure in words: an answer that is no HTTP is refused, a connection that broke may be tried again."""
    cause = error.__cause__
    for reason in cause.reasons if isinstance(cause, ResponseFailed) else ():
        if reason.check(_TooMuchHeader):
            return Refused(str(reason.value))
        if reason.check(ParseError):
            return Refused("the answer is not HTTP")
        if reason.check(ValueError):  # two lengths that differ, and the like
            return Refused(f"the answer is not HTTP: {reason.value}")
        if reason.check(ConnectionDone, ConnectionLost):
            return DownloadFailedError("the connection was closed before the answer")
    return error
