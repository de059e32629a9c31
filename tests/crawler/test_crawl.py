"""Whole crawls against a real server, whose log is the judge."""

import gzip
import logging
import socket
import sqlite3
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path

import pytest

from crawler.archive import read_pages
from crawler.crawl import CrawlFailed, crawl
from crawler.robots import TDM_FILE
from crawler.site import Site, read_site
from crawler.summary import Progress, SiteSummary
from crawler.visits import Outcome, Visit, read_visits

from .website import RULES, Page, Reply, Website, article, library, serve


def crawl_one(web: Website, data: Path, **more: object) -> SiteSummary:
    """Crawl the server's site once."""
    (summary,) = crawl([read_site(web.profile(**more), "web.toml")], data).sites
    return summary


def visits_of(web: Website, data: Path) -> dict[str, Visit]:
    """What the state knows, by path."""
    return {visit.url.removeprefix(web.origin): visit for visit in read_visits(data / "state" / "web.sqlite")}


def test_a_second_run_over_an_unchanged_site_downloads_no_body(tmp_path: Path) -> None:
    with serve(Website({**library(30), "/sitemap.xml": sitemap({"/health/page-1": ""})})) as web:
        maps = {"sitemaps": [f"{web.origin}/sitemap.xml"]}
        first = crawl_one(web, tmp_path, **maps)
        assert first.new == 33
        assert web.bodies() == 34
        web.hits.clear()
        second = crawl_one(web, tmp_path, **maps)
        assert web.bodies() == 0
        assert web.asked() == Counter([*web.pages])
        assert (second.new, second.changed, second.unchanged, second.fetched) == (0, 0, 33, 0)
        # A revisit record stands for each; the pages are still those of the first run.
        assert len(list(read_pages([tmp_path / "archive"]))) == 33


def test_pages_that_come_change_and_go_between_runs_are_told(tmp_path: Path) -> None:
    with serve(Website(library(30))) as web:
        crawl_one(web, tmp_path)
        web.pages["/health/new"] = article(99)
        web.pages["/list/0"] = str(web.pages["/list/0"]).replace(
            "</body>", '<a href="/health/new">new</a></body>'
        )
        web.pages["/health/page-3"] = article(3, "<p>Edited.</p>")
        del web.pages["/health/page-4"]
        second = crawl_one(web, tmp_path)
        assert (second.new, second.changed, second.unchanged, second.gone) == (1, 2, 30, 0)
        assert second.refused_by_reason == {"status 404": 1}
        third = crawl_one(web, tmp_path, revisit={"max_days": 0})
        assert (third.new, third.changed, third.unchanged, third.gone) == (0, 0, 33, 1)
        visits = visits_of(web, tmp_path)
        assert visits["/health/page-4"].outcome is Outcome.GONE
        assert visits["/health/page-4"].has_body, "what was archived stays known"
        web.pages["/health/page-4"] = article(4)
        fourth = crawl_one(web, tmp_path)
        assert visits_of(web, tmp_path)["/health/page-4"].outcome in (Outcome.UNCHANGED, Outcome.CHANGED)
        assert fourth.gone == 0


def test_a_server_without_validators_has_its_pages_compared(tmp_path: Path) -> None:
    with serve(Website(library(10), validators=False)) as web:
        crawl_one(web, tmp_path)
        second = crawl_one(web, tmp_path)
        assert (second.new, second.changed, second.unchanged) == (0, 0, 12)
        assert len(list(read_pages([tmp_path / "archive"]))) == 12


def test_full_asks_for_everything_anew(tmp_path: Path) -> None:
    with serve(Website(library(10))) as web:
        crawl_one(web, tmp_path)
        web.hits.clear()
        (summary,) = crawl([read_site(web.profile(), "web.toml")], tmp_path, full=True).sites
        assert web.bodies() == 12
        assert (summary.fetched, summary.unchanged) == (12, 12)


def test_a_named_run_that_finished_is_not_run_again(tmp_path: Path) -> None:
    with serve(Website(library(10))) as web:
        site = read_site(web.profile(), "web.toml")
        (first,) = crawl([site], tmp_path, name="2026-11-23").sites
        asked = len(web.hits)
        (again,) = crawl([site], tmp_path, name="2026-11-23").sites
        assert again == first
        assert len(web.hits) == asked
        crawl([site], tmp_path, name="2026-11-24")
        assert len(web.hits) > asked


