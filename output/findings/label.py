"""A few words that name a finding: the page's own label, or the heart of its first sentence."""

import re
from dataclasses import dataclass
from functools import cache

from cleaning.sentences import sentences

from .cues import NEVER, Cues, any_of

LONGEST = 200
"""Characters looked through for a clause's end."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """One language's patterns for labels."""

    starts: tuple[re.Pattern[str], ...]
    any_start: re.Pattern[str]
    stop: re.Pattern[str]
    unfinished: re.Pattern[str]
    """Words up to a stop that say too little to end there."""
    no_content: re.Pattern[str]
    """ "Tip: ", "Treatment of neck pain: " """
    glued: re.Pattern[str]
    trim: re.Pattern[str]
    begins: frozenset[str]
    """Words that begin a part of a sentence."""


@cache
def _wording(language: str) -> _Wording:
    from .cues import cues_of

    table = cues_of(language).label
    no_content = table.get("no_content", NEVER)
    starts = [no_content, *table["strip_start"]]
    return _Wording(
        tuple(map(re.compile, starts)),
        any_of(starts),
        any_of(table["stop"]),
        any_of(table.get("unfinished", [NEVER])),
        re.compile(no_content),
        re.compile(table.get("glued", NEVER)),
        re.compile(table["trim_end"], re.IGNORECASE),
        frozenset(table.get("begins", "").split()),
    )


def label_of(text: str, cues: Cues, topic: re.Pattern[str] | None, own: str = "") -> str:
    """Name a finding by its own label if the page gives one, else by the first sentence's first clause."""
    named = own.strip(' .:：*#–—-。、"“”')
    if cues.language == "zh" and named:
        return named
    words = len(named.split())
    no_content = _wording(cues.language).no_content
    if not 0 < words <= cues.label["max_words"] or no_content.fullmatch(f"{named.lower()}: "):
        return _heart(text, cues, topic)
    if words <= 2 and _RUNS_ON.match(
        text, len(own)
    ):  # "<b>Magnesium</b> supplements help" is about supplements
        heart = _heart(text, cues, topic)
        if heart.startswith(f"{named} ") and len(heart.split()) == words + 1:
            return heart
    return named


_RUNS_ON = re.compile(r" ?[a-z]")


def _heart(text: str, cues: Cues, topic: re.Pattern[str] | None) -> str:
    """The first clause of the first sentence that says enough."""
    wording = _wording(cues.language)
    most = cues.label["max_words"]
    first = next(sentences(text), (0, len(text)))
    sentence = " ".join(text[slice(*first)].split())
    body = _backwards(sentence, topic)
    if glued := wording.glued.match(body):
        body = body[glued.end() :]
    lowered = body.lower()  # matching regardless of case takes twice the time
    if len(lowered) != len(body):  # "İ": its lower case is two characters
        lowered = body
    for _ in range(4):
        if not wording.any_start.match(lowered):
            break
        for start in wording.starts:
            match = start.match(lowered)
            if match and len(lowered) - match.end() > 2:
                lowered = lowered[match.end() :]
    body = body[len(body) - len(lowered) :]
    match = wording.stop.search(lowered, 3, LONGEST)
    while match and _unfinished(lowered, match, wording):
        match = wording.stop.search(lowered, match.end(), LONGEST)
    if match:
        body = body[: match.start()]
    words = body.split()
    if cues.language == "zh":
        return body[:16].strip(" 。，、：；")
    body = " ".join(words[: _cut(words, most, wording.begins)])
    if wording.trim.search(body, body.rfind(" ") + 1):  # where the last word may stay, so may all
        body = wording.trim.sub("", body)
    body = body.strip(' ,;:.–—-"“”()')
    if not body:
        body = " ".join(sentence.split()[:most]).strip(" ,;:.")
    return body[:1].upper() + body[1:]


_LEEWAY = 2
"""Words that a label may have more, or a few less, if a part of the sentence ends there."""


def _cut(words: list[str], most: int, begins: frozenset[str]) -> int:
    """How many words to keep of a clause: all if they are hardly more than `most`, else to the beginning of a part nearest to it."""
    if len(words) <= most + _LEEWAY:
        return len(words)
    ends = [at for at in range(most - _LEEWAY - 1, most + _LEEWAY + 1) if words[at].lower() in begins]
    return min(ends, key=lambda at: (abs(at - most), -at), default=most)


def _unfinished(said: str, stop: re.Match[str], wording: _Wording) -> bool:
    too_short = len(said[: stop.start()].strip()) < 4
    return too_short or wording.unfinished.fullmatch(said, 0, stop.end()) is not None


_CAUSED_BY = re.compile(
    r"\b(?:caused by|due to|because of|results? from|triggered by|brought on by|stems? from|attributed to|arises? from)\s+(?P<x>.+)$",
    re.IGNORECASE,
)


def _backwards(sentence: str, topic: re.Pattern[str] | None) -> str:
    """ "Leg cramps can be due to cold" is about the cold."""
    if topic is None:
        return sentence
    found = topic.search(sentence.lower())
    if found and found.start() < 40:
        match = _CAUSED_BY.search(sentence, found.end())
        if match:
            return match.group("x")
    return sentence
