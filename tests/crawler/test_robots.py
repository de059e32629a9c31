"""robots.txt and what pages say of themselves; what an answer's status means is judged by a real server's log."""

import gzip
import re
import time
import timeit
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pagerules import PageRules, page_rules
from crawler.robots import MAX_BYTES, Rules, read_reservations, read_rules, retry_after

from . import villain
from .fetch import Outcome, fetch

pytestmark = pytest.mark.xdist_group("robots")  # its servers and crawls once, not in each worker

RULES = b"User-agent: *\nDisallow: /private\nAllow: /private/open\n"

PATTERNS = [
    pytest.param("/fish", "/fish/salmon.html", True, id="a prefix"),
    pytest.param("/fish", "/Fish", False, id="case counts"),
    pytest.param("/fish/", "/fish", False, id="a folder"),
    pytest.param("/*.php", "/folder/a.php5?x", True, id="a star"),
    pytest.param("/*.php$", "/a.php", True, id="an end"),
    pytest.param("/*.php$", "/a.php?x", False, id="not at the end"),
    pytest.param("/a$b", "/a$b", True, id="a dollar inside is a dollar"),
    pytest.param("/*a*a*a$", "/aa", False, id="stars do not share letters"),
    pytest.param("/ä", "/%C3%A4", True, id="not ASCII"),
    pytest.param("/%c3%a4", "/%C3%A4", True, id="digits in capitals"),
    pytest.param("/%7Ejoe", "/~joe", True, id="needlessly encoded"),
    pytest.param("/a%2Fb", "/a/b", False, id="an encoded slash is not a slash"),
    pytest.param("*", "/", True, id="only a star"),
    pytest.param("", "/", False, id="nothing"),
]


@pytest.mark.parametrize(("pattern", "path", "hit"), PATTERNS)
def test_patterns(pattern: str, path: str, hit: bool) -> None:
    rules = read_rules(f"User-agent: *\nDisallow: {pattern}\n".encode())
    assert rules.allows(f"http://example.org{path}") is not hit


FILES = [
    pytest.param("User-agent: *\nDisallow: /\nAllow: /$", "/", True, id="the longer wins"),
    pytest.param("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True, id="allow wins a tie"),
    pytest.param(
        "User-agent: *\nDisallow: /\nUser-agent: consilia\nDisallow:", "/x", True, id="our own group alone"
    ),
    pytest.param(
        "User-agent: consilia\nAllow: /a\nUser-agent: x\nDisallow: /\nUser-agent: Consilia\nDisallow: /b",
        "/b",
        False,
        id="groups merge",
    ),
    pytest.param("User-agent: consiliabot\nDisallow: /", "/", True, id="another's longer name"),
    pytest.param("User-agent: consilia/2.0\nDisallow: /", "/", False, id="a version behind the name"),
    pytest.param(
        "User-agent: a\nUser-agent: *\n\n\nDisallow: /", "/", False, id="blank lines do not part groups"
    ),
    pytest.param("Disallow: /", "/", True, id="no group"),
    pytest.param("user-agent *\ndisalow : /x # no", "/x", False, id="slips are forgiven"),
    pytest.param("User-agent: *\rDisallow: /x\r\rAllow: /y", "/x", False, id="old line ends"),
    pytest.param(
        "User-agent: *\nDisallow: /x\nSitemap: http://e.org/s.xml\nAllow: /x/y",
        "/x/y",
        True,
        id="a sitemap does not end a group",
    ),
    pytest.param("<html><body>User-agent: *<br>Disallow: /</body></html>", "/", True, id="a web page"),
]


@pytest.mark.parametrize(("text", "path", "allowed"), FILES)
def test_files(text: str, path: str, allowed: bool) -> None:
    assert read_rules(text.encode()).allows(f"http://example.org{path}") is allowed


def test_what_lies_beyond_500_kibibytes_is_not_read() -> None:
    filler = b"# " + b"x" * 98 + b"\n"
    body = b"User-agent: *\nDisallow: /a\n" + filler * (MAX_BYTES // len(filler)) + b"\nDisallow: /b\n"
    rules = read_rules(body)
    assert not rules.allows("http://e.org/a")
    assert rules.allows("http://e.org/b")


def test_delay_and_sitemaps_are_read() -> None:
    rules = read_rules(
        b"Sitemap: http://e.org/one.xml\nUser-agent: x\nCrawl-delay: 99\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: /a\n"
        b"sitemap:http://e.org/two.xml\nUser-agent: slow\nCrawl-delay: soon\nDisallow: /\n"
    )
    assert rules.delay() == 2.5
    assert rules.delay("slow") is None
    assert rules.sitemaps == ("http://e.org/one.xml", "http://e.org/two.xml")


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=50))
def test_any_bytes_are_read_as_something(body: bytes, path: str) -> None:
    rules = read_rules(body)
    rules.allows(f"http://example.org/{path}")
    rules.delay()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "/", "*"]), max_size=8), st.booleans(), st.text("ab/", max_size=12)
)
def test_patterns_match_as_a_regular_expression_would(parts: list[str], anchored: bool, path: str) -> None:
    pattern = "/" + "".join(parts) + ("$" if anchored else "")
    expression = (
        "/" + "".join(".*" if part == "*" else re.escape(part) for part in parts) + ("$" if anchored else "")
    )
    rules = read_rules(f"User-agent: *\nDisallow: {pattern}".encode())
    assert rules.allows(f"http://e.org/{path}") is (re.match(expression, f"/{path}") is None)


