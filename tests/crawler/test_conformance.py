"""Cases that others wrote: Google's robots.txt specification, the URL standard's, crawler-commons' sitemaps.

They are not ours to copy: the tests take them from `$CONSILIA_SHARED/data/conformance` and are skipped, with a word, where that is not.
"""

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.links import absolute
from crawler.robots import read_rules
from crawler.sitemaps import NotASitemap, read_sitemap

SHARED = (
    Path(os.environ.get("CONSILIA_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "conformance"
)

absent = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no conformance cases at {SHARED}")

# Google's robotstxt-spec-test: text protocol buffers, of which these four fields are all that matters.

_STRING = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_FIELD = re.compile(rf"\b(robotstxt|testurl|useragent|expected_outcome)\s*:\s*(?:((?:{_STRING}\s*)+)|(\w+))")
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def unescaped(literals: str) -> bytes:
    """Neighbouring C string literals as one."""
    return b"".join(
        _ESCAPE.sub(_octet, literal[1:-1].encode("utf-8", "surrogateescape"))
        for literal in re.findall(_STRING, literals)
    )


def _octet(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    if code.isdigit():
        return bytes([int(code, 8)])
    return _CONTROL.get(code, code)


def robots_cases(path: Path) -> Iterator[tuple[bytes, str, str, bool]]:
    """File, address, agent, and whether it is allowed."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    file, url, agent = b"", "", ""
    for name, literals, word in _FIELD.findall(text):
        if name == "robotstxt":
            file = unescaped(literals)
        elif name == "testurl":
            url = unescaped(literals).decode("utf-8", "replace")
        elif name == "useragent":
            agent = unescaped(literals).decode("utf-8", "replace")
        else:
            yield file, url, agent, word == "ALLOWED"


@absent
def test_googles_robots_cases_all_400() -> None:
    cases = [case for path in sorted((SHARED / "robots").rglob("*.textproto")) for case in robots_cases(path)]
    wrong = [
        (file[:200], url, agent)
        for file, url, agent, allowed in cases
        if read_rules(file).allows(url, agent) is not allowed
    ]
    assert len(cases) == 400
    assert wrong == []


# The URL standard's own cases, those of http and https


@absent
def test_addresses_are_joined_as_the_url_standard_has_it() -> None:
    cases = [
        case
        for case in json.loads((SHARED / "url" / "wpt-urltestdata.json").read_text(encoding="utf-8"))
        if isinstance(case, dict)
    ]
    web = [
        case
        for case in cases
        if re.match("https?:", case.get("href") or (case["input"] if case.get("failure") else ""))
    ]
    wrong = []
    for case in web:
        base = case.get("base") or "about:blank"
        expected = "" if case.get("failure") else case["href"].partition("#")[0]
        if absolute(case["input"], base) != expected:
            wrong.append((case["input"], base))
    assert len(web) >= 432
    assert len(web) - len(wrong) >= 425, wrong


@absent
def test_relative_addresses_resolve_as_crawler_commons_says() -> None:
    text = (SHARED / "url" / "url-resolve.csv").read_text(encoding="utf-8")
    rows = csv.reader(
        (line for line in text.splitlines() if line and not line.startswith("#")), skipinitialspace=True
    )
    cases = [(href, base or "about:blank", url) for href, base, url in rows if url.startswith("http")]
    wrong = [case for case in cases if absolute(*case[:2]) != case[2].partition("#")[0]]
    assert len(cases) >= 15
    assert wrong == []


# crawler-commons' sitemaps: how many addresses each lists

LISTED = {
    "atom.xml": 1,
    "feed.rss": 4,
    "hebdenbridgetimes-articles-sitemap.xml": 74,
    "pagemaps-sitemap.xml": 2,
    "shinpaideshou-news-sitemap.xml": 3,
    "sitemap-images.xml": 1,
    "sitemap-links.xml": 3,
    "sitemap-mobile.xml": 3,
    "sitemap-news.xml": 2,
    "sitemap-videos-tvshow.xml": 1,
    "sitemap-videos.xml": 3,
    "sitemap-with-bom.txt": 2,
    "sitemap.badns.xml": 2,
    "sitemap.index.xml": 15,
    "sitemap.ns.xml": 2,
    "sitemap.txt": 2,
    "sitemap.txt.gz": 5,
    "xmlRss_pubDate.xml": 7,
    "xmlSitemap.gz": 5,
}


@absent
@pytest.mark.parametrize("name", LISTED)
def test_crawler_commons_sitemaps(name: str) -> None:
    sitemap = read_sitemap((SHARED / "sitemaps" / name).read_bytes(), "http://www.example.com/sitemap.xml")
    assert len(sitemap.pages) + len(sitemap.sitemaps) == LISTED[name]
    assert sitemap.problem == ""


@absent
def test_a_licence_is_no_sitemap() -> None:
    with pytest.raises(NotASitemap):
        read_sitemap((SHARED / "sitemaps" / "LICENSE").read_bytes(), "http://www.example.com/LICENSE")
