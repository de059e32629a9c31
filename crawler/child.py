"""The process a crawl runs in, `python -m crawler.child`: see `crawl`."""

import asyncio
import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from twisted.internet.error import ReactorNotRunning

from .addon import crawl_settings
from .crawl import Job
from .guard import guard_settings
from .lock import AlreadyRunning
from .render import browser_path
from .site import Site
from .siterun import HostTaken, SiteRun
from .spiders.article import ArticleSpider
from .summary import SiteSummary

AT_ONCE = 32
"""Sites crawled side by side in one process: at one request a second each, about a tenth of what one core can do."""

INTERRUPTED = "interrupted"

LOCK_SECONDS = 20.0
"""How long to wait for a site's lock: the orphan of a killed run needs a moment to notice that it is one."""

WAIT_SECONDS = 0.25
"""Between two tries at a lock."""

TELL_SECONDS = 0.2
"""Between two progress reports."""


class _Pipe:
    """Says things to the parent, a line each; from any thread."""

    def __init__(self) -> None:
        # Nobody else may write to it: a stray print would break the lines.
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def say(self, kind: str, message: Any) -> None:
        line = msgspec.json.encode((kind, message)) + b"\n"
        with self._lock:
            try:
                self._out.write(line)
            except BrokenPipeError:
                os._exit(1)


class _ToParent(logging.Handler):
    def __init__(self, pipe: _Pipe) -> None:
        super().__init__()
        self._pipe = pipe
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._pipe.say("log", (record.name, record.levelno, self.format(record)))


def main() -> None:
    """Do the job on standard input."""
    pipe = _Pipe()
    job = msgspec.json.decode(_read_line(), type=Job)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    logging.basicConfig(level=job.log_level, handlers=[_ToParent(pipe)])
    _Crawls(job, pipe).run()


def _read_line() -> bytes:
    # Not through sys.stdin: a thread that waits inside its buffer would crash the interpreter at the end.
    line = b""
    while not line.endswith(b"\n") and (more := os.read(0, 1 << 16)):
        line += more
    return line


def _die_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


class _Crawls:
    """The sites of a job, AT_ONCE at a time."""

    def __init__(self, job: Job, pipe: _Pipe) -> None:
        self._job = job
        self._pipe = pipe
        self._waiting = list(job.sites)
        self._began = time.monotonic()
        self._running: dict[asyncio.Task[None], SiteRun] = {}
        # The resolver is the process', all else is told to each crawl: what is set here would win over it.
        names = ("TWISTED_DNS_RESOLVER",)
        settings = {name: value for name, value in guard_settings().items() if name in names}
        self._process = AsyncCrawlerProcess(
            {**settings, "LOG_ENABLED": False, "LOG_INSTALL_ROOT_HANDLER": False}
        )
        for noisy in ("scrapy", "twisted", "asyncio"):  # after Scrapy has set its own
            logging.getLogger(noisy).setLevel(
                logging.ERROR if job.log_level >= logging.WARNING else logging.WARNING
            )

    def run(self) -> None:
        """Crawl them all; returns when each has been told of."""
        loop = asyncio.get_event_loop()
        loop.call_soon(self._fill)
        loop.call_soon(self._report)
        self._process.start(stop_after_crawl=False)
        for site in self._waiting:
            self._say(SiteSummary(site.name, INTERRUPTED, finished=False))

    def _fill(self) -> None:
        """Begin what can be begun; a site whose hosts another site or process is asking waits for them."""
        for site in tuple(self._waiting):
            if len(self._running) >= AT_ONCE:
                break
            try:
                if site.javascript:
                    browser_path()
                run = SiteRun(
                    site,
                    Path(self._job.data),
                    full=self._job.full,
                    name=self._job.name,
                    min_free=self._job.min_free,
                )
            except AlreadyRunning as error:
                if isinstance(error, HostTaken) or time.monotonic() < self._began + LOCK_SECONDS:
                    continue
                self._refuse(site, error)
            except Exception as error:
                self._refuse(site, error)
            else:
                self._begin(site, run)
            self._waiting.remove(site)
        if self._waiting and len(self._running) < AT_ONCE:
            asyncio.get_event_loop().call_later(WAIT_SECONDS, self._fill)
        elif not self._running:
            self._stop()

    def _begin(self, site: Site, run: SiteRun) -> None:
        if run.was_finished:
            self._end(run, None)
            return
        task = self._process.crawl(Crawler(ArticleSpider, crawl_settings(site)), run=run)
        self._running[task] = run
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        run = self._running.pop(task)
        self._end(run, task.exception())
        if run.stopping != INTERRUPTED:
            self._fill()
        elif not self._running:
            self._stop()

    def _stop(self) -> None:
        from twisted.internet import reactor

        with suppress(ReactorNotRunning):
            reactor.stop()  # type: ignore[misc]

    def _end(self, run: SiteRun, error: BaseException | None) -> None:
        try:
            if error is not None:
                run.stop(f"fault of the crawler: {error!r}", resume=True)
            elif not run.was_finished and run.has_more():
                run.stop(INTERRUPTED, resume=True)
            self._tell(run)
            run.close()
            summary = run.summary()
        except Exception as trouble:
            # What stopped the run may keep its end from being written: a full disk does.
            error = error or OSError(f"{run.stopping or 'cannot be ended'} ({trouble})")
        if error is not None:
            self._refuse(run.site, error)
        else:
            self._say(summary)

    def _refuse(self, site: Site, error: BaseException) -> None:
        reason = " ".join(str(error).split()) or type(error).__name__
        self._say(SiteSummary(site.name, f"cannot be crawled: {reason}", finished=False, broken=True))

    def _say(self, summary: SiteSummary) -> None:
        self._pipe.say("summary", summary)

    def _tell(self, run: SiteRun) -> None:
        self._pipe.say("progress", {"site": run.site.name, **run.progress()})

    def _report(self) -> None:
        for run in self._running.values():
            self._tell(run)
        asyncio.get_event_loop().call_later(TELL_SECONDS, self._report)


if __name__ == "__main__":
    main()
