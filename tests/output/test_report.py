"""The report and the evidence pages, read by a real browser."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from output.dataset.publish import publish
from output.dataset.run import SiteCounts
from output.dataset.shard import write_shard
from output.dataset.version import Version
from output.findings import Finding, Role
from output.report import write_pages, write_report
from output.report.pages import lines_of, marks_of, page_name, script_json, web_address

from .browser import axe_script, chromium
from .samples import FINISHED, SUBJECT, TEXT, a_page, a_run, an_article, refused, rows_of, sentences

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{ 7*7 }}"
)
RIGHT_TO_LEFT = "safe \u202egnp.exe then back"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, the second with changes and hostile articles; report and pages of it."""
    root = tmp_path_factory.mktemp("report")
    first = write_shard(
        [rows_of(), rows_of("https://demo.test/old", sentences(30, 5)), refused("https://demo.test/login")],
        root / "p1",
        "s",
    )
    publish([first], root / "ds", a_run(), formats=())
    evil = TEXT.replace("Cold feet", HOSTILE) + "\n" + RIGHT_TO_LEFT + "\n" + "x" * 1_000_000
    pages = [
        rows_of(
            "https://demo.test/evil", evil, run_id="run-0002", title=HOSTILE, author=HOSTILE, license=HOSTILE
        ),
        rows_of("javascript:document.title='owned'", sentences(40, 9), run_id="run-0002"),
        refused("https://demo.test/" + HOSTILE, run_id="run-0002"),
        *(
            rows_of(
                f"https://big.test/{n}",
                f"{TEXT}\n{sentences(12, n + 50)}",
                site="big",
                run_id="run-0002",
                title=f"Story {n} of many",
            )
            for n in range(260)
        ),
    ]
    second = write_shard(pages, root / "p2", "s")
    run = a_run("run-0002", FINISHED + timedelta(days=1), demo=SiteCounts(3, 1), big=SiteCounts(260, 0, 2))
    version = publish([second], root / "ds", run, gone={"https://demo.test/old": "410"}, formats=())
    assert write_pages(version, root / "pages") == 264
    write_report(version, root / "report.html", pages="pages/")
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab that fails the test on any script error, blocked script or request that leaves the disk."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url)
    )
    yield page
    page.close()
    assert trouble == []


def _version(root: Path) -> Version:
    return Version(max((root / "ds" / "versions").iterdir()))


def _page_of(root: Path, url: str) -> str:
    row = next(row for row in _version(root).rows("articles") if row["url"] == url)
    return (root / "pages" / page_name(row["article_id"])).as_uri()


def test_the_report_is_one_file_that_loads_nothing(made: Path, tab: Any) -> None:
    tab.goto((made / "report.html").as_uri())
    assert tab.title() == "Report of version 2026-11-23T050000Z"
    assert tab.locator("h2").all_inner_texts()[0] == "From pages to findings"
    assert "All checks passed" in tab.locator(".banner").first.inner_text()
    row = tab.locator("tr", has_text="pages fetched in the run")
    assert row.locator("td.number").inner_text() == "263"
    assert tab.locator("figure svg").count() == 3
    described = json.loads(tab.locator('script[type="application/ld+json"]').inner_text())
    assert described["name"] == "health-articles"
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", (made / "report.html").read_text("utf-8"))


def test_a_topic_is_found_by_one_of_its_causes(made: Path, tab: Any) -> None:
    tab.goto((made / "report.html").as_uri())
    tab.fill("#topic-filter", "tired")
    assert tab.locator("#topics > details:visible").count() == 1
    tab.fill("#topic-filter", "measles")
    assert tab.locator("#topics > details:visible").count() == 0
    assert tab.locator("#topic-count").inner_text() == "0 of 1 topics"


def test_a_claim_leads_to_the_words_that_make_it(made: Path, tab: Any) -> None:
    tab.goto((made / "report.html").as_uri())
    tab.click("#topics > details > summary")
    claim = tab.locator("#topics li", has_text="Tired muscles")
    # 260 of one site, one of the other: the hostile page is nearly the same text and counts with it.
    assert "cause, 261 articles of 2 sites" in claim.inner_text()
    claim.locator("a").first.click()
    assert tab.url.endswith("#m1")
    assert (
        tab.locator("#m1 + mark").inner_text()
        == "Tired muscles. A long walk leaves the calf short of energy."
    )


