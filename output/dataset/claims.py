"""Claims: findings of several pages that say the same of the same topic."""

import hashlib
import heapq
import re
import tempfile
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from .columns import Row
from .parquet import read_rows, table_writer

MAX_WORDS = 12
"""Words of a label that count; a label is a few words, a whole sentence is told apart by its first ones."""
FINDINGS_AT_ONCE = 100_000
"""Findings counted in one go: about 150 MB of tallies where hardly two say the same."""
MAX_EXAMPLES = 10
"""Findings named in a claim's row."""


def claim_id(topic: str, role: str, label: str) -> str | None:
    """The claim's id, or None where topic or words are missing."""
    words = normal(label)
    if not topic or not words:
        return None
    return hashlib.sha256(f"{topic}\n{role}\n{words}".encode("utf-8", "replace")).hexdigest()


def normal(label: str) -> str:
    """The label's words that carry its meaning: lower case, stop words out, plurals singular, sorted."""
    plain = unicodedata.normalize("NFKC", label).lower()
    words = (_singular(word) for word in re.findall(r"[^\W_]+", plain))
    return " ".join(sorted(dict.fromkeys(w for w in words if w not in _stop_words())))[: MAX_WORDS * 20]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    lines = (resources.files(__package__) / "label_stop_words.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@dataclass(slots=True)
class _Tally:
    topic: str
    role: str
    role_group: str
    labels: Counter[str] = field(default_factory=Counter)
    articles: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    findings: int = 0
    hedged: int = 0
    against: int = 0
    sure: float = 0.0
    examples: list[tuple[float, str]] = field(default_factory=list)


def claims(findings: Iterable[Row], expected: int = 0, scratch: Path | None = None) -> Iterator[Row]:
    """The claims that the findings make, sorted. Give no findings of gone and of near-duplicate articles: they would count double.

    All findings of a claim are of one topic. Where more than FINDINGS_AT_ONCE are expected, topics are dealt out to files in scratch first and a
    file is counted at a time.
    """
    parts = 1 + expected // FINDINGS_AT_ONCE
    if parts == 1:
        yield from _count(findings)
        return
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        dealt = [Path(own, f"findings-{part}.parquet") for part in range(parts)]
        with ExitStack() as stack:
            put = [stack.enter_context(table_writer(path, "findings")) for path in dealt]
            for row in findings:
                put[zlib.crc32((row["topic"] or "").encode()) % parts](row)
        counted = [Path(own, f"claims-{part}.parquet") for part in range(parts)]
        for source, target in zip(dealt, counted, strict=True):
            with table_writer(target, "claims") as add:
                for claim in _count(read_rows(source)):
                    add(claim)
        yield from heapq.merge(*map(read_rows, counted), key=_order)


def _order(claim: Mapping[str, Any]) -> tuple[str, str, str]:
    return claim["topic"], claim["role"], claim["claim_id"]


def _count(findings: Iterable[Row]) -> Iterator[Row]:
    tallies: dict[str, _Tally] = {}
    for row in findings:
        identity = row["claim_id"]
        if identity is None:
            continue
        tally = tallies.get(identity)
        if tally is None:
            tally = tallies[identity] = _Tally(row["topic"], row["role"], row["role_group"])
        tally.labels[row["label"] or row["text"]] += 1
        tally.articles.add(row["article_id"])
        if row["site"]:
            tally.sites.add(row["site"])
        tally.findings += 1
        tally.hedged += bool(row["hedge"])
        tally.against += row["polarity"] in ("avoid", "negated")
        tally.sure += row["confidence"]
        tally.examples.append((-row["confidence"], row["finding_id"]))
        if len(tally.examples) > 4 * MAX_EXAMPLES:
            tally.examples = sorted(tally.examples)[:MAX_EXAMPLES]
    for identity, tally in sorted(tallies.items(), key=lambda item: (item[1].topic, item[1].role, item[0])):
        label = min(tally.labels.items(), key=lambda item: (-item[1], len(item[0]), item[0]))[0]
        yield {
            "claim_id": identity,
            "topic": tally.topic,
            "role": tally.role,
            "role_group": tally.role_group,
            "label": label,
            "n_findings": tally.findings,
            "n_articles": len(tally.articles),
            "n_sites": len(tally.sites),
            "n_hedged": tally.hedged,
            "n_against": tally.against,
            "conflict": 0 < tally.against < tally.findings,
            "confidence": round(tally.sure / tally.findings, 4),
            "finding_ids": [finding_id for _, finding_id in sorted(tally.examples)[:MAX_EXAMPLES]],
        }
