"""The frontier's promises, checked in its table and by dying in the middle."""

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler.frontier import BATCH, CRASHES_TO_WAIT, Ask, Frontier, Lead
from crawler.site import Revisit
from crawler.state import BrokenState, key_of, open_state, read_state, transaction
from crawler.visits import Kind, Outcome, Visit, Visits

NOW = 1_000_000.0


def lead(path: str, priority: int = 50, *, host: str = "example.org", lastmod: str = "") -> Lead:
    return Lead(f"https://{host}{path}", host, Kind.PAGE, priority, lastmod=lastmod)


@pytest.fixture
def state(tmp_path: Path) -> sqlite3.Connection:
    return open_state(tmp_path / "web.sqlite")


def add(state: sqlite3.Connection, frontier: Frontier, *leads: Lead, now: float = NOW) -> int:
    with transaction(state):
        return frontier.add(leads, now)


def take(frontier: Frontier, now: float = NOW, per_host: int = 100) -> str:
    ask = frontier.take(now, per_host)
    return ask.url.removeprefix("https://") if ask else ""


def test_an_address_is_taken_once_best_first_then_in_the_order_found(state: sqlite3.Connection) -> None:
    frontier = Frontier(state)
    assert add(state, frontier, lead("/a"), lead("/b"), lead("/best", 90), lead("/a")) == 3
    assert [take(frontier) for _ in range(4)] == ["example.org/best", "example.org/a", "example.org/b", ""]
    assert add(state, frontier, lead("/a"), lead("/best")) == 0


def test_what_was_taken_but_not_finished_is_pending_after_a_death(tmp_path: Path) -> None:
    state = open_state(tmp_path / "web.sqlite")
    frontier = Frontier(state)
    add(state, frontier, *(lead(f"/{number}") for number in range(20)))
    done = frontier.take(NOW, 100)
    assert done
    with transaction(state):
        frontier.finish(done)
    frontier.take(NOW, 100)
    state.close()  # without a word, as at a death: nothing is written at the end
    again = Frontier(open_state(tmp_path / "web.sqlite"))
    assert len(again) == 19
    asks = [again.take(NOW, 100) for _ in range(19)]
    assert {ask.url for ask in asks if ask} == {lead(f"/{number}").url for number in range(20)} - {done.url}
    crashes = {ask.url: ask.crashes for ask in asks if ask}
    assert sum(crashes.values()) == BATCH - 1, "only what was leased is under suspicion"


def test_finishing_and_what_it_found_are_one(state: sqlite3.Connection) -> None:
    frontier = Frontier(state)
    add(state, frontier, lead("/a"))
    ask = frontier.take(NOW, 1)
    assert ask

    def die_in_the_middle() -> None:
        with transaction(state):
            frontier.add([lead("/b")], NOW)
            frontier.finish(ask)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die_in_the_middle()
    rows = state.execute("SELECT url, state FROM frontier").fetchall()
    assert rows == [("https://example.org/a", 1)]


def test_an_address_that_saw_many_deaths_goes_last(tmp_path: Path) -> None:
    for _ in range(CRASHES_TO_WAIT):
        state = open_state(tmp_path / "web.sqlite")
        frontier = Frontier(state)
        add(state, frontier, lead("/deadly", 99), *(lead(f"/{number}") for number in range(BATCH)))
        assert take(frontier) == "example.org/deadly"
        state.execute("UPDATE frontier SET state = 0 WHERE state = 1 AND url NOT LIKE '%deadly'")
        state.close()
    frontier = Frontier(open_state(tmp_path / "web.sqlite"))
    assert [take(frontier) for _ in range(BATCH + 1)][-1] == "example.org/deadly"


def test_hosts_take_turns_and_none_has_more_open_than_it_may(state: sqlite3.Connection) -> None:
    frontier = Frontier(state)
    add(
        state,
        frontier,
        *(lead(f"/{number}", host=host) for host in ("a.example", "b.example") for number in range(9)),
    )
    taken = [frontier.take(NOW, 2) for _ in range(6)]
    hosts = [ask.host for ask in taken if ask]
    assert sorted(hosts) == ["a.example"] * 2 + ["b.example"] * 2
    assert taken[4:] == [None, None]


def test_a_host_on_hold_is_left_alone_and_the_others_are_not(state: sqlite3.Connection) -> None:
    frontier = Frontier(state)
    add(state, frontier, lead("/a", host="a.example"), lead("/b", host="b.example"))
    frontier.hold("a.example", NOW + 10)
    assert [take(frontier), take(frontier), take(frontier, NOW + 10)] == ["b.example/b", "", "a.example/a"]


