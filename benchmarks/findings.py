"""How well findings are found, beside two baselines: python -m benchmarks.findings GOLD [--corpus DIR] [--wcxb DIR].

GOLD is a folder with articles.jsonl (research: real NIH articles labelled finding by finding); DIR holds our own consumer
articles as TOML. A match has the same role group, is one to one, and shares half of its tokens: 2·|a∩b| / (|a|+|b|) >= 0.5
on token places ("strict": |a∩b| / |a∪b| >= 0.5). What stands word for word twice counts once, in the gold as in the answer;
a finding may match at any of its places. MedQuAD holds the gold articles' texts, so on GOLD each article is read with the
weights that were trained without its source (findings_folds/without-*.npz, made by output/findings/models/train.py).
"""

import argparse
import json
import re
import statistics
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cleaning.article import Article
from cleaning.blocks import Block
from cleaning.passages import divide
from cleaning.sentences import sentences
from output.findings.claims import same_claim
from output.findings.cues import OTHER, cues_of
from output.findings.features import CONTINUES
from output.findings.find import find_with
from output.findings.finding import GROUPS, Role
from output.findings.model import Model, load
from output.findings.models.corpus import laid_out, read_corpus
from output.findings.models.wcxb import read_pages, sign
from output.findings.subject import describe
from output.findings.topics import normal

HERE = Path(__file__).parent
ROWS = ("cause", "risk_factor", "symptom", "advice")
ROLE_ROWS = tuple(role.value for role in Role)
ADVICE = frozenset(role.value for role, group in GROUPS.items() if group == "advice")
_TOKEN = re.compile(r"[A-Za-z0-9]+|[\u4e00-\u9fff]")

Span = tuple[int, int]
LAYOUTS = frozenset(
    ["prose", "numbered", "bullets", "run-on", "q&a", "sub-headings", "label-colon", "table", "bare lines"]
)


@dataclass(slots=True)
class Said:
    """A finding, labelled or found: its role and every place where the page says it."""

    role: str
    spans: list[Span]


@dataclass(slots=True)
class Case:
    """An article and its labels."""

    name: str
    source: str
    article: Article
    gold: list[Said]
    topic: str
    population: str | None
    headings: bool
    held_out: bool = True
    layout: str = ""


# ---------------------------------------------------------------------------------------------------- reading


