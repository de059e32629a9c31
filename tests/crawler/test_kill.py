"""A crawl that is killed goes on where it was. The web server's log and the archive are the judges, not our own counts."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from crawler.archive import read_pages, verify
from crawler.crawl import Job, crawl
from crawler.site import Site, read_site
from crawler.summary import SiteSummary
from crawler.visits import read_visits

from .website import Website, article, library, serve

ARTICLES = 380
PAGES = 1 + ARTICLES // 20 + ARTICLES
"""400: a start page, 19 lists, 380 articles."""


def begin(site: Site, data: Path, *program: str, name: str = "night") -> subprocess.Popen[bytes]:
    """The crawling process itself, without the parent that would take its summary."""
    child = subprocess.Popen(
        [sys.executable, *(program or ("-m", "crawler.child"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin
    child.stdin.write(msgspec.json.encode(Job([site], str(data), name=name)) + b"\n")
    child.stdin.flush()
    return child


def kill_at(web: Website, child: subprocess.Popen[bytes], hits: int, wait: float) -> None:
    """SIGKILL when the server has seen so many requests and a moment has passed, or the process has come to its end."""
    while web.pages_asked < hits and child.poll() is None:
        time.sleep(0.001)
    time.sleep(wait)
    child.kill()
    child.communicate()


def end_of(child: subprocess.Popen[bytes]) -> SiteSummary:
    """What the process says last; its input is held open as by a living parent."""
    assert child.stdout
    assert child.stderr
    kind, message = msgspec.json.decode(child.stdout.read().splitlines()[-1], type=tuple[str, SiteSummary])
    assert child.wait(timeout=60) == 0, child.stderr.read()
    child.communicate()
    assert kind == "summary"
    return message


def check_whole(web: Website, data: Path, summary: SiteSummary) -> None:
    """Every page is fetched, each once in the archive's index, its bytes those the server sent; no file is damaged."""
    assert set(web.pages) <= set(web.asked())
    visits = {
        visit.url.removeprefix(web.origin): visit for visit in read_visits(data / "state" / "web.sqlite")
    }
    assert set(visits) == set(web.pages)
    folder = data / "archive" / "web"
    stored = {(page.record.file, page.record.offset): page for page in read_pages([folder]) if page.record}
    for path, visit in visits.items():
        page = stored[visit.file, visit.start]
        assert page.url == web.origin + path
        assert page.body == str(web.pages[path]).encode()
        assert page.record
        assert page.record.length == visit.length
    for file in folder.iterdir():
        if file.suffix == ".gz":
            verify(file)
    assert not list(folder.glob("*.open"))
    assert summary.finish_reason == "finished"
    assert summary.finished
    assert summary.new == len(web.pages)
    assert summary.left == 0
    assert not summary.refused
    assert not summary.failed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_five_random_kills_lose_nothing(tmp_path: Path, seed: int) -> None:
    # Bounds: during fetching and archiving by the server's count, and at the close by a moment after the last page.
    chance = random.Random(seed)
    with serve(Website(library(ARTICLES))) as web:
        site = read_site(web.profile(politeness={"concurrency": chance.choice([1, 4, 8])}), "web.toml")
        kills = sorted(chance.randint(1, PAGES) for _ in range(4))
        for hits in kills:
            kill_at(web, begin(site, tmp_path), hits, chance.choice([0.0, chance.uniform(0, 0.05)]))
        kill_at(web, begin(site, tmp_path), PAGES, chance.uniform(0, 0.1))
        summary = end_of(begin(site, tmp_path))
        check_whole(web, tmp_path, summary)
        # A page is asked for twice only if it was in flight at a kill: leases and open requests, not the whole site.
        again = sum(number - 1 for number in web.asked().values())
        assert again <= (len(kills) + 1) * (site.politeness.concurrency + 1)


def test_a_kill_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    with serve(Website(library(60))) as web:
        site = read_site(web.profile(), "web.toml")
        kill_at(web, begin(site, tmp_path), 30, 0)
        assert len(web.hits) < 60
        (summary,) = crawl([site], tmp_path).sites
        check_whole(web, tmp_path, summary)
        assert summary.interruptions == 1


def test_a_child_whose_parent_is_killed_stops_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with serve(Website(library(60))) as web:
        profile = web.profile(politeness={"delay": 0.02})
        (tmp_path / "web.toml").write_text(profile)
        code = (
            "import sys; from pathlib import Path; from crawler.crawl import crawl; from crawler.site import load_site;"
            "crawl([load_site(Path(sys.argv[1]))], Path(sys.argv[2]))"
        )
        parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "web.toml"), str(tmp_path)])
        kill_at(web, parent, 20, 0)
        (summary,) = crawl([read_site(profile, "web.toml")], tmp_path).sites
        check_whole(web, tmp_path, summary)


