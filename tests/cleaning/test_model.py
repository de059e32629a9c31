"""The forest, its training data and its labels."""

import random

import numpy as np
import pytest

from cleaning.features import NAMES
from cleaning.forest import Forest, load_forest, probability
from cleaning.models.augment import comments, donate, dress, feed, in_other_script, note, teasers
from cleaning.models.label import label


def test_a_forest_asks_and_adds_up() -> None:
    forest = Forest(
        feature=np.array([[0, 1], [1, 1]]),
        border=np.array([[0.5, 2.0], [1.5, np.inf]], np.float32),
        leaves=np.array([[0, 1, 2, 3], [10, 20, 30, 40]], np.float32),
        bias=0.25,
    )
    values = np.array([[0.0, 1.0, 1.0], [1.0, 2.0, 3.0]], np.float32)
    assert forest.log_odds(values).tolist() == [10.25, 13.25, 23.25]


def test_many_blocks_are_answered_as_few() -> None:
    rng = np.random.default_rng(1)
    forest = Forest(
        rng.integers(0, 4, (6, 20)),
        rng.normal(size=(6, 20)).astype(np.float32),
        rng.normal(size=(20, 64)).astype(np.float32),
        0.0,
    )
    values = rng.normal(size=(4, 5000)).astype(np.float32)
    alone = np.concatenate([forest.log_odds(values[:, n : n + 100]) for n in range(0, 5000, 100)])
    np.testing.assert_allclose(forest.log_odds(values), alone, rtol=1e-5)


def test_a_forest_for_other_features_is_refused() -> None:
    from io import BytesIO

    stored = BytesIO()
    np.savez(
        stored,
        names=np.array(["size"]),
        feature=np.zeros((1, 1)),
        border=np.zeros((1, 1)),
        leaves=np.zeros((1, 2)),
        bias=0.0,
    )
    with pytest.raises(ValueError, match="other features"):
        load_forest(stored.getvalue())


def test_probability_is_the_logistic_function() -> None:
    np.testing.assert_allclose(probability(np.array([0.0, 50.0, -50.0], np.float32)), [0.5, 1, 0], atol=1e-6)


CONTENT = (
    "A knee bends and stretches all day long.\nWhat helps\nRest it for a day or two, then walk a little."
)
LABELS = [
    pytest.param(
        ["Home", "A knee bends and stretches all day long.", "What helps", "Share"], [0, 1, 1, 0], id="lines"
    ),
    pytest.param(
        ["A knee bends and stretches all day long.", *["Menu"] * 9, *CONTENT.split("\n")],
        [*[0] * 10, 1, 1, 1],
        id="a copy goes empty where less is found around it",
    ),
    pytest.param(["Rest it for a day or two, then run ten miles and swim the lake"], [1], id="half of it"),
    pytest.param(["A knee hurts", "bends over"], [0, 0], id="no run of three"),
    pytest.param([], [], id="nothing"),
]


@pytest.mark.parametrize(("texts", "expected"), LABELS)
def test_labels_find_the_content(texts: list[str], expected: list[int]) -> None:
    assert label(texts, CONTENT)[0].tolist() == expected


PAGE = (
    "<body><div id=top><a href=/>Home</a> <a href=/n>News of the week and more</a></div><div id=mid><h1>Knees</h1>"
    + "".join(
        f"<p>Paragraph {n} tells how a knee bends and stretches all day long, and what it needs.</p>"
        for n in range(8)
    )
    + "</div><div id=side><p>Buy our cushion today, it is soft and blue.</p></div></body>"
)
PAGE_CONTENT = "\n".join(
    f"Paragraph {n} tells how a knee bends and stretches all day long, and what it needs." for n in range(8)
)


def test_a_dressed_page_still_holds_its_content() -> None:
    donor = donate(PAGE, PAGE_CONTENT)
    assert donor.sentences
    assert any("cushion" in piece for piece in donor.frame)
    from selectolax.lexbor import LexborHTMLParser

    from cleaning.blocks import lay_out

    for seed in range(40):
        html = dress(PAGE, PAGE_CONTENT, [donor], random.Random(seed))
        texts = lay_out(LexborHTMLParser(html), plain=True).texts
        assert sum(any(line in text for text in texts) for line in PAGE_CONTENT.split("\n")) == 8, seed


@pytest.mark.parametrize("make", [comments, teasers, feed, note])
def test_made_up_frames_are_html(make: object) -> None:
    assert callable(make)
    donor = donate(PAGE, PAGE_CONTENT)
    for seed in range(30):
        assert str(make([donor], random.Random(seed))).startswith("<")


@pytest.mark.parametrize("script", [0, 1, 2])
def test_other_scripts_keep_no_latin_letter(script: int) -> None:
    assert not any("a" <= letter <= "z" for letter in in_other_script("The knee, 3 times.", script))


def test_the_shipped_weights_fit_the_features_and_are_small() -> None:
    from importlib.resources import files

    stored = (files("cleaning") / "models" / "blocks.npz").read_bytes()
    forest = load_forest(stored)
    assert len(stored) < 2_000_000
    assert forest.feature.max() < len(NAMES)
