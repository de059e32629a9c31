"""The words that give a role away, one TOML file a language."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from .finding import Role

LANGUAGES = ("en", "zh")
OTHER = "other"


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
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cues:
    """One language's words."""

    language: str
    headings: tuple[Wording, ...]
    leads: tuple[Wording, ...]
    cues: tuple[Cue, ...]
    hedge: re.Pattern[str]
    hedge_claim: re.Pattern[str]
    negation: re.Pattern[str]
    avoid: re.Pattern[str]
    inner_advice: re.Pattern[str]
    continues: re.Pattern[str]
    generic_heads: frozenset[str]
    stopwords: frozenset[str]
    subject: dict[str, Any]
    populations: tuple[tuple[str, re.Pattern[str]], ...]
    audiences: tuple[tuple[str, re.Pattern[str]], ...]
    label: dict[str, Any]


@cache
def cues_of(language: str) -> Cues:
    """The cues of a language; English where we have none for it."""
    name = language[:2].lower()
    source = resources.files(__package__).joinpath("cues", f"{name if name in LANGUAGES else 'en'}.toml")
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    roles = {role.value for role in Role} | {OTHER}

    def wordings(key: str) -> tuple[Wording, ...]:
        unknown = {entry["role"] for entry in table[key]} - roles
        if unknown:
            raise ValueError(f"{name}.toml: no such role under {key}: {sorted(unknown)}")
        return tuple(Wording(entry["role"], _any(entry["patterns"])) for entry in table[key])

    return Cues(
        table["language"],
        wordings("heading"),
        wordings("lead"),
        tuple(
            Cue(entry["name"], entry["role"], entry["weight"], _any(entry["patterns"]))
            for entry in table["cue"]
        ),
        _any(table["hedge"]["patterns"]),
        _any(table["hedge"]["claims"]),
        _any(table["negation"]["patterns"]),
        _any(table["avoid"]["patterns"]),
        _any(table["inner_advice"]["patterns"]),
        _any(table["continues"]["patterns"]),
        frozenset(table["generic_heads"]),
        frozenset(table["stopwords"].split()),
        table["subject"],
        tuple((entry["name"], _any(entry["patterns"])) for entry in table["population"]),
        tuple((entry["name"], _any(entry["patterns"])) for entry in table["audience"]),
        table["label"],
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
