"""Texts broken at a fixed width become paragraphs again; others stay as they are."""

import textwrap
import timeit

import pytest

from cleaning.wrapped import paragraphs, rejoin

LEAFLET = [
    "Many people wake with a dry mouth, above all in winter, when the heating takes the water out of the air and the nose is blocked.",
    "The usual causes are:",
    "1. Breathing through the mouth, because of a cold or because of the way one lies in bed.",
    "2. Tablets against allergies, which slow down the flow of saliva for many hours.",
    "3. Salty snacks.",
    "A glass of water beside the bed helps most people. If the mouth stays dry in the daytime too, ask a doctor or a dentist what may be behind it.",
]


def found(text: str) -> list[str]:
    return [" ".join(rejoin(text[start:end]).split()) for start, end in paragraphs(text)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", " \n"])
@pytest.mark.parametrize("width", [50, 60, 72, 80])
def test_a_leaflet_is_read_paragraph_by_paragraph(width: int, newline: str) -> None:
    text = newline.join(line for paragraph in LEAFLET for line in textwrap.wrap(paragraph, width))
    assert found(text) == LEAFLET


def test_blank_lines_and_indents_begin_paragraphs() -> None:
    first, last = LEAFLET[0], LEAFLET[-1]
    for between in ("\n\n", "\n  \n", "\n   "):
        assert found(textwrap.fill(first, 60) + between + textwrap.fill(last, 60)) == [first, last]


def test_a_word_broken_at_the_end_of_a_line_is_whole_again() -> None:
    assert rejoin("the ner-\nvous system") == "the nervous system"
    assert rejoin("an over-\nthe-counter tablet") == "an over-\nthe-counter tablet"
    assert rejoin("vitamin B-\nComplex, 3-\n4 tablets") == "vitamin B-\nComplex, 3-\n4 tablets"


UNBROKEN = [
    pytest.param(
        ["A dry mouth", "a sore throat", "a runny nose", "red eyes"], id="short items in lower case"
    ),
    pytest.param(
        [
            "dry lips that crack in the corners of the mouth",
            "a burning tongue",
            "trouble with swallowing dry bread, rice and meat",
            "bad breath in the morning",
            "a hoarse voice after a long talk on the telephone",
        ],
        id="items of all lengths in lower case",
    ),
    pytest.param(LEAFLET, id="a paragraph a line"),
    pytest.param(
        [
            "A blocked nose makes us breathe through the mouth.",
            "Some tablets slow down the flow of our saliva.",
        ]
        * 4,
        id="sentences of one length",
    ),
    pytest.param([], id="nothing"),
]


@pytest.mark.parametrize("lines", UNBROKEN)
def test_lines_that_no_width_broke_stay_lines(lines: list[str]) -> None:
    assert found("\n".join(lines)) == lines


@pytest.mark.parametrize(
    "piece", [" ", "\n", "a-\n", "some words of a line that was broken at the\n", "- \n", "1. \n"]
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        return min(timeit.repeat(lambda: found(text), number=1, repeat=2))

    assert seconds(200_000) < 10 * seconds(50_000) + 0.01


def test_a_marker_on_a_line_of_its_own_begins_the_next_line() -> None:
    assert found("What helps\n-\n\nRest in bed.\n-\nDrink.\n\n- Sleep.") == [
        "What helps",
        "- Rest in bed.",
        "- Drink.",
        "- Sleep.",
    ]
    assert found("1.\nStress\n2.\nNoise") == ["1. Stress", "2. Noise"]
    assert found("Home\n-\nNews") == ["Home", "-", "News"]
