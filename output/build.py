"""From the archive to a dataset: clean each shard once, take what is current of it, publish.

The rows of a WARC file are kept under a name that says by which rules they were made, so a run cleans only what is new, and a change of the
rules makes everything anew. Which record of a page is current, the crawl's state knows; an archive of others has none, and its newest record counts.
"""

import atexit
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaning.article import page_lines
from cleaning.repeated import RepeatedLines
from crawler.archive import read_pages
from crawler.page import Page
from crawler.site import Site
from crawler.visits import Outcome, Visit, read_visits

from .dataset.disk import write_whole
from .dataset.rows import PageRows, refusal_row
from .dataset.shard import SHARD_TABLES, Shard, ShardStats, read_shard, write_shard
from .rules import rules_sha256
from .sandbox import Order, Poison, Sandbox


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker must know to do one shard; small, and picklable."""

    source: str
    """A WARC file, or a folder of pages."""
    folder: str
    """Where the rows go."""
    name: str
    """Of the shard: says what it is made from, and by which rules."""
    run_id: str
    site: Site | None = None
    """The profile of the pages; None for an archive of others'."""
    repeated: str = ""
    """The file of the site's repeated lines; "" for none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that we could not handle: our bug. It is kept, to become a test."""

    url: str
    file: str
    """Its WARC file; "" for a loose file."""
    offset: int
    error: str
    kept: str
    """The file with the traceback; the page's bytes lie beside it."""


@dataclass(frozen=True, slots=True)
class Done:
    """A shard on disk, and the pages that failed."""

    shard: Shard
    failures: tuple[Failure, ...] = ()


def tasks(
    archive: Iterable[Path], folder: Path, run_id: str, site: Site | None = None, repeated: Path | None = None
) -> list[Task]:
    """One task for each WARC file or folder of pages."""
    told = [
        rules_sha256(),
        repr(site.layout) if site else "",
        site.language if site else "",
        repeated.read_text() if repeated else "",
    ]
    rules = hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]
    return [
        Task(
            str(source),
            str(folder),
            f"{source.name.removesuffix('.gz').removesuffix('.warc')}-{_mark(source)}-{rules}",
            run_id,
            site,
            str(repeated or ""),
        )
        for source in archive
    ]


def repeated_lines(files: Sequence[Path], folder: Path) -> Path | None:
    """The file of the lines that stand on many of a site's pages; None for an empty archive.

    They are learned anew when the archive has grown by half: if every night moved them, every night would clean everything anew.
    """
    if not files:
        return None
    kept = folder / "repeated.json"
    known = json.loads(kept.read_bytes()) if kept.exists() else {"bytes": 0}
    size = sum(file.stat().st_size for file in files)
    if known.get("rules") != rules_sha256() or size >= GROWN * known["bytes"]:
        lines = RepeatedLines()
        for page in read_pages(files):
            lines.add(page_lines(page))
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(kept) as file:
            file.write(
                json.dumps({"rules": rules_sha256(), "bytes": size, "lines": lines.to_json()}).encode()
            )
    return kept


GROWN = 1.5
"""Growth of the archive after which repeated lines are counted again: a line's share of pages moves by a third at most until then."""


def run_shard(task: Task) -> Done:
    """Clean every page of the source and find what it states; what is done already is read.

    A page that trips a fault of ours costs nothing but itself: it is kept, and told of.
    Raises BadArchive for a source that is damaged.
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
            tuple(failure for failure in one.failures if failure.offset in offsets.get(failure.file, ())),
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


def troubles(visits: Iterable[Visit], site: str, run_id: str) -> Iterator[PageRows]:
    """The addresses that the crawl refused or failed to get, as rows."""
    for visit in visits:
        if visit.outcome in (Outcome.REFUSED, Outcome.FAILED, Outcome.GONE):
            reason = visit.reason or f"status {visit.status}"
            page = Page(visit.url, b"", status=visit.status, site=site)
            yield PageRows(refusal=refusal_row(page, "fetch", reason, visit.detail, run_id))


def visits_of(data: Path, site: str) -> list[Visit]:
    """What the crawl knows of a site's addresses."""
    state = data / "state" / f"{site}.sqlite"
    return list(read_visits(state)) if state.exists() else []


def _rows(task: Task, failed: Path) -> Iterator[PageRows]:
    failures = []
    order = Order(task.run_id, task.site, task.repeated)
    for rows in sandbox().rows(order, read_pages([task.source])):
        if isinstance(rows, Poison):
            failures.append(_keep(rows, Path(task.folder).parent / "failed"))
        else:
            yield rows
    with write_whole(failed) as file:  # before the marker that says the shard is done
        file.write(json.dumps([asdict(failure) for failure in failures]).encode())


@cache
def sandbox() -> Sandbox:
    """This process' sandbox: one child, started once."""
    made = Sandbox()
    atexit.register(made.close)
    return made


def _keep(poison: Poison, folder: Path) -> Failure:
    page = poison.page
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(page.body).hexdigest()[:16]
    told = folder / f"{name}.txt"
    (folder / f"{name}.body").write_bytes(page.body)
    told.write_text(f"{page.url}\n{dict(page.headers)}\n\n{poison.trace or poison.error}\n")
    file, offset = (page.record.file, page.record.offset) if page.record else ("", 0)
    return Failure(page.url, file, offset, poison.error, str(told))


def _mark(source: Path) -> str:
    """Tell a source from another of the same name: WARC files do not change once whole, folders may."""
    if source.is_file():
        return str(source.stat().st_size)
    files = sorted(path for path in source.rglob("*") if path.is_file())
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


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
    only = Shard(folder, shard.name, _stats(kept))
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in kept.items():
        pq.write_table(table, only.path(name), compression="zstd", row_group_size=10_000)
    return only


def _is_current(rows: pa.Table, offsets: Mapping[str, set[int]]) -> pa.Array:
    places = zip(rows["warc_file"].to_pylist(), rows["warc_offset"].to_pylist(), strict=True)
    return pa.array([offset in offsets.get(file, ()) for file, offset in places], pa.bool_())


def _stats(tables: Mapping[str, pa.Table]) -> ShardStats:
    site = {name: Counter(table["site"].fill_null("").to_pylist()) for name, table in tables.items()}
    names = sorted(site["articles"].keys() | site["refusals"].keys())
    refusals = zip(
        tables["refusals"]["stage"].to_pylist(), tables["refusals"]["reason"].to_pylist(), strict=True
    )
    return ShardStats(
        tables["articles"].num_rows + tables["refusals"].num_rows,
        tables["articles"].num_rows,
        tables["findings"].num_rows,
        tables["refusals"].num_rows,
        {name: {table: site[table][name] for table in SHARD_TABLES} for name in names},
        dict(sorted(Counter(tables["findings"]["role"].to_pylist()).items())),
        dict(sorted(Counter(f"{stage}: {reason}" for stage, reason in refusals).items())),
    )
