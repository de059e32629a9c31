"""What the article is about, and about whom.

A page names its topic in a few fixed places: the title, headings, questions, "X is a …". Each is tried against
patterns (cues/*.toml, [subject]); what they catch is cut down to the bare condition and counted as a vote for it, and
the candidate with most votes that the text keeps repeating wins. Conditions that only the text names stand for election
too if one of them stands out, in the lead or in the whole.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from math import log

from cleaning.article import Article
from cleaning.health import health_of
from cleaning.sentences import sentences

from .cues import LANGUAGES, Cues, cues_of
from .topics import kind_word, mentions, normal, sounds_medical, words_of


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
    """Why nothing is looked for on the page: "about animals", "not about health", "in a language that is not read: de"; "" for a page to be read."""
    known: bool = False
    """The topic is a condition that has a name, by the vocabulary or by its ending; English only."""


_WEIGHTS = {"title": 5.0, "heading": 2.0, "lead": 1.5}
_KNOWN = 1.5
_LEADING = 1.5
"""A title is worth a few sentences of the text; a known name of a topic, and one that stands out in the lead, counts too. Set by hand on
our own articles."""
_UNASKED = 0.3
"""What a title is worth that is no pattern of ours. (.2, .3, .4 on the articles trained on: 489, 490, 488 of 968 right.)"""
_AIM = 3.0
"""What it is worth that a title names an aim ("oral hygiene"): more than the condition that its text names most, less than a condition in the title. (Chosen, not swept.)"""
_LEAD_WORDS = 60
"""(40, 50, 60, 70: 482, 490, 495, 492 right.)"""
_OFTEN_NAMED = 4
"""Times that a text names what neither its title nor its lead does, or an unknown name of its headings and lead, which must share a word with the title as well. (A list of causes names
one of them three times. On the articles trained on 577 of 1,008 were right and 237 wrong before that, before unknown names of a title had to be said twice by the text, and before the
vocabulary grew; 605 and 127 after.)"""
_LEAD_SENTENCES = 6
_NAME_WORD = re.compile(r"[a-zß-ÿ0-9]+(?:['-][a-zß-ÿ0-9]+)*+|[.;:!?()]")
"""A word, or what no name goes across."""
_CJK = re.compile(r"[\u4e00-\u9fff]")


def language_of(article: Article) -> str:
    """The language's code: what is known of the article, unless its script says otherwise; English where nothing is."""
    known = article.facts.language.split("-")[0].lower()
    sample = article.text[:2000]
    if known != "ja" and len(_CJK.findall(sample)) > 0.2 * max(1, len(sample)):
        return "zh"
    return "en" if known in ("", "zh") else known


def describe(article: Article) -> Subject:
    """Name the article's topic and population; of an article that is not read, why not."""
    language = language_of(article)
    if language not in LANGUAGES:
        return Subject("", refused=f"in a language that is not read: {language}")
    cues = cues_of(language)
    topic, source = _topic(article, cues)
    titled, said = _tally(article.facts.title, cues), _tally(article.text, cues)
    known = cues.language == "en" and _is_known(topic)
    return Subject(
        topic,
        source if topic else "",
        _alternates(article, cues, topic),
        _population(article, cues, titled, said),
        _audience(article, cues, said),
        _refused(article, cues, known=known, about_animals=_about_animals(titled, said)),
        known,
    )


def _refused(article: Article, cues: Cues, *, known: bool, about_animals: bool) -> str:
    if about_animals:
        return "about animals"
    return "not about health" if cues.language == "en" and not known and _foreign(article) else ""


def _is_known(topic: str) -> bool:
    words = _NAME_WORD.findall(topic)
    return bool(mentions(words)) or any(map(sounds_medical, words))


LEAST_HEALTH, ENOUGH_WORDS = 3.0, 150
"""What an English page scores at least that speaks of health (cleaning.health), and the words from which its score tells something. (Of our own articles 8 of 1,653 fall below it,
of WCXB's pages that are not about health 618 of 930.)"""


def _foreign(article: Article) -> bool:
    """Whether a page, of whose topic nothing is known, hardly speaks of health."""
    if article.text.count(" ") < ENOUGH_WORDS:
        return False
    return health_of(f"{article.facts.title}\n{article.text}".casefold(), article.url).score < LEAST_HEALTH


# ---------------------------------------------------------------------------------------------------- topic


