"""Crawl sites into an archive: `crawl(sites, data)`.

Scrapy's reactor can run once in a process and wants its main thread, so each call runs in a child, `python -m crawler.child`, that speaks JSON
lines: its job comes on standard input, progress, log records and summaries go to standard output. Its input stays open as long as
the parent lives; when it ends, the child stops at once, which is as safe as any other way to die.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .site import Site
from .summary import CrawlSummary, Progress, SiteSummary

logger = logging.getLogger(__name__)


class CrawlFailed(Exception):  # noqa: N818
    """The crawl could not run or died; the message is one line that tells what is known."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the child is told to do."""

    sites: list[Site]
    data: str
    full: bool = False
    name: str = ""
    min_free: int = 0
    log_level: int = logging.WARNING


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
    A site that cannot be crawled is told of in its summary (`broken`) and keeps no other from it. Raises CrawlFailed if nothing can
    be said at all; what the runs did until then is kept.
    """
    began = time.monotonic()
    if doubles := {site.name for site in sites if [other.name for other in sites].count(site.name) > 1}:
        raise CrawlFailed(f"two sites have the same name: {', '.join(sorted(doubles))}")
    job = Job(list(sites), str(data.absolute()), full, name, min_free, logger.getEffectiveLevel())
    told: dict[str, SiteSummary] = {}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "crawler.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # -P: a folder named "crawler" where the user stands is not ours; what we can import, the child can.
        start_new_session=True,  # a Ctrl-C reaches us, and we tell it once
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
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
        child.stdout.read()  # or it could not end for want of a listener
        child.wait()
        reader.join(timeout=5)
        for pipe in (child.stdout, child.stderr):
            pipe.close()
        with suppress(BrokenPipeError):
            child.stdin.close()
    if child.returncode or len(told) < len(sites):
        last = b"".join(complaints).decode("utf-8", "replace").strip().splitlines()
        raise CrawlFailed(
            f"the crawl process ended with status {child.returncode}: {last[-1] if last else 'no message'}"
        )
    return CrawlSummary(tuple(told[site.name] for site in sites), time.monotonic() - began)


def _take(line: bytes, told: dict[str, SiteSummary], progress: Callable[[Progress], None] | None) -> None:
    kind, message = msgspec.json.decode(line, type=tuple[str, msgspec.Raw])
    if kind == "progress":
        if progress is not None:
            progress(msgspec.json.decode(message, type=Progress))
    elif kind == "log":
        name, level, text = msgspec.json.decode(message, type=tuple[str, int, str])
        logging.getLogger(name).log(level, "%s", text)
    elif kind == "summary":
        summary = msgspec.json.decode(message, type=SiteSummary)
        told[summary.site] = summary
