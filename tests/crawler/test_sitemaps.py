"""Sitemaps and feeds as sites really publish them."""

import gzip
import random
import time
import timeit
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.sitemaps import MAX_ENTRIES, NotASitemap, Sitemap, read_sitemap

HERE = "http://example.org/sitemap.xml"
DAY = datetime(2026, 11, 23, tzinfo=UTC)


def urlset(
    *paths: str, attributes: str = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', prefix: str = ""
) -> str:
    entries = "".join(
        f"<{prefix}url><{prefix}loc>http://example.org{path}</{prefix}loc><{prefix}lastmod>2026-11-23</{prefix}lastmod></{prefix}url>"
        for path in paths
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><{prefix}urlset {attributes}>{entries}</{prefix}urlset>'


def urls(sitemap: Sitemap) -> list[str]:
    return [entry.url.removeprefix("http://example.org") for entry in sitemap.pages]


PLAIN = urlset("/a", "/b")

FORMS = [
    pytest.param(PLAIN.encode(), id="as it should be"),
    pytest.param(gzip.compress(PLAIN.encode()), id="gzip"),
    pytest.param(
        PLAIN.replace(
            "<urlset", "<?xml-stylesheet href='s.xsl'?>\n<!-- made by <b>hand</b> -->\n<urlset"
        ).encode(),
        id="style sheet and comment",
    ),
    pytest.param(b"\xef\xbb\xbf" + PLAIN.encode(), id="byte order mark"),
    pytest.param(b"\n\n  " + PLAIN.encode(), id="blank lines before the declaration"),
    pytest.param(PLAIN.replace("UTF-8", "UTF-16").encode("utf-16"), id="UTF-16"),
    pytest.param(urlset("/a", "/b", attributes="").encode(), id="no namespace"),
    pytest.param(
        urlset("/a", "/b", attributes='xmlns="http://www.google.com/schemas/sitemap/0.84"').encode(),
        id="another namespace",
    ),
    pytest.param(urlset("/a", "/b", attributes='xmlns:s="x"', prefix="s:").encode(), id="prefix"),
    pytest.param(urlset("/a", "/b", attributes="", prefix="s:").encode(), id="prefix without a namespace"),
    pytest.param(
        PLAIN.replace("/b<", "/b\n<")
        .replace("<loc>", "<loc> <![CDATA[")
        .replace("</loc>", "]]></loc>")
        .encode(),
        id="CDATA and blanks",
    ),
    pytest.param(PLAIN.replace("http://example.org/b", "/b").encode(), id="relative address"),
    pytest.param(
        PLAIN.replace(
            "<url>", "<url><image:image><image:loc>http://i.org/x.jpg</image:loc></image:image>"
        ).encode(),
        id="images",
    ),
    pytest.param(
        PLAIN.upper()
        .replace("HTTP://EXAMPLE.ORG/A", "http://example.org/a")
        .replace("HTTP://EXAMPLE.ORG/B", "http://example.org/b")
        .encode(),
        id="capitals",
    ),
    pytest.param(b"http://example.org/a\r\nhttp://example.org/b\r\n", id="a list of lines"),
    pytest.param(
        b"\xef\xbb\xbf# ours\nhttp://example.org/a\n\n http://example.org/b \n", id="a list with a comment"
    ),
    pytest.param(gzip.compress(b"http://example.org/a\nhttp://example.org/b"), id="a gzipped list"),
]


@pytest.mark.parametrize("body", FORMS)
def test_sitemaps_in_every_form(body: bytes) -> None:
    assert urls(read_sitemap(body, HERE)) == ["/a", "/b"]


def test_an_index_leads_to_sitemaps() -> None:
    body = (
        b"<sitemapindex><sitemap><loc>http://example.org/1.xml.gz</loc><lastmod>2026-11-23T00:00:00Z</lastmod></sitemap>"
        b"<sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"
    )
    sitemap = read_sitemap(body, HERE)
    assert [(entry.url, entry.lastmod) for entry in sitemap.sitemaps] == [
        ("http://example.org/1.xml.gz", DAY),
        ("http://example.org/2.xml", None),
    ]
    assert not sitemap.pages


def test_news_have_titles_and_dates() -> None:
    body = (
        b'<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://example.org/a</loc><news:news>'
        b"<news:publication_date>2026-11-23</news:publication_date><news:title>Cramps &amp; more</news:title></news:news></url></urlset>"
    )
    (entry,) = read_sitemap(body, HERE).pages
    assert (entry.title, entry.lastmod) == ("Cramps & more", DAY)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-23", DAY),
        ("2026-11-23T01:30+01:30", DAY),
        ("2026-11-23T00:00:00.000Z", DAY),
        ("20261123", DAY),
        ("Mon, 23 Nov 2026 00:00:00 +0000", DAY),
        ("yesterday", None),
        ("2026-13-45", None),
        ("2026-00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
    ],
)
def test_dates(text: str, moment: datetime | None) -> None:
    (entry,) = read_sitemap(urlset("/a").replace("2026-11-23", text).encode(), HERE).pages
    assert entry.lastmod == moment


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>http://example.org/</link>
<item><title>Cramps</title><link>http://example.org/a</link><pubDate>Mon, 23 Nov 2026 00:00:00 GMT</pubDate></item>
<item><guid isPermaLink="true">http://example.org/b</guid></item><item><title>no address</title></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>Cramps</title><link href="/a"/>
<link rel="self" href="/a.atom"/><updated>2026-11-23T00:00:00Z</updated></entry><entry><link href="http://example.org/b"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item rdf:about="http://example.org/a"><title>Cramps</title><link>http://example.org/a</link><dc:date>2026-11-23</dc:date></item>
<item rdf:about="http://example.org/b"><link>http://example.org/b</link></item></rdf:RDF>"""


