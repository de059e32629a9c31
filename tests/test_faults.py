"""Whatever dies in a run: every page's row is there, once, and all else is told with its place and reason."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from crawler.archive import read_pages
from crawler.engine import Engine, Stuck, Workers
from crawler.page import Page
from output import build
from output.build import Cleaned, clean_all, tasks
from output.dataset.shard import read_shards
from output.sandbox import Sandbox

from .command import ROOT
from .output.archives import pages, write_archive
from .output.test_build import contents, urls
from .output.test_sandbox import huge

pytestmark = pytest.mark.slow


@contextmanager
def killing(times: int, victims: Callable[[], list[psutil.Process]], age: float = 1.5) -> Iterator[list[int]]:
    """Kill -9 one of the victims that lived so many seconds, again and again while the block runs; gives the ids of the dead."""
    dead: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(dead) < times and not over.wait(0.5):
            for process in victims():
                if process.pid not in dead and time.time() - process.create_time() > 1.5:
                    os.kill(process.pid, signal.SIGKILL)
                    dead.append(process.pid)
                    break

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield dead
    finally:
        over.set()
        killer.join()


def workers_here() -> list[psutil.Process]:
    """The engine's processes: those that spawn started, the tracker of resources aside."""
    return [
        process
        for process in psutil.Process().children()
        if "spawn_main" in " ".join(process.cmdline())
        and "resource_tracker" not in " ".join(process.cmdline())
    ]


def test_workers_killed_again_and_again_and_a_cut_file_lose_nothing(tmp_path: Path) -> None:
    made = pages(1_200)
    files = write_archive(tmp_path / "a", made, each=30)
    files[3].write_bytes(files[3].read_bytes()[:-200])
    cut = made[119].url
    with killing(10, workers_here) as dead:
        done = clean_all(tasks(files, tmp_path / "rows", "r"), Workers(Engine.PROCESSES, 2))
    assert len(dead) == 10
    assert urls(done) == sorted(page.url for page in made if page.url != cut)
    (failure,) = [failure for one in done for failure in one.failures]
    assert (failure.file, failure.error) == (
        files[3].name,
        "the file ends inside a record; passed over up to the end",
    )
    assert contents(done) == contents(clean_all(tasks(files, tmp_path / "inline", "r")))


def test_a_poison_page_is_named_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poison = Page("http://remedies.example/huge", huge(40).body)
    files = write_archive(tmp_path / "a", [*pages(3), poison, *pages(6)[3:]])
    (record,) = [page.record for page in read_pages(files) if page.url == poison.url]
    with Sandbox(page_seconds=2) as sandbox:
        monkeypatch.setattr(build._own, "sandbox", sandbox, raising=False)
        (done,) = clean_all(tasks(files, tmp_path / "rows", "r"))
    assert urls([done]) == sorted(page.url for page in pages(6))
    (failure,) = done.failures
    assert record
    assert (failure.url, failure.file, failure.offset, failure.digest, failure.error) == (
        poison.url,
        record.file,
        record.offset,
        record.digest,
        "not done in 2 s",
    )
    assert Path(failure.kept).with_suffix(".body").read_bytes() == poison.body


@pytest.fixture
def port() -> int:
    """One that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def cluster(port: int, before: Sequence[str] = ()) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler, and a nanny with its worker on each of two addresses: what two machines look like from here. Gives the three.

    `before` are words that the first nanny's command begins with.
    """
    dask = [sys.executable, "-m", "dask"]
    worker = [*dask, "worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--no-dashboard"]
    started = [
        subprocess.Popen(
            words,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for words in (
            [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
            [*before, *worker, "--host", "127.0.0.2", "--death-timeout", "60"],
            [*worker, "--host", "127.0.0.3", "--death-timeout", "60"],
        )
    ]
    try:
        for _ in range(300):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield started
    finally:
        for process in started:
            with suppress(ProcessLookupError):  # a nanny that a test has killed, and its worker
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_run_goes_on_with_a_new_scheduler_after_the_old_one_died(tmp_path: Path, port: int) -> None:
    files = write_archive(tmp_path / "a", pages(60), each=6)
    todo = tasks(files, tmp_path / "rows", "r")
    theirs = Workers(Engine.DASK, scheduler=f"tcp://127.0.0.1:{port}", stuck=60)
    with cluster(port) as (scheduler, *_), pytest.raises(Stuck, match="scheduler"):
        clean_all(todo, theirs, watch=lambda cleaned: scheduler.kill() if cleaned.shards == 3 else None)
    before = {
        shard.name: shard.path("articles").stat().st_mtime_ns for shard in read_shards(tmp_path / "rows")
    }
    assert len(before) >= 3
    with cluster(port):
        done = clean_all(todo, theirs)
    assert urls(done) == sorted(page.url for page in pages(60))
    after = {one.shard.name: one.shard.path("articles").stat().st_mtime_ns for one in done}
    assert {name: after[name] for name in before} == before


def test_a_worker_and_a_nanny_of_a_cluster_die_and_nothing_is_lost(tmp_path: Path, port: int) -> None:
    made = pages(900)
    files = write_archive(tmp_path / "a", made, each=15)
    theirs = Workers(Engine.DASK, scheduler=f"tcp://127.0.0.1:{port}", stuck=120)
    dead = []

    with cluster(port) as (_, first, second):

        def die(cleaned: Cleaned) -> None:
            if cleaned.shards == 10:
                (worker,) = [
                    child
                    for child in psutil.Process(second.pid).children()
                    if "spawn_main" in " ".join(child.cmdline())
                ]
                worker.kill()
                dead.append(worker.pid)
            if cleaned.shards == 30:
                first.kill()

        done = clean_all(tasks(files, tmp_path / "rows", "r"), theirs, watch=die)
        assert first.wait(10) == -signal.SIGKILL
    assert dead
    assert urls(done) == sorted(page.url for page in made)
    assert contents(done) == contents(clean_all(tasks(files, tmp_path / "inline", "r")))


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own for one process needs root")
def test_a_worker_whose_disk_is_full_leaves_its_tasks_to_the_other(
    tmp_path: Path, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    rows = tmp_path / "rows"
    rows.mkdir()
    full = f"mount -t tmpfs -o size=4k tmpfs {rows} && ! head -c 4096 /dev/zero > {rows}/filled 2>/dev/null; "
    apart = ["unshare", "--mount", "sh", "-c", f'{full} exec "$@"', "sh"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    files = write_archive(tmp_path / "a", pages(60), each=6)
    theirs = Workers(Engine.DASK, scheduler=f"tcp://127.0.0.1:{port}", stuck=60)
    with cluster(port, apart):
        done = clean_all(tasks(files, rows, "r"), theirs)
    assert urls(done) == sorted(page.url for page in pages(60))
    assert "No space left" in caplog.text
    assert "127.0.0.2" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_ends_the_run_and_room_lets_it_go_on(tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    rows.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(rows)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        files = write_archive(tmp_path / "a", pages(60), each=6)
        with pytest.raises(OSError, match="No space left"):
            clean_all(tasks(files, rows / "here", "r"))
        subprocess.run(["mount", "-o", "remount,size=50m", str(rows)], check=True)
        done = clean_all(tasks(files, rows / "here", "r"))
        assert urls(done) == sorted(page.url for page in pages(60))
        assert not list(rows.rglob("*.tmp"))
    finally:
        subprocess.run(["umount", "-l", str(rows)], check=False)
