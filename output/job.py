"""One run of the whole job: crawl, clean, find, judge the yield, publish, tell. What `consilia run` does."""

import hashlib
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version as version_of
from pathlib import Path

import msgspec
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.crawl import crawl
from crawler.engine import Workers
from crawler.event import say
from crawler.gates import asked_again, broken_bounds, disfigured, fallen
from crawler.lock import exclusive, exclusive_sites
from crawler.runs import Ledger, Run, SiteCounts
from crawler.settings import Settings
from crawler.site import Site
from crawler.store import is_address
from crawler.summary import Progress, SiteSummary
from crawler.visits import Visit

from .build import (
    Cleaned,
    Failure,
    Task,
    archive_of,
    clean_all,
    crawls_of,
    current,
    gone_because,
    index_tasks,
    repeated_lines,
    tasks,
    troubles,
    visits_of,
)
from .commoncrawl import BASE, wanted
from .dataset.disk import write_whole
from .dataset.publish import publish, run_row
from .dataset.run import RunInfo
from .dataset.run import SiteCounts as Fetched
from .dataset.shard import Shard, ShardStats, made_by, write_shard
from .dataset.version import Version, latest
from .report import write_pages, write_report
from .retention import SUMS, Leftover, leftovers, remove
from .rewritten import rewritten
from .rules import rules_sha256
from .teller import FAILED, GATE_FAILED, OK, REASONS, STOPPED, Teller

logger = logging.getLogger(__name__)


class NoArchive(Exception):  # noqa: N818  the user's words, not a fault
    """There is nothing to build a version of; says where."""


class NoPages(Exception):  # noqa: N818
    """Of the archive no page could be read, so no version is made of it; says why."""


class Stopped(Exception):  # noqa: N818
    """The crawl stopped before its end; the next run goes on with it. Says which site and why."""


@dataclass(frozen=True, slots=True)
class Job:
    """How a run ended."""

    run: Run
    counts: Mapping[str, SiteCounts]
    """By site of this run."""
    summaries: Mapping[str, SiteSummary]
    """What the crawl says of each."""
    gates: Mapping[str, Sequence[str]]
    """The gates that failed, by site."""
    failures: Sequence[Failure]
    """Pages that tripped a fault of ours."""
    version: Version | None
    """What was published; None if nothing was."""
    troubles: Sequence[str] = ()
    """What else a person should know, a line each."""


def run_job(
    sites: Sequence[Site],
    data: Path,
    settings: Settings,
    *,
    full: bool = False,
    accept: bool = False,
    watch: Callable[[Progress], None] | None = None,
    workers: Workers | None = None,
) -> Job:
    """Crawl the sites, bring the dataset in `data` up to date and tell how it went.

    `accept` publishes a yield that has fallen, and later runs are judged by it; the profiles' own bounds still hold.
    Raises AlreadyRunning, Stopped, and whatever makes a run impossible (disk full, damaged archive). The ledger then says so, and the version
    before stays published.
    """
    names = [site.name for site in sites]
    with exclusive_sites(data / "locks", names):
        ledger = Ledger(data / "runs.sqlite")
        full = full or _full_is_due(ledger, settings, names)
        run = ledger.begin(names, _profiles_sha256(sites), _versions(), full=full, accepted=accept)
        teller = Teller(settings, ledger, run)
        teller.begin(full)
        try:
            return _run(sites, data, settings, ledger, run, teller, watch, workers)
        except KeyboardInterrupt:
            teller.stopped("stopped by a signal", STOPPED)
            raise
        except Stopped as stopped:
            teller.stopped(str(stopped), FAILED)
            raise
        except Exception as error:
            teller.failed(f"{type(error).__name__}: {error}".splitlines()[0])
            raise


