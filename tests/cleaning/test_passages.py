"""How an article divides into headings, paragraphs and items."""

import time
import timeit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaning.blocks import Block
from cleaning.passages import Passage, divide


def blocks(*lines: str | Block) -> list[Block]:
    return [line if isinstance(line, Block) else Block(line, "line") for line in lines]


def table(*rows: str, bold: int = 0) -> list[Block]:
    """A table whose first row begins with that many bold characters."""
    return [
        Block(row, "tr", bold=0 if n > 1 else bold, list_id=0, list_tag="table", depth=1, item=n)
        for n, row in enumerate(rows, 1)
    ]


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
        ["Why:", "1️⃣ Cold feet", "2⃣ Tired legs"],
        ["# Why:", "0.1 | Cold feet", "0.2 | Tired legs"],
        id="keycap digits",
    ),
    pytest.param(
        [
            "Why:",
            "• 1 Stress",
            "Worry wears you out all day long.",
            "• 2 Noise",
            "So do trucks that pass below the window.",
            "• 3 Age",
        ],
        [
            "# Why:",
            "0.1 Stress| Stress / Worry wears you out all day long.",
            "0.2 Noise| Noise / So do trucks that pass below the window.",
            "0.3 | Age",
        ],
        id="bullets in front of numbers that count",
    ),
    pytest.param(
        ["You need:", "• 2 Cups of water", "• 1 Lemon"],
        ["You need:", "0.1 | 2 Cups of water", "0.2 | 1 Lemon"],
        id="bullets in front of numbers that do not",
    ),
    pytest.param(
        ["Signs:", "*Crying", "* Drooling", "*Biting"],
        ["# Signs:", "0.1 | Crying", "0.2 | Drooling", "0.3 | Biting"],
        id="asterisks with and without a space",
    ),
    pytest.param(
        ["Do:", "✤ Sit up", "✤ Lean forward"],
        ["Do:", "0.1 | Sit up", "0.2 | Lean forward"],
        id="printers' flowers",
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
        table("Worn shoes | Flat feet", "Tight calves | Long walks", "Hard floors | Old age"),
        [
            "0.1 | Worn shoes",
            "1.1 | Flat feet",
            "0.2 | Tight calves",
            "1.2 | Long walks",
            "0.3 | Hard floors",
            "1.3 | Old age",
        ],
        id="a table without heads",
    ),
    pytest.param(
        table("Weather | Cold air", "Clothes | Tight shoes", bold=18),
        ["# Weather", "# Cold air", "0.2 | Clothes", "1.2 | Tight shoes"],
        id="a table with bold heads",
    ),
    pytest.param(
        table("Drink | Cups", "Water | 6", "Weak tea | 2"),
        ["# Drink", "# Cups", "0.2 | Water", "1.2 | 6", "0.3 | Weak tea", "1.3 | 2"],
        id="a table of numbers",
    ),
    pytest.param(
        [
            Block("Night cramps", "caption", list_id=0, list_tag="table", depth=1),
            *table("Cause | Remedy", "Cold feet | Warm socks"),
            Block("Old age | Gentle stretches", "tr", list_id=0, list_tag="table", depth=1, item=3),
        ],
        [
            "0.1 | Night cramps",
            "# Cause",
            "# Remedy",
            "0.2 | Cold feet",
            "1.2 | Warm socks",
            "0.3 | Old age",
            "1.3 | Gentle stretches",
        ],
        id="a table with heads below its caption",
    ),
    pytest.param(
        table("• | Cold feet", "• | Tired legs", "• | Old age"),
        ["0.1 | Cold feet", "0.2 | Tired legs", "0.3 | Old age"],
        id="a table for the sake of its bullets",
    ),
    pytest.param(
        table("1. | Cold feet", "2. | Tired legs"),
        ["0.1 | Cold feet", "0.2 | Tired legs"],
        id="a table for the sake of its numbers",
    ),
    pytest.param(
        table("Symptoms | Calf cramps", "What to do | Stretch. Drink water.", "See a doctor if | It lasts"),
        [
            "# Symptoms",
            "0.1 | Calf cramps",
            "# What to do",
            "Stretch. Drink water.",
            "# See a doctor if",
            "1.1 | It lasts",
        ],
        id="a table of sections",
    ),
    pytest.param(
        [Block("Causes", "h3"), "Cold feet", "Tired legs", "Worn shoes", Block("What helps", "h3")],
        ["# Causes", "0.1 | Cold feet", "0.2 | Tired legs", "0.3 | Worn shoes", "# What helps"],
        id="lines below a heading",
    ),
    pytest.param(
        [
            Block("What helps", "h3"),
            "Warm socks",
            "Rest",
            "A short walk",
            "See a doctor if the cramps come back night after night, or if the leg is swollen, red and hot.",
        ],
        [
            "# What helps",
            "0.1 | Warm socks",
            "0.2 | Rest",
            "0.3 | A short walk",
            "See a doctor if the cramps come back night after night, or if the leg is swollen, red and hot.",
        ],
        id="lines below a heading and a paragraph",
    ),
    *(
        pytest.param(
            ["Why", "Cold feet", "Tired legs", "Worn shoes", title, "Warm socks", "Rest", "A short walk"],
            [
                "# Why",
                "0.1 | Cold feet",
                "0.2 | Tired legs",
                "0.3 | Worn shoes",
                f"# {title.text if isinstance(title, Block) else title}",
                "1.1 | Warm socks",
                "1.2 | Rest",
                "1.3 | A short walk",
            ],
            id=f"{kind} between lists that lost their markers",
        )
        for kind, title in (
            ("a bold title", Block("Good ideas", "p", bold=10)),
            ("a title in capitals", "GOOD IDEAS"),
            ("a section's title", "Treatment"),
        )
    ),
    pytest.param(
        ["Ask about", "Symptoms", "Causes", "Treatment"],
        ["Ask about", "0.1 | Symptoms", "0.2 | Causes", "0.3 | Treatment"],
        id="a list of section titles",
    ),
    pytest.param(
        ["It may be", "asthma", "COPD", "a cold"],
        ["It may be", "0.1 | asthma", "0.2 | COPD", "0.3 | a cold"],
        id="an abbreviation is no title",
    ),
    pytest.param(
        [
            "Causes:",
            Block("Cold feet", "li"),
            Block("Tired legs", "li"),
            "What helps:",
            Block("Warm socks", "li"),
            Block("Rest", "li"),
        ],
        [
            "Causes:",
            "0.1 | Cold feet",
            "0.2 | Tired legs",
            "What helps:",
            "1.1 | Warm socks",
            "1.2 | Rest",
        ],
        id="items outside of any HTML list",
    ),
    pytest.param(
        ["1. Light.", "2. Wear shoes. If you fall:", "1. Lie still.", "2. Call for help."],
        ["0.1 | Light.", "0.2 | Wear shoes.", "If you fall:", "1.1 | Lie still.", "1.2 | Call for help."],
        id="a lead-in at the end of an item's line",
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
    pytest.param(
        ["Why? • Cold feet. • Old age. What helps? • Warm socks. • Rest."],
        ["Why?", "0.1 | Cold feet.", "0.2 | Old age.", "What helps?", "1.1 | Warm socks.", "1.2 | Rest."],
        id="a question ends the bullets of one line",
    ),
    pytest.param(
        ["Causes: • Cold feet • Tired legs Helpful drinks at night: • Warm milk • Water"],
        [
            "Causes:",
            "0.1 | Cold feet",
            "0.2 | Tired legs",
            "Helpful drinks at night:",
            "1.1 | Warm milk",
            "1.2 | Water",
        ],
        id="a lead-in ends the bullets of one line",
    ),
    pytest.param(
        ["Causes • Cold feet. • Tired legs. Treatment • Rest. • Heat."],
        ["Causes", "0.1 | Cold feet.", "0.2 | Tired legs.", "Treatment", "1.1 | Rest.", "1.2 | Heat."],
        id="a fragment ends bullets that have stops",
    ),
    pytest.param(
        ["Causes • Cold feet • Tired legs What you can do • Rest • Ask at the Mayo Clinic • Walk"],
        [
            "Causes",
            "0.1 | Cold feet",
            "0.2 | Tired legs",
            "What you can do",
            "1.1 | Rest",
            "1.2 | Ask at the Mayo Clinic",
            "1.3 | Walk",
        ],
        id="a section's title ends bullets that have none",
    ),
    pytest.param(
        ["1. Cold feet. 2. Smoking. Treatment 1. Rest. 2. Heat."],
        ["0.1 | Cold feet.", "0.2 | Smoking.", "Treatment", "1.1 | Rest.", "1.2 | Heat."],
        id="a fragment ends the numbers before others",
    ),
    pytest.param(
        ["Why?1.The feet are cold.2.The legs are tired.3.Old age."],
        ["Why?", "0.1 | The feet are cold.", "0.2 | The legs are tired.", "0.3 | Old age."],
        id="numbers that touch the sentence before",
    ),
    pytest.param(
        ["Why?(1)The feet are cold.(2)The legs are tired."],
        ["Why?", "0.1 | The feet are cold.", "0.2 | The legs are tired."],
        id="parentheses that touch both sides",
    ),
    pytest.param(
        ["Some found less.(1) Others found more.(2) All of 1.2.Then 2.1.Then at 8:1.Now healed."],
        ["Some found less.(1) Others found more.(2) All of 1.2.Then 2.1.Then at 8:1.Now healed."],
        id="citations, versions and times are no list",
    ),
    pytest.param(
        ["Asked by A. B. Hall, C. Hall and D. Hall. In stages 1, 2 and 3, all healed."],
        ["Asked by A. B. Hall, C. Hall and D. Hall. In stages 1, 2 and 3, all healed."],
        id="initials and numbers in a row are no list",
    ),
    pytest.param(
        ["Why: 1, cold feet; 2, tired legs."], ["Why:", "0.1 | cold feet;", "0.2 | tired legs."], id="commas"
    ),
    pytest.param(
        ["Why? A. Cold feet. B. Tired legs."],
        ["Why?", "0.1 | Cold feet.", "0.2 | Tired legs."],
        id="capitals",
    ),
    pytest.param(
        ["Why? A、Cold feet. B、Tired legs."],
        ["Why?", "0.1 | Cold feet.", "0.2 | Tired legs."],
        id="capitals with a Chinese comma",
    ),
    pytest.param(
        ["Why? A) Cold feet. B) Tired legs."],
        ["Why?", "0.1 | Cold feet.", "0.2 | Tired legs."],
        id="capitals with a parenthesis",
    ),
    pytest.param(
        ["Why? Cause one: cold feet. Cause two: tired legs."],
        ["Why?", "0.1 | cold feet.", "0.2 | tired legs."],
        id="numbers in words",
    ),
    pytest.param(
        ["Why? First: cold feet. Second: tired legs."],
        ["Why?", "0.1 | cold feet.", "0.2 | tired legs."],
        id="ordinals and colons",
    ),
    pytest.param(
        ["Reasons for cramps Reason 1: Cold feet. Reason 2: Tired legs."],
        ["Reasons for cramps", "0.1 | Cold feet.", "0.2 | Tired legs."],
        id="a marker behind a heading without a stop",
    ),
    pytest.param(
        ["The causes of cramps 1、Cold feet. 2、Tired legs."],
        ["The causes of cramps", "0.1 | Cold feet.", "0.2 | Tired legs."],
        id="a number behind a heading without a stop",
    ),
    pytest.param(
        [
            "Cramps pass. 1. Causes of cramps (1) Cold feet. (2) Tired legs. 2. Treatment of cramps (1) Rest. (2) Heat."
        ],
        [
            "Cramps pass.",
            "# Causes of cramps",
            "1.1 | Cold feet.",
            "1.2 | Tired legs.",
            "# Treatment of cramps",
            "2.1 | Rest.",
            "2.2 | Heat.",
        ],
        id="numbered titles with a list each are headings",
    ),
    pytest.param(
        ["Causes are: 1. Cold (a) cold feet; (b) wet feet. 2. Food (a) salt; (b) wine."],
        [
            "Causes are:",
            "0.1 | Cold",
            "1.1 | cold feet;",
            "1.2 | wet feet.",
            "0.2 | Food",
            "2.1 | salt;",
            "2.2 | wine.",
        ],
        id="numbered items that a lead-in announces stay items",
    ),
    pytest.param(
        ["1. What causes cramps? Cold feet do. 2. How are they treated? Rest. Drink water."],
        ["What causes cramps? Cold feet do.", "How are they treated? Rest. Drink water."],
        id="numbered questions and their answers are paragraphs",
    ),
    pytest.param(
        ["1. Are your feet cold? Wear socks.", "2. Are you tired? Sleep."],
        ["0.1 | Are your feet cold? Wear socks.", "0.2 | Are you tired? Sleep."],
        id="numbered questions that name an item each",
    ),
    pytest.param(
        [
            "1. cold",
            "2. heat",
            "Most of these pass by themselves in a day or two, and nobody need worry about them.",
        ],
        [
            "0.1 | cold",
            "0.2 | heat",
            "Most of these pass by themselves in a day or two, and nobody need worry about them.",
        ],
        id="the paragraph below a list of short items",
    ),
    pytest.param(
        ["Question: Why do my legs cramp at night?", "Answer: Cold feet may do it, and so may tired legs."],
        ["# Question: Why do my legs cramp at night?", "Answer: Cold feet may do it, and so may tired legs."],
        id="question and answer are no list",
    ),
    pytest.param(
        ["为什么?1、受凉.2、疲劳."], ["为什么?", "0.1 | 受凉.", "0.2 | 疲劳."], id="Latin stops in Chinese"
    ),
    pytest.param(
        ["病情描述：夜里腿抽筋，已经三天了。", "病情分析：多半是受凉，也可能是缺钙。"],
        ["病情描述：夜里腿抽筋，已经三天了。", "病情分析：多半是受凉，也可能是缺钙。"],
        id="question and answer in Chinese",
    ),
    pytest.param(
        ["一、原因", "1、受凉。", "2、缺钙。", "二、治疗", "1、热敷。", "2、休息。"],
        ["# 原因", "1.1 | 受凉。", "1.2 | 缺钙。", "# 治疗", "2.1 | 热敷。", "2.2 | 休息。"],
        id="numbered titles in Chinese",
    ),
    pytest.param(
        [
            "A sore heel may come from:",
            "Tight shoes",
            "Long standing",
            "Hard floors",
            "Our clinic opens at eight in the morning and nobody who walks in is ever sent home unseen.",
        ],
        [
            "A sore heel may come from:",
            "0.1 | Tight shoes",
            "0.2 | Long standing",
            "0.3 | Hard floors",
            "Our clinic opens at eight in the morning and nobody who walks in is ever sent home unseen.",
        ],
        id="the last line of a list that a colon announces is no heading of what follows",
    ),
    pytest.param(
        [
            "A sore heel may come from:",
            "Tight shoes",
            "Long standing",
            "Stretching the heel",
            "Two minutes of stretching on a stair, morning and evening, loosen what the night has made tight.",
        ],
        [
            "A sore heel may come from:",
            "0.1 | Tight shoes",
            "0.2 | Long standing",
            "# Stretching the heel",
            "Two minutes of stretching on a stair, morning and evening, loosen what the night has made tight.",
        ],
        id="a title whose word the next line takes up is one",
    ),
    pytest.param(
        [
            "CAUSES OF STYES",
            "Causes of styes",
            "1. BLOCKED GLAND",
            "1. Blocked gland",
            "Oil dries in it.",
            "2. OLD MAKE-UP",
            "2. Old make-up",
            "Germs live in it.",
        ],
        [
            "# Causes of styes",
            "0.1 Blocked gland| Blocked gland / Oil dries in it.",
            "0.2 Old make-up| Old make-up / Germs live in it.",
        ],
        id="titles printed twice, in capitals first",
    ),
    pytest.param(
        [
            "Two habits:",
            "1. Seating",
            "Backs suffer from seats such as:",
            "Bar stools",
            "Bean bags",
            "Deck chairs",
            "2. Lifting",
            "Bend your knees.",
        ],
        [
            "Two habits:",
            "0.1 Seating| Seating / Backs suffer from seats such as:",
            "1.1 | Bar stools",
            "1.2 | Bean bags",
            "1.3 | Deck chairs",
            "0.2 Lifting| Lifting / Bend your knees.",
        ],
        id="lines that a numbered item announces are a list in it",
    ),
    pytest.param(
        [
            "It shows early.Dry mouthYour spit runs out. It is thick.Dark urineThe kidneys save.Sore headA lack of water hurts."
        ],
        [
            "It shows early.",
            "0.1 Dry mouth| Dry mouthYour spit runs out. It is thick.",
            "0.2 Dark urine| Dark urineThe kidneys save.",
            "0.3 Sore head| Sore headA lack of water hurts.",
        ],
        id="titles that are glued to what they head",
    ),
]

