"""A million addresses in the frontier: what adding and taking one costs, and how much memory it needs.

    python -m benchmarks.frontier [ADDRESSES …]          default: 10000 1000000

Each size runs in a process of its own; the last column is that process' greatest resident size. The floor: 150 MB for a million.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crawler.frontier import Frontier, Lead
from crawler.state import open_state, transaction
from crawler.visits import Kind

LINKS = 250
"""Addresses a page tells of; half of them are known already, as a site's menu is."""


def fill(path: Path, addresses: int) -> Frontier:
    """A frontier of so many addresses, added a page's links at a time."""
    state = open_state(path)
    frontier = Frontier(state)
    for start in range(0, addresses, LINKS // 2):
        leads = [
            Lead(
                f"https://www.example.org/health/topic-{number % 97}/article-{number}",
                "www.example.org",
                Kind.PAGE,
                50,
            )
            for number in range(max(start - LINKS // 2, 0), min(start + LINKS // 2, addresses))
        ]
        with transaction(state):
            frontier.add(leads, 0.0)
    return frontier


def drain(path: Path, addresses: int) -> None:
    """Take and finish so many."""
    state = open_state(path)
    frontier = Frontier(state)
    for _ in range(addresses):
        ask = frontier.take(0.0, 1)
        if ask is None:
            raise RuntimeError("the frontier is empty too early")
        with transaction(state):
            frontier.finish(ask)


def _measure(addresses: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frontier.sqlite"
        began = time.process_time()
        fill(path, addresses)
        filled = time.process_time()
        taken = min(addresses, 50_000)
        drain(path, taken)
        drained = time.process_time()
        print(
            f"{addresses:>9} addresses  add {1e6 * (filled - began) / addresses:6.1f} µs"
            f"  take and finish {1e6 * (drained - filled) / taken:6.1f} µs"
            f"  file {path.stat().st_size / 1e6:6.1f} MB"
            f"  memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.1f} MB"
        )


if __name__ == "__main__":
    sizes = sys.argv[1:] or ["10000", "1000000"]
    if len(sizes) == 1:
        _measure(int(sizes[0]))
    else:
        for size in sizes:
            subprocess.run([sys.executable, "-m", "benchmarks.frontier", size], check=True)
