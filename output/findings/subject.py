"""What the article is about, and about whom.

A page names its topic in a few fixed places: the title, headings, questions, "X is a …". Each is tried against
patterns (cues/*.toml, [subject]); what they catch is cut down to the bare condition and counted as a vote for it, and
the candidate with most votes that the text keeps repeating wins. With no such place the most repeated phrase is taken.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from math import log

from cleaning.article import Article
from cleaning.sentences import sentences

from .cues import Cues, cues_of
from .topics import mentions, normal, sounds_medical


@dataclass(frozen=True, slots=True)
class Subject:
    """The condition or aim of a page."""

    topic: str
    """Lower case, without population and setting: "leg cramps"."""
    source: str = ""
    """title, heading, lead or frequency."""
    alternate_names: tuple[str, ...] = ()
    population: str = ""
    """children, infants, pregnant women, older adults, men, women …; "" for everyone."""
    audience: str = ""
    """patients, parents, carers or professionals; "" if not told."""
    refused: str = ""
    """Why nothing is looked for on the page ("about animals"); "" for a page to be read."""


_WEIGHTS = {"title": 5.0, "heading": 2.0, "lead": 1.5}
_KNOWN = 1.5
_EARLY = 0.7
"""A title is worth a few sentences of the text; a known name of a topic, one in the first lines, counts too. Set by hand on our own
articles."""
_LEAD_SENTENCES = 6
_EARLY_WORDS = 60
_NAME_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")


def language_of(article: Article) -> str:
    """Two letters: what the page declares, unless its script says otherwise."""
    sample = article.text[:2000]
    if len(_CJK.findall(sample)) > 0.2 * max(1, len(sample)):
        return "zh"
    declared = article.facts.language[:2].lower()
    return "en" if declared in ("", "zh") else declared


def describe(article: Article) -> Subject:
    """Name the article's topic and population."""
    cues = cues_of(language_of(article))
    topic, source = _topic(article, cues)
    said = _tally(article.text, cues)
    population = _population(article, cues, said)
    return Subject(
        topic,
        source if topic else "",
        _alternates(article, cues, topic),
        "" if population == "pets" else population,
        _audience(article, cues, said),
        "about animals" if population == "pets" else "",
    )


# ---------------------------------------------------------------------------------------------------- topic


@dataclass(slots=True)
class _Candidate:
    """A name that may be the page's topic."""

    votes: float = 0.0
    place: str = "frequency"
    names: Counter[str] = field(default_factory=Counter)
    known: bool = False
    early: bool = False


def _topic(article: Article, cues: Cues) -> tuple[str, str]:
    candidates: defaultdict[str, _Candidate] = defaultdict(_Candidate)
    for text, place, weight in _places(article, cues):
        found = _named(text, cues, place)
        if not found and place == "title":
            # a title that is no pattern of ours names the topic only if the text says it too
            found = _bare(text.lower(), cues)
            if found.count(" ") > (4 if _key(found) in article.text.lower() else 2):
                continue
            weight *= 0.4
        if found:
            candidate = candidates[normal(found)]
            candidate.votes += _WEIGHTS[place] * weight
            if _WEIGHTS[place] > _WEIGHTS.get(candidate.place, 0.0):
                candidate.place = place
                candidate.names[found] += 2
    if cues.language == "en":
        _look_for_known(article, candidates)
    lowered = article.text.lower()
    best, best_score = "", 0.0
    for key, candidate in candidates.items():
        said = max(lowered.count(_key(name)) for name in (*candidate.names, key))
        if candidate.known:
            said = max(said, sum(candidate.names.values()))
        support = candidate.votes + _KNOWN * candidate.known + _EARLY * candidate.early
        score = support * log(1.4 + said) * (0.6 if key.count(" ") > 4 else 1.0)
        if any(
            name.upper() in article.text for name in candidate.names if len(name) <= 5 and not candidate.known
        ):
            score *= 0.4  # an abbreviation stands for a name that is there too
        if score > best_score:
            best, best_score = key, score
    if not best:
        return _most_repeated(lowered, cues.stopwords), "frequency"
    candidate = candidates[best]
    name = (
        max(candidate.names, key=lambda name: (lowered.count(_key(name)), candidate.names[name]))
        if candidate.names
        else best
    )
    return name, candidate.place


