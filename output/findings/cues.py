"""The words that give a role away, one TOML file a language."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from operator import itemgetter
from typing import Any

from .finding import Role

LANGUAGES = ("en", "zh")
OTHER = "other"
NEVER = "(?!)"
"""A pattern that matches nothing."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns that point at one role, or at "other"."""

    role: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cue:
    """A sign inside a sentence or an item."""

    name: str
    role: str
    weight: float
    shown_by: Callable[[str], re.Match[str] | None] | None
    """What its patterns find in a text."""
    states: bool = False
    """The words say it outright."""


@dataclass(frozen=True, slots=True)
class Denial:
    """How a text says that something is not to be done, or not so."""

    says: re.Pattern[str]
    """A clause of a unit's own words."""
    lists: re.Pattern[str]
    """A heading or lead-in, of every item below it."""
    ends: re.Pattern[str]
    """What ends the clause that counts."""


@dataclass(frozen=True, slots=True)
class People:
    """How a text names a population, an audience, animals, or who treats whom."""

    name: str
    pattern: re.Pattern[str]
    """Of one word, in English; of any stretch of the text where words are not parted."""
    phrases: frozenset[str]
    """Pairs of words."""


class CueFinder:
    """Which cues a text shows. Words are looked up one by one, patterns are tried only where their gate words stand."""

    def __init__(self, table: list[dict[str, Any]]) -> None:
        """Compile the [[cue]] entries of a language."""
        self.cues = tuple(
            Cue(
                entry["name"],
                entry["role"],
                entry["weight"],
                _shown_by(entry["patterns"]) if "patterns" in entry else None,
                entry.get("states", False),
            )
            for entry in table
        )
        self.bit = {cue.name: 1 << number for number, cue in enumerate(self.cues)}
        """Each cue's bit, by name."""
        self._named = {cue.name: cue for cue in self.cues}
        self.states = {cue.role: self.bit[cue.name] for cue in self.cues if cue.states}
        """For a role the bit of the cue that says it outright."""
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        self._open = 0
        """Patterns without a gate, a bit each."""
        for number, entry in enumerate(table):
            for word in entry.get("words", "").split():
                self._note(word, 1 << number)
            if "patterns" in entry:
                gate = entry.get("gate", "").split()
                for word in gate:
                    self._note(word, 1 << (number + 64))
                if not gate:
                    self._open |= 1 << number
        self._patterns = [(self.bit[cue.name], cue.shown_by) for cue in self.cues if cue.shown_by is not None]
        self._known: dict[str, int] = {}

    def _note(self, word: str, bit: int) -> None:
        into, key = (self._prefixes, word[:-1]) if word.endswith("*") else (self._exact, word)
        into[key] = into.get(key, 0) | bit

    def _bits(self, token: str) -> int:
        found = self._exact.get(token, 0)
        for size in range(2, len(token) + 1):
            found |= self._prefixes.get(token[:size], 0)
        if len(self._known) < 50_000:  # a cache, not a state: bounded, and answers do not depend on it
            self._known[token] = found
        return found

    def shows(self, name: str, masked: str) -> bool:
        """Whether a text shows that cue by its patterns."""
        cue = self._named.get(name)
        return cue is not None and cue.shown_by is not None and cue.shown_by(masked) is not None

    def shown(self, bits: int) -> Iterator[Cue]:
        """The cues that these bits stand for."""
        while bits:
            lowest = bits & -bits
            yield self.cues[lowest.bit_length() - 1]
            bits -= lowest

    def find(self, masked: str, tokens: Sequence[str]) -> int:
        """The cues in a text, bit n for cue n."""
        bits = 0
        known = self._known
        for token in tokens:
            found = known.get(token)
            bits |= self._bits(token) if found is None else found
        tried = (bits >> 64) | self._open
        bits &= (1 << 64) - 1
        tried &= ~bits
        for bit, shown_by in self._patterns:
            if tried & bit and shown_by(masked):
                bits |= bit
        return bits


