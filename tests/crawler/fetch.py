"""Fetch addresses with Scrapy and our parts in a process of its own: `fetch(urls)`; the reactor runs but once in each."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fetched:
    """What became of a request."""

    url: str
    final_url: str = ""
    status: int = 0
    length: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    error: str = ""
    """The exception's name."""
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of all of them, in the order they were asked."""

    fetched: list[Fetched]
    peak: int
    """Most memory that the process held, in bytes."""
    rules: dict[str, dict[str, Any]]
    """What the signal `robots_read` told, by origin."""


def fetch(
    urls: list[str],
    *,
    allowed: list[str] | None = None,
    names: dict[str, list[str]] | None = None,
    fresh: float = 0.0,
    **settings: Any,
) -> Outcome:
    """Fetch, one address after the other; `names` are hosts that resolve to the addresses given.

    `fresh` seconds are the day for which a robots.txt holds.
    """
    job = {
        "urls": urls,
        "names": names or {},
        "fresh": fresh,
        "settings": {"GUARD_ALLOWED": allowed or [], **settings},
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.crawler.fetch"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    told = json.loads(done.stdout)
    fetched = [
        Fetched(**{**one, "headers": tuple(map(tuple, one.get("headers", ())))}) for one in told["fetched"]
    ]
    return Outcome(fetched, told["peak"], told["rules"])


def main() -> None:
    """Do the job on standard input."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess, Crawler
    from twisted.internet.address import IPv4Address, IPv6Address
    from twisted.internet.interfaces import IHostnameResolver
    from zope.interface import implementer

    from crawler import robots
    from crawler.compression import CompressionMiddleware
    from crawler.guard import guard_settings
    from crawler.robots import RobotsMiddleware, robots_read

    job = json.load(sys.stdin)
    if job["fresh"]:
        robots.FRESH_SECONDS = job["fresh"]
    fetched: dict[str, dict[str, Any]] = {}
    rules: dict[str, dict[str, Any]] = {}

    @implementer(IHostnameResolver)
    class Names:
        """A name server of our own, in front of the machine's."""

        def __init__(self, resolver: Any) -> None:
            self._resolver = resolver

        def resolveHostName(self, receiver: Any, name: str, port: int = 0, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
            if name not in job["names"]:
                return self._resolver.resolveHostName(receiver, name, port, *args, **kwargs)
            receiver.resolutionBegan(self)
            for address in job["names"][name]:
                kind = IPv6Address if ":" in address else IPv4Address
                receiver.addressResolved(kind("TCP", address, port))
            receiver.resolutionComplete()
            return self

    class Fetcher(Spider):
        name = "fetch"

        async def start(self) -> Any:
            self.crawler.signals.connect(self.robots_read, signal=robots_read)
            for url in job["urls"]:
                try:
                    yield Request(url, self.got, errback=self.failed, dont_filter=True, meta={"asked": url})
                except ValueError as error:
                    fetched[url] = {"url": url, "error": "ValueError", "reason": str(error)}

        def robots_read(self, origin: str, rules: Any) -> None:
            told[origin] = {
                "unreachable": rules.unreachable,
                "delay": rules.delay(),
                "sitemaps": rules.sitemaps,
            }

        def got(self, response: Any) -> None:
            url = response.meta["asked"]
            headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name in response.headers
                for value in response.headers.getlist(name)
            ]
            fetched[url] = {
                "url": url,
                "final_url": response.url,
                "status": response.status,
                "length": len(response.body),
                "headers": headers,
            }

        def failed(self, failure: Any) -> None:
            url = failure.request.meta["asked"]
            fetched[url] = {"url": url, "error": type(failure.value).__name__, "reason": str(failure.value)}

    told = rules
    process = AsyncCrawlerProcess(
        {
            "LOG_ENABLED": False,
            "TWISTED_DNS_RESOLVER": guard_settings()["TWISTED_DNS_RESOLVER"],
        }
    )
    settings = {
        **guard_settings(),
        "USER_AGENT": "consilia/0 (+test@example.org)",
        "ROBOTSTXT_OBEY": True,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            RobotsMiddleware: 100,
            CompressionMiddleware: 590,
        },
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 1,
        "RETRY_ENABLED": False,
        "LOG_ENABLED": False,
        **job["settings"],
    }
    process.crawl(Crawler(Fetcher, settings))
    from twisted.internet import reactor

    install = reactor.installNameResolver  # type: ignore[attr-defined]
    reactor.callWhenRunning(lambda: install(Names(reactor.nameResolver)))  # type: ignore[attr-defined]
    process.start()
    # Not ru_maxrss: that counts what the process was forked from.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    json.dump({"fetched": [fetched[url] for url in job["urls"]], "peak": peak, "rules": rules}, sys.stdout)


if __name__ == "__main__":
    main()
