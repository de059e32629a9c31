"""A page that hangs, eats memory or kills its process costs itself and nothing else."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator

import pytest

from crawler.page import Page
from output.dataset.rows import PageRows
from output.sandbox import Order, Poison, Sandbox, SandboxBroken

from ..command import ARTICLES

GOOD = Page("http://example.org/hiccups", ARTICLES["/hiccups"].encode())


def huge(megabytes: int) -> Page:
    """A page that takes seconds to clean."""
    paragraph = b"<p>Rest helps, and so does a glass of water that is drunk slowly.</p>"
    return Page(
        "http://example.org/huge", b"<html><body>" + paragraph * (megabytes * 2**20 // len(paragraph))
    )


def test_good_pages_become_rows() -> None:
    with Sandbox() as sandbox:
        first, second = sandbox.rows(Order("r1"), iter([GOOD, Page("http://example.org/empty", b"")]))
    assert isinstance(first, PageRows)
    assert first.article
    assert (first.article["url"], first.article["run_id"]) == (GOOD.url, "r1")
    assert isinstance(second, PageRows)
    assert second.refusal
    assert second.refusal["reason"] == "empty page"


def test_a_page_that_takes_too_long_is_named_and_the_others_go_on() -> None:
    pages = [GOOD, huge(40), GOOD, GOOD]
    with Sandbox(page_seconds=2) as sandbox:
        found = list(sandbox.rows(Order("r1"), iter(pages)))
    assert [isinstance(rows, Poison) for rows in found] == [False, True, False, False]
    assert isinstance(found[1], Poison)
    assert (found[1].page.url, found[1].error) == ("http://example.org/huge", "not done in 2 s")


def test_a_page_that_wants_too_much_memory_is_named() -> None:
    # A small page is read with 120 MB, of which OpenBLAS maps most.
    with Sandbox(memory=160_000_000) as sandbox:
        found = list(sandbox.rows(Order("r1"), iter([GOOD, huge(40), GOOD])))
    assert [isinstance(rows, Poison) for rows in found] == [False, True, False]


def test_a_child_that_is_killed_costs_one_page() -> None:
    def pages(sandbox: Sandbox) -> Iterator[Page]:
        for number in range(100):
            if number == 50:
                os.kill(sandbox.pid, signal.SIGKILL)
            yield GOOD

    with Sandbox() as sandbox:
        found = list(sandbox.rows(Order("r1"), pages(sandbox)))
    assert len(found) == 100
    assert sum(isinstance(rows, Poison) for rows in found) <= 1


def test_a_child_that_never_comes_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with Sandbox() as sandbox, pytest.raises(SandboxBroken):
        list(sandbox.rows(Order("r1"), iter([GOOD])))