def test_failed_gates_are_told_first(made: Path, tab: Any, tmp_path: Path) -> None:
    run = next(row for row in _version(made).rows("runs") if row["run_id"] == "run-0002")
    failed = {
        **run,
        "run_id": "run-0003",
        "started_at": FINISHED + timedelta(days=2),
        "sites": [{**run["sites"][0], "failed_gates": ["articles: 2, the last 5 runs had 200"]}],
    }
    write_report(_version(made), tmp_path / "report.html", history=[failed])
    tab.goto((tmp_path / "report.html").as_uri())
    banner = tab.get_by_role("alert").inner_text()
    assert "1 quality gate failed in run run-0003" in banner
    assert "articles: 2, the last 5 runs had 200" in banner
    assert "not published" in banner
    assert "All checks passed" not in tab.inner_text("main")


def test_gates_that_were_waved_through_are_told(made: Path, tab: Any, tmp_path: Path) -> None:
    run = next(row for row in _version(made).rows("runs") if row["run_id"] == "run-0002")
    waved = {**run["sites"][0], "accepted_gates": ["pages: 7, the last good run had 13"]}
    write_report(_version(made), tmp_path / "report.html", history=[{**run, "sites": [waved]}])
    tab.goto((tmp_path / "report.html").as_uri())
    banner = tab.get_by_role("alert").inner_text()
    assert "1 quality gate failed in run run-0002 and was accepted (--accept)" in banner
    assert "pages: 7, the last good run had 13" in banner
    assert "gate accepted" in tab.inner_text("#sites + .wide")
    assert "No quality gate failed" not in tab.inner_text("main")


def test_findings_are_marked_where_they_stand(made: Path, tab: Any) -> None:
    tab.goto(_page_of(made, "https://demo.test/cramps"))
    assert tab.locator("mark.cause").all_inner_texts() == [
        "Tired muscles. A long walk leaves the calf short of energy.",
        "Cold. Cold feet tighten the calf.",
    ]
    assert tab.locator("#text .badge").evaluate_all("all => all.map(one => one.firstChild.data)") == [
        "C1",
        "C2",
        "A1",
        "A2",
    ]
    tab.hover("#text .badge >> nth=0")
    tip = tab.locator("#text .badge .tip >> nth=0")
    assert tip.is_visible()
    assert (
        tip.inner_text()
        == "cause, confidence 0.93, decided by the heading above it: “What makes calves cramp at night?”"
    )
    tab.keyboard.press("Tab")
    tab.focus("#text .badge >> nth=1")
    assert tab.locator("#text .badge .tip >> nth=1").is_visible()
    tab.click("#text .badge >> nth=3")
    assert tab.url.endswith("#f4")
    assert "avoid, the page is not sure" in tab.locator("#f4").inner_text()


def test_what_was_left_out_is_shown_struck_on_demand(made: Path, tab: Any) -> None:
    tab.goto(_page_of(made, "https://demo.test/cramps"))
    assert tab.locator(".removed").first.is_hidden()
    tab.get_by_label("Show the 4 blocks").check()
    shown = tab.locator(".removed").all_inner_texts()
    assert shown[0] == "left out, path to the page: Home > Sleep"
    assert shown[1] == "left out, points at related articles: Read also: Sore feet"
    assert shown[2] == "left out, promotion inside the page: Call █████████████"
    order = tab.locator("#text > *").evaluate_all("all => all.map(one => one.className)")
    assert order[0] == "removed"
    assert order[-3:] == ["removed"] * 3


@pytest.mark.parametrize("url", ["https://demo.test/evil", "javascript:document.title='owned'"])
def test_hostile_pages_stay_text(made: Path, tab: Any, url: str) -> None:
    tab.goto(_page_of(made, url))
    assert "owned" not in tab.title().split("–")[1]
    assert tab.locator("img").count() == 0
    assert tab.locator('a[href^="javascript"]').count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if url.endswith("evil"):
        assert HOSTILE in tab.locator("h1").inner_text()
        assert HOSTILE in tab.locator("mark.cause").nth(0).evaluate(
            "one => document.querySelector('#text').textContent"
        )
        assert tab.evaluate("document.title").startswith("</script>")


