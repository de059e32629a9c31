"""Do many tasks with few lives lost: in this process, in local processes, or on a Dask cluster.

A task is a small picklable value, and doing it twice must be as good as doing it once: whatever dies, its tasks are done again by another worker.
A task that loses worker after worker is set aside until all others are done, and is then tried alone, so that the blame falls on nobody beside it.
"""

import logging
import os
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
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

REPLACE_SECONDS = 10.0
"""A worker of our own cluster that is missing so long is replaced by us. Dask's nanny starts a new one within 3 s, but never for a worker that dies
before the nanny has heard of its start (seen in 2 of 5 runs with kills in quick succession)."""

CONNECT_SECONDS = 10
"""For a scheduler to answer: it is there or it is not."""


class Engine(StrEnum):
    """Where the work is done."""

    INLINE = "inline"
    PROCESSES = "processes"
    DASK = "dask"


@dataclass(frozen=True, slots=True)
class Workers:
    """Who does the work."""

    engine: Engine = Engine.INLINE
    count: int = 0
    """Of local workers; 0 for one a core."""
    scheduler: str = ""
    """A Dask scheduler's address; "" for a cluster on this machine."""
    stuck: float = STUCK_SECONDS
    """Seconds without any task done after which the run is ended."""


class Stuck(Exception):  # noqa: N818
    """Nothing moves any more, or a task loses every worker it is given; what is done stays done."""


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    workers: Workers = Workers(),
) -> Iterator[tuple[Task, Result]]:
    """Do the tasks, and give each with its result as it is done.

    An OSError (a disk that is full, a store that does not answer) is tried again, on another worker where there is one; what else a task raises is
    raised here at once. Raises Stuck; for a task that loses its workers only when all others are done.
    """
    count = workers.count or os.cpu_count() or 1
    if workers.engine is Engine.INLINE or not tasks:
        for task in tasks:
            yield task, function(task)
    elif workers.engine is Engine.PROCESSES:
        yield from _in_processes(function, tasks, count, workers.stuck)
    else:
        yield from _on_dask(function, tasks, count, workers.scheduler, workers.stuck)