@dataclass(slots=True)
class _Candidate:
    """A name that may be the page's topic."""

    votes: float = 0.0
    place: str = "frequency"
    names: Counter[str] = field(default_factory=Counter)
    known: bool = False
    asked: bool = False
    """A title asks for it in so many words, or it says that it is one: "Addison disease"."""
    told: str = ""
    """The name that the page's title comes to: "bedwetting" in "Why does my son wet the bed?"."""
    leading: bool = False
    """The known name that stands out in the text's lead."""


def _topic(article: Article, cues: Cues) -> tuple[str, str]:
    lowered = article.text.lower().replace("’", "'")
    candidates = _voted(article, cues, lowered)
    if cues.language == "en":
        _look_for_known(article, cues, candidates, lowered)
    best, best_score = "", 0.0
    # Without a title its headings and its lead are all that names a page's topic.
    titled = words_of(article.facts.title)
    least = _OFTEN_NAMED if titled else 2
    for key, candidate in candidates.items():
        said = max(lowered.count(_key(name)) for name in (*candidate.names, key))
        if candidate.known:
            said = max(said, sum(candidate.names.values()))
        if not (candidate.known or candidate.asked):
            if candidate.place == "title" and said < 2:
                continue  # a play on words
            if candidate.place != "title" and (said < least or (titled and not {*titled} & {*words_of(key)})):
                continue  # something else that is explained in passing
        elif candidate.place in ("heading", "lead") and _late(candidate, lowered):
            continue  # what to look out for
        support = candidate.votes + _KNOWN * candidate.known + _LEADING * candidate.leading
        score = support * log(1.4 + max(said, candidate.asked)) * (0.6 if key.count(" ") > 4 else 1.0)
        if any(
            name.upper() in article.text for name in candidate.names if len(name) <= 5 and not candidate.known
        ):
            score *= 0.4  # an abbreviation stands for a name that is there too
        if score > best_score:
            best, best_score = key, score
    if not best:
        return "", ""
    candidate = candidates[best]
    if candidate.told:
        return candidate.told, candidate.place
    title = article.facts.title.lower().replace("’", "'")
    in_title = [
        name for name in candidate.names if name in title and (candidate.asked or _key(name) in lowered)
    ]
    if in_title:
        return min(
            in_title, key=lambda name: (title.index(name), -_whole(name, title), len(name))
        ), candidate.place
    name = max(candidate.names, key=lambda name: (lowered.count(_key(name)), candidate.names[name]))
    return name, candidate.place


def _late(candidate: _Candidate, lowered: str) -> bool:
    """Whether a text says a name but once, in its second half."""
    places = [at for name in candidate.names for at in (lowered.find(_key(name)), lowered.rfind(_key(name)))]
    return len({*places}) == 1 and min(places) > len(lowered) / 2


def _whole(name: str, title: str) -> bool:
    """Whether a name's last word ends where it does in the title: not "canker sore" in "canker sores"."""
    after = title.index(name) + len(name)
    return not title[after : after + 1].isalpha()


def _voted(article: Article, cues: Cues, lowered: str) -> defaultdict[str, _Candidate]:
    """The names that stand where a page names its topic."""
    candidates: defaultdict[str, _Candidate] = defaultdict(_Candidate)
    for text, place, weight in _places(article, cues):
        found = _named(text, cues, place)
        if not found and place == "title":
            parts = (_named(part, cues, place) for part in text.split(":")[1:])
            found = next((part for part in parts if part and _key(part) in lowered), "")
        asked = place == "title" and bool(found)
        if not found and place == "title":
            found = _repeated(text, cues, lowered)
            asked = kind_word(found.split(" ")[-1])
            weight *= 1.0 if asked else _UNASKED
        if found:
            candidate = candidates[normal(found)]
            candidate.votes += _WEIGHTS[place] * weight
            candidate.asked |= asked
            if asked and found not in text.lower():
                candidate.told = found
            if _WEIGHTS[place] > _WEIGHTS.get(candidate.place, 0.0):
                candidate.place = place
                candidate.names[found] += 2
    return candidates


def _repeated(title: str, cues: Cues, lowered: str) -> str:
    """A title that is no pattern of ours, or what stands before or after its colon, if the text says it too; else a few words of it."""
    whole = _bare(title.lower(), cues)
    for part in (whole, *(_bare(part, cues) for part in title.lower().split(":"))):
        if part and part.count(" ") <= 4 and _key(part) in lowered:
            return part
    return whole if whole.count(" ") <= 2 else ""


