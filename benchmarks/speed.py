"""CPU time of the cleaner beside its peers, page by page in turns: `python -m benchmarks.speed DATA [--pages N]`.

Process CPU time of the extract call alone, the page already a str; the extractors take turns on every page in a shuffled order, so that a busy machine is
busy for all of them; garbage is collected between calls, untimed. Peak memory is that of a process of its own for each extractor.
"""

import argparse
import gc
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.floors import fallen
from benchmarks.pages import read_wcxb
from benchmarks.peers import PEERS, Extractor

HERE = Path(__file__).parent
FOR_MEMORY = 150
"""Pages that the memory is measured on, the three largest besides."""


def extractors(peers: list[str]) -> dict[str, Extractor]:
    """Ours and the peers asked for."""
    from cleaning import main_text

    return {"consilia": main_text} | {name: PEERS[name] for name in peers}


def peak(data: Path, name: str) -> float:
    """Peak resident memory of an extractor, in MB."""
    command = [sys.executable, "-m", "benchmarks.speed", str(data), "--peak-of", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak_here(data: Path, name: str) -> float:
    """Peak resident memory of this process once the extractor has seen the pages, in MB: read one at a time, so that the pages themselves hardly count."""
    import gzip

    extract = extractors([name] if name != "consilia" else [])[name]
    files = sorted((data / "html").glob("*.html.gz"))
    largest = sorted(files, key=lambda file: file.stat().st_size)[-3:]
    for file in random.Random(1).sample(files, min(FOR_MEMORY, len(files))) + largest:
        extract(gzip.decompress(file.read_bytes()).decode("utf-8", "replace"))
    # Not ru_maxrss, which a child inherits from a large parent.
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  Linux has the line


def main() -> int:
    """Print the table; 1 if a figure is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with ground-truth.jsonl.gz and html/")
    parser.add_argument("--pages", type=int, default=0, help="a sample of so many; 0 for all")
    parser.add_argument(
        "--peers", default="resiliparse,trafilatura,readability-lxml", help="which of them to run, by commas"
    )
    parser.add_argument("--peak-of", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak_of:
        print(peak_here(arguments.data, arguments.peak_of))
        return 0
    samples = list(read_wcxb(arguments.data))
    rng = random.Random(7)
    if arguments.pages:
        samples = rng.sample(samples, min(arguments.pages, len(samples)))
    run = extractors([name for name in arguments.peers.split(",") if name])
    for extract in run.values():  # imports and tables are not the page's cost
        extract(samples[0].html)
    seconds: dict[str, list[float]] = {name: [] for name in run}
    gc.disable()
    for sample in samples:
        for name in rng.sample(list(run), len(run)):
            gc.collect()
            started = time.process_time()
            run[name](sample.html)
            seconds[name].append(time.process_time() - started)
    gc.enable()
    ours = len(samples) / sum(seconds["consilia"])
    print(
        f"{len(samples)} pages\n{'':18} {'pages/s':>8} {'ours/it':>8} {'p50 ms':>7} {'p99 ms':>7} {'max ms':>7} {'peak MB':>8}"
    )
    memory = {}
    for name, spent in seconds.items():
        rate = len(samples) / sum(spent)
        p50, p99 = np.quantile(spent, (0.5, 0.99)) * 1000
        memory[name] = peak(arguments.data, name)
        print(
            f"{name:18} {rate:8.1f} {ours / rate:8.2f} {p50:7.2f} {p99:7.2f} {max(spent) * 1000:7.1f} {memory[name]:8.0f}"
        )
    figures = {
        f"over_{name}": ours * sum(spent) / len(samples)
        for name, spent in seconds.items()
        if name != "consilia"
    }
    below = fallen("speed", figures)
    for name, floor in below.items():
        print(f"{name}: {figures[name]:.2f}, below its floor {floor}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
