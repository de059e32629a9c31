"""A few words that name a finding: the page's own label, or the heart of its first sentence."""

import re
from functools import cache

from cleaning.sentences import sentences

from .cues import Cues


@cache
def _compiled(language: str) -> tuple[list[re.Pattern[str]], re.Pattern[str], re.Pattern[str]]:
    from .cues import cues_of

    table = cues_of(language).label
    return (
        [re.compile(pattern) for pattern in table["strip_start"]],
        re.compile("|".join(f"(?:{pattern})" for pattern in table["stop"])),
        re.compile(table["trim_end"], re.IGNORECASE),
    )


def label_of(text: str, cues: Cues, topic: re.Pattern[str] | None, own: str = "") -> str:
    """Name a finding by its own label if the page gives one, else by the first sentence's first clause."""
    starts, stop, trim = _compiled(cues.language)
    most = cues.label["max_words"]
    if own and (len(own.split()) <= most or cues.language == "zh"):
        return own.strip(' .:：*#–—-。、"“”').strip()
    sentence = next((text[s:e] for s, e in sentences(text)), text)
    sentence = " ".join(sentence.split())
    body = _backwards(sentence, topic)
    lowered = body.lower()  # matching regardless of case takes twice the time
    if len(lowered) != len(body):  # "İ": its lower case is two characters
        lowered = body
    for _ in range(4):
        before = lowered
        for start in starts:
            match = start.match(lowered)
            if match and len(lowered) - match.end() > 2:
                lowered = lowered[match.end() :]
        if lowered == before:
            break
    body = body[len(body) - len(lowered) :]
    match = stop.search(lowered, 3)
    while match and not _enough(body[: match.start()]):
        match = stop.search(lowered, match.end())
    if match:
        body = body[: match.start()]
    words = body.split()
    if cues.language == "zh":
        return body[:16].strip(" 。，、：；")
    body = " ".join(words[:most])
    body = trim.sub("", body).strip(' ,;:.–—-"“”()')
    if not body:
        body = " ".join(sentence.split()[:most]).strip(" ,;:.")
    return body[:1].upper() + body[1:]


def _enough(text: str) -> bool:
    return len(text.strip()) >= 4


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
