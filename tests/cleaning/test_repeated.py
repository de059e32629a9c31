"""Lines that stand on many pages of a site: found on synthetic sites, and no article's item taken for one."""

import random

import pytest

from cleaning.blocks import Block
from cleaning.boilerplate import Reason, Verdict
from cleaning.repeated import MIN_PAGES, MIN_SHARE, RepeatedLines

SLOGANS = [
    "Your family's health has been our concern since 1998, and will be tomorrow.",
    "Questions? Our nurses answer every weekday between eight and six.",
    "Write to us if you find a mistake; we read every letter.",
]
SECTION = "Children grow at their own pace: the growth charts in this section are a guide, not a verdict."
ITEMS = [
    "Drink enough water.", "Rest for a day or two.", "See a doctor if it gets worse.", "Wash your hands often.", "Eat more fruit and vegetables.",
    "Sleep eight hours.", "Do not smoke.", "Go for a walk every day.", "Keep the room at eighteen degrees.", "Avoid alcohol in the evening.",
]  # fmt: skip
HEADINGS = ["Causes", "Symptoms", "What helps", "When to see a doctor"]
WORDS = [
    "skin",
    "nose",
    "ear",
    "foot",
    "hand",
    "throat",
    "back",
    "knee",
    "eye",
    "tooth",
    "hair",
    "nail",
    "rest",
    "warm",
    "cold",
    "water",
    "salt",
    "light",
    "air",
    "bed",
    "child",
    "parent",
    "night",
    "morning",
    "week",
]


def site(pages: int, seed: int) -> list[tuple[list[str], set[str]]]:
    """Pages as lines, and which of those are the site's own."""
    draw = random.Random(seed)
    made = []
    for number in range(pages):
        chrome = list(SLOGANS)
        if number % 3 == 0:
            chrome.append(SECTION)
        chrome.append(f"This page was read {draw.randrange(10, 9999)} times.")
        article = [
            " ".join(draw.choices(WORDS, k=draw.randrange(12, 30))).capitalize() + "."
            for _ in range(draw.randrange(3, 9))
        ]
        article += draw.sample(ITEMS, draw.randrange(0, 2))  # advice that many articles share
        draw.shuffle(article)
        made.append(([chrome[0], *article, *chrome[1:]], set(chrome)))
    return made


@pytest.mark.parametrize("pages", [12, 40, 200])
def test_a_sites_lines_are_told_from_its_articles(pages: int) -> None:
    right = wrong = missed = 0
    for seed in range(5):
        made = site(pages, seed)
        repeated = RepeatedLines()
        for lines, _ in made:
            repeated.add(lines)
        for lines, chrome in made:
            for line in lines:
                held = repeated.holds(line)
                right += held and line in chrome
                wrong += held and line not in chrome
                missed += not held and line in chrome
    assert wrong == 0
    assert right / (right + missed) >= 0.99


def test_headings_and_items_that_articles_share_are_not_the_sites() -> None:
    repeated = RepeatedLines()
    for number in range(40):
        parts = [Block(heading, "h2") for heading in HEADINGS] + [Block("Common causes are:", "p")]
        symptoms = [Block("Fever", "li")] if number % 3 == 0 else []
        repeated.add([*parts, *symptoms, Block("More from our nurses", "h3"), Block(SLOGANS[0], "p")])
    page = [
        Block("Causes", "h2"), Block("Common causes are:", "p"), Block("Dry air", "li"), Block("Fever", "li"),
        Block("What helps", "h2"), Block("A bowl of water on the heater.", "p"), Block("More from our nurses", "h3"), Block(SLOGANS[0], "p"),
    ]  # fmt: skip
    reasons = [verdict.reason for verdict in repeated.mark([Verdict(block) for block in page])]
    assert reasons == [None] * 6 + [Reason.REPEATED] * 2


def test_a_line_counts_once_a_page() -> None:
    repeated = RepeatedLines()
    repeated.add([SLOGANS[0]] * 50)
    assert not repeated.holds(SLOGANS[0])


def test_a_small_site_is_left_alone() -> None:
    repeated = RepeatedLines()
    for _ in range(MIN_PAGES - 1):
        repeated.add(SLOGANS)
    assert not repeated.holds(SLOGANS[0])
    repeated.add(SLOGANS)
    assert repeated.holds(SLOGANS[0])


def test_digits_do_not_tell_lines_apart() -> None:
    repeated = RepeatedLines()
    for number in range(10):
        repeated.add([f"© {2010 + number} Good Health, read by {number * 37} people"])
    assert repeated.holds("© 1999 Good Health, read by 5 people")
    assert not repeated.holds("12 345")


def test_shards_add_up_to_the_whole_in_any_order() -> None:
    made = [lines for lines, _ in site(60, 1)]
    whole = RepeatedLines()
    for lines in made:
        whole.add(lines)
    shards = []
    for start in range(0, 60, 7):
        shard = RepeatedLines()
        for lines in made[start : start + 7]:
            shard.add(lines)
        shards.append(RepeatedLines.from_json(shard.to_json()))
    for order in (shards, shards[::-1]):
        merged = RepeatedLines()
        for shard in order:
            merged.merge(shard)
        assert (merged.pages, merged.counts) == (whole.pages, whole.counts)
        assert merged.to_json() == whole.to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 1, "pages": 3}',
        "null",
        '{"version": 1, "pages": null, "lines": {}}',
    ],
)
def test_a_record_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        RepeatedLines.from_json(text)


def test_marks_leave_earlier_reasons_alone() -> None:
    repeated = RepeatedLines()
    for _ in range(10):
        repeated.add(SLOGANS)
    verdicts = repeated.mark(
        [
            Verdict(Block(SLOGANS[0], "p"), Reason.LEGAL),
            Verdict(Block(SLOGANS[1], "p")),
            Verdict(Block("Rest.", "p")),
        ]
    )
    assert [verdict.reason for verdict in verdicts] == [Reason.LEGAL, Reason.REPEATED, None]


def test_the_threshold_lies_between_shared_items_and_templates() -> None:
    shared = max(sum(item in lines for lines, _ in site(200, 3)) / 200 for item in ITEMS)
    section = sum(SECTION in lines for lines, _ in site(200, 3)) / 200
    assert shared < MIN_SHARE / 2
    assert section > MIN_SHARE * 1.25