def _look_for_known(
    article: Article, cues: Cues, candidates: defaultdict[str, _Candidate], lowered: str
) -> None:
    """Names of conditions in the title and the text, by the vocabulary and by their endings.

    One that only the text names is no candidate unless it stands out, in the lead or in the whole: lists of causes are full of conditions.
    """
    title = article.facts.title.lower().replace("’", "'")
    for candidate in [candidate for candidate in candidates.values() if candidate.place == "title"]:
        own = next((name for name in candidate.names if _is_kind_of_known(name, cues, lowered)), "")
        if own:
            candidate.known = True
            candidate.votes += _WEIGHTS["title"]
            title, lowered = title.replace(own, " "), lowered.replace(_key(own), " ")
    for name, said in _known_in(title, cues):
        candidate = candidates[name]
        candidate.votes += _WEIGHTS["title"]
        candidate.known, candidate.place = True, "title"
        candidate.names[said] += 1
    tokens = _NAME_WORD.findall(title)
    for start, size, name in mentions(tokens, "aims"):
        candidates[name].votes += _AIM
        candidates[name].place = "title"
        candidates[name].names[" ".join(tokens[start : start + size])] += 1
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, said in _known_in(lowered, cues):
        names[name][said] += 1
    often = Counter({name: said.total() for name, said in names.items()})
    in_lead = {name for name, _ in _known_in(_lead_of(article), cues)}
    leading = _outstanding(Counter({name: often[name] for name in in_lead & often.keys()}))
    outstanding = _outstanding(often)
    for name, number in often.items():
        if name in candidates or name == leading or (name == outstanding and number >= _OFTEN_NAMED):
            candidate = candidates[name]
            candidate.known, candidate.leading = True, name == leading
            candidate.names += names[name]


def _outstanding(often: Counter[str]) -> str:
    """The name that is said at least twice as often as any other."""
    (first, most), (_, next_most) = [*often.most_common(2), ("", 0), ("", 0)][:2]
    return first if most >= 2 * next_most else ""


def _is_kind_of_known(name: str, cues: Cues, lowered: str) -> bool:
    """Whether a phrase of the title says which hernia ("hiatal hernia"), or is another thing that begins like a condition and that the text
    repeats ("stress incontinence").
    """
    words = _NAME_WORD.findall(name)
    if " ".join(words) != name or not cues.stopwords.isdisjoint(words) or len(words) > 4:
        return False
    inside = [(start, size) for start, size, _ in mentions(words) if size < len(words)]
    ends = any(start + size == len(words) for start, size in inside) or sounds_medical(words[-1])
    return ends or (bool(inside) and lowered.count(_key(name)) >= 2)


def _known_in(lowered: str, cues: Cues) -> Iterator[tuple[str, str]]:
    """The name we use for each condition that a text names, and its own words."""
    _, _, _, stop = _compiled(cues.language)
    tokens = _NAME_WORD.findall(lowered)
    inside: set[int] = set()
    for start, size, name in mentions(tokens):
        said = " ".join(tokens[start : start + size])
        if size > 1:
            inside.update(range(start, start + size))
        if said not in stop:
            yield name, said.removeprefix("a ")
    for at, token in enumerate(tokens):
        if at not in inside and sounds_medical(token):
            yield normal(token), token


def _lead_of(article: Article) -> str:
    """The paragraphs before the first list or the second heading, in lower case."""
    lead: list[str] = []
    for passage in article.passages:
        if passage.kind == "paragraph":
            lead += article.text[passage.start : passage.end].lower().replace("’", "'").split()
        elif lead or passage.kind == "item":
            break
    return " ".join(lead[:_LEAD_WORDS])


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


@cache
def _sentences_of(language: str) -> list[tuple[re.Pattern[str], str]]:
    """How titles say in a sentence what ails somebody, and the names that come of it."""
    table = cues_of(language).subject.get("sentence", {"part": "", "said_of_parts": [], "said": []})
    of_parts = [(table["part"] + says, name) for says, name in table["said_of_parts"]]
    return [(re.compile(says), name) for says, name in (*table["said"], *of_parts)]


