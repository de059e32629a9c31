"""From the archive to a dataset: clean each shard once, take what is current of it, publish.

The rows of a WARC file are kept under a name that says by which rules they were made, so a run cleans only what is new, and a change of the
rules makes everything anew. Which record of a page is current, the crawl's state knows; an archive of others has none, and its newest record counts.
"""

import atexit
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaning.article import page_lines
from cleaning.health import health
from cleaning.repeated import RepeatedLines
from crawler.archive import (
    PAGE_SUFFIXES,
    WARC_SUFFIXES,
    BadArchive,
    name_of,
    next_record,
    read_pages,
    read_part,
    read_places,
)
from crawler.engine import Workers, run_tasks
from crawler.page import Page
from crawler.site import Site
from crawler.store import find_store, is_address
from crawler.visits import Outcome, Visit, read_run_names, read_visits

from .dataset.disk import write_whole
from .dataset.parquet import in_batches
from .dataset.rows import PageRows, refusal_row
from .dataset.shard import SHARD_TABLES, Shard, read_shard, stats_of, write_shard
from .rules import rules_sha256
from .sandbox import Order, Poison, Sandbox

PART_BYTES = 16_000_000
"""A larger WARC file is cut into parts of so many of its (compressed) bytes, each a task: 100 MB of HTML or so, a minute of one core. What a task
holds in memory, the rows of its pages, is bounded with it (docs/scaling.md has the measurement)."""

LOOSE_BYTES = 20_000_000
"""Loose files of so many bytes are one task."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker must know to do one shard; small, and picklable."""

    source: str
    """A WARC file, or its address; of loose files the folder."""
    folder: str
    """Where the rows go."""
    name: str
    """Of the shard: says what it is made from, and by which rules."""
    run_id: str
    site: Site | None = None
    """The profile of the pages; None for an archive of others'."""
    repeated: str = ""
    """The file of the site's repeated lines; "" for none."""
    start: int = 0
    """Of a part of a file: records that begin before this byte are another task's."""
    end: int | None = None
    """And so are those that begin at this byte or later; None for the file's end."""
    places: tuple[tuple[int, int], ...] = ()
    """Offset and length of the only records wanted; () for all."""
    files: tuple[str, ...] = ()
    """Loose files, if it is about these."""
    health: bool = False
    """Whether pages that do not speak of health are refused unread."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that we could not handle, which is our bug and is kept, to become a test; or a part of a WARC file that is damaged."""

    url: str
    """"" for damage."""
    file: str
    """Its WARC file; "" for a loose file."""
    offset: int
    error: str
    kept: str
    """The file with the traceback; the page's bytes lie beside it. For damage the WARC file."""
    digest: str = ""
    """The payload's, "sha1:…"."""

    def __str__(self) -> str:
        """One line with everything that leads back to the bytes."""
        place = f"{self.file} at byte {self.offset}" if self.file else ""
        told = " ".join(part for part in (self.url, place and f"({place})" if self.url else place) if part)
        return f"{told}: {self.error}; kept as {self.kept}{f' ({self.digest})' if self.digest else ''}"


@dataclass(frozen=True, slots=True)
class Done:
    """A shard on disk, and the pages that failed."""

    shard: Shard
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How far the cleaning has come."""

    shards: int
    of: int
    pages: int
    failures: int


def tasks(
    archive: Iterable[Path | str],
    folder: Path,
    run_id: str,
    site: Site | None = None,
    repeated: Path | None = None,
    *,
    health: bool = False,
) -> list[Task]:
    """A task for each WARC file, for each part of a large one, and for every 20 MB of loose files. With `health` other pages are refused."""
    rules = _rules(site, repeated) + ("-health" if health else "")
    made = []
    for source in archive:
        for whole in _sources(source):
            stem = name_of(whole.source).removesuffix(".gz").removesuffix(".warc")
            told = Task(
                whole.source,
                str(folder.absolute()),
                f"{_safe(stem)}-{_mark(whole, foreign=site is None)}-{rules}",
                run_id,
                site,
                str(repeated.absolute()) if repeated else "",
                files=whole.files,
                health=health,
            )
            made += _parts(told)
    return made


def index_tasks(
    places: Iterable[tuple[str, tuple[tuple[int, int], ...]]],
    folder: Path,
    run_id: str,
    *,
    health: bool = False,
) -> list[Task]:
    """A task for each lot of records that an index names (output.commoncrawl)."""
    rules = _rules(None, None) + ("-health" if health else "")
    return [
        Task(
            source,
            str(folder.absolute()),
            f"{_safe(name_of(source))}-{hashlib.sha256(repr((source, lot)).encode()).hexdigest()[:12]}-{rules}",
            run_id,
            places=lot,
            health=health,
        )
        for source, lot in places
    ]


def _rules(site: Site | None, repeated: Path | None) -> str:
    told = [
        rules_sha256(),
        repr(site.layout) if site else "",
        site.language if site else "",
        repeated.read_text() if repeated else "",
    ]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]


def clean_all(
    todo: Sequence[Task], workers: Workers | None = None, watch: Callable[[Cleaned], None] | None = None
) -> list[Done]:
    """Do the tasks, wherever; their shards are given in the tasks' order. Raises Stuck."""
    done: dict[str, Done] = {}
    pages = failures = 0
    for task, one in run_tasks(run_shard, todo, workers or Workers()):
        done[task.name] = one
        pages += one.shard.stats.pages
        failures += len(one.failures)
        if watch:
            watch(Cleaned(len(done), len(todo), pages, failures))
    return [done[task.name] for task in todo]


