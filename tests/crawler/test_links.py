"""Links as a browser would follow them, and the ones not worth following."""

import time
import timeit

import pytest
from ada_url import join_url
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.links import Refusal, absolute, clean_url, find_links, keep, refusal

HERE = "http://example.org/health/cramps.html"

HREFS = [
    pytest.param("/a/b.html", "http://example.org/a/b.html", id="from the root"),
    pytest.param("rest", "http://example.org/health/rest", id="from here"),
    pytest.param("../index", "http://example.org/index", id="upwards"),
    pytest.param("//cdn.example.org/x", "http://cdn.example.org/x", id="without a scheme"),
    pytest.param("HTTPS://Example.ORG:443/A", "https://example.org/A", id="spelled oddly"),
    pytest.param("  /a\n", "http://example.org/a", id="with blanks"),
    pytest.param("/a#part", "http://example.org/a", id="with a fragment"),
    pytest.param("?page=2", "http://example.org/health/cramps.html?page=2", id="only a query"),
    pytest.param("/a?", "http://example.org/a", id="an empty query"),
    pytest.param("/ä?ö=ü", "http://example.org/%C3%A4?%C3%B6=%C3%BC", id="not ASCII"),
    pytest.param("\\a\\b", "http://example.org/a/b", id="backslashes"),
    pytest.param(
        "/a?utm_source=x&id=7&fbclid=9&UTM_Medium=y", "http://example.org/a?id=7", id="tracking parameters"
    ),
    pytest.param(
        "/a?ref=b&source=c", "http://example.org/a?ref=b&source=c", id="parameters that tell pages apart"
    ),
    pytest.param("/a;jsessionid=0A1B?x=1", "http://example.org/a?x=1", id="a session in the path"),
    pytest.param("/a?PHPSESSID=1", "http://example.org/a", id="a session in the query"),
    pytest.param("", None, id="empty"),
    pytest.param("#top", None, id="within the page"),
    pytest.param("javascript:void(0)", None, id="a script"),
    pytest.param("mailto:a@example.org", None, id="mail"),
    pytest.param("tel:112", None, id="telephone"),
    pytest.param("data:text/html,x", None, id="data"),
    pytest.param("http://[bad", None, id="no address"),
    pytest.param("http://exa mple.org/", None, id="a blank in the host"),
]


@pytest.mark.parametrize(("href", "url"), HREFS)
def test_an_href_is_joined_and_cleaned(href: str, url: str | None) -> None:
    assert find_links(f'<a href="{href}">x</a>', HERE).urls == ((url,) if url else ())


@settings(deadline=None)
@given(
    st.text("ab.-_~/%:?#@\\ xn0ä[]", max_size=20),
    st.sampled_from(["", "/", "http://", "https://a.example.org/", "//"]),
)
def test_shortcuts_join_as_the_standard_has_it(text: str, start: str) -> None:
    href = start + text
    try:
        expected = join_url(HERE, href).partition("#")[0]
    except ValueError:
        expected = ""
    assert absolute(href, HERE) == (expected if expected.startswith(("http://", "https://")) else "")


def test_links_come_once_in_the_order_of_the_page() -> None:
    html = "<area href=/c><a href=/b>1</a><a href=/a>2</a><a href=/b#x>3</a><a>4</a><a href>5</a>"
    assert find_links(html, HERE).urls == tuple(f"http://example.org/{name}" for name in "bac"), (
        "image maps last"
    )


def test_a_base_counts() -> None:
    assert find_links('<base href="/deep/"><a href="x">', HERE).urls == ("http://example.org/deep/x",)
    assert find_links('<base href="javascript:0"><a href="x">', HERE).urls == ("http://example.org/health/x",)


def test_canonical_feeds_and_refresh() -> None:
    html = (
        '<link rel="canonical" href="/cramps"><link rel="alternate" type="application/rss+xml" href="/feed">'
        '<link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" href="/style.css">'
        '<meta http-equiv="Refresh" content="0; URL=\'/moved\'">'
    )
    links = find_links(html, HERE)
    assert (links.canonical, links.feeds) == ("http://example.org/cramps", ("http://example.org/feed",))
    assert links.urls == ("http://example.org/moved",)