def test_a_hostile_pattern_takes_linear_time() -> None:
    def seconds(n: int) -> float:
        rules = read_rules(b"User-agent: *\nDisallow: /" + b"*a" * 50 + b"$")
        url = "http://e.org/" + "a" * n + "b"
        return min(timeit.repeat(lambda: rules.allows(url), number=3, repeat=3, timer=time.process_time))

    assert seconds(80_000) < 12 * seconds(20_000)


# Statuses, RFC 9309, 2.3.1: (answers to robots.txt and what it leads to, may /private be fetched, may /page)

HOPS = {f"/r{number}": villain.redirect(f"/r{number + 1}") for number in range(1, 9)}

STATUSES: dict[str, tuple[dict[str, villain.Case], bool, bool]] = {
    "200": ({"/robots.txt": villain.plain(RULES)}, False, True),
    "200 with a byte order mark": ({"/robots.txt": villain.plain(b"\xef\xbb\xbf" + RULES)}, False, True),
    "200 gzipped": (
        {"/robots.txt": villain.plain(gzip.compress(RULES), "Content-Encoding: gzip")},
        False,
        True,
    ),
    "200 without rules": ({"/robots.txt": villain.plain(b"")}, True, True),
    "206": ({"/robots.txt": villain.plain(RULES, status="206 Partial Content")}, False, True),
    "401": ({"/robots.txt": villain.plain(b"", status="401 Unauthorized")}, True, True),
    "403": ({"/robots.txt": villain.plain(b"", status="403 Forbidden")}, True, True),
    "404 that says disallow": (
        {"/robots.txt": villain.plain(b"User-agent: *\nDisallow: /", status="404 Not Found")},
        True,
        True,
    ),
    "410": ({"/robots.txt": villain.plain(b"", status="410 Gone")}, True, True),
    "429": ({"/robots.txt": villain.plain(b"", status="429 Too Many Requests")}, False, False),
    "500": ({"/robots.txt": villain.plain(b"User-agent: *\nAllow: /", status="500 Oops")}, False, False),
    "503": ({"/robots.txt": villain.plain(b"", "Retry-After: 60", status="503 Busy")}, False, False),
    "five redirects": (
        {"/robots.txt": villain.redirect("/r5"), **HOPS, "/r9": villain.plain(RULES)},
        False,
        True,
    ),
    "six redirects": (
        {"/robots.txt": villain.redirect("/r4"), **HOPS, "/r9": villain.plain(RULES)},
        True,
        True,
    ),
    "redirects in a circle": ({"/robots.txt": villain.redirect("/robots.txt")}, True, True),
    "redirect to a private address": (
        {"/robots.txt": villain.redirect("http://127.99.99.99:9/robots.txt")},
        False,
        False,
    ),
    "connection closed": ({"/robots.txt": villain.raw(b"")}, False, False),
    "half an answer": (
        {"/robots.txt": villain.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-")},
        False,
        False,
    ),
    "no HTTP at all": ({"/robots.txt": villain.raw(b"SSH-2.0-OpenSSH_9.2\r\n")}, False, False),
    "too slow": ({"/robots.txt": villain.drip}, False, False),
    "endless": ({"/robots.txt": villain.endless}, False, False),
    "a bomb": ({"/robots.txt": villain.gzip_bomb("text/plain")}, False, False),
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[list[str], Outcome]]:
    """Each case on a host of its own: the paths it was asked for, and what became of its three requests."""
    with ExitStack() as stack:
        servers = {}
        for number, (name, (cases, _, _)) in enumerate(STATUSES.items(), 1):
            pages = {path: villain.plain(villain.PAGE) for path in ("/private", "/page", "/private/open")}
            servers[name] = stack.enter_context(villain.serve({**pages, **cases}, f"127.0.0.{number}"))
        urls = [
            f"{server.origin}{path}"
            for server in servers.values()
            for path in ("/private", "/page", "/private/open")
        ]
        outcome = fetch(
            urls,
            allowed=[f"127.0.0.{number}" for number in range(1, len(STATUSES) + 1)],
            DOWNLOAD_TIMEOUT=2,
            CONCURRENT_REQUESTS=64,
        )
        told = {}
        for at, (name, server) in enumerate(servers.items()):
            told[name] = (
                server.hits,
                Outcome(
                    outcome.fetched[3 * at : 3 * at + 3], outcome.peak, {"": outcome.rules[server.origin]}
                ),
            )
    return told


@pytest.mark.parametrize("name", STATUSES)
def test_what_a_status_means(outcomes: dict[str, tuple[list[str], Outcome]], name: str) -> None:
    hits, outcome = outcomes[name]
    _, private, page = STATUSES[name]
    assert [fetched.status == 200 for fetched in outcome.fetched] == [private, page, page]
    assert ("/private" in hits, "/page" in hits) == (private, page), "the server's log"
    assert hits.count("/robots.txt") == (6 if "circle" in name else 1), (
        "asked once for all requests that wait for it"
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("200", "robots.txt disallows /private"),
        ("503", "nothing may be fetched while robots.txt cannot be read (status 503)"),
        (
            "endless",
            "nothing may be fetched while robots.txt cannot be read (the body is larger than 10000000 bytes)",
        ),
        (
            "redirect to a private address",
            "nothing may be fetched while robots.txt cannot be read (127.99.99.99 is not a public address)",
        ),
    ],
)
def test_a_disallowed_request_tells_why(
    outcomes: dict[str, tuple[list[str], Outcome]], name: str, reason: str
) -> None:
    _, outcome = outcomes[name]
    assert (outcome.fetched[0].error, outcome.fetched[0].reason) == ("Disallowed", reason)


