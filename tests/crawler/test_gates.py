"""A site that dies, halves or changes its layout overnight does not slip into the dataset."""

from dataclasses import replace

import pytest

from crawler.gates import Rewritten, broken_bounds, disfigured, fallen
from crawler.runs import SiteCounts
from crawler.site import Gate

GOOD = SiteCounts(
    fetched=20,
    new=2,
    changed=3,
    unchanged=15,
    statuses={"200": 20, "304": 15},
    again=18,
    pages=100,
    articles=80,
    findings={"cause": 400},
    mean_characters=2000,
)
"""A night of which only a fifth of the site was asked for."""

BOUNDS = [
    pytest.param(GOOD, Gate(), [], id="as ever"),
    pytest.param(
        SiteCounts(),
        Gate(),
        [
            "articles: none at all",
            "answers: not one page, sitemap or feed was had",
            "pages: 0, the profile asks for 1",
        ],
        id="a first run that got nothing",
    ),
    pytest.param(
        replace(GOOD, statuses={"403": 40}, again=0),
        Gate(),
        [
            "answers: not one page, sitemap or feed was had",
            "4xx and 5xx: 100% of the answers, the profile allows 30%",
        ],
        id="shut out, the articles of the nights before still there",
    ),
    pytest.param(
        replace(GOOD, new=0, again=4, missed=4, statuses={"200": 5}),
        Gate(),
        ["answers: not one page was had"],
        id="a sitemap of pages that are empty",
    ),
    pytest.param(
        replace(GOOD, again=10, missed=4),
        Gate(),
        ["known pages: 4 of 10 could not be had again, the profile allows 30%"],
        id="four of ten pages are missed",
    ),
    pytest.param(replace(GOOD, again=4, missed=2), Gate(), [], id="two pages say little"),
    pytest.param(replace(GOOD, statuses={"200": 60, "404": 30}), Gate(error_share=0.4), [], id="dead links"),
    pytest.param(
        replace(GOOD, statuses={"200": 60, "503": 40}),
        Gate(pages=120, articles=90, extraction_rate=0.9, mean_text=2500, findings_per_article=6),
        [
            "pages: 100, the profile asks for 120",
            "articles: 80, the profile asks for 90",
            "extraction rate: 0.80, the profile asks for 0.90",
            "mean characters: 2000, the profile asks for 2500",
            "findings per article: 5, the profile asks for 6",
            "4xx and 5xx: 40% of the answers, the profile allows 30%",
        ],
        id="every bound of the profile",
    ),
]


@pytest.mark.parametrize(("counts", "gate", "failed"), BOUNDS)
def test_bounds_of_the_profile(counts: SiteCounts, gate: Gate, failed: list[str]) -> None:
    assert broken_bounds(gate, counts) == failed


PASTS = [
    pytest.param(GOOD, [GOOD] * 5, [], id="as ever"),
    pytest.param(replace(GOOD, pages=1, articles=1), [], [], id="the first run"),
    pytest.param(
        replace(GOOD, pages=50, articles=40, findings={"cause": 200}),
        [GOOD] * 7,
        ["pages: 50, the last 7 good runs had 100", "articles: 40, the last 7 good runs had 80"],
        id="half of the site",
    ),
    pytest.param(
        replace(GOOD, articles=40, findings={"cause": 200}),
        [GOOD],
        ["articles: 40, the last good run had 80", "extraction rate: 0.40, the last good run had 0.80"],
        id="pages that stopped being articles",
    ),
    pytest.param(
        replace(GOOD, mean_characters=300, findings={"cause": 80}),
        [GOOD] * 2,
        [
            "mean characters: 300, the last 2 good runs had 2000",
            "findings per article: 1, the last 2 good runs had 5",
        ],
        id="texts that shrank",
    ),
    pytest.param(
        replace(GOOD, pages=71, articles=57, findings={"cause": 280}),
        [GOOD, replace(GOOD, pages=10, articles=8), GOOD],
        [],
        id="a little less, one bad night among the past",
    ),
]


@pytest.mark.parametrize(("counts", "history", "failed"), PASTS)
def test_the_past(counts: SiteCounts, history: list[SiteCounts], failed: list[str]) -> None:
    assert fallen(Gate(), counts, history) == failed


CHANGES = [
    pytest.param(Rewritten(), [], id="nothing changed"),
    pytest.param(Rewritten(10, 10, 20_000, 21_000, 60, 55), [], id="edited"),
    pytest.param(Rewritten(4, 0), [], id="too few to tell"),
    pytest.param(
        Rewritten(10, 6, 12_000, 12_000, 36, 36),
        ["changed articles: 6 of 10 are articles still"],
        id="lost",
    ),
    pytest.param(
        Rewritten(10, 10, 20_000, 5_000, 60, 12),
        [
            "changed articles: 500 characters on average, 2000 before",
            "changed articles: 1.20 findings on average, 6 before",
        ],
        id="cut short",
    ),
    pytest.param(
        Rewritten(10, 10, 20_000, 31_000, 60, 60),
        ["changed articles: 3100 characters on average, 2000 before"],
        id="full of the site's own words",
    ),
    pytest.param(Rewritten(6, 6, 6_000, 6_000, 0, 0), [], id="articles without findings"),
]


@pytest.mark.parametrize(("changed", "failed"), CHANGES)
def test_pages_that_changed(changed: Rewritten, failed: list[str]) -> None:
    assert disfigured(Gate(), changed) == failed


def test_a_profile_may_let_everything_pass_but_nothing_at_all() -> None:
    loose = Gate(pages=0, articles=0, error_share=1, drop=1)
    assert fallen(loose, replace(GOOD, pages=1, articles=1, mean_characters=1), [GOOD] * 7) == []
    assert disfigured(loose, Rewritten(10, 0)) == []
    assert broken_bounds(loose, SiteCounts()) == [
        "articles: none at all",
        "answers: not one page, sitemap or feed was had",
    ]
