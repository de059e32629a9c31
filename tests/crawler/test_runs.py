"""The ledger tells the truth about runs that finished, died, or met a clock that went back."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.lock import AlreadyRunning, exclusive, exclusive_sites
from crawler.runs import Ledger, SiteCounts

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


def test_only_good_runs_make_history(ledger: Ledger) -> None:
    for number, code in enumerate([0, 1, 0, 3]):
        run = ledger.begin(["a"], "abc", {}, now=NOON + timedelta(days=number))
        ledger.count(run.run_id, "a", SiteCounts(fetched=number))
        ledger.finish(run.run_id, "finished", code)
    assert [counts.fetched for counts in ledger.history("a", 5)] == [2, 0]


def test_an_unknown_run_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.show("2020-01-01T000000Z")


def test_the_holder_of_a_lock_is_named(tmp_path: Path) -> None:
    with (
        exclusive_sites(tmp_path, ["b", "a"]),
        pytest.raises(AlreadyRunning, match=rf"^a: already running \(process {os.getpid()} on ") as caught,
        exclusive_sites(tmp_path, ["a"]),
    ):
        pass
    assert caught.value.holder["pid"] == os.getpid()
    with exclusive_sites(tmp_path, ["a"]):  # free again
        pass


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "site.lock"
    program = "import sys, time, pathlib; from crawler.lock import exclusive\nwith exclusive(pathlib.Path(sys.argv[1])): time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", program, str(lock)])
    try:
        deadline = time.monotonic() + 30
        while not (lock.exists() and "pid" in lock.read_text()) and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(AlreadyRunning), exclusive(lock):
            pass
    finally:
        holder.kill()
        holder.wait()
    with exclusive(lock):
        pass


def test_the_last_full_run_is_known(ledger: Ledger) -> None:
    begun = []
    assert ledger.last_full(["a"]) is None
    for number, full in enumerate([False, True, False]):
        run = ledger.begin(["a"], "abc", {}, full=full, now=NOON + timedelta(days=number))
        ledger.finish(run.run_id, "finished", 0)
        begun.append(ledger.last_full(["a"]))
    assert begun == ["2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00", "2026-03-02T12:00:00+00:00"]
