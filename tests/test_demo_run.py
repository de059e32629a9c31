"""The whole run over the demo sites against their gold records: nothing lost, nothing made up, the refused pages refused."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import output
from crawler.demo import Demo, DemoArticle, serve
from crawler.settings import Settings
from output.findings.finding import GROUPS, Role
from output.job import Job, run_job

FLOORS = tomllib.loads((Path(__file__).parent / "demo_floors.toml").read_text())
MIN_OVERLAP = 0.5
"""Share of tokens that gold and finding must have in common (Jaccard) to be a match: as in benchmarks/findings.py."""


@dataclass(frozen=True)
class Told:
    """A demo run, and what it should have come to."""

    demo: Demo
    job: Job
    tables: Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with serve((0, 0, 0)) as demo:
        job = run_job(demo.sites, tmp_path_factory.mktemp("data"), Settings())
        assert job.version is not None, job.gates
        yield Told(demo, job, output.load(job.version.path))


def test_no_page_fails(told: Told) -> None:
    assert list(told.job.failures) == []
    assert told.job.run.exit_code == 0


def test_every_article_is_there_with_its_title_topic_and_population(told: Told) -> None:
    articles = told.tables["articles"].set_index("url")
    gold = told.demo.gold()
    assert set(articles.index) == set(gold)
    wrong = Counter()
    for url, article in gold.items():
        row = articles.loc[url]
        wrong["title"] += row["title"] != article.title
        topic, population = (
            value if isinstance(value, str) else "" for value in row[["topic", "population"]]
        )
        wrong["topic"] += _singular(topic) != _singular(article.topic)
        wrong["population"] += population != article.population
    shares = {name: 1 - number / len(gold) for name, number in wrong.items()}
    print(shares)
    assert all(shares[name] >= FLOORS["articles"][name] for name in shares), shares


def test_refused_pages_are_refused_for_their_reasons(told: Told) -> None:
    rows = told.tables["refusals"]
    found = {(row.url, row.stage): row.reason for row in rows.itertuples()}
    wanted = {
        (url, page.stage): page.reason
        for url, page in told.demo.refusals().items()
        if page.stage != "passed over"
    }
    assert {key: found.get(key) for key in wanted} == wanted


def test_what_is_found_is_what_the_pages_say(told: Told) -> None:
    findings = told.tables["findings"]
    score: dict[str, Counter[str]] = {}
    by_url = {url: list(rows.itertuples()) for url, rows in findings.groupby("url")}
    for url, article in told.demo.gold().items():
        _match(article, by_url.get(url, []), score)
    table = {
        group: (counts["right"] / max(counts["found"], 1), counts["right"] / max(counts["gold"], 1))
        for group, counts in score.items()
    }
    for group, (precision, recall) in table.items():
        print(f"{group:14} precision {precision:.3f} recall {recall:.3f} of {score[group]['gold']}")
    assert all(
        precision >= FLOORS["findings"][group]["precision"] and recall >= FLOORS["findings"][group]["recall"]
        for group, (precision, recall) in table.items()
        if group in FLOORS["findings"]
    ), table


def test_every_evidence_is_the_text_at_its_offsets(told: Told) -> None:
    texts = dict(told.tables["articles"][["article_id", "text"]].itertuples(index=False))
    for row in told.tables["findings"].itertuples():
        assert texts[row.article_id][row.start : row.end] == row.evidence


def _match(article: DemoArticle, found: Sequence[object], score: dict[str, Counter[str]]) -> None:
    """One to one, best overlap first, within a role and within a role's group."""
    for key in (lambda role: role, lambda role: GROUPS[Role(role)]):
        mine = [(key(row.role), _tokens(row.evidence)) for row in found]  # type: ignore[attr-defined]
        gold = [(key(item.role), _tokens(item.text)) for item in article.findings]
        pairs = sorted(
            (
                (len(a & b) / max(len(a | b), 1), i, j)
                for i, (r, a) in enumerate(mine)
                for j, (s, b) in enumerate(gold)
                if r == s
            ),
            reverse=True,
        )
        used: tuple[set[int], set[int]] = (set(), set())
        for overlap, i, j in pairs:
            if overlap >= MIN_OVERLAP and i not in used[0] and j not in used[1]:
                used[0].add(i)
                used[1].add(j)
                score.setdefault(gold[j][0], Counter())["right"] += 1
        for role, _ in mine:
            score.setdefault(role, Counter())["found"] += 1
        for role, _ in gold:
            score.setdefault(role, Counter())["gold"] += 1


def _singular(topic: str) -> str:
    return " ".join(word.removesuffix("s") for word in topic.split())


def _tokens(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