def test_a_page_that_is_not_due_is_left_alone_until_the_sitemap_says_it_changed(tmp_path: Path) -> None:
    with serve(Website(library(3))) as web:
        web.pages["/map.xml"] = sitemap({"/health/page-1": "2026-01-01", "/health/page-2": "2026-01-01"})
        more = {"sitemaps": [f"{web.origin}/map.xml"]}
        crawl_one(web, tmp_path, **more)
        with sqlite3.connect(tmp_path / "state" / "web.sqlite") as state:
            state.execute("UPDATE visits SET due_at = ? WHERE url LIKE '%/health/%'", (time.time() + 86_400,))
        web.hits.clear()
        web.pages["/map.xml"] = sitemap({"/health/page-1": "2026-01-01", "/health/page-2": "2026-11-01"})
        crawl_one(web, tmp_path, **more)
        assert web.asked() == Counter(["/map.xml", "/", "/list/0", "/health/page-2"])


def test_sitemaps_named_in_robots_txt_are_read_index_gz_and_all(tmp_path: Path) -> None:
    with serve(Website({"/": article(0)})) as web:
        web.pages["/robots.txt"] = f"User-agent: *\nDisallow: /private\nSitemap: {web.origin}/index.xml\n"
        inner = sitemap(
            {f"/health/page-{number}": "" for number in range(5)} | {"/private/x": ""}, web.origin
        )
        web.pages["/inner.xml.gz"] = Reply(
            200, gzip.compress(inner.encode()), content_type="application/gzip"
        )
        web.pages["/index.xml"] = (
            f"<sitemapindex><sitemap><loc>{web.origin}/inner.xml.gz</loc></sitemap></sitemapindex>"
        )
        web.pages.update({f"/health/page-{number}": article(number) for number in range(5)})
        web.pages["/private/x"] = article(6)
        summary = crawl_one(web, tmp_path)
        assert summary.new == 6
        assert [(trouble.url, trouble.reason) for trouble in summary.refused] == [
            (f"{web.origin}/private/x", "robots.txt")
        ]
        assert "/private/x" not in web.asked()


def test_what_a_host_reserves_from_mining_is_kept_with_its_pages(tmp_path: Path) -> None:
    reserved = (
        '[{"location": "/list/", "tdm-reservation": 1}, {"location": "/health/", "tdm-reservation": 0}]'
    )
    with serve(Website({**library(3), TDM_FILE: reserved})) as web:
        crawl_one(web, tmp_path)
        told = {
            page.url.removeprefix(web.origin): page.tdm_reserved
            for page in read_pages([tmp_path / "archive"])
        }
        assert told == {
            "/": None, "/list/0": True, **{f"/health/page-{number}": False for number in range(3)},
        }  # fmt: skip
        assert sum(hit.path == TDM_FILE for hit in web.hits) == 1


@pytest.mark.parametrize(
    "answer", [Reply(503), Reply(404), Reply(200, b"<h1>Oh!</h1>"), "[" * 100_000, Reply(301)]
)
def test_a_tdmrep_file_that_says_nothing_costs_no_page(tmp_path: Path, answer: Page) -> None:
    with serve(Website({**library(3), TDM_FILE: answer})) as web:
        summary = crawl_one(web, tmp_path)
        assert summary.new == 5
        assert {page.tdm_reserved for page in read_pages([tmp_path / "archive"])} == {None}