def _in_processes(
    function: Callable[[Task], Result], tasks: Sequence[Task], count: int, stuck: float
) -> Iterator[tuple[Task, Result]]:
    waiting = deque(range(len(tasks)))
    lost: Counter[int] = Counter()
    failed: Counter[int] = Counter()
    deadly: list[int] = []
    suspects: deque[int] = deque()
    while waiting or suspects:
        alone = not waiting
        if alone:
            waiting.append(suspects.popleft())
        # Spawned, not forked: a fork copies whatever locks another thread of ours holds at that moment.
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            running: dict[Future[Result], int] = {}
            while waiting or running:
                try:
                    # No more than the workers can hold: when one dies, only those it may have been doing are suspect.
                    while waiting and len(running) < count:
                        running[pool.submit(function, tasks[waiting[0]])] = waiting[0]
                        waiting.popleft()
                except BrokenProcessPool:
                    if not running:
                        break
                done, _ = wait(running, timeout=stuck, return_when=FIRST_COMPLETED)
                if not done:
                    left = sorted(running.values())
                    _kill(pool)
                    raise Stuck(
                        _nothing_done(stuck, len(left) + len(waiting) + len(suspects), tasks[left[0]])
                    )
                broken = [future for future in done if isinstance(future.exception(), BrokenProcessPool)]
                for future in done.difference(broken):
                    number = running.pop(future)
                    if isinstance(trouble := future.exception(), OSError) and failed[number] < TRIES - 1:
                        failed[number] += 1
                        waiting.append(number)
                        logger.warning("%s: %s; trying again", _named(tasks[number]), trouble)
                        continue
                    try:
                        result = future.result()
                    except BaseException:
                        _kill(pool)
                        raise
                    yield tasks[number], result
                if broken:
                    wait(running)  # a broken pool ends them all
                    break
            over = [future for future in running if future.exception() is None]
            for future in over:
                yield tasks[running.pop(future)], future.result()
            if running:
                logger.warning(
                    "a worker died; what it did, and what ran beside it, is done again: %d", len(running)
                )
            for number in sorted(running.values()):
                lost[number] += 1
                if lost[number] < TRIES // 2:
                    waiting.appendleft(number)
                elif lost[number] >= TRIES and alone:
                    deadly.append(number)
                else:
                    suspects.append(number)
    _tell_deadly([tasks[number] for number in deadly])


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.kill()


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a task ended on a Dask worker; an OSError is told with its place, so that it is tried elsewhere."""

    result: Any
    error: OSError | None = None
    worker: str = ""


def _at_worker(function: Callable[[Any], Any], task: Any) -> _Ended:
    from distributed import get_worker

    try:
        return _Ended(function(task))
    except OSError as error:
        return _Ended(None, error, get_worker().address)


def _on_dask(
    function: Callable[[Task], Result], tasks: Sequence[Task], count: int, scheduler: str, stuck: float
) -> Iterator[tuple[Task, Result]]:
    import dask
    from distributed import Client, LocalCluster
    from distributed.scheduler import KilledWorker

    cluster: Any = None
    if not scheduler:
        # A task is suspect after half of its tries, and gets the other half alone. (A cluster of others has its own setting.)
        # Nor is our work looked at a hundred times a second: it happens in a child that Dask's profiler does not see.
        settings = {
            "distributed.scheduler.allowed-failures": TRIES // 2 - 1,
            "distributed.worker.profile.enabled": False,
        }
        with dask.config.set(settings):
            cluster = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
    try:
        client = Client(cluster or scheduler, set_as_default=False, timeout=CONNECT_SECONDS)
    except OSError as error:
        raise Stuck(f"the scheduler at {scheduler} does not answer: {error}") from None
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    numbers: dict[str, int] = {}
    futures: dict[str, Any] = {}  # Dask forgets a task whose future is let go
    failed: dict[int, list[str]] = {}

    def submit(number: int) -> None:
        placed: dict[str, Any] = {}
        shunned = failed.get(number, [])
        if elsewhere := [worker for worker in client.scheduler_info(-1)["workers"] if worker not in shunned]:
            placed = {"workers": elsewhere, "allow_other_workers": False} if shunned else {}
        future = client.submit(_at_worker, function, tasks[number], pure=False, **placed)
        numbers[str(future.key)] = number
        futures[str(future.key)] = future
        future.add_done_callback(ended.put)

    gone = f"the scheduler at {scheduler or 'this machine'} is gone; what is done stays done"
    suspects: deque[int] = deque()
    deadly: list[int] = []
    alone = False
    try:
        for number in range(len(tasks)):
            submit(number)
        while futures or suspects:
            if not futures:
                alone = True
                submit(suspects.popleft())
            try:
                future = _next(ended, stuck, cluster, count)
            except queue.Empty:
                left = sorted(numbers[key] for key in futures)
                raise Stuck(_nothing_done(stuck, len(left) + len(suspects), tasks[left[0]])) from None
            number = numbers.pop(future.key)
            del futures[future.key]
            if future.status == "cancelled":
                raise Stuck(gone)
            trouble = future.exception()
            if isinstance(trouble, KilledWorker):
                logger.warning("%s lost its workers", _named(tasks[number]))
                (deadly if alone else suspects).append(number)
                continue
            try:
                told: _Ended = future.result()
            except OSError:  # between the end of the task and the fetching of its answer
                raise Stuck(gone) from None
            if told.error is None:
                yield tasks[number], told.result
                continue
            failed.setdefault(number, []).append(told.worker)
            if len(failed[number]) >= TRIES:
                raise told.error
            logger.warning(
                "%s: %s on %s; trying another worker", _named(tasks[number]), told.error, told.worker
            )
            submit(number)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
    _tell_deadly([tasks[number] for number in deadly])


def _next(ended: "queue.SimpleQueue[Any]", stuck: float, cluster: Any, count: int) -> Any:
    """The next future that ends; meanwhile our own cluster gets new workers for those that Dask does not replace. Raises queue.Empty."""
    until = time.monotonic() + stuck
    while True:
        left = until - time.monotonic()
        try:
            return ended.get(timeout=max(min(left, REPLACE_SECONDS), 0))
        except queue.Empty:
            if left <= REPLACE_SECONDS:
                raise
        if cluster is not None and (missing := count - len(cluster.scheduler.workers)) > 0:
            cluster.scale(len(cluster.worker_spec) + missing)


def _tell_deadly(tasks: Sequence[object]) -> None:
    if tasks:
        raise Stuck(f"every worker died that was given {', '.join(map(_named, tasks))}; all else is done")


def _nothing_done(seconds: float, left: int, task: object) -> str:
    return f"no task was done in {seconds:g} s; {left} are left, among them {_named(task)}"


def _named(task: object) -> str:
    """A task by its own name, if it has one."""
    return str(getattr(task, "name", task))