def _named(text: str, cues: Cues, place: str) -> str:
    """The condition that a title or heading names, "" if none."""
    patterns, _, _, _ = _compiled(cues.language)
    lowered = " ".join(text.lower().replace("’", "'").replace("*", "").split())[:200]
    lowered = lowered.strip(' ?？!.:："“”')
    if place == "lead":
        return _bare(lowered, cues)
    for pattern, name in _sentences_of(cues.language):
        match = pattern.search(lowered)
        if match:
            return match.expand(name)
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
        not any(map(str.isalpha, text))
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
    key = _key(topic)
    for match in _ABBREVIATION.finditer(article.text):
        before = article.text[max(0, match.start() - len(key) - 2) : match.start()].lower()
        at = before.rfind(key)
        if at >= 0 and _BETWEEN.fullmatch(before, at + len(key)):
            names.append(match.group("x"))
            break
    return tuple(names[:5])


_ABBREVIATION = re.compile(r"\((?P<x>[A-Z][A-Za-z/-]{1,9})\)")
_BETWEEN = re.compile(r"\w?\s?")
"""What may stand between a name and its abbreviation."""


# ---------------------------------------------------------------------------------------------------- people


OFTEN = 6.0
"""People named in one sentence of eight are the page's, if no title or heading tells otherwise. (4 to 8 tried on the articles trained on:
767, 773, 782, 784, 785 of 968 right.)"""
SECTION = 0.4
"""One heading that names people opens a section about them; two make them the page's. (0, .2, .4, .6, .8: 768, 774, 773, 773, 770.)"""


def _population(article: Article, cues: Cues, titled: dict[str, int], said: dict[str, int]) -> str:
    text = article.text
    headings = [text[p.start : p.end] for p in article.passages if p.kind == "heading"]
    asking = [line for line in text.split("\n") if _ASKS.search(line)]
    questions = [line[s:e] for line in asking for s, e in sentences(line) if line[e - 1] in "?？"][:20]
    announced = _tally(" . ".join({*headings, *questions}), cues)
    sentence_count = max(1, text.count(". ") + text.count("\n") + text.count("。"))
    scores = {}
    for people in cues.populations:
        name = people.name
        often = OFTEN * said[name] / sentence_count if said[name] >= 3 else 0.0
        scores[name] = 3.0 * titled[name] + SECTION * min(3, announced[name]) + often
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 0.8 else ""


def _about_animals(titled: dict[str, int], said: dict[str, int]) -> bool:
    """Whether animals are the patients: pages about bites, allergies and scans name animals as well, but send their readers to a doctor."""
    named = {name: titled[name] + said[name] for name in ("animals", "vets", "doctors")}
    return named["animals"] >= 3 and named["vets"] > named["doctors"]


def _audience(article: Article, cues: Cues, said: dict[str, int]) -> str:
    words = max(1, article.text.count(" "))
    for people in cues.audiences:
        if said[people.name] >= 2 and said[people.name] / words > (
            0.002 if people.name != "patients" else 0.004
        ):
            return people.name
    return ""


_PEOPLE_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*+|[.?!]")


def _tally(text: str, cues: Cues) -> dict[str, int]:
    """How often a text names each population, audience, patient and who treats them."""
    lowered = text.lower().replace("’", "'")
    if cues.language != "en":
        spelt = cues.spelt(lowered)
        return {people.name: len(people.pattern.findall(spelt)) for people in cues.people}
    found = dict.fromkeys((people.name for people in cues.people), 0)
    words = _PEOPLE_WORD.findall(lowered)
    named_by = _named_by(cues.language)
    for word, times in Counter(words).items():
        for name in named_by(word):
            found[name] += times
    phrases = _phrases(cues.language)
    for pair in filter(phrases.__contains__, pairwise(words)):
        for name in phrases[pair]:
            found[name] += 1
    return found


@cache
def _phrases(language: str) -> dict[tuple[str, ...], list[str]]:
    """Whom a pair of words names."""
    found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for people in cues_of(language).people:
        for phrase in people.phrases:
            found[tuple(phrase.split())].append(people.name)
    return dict(found)


@cache
def _named_by(language: str) -> Callable[[str], tuple[str, ...]]:
    """What tells whom a word names."""
    everyone = cues_of(language).people
    return lru_cache(maxsize=20_000)(
        lambda word: tuple(
            people.name for people in everyone if people.pattern.fullmatch(word.removesuffix("'s"))
        )
    )
