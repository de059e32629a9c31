"""The one spider: it carries addresses from a site's run to Scrapy and answers back."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest, StopDownload
from scrapy.http import Headers, Request, Response
from twisted.python.failure import Failure as TwistedFailure

from ..answer import PAGE_TYPES, Answer
from ..archive import CannotArchive
from ..failure import explain
from ..frontier import Ask
from ..robots import Disallowed, RobotsMiddleware, Rules, reservations_read, robots_read
from ..siterun import SiteRun
from ..visits import Kind

logger = logging.getLogger(__name__)


class ArticleSpider(Spider):
    """Crawls one site as its run tells it to."""

    name = "article"

    def __init__(self, run: SiteRun, **kwargs: Any) -> None:
        super().__init__(run.site.name, **kwargs)
        self.run = run
        self._unreadable: dict[str, str] = {}
        """Hosts whose robots.txt cannot be read, and why."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "ArticleSpider":
        """As Scrapy has it."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._headers_received, signal=signals.headers_received)
        crawler.signals.connect(spider._robots_read, signal=robots_read)
        crawler.signals.connect(spider._reservations_read, signal=reservations_read)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the run has put its seeds into the frontier."""
        nothing: tuple[Any, ...] = ()
        for request in nothing:
            yield request

    def answered(self, response: Response) -> None:
        """Hand an answer to the run."""
        ask: Ask = response.meta["ask"]
        answer = Answer(
            response.status, _pairs(response.headers), response.body, "download_stopped" not in response.flags
        )
        try:
            self.run.answered(ask, answer)
        except (CannotArchive, sqlite3.OperationalError) as error:
            self._give_up(error)
        except Exception as error:
            # A fault of ours. It is told with its traceback and stands in the summary; the other pages go on.
            logger.exception("%s: %s could not be taken in", self.run.site.name, ask.url)
            self._fault(ask, error)

    def failed(self, failure: TwistedFailure) -> None:
        """Hand the lack of an answer to the run."""
        request: Request = failure.request  # type: ignore[attr-defined]
        ask: Ask = request.meta["ask"]
        error: BaseException = failure.value  # type: ignore[assignment]  # there is one
        try:
            self._tell(ask, error)
        except sqlite3.OperationalError as trouble:
            self._give_up(trouble)

    def _tell(self, ask: Ask, error: BaseException) -> None:
        if isinstance(error, Disallowed):
            self._tell_disallowed(ask, str(error))
        elif isinstance(error, IgnoreRequest):
            self.run.refused(ask, str(error))
        else:
            failure = explain(error)
            if not failure.known:
                logger.error("%s: %s: %r", self.run.site.name, ask.url, error)
            detail = str(error) if not failure.known else ""
            self.run.failed(ask, failure.reason, detail, silent=failure.silent, retry=failure.known)

    def _tell_disallowed(self, ask: Ask, told: str) -> None:
        reason = self._unreadable.get(ask.host)
        if reason is None:
            self.run.refused(ask, "robots.txt", told.removeprefix("robots.txt "))
        else:
            again = not reason.startswith("status ")  # a connection may be better in a moment
            if again and (robots := self.crawler.get_downloader_middleware(RobotsMiddleware)):
                robots.forget(ask.url)
            self.run.cannot_ask(ask, f"robots.txt cannot be read: {reason}", retry=again)

    def _fault(self, ask: Ask, error: Exception) -> None:
        if self.run.is_open(ask):
            self.run.failed(
                ask, f"fault of the crawler: {type(error).__name__}", str(error), silent=False, retry=False
            )

    def _give_up(self, error: Exception) -> None:
        self.run.stop(f"cannot write: {error}", resume=True)
        logger.error("%s: cannot write: %s", self.run.site.name, error)
        raise CloseSpider("cannot write")

    def _headers_received(self, headers: Headers, request: Request) -> None:
        """Do not download what is not a page."""
        ask: Ask | None = request.meta.get("ask")
        if ask is None or ask.kind in (Kind.SITEMAP, Kind.FEED):
            return
        declared = (headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
        if declared not in PAGE_TYPES:
            raise StopDownload(fail=False)

    def _robots_read(self, origin: str, rules: Rules) -> None:
        host = origin.partition("://")[2]
        if rules.unreachable:
            self._unreadable[host] = rules.unreachable
        else:
            self._unreadable.pop(host, None)
            self.run.add_sitemaps(rules.sitemaps)

    def _reservations_read(self, origin: str, rules: Rules) -> None:
        self.run.heed(origin, rules)


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name in headers
        for value in headers.getlist(name)
    )
