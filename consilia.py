"""The front door: the command line over the three stages. docs/commands.md tells of each command and exit code."""

import json
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from crawler.engine import Engine, Stuck, Workers
from crawler.schedule import Scheduler

if TYPE_CHECKING:
    from cleaning.article import Article
    from crawler.page import Page
    from crawler.runs import Ledger
    from crawler.settings import Settings
    from crawler.site import Site
    from crawler.summary import Progress
    from output.build import Cleaned
    from output.dataset.version import Version
    from output.job import Job

DATA = Path("data")
DEMO_DATA = DATA / "demo"
OK, FAILED, USAGE, GATE_FAILED, BUSY = 0, 1, 2, 3, 75
MAX_LINES = 8
"""Lines of a list that the summary prints before it says how many more there are."""

app = typer.Typer(
    help="Health articles in, structured causes and advice out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sites_app = typer.Typer(help="List, check and try site profiles.", no_args_is_help=True)
app.add_typer(sites_app, name="sites")
runs_app = typer.Typer(help="What past runs did and how they ended.", invoke_without_command=True)
app.add_typer(runs_app, name="runs")

Files = Annotated[
    list[str], typer.Argument(help='HTML or text files; "-" is standard input.', metavar="FILE…")
]
Profiles = Annotated[
    list[str] | None,
    typer.Argument(
        help="Site profiles: TOML files, or names of bundled ones. None: the demo.", metavar="[PROFILE…]"
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of archive, state, dataset and reports.  [default: data; the demo's is data/demo]"
    ),
]
Config = Annotated[
    Path | None, typer.Option("--settings", help="Settings file.  [default: consilia.toml, if there is one]")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and log JSON lines, for machines.")]
EngineChoice = Annotated[
    Engine | None,
    typer.Option("--engine", help="Where pages are cleaned.  [default: inline; dask with a scheduler]"),
]
WorkerCount = Annotated[
    int, typer.Option("--workers", min=0, help="Local workers of the engine; 0 is one a core.")
]
DaskScheduler = Annotated[
    str,
    typer.Option(
        "--scheduler", help="Address of a running Dask scheduler, tcp://…; without it one is started here."
    ),
]
AVersion = Annotated[
    str,
    typer.Argument(
        metavar="VERSION",
        help="A dataset version: its id, its folder, or the dataset's folder: then the latest.",
    ),
]
Full = Annotated[bool, typer.Option(help="Ask for every page anew, changed or not.")]


# Loose files


@app.command()
def text(files: Files) -> None:
    """Print what loose HTML or text files state, as JSON: indented for one file, a line each for several."""
    from output import describe, find, nested

    def put(article: "Article") -> None:
        subject = describe(article)
        record = {"source": article.url, **nested(article, subject, find(article, subject))}
        print(json.dumps(record, ensure_ascii=False, indent=2 if len(files) == 1 else None))

    _each_article(files, put)


@app.command()
def show(files: Files) -> None:
    """Show why each block of loose files was kept or dropped, and where each finding stands."""
    from output.terminal import explain

    _each_article(files, lambda article: _console().print(explain(article)))


def _each_article(files: Sequence[str], use: "Callable[[Article], None]") -> None:
    """Clean each file; exits with 1 if one could not be read or holds no article."""
    from cleaning.article import NotAnArticle, clean

    troubled = False
    for name in files:
        try:
            article = clean(_loose_page(name))
        except OSError as error:
            _complain(f"{name}: {error.strerror}")
            troubled = True
        except NotAnArticle as refusal:
            _complain(f"{name}: {refusal}")
            troubled = True
        else:
            use(article)
    if troubled:
        raise typer.Exit(FAILED)


def _loose_page(name: str) -> "Page":
    from crawler.page import Page

    body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    return Page("stdin" if name == "-" else name, body)


# The main job and its parts


@app.command()
def run(
    profiles: Profiles = None,
    data: Data = None,
    settings: Config = None,
    full: Full = False,
    accept: Annotated[
        bool,
        typer.Option(
            help="Publish a yield that fell, since it is right so; later runs are measured by it. The profile's own bounds still hold."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option(help="Say what would be done and what would be removed, and do nothing.")
    ] = False,
    engine: EngineChoice = None,
    workers: WorkerCount = 0,
    scheduler: DaskScheduler = "",
    as_json: Json = False,
) -> None:
    """Crawl sites, clean the pages, find causes and advice, publish a dataset version. Safe to call from any scheduler."""
    from output.job import run_job

    _log(as_json)
    config = _settings(settings)
    who = _workers(engine, workers, scheduler)
    with _sites(profiles, data) as (sites, folder):
        if dry_run:
            _print_plan(sites, folder, config, as_json)
            return
        with _progress(as_json) as watch:
            job = run_job(sites, folder, config, full=full, accept=accept, watch=watch, workers=who)
        _print_job(job, folder, as_json)
    raise typer.Exit(job.run.exit_code or OK)


@app.command()
def crawl(profiles: Profiles = None, data: Data = None, full: Full = False, as_json: Json = False) -> None:
    """Only gather pages into the archive."""
    from crawler.crawl import crawl as crawl_sites
    from crawler.lock import exclusive_sites
    from output.job import keep_profiles

    _log(as_json)
    with _sites(profiles, data) as (sites, folder):
        with exclusive_sites(folder / "locks", [site.name for site in sites]), _progress(as_json) as watch:
            summary = crawl_sites(sites, folder, progress=watch, full=full)
            keep_profiles(sites, folder)  # `consilia build` reads the pages by them
        if as_json:
            print(json.dumps(asdict(summary), default=str))
        else:
            from output.terminal import crawl_table

            _console().print(crawl_table(summary.sites))
    stopped = [
        site for site in summary.sites if not site.finished or site.finish_reason.startswith("unreachable")
    ]
    for site in stopped:
        _complain(f"{site.site}: {site.finish_reason}")
    raise typer.Exit(FAILED if stopped else OK)


@app.command()
def build(
    archive: Annotated[
        list[str] | None,
        typer.Argument(
            help="WARC files, or folders of WARC, HTML or text files, or their addresses (s3://…). None: the archive in the data folder.",
            metavar="[PATH…]",
        ),
    ] = None,
    data: Data = None,
    health: Annotated[
        bool,
        typer.Option(
            "--health", help="Refuse pages that do not speak of health, unread: for a general crawl."
        ),
    ] = False,
    index: Annotated[
        list[str] | None,
        typer.Option(
            help="Parquet file that names records of WARC files, in Common Crawl's form. Only they are read.",
            metavar="FILE",
        ),
    ] = None,
    base: Annotated[
        str, typer.Option(help="Where the index' WARC files lie: a folder or an address.")
    ] = "https://data.commoncrawl.org/",
    engine: EngineChoice = None,
    workers: WorkerCount = 0,
    scheduler: DaskScheduler = "",
    as_json: Json = False,
) -> None:
    """Make a dataset version of an archive, without fetching anything."""
    from output.job import build_job

    _log(as_json)
    with _shards(as_json) as watch:
        built, version = build_job(
            data or DATA,
            archive or [],
            _workers(engine, workers, scheduler),
            watch,
            health=health,
            index=index or [],
            base=base,
        )
    if as_json:
        failed = [asdict(failure) for failure in built.failures]
        told = {
            "version": version.id,
            "path": str(version.path),
            "articles": version.facts["articles"],
            "findings": version.facts["findings"],
            "read": asdict(built.stats),
            "held_back": list(built.held_back),
            "failures": failed,
        }
        print(json.dumps(told))
    else:
        from output.terminal import holds

        stats = built.stats
        print(f"{version.path}: {holds(version)}")
        print(f"read: {stats.articles} articles, {stats.findings} findings, {stats.refusals} pages refused")
        for site in built.held_back:
            print(f"held back: {site}, since its last run has not published; what was published of it stays")
    for failure in built.failures:
        _complain(str(failure))
    raise typer.Exit(FAILED if built.failures else OK)


def _workers(engine: Engine | None, count: int, scheduler: str) -> Workers:
    if engine is None:
        engine = Engine.DASK if scheduler else Engine.INLINE
    if scheduler and engine is not Engine.DASK:
        raise typer.BadParameter("a scheduler is for the engine dask", param_hint="--scheduler")
    if engine is Engine.DASK and find_spec("distributed") is None:
        raise typer.BadParameter(
            "Dask is not installed: pip install 'consilia[scale]'", param_hint="--engine"
        )
    return Workers(engine, count, scheduler)


@contextmanager
def _sites(profiles: Sequence[str] | None, data: Path | None) -> "Iterator[tuple[list[Site], Path]]":
    """The profiles' sites and the folder for them; without profiles the demo's, which is served as long as the block runs."""
    if profiles:
        yield _different(profiles), data or DATA
        return
    from crawler.demo import serve

    with serve() as demo:
        yield list(demo.sites), data or DEMO_DATA


def _different(profiles: Sequence[str]) -> "list[Site]":
    """The profiles' sites. Raises BadProfile for two of one name: their archives and states would be one."""
    from crawler.site import BadProfile

    named: dict[str, str] = {}
    sites = []
    for profile in profiles:
        site = _site(profile)
        if site.name in named:
            raise BadProfile(f"{profile}: name: {named[site.name]} is called {site.name!r}, too")
        named[site.name] = profile
        sites.append(site)
    return sites


def _site(profile: str) -> "Site":
    from crawler.site import find_site, load_site

    return load_site(Path(profile)) if profile.endswith(".toml") or os.sep in profile else find_site(profile)


def _settings(path: Path | None) -> "Settings":
    from crawler.settings import Settings, load_settings

    default = Path("consilia.toml")
    return load_settings(path or default) if path or default.exists() else Settings()


# What was published


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A dataset version: its id, or its folder.")],
    new: Annotated[str, typer.Argument(help="A later one.")] = "latest",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print what changed from one dataset version to another."""
    from output.dataset.changes import changes
    from output.terminal import changes_table

    before, after = _version(old, data), _version(new, data)
    rows = list(changes(before, after))
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False, default=str))
    else:
        _console().print(changes_table(rows))


@app.command()
def export(
    version: AVersion,
    into: Annotated[Path, typer.Argument(help="Folder for the files.")],
    format_: Annotated[
        str, typer.Option("--format", help="parquet, jsonl, csv, sqlite, jsonld or xlsx.")
    ] = "parquet",
    where: Annotated[
        list[str] | None,
        typer.Option(help='Conditions, all of which must hold: "role=cause", "title~cramp".'),
    ] = None,
    shareable: Annotated[
        bool, typer.Option(help="Only articles whose licence and reservations let them be passed on.")
    ] = False,
    data: Data = None,
) -> None:
    """Write a part of a dataset version in a format of choice; tells how many rows it has."""
    from output.dataset.export import select, write_part

    part = select(_version(version, data), where or (), shareable_only=shareable)
    for path in write_part(part, format_, into):
        print(path)
    print(f"{part.count('articles')} articles, {part.count('findings')} findings")


@app.command()
def upload(
    version: AVersion,
    address: Annotated[str, typer.Argument(help="Where to: s3://bucket/dataset, or what else fsspec knows.")],
    data: Data = None,
) -> None:
    """Copy a dataset version to a store, whole before `latest` there points at it."""
    from output.dataset.upload import upload as copy

    print(copy(_version(version, data), address))


def _version(place: str, data: Path | None) -> "Version":
    """By its folder, the dataset's folder (then the latest), or its id."""
    from output import open_version

    return open_version(place) if Path(place).exists() else open_version((data or DATA) / "dataset", place)


@app.command()
def serve(
    data: Data = None,
    port: Annotated[int, typer.Option(help="On 127.0.0.1.")] = 8001,
) -> None:
    """Browse the latest dataset version (Datasette) and its report and evidence pages, on loopback."""
    from output import open_version

    folder = data or _data_with("dataset/latest")
    version = open_version(folder / "dataset")
    arguments = [str(next(version.path.glob("*.sqlite"))), "--host", "127.0.0.1", "--port", str(port)]
    if (metadata := version.path / "datasette.yml").exists():
        arguments += ["--metadata", str(metadata)]
    arguments += ["--static", f"pages:{version.path}"]
    _check_free(port)
    print(
        f"dataset: http://127.0.0.1:{port}/   report: http://127.0.0.1:{port}/pages/report.html   (Ctrl-C stops)"
    )
    os.execv(sys.executable, [sys.executable, "-m", "datasette", "serve", *arguments])  # noqa: S606


def _check_free(port: int) -> None:
    """Raises OSError, naming the port, if somebody else listens there: Datasette would only find out later."""
    with socket.socket() as trying:
        trying.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a server that has just ended is no hindrance
        try:
            trying.bind(("127.0.0.1", port))
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"127.0.0.1:{port}") from None


# Sites, schedules, past runs


@sites_app.command("list")
def list_sites(as_json: Json = False) -> None:
    """List the bundled profiles."""
    from crawler.site import bundled_sites

    for site in bundled_sites():
        where = (*site.start, *site.sitemaps, *site.feeds)[0]
        print(json.dumps({"name": site.name, "start": where}) if as_json else f"{site.name:20} {where}")


@sites_app.command("check")
def check_sites(profiles: Annotated[list[str], typer.Argument(metavar="PROFILE…")]) -> None:
    """Check profiles without fetching anything; exits with 2 if one cannot be used."""
    from crawler.site import BadProfile

    bad = False
    for profile in profiles:
        try:
            print(f"{profile}: ok ({_site(profile).name})")
        except BadProfile as error:
            _complain(str(error))
            bad = True
    if bad:
        raise typer.Exit(USAGE)


@sites_app.command("try")
def try_site(
    profile: Annotated[
        str, typer.Argument(metavar="PROFILE", help="A TOML file, or the name of a bundled one.")
    ],
    pages: Annotated[int, typer.Option(help="Requests at most.", min=1)] = 12,
    as_json: Json = False,
) -> None:
    """Fetch a handful of pages, keep nothing, and show what would be taken, what refused, and why."""
    from crawler.trial import try_site as fetch_some
    from output.terminal import trial_table
    from output.trial import judge

    _log(as_json)
    site = _site(profile)
    trial = fetch_some(site, pages=pages)
    rows = judge(site, trial)
    if as_json:
        for row in rows:
            print(json.dumps(asdict(row), ensure_ascii=False))
    else:
        _console().print(trial_table(rows, trial.passed_over))
    if trial.summary.finish_reason.startswith("unreachable"):
        _complain(f"{site.name}: {trial.summary.finish_reason}")
        raise typer.Exit(FAILED)


@app.command()
def schedule(
    profiles: Annotated[list[str], typer.Argument(metavar="PROFILE…")],
    every: Annotated[
        str, typer.Option(help='"Mon..Fri 03:00", "Sat,Sun 4:30", "*:15", hourly, daily or weekly.')
    ],
    as_: Annotated[Scheduler, typer.Option("--as", help="Who shall call the run.")],
    data: Data = None,
) -> None:
    """Print ready systemd units, a crontab line or a Kubernetes CronJob for a run."""
    from crawler.schedule import Call, read_calendar, units

    sites = _different(profiles)  # a schedule for a broken profile would fail at night
    paths = tuple(
        str(Path(profile).absolute()) if os.sep in profile or profile.endswith(".toml") else profile
        for profile in profiles
    )
    name = "-".join(site.name for site in sites)
    call = Call(name, sys.executable, paths, str((data or DATA).absolute()), str(Path.cwd()))
    print(units(as_, read_calendar(every), call), end="")


@runs_app.callback()
def runs(
    context: typer.Context,
    data: Data = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List past runs."""
    if context.invoked_subcommand:
        return
    from output.terminal import runs_table

    ledger, going_on = _ledger(data)
    found = ledger.runs(limit)
    if as_json:
        for run_ in found:
            print(json.dumps(asdict(run_) | {"going_on": run_.run_id in going_on}))
    else:
        _console().print(runs_table([ledger.show(run_.run_id) for run_ in found], going_on))


@runs_app.command("show")
def show_run(run_id: str, data: Data = None, as_json: Json = False) -> None:
    """Tell all of one run."""
    from output.terminal import run_tables

    ledger, going_on = _ledger(data)
    try:
        run_, sites = ledger.show(run_id)
    except KeyError:
        _complain(f"{run_id}: no such run; `consilia runs` lists them")
        raise typer.Exit(FAILED) from None
    if as_json:
        told = {name: {**asdict(counts), "gates": gates} for name, (counts, gates) in sites.items()}
        print(json.dumps({**asdict(run_), "going_on": run_id in going_on, "by_site": told}))
    else:
        _console().print(run_tables(run_, sites, going_on))


def _ledger(data: Path | None) -> "tuple[Ledger, set[str]]":
    """The ledger, and the ids of the runs that are going on."""
    from crawler.lock import is_held
    from crawler.runs import Ledger

    folder = data or _data_with("runs.sqlite")
    if not (folder / "runs.sqlite").exists():
        _complain(f"{folder}: no runs here yet")
        raise typer.Exit(FAILED)
    ledger = Ledger(folder / "runs.sqlite")
    unfinished = [run_ for run_ in ledger.newest() if run_.finished_at is None]
    return ledger, {run_.run_id for run_ in unfinished if is_held(folder / "locks", run_.sites[0])}


def _data_with(name: str) -> Path:
    """The data folder, or the demo's if only that has what is looked for."""
    return DEMO_DATA if (DEMO_DATA / name).exists() and not (DATA / name).exists() else DATA


# What a person sees


def _print_plan(sites: "Sequence[Site]", data: Path, settings: "Settings", as_json: bool) -> None:
    from output.job import spare

    for site in sites:
        plan = {
            "site": site.name,
            "begins_at": [*site.sitemaps, *site.feeds, *site.start],
            "pages_at_most": site.budget.pages,
            "minutes_at_most": site.budget.minutes,
            "seconds_between_requests": site.politeness.delay,
            "known": (data / "state" / f"{site.name}.sqlite").exists(),
        }
        print(
            json.dumps(plan)
            if as_json
            else "\n".join(f"{key.replace('_', ' ')}: {value}" for key, value in plan.items()) + "\n"
        )
    for leftover in spare(data, settings):
        if as_json:
            print(json.dumps({"would_remove": asdict(leftover)}, default=str))
        else:
            print(f"would remove {leftover.path} ({leftover.bytes / 1e6:.1f} MB): {leftover.reason}")


def _print_job(job: "Job", data: Path, as_json: bool) -> None:
    if as_json:
        told = asdict(job.run) | {
            "counts": {name: asdict(counts) for name, counts in job.counts.items()},
            "gates": dict(job.gates),
        }
        print(json.dumps(told | {"dataset": str(job.version.path) if job.version else None}, default=str))
    else:
        from output.terminal import job_summary

        _console().print(job_summary(job))
    if job.version is None:
        _complain(f"nothing was published; the dataset in {data / 'dataset'} is as it was")


@contextmanager
def _progress(as_json: bool) -> "Iterator[Callable[[Progress], None] | None]":
    """A bar a site on a terminal; nothing elsewhere."""
    if as_json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        shown: dict[str, Any] = {}

        def watch(progress: "Progress") -> None:
            if progress.site not in shown:
                shown[progress.site] = bars.add_task(progress.site, total=None, note="")
            note = f"{progress.new} new, {progress.changed} changed, {progress.unchanged} unchanged"
            bars.update(
                shown[progress.site],
                completed=progress.asked,
                total=progress.asked + progress.pending,
                note=note,
            )

        yield watch


@contextmanager
def _shards(as_json: bool) -> "Iterator[Callable[[Cleaned], None] | None]":
    """One bar of shards on a terminal; JSON lines for a machine."""
    if as_json:
        from crawler.event import say

        def tell(cleaned: "Cleaned") -> None:
            line = f"{cleaned.shards} of {cleaned.of} shards, {cleaned.pages} pages"
            say(logging.getLogger("consilia"), logging.INFO, line, "cleaning", **asdict(cleaned))

        yield tell
        return
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[note]}"))
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("shards", total=None, note="")

        def watch(cleaned: "Cleaned") -> None:
            note = f"{cleaned.pages} pages, {cleaned.failures} failed"
            bars.update(bar, completed=cleaned.shards, total=cleaned.of, note=note)

        yield watch


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def _complain(line: str) -> None:
    """In the manner of the log, once there is one."""
    if logging.getLogger().handlers:
        logging.getLogger("consilia").error(line)
    else:
        print(f"consilia: {line}", file=sys.stderr)


def _log(as_json: bool) -> None:
    """Warnings for a person; every event for a machine."""
    from crawler.event import JsonLine

    handler = logging.StreamHandler()
    handler.setFormatter(JsonLine() if as_json else logging.Formatter("consilia: %(message)s"))
    logging.basicConfig(level=logging.INFO if as_json else logging.WARNING, handlers=[handler])


# How troubles end


def main() -> None:
    """Run the command line. What a user can mend is one line and a documented exit code; what is our fault keeps its traceback."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _stopped)
    try:
        app()  # makes 130 of a KeyboardInterrupt, and says nothing
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        _complain(_line(error))
        sys.exit(code)


def _stopped(*_: object) -> NoReturn:
    _complain("stopped; the next run goes on from here")
    raise KeyboardInterrupt


def _exit_code(error: Exception) -> int | None:
    from crawler.archive import BadArchive, CannotArchive
    from crawler.crawl import CrawlFailed
    from crawler.lock import AlreadyRunning
    from crawler.runs import CannotRecord
    from crawler.schedule import BadCalendar
    from crawler.settings import BadSettings
    from crawler.sharding import BadShard
    from crawler.site import BadProfile
    from crawler.store import NoStore
    from output.commoncrawl import BadIndex
    from output.dataset.check import CheckFailed
    from output.dataset.export import CannotExport
    from output.dataset.publish import PublishError
    from output.dataset.selection import BadCondition
    from output.dataset.upload import CannotUpload
    from output.job import NoArchive, NoPages, Stopped
    from output.sandbox import SandboxBroken

    if isinstance(error, AlreadyRunning):
        return BUSY
    if isinstance(
        error,
        BadProfile | BadSettings | BadShard | BadCalendar | BadCondition | CannotExport | NoArchive | NoStore,
    ):
        return USAGE
    if isinstance(
        error,
        BadArchive
        | BadIndex
        | CannotArchive
        | CannotRecord
        | CannotUpload
        | CrawlFailed
        | CheckFailed
        | NoPages
        | PublishError
        | SandboxBroken
        | Stopped
        | Stuck
        | OSError
        | sqlite3.Error,
    ):
        return FAILED
    return None


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


if __name__ == "__main__":
    main()