def repeated_lines(
    visits: Iterable[Visit], files: Sequence[Path], folder: Path, workers: Workers | None = None
) -> Path | None:
    """The file of the lines that stand on many of a site's pages; None for an empty archive.

    Of each page its newest record counts: of a page that changes every night, every line would else stand on many. They are learned anew
    when the site has grown by half: if every night moved them, every night would clean everything anew.
    """
    if not files:
        return None
    places: dict[str, list[tuple[int, int]]] = {}
    for visit in visits:
        if visit.has_body and not gone_because(visit):
            places.setdefault(visit.file, []).append((visit.start, visit.length))
    kept = folder / "repeated.json"
    known = json.loads(kept.read_bytes()) if kept.exists() else {"bytes": 0}
    size = sum(length for found in places.values() for _, length in found)
    if known.get("rules") != rules_sha256() or size >= GROWN * known["bytes"]:
        lines = RepeatedLines()
        todo = [
            Task(str(file.absolute()), "", f"{file.name}-{number:03}", "", places=tuple(batch))
            for file in files
            for number, batch in enumerate(in_batches(sorted(places.get(file.name, ())), LINES_PAGES))
        ]
        waiting: dict[str, RepeatedLines] = {}
        left = [part.name for part in todo]
        for part, counted in run_tasks(lines_of, todo, workers or Workers()):
            waiting[part.name] = counted
            while (
                left and left[0] in waiting
            ):  # in their order, or what is forgotten would depend on the engine
                lines.merge(waiting.pop(left.pop(0)))
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(kept) as file:
            file.write(
                json.dumps({"rules": rules_sha256(), "bytes": size, "lines": lines.to_json()}).encode()
            )
    return kept


def lines_of(task: Task) -> RepeatedLines:
    """On how many of the task's pages each line stands."""
    lines = RepeatedLines()
    for page in _pages(task, []):
        lines.add(page_lines(page))
    return lines


LINES_PAGES = 1_000
"""Pages whose lines are counted in one task."""

GROWN = 1.5
"""Growth of the site's pages after which repeated lines are counted again: a line's share of pages moves by a third at most until then."""


def run_shard(task: Task) -> Done:
    """Clean every page of the source and find what it states; what is done already is read.

    A page that trips a fault of ours costs nothing but itself: it is kept, and told of. Of a damaged file every whole record is used, and what is
    passed over is told of too.
    """
    folder = Path(task.folder)
    failed = folder / f"{task.name}.failed.json"
    if not (shard := read_shard(folder, task.name)):
        folder.mkdir(parents=True, exist_ok=True)
        shard = write_shard(_rows(task, failed), folder, task.name)
    return Done(shard, tuple(Failure(**row) for row in json.loads(failed.read_bytes())))


def archive_of(data: Path, site: str) -> list[Path]:
    """The whole WARC files of a site."""
    return sorted((data / "archive" / site).glob("*.warc.gz"))


def current(done: Sequence[Done], visits: Sequence[Visit], folder: Path) -> list[Done]:
    """The shards with only what comes of the newest record of a page that is still there."""
    offsets: dict[str, set[int]] = {}
    for visit in visits:
        if visit.has_body and not gone_because(visit):
            offsets.setdefault(visit.file, set()).add(visit.start)
    return [
        Done(
            _only(one.shard, offsets, folder),
            tuple(
                failure
                for failure in one.failures
                if not failure.url or failure.offset in offsets.get(failure.file, ())
            ),
        )
        for one in done
    ]