def test_sigterm_is_a_clean_stop_that_is_taken_up_again(tmp_path: Path) -> None:
    with serve(Website(library(60))) as web:
        site = read_site(web.profile(), "web.toml")
        child = begin(site, tmp_path)
        while web.pages_asked < 20:
            time.sleep(0.001)
        child.send_signal(signal.SIGTERM)
        stopped = end_of(child)
        assert stopped.finish_reason == "interrupted"
        assert not stopped.finished
        assert not list((tmp_path / "archive" / "web").glob("*.open"))
        assert stopped.left
        (summary,) = crawl([site], tmp_path).sites
        check_whole(web, tmp_path, summary)
        assert max(web.asked().values()) == 1


def test_a_power_cut_that_takes_the_archives_tail_has_the_pages_fetched_again(tmp_path: Path) -> None:
    # The order of writes to the disk is not ours after a power cut: the state may know pages that the archive lost.
    with serve(Website(library(200))) as web:
        site = read_site(web.profile(), "web.toml")
        kill_at(web, begin(site, tmp_path), 80, 0)
        (open_file,) = (tmp_path / "archive" / "web").glob("*.open")
        os.truncate(open_file, open_file.stat().st_size * 2 // 3)
        (summary,) = crawl([site], tmp_path).sites
        check_whole(web, tmp_path, summary)
        assert max(web.asked().values()) == 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_files_cut_at_random_by_a_power_cut_lose_nothing(tmp_path: Path, seed: int) -> None:
    # What the kernel had not written yet is gone: the tails of the archive and of the state's log, each at its own place.
    chance = random.Random(seed)
    with serve(Website(library(60))) as web:
        site = read_site(web.profile(politeness={"concurrency": 4}), "web.toml")
        for _ in range(2):
            kill_at(web, begin(site, tmp_path), web.pages_asked + chance.randint(10, 30), 0)
            files = [*tmp_path.glob("archive/web/*.open"), *tmp_path.glob("state/web.sqlite-wal")]
            for file in chance.sample(files, chance.randint(1, len(files))):
                os.truncate(file, chance.randrange(file.stat().st_size + 1))
            (tmp_path / "state" / "web.sqlite-shm").unlink(missing_ok=True)
        check_whole(web, tmp_path, end_of(begin(site, tmp_path)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_kills_at_any_moment_of_a_second_run_lose_nothing(tmp_path: Path, seed: int) -> None:
    # By the clock, not by requests: also while the run is being set up from what the first one knew.
    chance = random.Random(seed)
    with serve(Website(library(60))) as web:
        site = read_site(web.profile(), "web.toml")
        check_whole(web, tmp_path, end_of(begin(site, tmp_path)))
        web.hits.clear()
        web.pages["/health/page-7"] = article(7, "<p>Edited.</p>")
        del web.pages["/health/page-8"]
        for _ in range(4):
            kill_at(web, begin(site, tmp_path, name="second"), 0, chance.uniform(0.4, 2.5))
        summary = end_of(begin(site, tmp_path, name="second"))
        assert (summary.new, summary.changed, summary.unchanged) == (0, 1, 62)
        assert summary.refused_by_reason == {"status 404": 1}
        assert set(web.asked()) == {*web.pages, "/health/page-8"}
        assert web.bodies() <= 2 + 4  # what was edited and what is missing, again for each kill at most


def test_a_page_that_was_in_flight_at_many_kills_waits_and_is_then_given_up(tmp_path: Path) -> None:
    with serve(Website(library(20))) as web:
        site = read_site(web.profile(), "web.toml")
        crawl([site], tmp_path)
        with sqlite3.connect(tmp_path / "state" / "web.sqlite") as state:
            state.execute("UPDATE runs SET finished_at = NULL")
            state.execute("UPDATE frontier SET state = 0, crashes = 25 WHERE url LIKE '%page-7'")
        web.hits.clear()
        (summary,) = crawl([site], tmp_path).sites
        assert web.asked() == Counter()
        assert [trouble.url for trouble in summary.failed] == [f"{web.origin}/health/page-7"]
        assert "died" in summary.failed[0].reason


@pytest.mark.parametrize(
    ("limit", "size"),
    [pytest.param(1_500_000, 100_000, id="archive"), pytest.param(300_000, 100, id="state")],
)
def test_a_full_disk_stops_the_run_and_the_next_one_goes_on(tmp_path: Path, limit: int, size: int) -> None:
    # A limit on the size of files stands for the disk: the kernel refuses the write in the same place.
    noise = random.Random(0)
    pages = {path: f"{page}<!-- {noise.randbytes(size).hex()} -->" for path, page in library(60).items()}
    with serve(Website({**pages})) as web:
        site = read_site(web.profile(), "web.toml")
        code = (
            f"import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY));"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from crawler.child import main; main()"
        )
        child = begin(site, tmp_path, "-c", code)
        stopped = end_of(child)
        assert "cannot write: " in stopped.finish_reason
        assert not stopped.finished
        asked = len(web.hits)
        assert 0 < asked < len(web.pages)
        (summary,) = crawl([site], tmp_path).sites
        check_whole(web, tmp_path, summary)
        assert web.pages_asked <= len(web.pages) + site.politeness.concurrency
