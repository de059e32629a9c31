"""The pre-filter of a general crawl lets health articles pass and refuses most else, in linear time."""

import time
import timeit

import pytest

from cleaning.health import health
from crawler.page import Page

from ..command import ARTICLES

OTHER = """<html><body><h1>How to sand a table</h1><p>Begin with coarse paper and work along the grain. Wipe the dust away with a damp cloth
and let the wood dry. Take finer paper for the second round, and do not press: the paper does the work, not your arm.</p></body></html>"""


def page(html: str, url: str = "http://any.example/page") -> Page:
    """As a server gives it."""
    return Page(url, html.encode())


@pytest.mark.parametrize("path", ["/hiccups", "/dry-eyes"])
def test_health_articles_pass(path: str) -> None:
    html = ARTICLES[path].replace("Home remedies", "Health: symptoms, treatment and prevention")
    assert health(page(html)).passes


def test_other_articles_are_refused() -> None:
    assert not health(page(OTHER)).passes


def test_words_that_no_reader_sees_count_for_nothing() -> None:
    hidden = "<script>symptom disease treatment infection diagnosis nausea</script>"
    assert health(page(OTHER.replace("<h1>", hidden + "<h1>"))) == health(page(OTHER))


def test_an_address_that_says_health_helps() -> None:
    plain, told = health(page(OTHER)), health(page(OTHER, "http://any.example/health/tables"))
    assert told.score > plain.score


@pytest.mark.parametrize("hostile", ["<script", "<" * 7, "</svg><svg", "symptom", "<!--<style>"])
def test_a_hostile_page_takes_linear_time(hostile: str) -> None:
    def seconds(n: int) -> float:
        return min(
            timeit.repeat(lambda: health(page(hostile * n)), number=1, repeat=3, timer=time.process_time)
        )

    assert seconds(40_000) < 16 * seconds(10_000) + 0.01