def test_each_refusal_has_its_reason(tmp_path: Path) -> None:
    with serve(Website({})) as web, serve(Website({"/": article(1)})) as other:
        web.pages.update(
            {
                "/": "".join(f'<a href="{path}">x</a>' for path in REFUSALS),
                "/missing-soon": Reply(410),
                "/forbidden": Reply(403),
                "/away": Reply(302, headers=(("Location", "https://elsewhere.example/"),)),
                "/neighbour": Reply(302, headers=(("Location", f"{other.origin}/"),)),
                "/inward": Reply(302, headers=(("Location", "http://169.254.169.254/latest/"),)),
                "/scheme": Reply(302, headers=(("Location", "file:///etc/passwd"),)),
                "/loop": Reply(302, headers=(("Location", "/loop"),)),
                "/round/1": Reply(302, headers=(("Location", "/round/2"),)),
                "/round/2": Reply(302, headers=(("Location", "/round/1"),)),
                "/paper": Reply(200, b"%PDF-1.7", content_type="application/pdf"),
                "/empty": Reply(200, b" \n"),
                "/huge": Reply(200, b"x" * 10_000_001),
                "/moved": Reply(301, headers=(("Location", "/here?utm_source=x"),)),
                "/here": article(5),
            }
        )
        summary = crawl_one(web, tmp_path)
        told = {trouble.url.removeprefix(web.origin): trouble.reason for trouble in summary.refused}
        (last,) = (path for path in told if path.startswith("/round/"))  # whichever answers last
        assert told.pop(last) == "redirects in a circle"
        assert told == {path: reason for path, reason in REFUSALS.items() if reason}
        assert other.hits == []
        visits = visits_of(web, tmp_path)
        assert visits["/moved"].outcome is Outcome.MOVED
        assert visits["/here"].outcome is Outcome.NEW
        assert summary.failed == ()


REFUSALS = {
    "/missing-soon": "status 410",
    "/forbidden": "status 403",
    "/away": "redirect off the site",
    "/neighbour": "redirect to a private address",
    "/inward": "redirect to a private address",
    "/scheme": "redirect to another scheme",
    "/loop": "redirect to itself",
    "/round/1": "",
    "/paper": "unsupported type application/pdf",
    "/empty": "empty page",
    "/huge": "the body is larger than 10000000 bytes",
    "/moved": "",
}


def test_an_endless_chain_of_redirects_is_cut(tmp_path: Path) -> None:
    with serve(Website({"/": '<a href="/hop/0">x</a>'})) as web:
        for number in range(20):
            web.pages[f"/hop/{number}"] = Reply(302, headers=(("Location", f"/hop/{number + 1}"),))
        summary = crawl_one(web, tmp_path)
        assert [trouble.reason for trouble in summary.refused] == ["too many redirects"]
        assert sum(web.asked().values()) == 7


def test_an_unreachable_site_fails_in_one_line_that_names_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens: connections are refused
        web = Website(origin=f"http://127.0.0.1:{taken.getsockname()[1]}")
        summary = crawl_one(web, tmp_path)
    assert summary.finish_reason.startswith(f"unreachable: {web.origin.removeprefix('http://')}: ")
    assert summary.finish_reason.endswith("connection refused")
    assert [trouble.url for trouble in summary.failed] == [f"{web.origin}/"]
    assert "\n" not in summary.finish_reason


def test_an_unreachable_site_leaves_the_others_alone(tmp_path: Path) -> None:
    with socket.socket() as taken, serve(Website(library(10))) as web:
        taken.bind(("127.0.0.1", 0))
        dead = Website(origin=f"http://127.0.0.1:{taken.getsockname()[1]}")
        sites = [read_site(dead.profile("dead"), "dead.toml"), read_site(web.profile(), "web.toml")]
        summary = crawl(sites, tmp_path)
    assert [site.site for site in summary.sites] == ["dead", "web"]
    assert summary.sites[0].failed
    assert summary.sites[1].new == 12


def test_a_robots_txt_that_comes_at_the_second_try_costs_no_night(tmp_path: Path) -> None:
    tries: list[int] = []

    def shaky() -> Reply:
        tries.append(1)
        cut = (("Content-Length", "900"), ("Connection", "close")) if len(tries) == 1 else ()
        return Reply(200, b"User-agent: *\nDisallow: /list/\n", headers=cut, content_type="text/plain")

    with serve(Website({**library(10), "/robots.txt": shaky})) as web:
        summary = crawl_one(web, tmp_path)
        assert (summary.finish_reason, summary.new, summary.failed) == ("finished", 1, ())
        assert summary.refused_by_reason == {"robots.txt": 1}
        assert len(tries) == 2


def test_a_robots_txt_with_a_server_error_closes_the_site(tmp_path: Path) -> None:
    with serve(Website({**library(10), "/robots.txt": Reply(503)})) as web:
        summary = crawl_one(web, tmp_path)
        assert "robots.txt cannot be read: status 503" in summary.finish_reason
        assert web.pages_asked == 0
        assert summary.asked == 0


