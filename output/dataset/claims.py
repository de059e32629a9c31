"""The claims table: what findings of several pages say alike, and which finding belongs to which claim.

Findings are grouped topic by topic (output.findings.claims). Topics are dealt out to files first, so that memory holds the findings of a part of
them; memberships are kept sorted by address, so that they can be written into the findings table in one pass.
"""

import hashlib
import heapq
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from crawler.engine import Workers, run_tasks

from ..findings.claims import Claim, stems
from ..findings.claims import claims as group
from ..findings.finding import GROUPS, Role
from .parquet import read_rows, table_writer
from .rows import Row

FINDINGS_AT_ONCE = 100_000
"""Findings grouped in one go: about 200 MB with their stems and sketches."""
MAX_LISTED = 1_000
"""Findings named in a claim's row; each finding names its claim, so the list need not be whole."""
_URL = itemgetter(0)
_NEEDED = [
    "finding_id",
    "article_id",
    "url",
    "site",
    "canonical_topic",
    "role",
    "role_group",
    "label",
    "text",
    "polarity",
    "hedge",
    "confidence",
]


def claim_id(topic: str, role_group: str, label: str) -> str:
    """The claim's id: the same as long as most pages use words of the same stems for it."""
    words = " ".join(sorted(stems(label))) or label.lower()
    return hashlib.sha256(f"{topic}\n{role_group}\n{words}".encode("utf-8", "replace")).hexdigest()


class Claims:
    """The claims of a version's findings: group them with count() first, then read rows() and of()."""

    def __init__(self, scratch: Path, expected: int) -> None:
        """Deal as many parts as the expected count of findings asks for, in scratch."""
        self._parts = [
            scratch.absolute() / f"claims-{number}" for number in range(1 + expected // FINDINGS_AT_ONCE)
        ]

    def count(self, findings: Iterable[Row], workers: Workers | None = None) -> None:
        """Group the findings, each part by a worker. Give none of gone and of near-duplicate articles: they would count double."""
        with ExitStack() as stack:
            put = [
                stack.enter_context(table_writer(part.with_suffix(".findings"), "findings"))
                for part in self._parts
            ]
            for row in findings:
                if row["canonical_topic"] and row["label"]:
                    put[zlib.crc32(row["canonical_topic"].encode()) % len(put)](row)
        if len(self._parts) == 1:
            workers = None  # their start would take longer
        for _ in run_tasks(_group, self._parts, workers or Workers()):
            pass

    def rows(self) -> Iterator[Row]:
        """The rows of the claims table, in its order."""
        return heapq.merge(
            *(read_rows(part.with_suffix(".claims")) for part in self._parts),
            key=lambda claim: (claim["topic"], claim["role"], claim["claim_id"]),
        )

    def of(self, findings: Iterable[Row]) -> Iterator[Row]:
        """The findings, sorted by url, each with its claim."""
        members = groupby(heapq.merge(*(_memberships(part) for part in self._parts), key=_URL), key=_URL)
        url, ids = "", {}
        for row in findings:
            while url < row["url"]:
                found = next(members, None)
                url, ids = (found[0], {f: c for _, f, c in found[1]}) if found else ("\U0010ffff", {})
            yield {**row, "claim_id": ids.get(row["finding_id"]) if url == row["url"] else None}

    def remove(self) -> None:
        """Delete the files in scratch."""
        for part in self._parts:
            for suffix in (".findings", ".claims", ".members"):
                part.with_suffix(suffix).unlink()


def _group(part: Path) -> None:
    table = list(read_rows(part.with_suffix(".findings"), _NEEDED))
    rows = [{**row, "topic": row["canonical_topic"]} for row in table]
    made = [(_row(claim, table), claim.members) for claim in group(rows)]
    made.sort(key=lambda pair: (pair[0]["topic"], pair[0]["role"], pair[0]["claim_id"]))
    with table_writer(part.with_suffix(".claims"), "claims") as add:
        for row, _ in made:
            add(row)
    members = sorted(
        (table[number]["url"], table[number]["finding_id"], row["claim_id"])
        for row, numbers in made
        for number in numbers
    )
    with part.with_suffix(".members").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(member) + "\n" for member in members)


def _memberships(part: Path) -> Iterator[tuple[str, str, str]]:
    with part.with_suffix(".members").open(encoding="utf-8") as file:
        for line in file:
            yield tuple(json.loads(line))


def _row(claim: Claim, table: list[Row]) -> Row:
    members: list[Mapping[str, Any]] = [table[number] for number in claim.members]
    surest = sorted(members, key=lambda row: (-row["confidence"], row["finding_id"]))
    return {
        "claim_id": claim_id(claim.topic, claim.group, claim.label),
        "topic": claim.topic,
        "role": claim.role,
        "role_group": GROUPS[Role(claim.role)],
        "label": claim.label,
        "n_findings": len(members),
        "n_articles": claim.articles,
        "n_sites": claim.sites,
        "n_hedged": sum(row["hedge"] for row in members),
        "n_against": len(claim.against),
        "conflict": claim.disputed,
        "confidence": round(sum(row["confidence"] for row in members) / len(members), 4),
        "finding_ids": [row["finding_id"] for row in surest[:MAX_LISTED]],
    }