def read_gold(folder: Path) -> list[Case]:
    """The labelled NIH articles; each line of text is a block."""
    cases = []
    with (folder / "articles.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            blocks = [Block(text, "line") for text in row["text"].split("\n")]
            article = Article(row["url"], row["text"], divide(blocks))
            gold = [Said(f["role"], [(f["start"], f["end"])]) for f in row["findings"]]
            cases.append(
                Case(row["id"], row["source"], article, gold, row["topic"].lower(), None, row["headings"])
            )
    return cases


def read_own(folder: Path) -> list[Case]:
    """Our own consumer articles; labels that deny a claim are no findings of its role and are left out."""
    return [
        Case(
            example.name,
            example.part,
            example.article,
            [
                Said(label.role, [(label.start, label.end)])
                for label in example.labels
                if label.polarity != "negated"
            ],
            example.topic,
            example.population,
            headings=True,
            held_out=example.held_out,
            layout=next(iter(example.tags & LAYOUTS), ""),
        )
        for example in read_corpus(folder)
    ]


# ---------------------------------------------------------------------------------------------------- baselines


_HEADING_WORDS = {
    "see_doctor": r"when to (?:see|call|seek)|see a doctor|emergency",
    "risk_factor": r"risk factor|at risk",
    "complication": r"complication",
    "prevention": r"prevent",
    "self_care": r"home remed|what to do|tips|self-?care|diet",
    "treatment": r"treat|medic|surgery",
    "diagnosis": r"diagnos|test",
    "symptom": r"symptom|sign",
    "cause": r"cause|reason|why",
}
_NAIVE = {
    "see_doctor": r"(?:see|call|consult|contact) (?:your|a|the) (?:doctor|provider|pediatrician)|right away|emergency",
    "risk_factor": r"risk|more likely|more common",
    "prevention": r"prevent|vaccin",
    "diagnosis": r"diagnos|\btests?\b|exam",
    "treatment": r"treat|surgery|medic|prescri|therapy",
    "self_care": r"^(?:avoid|drink|eat|keep|use|take|try|do|get|wear|apply|rest|make|soak|wash|limit|give|put)\b|should|diet",
    "complication": r"complication|untreated",
    "symptom": r"symptom|signs?\b|pain|fever|nausea|fatigue|swelling|rash|vomiting",
    "cause": r"cause|due to|result from|lead to|because|lack of|infection",
}


def heading_only(article: Article) -> list[Said]:
    """Every item, or sentence where there is none, under a heading whose word tells the role."""
    role = ""
    found = []
    for passage in article.passages:
        text = article.text[passage.start : passage.end]
        if passage.kind == "heading":
            role = _first(_HEADING_WORDS, text)
        elif role and passage.kind == "item":
            found.append(Said(role, [(passage.start, passage.end)]))
        elif role:
            found.extend(Said(role, [span]) for span in sentences(article.text, passage.start, passage.end))
    return found


def naive_cues(article: Article) -> list[Said]:
    """Every item and sentence by the first of a few words in it."""
    found = []
    for passage in article.passages:
        spans: Iterable[Span] = [(passage.start, passage.end)]
        if passage.kind == "paragraph":
            spans = sentences(article.text, passage.start, passage.end)
        if passage.kind != "heading":
            for start, end in spans:
                role = _first(_NAIVE, article.text[start:end])
                if role:
                    found.append(Said(role, [(start, end)]))
    return found


def _first(words: dict[str, str], text: str) -> str:
    return next((role for role, pattern in words.items() if re.search(pattern, text, re.IGNORECASE)), "")


# ---------------------------------------------------------------------------------------------------- scoring


@dataclass(slots=True)
class Count:
    """Hits of so many found and so many labelled."""

    hit: int = 0
    found: int = 0
    gold: int = 0

    def add(self, other: "Count") -> None:
        self.hit += other.hit
        self.found += other.found
        self.gold += other.gold

    @property
    def precision(self) -> float:
        return self.hit / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.hit / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hit / (self.found + self.gold) if self.found + self.gold else 0.0


class Places:
    """Token places of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = [match.start() for match in _TOKEN.finditer(text)]

    def of(self, span: Span) -> frozenset[int]:
        return frozenset(at for at in self.at if span[0] <= at < span[1])

    def words(self, span: Span) -> str:
        return " ".join(_TOKEN.findall(self.text[span[0] : span[1]].lower()))


def fold(said: Sequence[Said], places: Places) -> list[Said]:
    """What stands word for word twice is one."""
    by_words: dict[str, Said] = {}
    for one in said:
        key = places.words(one.spans[0])
        if key in by_words:
            by_words[key].spans.extend(one.spans)
        else:
            by_words[key] = Said(one.role, list(one.spans))
    return list(by_words.values())


def match(found: Sequence[Said], gold: Sequence[Said], places: Places, *, strict: bool = False) -> Count:
    """One to one, the largest overlap first."""
    found, gold = fold(found, places), fold(gold, places)
    found_places = [[places.of(span) for span in one.spans] for one in found]
    gold_places = [[places.of(span) for span in one.spans] for one in gold]
    pairs = []
    for i, some in enumerate(found_places):
        for j, others in enumerate(gold_places):
            best = max(_overlap(a, b, strict=strict) for a in some for b in others)
            if best >= 0.5:
                pairs.append((best, i, j))
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    used_found: set[int] = set()
    used_gold: set[int] = set()
    for _, i, j in pairs:
        if i not in used_found and j not in used_gold:
            used_found.add(i)
            used_gold.add(j)
    return Count(len(used_found), len(found), len(gold))


def _overlap(a: frozenset[int], b: frozenset[int], *, strict: bool) -> float:
    common = len(a & b)
    if not common:
        return 0.0
    return common / len(a | b) if strict else 2 * common / (len(a) + len(b))


def group_of(role: str) -> str:
    return "advice" if role in ADVICE else role


@dataclass(slots=True)
class Score:
    """Counts by row, item and token level."""

    items: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    strict: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    tokens: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))

    def add(self, case: Case, found: Sequence[Said]) -> None:
        places = Places(case.article.text)
        for row in (*ROWS, *(role for role in ROLE_ROWS if role not in ROWS)):
            key: Callable[[str], str] = group_of if row == "advice" else str
            some = [one for one in found if key(one.role) == row]
            gold = [one for one in case.gold if key(one.role) == row]
            self.items[row].add(match(some, gold, places))
            self.strict[row].add(match(some, gold, places, strict=True))
            mine = frozenset().union(*(places.of(span) for one in some for span in one.spans))
            theirs = frozenset().union(*(places.of(span) for one in gold for span in one.spans))
            self.tokens[row].add(Count(len(mine & theirs), len(mine), len(theirs)))

    def macro(self) -> float:
        return statistics.fmean(self.items[row].f1 for row in ROWS)


def table(title: str, score: Score, *, roles: bool = True) -> None:
    print(f"\n{title}")
    print(
        f"  {'':12} {'item P':>7} {'R':>6} {'F1':>6} {'strict':>7} {'token P':>8} {'R':>6} {'F1':>6} {'gold':>6}"
    )
    rows = (*ROWS, *(role for role in ROLE_ROWS if role not in ROWS)) if roles else ROWS
    for row in rows:
        item, token = score.items[row], score.tokens[row]
        print(
            f"  {row:12} {item.precision:7.3f} {item.recall:6.3f} {item.f1:6.3f} {score.strict[row].f1:7.3f} "
            f"{token.precision:8.3f} {token.recall:6.3f} {token.f1:6.3f} {item.gold:6}"
        )
    print(f"  macro of the first four: item F1 {score.macro():.3f}")


# ---------------------------------------------------------------------------------------------------- lists


def lists_of(case: Case, found: Sequence[Said]) -> tuple[Counter[str], list[str]]:
    """Lists and items whose role group is right: counts, and a line for each list that is wrong.

    A list counts if labels cover at least half of its items and most of them (70 %) are of one group, its gold group; its found
    group is the commonest among findings on its items. Lists of several groups count by their items only.
    """
    places = Places(case.article.text)
    counts: Counter[str] = Counter()
    wrong = []
    lists: defaultdict[int, list[Span]] = defaultdict(list)
    for passage in case.article.passages:
        if passage.kind == "item":
            lists[passage.list_id].append((passage.start, passage.end))
    for spans in lists.values():
        gold = [_at(span, case.gold, places) for span in spans]
        mine = [_at(span, found, places) for span in spans]
        labelled = [role for role in gold if role]
        if len(spans) < 2 or 2 * len(labelled) < len(spans):
            continue
        right_role, majority = Counter(labelled).most_common(1)[0]
        my_role = Counter(role for role in mine if role).most_common(1)
        counts["items"] += len(labelled)
        counts["items right"] += sum(a == b for a, b in zip(gold, mine, strict=True) if a)
        if majority < 0.7 * len(labelled):
            continue
        counts["lists"] += 1
        counts["lists right"] += bool(my_role) and my_role[0][0] == right_role
        if not my_role or my_role[0][0] != right_role:
            text = case.article.text[spans[0][0] : spans[0][1]][:60]
            wrong.append(
                f"{case.name}: {right_role} taken for {my_role[0][0] if my_role else 'nothing'}: {text}"
            )
    return counts, wrong


def _at(span: Span, said: Sequence[Said], places: Places) -> str:
    own = places.of(span)
    best, role = 0.0, ""
    for one in said:
        for other in one.spans:
            share = (
                _overlap(own, places.of(other), strict=False)
                if other[0] < span[1] and span[0] < other[1]
                else 0.0
            )
            if share > best:
                best, role = share, one.role
    return GROUPS[Role(role)] if best > 0.3 else ""


# ---------------------------------------------------------------------------------------------------- the run


def ours(article: Article, model: Model) -> list[Said]:
    found = find_with(article, model)
    for finding in found:
        assert 0 <= finding.start < finding.end <= len(article.text), "a finding without evidence"
    return [
        Said(finding.role.value, [(finding.start, finding.end), *finding.also])
        for finding in found
        if finding.polarity != "negated"
    ]


def topic_right(found: str, gold: str) -> bool:
    """The same name up to plural, case and a longer or shorter form of it."""
    a, b = (set(re.findall(r"[a-z0-9]+", re.sub(r"s\b", "", text.lower()))) for text in (found, gold))
    return bool(a) and (a <= b or b <= a or len(a & b) / len(a | b) >= 0.5)


_PEOPLE = {
    "babies": "infants", "baby": "infants", "newborns": "infants", "elderly": "older adults", "seniors": "older adults",
    "teens": "teenagers", "adolescents": "teenagers", "kids": "children", "toddlers": "children", "new mothers": "women",
    "breastfeeding women": "women",
}  # fmt: skip
NAMED = frozenset(["infants", "children", "teenagers", "pregnant women", "women", "men", "older adults"])


def people(name: str) -> str:
    """A population that Subject can name; "" for any other ("adults", "hikers", "office workers")."""
    name = _PEOPLE.get(name.lower(), name.lower())
    return name if name in NAMED else ""


def measure(
    cases: Sequence[Case], model_for: Callable[[Case], Model], strata: dict[str, Callable[[Case], bool]]
) -> None:
    finders: dict[str, Callable[[Case], list[Said]]] = {
        "consilia": lambda case: ours(case.article, model_for(case)),
        "heading words only": lambda case: heading_only(case.article),
        "naive cue rules": lambda case: naive_cues(case.article),
    }
    answers = {name: [finder(case) for case in cases] for name, finder in finders.items()}
    for stratum, belongs in strata.items():
        chosen = [number for number, case in enumerate(cases) if belongs(case)]
        if not chosen:
            continue
        print(f"\n=== {stratum}: {len(chosen)} articles")
        for name, found in answers.items():
            score = Score()
            counts: Counter[str] = Counter()
            for number in chosen:
                score.add(cases[number], found[number])
                counts.update(lists_of(cases[number], found[number])[0])
            table(name, score, roles=name == "consilia")
            if counts["lists"]:
                print(
                    f"  lists {counts['lists right']}/{counts['lists']} = {counts['lists right'] / counts['lists']:.3f}, "
                    f"items in them {counts['items right']}/{counts['items']} = {counts['items right'] / counts['items']:.3f}"
                )
        subjects = [(describe(cases[number].article), cases[number]) for number in chosen]
        topics = sum(topic_right(subject.topic, case.topic) for subject, case in subjects)
        print(f"\n  topic {topics}/{len(chosen)} = {topics / len(chosen):.3f}")
        told = [(subject, case) for subject, case in subjects if case.population is not None]
        if told:
            same = sum(people(subject.population) == people(case.population or "") for subject, case in told)
            print(f"  population {same}/{len(told)} = {same / len(told):.3f}")


def speed(cases: Sequence[Case], model: Model) -> None:
    for case in cases[:5]:
        find_with(case.article, model)
    spent = []
    for case in cases:
        start = time.process_time()
        find_with(case.article, model)
        spent.append(1000 * (time.process_time() - start))
    characters = sum(len(case.article.text) for case in cases) / len(cases)
    mean = statistics.fmean(spent)
    print(
        f"\nspeed: {mean:.2f} ms of CPU an article (median {statistics.median(spent):.2f}; {characters:.0f} characters on average), "
        f"{1000 / mean:.0f} articles a second"
    )


BINS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def reliability(title: str, cases: Sequence[Case], model_for: Callable[[Case], Model]) -> None:
    """How often findings of each confidence are right: a label of the same group shares half of their tokens."""
    rows: list[list[tuple[float, bool]]] = [[] for _ in BINS[1:]]
    for case in cases:
        places = Places(case.article.text)
        gold = [(GROUPS[Role(one.role)], places.of(span)) for one in case.gold for span in one.spans]
        for finding in find_with(case.article, model_for(case)):
            if finding.polarity == "negated":
                continue
            own = places.of((finding.start, finding.end))
            right = any(
                group == GROUPS[finding.role] and _overlap(own, other, strict=False) >= 0.5
                for group, other in gold
            )
            at = next(n for n, high in enumerate(BINS[1:]) if finding.confidence < high)
            rows[at].append((finding.confidence, right))
    print(f"\nconfidence, {title}")
    for low, high, row in zip(BINS, BINS[1:], rows, strict=False):
        if row:
            said = statistics.fmean(confidence for confidence, _ in row)
            was = statistics.fmean(right for _, right in row)
            print(
                f"  {low:.2f} to {min(high, 1.0):.2f}: {len(row):5} findings, said {said:.2f}, was {was:.2f}"
            )


def elsewhere(folder: Path, model: Model) -> None:
    """What is found on WCXB's pages of the fold that was not learnt from: pages that are not about health, where nothing is right, and
    pages on keeping well, against the labels of their units (a match shares half of the shorter one's characters)."""
    pages = findings = touched = 0
    count = Count()
    cues = cues_of("en")
    for _, article, labels in read_pages(folder, HERE, held_out=True):
        found = find_with(article, model)
        if not labels:
            pages, findings, touched = pages + 1, findings + len(found), touched + bool(found)
            continue
        units = [(unit, labels.get(sign(unit.text), "")) for unit in laid_out(article, cues)]
        until = max((unit.end for unit, role in units if role), default=0)
        gold = [
            (unit.start, unit.end, group_of(role))
            for unit, role in units
            if role not in ("", OTHER, CONTINUES)
        ]
        found = [finding for finding in found if finding.start < until]
        count.add(Count(0, len(found), len(gold)))
        for finding in found:
            for at, (start, end, role) in enumerate(gold):
                shared = min(end, finding.end) - max(start, finding.start)
                least = min(end - start, finding.end - finding.start) / 2
                if role == group_of(finding.role.value) and shared >= least:
                    count.hit += 1
                    del gold[at]
                    break
    print(f"\npages that are not about health: {pages}, {findings} findings on {touched} of them")
    print(
        f"pages on keeping well: precision {count.precision:.3f}, recall {count.recall:.3f}, F1 {count.f1:.3f} ({count.gold} labels)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path, help="folder with articles.jsonl")
    parser.add_argument(
        "--corpus", type=Path, default=HERE / "findings_corpus", help="folder of our own labelled articles"
    )
    parser.add_argument("--wcxb", type=Path, help="folder of WCXB's development pages")
    parser.add_argument("--only", default="", help="read only articles whose name begins so")
    given = parser.parse_args()
    if not (given.gold / "articles.jsonl").exists():
        sys.exit(f"{given.gold}: no articles.jsonl there")
    shipped = load()
    cases = [case for case in read_gold(given.gold) if case.name.startswith(given.only)]
    folds = {
        source: load(HERE / "findings_folds" / f"without-{source}.npz")
        for source in {case.source for case in cases}
    }
    measure(
        cases,
        lambda case: folds[case.source],
        {
            "GOLD, all": lambda case: True,
            "GOLD, with headings": lambda case: case.headings,
            "GOLD, headings left out": lambda case: not case.headings,
            "GOLD, NIDDK (the first 11 were looked at while writing rules)": lambda case: (
                case.source == "NIDDK"
            ),
            "GOLD, NHLBI and CancerGov (never looked at)": lambda case: case.source != "NIDDK",
        },
    )
    own = (
        [case for case in read_own(given.corpus) if case.held_out or case.source != "a"]
        if not given.only
        else []
    )
    listed = LAYOUTS - {"prose"}
    measure(
        own,
        lambda case: shipped,
        {
            "our own pages, part a, pattern families held out": lambda case: case.source == "a",
            "our own pages, part b, another author, never looked at": lambda case: case.source == "b",
            "part b, pages with lists": lambda case: case.source == "b" and case.layout in listed,
            "part b, prose": lambda case: case.source == "b" and case.layout == "prose",
        },
    )
    reliability("part b", [case for case in own if case.source == "b"], lambda case: shipped)
    reliability(
        "NHLBI and CancerGov",
        [case for case in cases if case.source != "NIDDK"],
        lambda case: folds[case.source],
    )
    if given.wcxb:
        elsewhere(given.wcxb, shipped)
    claims_and_topics()
    speed(cases, shipped)
    if own:
        speed(own, shipped)


def claims_and_topics() -> None:
    """Do two labels say the same, do two names mean one topic: pairs of claim_pairs.toml."""
    table = tomllib.loads((HERE / "claim_pairs.toml").read_text(encoding="utf-8"))
    half = len(table["labels"]) // 2
    for name, pairs in (
        ("first half, looked at", table["labels"][:half]),
        ("second half", table["labels"][half:]),
    ):
        right = sum(same_claim(one, other) is same for one, other, same in pairs)
        print(f"\nlabels of one claim, {name}: {right}/{len(pairs)}", end="")
    right = sum((normal(one) == normal(other)) is same for one, other, same in table["topics"])
    print(f"\nnames of one topic: {right}/{len(table['topics'])}")


if __name__ == "__main__":
    main()
