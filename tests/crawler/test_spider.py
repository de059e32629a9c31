"""What surrounds the spider: shapes of addresses, pauses, the addon in a project of others, the hooks in Scrapy."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.politeness import LONGEST, HostThrottle, pause
from crawler.scheduler import UnknownScrapy, check_hooks
from crawler.shapes import MAX_COMBINED, MIN_UNMARKED, Shapes, says_article, shape_of
from crawler.state import open_state, transaction

from .website import Reply, Website, article, serve

SHAPES = [
    pytest.param("https://a.example/", "/", id="start"),
    pytest.param("https://a.example/health/leg-cramps", "/health/~", id="slug"),
    pytest.param("https://a.example/health/asthma", "/health/~", id="a word at the end"),
    pytest.param("https://a.example/health/tag/cold/page/3", "/health/tag/cold/page/#", id="page of a list"),
    pytest.param("https://a.example/2024/05/12/", "/#/#/#/", id="date"),
    pytest.param("https://a.example/detail/40288.html", "/detail/#.html", id="numbered file"),
    pytest.param("https://a.example/article_12.html", "/article_#.html", id="number in a name"),
    pytest.param("https://a.example/show.php?id=3", "/show.php?id", id="one parameter"),
    pytest.param(
        "https://a.example/c/shoes?size=4&color=red", "/c/shoes?color&size", id="facets keep their path"
    ),
]


@pytest.mark.parametrize(("url", "shape"), SHAPES)
def test_the_shape_of_an_address(url: str, shape: str) -> None:
    assert shape_of(url) == shape


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param('<meta property="og:type" content="article">', True, id="OpenGraph"),
        pytest.param("<meta property=og:type content=article />", True, id="without quotes"),
        pytest.param(
            '<script type="application/ld+json">{"@type":["MedicalScholarlyArticle"]}</script>',
            True,
            id="JSON-LD",
        ),
        pytest.param('<meta property="og:type" content="website">', False, id="a website"),
        pytest.param('<a href="/article">article</a>', False, id="a link"),
    ],
)
def test_what_calls_itself_an_article(head: str, expected: bool) -> None:
    assert says_article(head.encode()) is expected


def test_shapes_of_articles_are_learned_and_stay_learned(tmp_path: Path) -> None:
    state = open_state(tmp_path / "a.sqlite")
    shapes = Shapes(state)
    assert shapes.likely("/health/~") is None
    for _ in range(MIN_UNMARKED):
        shapes.fetched("/health/~", article=True)
        shapes.fetched("/tag/~", article=False)
    with transaction(state):
        shapes.save()
    state.close()
    again = Shapes(open_state(tmp_path / "a.sqlite"))
    assert again.likely("/health/~") is True
    assert again.likely("/tag/~") is False


def test_a_site_that_marks_nothing_teaches_nothing(tmp_path: Path) -> None:
    shapes = Shapes(open_state(tmp_path / "a.sqlite"))
    for _ in range(99):
        shapes.fetched("/health/~", article=False)
    assert shapes.likely("/health/~") is None


def test_combinations_of_parameters_are_bounded(tmp_path: Path) -> None:
    shapes = Shapes(open_state(tmp_path / "a.sqlite"))
    for _ in range(MAX_COMBINED):
        shapes.found("/c/shoes?color&size")
        shapes.found("/show.php?id")
    assert shapes.full("/c/shoes?color&size")
    assert not shapes.full("/show.php?id"), "an old site may hold all its articles under one parameter"


def test_pauses_double_up_to_a_limit() -> None:
    assert [pause(tries, 1.0) for tries in range(4)] == [2, 4, 8, 16]
    assert pause(0, 0.0) > 0
    assert pause(99, 1.0) == LONGEST


def test_an_unchanged_answer_lets_the_pace_recover_as_any_good_one_does() -> None:
    throttle = HostThrottle(get_crawler(settings_dict={"AUTOTHROTTLE_ENABLED": True}))
    throttle.mindelay, throttle.maxdelay = 0.0, 60.0
    slot = Slot(concurrency=2, delay=8.0, jitter=0.0)
    for status in (304, 200):
        before = slot.delay
        throttle._adjust_delay(slot, 0.1, Response("https://a.example/", status=status))
        assert slot.delay < before
    before = slot.delay
    throttle._adjust_delay(slot, 0.1, Response("https://a.example/", status=500))
    assert slot.delay == before


def test_another_scrapy_is_told_at_the_start() -> None:
    with pytest.raises(UnknownScrapy, match=r"no _slot\.nextcall\.schedule"):
        check_hooks(SimpleNamespace(_slot=SimpleNamespace(), downloader=SimpleNamespace(slots={}, _delay=0)))


def test_the_addon_guards_a_project_of_others(tmp_path: Path) -> None:
    # A plain Scrapy spider with nothing of ours but the addon; the server is allowed, another loopback address is not.
    with serve(
        Website(
            {
                "/": article(1),
                "/private": article(2),
                "/robots.txt": "User-agent: *\nDisallow: /private\nCrawl-delay: 0.3\n",
            }
        )
    ) as web:
        web.pages["/?2"] = web.pages["/?3"] = article(3)
        web.pages["/away"] = Reply(302, headers=(("Location", "http://127.0.0.2:1/"),))
        (tmp_path / "spider.py").write_text(
            f"""
import scrapy

class Plain(scrapy.Spider):
    name = "plain"
    custom_settings = {{
        "ADDONS": {{"crawler.addon.CarefulAddon": 0}},
        "USER_AGENT": "plain (+me@example.org)",
        "DOWNLOAD_DELAY": 0,
        "GUARD_ALLOWED": ["{web.origin.removeprefix("http://")}"],
    }}

    async def start(self):
        for path in ("/", "/private", "/away", "/?2", "/?3"):
            yield scrapy.Request("{web.origin}" + path, errback=self.failed, meta={{"path": path}})

    def parse(self, response):
        print("got", response.meta["path"])

    def failed(self, failure):
        print("not", failure.request.meta["path"], failure.value)
"""
        )
        run = subprocess.run(
            [sys.executable, "-m", "scrapy", "runspider", str(tmp_path / "spider.py"), "-L", "ERROR"],
            capture_output=True,
            text=True,
            check=True,
        )
    assert sorted(run.stdout.splitlines()) == [
        "got /",
        "got /?2",
        "got /?3",
        "not /away nothing may be fetched while robots.txt cannot be read (127.0.0.2 is not a public address)",
        "not /private robots.txt disallows /private",
    ], run.stderr
    assert "/private" not in web.asked()
    pages = [hit.at for hit in web.hits if hit.path.startswith("/?")]
    assert abs(pages[1] - pages[0]) >= 0.3 * 0.5  # the server's thread may notice one of them late