def test_hostile_words_do_not_run_in_report_or_index(made: Path, tab: Any) -> None:
    tab.goto((made / "report.html").as_uri())
    assert tab.title().startswith("Report of version")
    assert tab.locator("img").count() == 0
    tab.goto((made / "pages" / "index.html").as_uri())
    tab.fill("#q", "onerror")
    tab.wait_for_selector("#results li")
    assert HOSTILE in tab.locator("#results li a").first.inner_text()
    assert tab.title().startswith("Evidence:")
    assert tab.locator("img").count() == 0


def test_the_search_finds_topics_titles_and_findings(made: Path, tab: Any) -> None:
    tab.goto((made / "pages" / "index.html").as_uri())
    tab.fill("#q", "calf cramps older")
    tab.wait_for_selector("#results li")
    assert tab.locator("#count").inner_text() == "264 articles on 1 topic"
    assert tab.locator("#results li").count() == 50
    tab.click("#more")
    assert tab.locator("#results li").count() == 100
    tab.fill("#q", "story 255 many")
    tab.locator("#count", has_text="1 article on 1 topic").wait_for()
    assert tab.locator("#results li").count() == 1
    tab.click("#results li a")
    assert tab.locator("h1").inner_text() == "Story 255 of many"
    tab.go_back()
    tab.wait_for_selector("#results li")
    assert tab.input_value("#q") == "story 255 many"
    tab.fill("#q", "nothing like this")
    tab.locator("#count", has_text="Nothing found.").wait_for()


def test_the_list_works_without_scripts(made: Path, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((made / "pages" / "index.html").as_uri())
    assert page.locator("tbody tr").count() == 200
    page.get_by_role("link", name="Next").click()
    assert page.locator("tbody tr").count() == 64
    page.locator("tbody a").first.click()
    page.locator("#removed").check()
    assert page.locator(".removed").first.is_visible()
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["report.html", "pages/index.html", "article"])
def test_contrast_labels_and_names_pass_axe(made: Path, browser: Any, scheme: str, place: str) -> None:
    script = axe_script()
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(_page_of(made, "https://demo.test/cramps") if place == "article" else (made / place).as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    if place == "article":
        page.locator("#removed").check()
        page.focus("#text .badge >> nth=0")
    page.add_script_tag(content=script)
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    context.close()
    assert len(found["passes"]) > 10
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []


def test_pages_print_without_their_controls(made: Path, tab: Any) -> None:
    tab.goto(_page_of(made, "https://demo.test/cramps"))
    tab.emulate_media(media="print")
    assert tab.locator("nav.path").is_hidden()
    assert tab.locator("#removed").is_hidden()
    assert tab.locator("mark.cause").first.is_visible()
    assert len(tab.pdf()) > 5_000


def test_narrow_screens_do_not_scroll_sideways(made: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    for address in [
        (made / "report.html").as_uri(),
        (made / "pages/index.html").as_uri(),
        _page_of(made, "https://demo.test/evil"),
    ]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def _lines(findings: list[Finding], text: str = TEXT) -> list[Any]:
    from output.dataset.rows import page_rows

    rows = page_rows(an_article(text=text), a_page(), SUBJECT, findings, "r")
    assert rows.article
    return list(lines_of(rows.article, marks_of(rows.findings)))


def test_every_character_of_the_text_is_shown_once() -> None:
    nested = [
        Finding(Role.CAUSE, "walk", 37, 96),
        Finding(Role.SELF_CARE, "inner", 60, 80),
        Finding(Role.SYMPTOM, "crossing", 70, 130),
        Finding(Role.SELF_CARE, "again", 140, 150, also=((10, 20),)),
    ]
    shown = "".join(
        segment.text for line in _lines(nested) if line.kind != "removed" for segment in line.segments
    )
    assert shown == TEXT.replace("\n", "")


def test_run_on_items_each_get_a_line() -> None:
    lines = [line for line in _lines([]) if line.kind != "removed"]
    assert [line.kind for line in lines] == ["heading", "item", "item", "heading", "paragraph", "paragraph"]
    assert lines[1].segments[0].text.startswith("1. ")


def test_a_doubtful_finding_says_so() -> None:
    (mark,) = marks_of([{**rows_of().findings[0], "confidence": 0.3}])
    assert (mark.badge, mark.weak) == ("C1?", True)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.test/x", True),
        ("HTTP://a.test", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, link: bool) -> None:
    assert bool(web_address(url)) is link


def test_json_in_scripts_cannot_end_the_script() -> None:
    assert not set("<>&\u2028\u2029") & set(script_json(["</script>", "<!--", "\u2028&"]))
