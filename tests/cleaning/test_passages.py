"""How an article divides into headings, paragraphs and items."""

import time
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.blocks import Block
from cleaning.passages import Passage, divide


def blocks(*lines: str | Block) -> list[Block]:
    return [line if isinstance(line, Block) else Block(line, "line") for line in lines]


def told(*lines: str | Block) -> list[str]:
    """The passages in short: "# heading", "paragraph" without a sign, "list.position label| item"."""
    kept = blocks(*lines)
    text = "\n".join(block.text for block in kept)
    found = []
    for passage in divide(kept):
        body = text[passage.start : passage.end].replace("\n", " / ")
        if passage.kind == "heading":
            found.append(f"# {body}")
        elif passage.kind == "item":
            label = text[passage.start : passage.label_end] if passage.label_end >= 0 else ""
            found.append(f"{passage.list_id}.{passage.position} {label}| {body}")
        else:
            found.append(body)
    return found


LISTS = [
    pytest.param(
        ["Two reasons: 1. Cold. Cold feet cramp. 2. Fatigue. So do tired ones."],
        ["Two reasons:", "0.1 Cold| Cold. Cold feet cramp.", "0.2 Fatigue| Fatigue. So do tired ones."],
        id="a run-on list",
    ),
    pytest.param(
        ["Why: 1. Cold. 2. Age. 1. Rest well. 2. Drink water."],
        ["Why:", "0.1 | Cold.", "0.2 | Age.", "1.1 | Rest well.", "1.2 | Drink water."],
        id="numbers start over: another list",
    ),
    pytest.param(["See fig. 3. Then rest."], ["See fig. 3. Then rest."], id="a number in passing"),
    pytest.param(
        ["Take 2. 5 mg at 6. It was 1998. Two of 3 heal by day 4. Rest."],
        ["Take 2. 5 mg at 6. It was 1998. Two of 3 heal by day 4. Rest."],
        id="doses, times and years are no list",
    ),
    pytest.param(
        ["Rest at stage 1. Then walk at stage 2. Then run."],
        ["Rest at stage 1. Then walk at stage 2. Then run."],
        id="stages are no list",
    ),
    pytest.param(
        ["Scores of 1.5 and 2.5 were seen.1 Others found less.2 All healed."],
        ["Scores of 1.5 and 2.5 were seen.1 Others found less.2 All healed."],
        id="decimals and citations are no list",
    ),
    pytest.param(
        ["It may be (1) cold feet; (2) tired legs; (3) age. Most heal."],
        ["It may be", "0.1 | cold feet;", "0.2 | tired legs;", "0.3 | age.", "Most heal."],
        id="numbers in parentheses; the rest of the paragraph is not the last item's",
    ),
    pytest.param(
        ["Why: ① Cold feet. ② Tired legs."],
        ["Why:", "0.1 | Cold feet.", "0.2 | Tired legs."],
        id="circled digits",
    ),
    pytest.param(
        [
            "#1 Hunger",
            "A hungry child wakes and cries in the night.",
            "#2 Noise",
            "Noise wakes a child as well, of course.",
        ],
        [
            "0.1 Hunger| Hunger / A hungry child wakes and cries in the night.",
            "0.2 Noise| Noise / Noise wakes a child as well, of course.",
        ],
        id="a label line and its paragraph are one item",
    ),
    pytest.param(["a. cold", "b. heat", "c. wind"], ["0.1 | cold", "0.2 | heat", "0.3 | wind"], id="letters"),
    pytest.param(
        ["i. cold", "ii. heat", "iii. wind"], ["0.1 | cold", "0.2 | heat", "0.3 | wind"], id="roman numbers"
    ),
    pytest.param(
        ["6. Cold feet.", "7. Tired legs."], ["0.6 | Cold feet.", "0.7 | Tired legs."], id="it starts at six"
    ),
    pytest.param(["– cold", "– heat"], ["0.1 | cold", "0.2 | heat"], id="dashes"),
    pytest.param(
        ["• cold • heat • wind"], ["0.1 | cold", "0.2 | heat", "0.3 | wind"], id="bullets on one line"
    ),
    pytest.param(
        ["- cold  - heat  - wind"], ["0.1 | cold", "0.2 | heat", "0.3 | wind"], id="dashes on one line"
    ),
    pytest.param(
        ["Rest at home. Ways: - Warm milk - Warm bath"],
        ["Rest at home. Ways:", "0.1 | Warm milk", "0.2 | Warm bath"],
        id="dashes after a colon",
    ),
    pytest.param(
        ["First, drink water. Second, rest. Finally, ask a doctor."],
        ["0.1 | drink water.", "0.2 | rest.", "0.3 | ask a doctor."],
        id="ordinals",
    ),
    pytest.param(
        ["One cause is cold. Another cause is age."],
        ["0.1 | One cause is cold.", "0.2 | Another cause is age."],
        id="one cause, another cause",
    ),
    pytest.param(
        ["Cold: bare feet in bed cramp.", "Fatigue: tired legs cramp as well."],
        ["0.1 Cold| Cold: bare feet in bed cramp.", "0.2 Fatigue| Fatigue: tired legs cramp as well."],
        id="labels and colons",
    ),
    pytest.param(
        ["Cold – bare feet in bed cramp.", "Fatigue – tired legs cramp as well."],
        ["0.1 Cold| Cold – bare feet in bed cramp.", "0.2 Fatigue| Fatigue – tired legs cramp as well."],
        id="labels and dashes",
    ),
    pytest.param(
        [
            Block("Cold feet in bed cramp at night.", "p", bold=4),
            Block("Tired legs cramp as well.", "p", bold=5),
        ],
        ["0.1 Cold| Cold feet in bed cramp at night.", "0.2 Tired| Tired legs cramp as well."],
        id="bold labels",
    ),
    pytest.param(
        ["Signs include", "cold feet", "pale toes", "Most of these pass by themselves in a day or two."],
        [
            "Signs include",
            "0.1 | cold feet",
            "0.2 | pale toes",
            "Most of these pass by themselves in a day or two.",
        ],
        id="a list that lost its markers",
    ),
    pytest.param(
        [
            "It has several causes:",
            "Nobody should lie awake over it, though, as most children grow out of it in time.",
        ],
        [
            "It has several causes:",
            "Nobody should lie awake over it, though, as most children grow out of it in time.",
        ],
        id="a lead-in that lost its list",
    ),
    pytest.param(
        [
            "What causes it?",
            "Cold feet do, say doctors.",
            "What helps",
            "Rest helps and so does a warm bath at night.",
        ],
        [
            "# What causes it?",
            "Cold feet do, say doctors.",
            "# What helps",
            "Rest helps and so does a warm bath at night.",
        ],
        id="headings of flattened text",
    ),
    pytest.param(
        [
            Block("Why", "h2"),
            Block("Cold feet", "li", list_id=0, list_tag="ul", depth=1, item=1),
            Block("They cramp.", "p", list_id=0, list_tag="ul", depth=1, item=1),
            Block("Age", "li", list_id=0, list_tag="ul", depth=1, item=2),
        ],
        ["# Why", "0.1 Cold feet| Cold feet / They cramp.", "0.2 | Age"],
        id="an HTML list with a paragraph inside an item",
    ),
    pytest.param(
        [
            Block("Cause | What to do", "tr", list_id=0, list_tag="table", item=1),
            Block("Cold feet | Wear socks", "tr", list_id=0, list_tag="table", item=2),
            Block("Fatigue | Rest", "tr", list_id=0, list_tag="table", item=3),
        ],
        ["# Cause", "# What to do", "0.2 | Cold feet", "1.2 | Wear socks", "0.3 | Fatigue", "1.3 | Rest"],
        id="a table's columns are lists",
    ),
    pytest.param(
        [
            Block("Cold", "dt", list_id=0, list_tag="dl", depth=1),
            Block("Bare feet.", "dd", list_id=0, list_tag="dl", depth=1),
        ],
        ["0.1 Cold| Cold / Bare feet."],
        id="a definition list",
    ),
    pytest.param(
        ["1. Food: (a) eat fish; (b) eat beans. 2. Rest: sleep well."],
        ["0.1 | Food:", "1.1 | eat fish;", "1.2 | eat beans.", "0.2 Rest| Rest: sleep well."],
        id="a list within a list",
    ),
    pytest.param(
        ["1. Cold. 2. Tired legs. So, what should parents do? Keep them warm."],
        ["0.1 | Cold.", "0.2 | Tired legs.", "So, what should parents do? Keep them warm."],
        id="a question ends the last item",
    ),
    pytest.param(
        ["原因：①受凉。②疲劳。"], ["原因：", "0.1 | 受凉。", "0.2 | 疲劳。"], id="circled digits in Chinese"
    ),
    pytest.param(
        ["一、受凉。夜里受凉会抽筋。二、缺钙。多晒太阳。"],
        ["0.1 受凉| 受凉。夜里受凉会抽筋。", "0.2 缺钙| 缺钙。多晒太阳。"],
        id="Chinese numerals",
    ),
]


