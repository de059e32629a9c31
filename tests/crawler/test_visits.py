"""What is remembered of an address between runs, and when it is asked for again."""

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.conditional import conditions
from crawler.page import Record
from crawler.site import Revisit
from crawler.state import key_of, open_state, transaction
from crawler.visits import (
    DAY,
    DEADLY,
    Kind,
    Outcome,
    Visit,
    Visits,
    hash_of,
    read_visits,
    seen_body,
    seen_nothing,
    seen_unchanged,
)

URL = "https://example.org/a"
NOW = 1_800_000_000.0
FIRST = Visit(
    key=key_of(URL),
    url=URL,
    run=1,
    outcome=Outcome.NEW,
    reason="",
    detail="",
    status=200,
    kind=Kind.PAGE,
    depth=1,
    asked_at=NOW,
    fetched_at=None,
    changed_at=None,
    etag='"1"',
    last_modified="Mon, 23 Nov 2026 10:00:00 GMT",
    lastmod="2026-11-23",
)
PLACE = Record("web-1.warc.gz", 100, 50, "sha1:A")


def later(days: float, outcome: Outcome = Outcome.NEW, **more: object) -> Visit:
    """The next visit as the crawl begins it: it knows the answer's headers only."""
    return replace(
        FIRST,
        run=2,
        asked_at=NOW + days * DAY,
        outcome=outcome,
        etag="",
        last_modified="",
        lastmod="",
        **more,
    )  # type: ignore[arg-type]


def kept(tmp_path: Path, *visits: Visit, revisit: Revisit | None = None) -> Visit:
    """The last of the visits as the state gives it back."""
    path = tmp_path / "web.sqlite"
    state = open_state(path)
    table = Visits(state, revisit or Revisit())
    for visit in visits:
        with transaction(state):
            table.put(visit)
    found = table.get(visits[-1].key)
    assert [found] == list(read_visits(path))
    assert found
    return found


def test_a_page_is_new_then_unchanged_then_changed() -> None:
    first = seen_body(None, FIRST, "sha1:A", PLACE)
    assert (first.outcome, first.changed_at, first.file, first.start) == (
        Outcome.NEW,
        NOW,
        "web-1.warc.gz",
        100,
    )
    same = seen_body(first, later(1), "sha1:A", None)
    assert (same.outcome, same.changed_at, same.fetched_at, same.file) == (
        Outcome.UNCHANGED,
        NOW,
        NOW + DAY,
        "web-1.warc.gz",
    )
    other = seen_body(same, later(2), "sha1:B", replace(PLACE, offset=900))
    assert (other.outcome, other.changed_at, other.start) == (Outcome.CHANGED, NOW + 2 * DAY, 900)


def test_a_304_keeps_the_validators_and_the_place_and_takes_new_validators() -> None:
    first = seen_body(None, FIRST, "sha1:A", PLACE)
    same = seen_unchanged(first, later(1, Outcome.UNCHANGED, status=304))
    assert (same.etag, same.last_modified, same.lastmod, same.digest) == (
        FIRST.etag,
        FIRST.last_modified,
        FIRST.lastmod,
        "sha1:A",
    )
    assert same.fetched_at == NOW
    assert seen_unchanged(first, replace(later(1), etag='"2"')).etag == '"2"'


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_missing_twice_is_gone_and_its_body_stays_known(status: int) -> None:
    first = seen_body(None, FIRST, "sha1:A", PLACE)
    once = seen_nothing(first, later(1, Outcome.REFUSED, status=status))
    assert (once.outcome, once.misses) == (Outcome.REFUSED, 1)
    twice = seen_nothing(once, later(2, Outcome.REFUSED, status=status))
    assert (twice.outcome, twice.misses, twice.file) == (Outcome.GONE, 2, "web-1.warc.gz")


