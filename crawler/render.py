"""Pages that are empty without JavaScript: a browser runs their scripts, and what it then shows is taken for the page.

Only for profiles with `javascript = true`, and only with the extra `js` and a Chromium. The page itself is fetched by Scrapy, under robots.txt
and the guard, and handed to the browser; what its scripts ask for goes through a guarded proxy. Pictures, fonts, styles and media are
not loaded. Playwright is driven directly: scrapy-playwright would send what it does not render past our guard.
"""

import logging
import os
import shutil
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import HtmlResponse, Response

from .guard import MAX_BODY
from .proxy import GuardedProxy
from .robots import RobotsMiddleware
from .visits import Kind

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 10.0
"""The longest wait for scripts to come to rest: half a second without a request (Playwright's "networkidle")."""

LOADED = frozenset({"document", "script", "xhr", "fetch"})
"""What scripts may load; the rest has no words in it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""Names of the browser on the path; Debian's first."""

_ARGUMENTS = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # or scripts could reach hosts past the proxy
    "--proxy-bypass-list=<-loopback>",
    "--disable-dev-shm-usage",
)


class NoBrowser(RuntimeError):  # noqa: N818
    """A profile asks for JavaScript and there is nothing to run it with; says what is missing."""


class RenderMiddleware:
    """Scrapy downloader middleware, nearest to the engine: hands on what a browser makes of a page."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("RENDER_PAGES"):
            raise NotConfigured
        self._crawler = crawler
        self._agent = crawler.settings["USER_AGENT"]
        self._verify = crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        self._proxy = GuardedProxy(crawler.settings.getlist("GUARD_ALLOWED"))
        self._playwright: Any = None
        self._browser: Any = None
        crawler.signals.connect(self._close, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy has it."""
        return cls(crawler)

    async def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Response:
        """Render a page; raises IgnoreRequest with the reason if the browser cannot."""
        ask = request.meta.get("ask")
        if (
            ask is None
            or ask.kind in (Kind.SITEMAP, Kind.FEED)
            or response.status != 200
            or not isinstance(response, HtmlResponse)
        ):
            return response
        html = await self._render(response)
        if len(html) > MAX_BODY:
            raise IgnoreRequest(f"the rendered page is larger than {MAX_BODY} bytes")
        headers = response.headers.copy()
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["X-Archive-Rendered"] = "chromium"
        for validator in ("ETag", "Last-Modified"):  # they speak of the page without what its scripts bring
            headers.pop(validator, None)
        return HtmlResponse(
            response.url, status=200, headers=headers, body=html, request=request, flags=response.flags
        )

    async def _render(self, response: HtmlResponse) -> bytes:
        from playwright.async_api import Error

        browser = await self._opened()
        context = await browser.new_context(
            user_agent=self._agent,
            accept_downloads=False,
            service_workers="block",
            ignore_https_errors=not self._verify,
        )
        try:
            page = await context.new_page()
            await page.route("**/*", lambda route: self._load(route, response))
            try:
                await page.goto(response.url, wait_until="networkidle", timeout=SETTLE_SECONDS * 1000)
            except Error as error:
                if "Timeout" not in str(error):
                    raise IgnoreRequest(
                        f"the browser could not show it: {str(error).splitlines()[0]}"
                    ) from error
            text: str = await page.content()
            return text.encode("utf-8", "replace")
        finally:
            await context.close()

    async def _load(self, route: Any, response: HtmlResponse) -> None:
        asked = route.request
        if asked.url == response.url and asked.is_navigation_request():
            await route.fulfill(body=response.body, content_type=_declared(response))
        elif (
            asked.resource_type in LOADED and not asked.is_navigation_request() and await self._may(asked.url)
        ):
            await route.continue_()
        else:
            await route.abort()

    async def _may(self, url: str) -> bool:
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        return robots is None or not url.startswith("http") or (await robots.rules(url)).allows(url)

    async def _opened(self) -> Any:
        if self._browser is None:
            from playwright.async_api import async_playwright

            self._playwright = await async_playwright().start()
            self._browser = await self._playwright.chromium.launch(
                executable_path=browser_path(),
                args=list(_ARGUMENTS),
                chromium_sandbox=os.geteuid() != 0,  # root cannot have one
                proxy={"server": await self._proxy.start()},
            )
        return self._browser

    async def _close(self) -> None:
        if self._browser is not None:
            await self._browser.close()
            await self._playwright.stop()
        self._proxy.close()


def _declared(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"text/html").decode("latin-1")


def browser_path() -> str:
    """Where the browser is. Raises NoBrowser."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise NoBrowser("javascript = true needs Playwright: pip install 'consilia[js]'") from None
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise NoBrowser("javascript = true needs a browser: apt-get install chromium")