@pytest.mark.parametrize(("lines", "expected"), LISTS)
def test_passages(lines: list[str | Block], expected: list[str]) -> None:
    assert told(*lines) == expected


def _sound(text: str, passages: tuple[Passage, ...]) -> None:
    end = 0
    for passage in passages:
        assert end <= passage.start < passage.end <= len(text)
        assert text[passage.start : passage.end].strip() == text[passage.start : passage.end]
        assert passage.label_end == -1 or passage.start < passage.label_end < passage.end
        end = passage.end


PIECES = st.sampled_from(
    ["1. ", "2. ", "3. ", "(1) ", "(2) ", "① ", "②", "#1 ", "#2 ", "• ", "- ", "First, ", "Second, ", "One cause is ",
     "Another cause is ", "a. ", "b. ", "Cold", "cold feet", ". ", ": ", "; ", "? ", "What helps", "1.1 ", "Label: ",
     "一、", "二、", "。", " – ", "mg", "i. ", "ii. ", " | "]
)  # fmt: skip
TAGS = st.sampled_from(
    [{"tag": "line"}, {"tag": "p"}, {"tag": "h2"}, {"tag": "h3"}, {"tag": "li", "list_id": 0, "list_tag": "ul", "depth": 1, "item": 1},
     {"tag": "li", "list_id": 1, "list_tag": "ol", "depth": 2, "item": 3}, {"tag": "tr", "list_id": 2, "list_tag": "table"},
     {"tag": "dt", "list_id": 3, "list_tag": "dl"}, {"tag": "dd", "list_id": 3, "list_tag": "dl"}, {"tag": "p", "bold": 4}]
)  # fmt: skip


