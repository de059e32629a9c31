"""The names of health topics that are one topic: a small vocabulary of our own (topics.txt) and rules for the rest."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_SUFFIX = re.compile(
    r"(?:itis|osis|emia|aemia|uria|oma|algia|opathy|penia|plegia|rrhea|rrhoea|lepsy|phobia|ectasis|edema)$"
)
_KIND = frozenset(
    ["syndrome", "disease", "disorder", "cancer", "infection", "deficiency", "allergy", "intolerance"]
)
_HOW = frozenset(
    ["acute", "annoying", "bad", "chronic", "common", "constant", "frequent", "mild", "minor", "nasty", "night", "nighttime", "nocturnal",
     "occasional", "ongoing", "painful", "persistent", "recurrent", "recurring", "severe", "stubborn", "sudden", "terrible"]
)  # fmt: skip
"""Words that say how a condition is, and not which it is."""
_WHERE = frozenset(
    ["after", "among", "at", "during", "for", "from", "in", "of", "on", "when", "while", "with"]
)
LONGEST = 6
"""Words of the longest name in topics.txt."""


@lru_cache(maxsize=50_000)
def singular(word: str) -> str:
    """A word without its plural ending, as far as that can be told from its letters."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s", "as")):
        return word[:-1]
    return word


def words_of(name: str) -> tuple[str, ...]:
    """A name's words, singular, in lower case, without punctuation."""
    return tuple(singular(word) for word in _WORD.findall(name.lower().replace("’", "'")))


@cache
def _vocabulary() -> tuple[dict[tuple[str, ...], str], frozenset[str]]:
    names: dict[tuple[str, ...], str] = {}
    text = resources.files(__package__).joinpath("topics.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            first, *others = (name.strip() for name in line.split("|"))
            for name in (first, *others):
                names.setdefault(words_of(name), first)
    return names, frozenset(name[0] for name in names)


@lru_cache(maxsize=10_000)
def normal(topic: str) -> str:
    """The name that stands for a topic and its synonyms; the topic's own singular words where we have none."""
    names, _ = _vocabulary()
    words = words_of(topic)
    if not words:  # not in our letters
        return topic.strip().lower()
    if words in names:
        return names[words]
    # "severe leg cramps", "leg cramps of swimmers"; but a hiatal hernia is no hernia like others, and stress incontinence is no stress
    start = next((at for at, word in enumerate(words) if word not in _HOW), 0)
    end = next((at for at, word in enumerate(words) if word in _WHERE and at > start), len(words))
    return names.get(words[start:end]) or " ".join(words)


def mentions(tokens: Sequence[str]) -> list[tuple[int, int, str]]:
    """Where a text's words name a known topic: (first word, number of words, the name we use), the longest first."""
    names, firsts = _vocabulary()
    words = [singular(token) for token in tokens]
    found = []
    at = 0
    while at < len(words):
        if words[at] in firsts:
            for size in range(min(LONGEST, len(words) - at), 0, -1):
                name = names.get(tuple(words[at : at + size]))
                if name:
                    found.append((at, size, name))
                    at += size - 1
                    break
        at += 1
    return found


@lru_cache(maxsize=50_000)
def sounds_medical(word: str) -> bool:
    """A word that ends as names of conditions do."""
    return len(word) > 6 and _SUFFIX.search(word) is not None


def kind_word(word: str) -> bool:
    """Disease, syndrome …: a name's last word."""
    return word in _KIND