CHINESE_MARKERS = [
    ("首先，", "其次，", "最后，"), ("⑴", "⑵", "⑶"), ("⒈", "⒉", "⒊"), ("·", "·", "·"), ("◆", "◆", "◆"),
    ("■", "■", "■"), ("★", "★", "★"), ("√", "√", "√"), ("原因一：", "原因二：", "原因三："),
    ("第一招：", "第二招：", "第三招："), ("步骤一：", "步骤二：", "步骤三："), ("第一：", "第二：", "第三："),
    ("一是", "二是", "三是"), ("其一，", "其二，", "其三，"), ("NO.1", "NO.2", "NO.3"), ("【1】", "【2】", "【3】"),
    ("A、", "B、", "C、"), ("1,", "2,", "3,"), ("Ⅰ、", "Ⅱ、", "Ⅲ、"), ("1：", "2：", "3："), ("第一种原因：", "第二种原因：", "第三种原因："),
]  # fmt: skip


@pytest.mark.parametrize("markers", CHINESE_MARKERS, ids=lambda markers: markers[0])
def test_chinese_markers_are_no_part_of_the_item(markers: tuple[str, str, str]) -> None:
    items = ["受凉，夜里容易抽筋。", "疲劳，走路太多。", "缺钙，少晒太阳。"]
    marked = [marker + item for marker, item in zip(markers, items, strict=True)]
    expected = [f"0.{position} | {item}" for position, item in enumerate(items, 1)]
    assert told("原因如下：" + "".join(marked)) == ["原因如下：", *expected]
    assert told("原因如下：", *marked)[1:] == expected