def test_a_signal_tells_delay_and_sitemaps() -> None:
    body = b"User-agent: consilia\nCrawl-delay: 7\nSitemap: http://example.org/s.xml\n"
    with villain.serve({"/robots.txt": villain.plain(body), "/": villain.plain(villain.PAGE)}) as server:
        outcome = fetch([f"{server.origin}/"], allowed=["127.0.0.1"])
    assert outcome.rules == {
        server.origin: {"unreachable": "", "delay": 7.0, "sitemaps": ["http://example.org/s.xml"]}
    }


@pytest.mark.parametrize(
    ("then", "reasons"),
    [
        (villain.plain(b"User-agent: *\nDisallow: /page\n"), ["", "", "robots.txt disallows /page", ""]),
        (villain.plain(b"", status="503 Busy"), ["", "", "", "robots.txt disallows /private"]),
    ],
    ids=["new rules", "not to be had: the old rules hold on"],
)
def test_rules_are_read_anew_after_a_day(then: villain.Case, reasons: list[str]) -> None:
    answers = [villain.plain(RULES), then]

    def robots(send: villain.Send) -> None:
        (answers.pop(0) if len(answers) > 1 else answers[0])(send)

    def slow(send: villain.Send) -> None:
        time.sleep(1.2)
        villain.plain(villain.PAGE)(send)

    page = villain.plain(villain.PAGE)
    with villain.serve(
        {"/robots.txt": robots, "/slow": slow, "/page": page, "/private": page, "/": page}
    ) as server:
        urls = [f"{server.origin}{path}" for path in ("/", "/slow", "/page", "/private")]
        outcome = fetch(urls, allowed=["127.0.0.1"], fresh=1.0)
    assert [fetched.reason for fetched in outcome.fetched] == reasons
    assert server.hits.count("/robots.txt") >= 2