def _run(
    sites: Sequence[Site],
    data: Path,
    settings: Settings,
    ledger: Ledger,
    run: Run,
    teller: Teller,
    watch: Callable[[Progress], None] | None,
    workers: Workers | None,
) -> Job:
    least = settings.crawl.min_free_mb * 1_000_000
    crawled = crawl(
        sites, data, progress=teller.watching(watch), full=run.full, name=run.run_id, min_free=least
    )
    for summary in crawled.sites:
        teller.site_ended(summary)
    if unfinished := [site for site in crawled.sites if not site.finished]:
        raise Stopped("; ".join(f"{site.site}: {site.finish_reason}" for site in unfinished))
    summaries = {site.site: site for site in crawled.sites}
    keep_profiles(sites, data)
    with exclusive(data / "locks" / "dataset.lock", wait=True):  # a run over other sites may publish here now
        _check_disk(data, least)
        built = build_rows(data, run.run_id, ledger.held_back() - summaries.keys(), workers)
        published = latest(data / "dataset")
        gates: dict[str, list[str]] = {}
        accepted: dict[str, list[str]] = {}
        counts = {}
        for site in sites:
            counts[site.name] = _counts(summaries[site.name], built, data)
            failed = _unreachable(summaries[site.name]) + broken_bounds(site.gate, counts[site.name])
            moved = fallen(site.gate, counts[site.name], ledger.history(site.name, site.gate.runs))
            moved += disfigured(site.gate, rewritten(published, site.name, built.archived, built.shards))
            waved = run.accepted and not failed
            ledger.count(run.run_id, site.name, counts[site.name], failed + moved)
            teller.judged(site.name, failed + moved, waved=waved)
            if failed or moved:
                (accepted if waved else gates)[site.name] = failed + moved
        info = _info(run, sites, summaries, built, gates, accepted)
        version = None if gates else publish_rows(data, built, info, workers)
        if gates and published:
            _report_held_back(data, published, info, built)
        exit_code = GATE_FAILED if gates else FAILED if built.failures else OK
        # Under the lock still: another run must find the ledger in step with what is published.
        reason = REASONS[exit_code] if exit_code else info.finish_reason
        ledger.finish(run.run_id, reason, exit_code, version.id if version else None)
        troubles = _retain(data, settings)
    troubles += teller.ended(exit_code, version, built.failures, gates)
    return Job(ledger.show(run.run_id)[0], counts, summaries, gates, built.failures, version, troubles)


def spare(data: Path, settings: Settings) -> list[Leftover]:
    """What a run would take away from the folder by these settings."""
    return leftovers(data, list(_known_profiles(data)), settings.keep, datetime.now(UTC))


def _check_disk(data: Path, least: int) -> None:
    if least and shutil.disk_usage(data).free < least:
        raise Stopped(f"disk full: less than {least // 1_000_000} MB free in {data}; all pages are fetched")


def _retain(data: Path, settings: Settings) -> list[str]:
    """Take away what need not stay; what of that failed, in words."""
    try:
        going = spare(data, settings)
    except OSError as error:
        return [f"nothing was removed: {error}"]
    for leftover in going:
        say(
            logger,
            logging.INFO,
            f"removing {leftover.path}: {leftover.reason}",
            "removing",
            **asdict(leftover),
        )
    return remove(going)


def build_job(
    data: Path,
    archive: Sequence[Path | str],
    workers: Workers | None = None,
    watch: Callable[[Cleaned], None] | None = None,
    *,
    health: bool = False,
    index: Sequence[str] = (),
    base: str = BASE,
) -> tuple["Built", Version]:
    """Make a version of the folder's own archive, or of other WARC files and folders of pages, without fetching anything.

    The archive's files may have addresses that fsspec knows (s3://…). `index` are Parquet files that name records of WARC files under `base`.
    `health` refuses pages of others that do not speak of health.
    Raises NoArchive, NoPages, NoStore, Stuck, BadIndex, CheckFailed, PublishError.
    """
    if missing := next((path for path in archive if not is_address(path) and not Path(path).exists()), None):
        raise NoArchive(f"{missing}: no such file or folder")
    if not (archive or index or any(_known_profiles(data))):
        raise NoArchive(f"{data}: no archive here")
    began = datetime.now(UTC)
    run_id = f"build-{began:%Y-%m-%dT%H%M%SZ}"
    with exclusive(data / "locks" / "dataset.lock", wait=True):
        if archive or index:
            rows = data / "rows" / "foreign"
            todo = tasks(archive, rows, run_id, health=health)
            todo += index_tasks(wanted(index, base), rows, run_id, health=health)
            if not todo:
                raise NoArchive(f"{', '.join(map(str, archive or index))}: no WARC, HTML or text file here")
            built = _foreign_rows(todo, workers, watch)
        else:
            built = build_rows(data, run_id, Ledger(data / "runs.sqlite").held_back(), workers, watch)
        if not built.stats.pages_read:
            raise NoPages(_why_no_pages(built) or f"{', '.join(map(str, archive)) or data}: no page in it")
        info = RunInfo(
            run_id=run_id,
            started_at=began,
            finished_at=datetime.now(UTC),
            package_version=version_of("consilia"),
            code_version=rules_sha256()[:12],
            models={"rules": rules_sha256()},
            warcs=built.warcs,
            errors=len(built.failures),
        )
        return built, publish_rows(data, built, info, workers)