@pytest.mark.parametrize("body", [RSS, ATOM, RDF], ids=["RSS", "Atom", "RDF"])
def test_feeds(body: str) -> None:
    sitemap = read_sitemap(body.encode(), HERE)
    assert urls(sitemap) == ["/a", "/b"]
    assert (sitemap.pages[0].title, sitemap.pages[0].lastmod) == ("Cramps", DAY)
    assert sitemap.problem == ""


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    sitemap = read_sitemap(RSS.replace("</item>", "", 1).replace("Cramps", "Cramps & <b>rest").encode(), HERE)
    assert urls(sitemap)
    assert "broken feed" in sitemap.problem


# Broken ones


def test_a_sitemap_that_is_cut_off_gives_the_whole_addresses() -> None:
    paths = [f"/page-{number}" for number in range(200)]
    body = urlset(*paths).encode()
    chance = random.Random(2)
    for cut in (chance.randrange(150, len(body)) for _ in range(80)):
        whole = body[:cut].count(b"</url>")
        if not whole:
            continue
        sitemap = read_sitemap(body[:cut], HERE)
        assert urls(sitemap) == paths[:whole]
        assert sitemap.problem


def test_a_gzip_file_that_is_cut_or_damaged_gives_what_can_be_read() -> None:
    paths = [f"/page-{number}-{random.Random(number).random()}" for number in range(3_000)]
    body = gzip.compress(urlset(*paths).encode())
    cut = read_sitemap(body[: len(body) // 2], HERE)
    spoiled = bytearray(body)
    spoiled[len(body) // 2] ^= 0xFF
    damaged = read_sitemap(bytes(spoiled), HERE)
    for sitemap, problem in ((cut, "the gzip file is cut off"), (damaged, "damaged gzip")):
        assert sitemap.problem == problem
        assert 500 < len(sitemap.pages) < 3_000
    assert urls(cut) == paths[: len(cut.pages)]


MISTAKES = [
    pytest.param(PLAIN.replace("/a<", "/a?x=1&y=2<"), ["/a?x=1&y=2", "/b"], id="bare ampersand"),
    pytest.param(PLAIN.replace("/a<", "/a&eacute;<"), ["/a%C3%A9", "/b"], id="entity of HTML"),
    pytest.param(PLAIN.replace("/a<", "/a\x08<"), ["/a", "/b"], id="control character"),
    pytest.param(PLAIN.replace("</lastmod>", "", 1), ["/a", "/b"], id="element not closed"),
    pytest.param(PLAIN.replace("</urlset>", ""), ["/a", "/b"], id="end missing"),
    pytest.param(PLAIN + "<!-- served in 3 ms --> Warning: mysql", ["/a", "/b"], id="rubbish behind it"),
    pytest.param(PLAIN.replace("<loc>http://example.org/a</loc>", ""), ["/b"], id="entry without an address"),
    pytest.param(
        PLAIN.replace("http://example.org/a", "javascript:alert(1)"), ["/b"], id="an address that is none"
    ),
    pytest.param(PLAIN.replace("/b", "/a"), ["/a"], id="twice the same"),
]


@pytest.mark.parametrize(("text", "paths"), MISTAKES)
def test_mistakes_are_forgiven(text: str, paths: list[str]) -> None:
    assert sorted(urls(read_sitemap(text.encode(), HERE))) == paths


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!DOCTYPE html><html><body>Not found</body></html>",
        b"<html>",
        b"<note/>",
        b"just words",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"{}",
        b"<",
        gzip.compress(b""),
    ],
    ids=[
        "empty",
        "blank",
        "web page",
        "html",
        "other XML",
        "words",
        "image",
        "JSON",
        "angle bracket",
        "gzip of nothing",
    ],
)
def test_what_is_no_sitemap_is_told(body: bytes) -> None:
    with pytest.raises(NotASitemap) as caught:
        read_sitemap(body, HERE)
    assert "\n" not in str(caught.value)


def test_entities_are_neither_expanded_nor_fetched() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{laughs}<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    body = PLAIN.replace("<urlset", bomb + "<urlset").replace("/a<", "/a&l11;<").replace("/b<", "/b&file;<")
    assert urls(read_sitemap(body.encode(), HERE)) == ["/a", "/b"]
    feed = RSS.replace("<rss", bomb + "<rss").replace("Cramps", "Cramps&l11;&file;")
    assert all(
        "haha" not in entry.title and "root" not in entry.title
        for entry in read_sitemap(feed.encode(), HERE).pages
    )


def test_a_long_feed_is_read_from_its_newest_entry_on() -> None:
    item = "<item><link>http://example.org/%d</link><description>" + "Rest. " * 200 + "</description></item>"
    body = "<rss><channel>" + "".join(item % number for number in range(2_500)) + "</channel></rss>"
    sitemap = read_sitemap(body.encode(), HERE)
    assert sitemap.problem == "longer than 2 MB"
    assert urls(sitemap)[:3] == ["/0", "/1", "/2"]
    assert 1_000 < len(sitemap.pages) < 2_500


def test_size_is_bounded() -> None:
    assert (
        read_sitemap(urlset(*(f"/{n}" for n in range(MAX_ENTRIES + 10))).encode(), HERE).problem
        == "more than 50,000 entries"
    )
    bomb = gzip.compress(PLAIN.encode() + b" " * 60_000_000)
    assert urls(read_sitemap(bomb, HERE)) == ["/a", "/b"]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text("<>/&;urlocset sitemap![]x:", max_size=200).map(str.encode))
def test_any_bytes_are_a_sitemap_or_not(body: bytes) -> None:
    for data in (body, b"<urlset>" + body, b"<rss>" + body, b"http://a.b/" + body):
        with suppress(NotASitemap):
            read_sitemap(data, HERE)


HOSTILE = [
    "<url>",
    "<url><loc>http://e.org/</loc>",
    "&",
    "<rss>",
    "http://e.org/\n",
    "<!--",
    "<![CDATA[",
    "<!DOCTYPE x [",
    "<",
    "<a ",
    "&lt;",
]


@pytest.mark.parametrize(
    "start", ["<urlset>", "<rss><channel><item><title>", "<feed><entry><title type='html'>", ""]
)
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_sitemap_takes_linear_time(start: str, piece: str) -> None:
    def seconds(n: int) -> float:
        body = (start + piece * n).encode()

        def read() -> None:
            with suppress(NotASitemap):
                read_sitemap(body, HERE)

        return min(timeit.repeat(read, number=1, repeat=2, timer=time.process_time))

    assert seconds(2_000) < 16 * seconds(500) + 0.02
