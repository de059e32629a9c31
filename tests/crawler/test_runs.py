"""The ledger tells the truth about runs that finished, died, or met a clock that went back."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.runs import CannotRecord, Ledger, Run, SiteCounts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "data" / "runs.sqlite")


def test_a_finished_run_is_remembered(ledger: Ledger) -> None:
    run = ledger.begin(["b", "a"], "abc", {"consilia": "1"}, now=NOON)
    ledger.count(
        run.run_id,
        "a",
        SiteCounts(fetched=3, new=3, refused={"too short": 1}),
        ["pages: 3, at least 5 asked for"],
    )
    ledger.finish(run.run_id, "finished", 3, "v1", now=NOON + timedelta(minutes=5))

    kept, sites = ledger.show(run.run_id)
    assert (kept.sites, kept.exit_code, kept.dataset_version) == (("a", "b"), 3, "v1")
    assert kept.finished_at == "2026-03-01T12:05:00+00:00"
    assert sites == {
        "a": (SiteCounts(fetched=3, new=3, refused={"too short": 1}), ["pages: 3, at least 5 asked for"])
    }


def test_a_run_that_never_finished_is_taken_over(ledger: Ledger) -> None:
    first = ledger.begin(["a", "b"], "abc", {}, now=NOON)
    second = ledger.begin(["b", "a"], "abc", {}, now=NOON + timedelta(days=1))
    assert second.run_id == first.run_id
    assert second.resumed_at == ("2026-03-02T12:00:00+00:00",)


def test_another_set_of_sites_closes_the_dead_run_it_touches(ledger: Ledger) -> None:
    dead = ledger.begin(["a", "b"], "abc", {}, now=NOON)
    ledger.begin(["b", "c"], "def", {}, now=NOON)
    assert (
        ledger.show(dead.run_id)[0].finish_reason == "interrupted; its sites were taken over by another set"
    )


def test_a_run_over_other_sites_is_left_alone(ledger: Ledger) -> None:
    other = ledger.begin(["a"], "abc", {}, now=NOON)
    ledger.begin(["b"], "def", {}, now=NOON)
    assert ledger.show(other.run_id)[0].finished_at is None


def test_ids_rise_when_the_clock_goes_back(ledger: Ledger) -> None:
    ids = []
    for hours in (0, 0, -5, 1, -48):
        run = ledger.begin(["a"], "abc", {}, now=NOON + timedelta(hours=hours))
        ledger.finish(run.run_id, "finished", 0, now=NOON)
        ids.append(run.run_id)
    assert ids == sorted(set(ids))


def night(ledger: Ledger, number: int, code: int, version: str | None, **more: bool) -> Run:
    run = ledger.begin(["a"], "abc", {}, now=NOON + timedelta(days=number), **more)
    ledger.count(run.run_id, "a", SiteCounts(fetched=number), ["articles: none at all"] if code == 3 else [])
    ledger.finish(run.run_id, "finished", code, version, now=NOON + timedelta(days=number, hours=1))
    return run


def test_runs_that_published_make_history(ledger: Ledger) -> None:
    # A page that trips a fault of ours every night (1) must not keep the site from having a past.
    for number, (code, version) in enumerate([(0, "v0"), (1, None), (1, "v2"), (3, None), (0, "v4")]):
        night(ledger, number, code, version)
    assert [counts.fetched for counts in ledger.history("a", 5)] == [4, 2, 0]
    assert [counts.fetched for counts in ledger.history("a", 2)] == [4, 2]
    assert ledger.last_good(["a"]) == "2026-03-05T13:00:00+00:00"
    assert ledger.last_good(["b"]) is None


def test_an_accepted_run_begins_the_past_anew(ledger: Ledger) -> None:
    for number in range(3):
        night(ledger, number, 0, f"v{number}")
    night(ledger, 3, 3, None, accepted=True)  # broke a bound of the profile all the same: it is no measure
    assert [counts.fetched for counts in ledger.history("a", 9)] == [2, 1, 0]
    assert night(ledger, 4, 0, "v4", accepted=True).accepted
    night(ledger, 5, 0, "v5")
    assert [counts.fetched for counts in ledger.history("a", 9)] == [5, 4]


def test_a_site_is_held_back_until_a_run_over_it_publishes(ledger: Ledger) -> None:
    held = []
    for number, (code, version) in enumerate([(0, "v0"), (3, None), (1, None), (1, "v3")]):
        night(ledger, number, code, version)
        held.append(ledger.held_back())
    assert held == [set(), {"a"}, {"a"}, set()]


def test_a_site_is_held_back_while_its_run_goes_on_and_when_another_set_took_it_over(ledger: Ledger) -> None:
    night(ledger, 0, 0, "v0")
    ledger.begin(["a", "b"], "", {}, now=NOON + timedelta(days=1))
    assert ledger.held_back() == {"a", "b"}
    night(ledger, 2, 0, "v2")  # closes the dead run; nobody has judged what it fetched of b
    assert ledger.held_back() == {"b"}


def test_a_run_that_stops_says_why_until_it_goes_on(ledger: Ledger) -> None:
    run = ledger.begin(["a"], "abc", {"consilia": "1"}, full=True, now=NOON)
    ledger.pause(run.run_id, "disk full", 1)
    stopped = ledger.show(run.run_id)[0]
    assert (stopped.finish_reason, stopped.exit_code, stopped.finished_at) == ("disk full", 1, None)
    goes_on = ledger.begin(["a"], "def", {"consilia": "2"}, accepted=True, now=NOON + timedelta(days=1))
    assert (goes_on.run_id, goes_on.finish_reason, goes_on.exit_code) == (run.run_id, None, None)
    assert (goes_on.full, goes_on.accepted, goes_on.profiles_sha256) == (True, True, "def")
    assert goes_on.versions == {"consilia": "2"}


def test_the_newest_run_of_each_set_and_counts_of_each_site(ledger: Ledger) -> None:
    night(ledger, 0, 0, "v0")
    for number, sites in enumerate((["a", "b"], ["a", "b"], ["c"]), 1):
        run = ledger.begin(sites, "abc", {}, now=NOON + timedelta(days=number))
        for site in sites:
            ledger.count(run.run_id, site, SiteCounts(fetched=10 * number))
        ledger.finish(run.run_id, "finished", 0, "v")
    assert [(run.sites, run.started_at[:10]) for run in ledger.newest()] == [
        (("a",), "2026-03-01"),
        (("a", "b"), "2026-03-03"),
        (("c",), "2026-03-04"),
    ]
    assert {site: counts.fetched for site, counts in ledger.newest_counts().items()} == {
        "a": 20,
        "b": 20,
        "c": 30,
    }


def test_a_ledger_of_the_first_days_is_read_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    ledger = Ledger(path)
    run = ledger.begin(["a"], "abc", {}, now=NOON)
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE runs DROP COLUMN accepted")
        db.execute("PRAGMA user_version = 0")
    db.close()
    assert Ledger(path).runs() == [run]
    assert Ledger(path).runs() == [run]  # and once is enough


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_text("these are my running shoes " * 50)
    with pytest.raises(CannotRecord, match=r"runs\.sqlite: file is not a database"):
        Ledger(tmp_path / "runs.sqlite")


def test_an_unknown_run_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.show("2020-01-01T000000Z")


def test_the_last_full_run_is_known(ledger: Ledger) -> None:
    begun = []
    assert ledger.last_full(["a"]) is None
    for number, full in enumerate([False, True, False]):
        night(ledger, number, 0, f"v{number}", full=full)
        begun.append(ledger.last_full(["a"]))
    assert begun == ["2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00", "2026-03-02T12:00:00+00:00"]