@given(st.lists(st.tuples(st.lists(PIECES, max_size=12).map("".join), TAGS), max_size=12))
def test_passages_are_in_order_and_inside_the_text(lines: list[tuple[str, dict[str, object]]]) -> None:
    kept = [Block(text, **fields) for text, fields in lines]  # type: ignore[arg-type]
    _sound("\n".join(block.text for block in kept), divide(kept))


@given(st.lists(st.text(), max_size=6))
def test_any_text_can_be_divided(lines: list[str]) -> None:
    kept = blocks(*lines)
    _sound("\n".join(lines), divide(kept))


@pytest.mark.parametrize(
    "hostile",
    [
        "1. 1 1.",
        "1. 2. ",
        "(1) ",
        "- a ",
        "a. b. ",
        "First, ",
        "One cause is ",
        "① ",
        "Label: ",
        "1.1.1 ",
        "Aa. ",
    ],
)
def test_a_hostile_line_takes_linear_time(hostile: str) -> None:
    def seconds(n: int) -> float:
        block = [Block(hostile * n, "line")]
        return min(timeit.repeat(lambda: divide(block), number=1, repeat=3, timer=time.process_time))

    assert seconds(4_000) < 12 * seconds(1_000) + 0.01


def test_many_hostile_lines_take_linear_time() -> None:
    def seconds(n: int) -> float:
        kept = [Block(f"{i % 4 + 1}. item", "line") for i in range(n)]
        return min(timeit.repeat(lambda: divide(kept), number=1, repeat=3, timer=time.process_time))

    assert seconds(4_000) < 12 * seconds(1_000) + 0.01
