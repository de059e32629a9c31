"""A site that dies, halves or changes its layout overnight does not slip into the dataset."""

import pytest

from crawler.gates import failed_gates
from crawler.runs import SiteCounts
from crawler.site import Gate

GOOD = SiteCounts(
    fetched=90,
    new=10,
    changed=10,
    unchanged=80,
    statuses={"200": 20, "304": 80},
    articles=80,
    findings={"cause": 400},
    mean_characters=2000,
)

CASES = [
    pytest.param(GOOD, Gate(), [GOOD] * 5, [], id="as ever"),
    pytest.param(GOOD, Gate(), [], [], id="the first run"),
    pytest.param(
        SiteCounts(),
        Gate(),
        [],
        ["articles: none at all", "pages: 0, the profile asks for 1", "articles: 0, the profile asks for 1"],
        id="dead",
    ),
    pytest.param(
        SiteCounts(
            new=100, statuses={"200": 100}, articles=30, findings={"cause": 150}, mean_characters=2000
        ),
        Gate(),
        [GOOD] * 3,
        ["articles: 30, the last 3 runs had 80", "extraction rate: 0.30, the last 3 runs had 0.80"],
        id="most pages stopped being articles",
    ),
    pytest.param(
        SiteCounts(new=100, statuses={"200": 100}, articles=80, findings={"cause": 80}, mean_characters=300),
        Gate(),
        [GOOD] * 3,
        ["mean characters: 300, the last 3 runs had 2000", "findings per article: 1, the last 3 runs had 5"],
        id="the layout changed",
    ),
    pytest.param(
        SiteCounts(
            new=60,
            statuses={"200": 60, "503": 40},
            articles=60,
            findings={"cause": 300},
            mean_characters=2000,
        ),
        Gate(pages=70, error_share=0.25),
        [],
        ["pages: 60, the profile asks for 70", "4xx and 5xx: 40% of the answers, the profile allows 25%"],
        id="the profile's own bounds",
    ),
    pytest.param(
        SiteCounts(new=20, statuses={"200": 20}, articles=20, findings={"cause": 100}, mean_characters=2000),
        Gate(),
        [GOOD] * 2,
        [],
        id="too little past",
    ),
]


@pytest.mark.parametrize(("counts", "gate", "history", "failed"), CASES)
def test_gates(counts: SiteCounts, gate: Gate, history: list[SiteCounts], failed: list[str]) -> None:
    assert failed_gates(gate, counts, history) == failed