LINE_MARKERS = [
    ("§ ", "§ "), ("ü ", "ü "), ("ü ", "Ø "), ("\uf0b7 ", "\uf0b7 "), ("\uf0a7 ", "\uf0a7 "), ("o ", "o "), ("♦ ", "♦ "), ("¤ ", "¤ "), ("~ ", "~ "), ("+ ", "+ "),
    ("-- ", "-- "), ("** ", "** "), ("[1] ", "[2] "), ("1/ ", "2/ "), ("1.) ", "2.) "), ("·", "·"), ("►", "►"), ("-", "-"), ("*", "*"),
]  # fmt: skip


@pytest.mark.parametrize("markers", LINE_MARKERS, ids="".join)
def test_markers_that_count_line_after_line(markers: tuple[str, str]) -> None:
    first, second = markers
    assert told("Why:", first + "Cold feet", second + "Tired legs")[1:] == [
        "0.1 | Cold feet",
        "0.2 | Tired legs",
    ]


@pytest.mark.parametrize("marker", ["o ", "~ ", "+ ", "§ ", "-"])
def test_one_line_with_such_a_marker_is_no_list(marker: str) -> None:
    line = f"{marker}Cold feet cramp at night."
    assert told(line, "Tired legs cramp as well.") == [line, "Tired legs cramp as well."]


