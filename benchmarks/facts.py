"""Title, author and date on WCXB's articles, beside trafilatura's: python -m benchmarks.facts DATA

DATA holds ground-truth.jsonl.gz and html/ID.html.gz. The rules were first written looking at the domains of half 0 alone; pages
that both halves miss have been looked at since, so neither half is untouched. Titles and authors are compared letter by letter (case, signs and spaces aside) and by words (F1);
dates by their day: when it was published, or
last modified where the page tells that alone (the labels do so too).
"""

import argparse
import gzip
import hashlib
import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from trafilatura.metadata import extract_metadata

from cleaning.document import decode
from cleaning.facts import read_facts
from crawler.page import Page

FACTS = {"title": "title", "author": "author", "date": "publish_date"}


def half(url: str) -> int:
    """Which half of the domains a page belongs to."""
    domain = url.split("/")[2].lower().removeprefix("www.")
    return int(hashlib.sha1(domain.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def ours(url: str, body: bytes) -> dict[str, str]:
    """Our facts; no charset is declared beside the bytes, as in the collection."""
    found = read_facts(decode(Page(url, body)))
    return {"title": found.title, "author": found.author, "date": (found.published or found.modified)[:10]}


def theirs(url: str, body: bytes) -> dict[str, str]:
    """trafilatura's metadata."""
    found = extract_metadata(body.decode("utf-8", "replace"), default_url=url)
    return {
        "title": found.title or "",
        "author": (found.author or "").replace("; ", ", "),
        "date": (found.date or "")[:10],
    }


def letters(text: str) -> str:
    """Case, signs and spaces aside."""
    return "".join(character for character in text.casefold() if character.isalnum())


def score(expected: str, found: str) -> tuple[float, float]:
    """Whether the letters are the same, and the F1 of the words."""
    gold, guess = (
        Counter(re.findall(r"\w+", expected.casefold())),
        Counter(re.findall(r"\w+", found.casefold())),
    )
    common = sum((gold & guess).values())
    return float(letters(expected) == letters(found)), 2 * common / (
        gold.total() + guess.total()
    ) if common else 0.0


def main() -> None:
    """Print the accuracy of both, by half and together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="read these domains alone")
    parser.add_argument("--errors", choices=FACTS, help="print what we miss of this fact")
    parser.add_argument("--alone", action="store_true", help="without trafilatura")
    options = parser.parse_args()
    with gzip.open(options.data / "ground-truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages: list[dict[str, Any]] = [json.loads(line) for line in lines]
    pages = [page for page in pages if page["page_type"] == "article"]
    if options.half is not None:
        pages = [page for page in pages if half(page["url"]) == options.half]
    readers = {"consilia": ours} if options.alone else {"consilia": ours, "trafilatura": theirs}
    results: dict[tuple[str, str, int], list[tuple[float, float]]] = {}
    silent: Counter[tuple[str, str]] = Counter()
    seconds: Counter[str] = Counter()
    for page in pages:
        body = gzip.decompress((options.data / "html" / f"{page['id']}.html.gz").read_bytes())
        for reader, read in readers.items():
            start = time.process_time()
            found = read(page["url"], body)
            seconds[reader] += time.process_time() - start
            for fact, label in FACTS.items():
                if not (gold := (page[label] or "")[: 10 if fact == "date" else None]):
                    silent[reader, fact] += bool(found[fact])
                    continue
                exact, words = score(gold, found[fact])
                results.setdefault((reader, fact, half(page["url"])), []).append((exact, words))
                if reader == "consilia" and options.errors == fact and not exact:
                    print(page["id"], repr(gold), repr(found[fact]))
    print(f"{'':12} {'fact':7} {'half 0':>14} {'half 1':>14} {'all':>14}   stated where the label is empty")
    for fact in FACTS:
        for reader in readers:
            cells = [results.get((reader, fact, which), []) for which in (0, 1)]
            cells.append(cells[0] + cells[1])
            shown = " ".join(
                f"{sum(e for e, _ in cell) / len(cell):6.3f} F1 {sum(w for _, w in cell) / len(cell):.3f}"
                if cell
                else " " * 15
                for cell in cells
            )
            print(f"{reader:12} {fact:7} {shown}   {silent[reader, fact]}")
    for reader in readers:
        print(f"{reader:12} {len(pages) / seconds[reader]:.0f} pages/s of CPU, decoding and parsing included")


if __name__ == "__main__":
    main()