def test_a_night_without_an_answer_does_not_bring_a_page_nearer_to_gone_nor_back() -> None:
    first = seen_body(None, FIRST, "sha1:A", PLACE)
    once = seen_nothing(first, later(1, Outcome.REFUSED, status=404))
    down = seen_nothing(once, later(2, Outcome.FAILED, status=0))
    assert (down.outcome, down.misses) == (Outcome.FAILED, 1)
    assert seen_nothing(down, later(3, Outcome.REFUSED, status=404)).outcome is Outcome.GONE
    assert seen_body(down, later(3), "sha1:A", None).misses == 0


def test_a_page_that_was_never_there_is_refused_not_gone() -> None:
    once = seen_nothing(None, later(0, Outcome.REFUSED, status=404))
    assert seen_nothing(once, later(1, Outcome.REFUSED, status=404)).outcome is Outcome.REFUSED


DUE = [
    pytest.param(seen_body(None, FIRST, "sha1:A", PLACE), 0.0, id="new: the next run"),
    pytest.param(
        replace(FIRST, outcome=Outcome.UNCHANGED, changed_at=NOW - 20 * DAY),
        2.0,
        id="quiet for 20 days: 2 days",
    ),
    pytest.param(
        replace(FIRST, outcome=Outcome.UNCHANGED, changed_at=NOW - 900 * DAY),
        30.0,
        id="quiet for ever: a month",
    ),
    pytest.param(
        replace(FIRST, outcome=Outcome.FAILED, reason=DEADLY), 30.0, id="kills the crawler: a month"
    ),
    pytest.param(replace(FIRST, outcome=Outcome.GONE), 30.0, id="gone: a month"),
    pytest.param(
        replace(FIRST, outcome=Outcome.REFUSED, reason="unsupported type"),
        30.0,
        id="of another type: a month",
    ),
]
NEXT_RUN = [
    pytest.param(replace(FIRST, outcome=Outcome.FAILED), id="failed"),
    pytest.param(replace(FIRST, outcome=Outcome.REFUSED, status=403), id="forbidden"),
    pytest.param(replace(FIRST, outcome=Outcome.REFUSED, status=0), id="robots.txt"),
    pytest.param(replace(FIRST, outcome=Outcome.UNCHANGED, kind=Kind.SITEMAP, changed_at=0.0), id="sitemap"),
    pytest.param(replace(FIRST, outcome=Outcome.UNCHANGED, kind=Kind.START, changed_at=0.0), id="start page"),
    pytest.param(replace(FIRST, outcome=Outcome.UNCHANGED, kind=Kind.INDEX, changed_at=0.0), id="index page"),
]


@pytest.mark.parametrize(("visit", "days"), DUE)
def test_what_is_quiet_is_asked_less(tmp_path: Path, visit: Visit, days: float) -> None:
    assert kept(tmp_path, visit).due_at == pytest.approx(NOW + days * DAY)


@pytest.mark.parametrize("visit", NEXT_RUN)
def test_what_may_be_otherwise_tomorrow_is_asked_in_each_run(tmp_path: Path, visit: Visit) -> None:
    assert kept(tmp_path, visit).due_at == 0


def test_a_share_of_nothing_asks_in_each_run(tmp_path: Path) -> None:
    quiet = replace(FIRST, outcome=Outcome.UNCHANGED, changed_at=NOW - 900 * DAY)
    assert kept(tmp_path, quiet, revisit=Revisit(share=0)).due_at == NOW


def test_a_request_is_conditional_only_if_the_body_is_known() -> None:
    assert conditions(None) == {}
    assert conditions(seen_nothing(None, FIRST)) == {}
    known = seen_body(None, FIRST, "sha1:A", PLACE)
    assert conditions(known) == {"If-None-Match": '"1"', "If-Modified-Since": "Mon, 23 Nov 2026 10:00:00 GMT"}
    assert conditions(replace(known, etag="")) == {"If-Modified-Since": "Mon, 23 Nov 2026 10:00:00 GMT"}


def test_the_hash_is_the_payload_digest_of_the_archive() -> None:
    assert hash_of(b"") == "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # SHA-1 of nothing, as WARC files have it
