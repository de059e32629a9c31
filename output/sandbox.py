"""Clean pages in a child process, so that a page that hangs, or eats all memory, costs itself and nothing else.

The child lives as long as its owner and answers page by page; who has not answered in time, or whose child died, is the culprit, without any
guessing. (Bisecting by lost workers was tried: it never finished, or blamed the innocent.)
"""

import os
import resource
import signal
import struct
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from crawler.page import Page
from crawler.site import Site

from .dataset.rows import PageRows

PAGE_SECONDS = 30.0
"""Seconds of CPU that a page may take. 400 real pages took 0.1 s each on average (docs/scaling.md)."""

WAITING = 20
"""By the wall clock it may take so many times as long: the machine may be busy."""

MEMORY = 2**30
"""Bytes of address space that the child may take beyond what its libraries map. A page of 10 MB, the most the crawler takes, needs a quarter of it."""

BATCH_BYTES = 2_000_000
BATCH_PAGES = 32
"""Pages go over in batches, so that neither side waits for the other at every page."""


STARTS = 3
"""Times in a row that the child may die before it has read a page."""


class SandboxBroken(Exception):  # noqa: N818
    """The child does not come up: too little memory for the libraries, or a broken installation."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A page that could not be handled, and how that showed."""

    page: Page
    error: str
    """One line."""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What the child must know of the pages to come."""

    run_id: str
    site: Site | None = None
    repeated: str = ""
    """The file of the site's repeated lines; "" for none."""


class Sandbox:
    """A child that turns pages into rows."""

    def __init__(self, *, page_seconds: float = PAGE_SECONDS, memory: int = MEMORY) -> None:
        """The child starts with the first page."""
        self._page_seconds = page_seconds
        self._memory = memory
        self._child: subprocess.Popen[bytes] | None = None
        self._order: Order | None = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    @property
    def pid(self) -> int:
        """The child's process id, 0 while there is none."""
        return self._child.pid if self._child else 0

    def close(self) -> None:
        """Let the child go."""
        if self._child:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe:
                    with suppress(BrokenPipeError):
                        pipe.close()
        self._child = None

    def rows(self, order: Order, pages: Iterator[Page]) -> Iterator[PageRows | Poison]:
        """Each page's rows, or what became of it, in the order of the pages."""
        self._order = order
        if self._child:
            _send(self._child.stdin, _ORDER, order)
        for batch in _batches(pages):
            yield from self._batch(batch)

    def _batch(self, batch: Sequence[Page]) -> Iterator[PageRows | Poison]:
        left = list(batch)
        starts = 0
        while left:
            try:
                child = self._ready()
                _send(child.stdin, _PAGES, left)
            except BrokenPipeError:  # died between two batches, or never came up
                self.close()
                starts += 1
                if starts >= STARTS:
                    raise SandboxBroken(
                        f"the process that cleans pages did not start {starts} times"
                    ) from None
                continue
            while left:
                answer = self._answer(child)
                page = left.pop(0)
                if isinstance(answer, str):
                    self.close()
                    yield Poison(page, answer)
                    break
                yield answer if isinstance(answer, PageRows) else Poison(page, *answer)

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "output.sandbox", str(self._memory), str(self._page_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
            if not _receive(self._child.stdout):
                raise BrokenPipeError
            _send(self._child.stdin, _ORDER, self._order)
        return self._child

    def _answer(self, child: subprocess.Popen[bytes]) -> PageRows | tuple[str, str] | str:
        """A page's rows; a fault of ours and its traceback; or, as a text, how the child ended."""
        frame = _receive(child.stdout)
        if not frame:
            status = child.wait()
            late = status in (-signal.SIGPROF, -signal.SIGALRM)
            return (
                f"not done in {self._page_seconds:g} s" if late else f"its process ended with status {status}"
            )
        kind, *told = msgspec.msgpack.decode(frame)
        return PageRows(told[0], tuple(told[1]), told[2]) if kind == "rows" else (told[0], told[1])


_ORDER, _PAGES = b"o", b"p"
_HEAD = struct.Struct(">cI")


def _batches(pages: Iterator[Page]) -> Iterator[list[Page]]:
    batch: list[Page] = []
    size = 0
    for page in pages:
        batch.append(page)
        size += len(page.body)
        if size >= BATCH_BYTES or len(batch) >= BATCH_PAGES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _send(pipe: IO[bytes] | None, kind: bytes, message: Any) -> None:
    assert pipe  # noqa: S101  for the type checker
    body = msgspec.msgpack.encode(message)
    pipe.write(_HEAD.pack(kind, len(body)) + body)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> bytes:
    """A frame's body; empty if the pipe ended before it was whole."""
    assert pipe  # noqa: S101  for the type checker
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return b""
    _, size = _HEAD.unpack(head)
    body = pipe.read(size)
    return body if len(body) == size else b""


# The child


def _main() -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not break the frames
    memory, page_seconds = int(sys.argv[1]), float(sys.argv[2])
    _told(
        _FIRST, Order(""), None
    )  # libraries and models come in before the limit is set and the first page's time runs
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(out, _ORDER, "ready")
    order = Order("")
    repeated = None
    while head := sys.stdin.buffer.read(_HEAD.size):
        kind, size = _HEAD.unpack(head)
        body = sys.stdin.buffer.read(size)
        if len(body) < size:
            return
        if kind == _ORDER:
            order = msgspec.msgpack.decode(body, type=Order)
            repeated = _repeated(order)
        else:
            for page in msgspec.msgpack.decode(body, type=list[Page]):
                # The kernel's own clock and default action: they stop a regular expression that holds the interpreter, owner or no owner.
                # Seconds of CPU, so that a busy machine loses no page; the wall clock is for whatever waits without working.
                signal.setitimer(signal.ITIMER_PROF, page_seconds)
                signal.setitimer(signal.ITIMER_REAL, WAITING * page_seconds)
                told = _told(page, order, repeated)
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.setitimer(signal.ITIMER_REAL, 0)
                _send(out, _PAGES, told)


_FIRST = Page(
    "http://example.org/hiccups",
    b"<html lang=en><title>Hiccups</title><body><h1>What causes hiccups?</h1>"
    + b"<p>Hiccups are caused by eating too fast, and they pass by themselves. Drink a glass of cold water slowly.</p>"
    * 5
    + b"</body></html>",
)
"""An article, so that everything that an article needs is loaded."""


def _repeated(order: Order) -> Any:
    from cleaning.repeated import RepeatedLines

    return (
        RepeatedLines.from_json(msgspec.json.decode(Path(order.repeated).read_bytes())["lines"])
        if order.repeated
        else None
    )


def _told(page: Page, order: Order, repeated: Any) -> tuple[Any, ...]:
    from cleaning.article import NotAnArticle, Refusal, clean

    from .dataset.rows import page_rows, refusal_row
    from .findings import describe, find

    try:
        article = clean(page, order.site, repeated)
        if order.site and order.site.is_article(page.url) is False:
            raise NotAnArticle(Refusal.ADDRESS, "the profile's article patterns leave it out")
        subject = describe(article)
        rows = page_rows(article, page, subject, find(article, subject), order.run_id)
        return "rows", rows.article, rows.findings, None
    except NotAnArticle as refusal:
        return (
            "rows",
            None,
            (),
            refusal_row(page, "cleaning", refusal.reason.value, refusal.detail, order.run_id),
        )
    except Exception as error:  # told to the owner, who keeps the page
        return "fault", f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error))


if __name__ == "__main__":
    _main()