def test_a_site_that_goes_down_for_a_night_has_its_pages_asked_again_the_next(tmp_path: Path) -> None:
    with serve(Website(library(30))) as web:
        crawl_one(web, tmp_path)
        pages = dict(web.pages)
        web.pages.clear()
        web.pages.update({path: Reply(503, headers=(("Retry-After", "9999"),)) for path in pages})
        night = crawl_one(web, tmp_path)
        assert "asked to be left alone" in night.finish_reason
        assert night.gone == 0
        assert night.left > 25
        web.pages.update(pages)
        web.hits.clear()
        morning = crawl_one(web, tmp_path)
        assert morning.unchanged == 33
        assert set(web.asked()) == set(pages)


def test_budgets_stop_a_run_and_the_next_goes_on_with_what_is_left(tmp_path: Path) -> None:
    with serve(Website(library(40))) as web:
        first = crawl_one(web, tmp_path, budget={"pages": 10})
        assert first.finish_reason == "budget: pages"
        assert sum(web.asked().values()) == 10
        assert first.finished
        crawl_one(web, tmp_path)
        assert set(web.asked()) == set(web.pages)


def test_bytes_and_minutes_are_budgets_too(tmp_path: Path) -> None:
    with serve(Website(library(60))) as web:
        summary = crawl_one(web, tmp_path, budget={"bytes": 4_000})
        assert summary.finish_reason == "budget: bytes"
        assert 4_000 <= summary.bytes < 10_000
        summary = crawl_one(web, tmp_path, budget={"minutes": 0.005}, politeness={"delay": 0.1})
        assert summary.finish_reason == "budget: minutes"


def test_less_free_disk_than_asked_for_stops_the_run_to_be_taken_up_again(tmp_path: Path) -> None:
    with serve(Website(library(60))) as web:
        site = read_site(web.profile(), "web.toml")
        (summary,) = crawl([site], tmp_path, min_free=1 << 60).sites
        assert summary.finish_reason.startswith("disk full: ")
        assert not summary.finished
        (summary,) = crawl([site], tmp_path).sites
        assert summary.finish_reason == "finished"
        assert summary.interruptions == 1


def test_a_host_is_never_asked_faster_or_wider_than_the_profile_says(tmp_path: Path) -> None:
    with serve(Website(library(20))) as web:
        crawl_one(web, tmp_path, politeness={"delay": 0.1, "concurrency": 2})
        times = [hit.at for hit in web.hits if hit.path not in RULES]
        assert span(times) >= 0.1 * (len(times) - 1) * SLACK


def test_no_more_connections_are_open_than_the_profile_says(tmp_path: Path) -> None:
    with serve(
        Website({path: Reply(200, str(page).encode(), wait=0.05) for path, page in library(20).items()})
    ) as web:
        crawl_one(web, tmp_path, politeness={"concurrency": 3})
        assert web.most_open <= 3


def test_crawl_delay_of_robots_txt_slows_the_crawl_down(tmp_path: Path) -> None:
    with serve(Website({**library(6), "/robots.txt": "User-agent: *\nCrawl-delay: 0.2\n"})) as web:
        crawl_one(web, tmp_path, politeness={"concurrency": 4})
        times = [hit.at for hit in web.hits if hit.path not in RULES]
        assert span(times) >= 0.2 * (len(times) - 1) * SLACK


@pytest.mark.parametrize("asked", [pytest.param("1", id="seconds"), pytest.param(None, id="date")])
def test_a_busy_server_gets_its_pause_and_is_asked_again(tmp_path: Path, asked: str | None) -> None:
    busy: list[float] = []

    def once() -> Reply:
        if busy:
            return Reply(200, article(1).encode())
        busy.append(time.monotonic())
        return Reply(429, headers=(("Retry-After", asked or formatdate(time.time() + 2, usegmt=True)),))

    with serve(Website({**library(10), "/health/page-3": once})) as web:
        summary = crawl_one(web, tmp_path)
        assert summary.new == 12
        after = [hit.at for hit in web.hits if hit.at > busy[0]]
        assert after, "the page is asked for again"
        # One request may have been on its way already; then the whole host is left alone.
        assert sum(1 for at in after if at - busy[0] < 0.9) <= 1


