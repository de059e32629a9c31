"""The process a crawl runs in, `python -m crawler.child`: see `crawl`."""

import asyncio
import logging
import os
import threading
from collections import deque
from pathlib import Path
from typing import Any

import msgspec
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from .addon import crawl_settings
from .crawl import Job
from .guard import guard_settings
from .site import Site
from .siterun import SiteRun
from .spiders.article import ArticleSpider

AT_ONCE = 32
"""Sites crawled side by side in one process: at one request a second each, about a tenth of what one core can do."""

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
        self._waiting = deque(job.sites)
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
        for _ in range(AT_ONCE):
            self._next()
        if self._running:
            asyncio.get_event_loop().call_soon(self._report)
            self._process.start()

    def _next(self) -> None:
        while self._waiting:
            site = self._waiting.popleft()
            try:
                run = self._open(site)
            except Exception as error:
                self._pipe.say("error", (site.name, f"{error or type(error).__name__}"))
                continue
            if run.was_finished:
                self._end(run, None)
                continue
            crawler = Crawler(ArticleSpider, crawl_settings(site))
            task = self._process.crawl(crawler, run=run)
            self._running[task] = run
            task.add_done_callback(self._done)
            return

    def _done(self, task: asyncio.Task[None]) -> None:
        self._end(self._running.pop(task), task.exception())
        self._next()

    def _end(self, run: SiteRun, error: BaseException | None) -> None:
        try:
            if error is not None:
                run.stop(f"fault of the crawler: {error!r}", resume=True)
            elif not run.was_finished and run.has_more():
                run.stop("interrupted", resume=True)
            self._tell(run)
            run.close()
            summary = run.summary()
        except Exception as trouble:
            # What stopped the run may keep its end from being written: a full disk does.
            error = error or OSError(f"{run.stopping or 'cannot be ended'} ({trouble})")
        if error is not None:
            self._pipe.say("error", (run.site.name, f"{error or type(error).__name__}"))
        else:
            self._pipe.say("summary", summary)

    def _tell(self, run: SiteRun) -> None:
        self._pipe.say("progress", {"site": run.site.name, **run.progress()})

    def _report(self) -> None:
        for run in self._running.values():
            self._tell(run)
        asyncio.get_event_loop().call_later(TELL_SECONDS, self._report)

    def _open(self, site: Site) -> SiteRun:
        return SiteRun(
            site, Path(self._job.data), full=self._job.full, name=self._job.name, min_free=self._job.min_free
        )


if __name__ == "__main__":
    main()
