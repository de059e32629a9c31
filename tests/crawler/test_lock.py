"""Locks are the kernel's: a dead holder holds nothing, and looking at one takes nothing away."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.lock import AlreadyRunning, exclusive, exclusive_sites, is_held


@contextmanager
def holder(folder: Path, *sites: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the sites' locks until it is killed."""
    program = (
        "import sys; from pathlib import Path; from crawler.lock import exclusive_sites\n"
        "with exclusive_sites(Path(sys.argv[1]), sys.argv[2:]): print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), *sites],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_holder_is_named(tmp_path: Path) -> None:
    with (
        holder(tmp_path, "b", "a") as process,
        pytest.raises(
            AlreadyRunning, match=rf"^a: already running \(process {process.pid} on \S+ since 20"
        ) as caught,
        exclusive_sites(tmp_path, ["c", "a"]),
    ):
        pass
    assert caught.value.holder["pid"] == process.pid


def test_a_lock_within_one_process_holds_too(tmp_path: Path) -> None:
    with (
        exclusive_sites(tmp_path, ["b", "a"]),
        pytest.raises(AlreadyRunning, match=rf"process {os.getpid()} on "),
        exclusive_sites(tmp_path, ["a"]),
    ):
        pass
    with exclusive_sites(tmp_path, ["a"]):  # free again
        pass


def test_what_was_taken_is_let_go_when_a_later_lock_is_held(tmp_path: Path) -> None:
    with holder(tmp_path, "b"):
        with pytest.raises(AlreadyRunning), exclusive_sites(tmp_path, ["a", "b"]):
            pass
        assert not is_held(tmp_path, "a")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_holder_holds_nothing(tmp_path: Path, how: signal.Signals) -> None:
    with holder(tmp_path, "a") as process:
        assert is_held(tmp_path, "a")
        process.send_signal(how)
        process.wait()
        assert not is_held(tmp_path, "a")
        with exclusive_sites(tmp_path, ["a"]):
            assert is_held(tmp_path, "a")


def test_a_lock_that_was_never_taken_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path, "a")
    assert list(tmp_path.iterdir()) == []


def test_looking_never_turns_a_run_away(tmp_path: Path) -> None:
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            is_held(tmp_path, "a")

    lookers = [threading.Thread(target=look) for _ in range(3)]
    (tmp_path / "a.lock").touch()
    for looker in lookers:
        looker.start()
    try:
        for _ in range(200):
            with exclusive_sites(tmp_path, ["a"]):
                pass
    finally:
        over.set()
        for looker in lookers:
            looker.join()


def test_waiting_gets_the_lock_in_the_end(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    killed = threading.Event()
    with holder(tmp_path, "a") as process:

        def kill() -> None:
            killed.set()
            process.kill()

        threading.Timer(0.3, kill).start()
        with exclusive(lock, wait=True):
            assert killed.is_set()
            assert str(os.getpid()) in lock.read_text()
        process.wait(10)  # the lock is free a moment before the dead process can be told of
        assert process.poll() is not None


def test_a_holder_that_could_not_write_its_name_yet_is_unknown(tmp_path: Path) -> None:
    with holder(tmp_path, "a"):
        (tmp_path / "a.lock").write_text('{"pid": 12')
        with (
            pytest.raises(AlreadyRunning, match=r"process \? on \? since \?"),
            exclusive_sites(tmp_path, ["a"]),
        ):
            pass