def gone_because(visit: Visit) -> str:
    """Why a page that was had is an article no more; "" if it still counts.

    A page that fails, or is not found once, still counts: it may be back in the next run.
    """
    if visit.outcome is Outcome.GONE:
        return f"status {visit.status}"
    if visit.outcome is Outcome.MOVED:
        return f"moved to {visit.reason}"
    if visit.outcome is Outcome.REFUSED and visit.status == 0:
        return visit.reason
    return ""


def troubles(visits: Iterable[Visit], site: str, runs: Mapping[int, str], run_id: str) -> Iterator[PageRows]:
    """The addresses that the crawl refused or failed to get, as rows. A page gone for good is told of by its article.

    `runs` are the names of the crawl's runs; `run_id` stands for one without a name.
    """
    for visit in visits:
        if visit.outcome in (Outcome.REFUSED, Outcome.FAILED):
            answered = datetime.fromtimestamp(visit.asked_at, UTC) if visit.status else None
            page = Page(visit.url, b"", status=visit.status, fetched_at=answered, site=site)
            asked_by = runs.get(visit.run) or run_id
            yield PageRows(refusal=refusal_row(page, "fetch", visit.reason, visit.detail, asked_by))


def visits_of(data: Path, site: str) -> list[Visit]:
    """What the crawl knows of a site's addresses."""
    state = data / "state" / f"{site}.sqlite"
    return list(read_visits(state)) if state.exists() else []


def crawls_of(data: Path, site: str) -> dict[int, str]:
    """The names of the crawl's runs over a site."""
    state = data / "state" / f"{site}.sqlite"
    return read_run_names(state) if state.exists() else {}


def _rows(task: Task, failed: Path) -> Iterator[PageRows]:
    failures: list[Failure] = []
    refused: list[PageRows] = []
    pages = _pages(task, failures)
    if task.health:
        pages = _about_health(pages, refused, task.run_id)
    for rows in sandbox().rows(Order(task.run_id, task.site, task.repeated), pages):
        if isinstance(rows, Poison):
            failures.append(_keep(rows, Path(task.folder).parent / "failed"))
        else:
            yield rows
        yield from _emptied(refused)
    yield from _emptied(refused)
    failures.sort(key=lambda failure: (failure.file, failure.offset, failure.url))
    with write_whole(failed) as file:  # before the marker that says the shard is done
        file.write(json.dumps([asdict(failure) for failure in failures]).encode())


def _about_health(pages: Iterator[Page], refused: list[PageRows], run_id: str) -> Iterator[Page]:
    """The pages that speak of health; of the others the refusals are put by."""
    for page in pages:
        told = health(page)
        if told.passes:
            yield page
        else:
            detail = f"score {told.score:g} of {told.words} words"
            refused.append(PageRows(refusal=refusal_row(page, "cleaning", NOT_HEALTH, detail, run_id)))


def _emptied(rows: list[PageRows]) -> Iterator[PageRows]:
    while rows:
        yield rows.pop()


NOT_HEALTH = "not about health"


def _pages(task: Task, damaged: list[Failure]) -> Iterator[Page]:
    """The task's pages; behind damage it goes on with the next record that can be found."""
    if task.files:
        yield from read_pages(task.files)
        return
    if task.places:
        for place in task.places:
            try:
                yield from read_places(task.source, [place])
            except BadArchive as error:
                damaged.append(_damage(task, error, error.reason))
        return
    start = task.start
    while True:
        try:
            yield from read_part(task.source, start, task.end)
            return
        except BadArchive as error:
            behind = next_record(task.source, error.offset + 1)
            damaged.append(_damage(task, error, f"{error.reason}; passed over up to {behind or 'the end'}"))
            if behind is None or (task.end is not None and behind >= task.end):
                return
            start = behind


def _damage(task: Task, error: BadArchive, reason: str) -> Failure:
    return Failure("", name_of(task.source), error.offset, reason, task.source)


_own = threading.local()


def sandbox() -> Sandbox:
    """This thread's sandbox: one child, started once. (A Dask worker of others may have several threads.)"""
    if not hasattr(_own, "sandbox"):
        _own.sandbox = Sandbox()
        atexit.register(_own.sandbox.close)
    made: Sandbox = _own.sandbox
    return made


