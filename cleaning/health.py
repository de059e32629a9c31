"""Whether a page of a general crawl may be a health article: cheap enough to ask of every page, before anything is parsed.

It counts distinct health words among the words of the page's text, tags cut off by a regular expression. Meant to let nearly every health article pass and
to refuse most of the rest; what passes is judged by the cleaner as always. English only: the words are data (cues/health.txt).
"""

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from crawler.page import Page

MAX_BYTES = 400_000
"""What is looked at of a page: nine in ten of WCXB's development pages are shorter."""

MIN_SCORE = 7.5
"""Below it a page is refused (swept on half of the domains; docs/scaling.md has the table)."""

URL_SCORE = 3.0
"""What an address that says health is worth: about as much as two grave words said twice."""


@dataclass(frozen=True, slots=True)
class Health:
    """How much a page speaks of health."""

    score: float
    words: int
    """Distinct health words."""

    @property
    def passes(self) -> bool:
        """Whether the page is worth cleaning."""
        return self.score >= MIN_SCORE


def health(page: Page) -> Health:
    """Score a page: weights of the health words found, each by the root of how often, per root of a thousand words."""
    text = page.body[:MAX_BYTES].decode("utf-8", "replace").casefold()
    if b"<" in page.body[:MAX_BYTES]:
        text = _TAG.sub(" ", _shown(text))
    return health_of(text, page.final_url or page.url)


def health_of(text: str, url: str) -> Health:
    """The same of a text in lower case."""
    said = health_of_words(Counter(_WORD.findall(text)))
    address = urlsplit(url)
    told = _address_words().search(f"{address.hostname or ''}{address.path}".casefold())
    return Health(round(said.score + (URL_SCORE if told else 0.0), 2), said.words)


def health_of_words(words: Counter[str]) -> Health:
    """The same of a text's words in lower case, its address unknown."""
    found: dict[str, tuple[float, int]] = {}
    for word, count in words.items():
        if entry := _entry(word):
            stem, weight = entry
            found[stem] = (weight, found.get(stem, (0, 0))[1] + count)
    told = sum(weight * math.sqrt(min(count, 9)) for weight, count in found.values())
    return Health(told / math.sqrt(max(words.total(), 300) / 1000), len(found))


def _shown(text: str) -> str:
    """Without what no reader sees. By searching, not by a regular expression: an opening without its end must not be looked for again and again."""
    for name in ("script", "style", "svg"):
        parts = []
        at = 0
        while (begin := text.find(f"<{name}", at)) >= 0:
            parts.append(text[at:begin])
            at = text.find(f"</{name}", begin)
            if at < 0:
                at = len(text)
        text = " ".join([*parts, text[at:]])
    return text


_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[^\W\d_]{3,}")


@cache
def _lexicon() -> tuple[dict[str, float], dict[str, float]]:
    """Whole words and beginnings, each with its weight."""
    whole: dict[str, float] = {}
    begun: dict[str, float] = {}
    for line in _lines("health.txt"):
        word, _, weight = line.rpartition(" ") if line[-1].isdigit() else (line, "", "1")
        (begun if word.endswith("*") else whole)[word.rstrip("*")] = float(weight)
    return whole, begun


@cache
def _address_words() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _lines("health_urls.txt"))))


def _lines(name: str) -> list[str]:
    text = (files("cleaning") / "cues" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=100_000)
def _entry(word: str) -> tuple[str, float] | None:
    """The lexicon's entry that a word falls under, the longest there is."""
    whole, begun = _lexicon()
    if word in whole:
        return word, whole[word]
    for size in range(len(word), 3, -1):
        if word[:size] in begun:
            return word[:size], begun[word[:size]]
    return None
