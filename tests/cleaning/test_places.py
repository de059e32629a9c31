"""Blocks are found where they stand in the source."""

import html
import time
import timeit

import pytest

from cleaning.blocks import Block
from cleaning.places import locate

CASES = [
    pytest.param(
        "<p>Rest helps.</p><p>So does heat.</p>",
        ["Rest helps.", "So does heat."],
        ["Rest helps.", "So does heat."],
        id="plain",
    ),
    pytest.param(
        "<p>Rest\n  <b>really</b> helps.</p>",
        ["Rest really helps."],
        ["Rest\n  <b>really</b> helps."],
        id="a tag inside",
    ),
    pytest.param(
        "<p>Salt &amp; water, don&#39;t boil</p>",
        ["Salt & water, don't boil"],
        ["Salt &amp; water, don&#39;t boil"],
        id="entities",
    ),
    pytest.param(
        "<!-- Rest --><script>Rest</script><style>Rest</style><p>Rest</p>",
        ["Rest"],
        ["Rest"],
        id="not in a script",
    ),
    pytest.param(
        "<p>Rest</p><p>Heat</p><p>Rest</p>",
        ["Rest", "Heat", "Rest"],
        ["Rest", "Heat", "Rest"],
        id="the same twice",
    ),
    pytest.param("<p>2 < 3 & 4 > 1</p>", ["2 < 3 & 4 > 1"], ["2 < 3 & 4 > 1"], id="bare signs"),
    pytest.param("<p>Heat</p>", ["Cold"], [None], id="not there"),
    pytest.param(
        "<p>Treat&shy;ment\u200b</p><p>Anti\xadhistamines</p>",
        ["Treatment", "Antihistamines"],
        ["Treat&shy;ment", "Anti\xadhistamines"],
        id="soft hyphens and spaces of no width",
    ),
]


@pytest.mark.parametrize(("source", "texts", "places"), CASES)
def test_blocks_are_found(source: str, texts: list[str], places: list[str | None]) -> None:
    found = locate(source, [Block(text, "p") for text in texts])
    assert [source[block.start : block.end] if block.start >= 0 else None for block in found] == places


def test_the_same_text_twice_has_two_places() -> None:
    first, second = locate("<p>Rest</p><p>Rest</p>", [Block("Rest", "p")] * 2)
    assert (first.start, second.start) == (3, 14)


def test_a_row_spans_its_cells() -> None:
    source = "<tr><td>Cold</td><td>Keep your <i>feet</i> warm</td></tr>"
    (row,) = locate(source, [Block("Cold | Keep your feet warm", "tr")])
    assert source[row.start : row.end] == "Cold</td><td>Keep your <i>feet</i> warm"


def test_entities_unescape_to_the_block() -> None:
    text = "“Rest” — don't"
    source = f"<p>{html.escape(text)}</p>"
    (block,) = locate(source, [Block(text, "p")])
    assert html.unescape(source[block.start : block.end]) == text


@pytest.mark.parametrize("bit", ["<p>&amp;</p>", "<", "&", "<!--", "<p", "a "])
def test_hostile_sources_take_linear_time(bit: str) -> None:
    def seconds(n: int) -> float:
        source = bit * n
        return min(
            timeit.repeat(
                lambda: locate(source, [Block("nowhere", "p")] * 200),
                number=1,
                repeat=3,
                timer=time.process_time,
            )
        )

    assert seconds(40_000) < 12 * seconds(10_000) + 0.01
