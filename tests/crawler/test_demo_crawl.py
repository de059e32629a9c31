"""The real crawler over the demo sites, and again after a day on which things happened there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from crawler.archive import read_pages
from crawler.crawl import crawl
from crawler.demo import Demo, DemoArticle, Request, serve
from crawler.page import Page
from crawler.summary import CrawlSummary


@dataclass(frozen=True)
class Run:
    summary: CrawlSummary
    log: list[Request]
    pages: dict[str, Page]


@dataclass(frozen=True)
class Story:
    """Three runs: a first, one on which nothing changed, one after the changes."""

    demo: Demo
    first: Run
    second: Run
    third: Run
    added: str
    changed: str
    removed: str


def run(demo: Demo, data: Path) -> Run:
    begin = len(demo.log)
    summary = crawl(demo.sites, data)
    files = [data / "archive" / site.site / name for site in summary.sites for name in site.files]
    return Run(summary, demo.log[begin:], {page.url: page for page in read_pages(files)})


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    data = tmp_path_factory.mktemp("data")
    with serve((0, 0, 0)) as demo:
        first, second = run(demo, data), run(demo, data)
        changed = next(url for url, article in demo.gold().items() if article.slug == "hay-fever")
        removed = next(url for url, article in demo.gold().items() if article.slug == "jet-lag")
        day = date(2026, 11, 1)
        words = "A hangnail comes from dry skin. Cut it off with clean scissors, and put on some cream."
        added = demo.add("portal", DemoArticle("hangnails", "Hangnails", "hangnails", words, day, day))
        demo.change(changed, body=f"{demo.gold()[changed].body}\n\nCarry a handkerchief.", modified=day)
        demo.remove(removed)
        third = run(demo, data)
        yield Story(demo, first, second, third, added, changed, removed)


def test_every_article_is_archived(story: Story) -> None:
    there = set(story.first.pages)
    wanted = set(story.demo.gold()) - {story.added} | {story.removed}
    assert wanted - there == set()


def test_refused_pages_stop_where_they_should(story: Story) -> None:
    """Those of the later stages are archived; the others are not even asked for."""
    asked = {story.demo.origins[line.site] + line.path for line in story.first.log}
    for url, page in story.demo.refusals().items():
        assert (url in story.first.pages) == (page.stage in {"cleaning", "dataset"})
        assert (url in asked) == (page.stage in {"cleaning", "dataset"})
    told = {trouble.url: trouble.reason for site in story.first.summary.sites for trouble in site.refused}
    for url, page in story.demo.refusals().items():
        assert told.get(url) == (page.reason if page.stage == "fetch" else None)


def test_robots_txt_comes_first(story: Story) -> None:
    for site in story.demo.origins:
        lines = [line for line in story.first.log if line.site == site]
        assert lines[0].path == "/robots.txt"
        assert {line.user_agent for line in lines} == {lines[0].user_agent}
        assert "webmaster@example.org" in lines[0].user_agent


def test_nothing_new_nothing_archived(story: Story) -> None:
    assert story.second.pages == {}
    assert sum(site.unchanged for site in story.second.summary.sites) >= len(story.demo.gold())


def test_what_has_validators_is_not_sent_twice(story: Story) -> None:
    again = [line for line in story.second.log if line.site != "portal" and line.path != "/robots.txt"]
    assert {line.status for line in again} <= {301, 304, 404}


def test_a_day_of_changes_is_seen(story: Story) -> None:
    assert {story.added, story.changed} <= set(story.third.pages)
    assert b"Carry a handkerchief" in story.third.pages[story.changed].body
    assert story.removed not in story.third.pages
    told = {trouble.url: trouble.reason for site in story.third.summary.sites for trouble in site.refused}
    assert told[story.removed] == "status 404"


def test_other_articles_of_the_cms_are_not_sent_for_one_that_changed(story: Story) -> None:
    cms = story.demo.origins["cms"]
    sent = {url for url in story.third.pages if url.startswith(cms)}
    assert sent & set(story.demo.gold()) == {story.changed}