def _look_for_known(article: Article, candidates: defaultdict[str, _Candidate]) -> None:
    """Names of conditions in the title and the text, by the vocabulary and by their endings."""
    title = _NAME_WORD.findall(article.facts.title.lower().replace("’", "'"))
    for start, size, name in mentions(title):
        candidate = candidates[name]
        candidate.votes += _WEIGHTS["title"]
        candidate.known, candidate.place = True, "title"
        candidate.names[" ".join(title[start : start + size])] += 1
    tokens = _NAME_WORD.findall(article.text.lower().replace("’", "'"))
    for start, size, name in mentions(tokens):
        candidate = candidates[name]
        candidate.known = True
        candidate.early = candidate.early or start < _EARLY_WORDS
        candidate.names[" ".join(tokens[start : start + size])] += 1
    for at, token in enumerate(tokens):
        if sounds_medical(token):
            candidate = candidates[normal(token)]
            candidate.known = True
            candidate.early = candidate.early or at < _EARLY_WORDS
            candidate.names[token] += 1


def _places(article: Article, cues: Cues) -> Iterator[tuple[str, str, float]]:
    """Where a page names its topic, with how much the place counts."""
    title = article.facts.title
    if title:
        for number, part in enumerate(_without_site_name(title, article.facts.publisher)):
            yield part, "title", 1.0 if number == 0 else 0.4
    text = article.text
    leads = 0
    definition = re.compile(cues.subject["definition"])
    for passage in article.passages:
        if passage.kind == "heading":
            yield text[passage.start : passage.end], "heading", 1.0
        elif passage.kind == "paragraph":
            for number, (start, end) in enumerate(sentences(text, passage.start, passage.end)):
                sentence = text[start:end]
                leads += 1
                if sentence.endswith(("?", "？")):
                    yield sentence, "heading", 1.0
                elif number < 2 or leads <= _LEAD_SENTENCES:
                    match = definition.match(cues.spelt(sentence))
                    if match:
                        yield sentence[slice(*match.span("x"))], "lead", 1.5 if leads <= 2 else 0.8
                elif not _ASKS.search(text, end, passage.end):
                    break
                if number > 40:
                    break


_ASKS = re.compile("[?？]")
_SITE = re.compile(r"\s+[|–—»·•-]\s+|\s*[|_»]\s*")


def _without_site_name(title: str, publisher: str) -> list[str]:
    parts = [part.strip() for part in _SITE.split(title) if part.strip()]
    parts = [part for part in parts if part.lower() != publisher.lower()] or parts
    if len(parts) > 1 and parts[-1].count(" ") < 4 and not parts[-1].endswith("?"):
        parts = parts[:-1]  # a site's name stands last
    return parts


@cache
def _compiled(
    language: str,
) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]], list[re.Pattern[str]], frozenset[str]]:
    table = cues_of(language).subject
    return (
        [re.compile(pattern) for pattern in table["patterns"]],
        [
            re.compile(f"(?:{pattern})$" if not pattern.endswith(("$", ".*")) else pattern)
            for pattern in table["strip_end"]
        ],
        [re.compile(pattern) for pattern in table["strip_start"]],
        frozenset(table["stop"]),
    )


def _named(text: str, cues: Cues, place: str) -> str:
    """The condition that a title or heading names, "" if none."""
    patterns, _, _, _ = _compiled(cues.language)
    lowered = " ".join(text.lower().replace("’", "'").replace("*", "").split())[:200]
    lowered = lowered.strip(' ?？!.:："“”')
    if place == "lead":
        return _bare(lowered, cues)
    spelt = cues.spelt(lowered)
    for pattern in patterns:
        match = pattern.match(spelt)
        if match:
            found = _bare(lowered[slice(*match.span("x"))], cues)
            if found:
                return found
    return ""


def _bare(text: str, cues: Cues) -> str:
    """Cut population, setting and padding off both ends."""
    _, ends, starts, stop = _compiled(cues.language)
    whole, text = text, cues.spelt(text).strip()
    for _ in range(6):
        before = text
        for end in ends:
            text = end.sub("", text)
        for start in starts:
            match = start.match(text)
            text = text[match.end() :] if match else text
        if text == before:
            break
    text = text.strip(" ,.;:-–—'\"")
    words = text.split()
    if (
        not words
        or text in stop
        or all(word in stop or word in cues.stopwords for word in words)
        or len(text) > 70
        or len(words) > 8
    ):
        return ""
    if not _NEVER.isdisjoint(words):
        return ""
    at = cues.spelt(whole).find(text)
    return whole[at : at + len(text)]


_NEVER = frozenset(
    ["anything", "are", "be", "can", "everything", "going", "had", "has", "he", "her", "his", "how", "i", "is", "it", "me", "mine", "my", "not",
     "nothing", "others", "our", "question", "questions", "she", "something", "that", "there", "they", "this", "was", "we",
     "what", "when", "which", "who", "why", "will", "you", "your"]
)  # fmt: skip
"""A name that holds one of these is a piece of a sentence."""