def test_nofollow_holds_if_no_other_link_leads_there() -> None:
    links = find_links(
        '<a rel="ugc NoFollow" href=/a>x</a><a rel=nofollow href=/b>x</a><a href=/b>x</a>', HERE
    )
    assert links.nofollow == {"http://example.org/a"}
    assert links.urls == ("http://example.org/a", "http://example.org/b")


PREVIOUS, NEXT, NEITHER = "previous", "next", "neither"

NEIGHBOURS = [
    pytest.param('<a rel="prev" href=/n>Sore feet</a>', PREVIOUS, id="rel"),
    pytest.param('<link rel="next" href=/n>', NEXT, id="link element"),
    pytest.param("<a href=/n>Previous</a>", PREVIOUS, id="one word"),
    pytest.param("<a href=/n>« Older posts</a>", PREVIOUS, id="arrow and words"),
    pytest.param("<a href=/n>Next page »</a>", NEXT, id="words and arrow"),
    pytest.param("<a href=/n>Next: How to sleep well</a>", NEXT, id="label and title"),
    pytest.param("<a href=/n>Next » How to sleep well</a>", NEXT, id="label, arrow, title"),
    pytest.param("<p>&lt;&lt;: <a href=/n>How to sleep well</a></p>", PREVIOUS, id="the seed's arrows"),
    pytest.param("<p>&gt;&gt;: <a href=/n>How to sleep well</a></p>", NEXT, id="the seed's other arrows"),
    pytest.param(
        "<p>Previous article: <a href=/n>How to sleep well</a></p>", PREVIOUS, id="label before the link"
    ),
    pytest.param(
        "<span>Next post</span> <a href=/n>How to sleep well</a>", NEXT, id="label in an element of its own"
    ),
    pytest.param("« <a href=/n>How to sleep well</a>", PREVIOUS, id="an arrow to the left before the link"),
    pytest.param("<p>上一篇：<a href=/n>腿抽筋</a></p>", PREVIOUS, id="Chinese label"),
    pytest.param("<a href=/n>下一篇：腿抽筋</a>", NEXT, id="Chinese label in the link"),
    pytest.param(
        '<div class="nav-next"><a href=/n>How to sleep well</a></div>', NEXT, id="class of the parent"
    ),
    pytest.param('<a class="page-link prev" href=/n>1</a>', PREVIOUS, id="own class"),
    pytest.param("<a href=/n>&gt;</a>", NEXT, id="an arrow alone"),
    pytest.param("<a href=/n>Next steps in treatment</a>", NEITHER, id="next begins a title"),
    pytest.param("<a href=/n>Older adults and cramps</a>", NEITHER, id="older begins a title"),
    pytest.param("<a href=/x>Home</a> » <a href=/n>Health</a>", NEITHER, id="breadcrumbs"),
    pytest.param("<p>Previous studies have shown that <a href=/n>rest</a> helps", NEITHER, id="a sentence"),
    pytest.param('<a class="context-nexus" href=/n>Health</a>', NEITHER, id="next within a class"),
]


@pytest.mark.parametrize(("html", "side"), NEIGHBOURS)
def test_neighbours(html: str, side: str) -> None:
    links = find_links(html, HERE)
    url = "http://example.org/n"
    assert (url in links.previous, url in links.next) == (side == PREVIOUS, side == NEXT)
    assert url in links.urls


@pytest.mark.parametrize("charset", ["gbk", "utf-8", "big5"])
def test_labels_and_queries_are_read_in_the_pages_charset(charset: str) -> None:
    html = f'<meta charset="{charset}"><p>上一篇:<a href="/n?q=中文#x">腿</a>'.encode(charset)
    links = find_links(html, HERE)
    query = "".join(f"%{byte:02X}" for byte in "中文".encode(charset))
    assert links.urls == links.previous == (f"http://example.org/n?q={query}",)


def test_undeclared_and_unknown_charsets_do_no_harm() -> None:
    assert find_links("<a href=/n>pr\xe9c\xe9dent</a>".encode("latin-1"), HERE).urls == (
        "http://example.org/n",
    )
    assert find_links(b'<meta charset="nonsense"><a href=/n>\xe9</a>', HERE).urls == ("http://example.org/n",)


