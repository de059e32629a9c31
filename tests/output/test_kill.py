"""A publisher killed anywhere leaves a whole version behind, and readers never see another."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from output.dataset.check import check_tables
from output.dataset.version import latest, open_version, versions

# Imports once, then forks a publisher for every line it is sent, and says its number: Python's start would take longer than a publication.
_PUBLISHERS = """
import os
import sys
from datetime import timedelta
from pathlib import Path
from tests.output.samples import FINISHED, TEXT, a_run, rows_of, sentences
from output.dataset.publish import publish
from output.dataset.shard import write_shard
from output.dataset.version import versions

def publish_for_ever(root):
    number = len(versions(root / "ds"))
    while True:
        number += 1
        pages = [rows_of(f"https://a.test/{n}", f"{TEXT}\\n{sentences(9, n)}\\n{number if n % 3 else ''}", run_id=f"run-{number:04}") for n in range(9)]
        shard = write_shard(pages, root / "parts" / str(number), "s")
        publish([shard], root / "ds", a_run(f"run-{number:04}", FINISHED + timedelta(minutes=number)), formats=("jsonl", "sqlite"))

for _ in sys.stdin:
    child = os.fork()
    if not child:
        publish_for_ever(Path(sys.argv[1]))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


KILLS = 10


class _Reader(threading.Thread):
    """Opens `latest` all the while and notes whatever is not whole."""

    def __init__(self, root: Path) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.broken: list[str] = []
        self.reads = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            version = latest(self.root)
            if version is None:
                if self.reads:
                    self.broken.append("latest has gone")
                time.sleep(0.01)
                continue
            try:
                rows = version.manifest["rows"]
                for table in ("articles", "findings", "claims"):
                    if pq.read_table(version.file(table)).num_rows != rows[table]:
                        self.broken.append(f"{version.id}: {table}")
            except (OSError, ValueError) as error:
                self.broken.append(f"{version.id}: {error}")
            self.reads += 1
            time.sleep(0.02)


@pytest.mark.slow
def test_killed_publishers_leave_whole_versions_and_readers_see_no_other(tmp_path: Path) -> None:
    chance = random.Random(7)
    reader = _Reader(tmp_path / "ds")
    reader.start()
    command = [sys.executable, "-c", _PUBLISHERS, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as publishers:
        assert publishers.stdin is not None
        assert publishers.stdout is not None
        took = 0.0
        for attempt in range(KILLS + 1):
            publishers.stdin.write("go\n")
            publishers.stdin.flush()
            child = int(publishers.stdout.readline())
            began = time.monotonic()
            if attempt % 3 == 0:  # let through now and then; the first time to know how long it takes here
                known = len(versions(tmp_path / "ds"))
                while len(versions(tmp_path / "ds")) == known:
                    time.sleep(0.02)
                took = took or time.monotonic() - began
            time.sleep(chance.uniform(0, took))
            os.kill(child, signal.SIGKILL)
            assert publishers.stdout.readline() == "ended\n"
        publishers.stdin.close()
    reader.done.set()
    reader.join()
    assert reader.broken == []
    assert reader.reads > 20
    published = versions(tmp_path / "ds")
    assert len(published) > KILLS // 3
    for version in published:
        check_tables(version.path)
        done = subprocess.run(
            ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=version.path, capture_output=True
        )
        assert done.returncode == 0, done.stdout
    # A kill between the two renames leaves a whole version that latest does not show yet.
    assert open_version(tmp_path / "ds") in published[-2:]
