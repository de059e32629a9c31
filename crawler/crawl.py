"""Crawl sites into an archive: `crawl(sites, data)`.

Scrapy's reactor can run once in a process and wants its main thread, so each call runs in a child, `python -m crawler.crawl`, that speaks JSON
lines: its job comes on standard input, progress, log records and summaries go to standard output. Its input stays open as long as
the parent lives; when it ends, the child stops at once, which is as safe as any other way to die.
"""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from .site import Site
from .siterun import SiteRun, SiteSummary

logger = logging.getLogger(__name__)

AT_ONCE = 32
"""Sites crawled side by side in one process: at one request a second each, about a tenth of what one core can do."""

TELL_SECONDS = 0.2
"""Between two progress reports."""


class CrawlFailed(Exception):  # noqa: N818
    """The crawl could not run or died; the message is one line that tells what is known."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one site's run is."""

    site: str
    asked: int = 0
    pending: int = 0
    """Addresses known that wait, so far."""
    bytes: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    moved: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What became of all sites, in the order they were given."""

    sites: tuple[SiteSummary, ...] = ()
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether no site's run waits to be taken up again."""
        return all(site.finished for site in self.sites)


@dataclass(frozen=True, slots=True)
class _Job:
    sites: list[Site]
    data: str
    full: bool = False
    name: str = ""
    min_free: int = 0
    log_level: int = logging.WARNING


@dataclass(slots=True)
class _Told:
    """What the child has said so far."""

    summaries: dict[str, SiteSummary] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def crawl(
    sites: Sequence[Site],
    data: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    full: bool = False,
    name: str = "",
    min_free: int = 0,
) -> CrawlSummary:
    """Crawl sites into `data/archive/SITE` and `data/state/SITE.sqlite`, going on with a run that did not finish.

    `full` asks for everything anew, without validators. `name` names the run: one of this name that has finished is not run again,
    its summary is returned. With less than `min_free` bytes on the disk a run stops. Can be called from any thread, and again.
    Raises CrawlFailed; what the runs did until then is kept.
    """
    began = time.monotonic()
    if doubles := {site.name for site in sites if [other.name for other in sites].count(site.name) > 1}:
        raise CrawlFailed(f"two sites have the same name: {', '.join(sorted(doubles))}")
    job = _Job(list(sites), str(data.absolute()), full, name, min_free, logger.getEffectiveLevel())
    told = _Told()
    child = subprocess.Popen(
        [sys.executable, "-m", "crawler.crawl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONUNBUFFERED": "1",
        },
    )
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise AssertionError("all three are pipes")
    complaints: deque[bytes] = deque(maxlen=50)
    errors = child.stderr
    reader = threading.Thread(target=lambda: complaints.extend(errors), daemon=True)
    reader.start()
    try:
        child.stdin.write(msgspec.json.encode(job) + b"\n")
        child.stdin.flush()
        for line in child.stdout:
            _take(line, told, progress)
    except BrokenPipeError:
        pass  # it died at once; told below
    except BaseException:
        child.terminate()
        raise
    finally:
        child.wait()
        reader.join(timeout=5)
        for pipe in (child.stdout, child.stderr):
            pipe.close()
        with suppress(BrokenPipeError):
            child.stdin.close()
    if told.errors:
        raise CrawlFailed("; ".join(f"{site}: {error}" for site, error in told.errors.items()))
    if len(told.summaries) < len(sites):
        last = b"".join(complaints).decode("utf-8", "replace").strip().splitlines()
        raise CrawlFailed(
            f"the crawl process ended with status {child.returncode}: {last[-1] if last else 'no message'}"
        )
    return CrawlSummary(tuple(told.summaries[site.name] for site in sites), time.monotonic() - began)


def _take(line: bytes, told: _Told, progress: Callable[[Progress], None] | None) -> None:
    kind, message = msgspec.json.decode(line, type=tuple[str, msgspec.Raw])
    if kind == "progress":
        if progress is not None:
            progress(msgspec.json.decode(message, type=Progress))
    elif kind == "log":
        name, level, text = msgspec.json.decode(message, type=tuple[str, int, str])
        logging.getLogger(name).log(level, "%s", text)
    elif kind == "summary":
        summary = msgspec.json.decode(message, type=SiteSummary)
        told.summaries[summary.site] = summary
    elif kind == "error":
        site, error = msgspec.json.decode(message, type=tuple[str, str])
        told.errors[site] = error


# The child


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


def _main() -> None:
    pipe = _Pipe()
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Job)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    logging.basicConfig(level=job.log_level, handlers=[_ToParent(pipe)])
    _Crawls(job, pipe).run()


def _die_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


class _Crawls:
    """The sites of a job, AT_ONCE at a time."""

    def __init__(self, job: _Job, pipe: _Pipe) -> None:
        from scrapy.crawler import AsyncCrawlerProcess

        from .guard import guard_settings

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
            logging.getLogger(noisy).setLevel(max(job.log_level, logging.WARNING))

    def run(self) -> None:
        for _ in range(AT_ONCE):
            self._next()
        if self._running:
            asyncio.get_event_loop().call_soon(self._report)
            self._process.start()

    def _next(self) -> None:
        from scrapy.crawler import Crawler

        from .addon import crawl_settings
        from .spiders.article import ArticleSpider

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
            run.close()
            summary = run.summary()
        except Exception as trouble:
            error = error or trouble
        if error is not None:
            self._pipe.say("error", (run.site.name, f"{error or type(error).__name__}"))
        else:
            self._pipe.say("summary", summary)

    def _report(self) -> None:
        for run in self._running.values():
            self._pipe.say("progress", {"site": run.site.name, **run.progress()})
        asyncio.get_event_loop().call_later(TELL_SECONDS, self._report)

    def _open(self, site: Site) -> SiteRun:
        return SiteRun(
            site, Path(self._job.data), full=self._job.full, name=self._job.name, min_free=self._job.min_free
        )


if __name__ == "__main__":
    _main()
