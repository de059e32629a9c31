"""One run at a time over the same site, held by the kernel so that a dead holder holds nothing."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

GLANCE_SECONDS = 0.5
"""How long a lock may be held by somebody who only looks whether it is held: `is_held` needs less than a thousandth of that."""


class AlreadyRunning(Exception):  # noqa: N818  news about another run, not an error
    """Somebody else holds a lock."""

    def __init__(self, path: Path, holder: dict[str, object]) -> None:
        """Tell who holds it, as far as the file says."""
        who = (
            f"process {holder.get('pid', '?')} on {holder.get('host', '?')} since {holder.get('since', '?')}"
        )
        super().__init__(f"{path.stem}: already running ({who})")
        self.holder = holder


@contextmanager
def exclusive(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock while the block runs. Raises AlreadyRunning unless it shall wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        end = time.monotonic() + GLANCE_SECONDS
        while not _locked(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)):
            if time.monotonic() > end:
                file.seek(0)
                raise AlreadyRunning(path, _holder(file.read()))
            time.sleep(GLANCE_SECONDS / 10)
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": _now()}, file)
        file.flush()
        yield  # the file stays: removing it would let two runs lock two different files of one name


@contextmanager
def exclusive_sites(folder: Path, sites: Sequence[str]) -> Iterator[None]:
    """Hold the locks of several sites, taken in one order so that two runs cannot block each other."""
    with ExitStack() as locks:
        for site in sorted(set(sites)):
            locks.enter_context(exclusive(folder / f"{site}.lock"))
        yield


def is_held(folder: Path, site: str) -> bool:
    """Whether a run over the site is going on at the moment."""
    try:
        with (folder / f"{site}.lock").open() as file:
            return not _locked(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False


def _locked(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    return True


def _holder(text: str) -> dict[str, object]:
    try:
        holder = json.loads(text)
    except ValueError:  # read while the holder was writing it
        return {}
    return holder if isinstance(holder, dict) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
