"""What pages say alike: findings of one topic and role grouped by what they state, with who states it and who contradicts.

Two findings say the same if their labels' stems are mostly the same, or if their evidence is nearly the same text (MinHash over
pairs of words). Labels are short, so likeness of labels is computed exactly, by way of an index of stems.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from rensa import RMinHash, RMinHashLSH

from .finding import GROUPS, Role
from .topics import normal, singular

ALIKE = 0.6
"""Share of common stems from which two labels say the same; a label inside one of twice its stems counts as .6. (Of the first 30 pairs
of benchmarks/claim_pairs.toml .4 and .5 get 28 right, .6 gets 29, .65 and more 9; of the other 30 pairs 25, 25, 25, 9.)"""
SAME_TEXT = 0.7
"""The same for evidence, over pairs of words: a copied or lightly edited sentence."""
PERMUTATIONS = 64
MIN_WORDS = 7
"""Evidence shorter than this is compared by its label alone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement, as findings of several articles make it."""

    topic: str
    """As topics.normal() names it."""
    group: str
    """cause, symptom, advice or other."""
    role: str
    """The commonest role among its findings."""
    label: str
    """The commonest label, the shortest of equals."""
    members: tuple[int, ...]
    """Places of its findings in the rows given."""
    articles: int
    sites: int
    against: tuple[int, ...] = ()
    """Those of the members that deny it ("is not caused by") or advise against it ("avoid milk" beside "drink milk")."""

    @property
    def disputed(self) -> bool:
        """Some state it and some contradict."""
        return 0 < len(self.against) < len(self.members)


def claims(rows: Iterable[Mapping[str, Any]]) -> list[Claim]:
    """Group findings: rows with topic, role, label, text, polarity, article_id and site, as in the findings table.

    Rows without a topic make no claim. Claims come in the order of their first finding.
    """
    table = list(rows)
    buckets: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, row in enumerate(table):
        if row["topic"] and row["label"]:
            buckets[normal(row["topic"]), GROUPS[Role(row["role"])]].append(number)
    found: list[Claim] = []
    for (topic, group), numbers in buckets.items():
        found.extend(
            _claim(topic, group, table, [numbers[member] for member in members])
            for members in _alike([table[number] for number in numbers])
        )
    return sorted(found, key=lambda claim: claim.members[0])


def _claim(topic: str, group: str, table: Sequence[Mapping[str, Any]], members: Sequence[int]) -> Claim:
    rows = [table[member] for member in members]
    labels = Counter(row["label"] for row in rows)
    label = min(labels, key=lambda name: (-labels[name], len(name), name))
    role = Counter(row["role"] for row in rows).most_common(1)[0][0]
    against = tuple(
        number for number, row in zip(members, rows, strict=True) if row["polarity"] in ("avoid", "negated")
    )
    return Claim(
        topic,
        group,
        role,
        label,
        tuple(members),
        len({row["article_id"] for row in rows}),
        len({row["site"] for row in rows if row["site"]}),
        against,
    )


# ---------------------------------------------------------------------------------------------------- likeness


@cache
def _words() -> tuple[frozenset[str], dict[str, str]]:
    """Words that carry no claim, and words that stand for one another."""
    dull: set[str] = set()
    same: dict[str, str] = {}
    text = resources.files(__package__).joinpath("claim_words.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        first, *others = line.split()
        if first == "-":
            dull.update(others)
        else:
            same.update((other, first) for other in others)
    return frozenset(dull), same


_ENDINGS = re.compile(
    r"(?:ational|ations?|ingly|edly|ness|ment|ings?|ies|ied|ion|ive|ity|ed|ly|es|al|y|e|s)$"
)


def stems(label: str) -> frozenset[str]:
    """The stems of a label's words, dull ones left out."""
    dull, same = _words()
    found = set()
    for word in re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]+", label.lower().replace("’", "'").replace("'", "")):
        plain = singular(word)
        if word in dull or plain in dull:
            continue
        plain = same.get(word, same.get(plain, plain))
        stem = _ENDINGS.sub("", plain) if len(plain) > 5 else plain.removesuffix("e")
        found.add(stem if len(stem) > 2 else plain)
    return frozenset(found)


def same_claim(first: str, second: str) -> bool:
    """Two labels say the same of one topic and role."""
    return _likeness(stems(first), stems(second)) >= ALIKE


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    if not a or not b:
        return 0.0
    common = len(a & b)
    # "Cold" in "Cold feet at night": a label of one stem inside one of two or three says the same more coarsely
    if common == min(len(a), len(b)) and max(len(a), len(b)) <= 2 * common:
        return 0.6
    return common / len(a | b)


def _alike(rows: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Groups of rows that say the same, each in order; single ones too."""
    parent = list(range(len(rows)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(a: int, b: int) -> None:
        a, b = sorted((root(a), root(b)))
        parent[b] = a

    by_stems: dict[frozenset[str], int] = {}
    index: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for number, row in enumerate(rows):
        key = stems(row["label"])
        if key in by_stems:
            join(by_stems[key], number)
            continue
        near = {other for stem in key for other in index[stem]}
        close = [
            (likeness, by_stems[other]) for other in near if (likeness := _likeness(key, other)) >= ALIKE
        ]
        if close:
            # the nearest one only: a chain of half-alike labels is no claim
            join(max(close, key=lambda pair: (pair[0], -pair[1]))[1], number)
        by_stems[key] = number
        for stem in key:
            index[stem].append(key)
    for a, b in _copies(rows):
        join(a, b)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(rows)):
        groups[root(number)].append(number)
    return list(groups.values())


def _copies(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Rows whose evidence is nearly the same text."""
    sketches: dict[int, RMinHash] = {}
    finder = RMinHashLSH(threshold=SAME_TEXT, num_perm=PERMUTATIONS, num_bands=16)
    pairs = []
    for number, row in enumerate(rows):
        words = re.findall(r"\w+", str(row["text"]).lower())
        if len(words) < MIN_WORDS:
            continue
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=7)
        sketch.update([" ".join(pair) for pair in pairwise(words)])
        for other in finder.query(sketch):
            if sketches[other].jaccard(sketch) >= SAME_TEXT:
                pairs.append((other, number))
                break
        sketches[number] = sketch
        finder.insert(number, sketch)
    return pairs