def _why_no_pages(built: "Built") -> str:
    """In words; "" where it can only be that there are none."""
    told = list(map(str, built.failures))
    if built.held_back:
        told.append(f"held back since the last run over it has not published: {', '.join(built.held_back)}")
    return "; ".join(told)


def _foreign_rows(
    todo: Sequence[Task], workers: Workers | None, watch: Callable[[Cleaned], None] | None
) -> "Built":
    done = clean_all(todo, workers, watch)
    whole = [task for task in todo if not task.files and not task.places]
    sources = {Path(task.source) for task in whole if not is_address(task.source)}
    warcs = {path.name: _sha256(path) for path in sorted(sources)}
    failures = [failure for one in done for failure in one.failures]
    return Built([one.shard for one in done], {}, failures, warcs)


@dataclass(frozen=True, slots=True)
class Built:
    """What the archive of a data folder comes to."""

    shards: Sequence[Shard]
    """Current rows only, and one shard of what the crawl refused or failed to get."""
    gone: Mapping[str, str]
    """Addresses that are articles no more, and why."""
    failures: Sequence[Failure]
    warcs: Mapping[str, str]
    """sha256 of each WARC file."""
    archived: Sequence[Shard] = ()
    """Rows of every record, superseded ones too."""
    held_back: Sequence[str] = ()
    """Sites of the folder whose pages were left aside; what is published of them stays."""

    @property
    def stats(self) -> ShardStats:
        """All shards added together."""
        return sum((shard.stats for shard in self.shards), ShardStats())


def build_rows(
    data: Path,
    run_id: str,
    held_back: Set[str] = frozenset(),
    workers: Workers | None = None,
    watch: Callable[[Cleaned], None] | None = None,
) -> Built:
    """Clean what is not cleaned yet. Every site of the folder counts, not only those of this run, but for those held back: of them nothing
    is told, so what is published of them stays."""
    rows = data / "rows"
    shutil.rmtree(rows / "current", ignore_errors=True)
    todo: list[Task] = []
    visits: list[Visit] = []
    refused = []
    warcs: dict[str, str] = {}
    aside = []
    for site in _known_profiles(data):
        files = archive_of(data, site.name)
        warcs |= _sums(files, rows / site.name / SUMS)
        if site.name in held_back:
            aside.append(site.name)
            continue
        known = visits_of(data, site.name)
        visits += known
        refused += list(troubles(known, site.name, crawls_of(data, site.name), run_id))
        repeated = repeated_lines(known, files, rows / site.name, workers)
        todo += tasks(files, rows / site.name, run_id, site, repeated)
    done = clean_all(todo, workers, watch)
    archived = [one.shard for one in done]
    done = current(done, visits, rows / "current")
    shards = [one.shard for one in done]
    shards.append(write_shard(refused, rows / "current", "crawl"))
    gone = {visit.url: reason for visit in visits if (reason := gone_because(visit))}
    failures = [failure for one in done for failure in one.failures]
    return Built(shards, gone, failures, warcs, archived, aside)


def publish_rows(data: Path, built: Built, info: RunInfo, workers: Workers | None = None) -> Version:
    """Publish what was built as the newest version of the folder's dataset."""

    def finish(version: Version) -> None:
        write_pages(version, version.path / "pages")
        write_report(version, version.path / "report.html", pages="pages/")

    return publish(built.shards, data / "dataset", info, gone=built.gone, finish=finish, workers=workers)


def _counts(summary: SiteSummary, built: Built, data: Path) -> SiteCounts:
    no_articles: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    lengths: list[int] = []
    for shard in built.shards:
        mine = pc.field("site") == summary.site
        articles = pq.read_table(shard.path("articles"), columns=["length"], filters=mine)
        lengths += articles["length"].to_pylist()
        findings.update(
            pq.read_table(shard.path("findings"), columns=["role"], filters=mine)["role"].to_pylist()
        )
        cleaned = mine & (pc.field("stage") == "cleaning")
        no_articles.update(
            pq.read_table(shard.path("refusals"), columns=["reason"], filters=cleaned)["reason"].to_pylist()
        )
    again, missed = asked_again(data / "state" / f"{summary.site}.sqlite")
    return SiteCounts(
        fetched=summary.fetched,
        new=summary.new,
        changed=summary.changed,
        unchanged=summary.unchanged,
        gone=summary.gone,
        refused=dict(no_articles + Counter(summary.refused_by_reason)),
        failed=dict(summary.failed_by_reason),
        statuses=dict(summary.statuses),
        bytes=summary.bytes,
        again=again,
        missed=missed,
        pages=len(lengths) + no_articles.total(),
        articles=len(lengths),
        findings=dict(findings),
        mean_characters=sum(lengths) / max(len(lengths), 1),
        finish_reason=summary.finish_reason,
    )