def test_an_address_put_back_comes_after_its_pause_with_its_tries(state: sqlite3.Connection) -> None:
    frontier = Frontier(state)
    add(state, frontier, lead("/a"))
    ask = frontier.take(NOW, 1)
    assert ask
    with transaction(state):
        frontier.again(ask, NOW + 5)
    assert len(frontier) == 1
    assert frontier.take(NOW + 4.9, 1) is None
    again = frontier.take(NOW + 5, 1)
    assert again
    assert again.tries == 1


def test_what_is_not_due_is_not_added_unless_the_sitemap_says_otherwise(state: sqlite3.Connection) -> None:
    visits = Visits(state, Revisit(share=0.1, max_days=30))
    url = lead("/a").url
    known = Visit(
        key_of(url),
        url,
        1,
        Outcome.UNCHANGED,
        "",
        "",
        200,
        Kind.PAGE,
        0,
        NOW,
        NOW,
        NOW - 100 * 86_400,
        lastmod="2026-01-01",
    )
    with transaction(state):
        visits.put(known)
    frontier = Frontier(state)
    assert add(state, frontier, lead("/a"), now=NOW + 86_400) == 0
    assert add(state, frontier, lead("/a", lastmod="2026-01-01"), now=NOW + 86_400) == 0
    assert add(state, frontier, lead("/a", lastmod="2026-02-02"), now=NOW + 86_400) == 1


def test_a_new_run_forgets_what_is_done_and_keeps_what_was_left(state: sqlite3.Connection) -> None:
    frontier = Frontier(state)
    add(state, frontier, lead("/done"), lead("/left"))
    ask = frontier.take(NOW, 1)
    assert ask
    with transaction(state):
        frontier.finish(ask)
    frontier.release()
    frontier.restart()
    assert add(state, frontier, lead("/done")) == 1
    assert sorted(take(frontier) for _ in range(2)) == ["example.org/done", "example.org/left"]


def test_random_work_and_deaths_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(1)
    finished: list[str] = []
    for _ in range(30):
        state = open_state(tmp_path / "web.sqlite")
        frontier = Frontier(state)
        add(state, frontier, *(lead(f"/{chance.randrange(300)}") for _ in range(40)))
        held: list[Ask] = []
        for _ in range(chance.randrange(60)):
            if (ask := frontier.take(NOW, 8)) is not None:
                held.append(ask)
            if held and chance.random() < 0.8:
                ask = held.pop(chance.randrange(len(held)))
                with transaction(state):
                    if chance.random() < 0.2:
                        frontier.again(ask, NOW)
                    else:
                        frontier.finish(ask)
                        finished.append(ask.url)
        assert len(frontier) == state.execute("SELECT count(*) FROM frontier WHERE state < 2").fetchone()[0]
        state.close()
    frontier = Frontier(open_state(tmp_path / "web.sqlite"))
    while ask := frontier.take(NOW, 10_000):
        finished.append(ask.url)
    assert len(finished) == len(set(finished))
    with read_state(tmp_path / "web.sqlite") as known:
        assert set(finished) == {url for (url,) in known.execute("SELECT url FROM frontier")}


def test_a_state_of_another_version_or_kind_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "web.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(BrokenState, match=r"web\.sqlite: version 99"):
        open_state(path)
    with (
        pytest.raises(BrokenState, match=r"none\.sqlite: no such file"),
        read_state(tmp_path / "none.sqlite"),
    ):
        pass


@pytest.mark.slow
def test_a_hundred_thousand_addresses_take_no_more_memory_than_ten_thousand(tmp_path: Path) -> None:
    def peak(addresses: int) -> int:
        code = (
            "import resource, sys; from pathlib import Path; from benchmarks.frontier import fill;"
            "fill(Path(sys.argv[1]), int(sys.argv[2])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / f"{addresses}.sqlite"), str(addresses)],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(run.stdout.split()[-1])  # KiB on Linux

    assert (
        peak(100_000) - peak(10_000) < 30_000
    )  # the memory of lately seen addresses, and SQLite's page cache


def test_adding_stays_linear(tmp_path: Path) -> None:
    from benchmarks.frontier import fill

    def seconds(addresses: int) -> float:
        return min(_timed(fill, tmp_path / f"{addresses}-{turn}.sqlite", addresses) for turn in range(2))

    assert seconds(16_000) < 12 * seconds(4_000)


def _timed(function: object, *arguments: object) -> float:
    began = time.process_time()
    function(*arguments)  # type: ignore[operator]
    return time.process_time() - began
