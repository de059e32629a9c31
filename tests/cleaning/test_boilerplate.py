"""Judging blocks: pages of our own, reasons, confidence."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from cleaning import main_text
from cleaning.blocks import lay_out
from cleaning.boilerplate import Judgement, Reason, judge, read_frame
from cleaning.features import CUES, NAMES, Frame, cue_of, tabulate

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*/page.html"))


def judged(html: str) -> Judgement:
    tree = LexborHTMLParser(html)
    return judge(lay_out(tree), read_frame(tree))


def lines(file: Path) -> list[str]:
    return [line for line in file.read_text("utf-8").splitlines() if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_pages_of_our_own_keep_what_is_theirs(page: Path) -> None:
    text = main_text(page.read_text("utf-8"))
    assert [line for line in lines(page.with_name("kept.txt")) if line not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_pages_of_our_own_lose_what_is_not(page: Path) -> None:
    text = main_text(page.read_text("utf-8"))
    known = page.with_name("known_failures.txt")
    still = [line for line in lines(page.with_name("dropped.txt")) if line in text]
    assert still == (lines(known) if known.exists() else [])


def test_there_are_pages_of_our_own() -> None:
    assert len(PAGES) >= 11


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_every_dropped_block_has_its_reason(page: Path) -> None:
    html = page.read_text("utf-8")
    judgement = judged(html)
    verdicts = judgement.verdicts()
    assert "\n".join(verdict.block.text for verdict in verdicts if verdict.reason is None) == judgement.text()
    assert all(0.5 <= verdict.confidence <= 1 for verdict in verdicts)
    assert 0 <= judgement.confidence <= 1.0001


PROSE = "<p>" + "The knee is the largest joint of the body, and it carries us all day long. " * 6 + "</p>"
REASONS = [
    pytest.param(
        "<nav><a href=/>Home</a> <a href=/x>News</a></nav>", "Home News", Reason.NAVIGATION, id="navigation"
    ),
    pytest.param(
        "<footer>© 2020 Example. All rights reserved.</footer>",
        "© 2020 Example. All rights reserved.",
        Reason.LEGAL,
        id="legal",
    ),
    pytest.param(
        "<div class=comments><p>Nice, thank you!</p></div>", "Nice, thank you!", Reason.COMMENT, id="comment"
    ),
    pytest.param(
        "<div class=related><a href=x>Ten tips for the hip</a></div>",
        "Ten tips for the hip",
        Reason.RELATED,
        id="related",
    ),
    pytest.param("<div class=social-share><a href=x>Tweet</a></div>", "Tweet", Reason.SHARE, id="share"),
]


@pytest.mark.parametrize(("html", "text", "reason"), REASONS)
def test_the_reason_is_the_most_particular(html: str, text: str, reason: Reason) -> None:
    page = f"<html><head><title>Knees</title></head><body><h1>Knees</h1>{PROSE * 4}{html}</body></html>"
    found = {verdict.block.text: verdict.reason for verdict in judged(page).verdicts()}
    assert found[text] == reason


PANELS = [
    ("Symptoms", "<ul><li>Pain on the stairs<li>A stiff knee</ul>"),
    ("Causes", "<ul><li>Wear<li>An old injury</ul>"),
    ("Pain relief", "<p>Ice helps for a while.</p>"),
]
SWITCHES = [
    pytest.param("<h3><button aria-expanded=false>{}</button></h3><div>{}</div>", id="button in a heading"),
    pytest.param("<button class=accordion>{}</button><div>{}</div>", id="buttons of a kind"),
    pytest.param("<div class=item><div role=button>{}</div><div>{}</div></div>", id="role of a button"),
    pytest.param("<details><summary>{}</summary><div>{}</div></details>", id="summary"),
    pytest.param("<h4><a role=button href=#c>{}</a></h4><div>{}</div>", id="link that is a button"),
]


@pytest.mark.parametrize("panel", SWITCHES)
def test_headings_to_press_are_kept_with_what_they_open(panel: str) -> None:
    page = f"<html><head><title>Knees</title></head><body><main><h1>Knees</h1>{PROSE}{{}}{PROSE}</main></body></html>"
    kept = judged(page.format("".join(panel.format(*texts) for texts in PANELS))).text().split("\n")
    assert [heading for heading, _ in PANELS if heading not in kept] == []


def test_buttons_that_open_nothing_of_the_article_are_dropped() -> None:
    buttons = "".join(f"<button class=b>{text}</button>" for text in ("Menu", "Search", "Share", "Listen"))
    html = f"<html><head><title>Knees</title></head><body><main><h1>Knees</h1>{buttons}{PROSE * 4}<button class=b>Show more</button></main></body></html>"
    assert set(judged(html).text().split("\n")).isdisjoint({"Menu", "Search", "Share", "Listen", "Show more"})


LISTS = [
    pytest.param(
        "<p>Causes of a sore knee include:</p><ul><li><a href=a>Gout</a><li><a href=b>Bursitis</a><li><a href=c>A torn cartilage</a></ul>",
        ["Gout", "Bursitis", "A torn cartilage"],
        id="linked items that a line announces",
    ),
    pytest.param(
        "<div class=cta-box><b>Call your doctor if:</b><ul><li>the knee is hot and red<li>you have a fever</ul></div>",
        ["Call your doctor if:", "the knee is hot and red", "you have a fever"],
        id="a call to action that leads nowhere",
    ),
]


@pytest.mark.parametrize(("html", "wanted"), LISTS)
def test_lists_of_the_article_are_kept_whole(html: str, wanted: list[str]) -> None:
    page = f"<html><head><title>Knees</title></head><body><h1>Knees</h1>{PROSE}{html}{PROSE}</body></html>"
    kept = judged(page).text().split("\n")
    assert [text for text in wanted if text not in kept] == []


def test_the_heading_of_a_kept_list_is_kept() -> None:
    prose = "<p>The knee is the largest joint of the body, and it carries us all day long.</p>"
    text = judged(
        f"<html><head><title>Knees</title></head><body><h1>Knees</h1>{prose}<h4>Home care</h4><ul><li>Rest the knee."
        "<li>Put ice on it.</ul><p>See a doctor if the knee is hot.</p></body></html>"
    ).text()
    assert "Home care\nRest the knee." in text


OTHERS = [
    pytest.param(
        "<p>Related articles:</p><ul><li><a href=a>Ten tips for the hip</a><li><a href=b>Ankles and how they sprain</a></ul>",
        "Ten tips for the hip",
        id="related articles",
    ),
    pytest.param(
        "<div class=cta-box><p>Our clinic can see you this week.</p><a href=/book>Book now</a></div>",
        "Our clinic can see you this week.",
        id="a call to action",
    ),
    pytest.param(
        f"{PROSE * 3}<div class=patient-testimonials><p>The nurses are kind, and the doctor takes her time with every one of my sons. They told us how to ice a knee.</p></div>",
        "The nurses are kind",
        id="praise",
    ),
]


@pytest.mark.parametrize(("html", "unwanted"), OTHERS)
def test_lists_and_boxes_of_the_site_are_dropped(html: str, unwanted: str) -> None:
    page = f"<html><head><title>Knees</title></head><body><h1>Knees</h1>{PROSE}{html}{PROSE}</body></html>"
    assert unwanted not in judged(page).text()


CUE_LINES = [
    pytest.param("Related articles", "related", id="two words"),
    pytest.param("» See also: knees", "related", id="after a mark"),
    pytest.param("Tags: knee, hip", "tags", id="with a colon"),
    pytest.param("相关文章推荐", "related", id="without spaces"),
    pytest.param("اقرأ أيضا", "related", id="Arabic"),
    pytest.param("Up next: the hip", "related", id="two words that always stand together"),
    pytest.param("Your email address will not be published", "comment", id="seven words"),
    pytest.param("The knee is a joint", "", id="none"),
    pytest.param("•", "", id="a mark alone"),
]


@pytest.mark.parametrize(("line", "cue"), CUE_LINES)
def test_cues_are_found_at_the_start(line: str, cue: str) -> None:
    found = cue_of(line)
    assert (CUES[found] if found >= 0 else "") == cue


def test_every_phrase_is_found() -> None:
    cues = tomllib.loads((files("cleaning") / "models" / "cues.toml").read_text("utf-8"))
    groups = {  # the first that names it
        phrase.strip(): name
        for name, text in reversed(cues.items())
        for line in text.strip().splitlines()
        for phrase in line.split("|")
    }
    assert {phrase: CUES[cue_of(phrase)] for phrase in groups} == groups


def test_there_is_a_row_for_every_feature() -> None:
    html = "<h1>T</h1>" + PROSE * 3 + "<ul><li><a href=x>y</a><li>z</ul><table><tr><td>1<td>2</table>"
    table = tabulate(lay_out(LexborHTMLParser(html)), Frame("T", "The knee is the largest joint"))
    assert table.values.shape[0] == len(NAMES) == len(set(NAMES))
    assert table.row("tag h1")[0] == 1
    assert table.row("tag li").sum() == 2
    assert table.row("place")[0] == 0
    assert (table.values == table.values).all(), "no feature is nan"


def test_stated_bodies_are_read_from_json() -> None:
    html = '<script type="application/ld+json">[{"@graph":[{"articleBody":"Short."},{"articleBody":"The longer <b>body</b>."}]}]</script><p>x'
    tree = LexborHTMLParser(html)
    assert " ".join(read_frame(tree).body.split()) == "The longer body ."


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 100_000 + "articleBody", '{"articleBody": 3}', '"articleBody"'],
    ids=["cut", "deep", "number", "string"],
)
def test_json_that_says_nothing_is_passed_over(text: str) -> None:
    html = f'<script type="application/ld+json">{text}</script><!-- articleBody --><p>x'
    tree = LexborHTMLParser(html)
    assert read_frame(tree).body == ""