def _key(topic: str) -> str:
    """Singular last word, so that "leg cramp" and "leg cramps" are one candidate."""
    return (
        topic[:-1]
        if topic.endswith("s") and not topic.endswith(("ss", "us", "is")) and len(topic) > 4
        else topic
    )


def _most_repeated(lowered: str, stopwords: frozenset[str]) -> str:
    words = _WORD.findall(lowered)
    counts: Counter[str] = Counter()
    for first, second in pairwise(words):
        if first not in stopwords and second not in stopwords and len(first) > 2 and len(second) > 2:
            counts[f"{first} {second}"] += 2
    for word in words:
        if word not in stopwords and len(word) > 4:
            counts[word] += 1
    best = max(counts.items(), key=lambda entry: (entry[1], entry[0]), default=("", 0))
    return best[0] if best[1] >= 4 else ""


def _alternates(article: Article, cues: Cues, topic: str) -> tuple[str, ...]:
    """Other names that the page itself gives its topic, from its first thousand characters."""
    names = []
    if not topic:
        return ()
    head = article.text[:1500]
    for match in re.finditer(cues.subject["also_called"], cues.spelt(head)):
        sentence_start = max(head.rfind(". ", 0, match.start()), head.rfind("\n", 0, match.start())) + 1
        if _key(topic) in head[sentence_start : match.start()].lower():
            name = _bare(head[slice(*match.span("x"))].lower(), cues)
            if name and name != topic and name not in names:
                names.append(name)
    abbreviation = re.search(
        rf"(?i:{re.escape(_key(topic))}\w?)\s?\((?P<x>[A-Z][A-Za-z/-]{{1,9}})\)", article.text
    )
    if abbreviation:
        names.append(abbreviation.group("x"))
    return tuple(names[:5])


# ---------------------------------------------------------------------------------------------------- people


OFTEN = 5.0
"""People named in one sentence of six are the page's, if no title or heading tells otherwise. (2, 4, 6 tried on part a's training
families: 66, 79, 79 of 103 right; title 2 or 3 and heading .4 or .8 hardly matter.)"""


def _population(article: Article, cues: Cues, said: dict[str, int]) -> str:
    text = article.text
    headings = [text[p.start : p.end] for p in article.passages if p.kind == "heading"]
    asking = [line for line in text.split("\n") if _ASKS.search(line)]
    questions = [line[s:e] for line in asking for s, e in sentences(line) if line[e - 1] in "?？"][:20]
    names = [people.name for people in cues.populations]
    in_title = _tally(article.facts.title, cues)
    announced = _tally(" . ".join([article.facts.title, *headings, *questions]), cues)
    sentence_count = max(1, text.count(". ") + text.count("\n") + text.count("。"))
    scores: dict[str, float] = {}
    for name in names:
        if name == "pets":
            about = (in_title[name] and said[name] >= 3) or (
                said[name] > 0.4 * sentence_count and said[name] >= 5
            )
            scores[name] = 20.0 if about else 0.0
        else:
            often = OFTEN * said[name] / sentence_count if said[name] >= 3 else 0.0
            scores[name] = 3.0 * in_title[name] + 0.8 * min(3, announced[name]) + often
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 0.8 else ""


def _audience(article: Article, cues: Cues, said: dict[str, int]) -> str:
    words = max(1, article.text.count(" "))
    for people in cues.audiences:
        if said[people.name] >= 2 and said[people.name] / words > (
            0.002 if people.name != "patients" else 0.004
        ):
            return people.name
    return ""


_PEOPLE_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*|[.?!]")


def _tally(text: str, cues: Cues) -> dict[str, int]:
    """How often a text names each population and audience."""
    lowered = text.lower().replace("’", "'")
    everyone = (*cues.populations, *cues.audiences)
    if cues.language != "en":
        spelt = cues.spelt(lowered)
        return {people.name: len(people.pattern.findall(spelt)) for people in everyone}
    found = dict.fromkeys((people.name for people in everyone), 0)
    words = _PEOPLE_WORD.findall(lowered)
    for word, times in Counter(words).items():
        for name in _named_by(word, cues.language):
            found[name] += times
    pairs = Counter(pairwise(words))
    for people in everyone:
        for phrase in people.phrases:
            first, second = phrase.split()
            found[people.name] += pairs[first, second]
    return found


@lru_cache(maxsize=20_000)
def _named_by(word: str, language: str) -> tuple[str, ...]:
    cues = cues_of(language)
    return tuple(
        people.name for people in (*cues.populations, *cues.audiences) if people.pattern.fullmatch(word)
    )
