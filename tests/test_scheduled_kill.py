"""The whole run is killed at thirty random points of crawl, build and publish, while a reader looks at the dataset all the time."""

import hashlib
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crawler.runs import Ledger
from output.dataset.version import latest, open_version, versions

from .clinic import ARTICLES, clinic, page, path_of
from .command import ROOT, consilia
from .crawler.website import Website, serve

KILLS = 30
SHOWN = ARTICLES[:5]


@dataclass
class Started:
    """A run in a process group of its own, and the events it has told so far."""

    process: subprocess.Popen[bytes]
    events: list[dict[str, Any]] = field(default_factory=list)

    def told(self, event: str) -> bool:
        return any(line["event"] == event for line in tuple(self.events))

    @property
    def begun(self) -> bool:
        """Whether the ledger has it."""
        return self.told("run begins") or self.told("run goes on")

    def kill_when(self, moment: Callable[[], bool]) -> bool:
        """Kill the whole group at a moment; False if the run was over before."""
        deadline = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < deadline:
            if moment():
                os.killpg(self.process.pid, signal.SIGKILL)
                break
            time.sleep(0.001)
        code = self.process.wait(timeout=120)
        self.reader.join(timeout=10)
        assert code in (0, -signal.SIGKILL), (code, self.events)
        return code != 0

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            if line.endswith(b"\n"):
                self.events.append(json.loads(line))


def start(folder: Path) -> Started:
    return Started(
        subprocess.Popen(
            [sys.executable, "-m", "consilia", "run", "clinic.toml", "--json"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    )


@contextmanager
def reader(root: Path) -> Iterator[Counter[str]]:
    """Somebody who opens the latest version again and again, and checks every byte of it."""
    seen: Counter[str] = Counter()
    broken: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.wait(0.15):
            if latest(root) is None:
                continue
            try:
                version = open_version(root)
                for line in (version.path / "SHA256SUMS").read_text().splitlines():
                    digest, _, name = line.partition("  ")
                    if hashlib.sha256((version.path / name).read_bytes()).hexdigest() != digest:
                        broken.append(f"{version.id}: {name} is not what SHA256SUMS says")
                rows = pq.read_table(version.file("articles")).num_rows
                if rows != version.manifest["rows"]["articles"]:
                    broken.append(f"{version.id}: {rows} articles")
                seen[version.id] += 1
            except Exception as error:
                broken.append(repr(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join(timeout=60)
    assert broken == []


def edit(site: Website, chance: random.Random, night: int) -> None:
    """Every night one article says something else."""
    article = chance.choice(SHOWN)
    site.pages[path_of(article)] = page(article).replace(
        "</h1>", f"</h1><p>Edited for the {night}th time, with care.</p>"
    )


def moments(site: Website, data: Path, chance: random.Random) -> Iterator[Callable[[Started], bool]]:
    """Points of a run, of all its parts in turn, chosen by what has happened so far and not by the clock."""
    for part in itertools.cycle(("crawl", "build", "crawl", "publish", "crawl", "end")):
        match part:
            case "crawl":
                least = site.pages_asked + chance.randint(0, len(site.pages))
                yield lambda run, least=least: run.begun and site.pages_asked >= least
            case "build":
                yield _after(chance.uniform(0, 1.5), lambda run: run.told("site ends"))
            case "publish":
                files = chance.randint(0, 25)
                yield lambda run, files=files: _written(data) > files
            case "end":
                known = len(versions(data / "dataset"))
                yield lambda run, known=known: run.begun and len(versions(data / "dataset")) > known


def _after(seconds: float, event: Callable[[Started], bool]) -> Callable[[Started], bool]:
    since: list[float] = []

    def moment(run: Started) -> bool:
        if not since and event(run):
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] >= seconds

    return moment


def _written(data: Path) -> int:
    """Files of the version that is being written."""
    return sum(
        len(files)
        for folder in (data / "dataset" / "versions").glob(".tmp-*")
        for _, _, files in os.walk(folder)
    )


@pytest.mark.slow
def test_thirty_kills_break_nothing_that_a_reader_sees(tmp_path: Path) -> None:
    chance = random.Random(7)
    data = tmp_path / "data"
    with serve(clinic(SHOWN)) as site, reader(data / "dataset") as seen:
        (tmp_path / "clinic.toml").write_text(
            site.profile("clinic", article="['/health/']", revisit={"share": 0}, politeness={"delay": 0.01})
        )
        consilia("run", "clinic.toml", cwd=tmp_path)
        ledger = Ledger(data / "runs.sqlite")
        kills = ended = began_since = 0
        points = moments(site, data, chance)
        while kills < KILLS:
            if not began_since:
                edit(site, chance, kills)
            moment = next(points)
            before = latest(data / "dataset")
            run = start(tmp_path)
            killed = run.kill_when(lambda moment=moment, run=run: moment(run))
            kills += killed
            began_since += run.begun
            newest = ledger.runs(1)[0]
            now = latest(data / "dataset")
            if newest.finished_at:
                # Over, also if the kill came while it was saying so: what it says is published.
                assert newest.exit_code == 0
                assert newest.dataset_version == now.id
                if began_since:
                    assert len(newest.resumed_at) == began_since - 1
                    ended += 1
                began_since = 0
            else:
                assert killed
                assert newest.dataset_version is None
                assert len(newest.resumed_at) == began_since - 1
                assert now.id >= before.id
            if kills % 10 == 9 and began_since:  # a night without a kill
                edit(site, chance, kills)
                consilia("run", "clinic.toml", cwd=tmp_path)
                ended, began_since = ended + 1, 0

        consilia("run", "clinic.toml", cwd=tmp_path)
        check_whole(data, site)
    assert ended >= 3
    assert len(seen) >= 3, seen


def check_whole(data: Path, site: Website) -> None:
    """The dataset says what the site says, and nothing of the killed runs lies about."""
    version = open_version(data / "dataset")
    articles = {row["url"]: row for row in version.rows("articles")}
    assert set(articles) == {site.origin + path for path in site.pages if path != "/"}
    for path, html in site.pages.items():
        if path != "/":
            edited = re.findall(r"Edited for[^<]+", str(html))
            assert all(line in articles[site.origin + path]["text"] for line in edited)
    assert all(run.finished_at for run in Ledger(data / "runs.sqlite").runs(1000))
    assert not list((data / "dataset" / "versions").glob(".tmp-*"))
    assert not list((data / "archive").rglob("*.open"))


@pytest.mark.slow
def test_a_second_run_finds_the_first_at_work(tmp_path: Path) -> None:
    with serve(clinic(SHOWN)) as site:
        (tmp_path / "clinic.toml").write_text(site.profile("clinic", politeness={"delay": 5}))
        first = start(tmp_path)
        while not first.begun and first.process.poll() is None:
            time.sleep(0.01)
        second = consilia("run", "clinic.toml", cwd=tmp_path, code=75)
        assert second.stderr.startswith(f"consilia: clinic: already running (process {first.process.pid} on ")
        listed = consilia("runs", cwd=tmp_path).stdout
        assert "going on" in listed
        assert first.kill_when(lambda: True)
        assert "interrupted" in consilia("runs", cwd=tmp_path).stdout
