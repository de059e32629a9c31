"""The names of health topics that are one topic: small vocabularies of our own (topics.txt, aims.txt) and rules for the rest."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

_WORD = re.compile(r"[a-zß-ÿ0-9]+(?:['-][a-zß-ÿ0-9]+)*")
_SUFFIX = re.compile(
    r"(?:itis|osis|emia|aemia|uria|oma|algia|opathy|penia|plegia|rrhea|rrhoea|lepsy|phobia|ectasis|edema)$"
)
_NO_CONDITION = frozenset(
    ["apoptosis", "aroma", "diagnosis", "diploma", "hypnosis", "meiosis", "mitosis", "osmosis", "prognosis", "symbiosis"]
)  # fmt: skip
"""Words that only end as conditions do."""
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


Vocabulary = Literal["topics", "aims"]
"""Conditions and complaints, or what else a page on health may be about: keeping well, care, habits."""


@cache
def _read(vocabulary: Vocabulary) -> tuple[dict[tuple[str, ...], str], dict[str, list[int]]]:
    """What we call each name, and for a word how many words the names have that begin with it, the most first."""
    names: dict[tuple[str, ...], str] = {}
    text = resources.files(__package__).joinpath(f"{vocabulary}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            first, *others = (name.strip() for name in line.split("|"))
            for name in (first, *others):
                names.setdefault(words_of(name), first)
    sizes: dict[str, set[int]] = {}
    for words in names:
        sizes.setdefault(words[0], set()).add(len(words))
    return names, {first: sorted(some, reverse=True) for first, some in sizes.items()}


@lru_cache(maxsize=10_000)
def normal(topic: str) -> str:
    """The name that stands for a topic and its synonyms; the topic's own singular words where we have none."""
    names, _ = _read("topics")
    aims, _ = _read("aims")
    words = words_of(topic)
    if not words:  # not in our letters
        return topic.strip().lower()
    if known := names.get(words) or aims.get(words):
        return known
    # "severe leg cramps", "leg cramps of swimmers"; but a hiatal hernia is no hernia like others, and stress incontinence is no stress
    start = next((at for at, word in enumerate(words) if word not in _HOW), 0)
    end = next((at for at, word in enumerate(words) if word in _WHERE and at > start), len(words))
    return names.get(words[start:end]) or " ".join(words)


def mentions(tokens: Sequence[str], vocabulary: Vocabulary = "topics") -> list[tuple[int, int, str]]:
    """Where a text's words name a known topic: (first word, number of words, the name we use), the longest first."""
    names, sizes = _read(vocabulary)
    words = [singular(token) if token[-1] == "s" else token for token in tokens]
    found = []
    free = 0
    for at, word in enumerate(words):
        if at >= free and word in sizes:
            for size in sizes[word]:
                said = tuple(words[at : at + size])
                if said in names:
                    found.append((at, len(said), names[said]))
                    free = at + len(said)
                    break
    return found


@lru_cache(maxsize=50_000)
def sounds_medical(word: str) -> bool:
    """A word that ends as names of conditions do."""
    return len(word) > 6 and word not in _NO_CONDITION and _SUFFIX.search(word) is not None


def kind_word(word: str) -> bool:
    """Disease, syndrome …: a name's last word."""
    return word in _KIND
