"""Where sentences begin and end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.sentences import sentences

CASES = [
    pytest.param("It hurts. It heals.", ["It hurts.", "It heals."], id="two"),
    pytest.param(
        "Dr. Smith said so. See fig. 3 there.",
        ["Dr. Smith said so.", "See fig. 3 there."],
        id="abbreviations",
    ),
    pytest.param("It weighs 3.5 kg. Good.", ["It weighs 3.5 kg.", "Good."], id="decimals"),
    pytest.param(
        "Seen in men.2 Women less.", ["Seen in men.2", "Women less."], id="a citation's digit is glued on"
    ),
    pytest.param("Rest for days.Then walk.", ["Rest for days.", "Then walk."], id="the space is lost"),
    pytest.param(
        "They cope well.A warm bath is one help. I like it.I do so daily.",
        ["They cope well.", "A warm bath is one help.", "I like it.", "I do so daily."],
        id="the space before a one-letter word is lost",
    ),
    pytest.param(
        "It needs vitamin B.A nurse, e.g.A friend, in the U.S.A is near.",
        ["It needs vitamin B.A nurse, e.g.A friend, in the U.S.A is near."],
        id="letters with stops are no sentence's end",
    ),
    pytest.param(
        "It went.Dry, sore eyesThe lids lack oil.ItchingYour skin dries. Pale skinA lack of iron.",
        [
            "It went.",
            "Dry, sore eyes",
            "The lids lack oil.",
            "Itching",
            "Your skin dries.",
            "Pale skin",
            "A lack of iron.",
        ],
        id="titles whose line end is lost",
    ),
    pytest.param(
        "MedlinePlus has more. YouTube shows it. Ask MedlinePlus for help. McDonald walks. See an iPhone app.",
        [
            "MedlinePlus has more.",
            "YouTube shows it.",
            "Ask MedlinePlus for help.",
            "McDonald walks.",
            "See an iPhone app.",
        ],
        id="a capital inside a name",
    ),
    pytest.param("受凉。多喝水！", ["受凉。", "多喝水！"], id="Chinese"),
    pytest.param("受凉?多喝水.要休息!", ["受凉?", "多喝水.", "要休息!"], id="Chinese with Latin stops"),
    pytest.param("缺维生素D.多晒太阳", ["缺维生素D.", "多晒太阳"], id="a letter before Chinese"),
    pytest.param(
        "They lack vitamin D. Give drops.", ["They lack vitamin D.", "Give drops."], id="a vitamin's letter"
    ),
    pytest.param(
        "Eat vitamins A, C and E. Rest.", ["Eat vitamins A, C and E.", "Rest."], id="letters in a row"
    ),
    pytest.param("Ask J. Smith or John F. Hall.", ["Ask J. Smith or John F. Hall."], id="initials"),
    pytest.param("Rest, e.g. Sundays, vs. Mondays.", ["Rest, e.g. Sundays, vs. Mondays."], id="Latin"),
    pytest.param("Eat at 8 p.m. Then rest.", ["Eat at 8 p.m.", "Then rest."], id="a time at the end"),
    pytest.param("Take 5 mg. Drink water.", ["Take 5 mg.", "Drink water."], id="a dose at the end"),
    pytest.param("Eat 5 g. 3 times a day.", ["Eat 5 g. 3 times a day."], id="a dose and a number"),
    pytest.param("a line\nanother", ["a line", "another"], id="lines"),
    pytest.param("", [], id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text())
def test_sentences_are_in_order_and_hold_every_word(text: str) -> None:
    spans = list(sentences(text))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