def _keep(poison: Poison, folder: Path) -> Failure:
    page = poison.page
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(page.body).hexdigest()[:16]
    told = folder / f"{name}.txt"
    (folder / f"{name}.body").write_bytes(page.body)
    told.write_text(f"{page.url}\n{dict(page.headers)}\n\n{poison.trace or poison.error}\n")
    file, offset, digest = (
        (page.record.file, page.record.offset, page.record.digest) if page.record else ("", 0, "")
    )
    return Failure(page.url, file, offset, poison.error, str(told), digest)


@dataclass(frozen=True, slots=True)
class _Source:
    source: str
    files: tuple[str, ...] = ()


def _sources(source: Path | str) -> Iterator[_Source]:
    """A WARC file by itself; of a folder each WARC file, and its loose files by the dozen."""
    if is_address(source):
        yield from (_Source(address) for address in _addresses(str(source)))
        return
    path = Path(source).absolute()
    if not path.is_dir():
        loose = path.suffix.lower() in PAGE_SUFFIXES
        yield _Source(str(path), (str(path),) if loose else ())
        return
    files = sorted(file for file in path.rglob("*") if file.is_file())
    yield from (_Source(str(file)) for file in files if file.name.lower().endswith(WARC_SUFFIXES))
    batch: list[str] = []
    size = 0
    for file in files:
        if file.suffix.lower() in PAGE_SUFFIXES:
            batch.append(str(file))
            size += file.stat().st_size
            if size >= LOOSE_BYTES:
                yield _Source(str(path), tuple(batch))
                batch, size = [], 0
    if batch:
        yield _Source(str(path), tuple(batch))


def _addresses(address: str) -> list[str]:
    """The address of a file by itself, or those of the WARC files below a folder's or a pattern's."""
    store, path = find_store(address)
    found = store.glob(path) if "*" in path else store.find(path)
    if not found:
        raise FileNotFoundError(2, "nothing here", address)
    return [
        store.unstrip_protocol(name)
        for name in sorted(found)
        if name.lower().endswith(WARC_SUFFIXES) or name == path
    ]


def _parts(task: Task) -> list[Task]:
    """The task, cut by the bytes of its file; only gzip members can be found from anywhere."""
    if task.files or not task.source.lower().endswith(".gz"):
        return [task]
    size = _size(task.source)
    starts = range(0, max(size, 1), PART_BYTES)
    return [
        replace(
            task,
            name=f"{task.name}-{number:03}" if len(starts) > 1 else task.name,
            start=start,
            end=start + PART_BYTES if start + PART_BYTES < size else None,
        )
        for number, start in enumerate(starts)
    ]


def _size(source: str) -> int:
    if is_address(source):
        store, path = find_store(source)
        return int(store.size(path))
    return Path(source).stat().st_size


def _mark(source: _Source, *, foreign: bool) -> str:
    """Tell a source from another of the same name: a crawl's files have names of their own and do not change once whole, those of others may."""
    if source.files:
        facts = [
            (path, stat.st_size, stat.st_mtime_ns) for path in source.files for stat in [Path(path).stat()]
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
    size = str(_size(source.source))
    if not foreign:
        return size
    return hashlib.sha256(f"{source.source}\0{size}".encode()).hexdigest()[:12]


def _safe(stem: str) -> str:
    """As a part of a shard's name."""
    return re.sub(r"[^\w.-]", "_", stem)[-100:]


def _only(shard: Shard, offsets: Mapping[str, set[int]], folder: Path) -> Shard:
    """The shard without rows of superseded records; itself where nothing is left out."""
    tables = {name: pq.read_table(shard.path(name)) for name in SHARD_TABLES}
    kept = {
        name: tables[name].filter(_is_current(tables[name], offsets)) for name in ("articles", "refusals")
    }
    if all(kept[name].num_rows == tables[name].num_rows for name in kept):
        return shard
    told = tables["findings"]
    kept["findings"] = told.filter(
        pc.is_in(told["article_id"], value_set=kept["articles"]["article_id"].combine_chunks())
    )
    only = Shard(folder, shard.name, stats_of(kept))
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in kept.items():
        pq.write_table(table, only.path(name), compression="zstd", row_group_size=10_000)
    return only


def _is_current(rows: pa.Table, offsets: Mapping[str, set[int]]) -> pa.Array:
    places = zip(rows["warc_file"].to_pylist(), rows["warc_offset"].to_pylist(), strict=True)
    return pa.array([offset in offsets.get(file, ()) for file, offset in places], pa.bool_())
