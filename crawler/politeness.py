"""How fast a host may be asked, and how long it is left alone after it failed to answer or said that it is asked too much."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from .robots import Rules, robots_read

MAX_TRIES = 3
"""Requests for one address in a run when no answer comes or the server fails (Scrapy's default: two retries)."""

MAX_BUSY_TRIES = 6
"""The same when the server says 429 or 503: it will have us, later."""

BUSY = frozenset({429, 503})
"""Answers that ask for a pause of the whole host."""

SHAKY = frozenset({408, 500, 502, 504, 520, 521, 522, 523, 524})
"""Answers that may be better in a moment; 52x are Cloudflare's for an origin that does not answer."""

SHORTEST = 0.25
"""Seconds of the first pause's half, for a site that may be asked without any delay."""

LONGEST = 120.0
"""Seconds of the longest pause of our own making."""

MAX_WAIT = 600.0
"""Seconds a run waits if a host asks for it (Retry-After); if it asks for more, the rest is left to the next run."""

SILENT = 8
"""Requests in a row without any answer after which a host counts as unreachable and the rest is left to the next run: two
addresses tried three times each, and two more."""


def pause(tries: int, delay: float) -> float:
    """Seconds to wait before an address or host is tried again: doubled each time, from twice the profile's delay."""
    return min(max(delay, SHORTEST) * 2.0 ** (tries + 1), LONGEST)


class HostThrottle(AutoThrottle):
    """AutoThrottle that keeps to each host's Crawl-delay: Scrapy's own would come down from it to DOWNLOAD_DELAY."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self._robots_read, signal=robots_read)

    def _robots_read(self, origin: str, rules: Rules) -> None:
        asked = rules.delay()
        if asked is None:
            return
        delay = max(asked, self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        downloader: Any = self.crawler.engine.downloader
        parts = urlsplit(origin)
        for host in {
            parts.netloc,
            parts.hostname,
        }:  # our slots have the port in their name, Scrapy's have not
            downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1}
            if slot := downloader.slots.get(host):
                slot.delay, slot.concurrency = max(slot.delay, delay), 1

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if slot is not None:
            downloader: Any = self.crawler.engine.downloader
            slot.delay = max(slot.delay, downloader.per_slot_settings.get(key, {}).get("delay", 0.0))

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        """Let a 304 shorten the delay as a 200 does: in a run over an unchanged site there is nothing else."""
        if response.status == HTTPStatus.NOT_MODIFIED:
            response = Response(response.url)
        super()._adjust_delay(slot, latency, response)
