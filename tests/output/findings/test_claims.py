"""Findings of several pages that say the same."""

from importlib import resources
from typing import Any

import pytest

from output.findings.claims import claims, same_claim
from output.findings.topics import normal, words_of


def row(
    label: str,
    *,
    article: str,
    site: str = "a",
    topic: str = "leg cramps",
    role: str = "cause",
    polarity: str = "assert",
    text: str = "",
) -> dict[str, Any]:
    return {
        "label": label, "article_id": article, "site": site, "topic": topic, "role": role, "polarity": polarity, "text": text or label,
    }  # fmt: skip


def test_labels_that_say_the_same_are_one_claim() -> None:
    found = claims(
        [
            row("Hypocalcemia", article="1"),
            row("Lack of calcium", article="2", site="b", topic="calf cramps"),
            row("Cold feet", article="3"),
        ]
    )
    assert [(claim.label, claim.articles, claim.sites) for claim in found] == [
        ("Hypocalcemia", 2, 2),
        ("Cold feet", 1, 1),
    ]
    assert found[0].members == (0, 1)


def test_the_same_sentence_is_one_claim_whatever_its_label() -> None:
    text = "Too much sport in the evening tires the muscles of the calf and they cramp during the night."
    found = claims(
        [
            row("Sport", article="1", text=text),
            row("Tired calf", article="2", text=text.replace("much", "much of")),
        ]
    )
    assert len(found) == 1


def test_do_and_avoid_are_a_dispute() -> None:
    found = claims(
        [
            row("Drink milk", article="1", role="self_care", polarity="do"),
            row("Avoid milk", article="2", role="self_care", polarity="avoid"),
        ]
    )
    assert len(found) == 1
    assert found[0].disputed
    assert found[0].against == (1,)


def test_topics_and_groups_are_kept_apart() -> None:
    found = claims(
        [
            row("Cold", article="1"),
            row("Cold", article="2", topic="gout"),
            row("Cold", article="3", role="symptom"),
        ]
    )
    assert len(found) == 3


def test_a_row_without_a_topic_makes_no_claim() -> None:
    assert claims([row("Cold", article="1", topic="")]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("heartburn", "acid reflux"),
        ("Haemorrhoids", "piles"),
        ("leg cramp", "calf cramps"),
        ("severe leg cramps", "leg cramps"),
        ("leg cramps of swimmers", "leg cramps"),
    ],
)
def test_names_of_one_topic(one: str, other: str) -> None:
    assert normal(one) == normal(other)


def test_a_name_stands_for_one_topic() -> None:
    text = resources.files("output.findings").joinpath("topics.txt").read_text(encoding="utf-8")
    lines = [line.split(" | ") for line in text.splitlines() if not line.startswith("#")]
    firsts = [names[0] for names in lines]
    assert firsts == sorted(set(firsts))
    stands_for: dict[tuple[str, ...], str] = {}
    for names in lines:
        for name in names:
            assert stands_for.setdefault(words_of(name), names[0]) == names[0], name


def test_what_is_near_is_not_the_same() -> None:
    assert not same_claim("Warm bath", "Cold bath")
    assert not same_claim("Stress", "Stretching")
    assert normal("migraine") != normal("tension headache")
    assert normal("hiatal hernia") != normal("hernia")
    assert normal("stress incontinence") != normal("stress")
    assert len(set(map(normal, ["urinary incontinence", "stress incontinence", "urge incontinence"]))) == 3
    assert len(set(map(normal, ["diabetes", "type 1 diabetes", "type 2 diabetes", "high blood sugar"]))) == 4
    assert normal("knock knees") != normal("bow legs")