def test_the_lists_of_the_last_section_are_nested_like_the_others() -> None:
    lines = ["Causes are:", "A. Cold", "1. cold feet", "2. wet feet", "B. Food", "1. salt", "2. wine"]
    levels = [passage.level for passage in divide(blocks(*lines)) if passage.kind == "item"]
    assert levels == [1, 2, 2, 1, 2, 2]


def test_a_numbered_title_ranks_below_the_heading_above() -> None:
    lines = [
        Block("Causes", "h2"),
        "一、夜里",
        "1、受凉。",
        "2、缺钙。",
        "二、白天",
        "1、疲劳。",
        "2、久坐。",
    ]
    levels = [passage.level for passage in divide(blocks(*lines))]
    assert levels == [2, 3, 1, 1, 3, 1, 1]


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
     "一、", "二、", "。", " – ", "A. ", "B、", "1, ", "2, ", "Reason one: ", "首先，", "★", "What helps? ", "Treatment ", "mg", "i. ", "ii. ", " | "]
)  # fmt: skip
TAGS = st.sampled_from(
    [{"tag": "line"}, {"tag": "p"}, {"tag": "h2"}, {"tag": "h3"}, {"tag": "li", "list_id": 0, "list_tag": "ul", "depth": 1, "item": 1},
     {"tag": "li", "list_id": 1, "list_tag": "ol", "depth": 2, "item": 3}, {"tag": "tr", "list_id": 2, "list_tag": "table"},
     {"tag": "dt", "list_id": 3, "list_tag": "dl"}, {"tag": "dd", "list_id": 3, "list_tag": "dl"}, {"tag": "p", "bold": 4}]
)  # fmt: skip


