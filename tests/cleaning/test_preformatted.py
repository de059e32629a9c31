"""Preformatted text: what was broken at the end of the screen, and what was not."""

import pytest

from cleaning.preformatted import unwrap

PARAGRAPHS = """\
An overheated walker has lost more water and salt than he drank.
It is common on the first warm weekends of the year, when nobody
is used to the heat. A hat and a bottle of water prevent most of
it, and so does a late start."""

TEXTS = [
    pytest.param("Rest\nDrink water\n\nWalk", ["Rest", "Drink water", "Walk"], id="short lines stand alone"),
    pytest.param(PARAGRAPHS, [" ".join(PARAGRAPHS.split())], id="a paragraph broken by hand"),
    pytest.param(
        PARAGRAPHS + "\n\n  * Rest, and do so in the\n    shade\n  * Drink",
        [" ".join(PARAGRAPHS.split()), "* Rest, and do so in the shade", "* Drink"],
        id="items with an indent",
    ),
    pytest.param(
        PARAGRAPHS.split("\n")[0] + "\n2. Drink", [PARAGRAPHS.split("\n")[0], "2. Drink"], id="a number"
    ),
    pytest.param(
        "Swelling around the ankle bone and on the whole foot\nPain when you put weight on it\nA foot that feels cold",
        [
            "Swelling around the ankle bone and on the whole foot",
            "Pain when you put weight on it",
            "A foot that feels cold",
        ],
        id="a list with a long item",
    ),
    pytest.param("To do\n-----\nRest", ["To do", "Rest"], id="drawn lines are none"),
    pytest.param("\n \n", [], id="nothing"),
]


@pytest.mark.parametrize(("text", "lines"), TEXTS)
def test_lines_are_those_of_the_writer_not_of_the_screen(text: str, lines: list[str]) -> None:
    assert list(unwrap(text)) == lines
