"""Engines, workers and memory on many pages: `python -m benchmarks.scale [DATA] [--pages N] [--part MB]`.

The pages of DATA, or without it the articles of the bundled demo sites, are repeated under addresses of their own until there are N, and written as WARC files. Each way of cleaning them runs in a process of its
own, whose whole tree is watched: CPU seconds by role (driver, workers, sandbox children) and the greatest resident memory of any one process of a role. "bare"
cleans in the driver itself without a sandbox: what the engines are measured against. Wall-clock figures are worth something on an idle machine only, so the
load is printed beside them. All ways must come to the same rows: a hash of each table is compared, and the exit status is 1 if they differ.
"""

import argparse
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import psutil
import pyarrow.parquet as pq

from cleaning.article import NotAnArticle
from cleaning.article import clean as clean_page
from crawler.archive import Archive, read_pages
from crawler.demo.article import articles
from crawler.demo.cms import Cms
from crawler.demo.face import Face
from crawler.demo.portal import Portal
from crawler.demo.qa import Qa
from crawler.engine import Engine, Workers
from crawler.page import Page
from output import build
from output.dataset.rows import PageRows, page_rows, refusal_row
from output.dataset.shard import SHARD_TABLES, Shard, write_shard
from output.findings import describe, find

WAYS = {
    "bare": None,
    "inline": Workers(),
    "processes-1": Workers(Engine.PROCESSES, 1),
    "processes-2": Workers(Engine.PROCESSES, 2),
    "dask-1": Workers(Engine.DASK, 1),
    "dask-2": Workers(Engine.DASK, 2),
}
TICK = 0.2
"""Seconds between two looks at the processes; what a process burns in its last fifth of a second is missed."""


@dataclass(frozen=True)
class Cost:
    """What a way came to."""

    wall: float
    cpu: dict[str, float]
    """Seconds by role."""
    peak: dict[str, float]
    """MB of the role's largest process."""
    hashes: dict[str, str]
    pages: int


def sources(data: Path | None) -> list[Callable[[], Page]]:
    """A page each, without an address."""
    if data is None:
        faces: list[Face] = [Cms("http://cms", ()), Portal("http://portal", ()), Qa("http://qa", ())]
        return [
            partial(Page, "", resource.body, headers=(("Content-Type", resource.content_type),))
            for face in faces
            for site in [face.build(articles(face.name))]
            for resource in [site[face.path_of(article)] for article in articles(face.name)]
        ]
    return [partial(_page_of, file) for file in sorted((data / "html").glob("*.html.gz"))]


def _page_of(file: Path) -> Page:
    body = gzip.decompress(file.read_bytes())
    return Page("", body, headers=(("Content-Type", "text/html; charset=utf-8"),))


def make_archive(data: Path | None, folder: Path, count: int, megabytes: int) -> list[Path]:
    """So many pages as WARC files of about so many MB."""
    archive = Archive(folder, "scale", max_bytes=megabytes * 1_000_000)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for number, (host, source) in enumerate(islice(cycle(enumerate(sources(data))), count)):
        archive.write(replace(source(), url=f"http://{host}.example/{number}", fetched_at=at))
    archive.close()
    return sorted(folder.glob("*.warc.gz"))


def clean(way: str, files: list[Path], folder: Path) -> list[Shard]:
    """The shards of the files, made in that way; pages that failed are told."""
    workers = WAYS[way]
    if workers is not None:
        done = build.clean_all(build.tasks(files, folder, "r"), workers)
        for failure in (failure for one in done for failure in one.failures):
            print(failure, file=sys.stderr)
        return [one.shard for one in done]
    return [write_shard(map(_bare, read_pages([file])), folder, file.name) for file in files]


def _bare(page: Page) -> PageRows:
    try:
        article = clean_page(page)
    except NotAnArticle as refusal:
        return PageRows(refusal=refusal_row(page, "cleaning", refusal.reason.value, refusal.detail, "r"))
    subject = describe(article)
    return page_rows(article, page, subject, find(article, subject), "r")


