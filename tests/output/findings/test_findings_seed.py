"""The page the project began with: a flattened article whose list of causes runs on into a list of advice."""

import os
from pathlib import Path

import pytest

from cleaning.article import Article
from output.findings import describe, find

from .articles import article

SHARED = Path(os.environ.get("CONSILIA_SHARED", Path(__file__).parents[4] / "shared"))
SEED = SHARED / "seed" / "leg-cramps.txt"


@pytest.fixture(scope="module")
def seed() -> Article:
    if not SEED.exists():
        pytest.skip(f"no seed page at {SEED}")
    return article(SEED.read_text(encoding="utf-8").split("\n")[0].rstrip(" |"))


def test_the_seed_is_about_leg_cramps_in_children(seed: Article) -> None:
    subject = describe(seed)
    assert (subject.topic, subject.population, subject.refused) == ("leg cramps", "children", "")


def test_the_seed_has_three_causes(seed: Article) -> None:
    causes = [f for f in find(seed) if f.role == "cause"]
    assert [cause.label for cause in causes] == ["Fatigue", "Cold", "Hypocalcemia"]
    assert {cause.decided_by for cause in causes} == {"lead_in"}


def test_the_seed_has_seven_pieces_of_advice(seed: Article) -> None:
    advice = [f for f in find(seed) if f.role != "cause"]
    assert len(find(seed)) == 10
    assert [f.list_position for f in advice] == [1, 2, 3, 4, 5, 6, 7]
    assert {f.decided_by for f in advice} == {"list_vote"}
    assert [f.hedge for f in advice] == [False] * 6 + [True]
    assert [f.list_position for f in advice if f.secondary_role == "cause"] == [1, 6]


def test_the_seed_spans_are_whole_items(seed: Article) -> None:
    last = find(seed)[-1]
    assert seed.text[last.start : last.end].startswith("There are reports in the literature")
    assert seed.text[last.start : last.end].endswith("no definitive answer yet.")