@dataclass(frozen=True, slots=True)
class Cues:
    """One language's words."""

    language: str
    headings: tuple[Wording, ...]
    guesses: tuple[Wording, ...]
    """More daring wordings, for headings that the others do not know."""
    closed: re.Pattern[str]
    asides: re.Pattern[str]
    """Headings whose lists are beside the point."""
    columns: re.Pattern[str]
    """Heads of columns that explain the row."""
    sections: re.Pattern[str]
    """Headings that open a part of the page wherever they stand, and never name an item."""
    leads: tuple[Wording, ...]
    lead_guesses: tuple[Wording, ...]
    finder: CueFinder
    evidence: dict[str, int]
    """For a role the bits of which a sentence must show one."""
    hedge: re.Pattern[str]
    hedge_claim: re.Pattern[str]
    """The same, and what is a hedge in a claim, not in a piece of advice."""
    never: re.Pattern[str]
    negation: Denial
    avoid: Denial
    inner_advice: re.Pattern[str]
    continues: re.Pattern[str]
    generic_heads: frozenset[str]
    stopwords: frozenset[str]
    subject: dict[str, Any]
    populations: tuple[People, ...]
    audiences: tuple[People, ...]
    patients: tuple[People, ...]
    """Animals, vets and doctors: whom a page is about if no person."""
    label: dict[str, Any]
    variants: dict[int, str]
    """Characters that the patterns write another way: Traditional ones as Simplified."""

    def spelt(self, text: str) -> str:
        """A text in the characters of the patterns, as long as before."""
        return text.translate(self.variants) if self.variants else text

    @property
    def people(self) -> tuple[People, ...]:
        """All that a text may name."""
        return (*self.populations, *self.audiences, *self.patients)


@cache
def cues_of(language: str) -> Cues:
    """The cues of one of LANGUAGES."""
    source = resources.files(__package__).joinpath("cues", f"{language}.toml")
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    roles = {role.value for role in Role} | {OTHER}

    def wordings(key: str) -> tuple[Wording, ...]:
        unknown = {entry["role"] for entry in table.get(key, [])} - roles
        if unknown:
            raise ValueError(f"{language}.toml: no such role under {key}: {sorted(unknown)}")
        return tuple(Wording(entry["role"], any_of(entry["patterns"])) for entry in table.get(key, []))

    finder = CueFinder(table["cue"])
    return Cues(
        table["language"],
        wordings("heading"),
        wordings("heading_guess"),
        any_of(table.get("closed", {}).get("patterns", [NEVER])),
        any_of(table.get("aside", {}).get("patterns", [NEVER])),
        any_of(table.get("aside", {}).get("columns", [NEVER])),
        any_of(table.get("section", {}).get("patterns", [NEVER])),
        wordings("lead"),
        wordings("lead_guess"),
        finder,
        {role: sum(finder.bit[cue] for cue in names) for role, names in table["evidence"].items()},
        any_of(table["hedge"]["patterns"]),
        any_of(table["hedge"]["patterns"] + table["hedge"]["claims"]),
        any_of(table["never"]["patterns"]),
        _denial(table["negation"]),
        _denial(table["avoid"]),
        any_of(table["inner_advice"]["patterns"]),
        any_of(table["continues"]["patterns"]),
        frozenset(table["generic_heads"]),
        frozenset(table["stopwords"].split()),
        table["subject"],
        tuple(map(_people, table["population"])),
        tuple(map(_people, table["audience"])),
        tuple(map(_people, table["patient"])),
        table["label"],
        str.maketrans(dict(table.get("variants", "").split())),
    )


def _denial(entry: dict[str, Any]) -> Denial:
    return Denial(
        any_of(entry["patterns"]), any_of(entry.get("lists", [NEVER])), re.compile(entry.get("ends", NEVER))
    )


def _people(entry: dict[str, Any]) -> People:
    return People(entry["name"], any_of(entry["patterns"]), frozenset(entry.get("phrases", ())))


def _shown_by(patterns: list[str]) -> Callable[[str], re.Match[str] | None]:
    """A search; for patterns that begin with "^" a match, which does not ask every place of a text whether it is the first."""
    first = [pattern for pattern in patterns if pattern.startswith("^")]
    other = [pattern for pattern in patterns if not pattern.startswith("^")]
    if not (first and other):
        return any_of(first).match if first else any_of(other).search
    begins, holds = any_of(first).match, any_of(other).search
    return lambda text: begins(text) or holds(text)


def any_of(patterns: list[str]) -> re.Pattern[str]:
    """One pattern that matches where any of these does."""
    begin = itemgetter(slice(2))  # a "\\b" or "^" that many begin with is looked at once a place
    alike = groupby(sorted(patterns, key=begin), begin)
    return re.compile(
        "|".join(f"(?:{'|'.join(f'(?:{pattern})' for pattern in group)})" for _, group in alike)
    )
