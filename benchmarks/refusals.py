"""Which pages are refused, and as what, on WCXB's seven page types: python -m benchmarks.refusals DATA

The model of cleaning/refusal.py is trained on the domains of half 0 and judged on those of half 1; articles against the rest, and
by reason. Documentation and service pages count as pages to keep, with half the weight: health advice stands on such pages.
--write trains on all domains and writes cleaning/models/refusal.json. --pages FILE prints how many of another collection's articles
the shipped model refuses.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from selectolax.lexbor import LexborHTMLParser
from sklearn.linear_model import LogisticRegression

from benchmarks.facts import half
from cleaning.article import clean
from cleaning.blocks import lay_out
from cleaning.boilerplate import Verdict
from cleaning.document import decode
from cleaning.refusal import MIN_CHANCE, PROSE_WORDS, NotAnArticle, signals
from crawler.page import Page

KINDS = {
    "article": "article", "documentation": "article", "service": "article",
    "forum": "forum", "listing": "index", "collection": "index", "product": "product",
}  # fmt: skip
STRENGTH = 0.05
"""Inverse regularisation: from 0.02 to 0.2 the share of articles refused moves by 0.01, of any other type by at most 0.07, by
folds over the domains with an earlier set of signals."""
MASKS = (("address", "host"), ("kind", "published"), ("address", "host", "kind", "published"))
"""Signals taken away in copies of all pages: loose files have no address, old pages say nothing of their kind."""
MASKED = 0.3
"""Weight of each copy."""
SHORT = (2, 4, 7)
"""Blocks of prose left in the copies of articles: WCXB's are long (half of them above 1,500 words), portals' are not."""
SHORTENED = 0.5
"""Weight of such a copy."""


def measure(url: str, body: bytes, shorten: int = 0) -> dict[str, float]:
    """The signals of a page, or of the page with its first blocks of prose alone; they do not depend on what the cleaner keeps."""
    document = decode(Page(url, body))
    layout = lay_out(LexborHTMLParser(document.text))
    blocks = [layout.block(n) for n in range(len(layout.texts))]
    if shorten:
        prose = [
            n
            for n, block in enumerate(blocks)
            if len(block.text.split()) >= PROSE_WORDS and block.linked * 3 < len(block.text)
        ]
        if len(prose) > shorten:
            first, last = prose[shorten], prose[-1]
            blocks = [block for n, block in enumerate(blocks) if not first <= n <= last]
    return signals(url, document, [Verdict(block) for block in blocks])


def train(found: list[dict[str, float]], kinds: list[str], weights: list[float]) -> dict[str, Any]:
    """Fit the model and write it in terms of the signals themselves, not of their standard scores."""
    names = list(found[0])
    table = np.array([[signal[name] for name in names] for signal in found])
    copies, shares = [table], [np.array(weights)]
    for masked in MASKS:
        copy = table.copy()
        copy[:, [name.startswith(masked) for name in names]] = 0
        copies.append(copy)
        shares.append(np.array(weights) * MASKED)
    rows = np.vstack(copies)
    mean, spread = rows.mean(0), rows.std(0)
    spread[spread == 0] = 1
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(
        (rows - mean) / spread, kinds * len(copies), sample_weight=np.concatenate(shares)
    )
    stored = {}
    for kind, row, bias in zip(model.classes_, model.coef_, model.intercept_, strict=True):
        slopes = row / spread
        stored[str(kind)] = {
            "bias": round(float(bias - slopes @ mean), 4),
            "weights": {name: round(float(slope), 4) for name, slope in zip(names, slopes, strict=True)},
        }
    return {"version": 1, "kinds": stored}


def chances(model: dict[str, Any], found: dict[str, float]) -> dict[str, float]:
    """The chances that a model gives a page."""
    odds = {
        kind: entry["bias"] + sum(entry["weights"][name] * value for name, value in found.items())
        for kind, entry in model["kinds"].items()
    }
    total = sum(np.exp(value - max(odds.values())) for value in odds.values())
    return {kind: float(np.exp(value - max(odds.values())) / total) for kind, value in odds.items()}


def report(pages: list[dict[str, Any]], given: list[dict[str, float]]) -> None:
    """Print what is refused by type, and precision and recall."""
    reasons = [
        max((k for k in chance if k != "article"), key=lambda k: chance[k])
        if chance["article"] < MIN_CHANCE
        else ""
        for chance in given
    ]
    print(f"  {'type':14} {'pages':>6} {'refused':>8}   as index  product  forum")
    for kind in KINDS:
        rows = [reason for page, reason in zip(pages, reasons, strict=True) if page["page_type"] == kind]
        counts = "  ".join(f"{rows.count(reason):7}" for reason in ("index", "product", "forum"))
        print(f"  {kind:14} {len(rows):6} {sum(map(bool, rows)) / max(1, len(rows)):8.3f}   {counts}")
    article = [page["page_type"] == "article" for page in pages]
    passed = [not reason for reason in reasons]
    both = sum(a and p for a, p in zip(article, passed, strict=True))
    print(
        f"  article v the six other types: precision {both / sum(passed):.3f} recall {both / sum(article):.3f}"
    )
    reading = [KINDS[page["page_type"]] == "article" for page in pages]
    both = sum(a and p for a, p in zip(reading, passed, strict=True))
    print(
        f"  article, documentation and service v the rest: precision {both / sum(passed):.3f} recall {both / sum(reading):.3f}"
    )
    for reason in ("index", "product", "forum"):
        said = [r == reason for r in reasons]
        true = [KINDS[page["page_type"]] == reason for page in pages]
        both = sum(s and t for s, t in zip(said, true, strict=True))
        print(
            f"  refused as {reason:8} precision {both / max(1, sum(said)):.3f} recall {both / sum(true):.3f}"
        )


def main() -> None:
    """Print precision and recall on the half that was not trained on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", type=Path, help="train on all domains and write the model here")
    parser.add_argument("--pages", type=Path, help="a .jsonl.gz of articles with url and html")
    options = parser.parse_args()
    if options.pages:
        with gzip.open(options.pages, "rt", encoding="utf-8") as lines:
            others = [json.loads(line) for line in lines]
        refused: list[str] = []
        for page in others:
            try:
                clean(Page(page.get("url") or "", page["html"].encode("utf-8", "replace")))
            except NotAnArticle as refusal:
                refused.append(f"{page.get('url') or page.get('id') or page.get('name')}: {refusal}")
        print(f"{len(refused)} of {len(others)} articles refused", *refused, sep="\n  ")
        return
    with gzip.open(options.data / "ground-truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages: list[dict[str, Any]] = [json.loads(line) for line in lines]
    bodies = [
        gzip.decompress((options.data / "html" / f"{page['id']}.html.gz").read_bytes()) for page in pages
    ]
    found = [measure(page["url"], body) for page, body in zip(pages, bodies, strict=True)]
    cut = {
        n: measure(page["url"], bodies[n], SHORT[n % len(SHORT)])
        for n, page in enumerate(pages)
        if page["page_type"] == "article"
    }
    kinds = [KINDS[page["page_type"]] for page in pages]
    weights = [0.5 if page["page_type"] in ("documentation", "service") else 1.0 for page in pages]

    def fit(seen: list[int]) -> dict[str, Any]:
        short = [n for n in seen if n in cut]
        return train(
            [found[n] for n in seen] + [cut[n] for n in short],
            [kinds[n] for n in seen] + ["article"] * len(short),
            [weights[n] for n in seen] + [SHORTENED] * len(short),
        )

    for trained in (0, 1):
        seen = [n for n, page in enumerate(pages) if half(page["url"]) == trained]
        unseen = [n for n, page in enumerate(pages) if half(page["url"]) != trained]
        model = fit(seen)
        print(f"trained on the domains of half {trained}, judged on half {1 - trained}")
        report([pages[n] for n in unseen], [chances(model, found[n]) for n in unseen])
        short = [chances(model, cut[n])["article"] < MIN_CHANCE for n in unseen if n in cut]
        print(
            f"  articles cut to their first {SHORT} blocks of prose: refused {sum(short) / len(short):.3f} of {len(short)}"
        )
    if options.write:
        options.write.write_text(json.dumps(fit(list(range(len(pages)))), indent=1) + "\n", "utf-8")
        print(f"wrote {options.write}, trained on all {len(pages)} pages")


if __name__ == "__main__":
    main()
