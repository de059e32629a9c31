"""The cleaner's quality beside its peers on the same pages: `python -m benchmarks.quality DATA [--mozilla FOLDER]`.

Word F1 is that of WCXB: bag of lower-cased `\\w+` words, the mean over pages. The shipped model saw WCXB's development pages, so here every page is judged by a
model that was trained without its domain (benchmarks/folds, written by the training script); on other collections the shipped model judges.
The intervals are paired bootstrap intervals of 95 % over pages.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from benchmarks.floors import fallen
from benchmarks.pages import FOLDS, Sample, holds, on_health, read_mozilla, read_wcxb, word_f1
from benchmarks.peers import PEERS
from cleaning import main_text
from cleaning.blocks import lay_out
from cleaning.boilerplate import judge, read_frame
from cleaning.forest import load_forest

HERE = Path(__file__).parent
DRAWS = 2000


def out_of_fold() -> Callable[[Sample], str]:
    """The cleaner with, for every page, the model that never saw its domain."""
    forests = [load_forest((HERE / "folds" / f"{fold}.npz").read_bytes()) for fold in range(FOLDS)]

    def extract(sample: Sample) -> str:
        tree = LexborHTMLParser(sample.html)
        return judge(lay_out(tree), read_frame(tree), forests[sample.fold]).text()

    return extract


def score(
    samples: Sequence[Sample], extract: Callable[[Sample], str], cache: Path | None
) -> NDArray[np.float64]:
    """A row for every page: F1, precision, recall, share of wanted snippets found, share of unwanted ones kept out (nan where there are none)."""
    stored: dict[str, str] = (
        json.loads(cache.read_text("utf-8")) if cache is not None and cache.exists() else {}
    )
    rows = []
    for sample in samples:
        text = stored.get(sample.id)
        if text is None:
            text = stored[sample.id] = extract(sample)
        folded = " ".join(text.split())
        wanted = [holds(folded, snippet) for snippet in sample.wanted]
        unwanted = [not holds(folded, snippet) for snippet in sample.unwanted]
        rows.append(
            (
                *word_f1(text, sample.content),
                np.mean(wanted) if wanted else np.nan,
                np.mean(unwanted) if unwanted else np.nan,
            )
        )
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(stored), "utf-8")
    return np.array(rows)


def interval(difference: NDArray[np.float64]) -> tuple[float, float]:
    """95 % of the means of pages drawn again and again."""
    draw = np.random.default_rng(1).integers(0, len(difference), (DRAWS, len(difference)))
    low, high = np.quantile(difference[draw].mean(1), (0.025, 0.975))
    return float(low), float(high)


def table(title: str, scores: dict[str, NDArray[np.float64]], chosen: NDArray[np.bool_]) -> None:
    """Print a line for every extractor."""
    print(f"\n{title} ({chosen.sum()} pages)")
    print(f"{'':18} {'F1':>6} {'P':>6} {'R':>6} {'with%':>6} {'out%':>6} {'F1<.5':>6}   ours minus it")
    ours = scores["consilia"][chosen]
    for name, rows in scores.items():
        picked = rows[chosen]
        mean = picked[:, :3].mean(0)
        wanted = 100 * np.nanmean(picked[:, 3]) if (~np.isnan(picked[:, 3])).any() else np.nan
        unwanted = 100 * np.nanmean(picked[:, 4]) if (~np.isnan(picked[:, 4])).any() else np.nan
        line = f"{name:18} {mean[0]:6.4f} {mean[1]:6.4f} {mean[2]:6.4f} {wanted:6.1f} {unwanted:6.1f} {(picked[:, 0] < 0.5).sum():6}"
        if name != "consilia":
            difference = ours[:, 0] - picked[:, 0]
            low, high = interval(difference)
            line += f"   {difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
        print(line)


def measure(data: Path, peers: Sequence[str], cache: Path | None) -> dict[str, float]:
    """Print the tables of a WCXB folder; the figures that have floors."""
    samples = list(read_wcxb(data))
    scores = {"consilia": score(samples, out_of_fold(), None)}
    for name in peers:
        started = time.process_time()
        scores[name] = score(
            samples,
            lambda sample, run=PEERS[name]: run(sample.html),
            cache / f"wcxb-{name}.json" if cache else None,
        )
        print(f"{name}: {time.process_time() - started:.0f} s", file=sys.stderr)
    kinds = np.array([sample.kind for sample in samples])
    articles = kinds == "article"
    health = articles & np.array([on_health(sample) for sample in samples])
    table("articles", scores, articles)
    table("articles on health (by title or address)", scores, health)
    for kind in sorted(set(kinds) - {"article"}):
        table(kind, scores, kinds == kind)
    table("all pages", scores, np.ones(len(kinds), bool))
    ours = scores["consilia"]
    return {
        "articles_f1": float(ours[articles, 0].mean()),
        "articles_with": float(np.nanmean(ours[articles, 3])),
        "articles_out": float(np.nanmean(ours[articles, 4])),
        "health_f1": float(ours[health, 0].mean()),
        "all_f1": float(ours[:, 0].mean()),
    }


def measure_mozilla(folder: Path, peers: Sequence[str], cache: Path | None) -> dict[str, float]:
    """Print the table of Mozilla's pages, which nothing here was trained on."""
    samples = list(read_mozilla(folder))
    scores = {"consilia": score(samples, lambda sample: main_text(sample.html), None)}
    for name in peers:
        scores[name] = score(
            samples,
            lambda sample, run=PEERS[name]: run(sample.html),
            cache / f"mozilla-{name}.json" if cache else None,
        )
    table(
        "Mozilla Readability's test pages (expectation: its own output)", scores, np.ones(len(samples), bool)
    )
    return {"mozilla_f1": float(scores["consilia"][:, 0].mean())}


def main() -> int:
    """Print the tables; 1 if a figure is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with ground-truth.jsonl.gz and html/")
    parser.add_argument("--mozilla", type=Path, help="folder with pages.jsonl.gz")
    parser.add_argument("--peers", default=",".join(PEERS), help="which of them to run, by commas")
    parser.add_argument("--cache", type=Path, help="folder to keep the peers' texts in between runs")
    arguments = parser.parse_args()
    if not (arguments.data / "ground-truth.jsonl.gz").exists():
        parser.error(f"{arguments.data} holds no ground-truth.jsonl.gz")
    peers = [name for name in arguments.peers.split(",") if name]
    figures = measure(arguments.data, peers, arguments.cache)
    if arguments.mozilla:
        figures |= measure_mozilla(arguments.mozilla, peers, arguments.cache)
    below = fallen("quality", figures)
    print()
    for name, figure in figures.items():
        print(f"{name}: {figure:.4f}" + (f", below its floor {below[name]}" if name in below else ""))
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
