"""How many health articles the pre-filter lets pass, and how much else: `python -m benchmarks.health WCXB MEDQUAD`.

Two halves of WCXB's domains: one on which the threshold was swept, one that was only measured. MedQuAD's answers, joined by document, stand for health text of
any kind; they have no navigation around them. The demo's articles are our own.
"""

import argparse
import gzip
import json
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pages import read_wcxb
from cleaning.health import MIN_SCORE, health
from crawler.page import Page

HERE = Path(__file__).parent
SWEEP = (5, 7.5, 10, 12.5, 15, 20)


def documents(medquad: Path) -> Iterator[tuple[str, Page]]:
    """Each document's answers as one plain text, with its source."""
    texts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    with gzip.open(medquad / "answers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            texts[row["source"], row["doc"], "http://any.example/page"].append(row["answer"])
    for (source, _, url), answers in texts.items():
        yield source, Page(url, "\n".join(answers).encode())


def main() -> int:
    """Print recall and what passes of the rest, by threshold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wcxb", type=Path)
    parser.add_argument("medquad", type=Path)
    arguments = parser.parse_args()
    labels = tomllib.loads((HERE / "health_labels.toml").read_text("utf-8"))
    scores: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    began = time.process_time()
    read = 0
    for sample in read_wcxb(arguments.wcxb):
        if sample.id in labels["either"]:
            continue
        kind = "health" if sample.id in labels["health"] else "other"
        page = Page(sample.url, sample.html.encode("utf-8", "replace"))
        scores["swept" if sample.fold in (0, 1) else "measured", kind].append(
            (health(page).score, sample.url)
        )
        read += 1
    print(
        f"{1000 * (time.process_time() - began) / read:.2f} ms of CPU a page, reading it from the disk included"
    )
    for source, page in documents(arguments.medquad):
        scores[f"MedQuAD {source}", "health"].append((health(page).score, source))
    print(f"{'':28}{'pages':>6}" + "".join(f"{f'>= {least:g}':>9}" for least in SWEEP))
    for (part, kind), found in sorted(scores.items()):
        passed = [sum(score >= least for score, _ in found) / len(found) for least in SWEEP]
        print(f"{part + ' ' + kind:28}{len(found):6}" + "".join(f"{share:9.3f}" for share in passed))
    missed = [url for score, url in scores["measured", "health"] if score < MIN_SCORE]
    print(f"measured health pages that are refused: {missed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
