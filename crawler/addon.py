"""A Scrapy addon with the settings of a careful crawl, for any Scrapy project: `ADDONS = {"crawler.addon.CarefulAddon": 0}`.

It brings RFC 9309 robots, the guard against private addresses and oversized answers, the faster decompression, and polite
defaults; a project's own settings win over the defaults. What only our own spider needs (frontier, no retries by
Scrapy) is in `crawl_settings`.
"""

from typing import Any

from scrapy.settings import BaseSettings

from .compression import CompressionMiddleware
from .guard import guard_settings
from .pagerules import AGENT
from .politeness import HostThrottle
from .render import RenderMiddleware
from .robots import RobotsMiddleware
from .site import Site

SLOWEST = 60.0
"""Seconds AutoThrottle may space requests to a host that answers slowly."""


_REPLACED = (
    ("scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware", RobotsMiddleware, 100),
    ("scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware", CompressionMiddleware, 590),
)
"""Scrapy's own middlewares, ours in their place, and that place."""


_THROTTLE = {HostThrottle: 0, "scrapy.extensions.throttle.AutoThrottle": None}


class CarefulAddon:
    """Sets what a careful crawl needs, at the priority of addons."""

    def update_settings(self, settings: BaseSettings) -> None:
        """As Scrapy has it."""
        for name, value in {**guard_settings(), **_polite()}.items():
            settings.set(name, value, "addon")
        middlewares = settings["DOWNLOADER_MIDDLEWARES"]
        for theirs, ours, priority in _REPLACED:
            middlewares.set(theirs, None, "addon")
            middlewares.set(ours, priority, "addon")
        settings["EXTENSIONS"].update(_THROTTLE, "addon")


def crawl_settings(site: Site) -> dict[str, Any]:
    """All settings of a crawl of ours."""
    polite = site.politeness
    allowed = site.all_hosts if site.network.allow_private else ()
    middlewares = "scrapy.downloadermiddlewares"
    return {
        **guard_settings(allowed=allowed, verify_tls=site.network.verify_tls),
        **_polite(),
        "USER_AGENT": site.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1",
            "Accept-Language": f"{site.language},*;q=0.5",
        },
        "ROBOTSTXT_OBEY": polite.respect_robots,
        "RENDER_PAGES": site.javascript,
        "DOWNLOAD_DELAY": polite.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": polite.concurrency,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(polite.concurrency),
        "SCHEDULER": "crawler.scheduler.FrontierScheduler",
        "DOWNLOADER_MIDDLEWARES": {
            RenderMiddleware: 50,
            **{ours: priority for _, ours, priority in _REPLACED},
            **{theirs: None for theirs, _, _ in _REPLACED},
            **{
                f"{middlewares}.{name}": None
                for name in (
                    "offsite.OffsiteMiddleware",
                    "httpauth.HttpAuthMiddleware",
                    "retry.RetryMiddleware",
                    "redirect.MetaRefreshMiddleware",
                    "cookies.CookiesMiddleware",
                    "httpproxy.HttpProxyMiddleware",
                )
            },
        },
        "SPIDER_MIDDLEWARES": {
            f"scrapy.spidermiddlewares.{name}": None
            for name in (
                "start.StartSpiderMiddleware",
                "httperror.HttpErrorMiddleware",
                "urllength.UrlLengthMiddleware",
                "depth.DepthMiddleware",
                "metacopy.MetaCopyDetectionMiddleware",
            )
        },
        "EXTENSIONS": {
            **_THROTTLE,
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logcount.LogCount": None,
            "scrapy.extensions.feedexport.FeedExporter": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "scrapy.extensions.closespider.CloseSpider": None,
            "scrapy.extensions.spiderstate.SpiderState": None,
        },
        # Scrapy starts so many tasks for every answer to hand on what the spider yields; ours yields nothing. (100: 1.7 ms a page)
        "CONCURRENT_ITEMS": 1,
        "DOWNLOADER_STATS": False,
        "STATS_DUMP": False,
        "LOG_ENABLED": False,
    }


def _polite() -> dict[str, Any]:
    return {
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": AGENT,
        "DOWNLOAD_DELAY": 1.0,
        # Scrapy's own ±50% would ask twice as often as told every now and then.
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0.0,
        "AUTOTHROTTLE_MAX_DELAY": SLOWEST,
    }