def test_a_profile_may_keep_and_strip_parameters() -> None:
    html = "<a href='/a?spm=1&lang=en&Utm_Campaign=2&session=3'>x</a>"
    links = find_links(html, HERE, keep_params=["spm", "utm_campaign"], strip_params=["session"])
    assert links.urls == ("http://example.org/a?spm=1&lang=en&Utm_Campaign=2",)
    assert clean_url("HTTP://Example.org/a?spm=1&x=2#f") == "http://example.org/a?x=2"
    assert clean_url("/relative") == clean_url("mailto:a@example.org") == clean_url("http://[bad") == ""


ADDRESSES = [
    ("http://example.org/health/leg-cramps.html", None),
    ("http://example.org/2024/05/12/leg-cramps", None),
    ("http://example.org/index.php?option=com_content&view=article&id=7&catid=3&Itemid=9", None),
    ("http://example.org/?p=77", None),
    ("http://example.org/tag/cramps/", None),
    ("http://www.example.org/a", Refusal.HOST),
    ("http://example.org:8080/a", Refusal.HOST),
    ("ftp://example.org/a", Refusal.SCHEME),
    ("/a", Refusal.SCHEME),
    ("http://example.org/leaflet.PDF", Refusal.FILE),
    ("http://example.org/photo.jpg?w=3", Refusal.FILE),
    ("http://example.org/login", Refusal.PURPOSE),
    ("http://example.org/wp-json/oembed/1.0/embed", Refusal.PURPOSE),
    ("http://example.org/a?replytocom=4", Refusal.PURPOSE),
    ("http://example.org/a/b/a/b/a/b/c", Refusal.REPEATED),
    ("http://example.org/x/x/x/", Refusal.REPEATED),
    ("http://example.org/x/x/y", None),
    ("http://example.org/" + "/".join(map(str, range(15))), Refusal.DEEP),
    ("http://example.org/shop?" + "&".join(f"f{number}=1" for number in range(7)), Refusal.FACETS),
    ("http://example.org/events/2031/07/", Refusal.CALENDAR),
    ("http://example.org/calendar?month=2031-07", Refusal.CALENDAR),
    ("http://example.org/" + "a" * 2_000, Refusal.LENGTH),
]


@pytest.mark.parametrize(("url", "reason"), ADDRESSES)
def test_addresses_that_are_not_worth_asking_for(url: str, reason: Refusal | None) -> None:
    assert refusal(url, ["example.org"]) is reason
    assert keep(url, ["example.org"]) is (reason is None)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_as_something(text: str) -> None:
    find_links(text, HERE)
    find_links(text.encode("utf-16", "surrogatepass"), HERE)
    refusal(text)


@pytest.mark.parametrize(
    "piece",
    [
        "<a href=/x>",
        "<a href='/" + "a" * 30 + "%'>next</a>",
        "<div>",
        " ",
        "<a href=?" + "&" * 50 + ">",
        "<a>« « : </a>",
        "/a" * 20,
    ],
    ids=["links", "long links", "nesting", "blanks", "empty parameters", "arrows", "text"],
)
def test_a_hostile_page_takes_linear_time(piece: str) -> None:
    def seconds(n: int) -> float:
        page = "<body><a href=/1>x" + piece * n
        return min(timeit.repeat(lambda: find_links(page, HERE), number=1, repeat=3, timer=time.process_time))

    assert seconds(32_000) < 16 * seconds(8_000) + 0.01


def test_a_deeply_nested_page_is_read_down_to_where_no_honest_page_is() -> None:
    page = "<a href=/1>x</a>" + "<div>" * 200_000 + "<a href=/2>x</a>"
    assert find_links(page, HERE).urls == ("http://example.org/1",)
    honest = "<a href=/1>x</a>" + "<div><p><b>x</b></div>" * 50_000 + "<a href=/2>x</a>"
    assert len(find_links(honest, HERE).urls) == 2


def test_a_page_of_a_million_links_is_cut() -> None:
    assert (
        len(find_links("".join(f"<a href=/{number}>x</a>" for number in range(20_000)), HERE).urls) == 5_000
    )