def test_failures_are_tried_three_times_and_told(tmp_path: Path) -> None:
    with serve(Website({"/": '<a href="/broken">x</a><a href="/cut">y</a>', "/broken": Reply(500)})) as web:
        web.pages["/cut"] = Reply(
            200, b"<p>short</p>", headers=(("Content-Length", "900"), ("Connection", "close"))
        )
        summary = crawl_one(web, tmp_path)
        assert web.asked()["/broken"] == 3
        assert {trouble.url.removeprefix(web.origin): trouble.reason for trouble in summary.failed} == {
            "/broken": "status 500",
            "/cut": "the answer was cut short",
        }
        assert summary.statuses["500"] == 3


def test_a_chain_of_neighbours_is_followed_to_its_end(tmp_path: Path) -> None:
    pages: dict[str, Page] = {"/": '<a href="/a/0.html">first</a>'}
    for number in range(150):
        pages[f"/a/{number}.html"] = article(
            number,
            f'<meta property="og:type" content="article"><a href="/a/{number + 1}.html">&gt;&gt;: next</a>',
        )
    with serve(Website(pages)) as web:
        summary = crawl_one(web, tmp_path)
        assert summary.new == 151


def test_an_endless_calendar_is_left_after_a_while(tmp_path: Path) -> None:
    def endless(number: int) -> Reply:
        web.pages[f"/plan/{number + 1}"] = lambda: endless(number + 1)
        return Reply(200, f'<a href="/plan/{number + 1}">next</a><a href="/">home</a>'.encode())

    with serve(Website({})) as web:
        web.pages.update(
            {"/": '<a href="/plan/0">calendar</a><a href="/health/a">a</a>', "/health/a": article(1)}
        )
        web.pages["/plan/0"] = lambda: endless(0)
        summary = crawl_one(web, tmp_path)
        assert summary.finish_reason == "finished"
        assert summary.new < 60
        assert any(reason.startswith("trap: /plan/#") for reason in summary.passed_over)


def test_session_ids_and_tracking_do_not_multiply_pages(tmp_path: Path) -> None:
    def session() -> Reply:
        number = len(web.hits)
        return Reply(
            200,
            f'<a href="/a?PHPSESSID={number}&utm_source=m{number}">a</a><a href="/b;jsessionid={number}">b</a>'.encode(),
        )

    with serve(Website({}, validators=False)) as web:
        web.pages.update({"/": session, "/a": session, "/b": session})
        crawl_one(web, tmp_path)
        assert web.asked() == Counter(["/", "/a", "/b"])


def test_articles_come_before_the_rest_when_the_budget_is_small(tmp_path: Path) -> None:
    with serve(Website(library(40))) as web:
        crawl_one(web, tmp_path, article=["^/health/"], budget={"pages": 22})
        # The start page, and two lists that were leased together before the first told of articles.
        assert sum(1 for path in web.asked() if path.startswith("/health/")) == 19


def test_news_come_before_pages_of_earlier_runs_when_the_budget_is_small(tmp_path: Path) -> None:
    with serve(Website(library(30))) as web:
        paths = [f"/health/page-{number}" for number in range(30)]
        web.pages["/inner.xml"] = sitemap(dict.fromkeys(paths, "2026-01-01"))
        web.pages["/map.xml"] = "<sitemapindex><sitemap><loc>/inner.xml</loc></sitemap></sitemapindex>"
        more = {"sitemaps": [f"{web.origin}/map.xml"], "article": ["^/health/"]}
        crawl_one(web, tmp_path, **more)
        web.hits.clear()
        web.pages["/health/new"] = article(99)
        dates = dict.fromkeys(paths, "2026-01-01") | {
            "/health/page-17": "2026-11-01",
            "/health/new": "2026-11-02",
        }
        web.pages["/inner.xml"] = sitemap(dates)
        # One at a time: beside a sitemap that is slow to come, known pages would use up the budget.
        crawl_one(web, tmp_path, **more, budget={"pages": 9}, politeness={"concurrency": 1})
        assert set(web.asked()) >= {"/map.xml", "/inner.xml", "/", "/health/page-17", "/health/new"}


def test_progress_and_events_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Progress] = []
    with (
        serve(Website({**library(20), "/list/0": Reply(404)})) as web,
        caplog.at_level(logging.INFO, "crawler"),
    ):
        crawl([read_site(web.profile(), "web.toml")], tmp_path, progress=told.append)
        last = told[-1]
        assert (last.asked, last.new, last.refused, last.pending) == (2, 1, 1, 0)
        assert f"web: refused {web.origin}/list/0: status 404" in [
            record.getMessage() for record in caplog.records
        ]


