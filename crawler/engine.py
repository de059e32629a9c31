"""Do many tasks with few lives lost: in this process, in local processes, or on a Dask cluster.

A task is a small picklable value, and doing it twice must be as good as doing it once: whatever dies, its tasks are done again by another worker.
"""

import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from enum import StrEnum
from multiprocessing import get_context
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")

TRIES = 4
"""Times a task may lose its worker before it is given up: workers die of other causes too (a machine, the out-of-memory killer)."""

STUCK_SECONDS = 1800.0
"""Without any task done for so long a run is ended. The slowest shard measured, 1 GB of WARC on one core, takes a third of it."""


class Engine(StrEnum):
    """Where the work is done."""

    INLINE = "inline"
    PROCESSES = "processes"
    DASK = "dask"


class Stuck(Exception):  # noqa: N818
    """Nothing moves any more, or a task loses every worker it is given; what is done stays done."""


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    engine: Engine = Engine.INLINE,
    workers: int = 0,
    scheduler: str = "",
    stuck: float = STUCK_SECONDS,
) -> Iterator[tuple[Task, Result]]:
    """Do the tasks, and give each with its result as it is done.

    `workers` are local ones, 0 for one a core; `scheduler` is a Dask scheduler's address, "" for a cluster on this machine.
    Raises what a task raises, and Stuck.
    """
    if engine is Engine.INLINE or not tasks:
        for task in tasks:
            yield task, function(task)
    elif engine is Engine.PROCESSES:
        yield from _in_processes(function, tasks, workers or os.cpu_count() or 1, stuck)
    else:
        yield from _on_dask(function, tasks, workers or os.cpu_count() or 1, scheduler, stuck)


def _in_processes(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int, stuck: float
) -> Iterator[tuple[Task, Result]]:
    waiting = deque(range(len(tasks)))
    lost: Counter[int] = Counter()
    while waiting:
        # Spawned, not forked: a fork copies whatever locks another thread of ours holds at that moment.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            running: dict[Future[Result], int] = {}
            try:
                while waiting or running:
                    # No more than the workers can hold: when one dies, only those it may have been doing are suspect.
                    while waiting and len(running) < workers:
                        running[pool.submit(function, tasks[waiting[0]])] = waiting[0]
                        waiting.popleft()
                    done, _ = wait(running, timeout=stuck, return_when=FIRST_COMPLETED)
                    if not done:
                        _kill(pool)
                        raise Stuck(
                            f"no task was done in {stuck:.0f} s; {len(waiting) + len(running)} are left"
                        )
                    for future in done:
                        result = future.result()
                        yield tasks[running.pop(future)], result
            except BrokenProcessPool:
                lost.update(running.values())
                waiting.extendleft(running.values())
                worst, times = lost.most_common(1)[0]
                if times >= TRIES:
                    raise Stuck(f"{times} workers died of a task or beside it: {tasks[worst]}") from None
                logger.warning("a worker died; %d tasks go to new ones", len(running))


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.kill()


def _on_dask(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int, scheduler: str, stuck: float
) -> Iterator[tuple[Task, Result]]:
    from distributed import Client, LocalCluster, as_completed
    from distributed.scheduler import KilledWorker

    cluster: Any = None
    if not scheduler:
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster or scheduler)
    try:
        futures = client.map(function, tasks, retries=TRIES, pure=False)
        numbers = {future.key: number for number, future in enumerate(futures)}
        done = as_completed(futures, timeout=stuck)
        for future in done:
            try:
                yield tasks[numbers[future.key]], future.result()
            except KilledWorker as error:
                raise Stuck(f"task {numbers[future.key]} lost every worker it was given: {error}") from None
    except TimeoutError:
        raise Stuck(f"no task was done in {stuck:.0f} s") from None
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
