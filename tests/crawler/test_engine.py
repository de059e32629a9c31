"""Every task is done once in the result, whoever dies on the way; who kills every worker is named."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from crawler.engine import Engine, Stuck, Workers, run_tasks

from .work import Task, square

MANY = [Engine.PROCESSES, Engine.DASK]


def workers(engine: Engine, stuck: float = 120) -> Workers:
    """Two of them."""
    return Workers(engine, 2, stuck=stuck)


def numbered(notes: Path, count: int, **habits: str) -> list[Task]:
    """Tasks t0, t1…, some of them with a habit."""
    return [Task(f"t{n}", n, str(notes), habits.get(f"t{n}", "").replace("_", " ")) for n in range(count)]


def results(running: Iterator[tuple[Task, int]]) -> tuple[list[int], str]:
    """What was done, and what the end was."""
    done = []
    try:
        for _, result in running:
            done.append(result)
    except Stuck as stuck:
        return done, str(stuck)
    return done, ""


@pytest.mark.parametrize("engine", Engine)
def test_every_task_is_done_and_given_with_its_result(engine: Engine, tmp_path: Path) -> None:
    tasks = numbered(tmp_path / "notes", 7)
    done = list(run_tasks(square, tasks, workers(engine)))
    assert sorted((task.name, result) for task, result in done) == [(f"t{n}", n * n) for n in range(7)]


@pytest.mark.parametrize("engine", Engine)
def test_no_tasks_are_no_trouble(engine: Engine) -> None:
    assert list(run_tasks(square, [], Workers(engine))) == []


def test_a_cluster_of_others_does_the_work(tmp_path: Path) -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        theirs = Workers(Engine.DASK, scheduler=cluster.scheduler_address)
        for _ in range(2):
            done = list(run_tasks(square, numbered(tmp_path / "notes", 5), theirs))
            assert sorted(result for _, result in done) == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("engine", MANY)
def test_a_worker_that_dies_of_a_task_costs_no_other(engine: Engine, tmp_path: Path) -> None:
    tasks = numbered(tmp_path / "notes", 8, t1="deadly_once", t5="deadly_once")
    done = list(run_tasks(square, tasks, workers(engine)))
    assert sorted(result for _, result in done) == [n * n for n in range(8)]


@pytest.mark.parametrize("engine", MANY)
def test_workers_killed_from_outside_are_replaced(engine: Engine, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    killed: set[int] = set()
    over = threading.Event()
    gone: set[int] = set()  # a pool that lost a worker ends the others itself

    def kill() -> None:
        while len(killed) < 2 and not over.is_set():
            seen = {int(line.split()[1]) for line in notes.read_text().splitlines() if line.count(" ")}
            for pid in seen - killed - gone:
                try:
                    if len(killed) < 2:
                        os.kill(pid, signal.SIGKILL)
                        killed.add(pid)
                except ProcessLookupError:
                    gone.add(pid)
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    done = list(run_tasks(square, numbered(notes, 30), workers(engine)))
    over.set()
    killer.join()
    assert len(killed) == 2
    assert sorted(result for _, result in done) == [n * n for n in range(30)]


@pytest.mark.parametrize("engine", MANY)
def test_a_task_that_kills_every_worker_is_named_when_all_else_is_done(
    engine: Engine, tmp_path: Path
) -> None:
    done, stuck = results(run_tasks(square, numbered(tmp_path / "notes", 8, t3="deadly"), workers(engine)))
    assert stuck.endswith("given t3; all else is done")
    assert sorted(done) == [n * n for n in range(8) if n != 3]


@pytest.mark.parametrize("engine", MANY)
def test_a_run_that_no_longer_moves_is_ended(engine: Engine, tmp_path: Path) -> None:
    tasks = numbered(tmp_path / "notes", 4, t2="endless")
    done, stuck = results(run_tasks(square, tasks, workers(engine, stuck=4)))
    assert stuck == "no task was done in 4 s; 1 are left, among them t2"
    assert sorted(done) == [0, 1, 9]


@pytest.mark.parametrize("engine", MANY)
def test_a_disk_that_is_full_once_costs_a_second_try(engine: Engine, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    done = list(run_tasks(square, numbered(notes, 4, t2="full_disk_once"), workers(engine)))
    assert sorted(result for _, result in done) == [0, 1, 4, 9]
    tried = [line.split()[1] for line in notes.read_text().splitlines() if line.startswith("t2 ")]
    assert len(tried) == 2
    if engine is Engine.DASK:
        assert tried[0] != tried[1]


@pytest.mark.parametrize("engine", Engine)
def test_a_fault_of_the_task_is_raised(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no square of t0"):
        list(run_tasks(square, numbered(tmp_path / "notes", 3, t0="fault"), workers(engine)))


def test_a_scheduler_that_is_gone_ends_the_run(tmp_path: Path) -> None:
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    tasks = numbered(tmp_path / "notes", 3, t2="endless")
    running = run_tasks(square, tasks, Workers(Engine.DASK, scheduler=cluster.scheduler_address, stuck=30))
    done = [next(running), next(running)]
    with Client(cluster) as client:
        client.shutdown()
    with pytest.raises(Stuck, match="scheduler"):
        list(running)
    assert sorted(result for _, result in done) == [0, 1]
