"""Scrapy's scheduler over a run's frontier.

Scrapy's own queues lose what is in flight when the process dies, and its resume then "finishes" with a success. Here a request only stands
for an address the frontier has leased; the spider settles it. Retries and redirects are the frontier's too, so that Scrapy never holds
a request that the frontier does not know of.
"""

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import call_later

from . import sitemaps
from .conditional import conditions
from .visits import Kind

if TYPE_CHECKING:
    from .spiders.article import ArticleSpider

WAKE_SECONDS = 0.1
"""How soon the engine looks again when all that is left must wait (Scrapy's own heartbeat: 5 s)."""


class UnknownScrapy(RuntimeError):  # noqa: N818
    """The installed Scrapy lacks something private that we build on; says what."""


class FrontierScheduler(BaseScheduler):
    """Hands the engine what the frontier leases; needs an ArticleSpider."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._spider: ArticleSpider
        self._waking = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy has it."""
        return cls(crawler)

    def open(self, spider: Any) -> None:
        """Check what we rely on in the engine. Raises UnknownScrapy."""
        check_hooks(self._crawler.engine)
        self._spider = spider

    def has_pending_requests(self) -> bool:
        """Whether the crawl must go on; also while all that is left waits for a pause to end."""
        return self._spider.run.has_more()

    def enqueue_request(self, request: Request) -> bool:
        """Refuse: the frontier takes addresses, from the spider alone."""
        raise RuntimeError(f"{request.url} was sent to the scheduler, not to the frontier")

    def next_request(self) -> Request | None:
        """The next address as a request, with its validators."""
        run = self._spider.run
        ask = run.next(time.time())
        if ask is None:
            if not self._waking and run.has_more():
                self._waking = True
                call_later(WAKE_SECONDS, self._wake)
            return None
        return Request(
            ask.url,
            callback=self._spider.answered,
            errback=self._spider.failed,
            headers=conditions(run.known(ask)),
            dont_filter=True,
            meta={
                "ask": ask,
                "download_slot": ask.host,
                "dont_redirect": True,
                "dont_retry": True,
                **({"download_maxsize": sitemaps.MAX_BYTES} if ask.kind in (Kind.SITEMAP, Kind.FEED) else {}),
            },
        )

    def _wake(self) -> None:
        self._waking = False
        engine: Any = self._crawler.engine
        if engine is not None and engine._slot is not None:
            engine._slot.nextcall.schedule()


def check_hooks(engine: Any) -> None:
    """Make sure that the engine has the private parts we use. Raises UnknownScrapy."""
    for name in ("_slot.nextcall.schedule", "downloader.slots", "downloader._delay"):
        part = engine
        for step in name.split("."):
            if not hasattr(part, step):
                raise UnknownScrapy(
                    f"Scrapy's engine has no {name}: crawler.scheduler must be adapted to this version"
                )
            part = getattr(part, step)