@given(st.lists(st.tuples(st.lists(PIECES, max_size=12).map("".join), TAGS), max_size=12))
@example([(" – #1 1. #2 :  – 1. ", {"tag": "line"})])
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
        "1.A",
        "A. B. ",
        "• Cold Treatment: ",
        "• Cold. Rest ",
        "1. What? (1) a. (2) b. 2. ",
        "vitamin A, ",
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


def test_lines_with_bars_in_flattened_text_are_a_table() -> None:
    assert told("中暑的症状", "类型 | 表现", "轻度 | 头晕、口渴", "重度 | 昏迷、抽搐") == [
        "# 中暑的症状",
        "# 类型",
        "# 表现",
        "0.2 | 轻度",
        "1.2 | 头晕、口渴",
        "0.3 | 重度",
        "1.3 | 昏迷、抽搐",
    ]


def test_rows_that_begin_with_a_sections_title_are_sections() -> None:
    assert told("原因 | 天气太热。", "症状 | 头晕、口渴", "治疗方式 | 到阴凉的地方去") == [
        "# 原因",
        "0.1 | 天气太热。",
        "# 症状",
        "1.1 | 头晕、口渴",
        "# 治疗方式",
        "2.1 | 到阴凉的地方去",
    ]


def test_two_lines_with_bars_are_no_table() -> None:
    assert told("首页 | 医院", "新闻 | 健康") == ["首页 | 医院", "新闻 | 健康"]