# Retry-After

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 12:05:00 GMT", 300.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("999999999", 86_400.0),
        ("9" * 400, 86_400.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


# Pages

PAGES: list[tuple[list[tuple[str, str]], str, str, bool | None]] = [
    ([], "", "", None),
    ([("X-Robots-Tag", "noindex, NoFollow")], "", "nofollow,noindex", None),
    ([("x-robots-tag", "googlebot: noindex")], "", "", None),
    ([("X-Robots-Tag", "otherbot: nofollow, consilia: noindex")], "", "noindex", None),
    (
        [("X-Robots-Tag", "unavailable_after: Friday, 25-Jun-10 15:00:00 PST, noindex")],
        "",
        "25-jun-10 15:00:00 pst,noindex,unavailable_after: friday",
        None,
    ),
    (
        [("X-Robots-Tag", "unavailable_after: 25 Jun 2010 15:00:00 PST, noarchive")],
        "",
        "noarchive,unavailable_after: 25 jun 2010 15:00:00 pst",
        None,
    ),
    ([], '<META NAME="Robots" CONTENT=" none ">', "none", None),
    ([], "<meta content='noindex' name='consilia'>", "noindex", None),
    ([], "<meta name=robots content=noindex>", "noindex", None),
    ([], '<!-- <meta name="robots" content="noindex"> -->', "", None),
    ([], '<body><meta name="robots" content="noindex">', "", None),
    ([("X-Robots-Tag", "noindex")], '<meta name="robots" content="index">', "noindex", None),
    ([], '<meta name="robots" content="noai, noimageai">', "noai,noimageai", None),
    ([("TDM-Reservation", "1"), ("tdm-policy", "https://e.org/p.json")], "", "", True),
    ([("TDM-Reservation", "1")], '<meta name="tdm-reservation" content="0">', "", True),
    ([], '<meta name="tdm-reservation" content="0">', "", False),
    ([], '<meta name="tdm-reservation" content="maybe">', "", None),
]


@pytest.mark.parametrize(("headers", "html", "robots", "reserved"), PAGES)
def test_what_pages_ask_for(
    headers: list[tuple[str, str]], html: str, robots: str, reserved: bool | None
) -> None:
    rules = page_rules(headers, html)
    assert rules == page_rules(headers, html.encode())
    assert (",".join(sorted(rules.robots)), rules.tdm_reserved) == (robots, reserved)


@pytest.mark.parametrize(
    ("rules", "nofollow", "reserved"),
    [
        (PageRules(), False, False),
        (PageRules(frozenset({"nofollow"})), True, False),
        (PageRules(frozenset({"none"})), True, True),
        (PageRules(frozenset({"noml"})), False, True),
        (PageRules(tdm_reserved=True), False, True),
        (PageRules(frozenset({"max-snippet: 20"}), tdm_reserved=False), False, False),
    ],
)
def test_what_follows_from_a_pages_rules(rules: PageRules, nofollow: bool, reserved: bool) -> None:
    assert (rules.nofollow, rules.reserved) == (nofollow, reserved)


# tdmrep.json

RESERVED = [
    ('[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://e.org/p"}]', "/a", True),
    (
        '[{"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]',
        "/open/a",
        False,
    ),
    (
        '[{"location": "/", "tdm-reservation": 1}, {"location": "/open/", "tdm-reservation": 0}]',
        "/open/a",
        True,
    ),
    (
        '[{"location": "/", "tdm-reservation": 0}, {"location": "/own/", "tdm-reservation": 1}]',
        "/own/a",
        True,
    ),
    ('[{"location": "/*.pdf$", "tdm-reservation": "1"}]', "/x/a.pdf", True),
    ('[{"location": "/*.pdf$", "tdm-reservation": 1}]', "/x/a.html", None),
    ('[7, {"location": 3, "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 2}]', "/a", None),
    ('[{"location": "/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]', "/a", True),
    ('[{"location": "/%7Eann/", "tdm-reservation": 1}]', "/~ann/a", True),
    (r'[{"location": "/\ud800", "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 1}]', "/a", True),
    ("[]", "/", None),
]


@pytest.mark.parametrize(("text", "path", "reserved"), RESERVED)
def test_what_a_host_reserves(text: str, path: str, reserved: bool | None) -> None:
    rules = Rules(reservations=read_reservations(text.encode()))
    assert rules.reserves(f"https://example.org{path}") is reserved


@pytest.mark.parametrize(
    "body", [b"", b"<h1>Not found</h1>", b"{}", b"\xff", b"[" * 100_000, b"[NaN", b"null"]
)
def test_what_is_no_tdmrep_file_is_told(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"list|nested|column|decode"):
        read_reservations(body)


@pytest.mark.parametrize("piece", ["<meta " + "a=" * 20, "<!--", "<meta name=robots content='", "<!-- -->"])
def test_a_hostile_head_takes_linear_time(piece: str) -> None:
    def seconds(n: int) -> float:
        page = (piece * n)[:n]
        return min(timeit.repeat(lambda: page_rules([], page), number=1, repeat=3, timer=time.process_time))

    assert seconds(64_000) < 16 * seconds(16_000) + 0.001