def hashes(shards: list[Shard]) -> dict[str, str]:
    """Of each table's rows, in whatever order and files they came."""
    found = {}
    for table in SHARD_TABLES:
        lines = sorted(
            hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()
            for shard in shards
            for batch in pq.ParquetFile(shard.path(table)).iter_batches(500)
            for row in batch.to_pylist()
        )
        found[table] = hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
    return found


def watched(command: list[str]) -> tuple[str, dict[str, float], dict[str, float]]:
    """Output, CPU seconds and peak memory of a command, by role."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    cpu: dict[int, float] = {}
    peak: dict[int, float] = {}
    roles: dict[int, str] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(TICK):
            for pid, role, seconds, megabytes in _tree(process.pid):
                if roles.get(pid) != "sandbox":  # a child has its parent's words until it becomes what it is
                    roles[pid] = role
                cpu[pid] = max(seconds, cpu.get(pid, 0))
                peak[pid] = max(megabytes, peak.get(pid, 0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = process.communicate()
    over.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    by_role = {role: [pid for pid in roles if roles[pid] == role] for role in set(roles.values())}
    return (
        out,
        {role: sum(cpu[pid] for pid in pids) for role, pids in by_role.items()},
        {role: max(peak[pid] for pid in pids) for role, pids in by_role.items()},
    )


def _tree(root: int) -> Iterator[tuple[int, str, float, float]]:
    try:
        processes = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        try:
            words = process.cmdline()
            times = process.cpu_times()
            memory = process.memory_info().rss / 1e6
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if words:  # a zombie has none
            role = "driver" if process.pid == root else "sandbox" if "output.sandbox" in words else "worker"
            yield process.pid, role, times.user + times.system, memory


def measure(way: str, archive: Path, scratch: Path) -> Cost:
    """What cleaning the archive in that way costs, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        command = [sys.executable, "-m", "benchmarks.scale", str(archive), "--way", way, "--into", folder]
        out, cpu, peak = watched(command)
    told = json.loads(out)
    return Cost(told["wall"], cpu, peak, told["hashes"], told["pages"])


def main() -> int:
    """Print a line a way; 1 if their rows differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "data", type=Path, nargs="?", help="folder with html/*.html.gz; none for the demo's articles"
    )
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--part", type=int, default=4, help="MB of a WARC file")
    parser.add_argument("--ways", default=",".join(WAYS), help="which, by commas")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        began = time.monotonic()
        shards = clean(arguments.way, sorted(arguments.data.glob("*.warc.gz")), arguments.into)
        wall = time.monotonic() - began
        pages = sum(shard.stats.pages for shard in shards)
        print(json.dumps({"wall": wall, "pages": pages, "hashes": hashes(shards)}))
        return 0
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        files = make_archive(arguments.data, scratch / "archive", arguments.pages, arguments.part)
        size = sum(file.stat().st_size for file in files)
        print(
            f"{arguments.pages} pages, {size / 1e6:.0f} MB in {len(files)} WARC files, {os.cpu_count()} cores"
        )
        print(
            "way          pages/s  load  CPU s: all driver workers sandbox   peak MB: driver worker sandbox"
        )
        seen: dict[str, dict[str, str]] = {}
        for way in arguments.ways.split(","):
            cost = measure(way, scratch / "archive", scratch)
            seen[way] = cost.hashes
            cpu, peak = (
                [kind.get(role, 0) for role in ("driver", "worker", "sandbox")]
                for kind in (cost.cpu, cost.peak)
            )
            print(
                f"{way:12} {cost.pages / cost.wall:7.1f} {os.getloadavg()[0]:5.1f} {sum(cpu):10.1f} {cpu[0]:6.1f} {cpu[1]:7.1f} {cpu[2]:7.1f}"
                f"            {peak[0]:6.0f} {peak[1]:6.0f} {peak[2]:7.0f}",
                flush=True,
            )
    same = len({json.dumps(told, sort_keys=True) for told in seen.values()}) == 1
    print(f"rows: {'identical' if same else 'THEY DIFFER'} {next(iter(seen.values())) if same else seen}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
