"""The demo sites keep what they promise: faces, gold records, refused pages, ways to each article."""

import re
import signal
import socket
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.demo import Demo, PortBusy, serve
from crawler.demo.article import parse
from crawler.demo.portal import TEASER, Portal

ROLES = {
    "cause", "risk_factor", "symptom", "complication", "diagnosis", "treatment", "self_care", "prevention", "see_doctor",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    parts = urlsplit(url)
    assert parts.hostname
    connection = HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with serve((0, 0, 0)) as served:
        yield served


@pytest.fixture
def fresh() -> Iterator[Demo]:
    """A demo of one's own, to be changed."""
    with serve((0, 0, 0)) as served:
        yield served


def site_of(demo: Demo, url: str) -> str:
    return next(name for name, origin in demo.origins.items() if url.startswith(f"{origin}/"))


def true_text(demo: Demo, url: str) -> str:
    """The page as a reader with a good browser sees it: the right charset, cells apart."""
    slug = demo.gold()[url].slug
    portal = Portal("", ())
    encoding = (
        portal.charsets[slug].encoding
        if site_of(demo, url) == "portal" and slug in portal.charsets
        else "utf-8"
    )
    html = re.sub(r"</t([dh])>\s*<t\1>", " | ", ask(url).body.decode(encoding))
    body = LexborHTMLParser(html).body
    assert body
    return " ".join(body.text().split())


def links(url: str) -> list[str]:
    """Where a page, sitemap or feed leads."""
    answer = ask(url)
    kind = answer.headers.get_content_type()
    if kind in {"application/rss+xml", "application/atom+xml"}:
        return [entry.link for entry in feedparser.parse(answer.body).entries]
    if kind == "application/xml":
        return [node.text or "" for node in ET.fromstring(answer.body).iter() if node.tag.endswith("}loc")]  # noqa: S314
    tree = LexborHTMLParser(answer.body.decode("latin-1"))
    hrefs = [node.attributes.get("href") or "" for node in tree.css("a[href]")]
    return [urljoin(url, href).split("#")[0] for href in hrefs if not href.startswith(("#", "javascript:"))]


def reach(start: list[str], links: Callable[[str], list[str]] = links) -> dict[str, list[str]]:
    """Everything the starting points lead to within their site, and each page's links."""
    origin = f"http://{urlsplit(start[0]).netloc}/"
    seen: dict[str, list[str]] = {}
    queue = deque(start)
    while queue:
        url = queue.popleft()
        if url not in seen and url.startswith(origin):
            seen[url] = links(url)
            queue.extend(seen[url])
    return seen


def test_sixty_articles_of_readable_length(demo: Demo) -> None:
    articles = demo.gold()
    assert len(articles) >= 60
    assert {
        article.slug: len(article.body.split())
        for article in articles.values()
        if not 150 <= len(article.body.split()) <= 480
    } == {}
    for site, least in (("cms", 22), ("portal", 18), ("qa", 22)):
        assert sum(site_of(demo, url) == site for url in articles) >= least


def test_every_gold_finding_stands_on_its_page(demo: Demo) -> None:
    absent = [
        (url, found.text)
        for url, article in demo.gold().items()
        for text in [true_text(demo, url)]
        for found in article.findings
        if found.text not in text
    ]
    assert absent == []


def test_every_article_states_a_cause_and_advice(demo: Demo) -> None:
    for article in demo.gold().values():
        roles = {found.role for found in article.findings}
        assert roles <= ROLES
        assert roles & {"cause", "risk_factor"}, article.slug
        assert roles & {"self_care", "treatment", "prevention"}, article.slug
        assert all(found.label and found.text == found.text.strip() for found in article.findings)


def test_profiles_point_at_the_server_and_allow_it(demo: Demo) -> None:
    for site, origin in zip(demo.sites, demo.origins.values(), strict=True):
        assert site.network.allow_private
        assert site.contact
        assert site.politeness.delay <= 0.05
        assert all(url.startswith(f"{origin}/") for url in (*site.start, *site.sitemaps, *site.feeds))


def test_every_article_can_be_reached_from_its_profile(demo: Demo) -> None:
    for site in demo.sites:
        found = reach([*site.start, *site.sitemaps, *site.feeds])
        wanted = {url for url in demo.gold() if f"demo-{site_of(demo, url)}" == site.name}
        assert wanted - set(found) == set()
        refused = {url for url in demo.refusals() if f"demo-{site_of(demo, url)}" == site.name}
        assert refused - set(found) == set()


def test_a_profile_calls_each_article_one_and_skips_none(demo: Demo) -> None:
    for site in demo.sites:
        for url in demo.gold():
            if f"demo-{site_of(demo, url)}" == site.name:
                assert site.is_article(url) is not False
                assert not site.skips(url)


def test_a_third_of_the_portal_is_found_through_neighbours_only(demo: Demo) -> None:
    origin = demo.origins["portal"]
    articles = {url for url in demo.gold() if url.startswith(origin)}

    def others(url: str) -> list[str]:
        html = re.sub(r"(&lt;&lt;|&gt;&gt;): <a .+?</a>", "", ask(url).body.decode("latin-1"))
        hrefs = [node.attributes["href"] or "" for node in LexborHTMLParser(html).css("a[href]")]
        return [urljoin(url, href) for href in hrefs if not href.startswith(("#", "javascript:"))]

    found = set(reach([f"{origin}/"], others))
    assert f"{origin}/list_3.html" in found
    assert len(articles - found) == len(articles) // 3


def test_sitemap_is_an_index_with_dates(demo: Demo) -> None:
    origin = demo.origins["cms"]
    assert links(f"{origin}/sitemap.xml") == [f"{origin}/sitemap-articles.xml", f"{origin}/sitemap-pages.xml"]
    root = ET.fromstring(ask(f"{origin}/sitemap-articles.xml").body)  # noqa: S314
    dated = {
        node[0].text: node[1].text
        for node in root
        if node[1].tag.endswith("}lastmod")
    }  # fmt: skip
    assert dated == {
        url: article.modified.isoformat() for url, article in demo.gold().items() if url.startswith(origin)
    }


def test_only_the_newest_questions_are_in_the_feed_and_all_guides(demo: Demo) -> None:
    origin = demo.origins["qa"]
    rss, atom = links(f"{origin}/feed.rss"), links(f"{origin}/feed.atom")
    articles = {url for url in demo.gold() if url.startswith(origin)}
    assert len(rss) == 10
    assert len(atom) >= 4
    assert set(rss) | set(atom) < articles


def test_refused_pages_answer_with_status_200(demo: Demo) -> None:
    for url, page in demo.refusals().items():
        answer = ask(url)
        assert (url, answer.status) == (url, 200)
        assert page.stage in {"passed over", "fetch", "cleaning", "dataset"}
        assert answer.body


def test_each_site_has_each_kind_of_refusal(demo: Demo) -> None:
    for site in demo.origins:
        reasons = {page.reason for page in demo.refusals().values() if page.site == site}
        assert reasons >= {
            "login or sign-up page", "too short", "video page", "error page answered with status 200",
            "another language", "duplicate", "robots.txt", "index of other pages",
        }  # fmt: skip


def test_short_pages_have_forty_words(demo: Demo) -> None:
    short = [page for page in demo.refusals().values() if page.reason == "too short"]
    assert [len(page.body.split()) for page in short] == [40] * 3


def test_a_duplicate_has_the_words_of_its_original(demo: Demo) -> None:
    gold = {article.slug: url for url, article in demo.gold().items()}
    for url, page in demo.refusals().items():
        if page.reason == "duplicate":
            original = gold[page.copy_of]
            assert ask(url).body == ask(original).body


def test_robots_txt_disallows_what_is_said_to_be_disallowed(demo: Demo) -> None:
    for page in demo.refusals().values():
        robots = ask(f"{demo.origins[page.site]}/robots.txt").body.decode()
        closed = re.findall(r"^Disallow: (/\S+)", robots, re.MULTILINE)
        if page.stage != "passed over":
            assert any(page.path.startswith(path) for path in closed) == (page.reason == "robots.txt")
    assert "Crawl-delay:" in ask(f"{demo.origins['cms']}/robots.txt").body.decode()


def test_the_cms_frames_its_articles(demo: Demo) -> None:
    url = next(url for url, article in demo.gold().items() if article.slug == "hay-fever")
    tree = LexborHTMLParser(ask(url).body)
    wanted = (
        'link[rel="canonical"]', 'meta[property="og:title"]', 'script[type="application/ld+json"]', ".breadcrumbs",
        ".sidebar", ".card", ".newsletter", ".share", ".comments", ".cookie-banner", ".author-box", ".post-body ul li",
    )  # fmt: skip
    assert [selector for selector in wanted if not tree.css_first(selector)] == []


def test_answers_are_folded_defined_and_tabled(demo: Demo) -> None:
    pages = [LexborHTMLParser(ask(url).body) for url in demo.gold() if url.startswith(demo.origins["qa"])]
    for selector, least in (("details summary", 5), ("dl dt", 2), (".answer table", 3), (".answer ol", 3)):
        assert sum(bool(page.css_first(selector)) for page in pages) >= least


def test_charset_oddities_are_odd(demo: Demo) -> None:
    gold = {
        article.slug: url for url, article in demo.gold().items() if url.startswith(demo.origins["portal"])
    }
    charsets = Portal("", ()).charsets
    assert set(charsets) <= set(gold)
    unlike = 0
    for slug, charset in charsets.items():
        answer = ask(gold[slug])
        assert answer.headers.get_content_charset("") == charset.header
        assert (f"charset={charset.meta}".encode() in answer.body) == bool(charset.meta)
        text = answer.body.decode(charset.encoding)
        said = charset.header or charset.meta or "utf-8"
        if not text.isascii() and answer.body.decode(said, "replace") != text:
            unlike += 1
    assert unlike >= 5


def test_teasers_are_cut_at_equal_length_after_escaping_or_before(demo: Demo) -> None:
    origin = demo.origins["portal"]
    apostrophes = 0
    for url in (url for url in demo.gold() if url.startswith(origin)):
        source = re.findall(r"<li>(?:<a [^>]+>)?(.+?)(?:</a>)?</li>", ask(url).body.decode("latin-1"))
        assert len(source) == 15
        assert {len(line) for line in source} == {TEASER + len("...")}
        assert all(line.endswith("...") for line in source)
        apostrophes += sum("&" in line for line in source)
    assert apostrophes
    index = LexborHTMLParser(ask(f"{origin}/").body.decode())
    shown = [cell.text().strip().splitlines()[-1] for cell in index.css("td") if cell.css_first("b > a")]
    assert {len(line.partition("]")[2] or line) for line in shown if line.endswith("...")} == {TEASER + 3}


def test_what_the_client_has_is_not_sent_again(demo: Demo) -> None:
    url = next(url for url in demo.gold() if url.startswith(demo.origins["cms"]))
    first = ask(url, Accept_Encoding="gzip")
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        again = ask(url, **headers)
        assert (again.status, again.body) == (304, b"")
    assert ask(url, If_None_Match='"another"', If_Modified_Since=first.headers["Last-Modified"]).status == 200
    assert ask(url, If_Modified_Since="yesterday").status == 200
    line = [line for line in demo.log if line.status == 304][-1]
    assert line.conditional
    assert line.sent == 0


def test_some_pages_of_the_portal_have_no_validator(demo: Demo) -> None:
    answers = [ask(url) for url in demo.gold() if url.startswith(demo.origins["portal"])]
    without = [
        answer for answer in answers if not answer.headers["ETag"] and not answer.headers["Last-Modified"]
    ]
    assert 5 <= len(without) < len(answers)


def test_a_page_comes_out_the_same_twice(demo: Demo) -> None:
    for url in list(demo.gold())[::7]:
        assert ask(url).body == ask(url).body


def test_head_has_the_headers_and_no_body(demo: Demo) -> None:
    url = next(iter(demo.gold()))
    get, head = ask(url), ask(url, "HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))


def test_other_paths_are_missing(demo: Demo) -> None:
    for origin in demo.origins.values():
        assert ask(f"{origin}/no/such/page").status == 404


def test_a_moved_article_leads_to_its_new_address(demo: Demo) -> None:
    origin = demo.origins["cms"]
    answer = ask(f"{origin}/health/stomach/heartburn")
    assert (answer.status, answer.body) == (301, b"")
    assert urljoin(origin, answer.headers["Location"]) in demo.gold()


def test_every_request_is_logged(fresh: Demo) -> None:
    url = next(iter(fresh.gold()))
    ask(f"{url}?a=1", User_Agent="tester")
    line = fresh.log[-1]
    assert (line.site, line.method, line.status, line.user_agent) == ("cms", "GET", 200, "tester")
    assert line.path.endswith("?a=1")
    assert line.sent > 1000


@pytest.mark.parametrize("site", ["cms", "portal", "qa"])
def test_pages_come_change_and_go(fresh: Demo, site: str) -> None:
    origin = fresh.origins[site]
    section = {"cms": "skin", "portal": "", "qa": "head"}[site]
    article = parse(
        "itchy-ears",
        f'title = "Itchy ears"\ntopic = "itchy ears"\nsection = "{section}"\npublished = 2026-10-01\nbody = "Leave them alone."',
    )
    url = fresh.add(site, article)
    assert url.startswith(origin)
    before = ask(url)
    assert before.status == 200
    assert url in fresh.gold()
    starts = next(profile for profile in fresh.sites if profile.name == f"demo-{site}")
    assert url in reach([*starts.start, *starts.sitemaps, *starts.feeds])

    fresh.change(url, body="Leave them alone, do.")
    after = ask(url)
    assert after.body != before.body
    assert after.headers["ETag"] != before.headers["ETag"] or after.headers["ETag"] is None
    assert fresh.gold()[url].modified > article.modified

    fresh.remove(url, status=410)
    assert ask(url).status == 410
    assert url not in fresh.gold()
    with pytest.raises(KeyError):
        fresh.remove(url)


def test_a_change_leaves_other_articles_of_the_cms_as_they_were(fresh: Demo) -> None:
    urls = [url for url in fresh.gold() if url.startswith(fresh.origins["cms"])]
    before = {url: ask(url).headers["ETag"] for url in urls}
    fresh.change(urls[3], findings=(), modified=None)
    changed = [url for url in urls if ask(url).headers["ETag"] != before[url]]
    assert changed == [urls[3]]


def test_changes_are_made_before_the_first_answer() -> None:
    def change(demo: Demo) -> None:
        demo.remove(next(iter(demo.gold())))

    with serve((0, 0, 0)) as untouched, serve((0, 0, 0), changes=change) as changed:
        assert len(changed.gold()) == len(untouched.gold()) - 1


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=f"port {port} of 127.0.0.1"):
            serve((0, port, 0))


def test_a_busy_port_is_one_line_on_the_command_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "crawler.demo", "0", "0", str(port)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        f"consilia demo: port {port} of 127.0.0.1 cannot be used for the demo site qa: Address already in use\n"
    )


@pytest.mark.parametrize("arguments", [["cms"], ["0", "0", "70000"]])
def test_what_is_no_port_is_a_usage_error(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler.demo", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


def test_the_command_serves_until_interrupted() -> None:
    command = [sys.executable, "-c", INTERRUPTIBLE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout
        assert served.stderr
        origins = [served.stdout.readline().split()[1] for _ in range(3)]
        assert [ask(origin).status for origin in origins] == [200, 200, 200]
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=60) == 0
        assert served.stderr.read() == ""


INTERRUPTIBLE = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs deaf to it
sys.argv[1:] = ["0", "0", "0"]
runpy.run_module("crawler.demo", run_name="__main__")
"""


def test_a_bad_article_file_is_named() -> None:
    with pytest.raises(ValueError, match="demo article corns: 'body'"):
        parse("corns", 'title = "Corns"\npublished = 2026-01-01')
