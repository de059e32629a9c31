"""Tasks for the engines: picklable, each with one habit. What was begun is noted in a file, a line each."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """A number to square, and where to note it."""

    name: str
    number: int
    notes: str
    habit: str = ""


def square(task: Task) -> int:
    """The number's square, after what the task's habit brings."""
    notes = Path(task.notes)
    with notes.open("a") as file:
        file.write(f"{task.name} {os.getpid()}\n")
    tries = notes.read_text().split().count(task.name)
    if task.habit == "deadly" or (task.habit == "deadly once" and tries == 1):
        time.sleep(
            0.5
        )  # a neighbour is at work by then; and Dask replaces no worker that dies in its first moments
        os.kill(os.getpid(), signal.SIGKILL)
    if task.habit == "endless":
        time.sleep(3600)
    if task.habit == "full disk once" and tries == 1:
        raise OSError(28, "No space left on device", "rows.parquet")
    if task.habit == "fault":
        raise ValueError(f"no square of {task.name}")
    time.sleep(0.02)
    return task.number**2
