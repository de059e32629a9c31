"""Publish a version: write it aside, check it, rename it, point `latest` at it.

Until the last rename readers see the version before, whole; after it the new one, whole. Whatever goes wrong on the way, a failed check, a
full disk, a kill, leaves `latest` where it was.
"""

import errno
import fcntl
import hashlib
import heapq
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.archive import sync_folder
from crawler.engine import Workers

from ..findings.topics import normal
from .changes import changed_fields, compare
from .check import check_tables
from .claims import Claims
from .columns import TABLES
from .describe import describe_version
from .disk import sync_tree
from .duplicates import COPY_COLUMNS, Copy, canonical_articles, copy_of, duplicates_within_sites
from .formats import FORMATS
from .merge import Known, Pair, pairs, refusals
from .parquet import read_rows, table_writer
from .rows import Row
from .run import RunInfo, SiteCounts
from .selection import Selection
from .shard import TRAITS, Shard, ShardStats, made_by
from .statistics import statistics
from .version import LATEST, MANIFEST, SCRATCH, STATISTICS, VERSIONS, Version, latest, next_id

DEFAULT_FORMATS = ("jsonl", "csv", "sqlite", "jsonld")


class PublishError(Exception):
    """A version could not be written; the message says why in one line."""


def publish(
    shards: Sequence[Shard],
    root: Path,
    run: RunInfo,
    *,
    gone: Mapping[str, str] | None = None,
    formats: Sequence[str] = DEFAULT_FORMATS,
    finish: Callable[[Version], None] | None = None,
    workers: Workers | None = None,
) -> Version:
    """Make a version of the shards and the version before, and let `latest` point at it.

    Gone maps addresses that are articles no more to the reason. Claims of many topics are grouped by the workers. Finish may add files to the version (the report) before it is sealed.
    Raises CheckFailed, and PublishError for a disk that is full or not ours.
    """
    if unknown := sorted(set(formats) - set(FORMATS)):
        raise PublishError(f"unknown format {', '.join(unknown)}; known: {', '.join(FORMATS)}")
    try:
        (root / VERSIONS).mkdir(parents=True, exist_ok=True)
        with _alone(root):
            return _publish(shards, root, run, gone or {}, formats, finish, workers)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise PublishError(
                f"{root}: no space left on the disk; the version before stays published"
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise PublishError(f"{error.filename or root}: not writable") from error
        raise


def _publish(
    shards: Sequence[Shard],
    root: Path,
    run: RunInfo,
    gone: Mapping[str, str],
    formats: Sequence[str],
    finish: Callable[[Version], None] | None,
    workers: Workers | None,
) -> Version:
    for left in (root / VERSIONS).glob(f"{SCRATCH}*"):
        shutil.rmtree(left)  # of a killed publisher: we hold the lock
    old = latest(root)
    id_ = next_id(root, run.finished_at)
    folder = root / VERSIONS / f"{SCRATCH}{id_}"
    folder.mkdir()
    try:
        _write_tables(folder, old, shards, run, gone, workers)
        checks = check_tables(folder)
        _write_json(folder / "checks.json", checks)
        everything = Selection(folder)
        for name in formats:
            FORMATS[name](everything, folder)
        facts = statistics(folder, run)
        _write_json(folder / STATISTICS, facts)
        describe_version(folder, id_, old, run, facts, formats)
        _write_manifest(folder, id_, old, run, checks["rows"])
        if finish:
            finish(Version(folder))
        _write_manifest(folder, id_, old, run, checks["rows"])
        sync_tree(folder)
        final = folder.with_name(id_)
        folder.rename(final)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sync_folder(final.parent)
    _point(root / LATEST, Path(VERSIONS, id_))
    return Version(final)


def _write_tables(
    folder: Path,
    old: Version | None,
    shards: Sequence[Shard],
    run: RunInfo,
    gone: Mapping[str, str],
    workers: Workers | None,
) -> None:
    data = folder / "data"
    data.mkdir()
    scratch = folder / "scratch"
    scratch.mkdir()
    copies = _copies(old, shards, gone, scratch)
    twice = duplicates_within_sites(copies)
    canonical = canonical_articles(copy for copy in copies if copy.url not in twice)
    known_by_site = _by_site(copies, twice)
    refused: list[Row] = []
    del copies
    with (
        table_writer(data / "articles.parquet", "articles") as articles,
        table_writer(scratch / "findings.parquet", "findings") as findings,
        table_writer(data / "changes.parquet", "changes") as changed,
    ):
        for pair in pairs(old, shards, gone, scratch):
            known = _settle(pair, twice, canonical, refused, run.run_id)
            if known is None:
                continue
            if row := compare(pair.old, known):
                changed(row)
            topic = normal(known.article["topic"] or "") or None  # the vocabulary may have grown
            articles({**TABLES["articles"].fill(known.article), "canonical_topic": topic})
            for finding in known.findings:
                findings({**TABLES["findings"].fill(finding), "canonical_topic": topic})
    with table_writer(data / "refusals.parquet", "refusals") as write:
        order = itemgetter(*TABLES["refusals"].order)
        for row in heapq.merge(refusals(shards, scratch), sorted(refused, key=order), key=order):
            write(row)
    unclaimed = scratch / "findings.parquet"
    claims = Claims(scratch, pq.read_metadata(unclaimed).num_rows)
    claims.count(_countable(Version(folder), read_rows(unclaimed)), workers)
    with table_writer(data / "claims.parquet", "claims") as write:
        for row in claims.rows():
            write(row)
    with table_writer(data / "findings.parquet", "findings") as write:
        for row in claims.of(read_rows(unclaimed)):
            write(row)
    claims.remove()
    unclaimed.unlink()
    scratch.rmdir()
    with table_writer(data / "runs.parquet", "runs") as write:
        before = list(old.rows("runs")) if old else []
        this = run_row(run, made_by(run.run_id, shards), known_by_site)
        for row in sorted(
            [*(row for row in before if row["run_id"] != run.run_id), this],
            key=lambda row: str(row["run_id"]),
        ):
            write(TABLES["runs"].fill(row))


def _copies(
    old: Version | None, shards: Sequence[Shard], gone: Mapping[str, str], scratch: Path
) -> list[Copy]:
    """The traits of every article that is there, by address. Where no shard holds one any more, the texts of the version before are read for it."""
    copies = []
    only_old = set()
    for pair in pairs(old, shards, gone, scratch, [*COPY_COLUMNS, *(field.name for field in TRAITS)]):
        if pair.new:
            copies.append(copy_of(pair.new.article))
        elif _alive(pair):
            only_old.add(pair.url)
    if old and only_old:
        rows = old.rows("articles", [*COPY_COLUMNS, "text"])
        copies += [copy_of(row) for row in rows if row["url"] in only_old]
    return sorted(copies, key=lambda copy: copy.url)


def _alive(pair: Pair) -> Known | None:
    if pair.new:
        return pair.new
    return None if pair.gone or not pair.old or pair.old.article["status"] == "gone" else pair.old


def _settle(
    pair: Pair, twice: Mapping[str, str], canonical: Mapping[str, str], refused: list[Row], run_id: str
) -> Known | None:
    """The article as it stands in the new version, or None for one that never was in the dataset and is refused."""
    note = pair.gone
    if pair.url in twice:
        note = f"the same text as {twice[pair.url]}"
        if pair.new:
            refused.append(_duplicate_row(pair.new.article, note, run_id))
        if pair.old is None:
            return None
    side = pair.old if note else pair.new or pair.old
    if side is None:
        return None
    article = dict(side.article)
    article["canonical_article_id"] = canonical.get(article["article_id"], article["article_id"])
    if note:
        article["status"], article["status_note"] = "gone", note
        article["canonical_article_id"] = article["article_id"]
    elif pair.new is None:
        if article["status"] != "gone":
            article["status"], article["status_note"] = "unchanged", None
    elif pair.old is None:
        article["status"] = "new"
    else:
        article["first_run_id"] = pair.old.article["first_run_id"]
        back = pair.old.article["status"] == "gone"
        article["status"] = "changed" if back or changed_fields(pair.old, pair.new) else "unchanged"
    return Known(article, side.findings)


def _duplicate_row(article: Row, note: str, run_id: str) -> Row:
    return {
        **{name: article.get(name) for name in TABLES["refusals"].schema.names},
        "stage": "dataset",
        "reason": "duplicate",
        "detail": note,
        "run_id": run_id,
    }


def _countable(version: Version, findings: Iterator[Row]) -> Iterator[Row]:
    """Findings of articles that are there and are no copies."""
    leave_out = {
        row["article_id"]
        for row in version.rows("articles", ("article_id", "status", "canonical_article_id"))
        if row["status"] == "gone" or row["canonical_article_id"] != row["article_id"]
    }
    return (row for row in findings if row["article_id"] not in leave_out)


def _by_site(copies: Iterable[Copy], twice: Mapping[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for copy in copies:
        if copy.url not in twice:
            counts[copy.site] = counts.get(copy.site, 0) + 1
    return counts


def run_row(run: RunInfo, stats: ShardStats, known: Mapping[str, int]) -> Row:
    """The run's row of the runs table; also of a run that was not published, for the report's history.

    Stats: of the rows that it has made; known: articles of each site in the version.
    """
    names = sorted((stats.by_site.keys() | run.sites.keys() | known.keys()) - {""})
    sites = []
    for name in names:
        crawled = run.sites.get(name, SiteCounts())
        counted = stats.by_site.get(name, {})
        sites.append(
            {
                "site": name,
                "fetched": crawled.fetched,
                "unchanged": crawled.unchanged,
                "failed": crawled.failed,
                "articles": counted.get("articles", 0),
                "refused": counted.get("refusals", 0),
                "findings": counted.get("findings", 0),
                "known": known.get(name, 0),
                "failed_gates": list(crawled.failed_gates),
                "accepted_gates": list(crawled.accepted_gates),
            }
        )
    return {
        "run_id": run.run_id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "finish_reason": run.finish_reason,
        "package_version": run.package_version or None,
        "code_version": run.code_version or None,
        "config_json": json.dumps(run.config, ensure_ascii=False, sort_keys=True, default=str),
        "models": [{"name": name, "sha256": sha} for name, sha in sorted(run.models.items())],
        "n_pages": sum(site.fetched for site in run.sites.values()) if run.sites else stats.pages_read,
        "n_unchanged": sum(site.unchanged for site in run.sites.values()),
        "n_errors": run.errors,
        "n_articles": stats.articles,
        "n_refused": stats.refusals,
        "n_findings": stats.findings,
        "sites": sites,
    }


def _write_manifest(
    folder: Path, id_: str, old: Version | None, run: RunInfo, rows: Mapping[str, int]
) -> None:
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (MANIFEST, "SHA256SUMS")
    }
    _write_json(
        folder / MANIFEST,
        {
            "version": id_,
            "previous_version": old.id if old else None,
            "run_id": run.run_id,
            "package_version": run.package_version,
            "code_version": run.code_version,
            "models": dict(sorted(run.models.items())),
            "warcs": dict(sorted(run.warcs.items())),
            "pyarrow_version": pa.__version__,
            "rows": rows,
            "files": files,
        },
    )
    sums = [f"{facts['sha256']}  {name}" for name, facts in files.items()]
    sums.append(f"{_sha256(folder / MANIFEST)}  {MANIFEST}")
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _point(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    sync_folder(link.parent)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the dataset's lock. Raises PublishError if another process publishes here now."""
    with (root / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishError(f"{root}: another process is publishing here") from None
        yield
