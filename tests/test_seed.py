"""The page that started it all comes out right, as text and wrapped in a site's page."""

import html
from pathlib import Path
from typing import Any

import pytest

from .command import SEED, consilia, records

pytestmark = pytest.mark.skipif(
    not SEED.exists(), reason="the seed page is not on this machine (CONSILIA_SHARED)"
)

CAUSES = ["Fatigue", "Cold", "Hypocalcemia"]
ADVICE = [
    "Insufficient minerals",
    "Avoid eating raw",
    "If you are prone",
    "Keep your calves",
    "Soak your feet",
    "Excessive drooping",
    "There are reports",
]


def wrapped() -> str:
    """The seed in a page with menus, a sidebar, a comment form and a footer around it."""
    article, *tail = SEED.read_text().splitlines()
    lines = "<br>\n".join(html.escape(line) for line in tail)
    return f"""<!DOCTYPE html><html><head><title>Leg cramps in children - Children's Health Network</title><meta charset="utf-8">
<style>.top a {{color: red}}</style><script>var ads = "1. Fatigue. 2. Cold.";</script></head><body>
<div class="top"><ul><li><a href="/">Front page</a></li><li><a href="/baby/">Baby</a></li><li><a href="/food/">Food</a></li>
<li><a href="/illness/">Illness</a></li><li><a href="/login">Log in</a></li></ul></div>
<div class="path">Current location: <a href="/">front page</a> &gt;&gt; <a href="/illness/">illness</a></div>
<table width="960"><tr><td class="left"><h3>Hot topics</h3><ul><li><a href="/a/1.html">Fever at night</a></li><li><a href="/a/2.html">Cough</a></li>
<li><a href="/a/3.html">Teething</a></li></ul></td><td class="main"><h1>Leg cramps in children</h1><p>{html.escape(article)}</p>
<div class="near">{lines}</div></td></tr></table>
<form action="/comment"><h4>Leave a comment</h4><input name="nick" value=""><textarea name="words"></textarea><input type="submit" value="Send"></form>
<div class="foot"><a href="/about">About us</a> | <a href="/contact">Contact</a> | <a href="/map">Site map</a><p>Copyright Children's Health Network. All rights reserved.</p></div>
</body></html>"""


@pytest.fixture(params=["text", "html"])
def seed(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[dict[str, Any], str]:
    """What the command says of the seed, and the raw input."""
    raw = SEED.read_text() if request.param == "text" else wrapped()
    return records("-", cwd=tmp_path, text=raw)[0], raw


def test_topic_and_population(seed: tuple[dict[str, Any], str]) -> None:
    assert (seed[0]["topic"], seed[0]["population"]) == ("leg cramps", "children")


def test_three_causes_with_their_labels(seed: tuple[dict[str, Any], str]) -> None:
    assert [cause["label"] for cause in seed[0]["causes"]] == CAUSES


def test_seven_pieces_of_advice_in_order_the_last_one_hedged(seed: tuple[dict[str, Any], str]) -> None:
    advice = seed[0]["advice"]
    assert [
        item["evidence"]["exact"].startswith(start) for item, start in zip(advice, ADVICE, strict=True)
    ] == [True] * 7
    assert [item["hedge"] for item in advice] == [False] * 6 + [True]


def test_every_evidence_stands_in_the_text(seed: tuple[dict[str, Any], str]) -> None:
    record = seed[0]
    findings = [
        *record["causes"],
        *record["advice"],
        *record["symptoms"],
        *record["risk_factors"],
        *record["complications"],
    ]
    for finding in findings:
        evidence = finding["evidence"]
        assert record["text"][evidence["start"] : evidence["end"]] == evidence["exact"]
    assert not any("|" in finding["evidence"]["exact"] for finding in findings)
    assert not record["text"].endswith("|")


def test_neighbours_and_teasers_are_removed_with_reason_and_place(seed: tuple[dict[str, Any], str]) -> None:
    record, raw = seed
    by_reason: dict[str, list[str]] = {}
    for block in record["removed"]:
        by_reason.setdefault(block["reason"], []).append(block["text"])
    lines = SEED.read_text().splitlines()
    assert by_reason["points at the next or the previous article"] == lines[1:3]
    assert by_reason["cut off with an ellipsis"] == lines[3:]
    for block in record["removed"]:
        if block["text"] in lines:
            assert html.unescape(raw[block["start"] : block["end"]]) == block["text"]
    assert not any(line in record["text"] for line in lines[1:])


def test_show_gives_every_line_its_reason_and_every_finding_its_place(tmp_path: Path) -> None:
    shown = consilia("show", SEED, cwd=tmp_path).stdout
    assert shown.count("cut off with an ellipsis") == 15
    assert shown.count("points at the next or the previous article") == 2
    assert shown.count("▸ cause") == 3
    assert "▸ cause Fatigue" in shown