def test_links_passed_over_are_found_when_the_profile_changes_its_mind(tmp_path: Path) -> None:
    with serve(Website(library(10))) as web:
        assert crawl_one(web, tmp_path, skip=["page-[5-9]"]).new == 7
        second = crawl_one(web, tmp_path)
        assert (second.new, second.unchanged) == (5, 7)
        web.hits.clear()
        assert crawl_one(web, tmp_path).unchanged == 12
        assert web.bodies() == 0


def test_an_impatient_caller_stops_the_crawl_cleanly(tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    def enough(progress: Progress) -> None:
        if progress.asked > 5:
            raise EnoughError

    with serve(Website(library(60))) as web:
        site = read_site(web.profile(politeness={"delay": 0.02}), "web.toml")
        with pytest.raises(EnoughError):
            crawl([site], tmp_path, progress=enough)
        asked = len(web.hits)
        assert not list((tmp_path / "archive" / "web").glob("*.open"))
        (summary,) = crawl([site], tmp_path).sites
        assert summary.interruptions == 1
        assert summary.new == len(web.pages)
        assert len(web.hits) - asked < len(web.pages)


def test_a_clock_that_went_back_hides_no_page(tmp_path: Path) -> None:
    with serve(Website(library(10))) as web:
        crawl_one(web, tmp_path)
        with sqlite3.connect(tmp_path / "state" / "web.sqlite") as state:
            state.execute("UPDATE visits SET asked_at = asked_at + 9e6, due_at = due_at + 9e6")
        assert crawl_one(web, tmp_path).unchanged == 12


def test_a_state_that_is_not_ours_is_one_clear_line_and_keeps_no_other_site_back(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "bad.sqlite").write_bytes(b"no database at all, but long enough to look at" * 99)
    with serve(Website(library(3))) as web:
        bad = read_site(Website(origin="http://127.0.0.1:9").profile("bad"), "bad.toml")
        summary = crawl([bad, read_site(web.profile(), "web.toml")], tmp_path)
    broken, whole = summary.sites
    assert broken.broken
    assert broken.finish_reason == f"cannot be crawled: {tmp_path}/state/bad.sqlite: file is not a database"
    assert not broken.finished
    assert whole.new == 5
    assert not whole.broken


def test_two_sites_on_one_host_are_crawled_one_after_the_other(tmp_path: Path) -> None:
    with serve(Website(library(10))) as web:
        slow = {"politeness": {"delay": 0.05, "concurrency": 1}}
        sites = [read_site(web.profile(name, **slow), "web.toml") for name in ("one", "two")]
        summary = crawl(sites, tmp_path)
        assert [site.new for site in summary.sites] == [12, 12]
        times = [hit.at for hit in web.hits if hit.path not in RULES]
        # Over the whole run: the server's own clock stutters when the machine is busy.
        assert times[-1] - times[0] >= 0.05 * 0.9 * (len(times) - 1)


def test_two_sites_of_one_name_are_refused(tmp_path: Path) -> None:
    site = example()
    with pytest.raises(CrawlFailed, match="two sites have the same name: web"):
        crawl([site, site], tmp_path)


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    (summary,) = crawl([example()], tmp_path).sites
    assert summary.broken
    assert "state" in summary.finish_reason
    assert "\n" not in summary.finish_reason


SLACK = 0.9
"""The server's clock is a thread's that may notice a request late, so a pace is judged over a whole run and not to the last bit."""


def span(times: list[float]) -> float:
    """Seconds between the first and the last request."""
    return max(times) - min(times)


def example() -> Site:
    """A profile that needs no server."""
    return read_site(Website(origin="http://127.0.0.1:9").profile(), "web.toml")


def sitemap(entries: dict[str, str], origin: str = "") -> str:
    """A sitemap of paths and their dates."""
    urls = "".join(
        f"<url><loc>{origin}{path}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</url>"
        for path, date in entries.items()
    )
    return f"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"


def test_a_private_host_is_told_how_it_may_be_asked(tmp_path: Path) -> None:
    with serve(Website({"/": article(1)})) as web:
        summary = crawl_one(web, tmp_path, network={"allow_private": "false"})
    assert summary.finish_reason.endswith(
        "127.0.0.1 is not a public address; [network] allow_private = true lets it be asked"
    )