def _cut_short(summaries: Mapping[str, SiteSummary]) -> str:
    """What ended the crawl of a site before all was fetched; "" if nothing did."""
    return "; ".join(
        f"{name}: {summary.finish_reason}"
        for name, summary in summaries.items()
        if summary.finish_reason != "finished"
    )


def _unreachable(summary: SiteSummary) -> list[str]:
    return [summary.finish_reason] if summary.finish_reason.startswith("unreachable") else []


def _report_held_back(data: Path, published: Version, info: RunInfo, built: Built) -> None:
    """The report of a run that publishes nothing: what is published, under the bounds that this run broke."""
    known = {name: counts.get("articles", 0) for name, counts in published.facts["sites"].items()}
    history = [run_row(info, made_by(info.run_id, built.shards), known)]
    write_report(published, data / "report.html", history=history, pages="dataset/latest/pages/")


def _info(
    run: Run,
    sites: Sequence[Site],
    summaries: Mapping[str, SiteSummary],
    built: Built,
    gates: Mapping[str, Sequence[str]],
    accepted: Mapping[str, Sequence[str]],
) -> RunInfo:
    return RunInfo(
        run_id=run.run_id,
        started_at=datetime.fromisoformat(run.started_at),
        finished_at=datetime.now(UTC),
        finish_reason=_cut_short(summaries) or "finished",
        package_version=run.versions["consilia"],
        code_version=rules_sha256()[:12],
        config={"sites": [msgspec.to_builtins(site) for site in sites]},
        models={"rules": rules_sha256()},
        warcs=built.warcs,
        sites={
            name: Fetched(
                summary.pages_fetched,
                summary.pages_confirmed,
                summary.pages_failed,
                tuple(gates.get(name, ())),
                tuple(accepted.get(name, ())),
            )
            for name, summary in summaries.items()
        },
        errors=len(built.failures),
    )


def _full_is_due(ledger: Ledger, settings: Settings, sites: Sequence[str]) -> bool:
    """Whether the last full run over these sites is older than the settings allow; a first run is full by itself."""
    days = settings.crawl.full_every_days
    last = ledger.last_full(sites)
    return bool(days and last and datetime.now(UTC) - datetime.fromisoformat(last) >= timedelta(days=days))


def _profiles_sha256(sites: Sequence[Site]) -> str:
    return hashlib.sha256(
        msgspec.json.encode(sorted(sites, key=lambda site: site.name), order="sorted")
    ).hexdigest()


def _versions() -> dict[str, str]:
    return {"consilia": version_of("consilia"), "scrapy": version_of("scrapy"), "rules": rules_sha256()}


def keep_profiles(sites: Sequence[Site], data: Path) -> None:
    """Keep the profiles beside the archive: a later run over other sites must read these pages the same way."""
    for site in sites:
        path = data / "state" / f"{site.name}.profile.json"
        new = path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(site))
        new.replace(path)


def _known_profiles(data: Path) -> Iterator[Site]:
    for path in sorted((data / "state").glob("*.profile.json")):
        yield msgspec.json.decode(path.read_bytes(), type=Site)


_Sum = tuple[int, int, str]
"""A file's bytes, its time, its sha256."""


def _sums(files: Sequence[Path], kept: Path) -> dict[str, str]:
    """The files' sha256. They do not change once whole: of one whose size and time are as they were, it is known, so that a night does not
    read all archives there are."""
    known: dict[str, _Sum] = (
        msgspec.json.decode(kept.read_bytes(), type=dict[str, _Sum]) if kept.exists() else {}
    )
    told: dict[str, _Sum] = {}
    for file in files:
        size, time = file.stat().st_size, file.stat().st_mtime_ns
        before = known.get(file.name, (0, 0, ""))
        told[file.name] = (size, time, before[2] if before[:2] == (size, time) else _sha256(file))
    if told != known:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(kept) as out:
            out.write(msgspec.json.encode(told))
    return {name: facts[2] for name, facts in told.items()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