def test_a_line_that_ends_in_a_sections_word_is_a_heading_above_shorter_lines() -> None:
    assert told("蕁麻疹的護理", "1. 衣物", "2. 飲食")[0] == "# 蕁麻疹的護理"


def test_what_leads_in_to_a_list_belongs_to_no_numbered_title() -> None:
    assert told(
        "1. 看症状",
        "每个孩子拉肚子的样子不一样，要留意下面几种情况再来处理：",
        "病毒性：大便像水，没有臭味，低烧。",
        "细菌性：大便里有血丝，发高烧。",
        "2. 看脱水",
        "脱水有轻有重，轻的和重的很不一样，可以按下面几条判断：",
        "轻度：嘴唇发干，小便比平时少。",
        "重度：手脚冰凉，没有精神，没有小便。",
    ) == [
        "# 看症状",
        "每个孩子拉肚子的样子不一样，要留意下面几种情况再来处理：",
        "1.1 病毒性| 病毒性：大便像水，没有臭味，低烧。",
        "1.2 细菌性| 细菌性：大便里有血丝，发高烧。",
        "# 看脱水",
        "脱水有轻有重，轻的和重的很不一样，可以按下面几条判断：",
        "2.1 轻度| 轻度：嘴唇发干，小便比平时少。",
        "2.2 重度| 重度：手脚冰凉，没有精神，没有小便。",
    ]
