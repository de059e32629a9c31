"""Lines that stand on many pages of one site: learnt from its own archive, left out of its articles.

What a site says on every page (its promise, its disclaimer, how to reach it) reads like an article's sentence; only the count gives
it away. A line counts once a page. Counts of shards add up, and are kept as JSON beside the archive.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from .blocks import HEADINGS, Block
from .boilerplate import Reason, Verdict

MIN_PAGES = 4
"""A line on fewer pages is never called repeated, however small the site: two advice lists may share an item by chance."""

MIN_SHARE = 0.2
"""And it must stand on this share of the site's pages. On synthetic sites (tests/cleaning/test_repeated.py) items that articles
share by chance stay below 0.1, lines of a template or of one section's template lie above 0.25."""

MIN_SHORT_SHARE = 0.5
"""The share asked of list items and of lines that are no sentence: "Fever" stands in a quarter of a site's lists of symptoms."""

PRUNE_ABOVE = 200_000
"""Distinct lines held before those seen on one page alone are forgotten: about 30 MB. A line of a template comes again. Below
it shards add up exactly, in any order."""


class RepeatedLines:
    """On how many pages of a site each line stands."""

    def __init__(self, pages: int = 0, counts: Mapping[str, int] | None = None) -> None:
        """Start from nothing, or from counts by line key."""
        self.pages = pages
        self.counts: Counter[str] = Counter(counts or {})

    def add(self, blocks: Iterable[Block | str]) -> None:
        """Count one page's lines, each once."""
        self.pages += 1
        self.counts.update(
            {key for block in blocks if (key := _key(block if isinstance(block, str) else block.text))}
        )
        if len(self.counts) > PRUNE_ABOVE:
            self._prune()

    def merge(self, other: "RepeatedLines") -> None:
        """Add another shard's counts of the same site."""
        self.pages += other.pages
        self.counts.update(other.counts)
        if len(self.counts) > PRUNE_ABOVE:
            self._prune()

    def holds(self, text: str, item: bool = False) -> bool:
        """Whether a line, or a list's item, stands on so many pages that it is the site's."""
        count = self.counts.get(_key(text), 0)
        share = MIN_SHARE if _is_sentence(text) and not item else MIN_SHORT_SHARE
        return count >= MIN_PAGES and count >= share * self.pages

    def mark(self, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Give the kept blocks that are the site's own the reason for it.

        "Causes" and "What helps:" head the sections of many articles: a heading or a lead-in is the site's only with what stands below it.
        """
        marked = list(verdicts)
        below = True
        """Whether the next kept block below is the site's, or there is none."""
        for place in range(len(marked) - 1, -1, -1):
            verdict = marked[place]
            if verdict.reason is not None:
                continue
            block = verdict.block
            held = self.holds(block.text, block.tag in ("li", "dt", "dd", "tr"))
            if held and not below:
                held = _is_sentence(block.text) and block.tag not in HEADINGS
            if held:
                marked[place] = replace(verdict, reason=Reason.REPEATED)
            below = held
        return tuple(marked)

    def to_json(self) -> str:
        """Write the counts, most frequent first."""
        kept = dict(sorted(self.counts.items(), key=lambda it: (-it[1], it[0])))
        return json.dumps({"version": 1, "pages": self.pages, "lines": kept}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "RepeatedLines":
        """Read what to_json() wrote; raises ValueError for anything else."""
        value = json.loads(text)
        if (
            not isinstance(value, dict)
            or value.get("version") != 1
            or not isinstance(value.get("pages"), int)
            or not isinstance(value.get("lines"), dict)
            or not all(isinstance(count, int) for count in value["lines"].values())
        ):
            raise ValueError("not a record of repeated lines")
        return cls(value["pages"], value["lines"])

    def _prune(self) -> None:
        floor = 1
        while len(self.counts) > PRUNE_ABOVE // 2:
            self.counts = Counter({key: count for key, count in self.counts.items() if count > floor})
            floor += 1


_DIGITS = re.compile(r"\d+")


def _key(text: str) -> str:
    """What makes two lines one: their letters and signs, digits alike ("12 comments", "© 2023"), as 64 bits in hexadecimal."""
    folded = _DIGITS.sub("0", " ".join(text.casefold().split()))
    if not any(character.isalpha() for character in folded):
        return ""
    return blake2b(folded.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _is_sentence(text: str) -> bool:
    """Forty characters and more (fifteen in scripts without spaces) that end as a sentence does."""
    enough = 40 if text.isascii() or " " in text.strip() else 15
    return len(text) >= enough and text.rstrip("\"'”’»)] ").endswith(
        (".", "!", "?", "。", "！", "？", "।", "؟", "…")
    )
