"""What holds for any bytes at all."""

import contextlib
import html
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaning.article import Article, clean, clean_text
from cleaning.document import decode, decode_text
from cleaning.facts import read_facts
from cleaning.linklists import judge_lines, link_lists
from cleaning.refusal import NotAnArticle
from crawler.page import Page

PIECES = [
    "<p>", "</p>", "<div class=related>", "</div>", "<ul><li>", "</li></ul>", "<h1>", "<h2>", "<table><tr><td>", "<a href='/x'>", "</a>", "<br>", "<!--", "-->", "<script>", "</script>", "<b>",
    "<title>", "</title>", "<meta charset=gbk>", "&amp;", "&#0;", "&#x110000;", "&nbsp", "<", ">", '"', "'", "\0", "\n", "\r\n", "\t", " ", "\u3000", "\u200b", "\ufeff", "\u202e", "\x85",
    "Sit down, lean forward a little and press the soft part of the nose for ten minutes.", "Dry air is the most common cause; the lining of the nose cracks, and a sneeze is enough.",
    "宝宝打嗝很常见，大多数情况下不用担心。", "الفواق عند الرضع شائع بعد الرضاعة.", "Судороги в ногах бывают часто.", "1. Rest.", "2. Heat.", "• Water", "<<: A title", ">>: Another title", "Some words cut at a len...",
    "Related articles", "Leave a reply", "Tags: a, b", "Source: Network", "Home > Health > Nose", "By Ann Lee", "May 3, 2020", "© 2020 All rights reserved", "…", "...", "|", "é", "\u0301", "😀", "Ã©",
]  # fmt: skip
SOURCES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=60).map("".join)
CODECS = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252", "koi8-r", "cp932", "iso2022_jp"]
)
HEADERS = st.sampled_from(
    [
        "",
        "text/html",
        "text/html; charset=utf-8",
        "text/html; charset=gbk",
        "text/plain",
        "text/html; charset=\x00",
        "charset=;;=",
        "application/xhtml+xml; charset='koi8-r'",
    ]
)
ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cleaned(body: bytes, media: str = "") -> Article | None:
    try:
        return clean(
            Page("https://health.example/a", body, headers=(("Content-Type", media),) if media else ())
        )
    except NotAnArticle:
        return None


@ANY
@given(st.binary(max_size=3000), HEADERS)
def test_no_bytes_are_too_odd(body: bytes, media: str) -> None:
    cleaned(body, media)


@ANY
@given(SOURCES, CODECS, HEADERS)
def test_no_page_is_too_odd(source: str, codec: str, media: str) -> None:
    cleaned(source.encode(codec, "replace"), media)


@ANY
@given(SOURCES)
def test_decoding_leaves_no_nul_and_no_lone_surrogate(source: str) -> None:
    document = decode_text(source + "\ud800\0") if source.strip() else decode_text(source)
    document.text.encode()
    assert "\0" not in document.text


@ANY
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_unicode_comes_out_as_it_went_in(text: str, codec: str) -> None:
    text = re.sub(r"[\0-\x1f<>\x7f-\x9f\ufeffÂÃ-ï]", "x", "Rest. " + text)
    body = text.encode(codec)
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    assert decode(Page("u", body, headers=headers)).text == text


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))


@ANY
@given(SOURCES)
def test_cleaning_invents_no_words(source: str) -> None:
    article = cleaned(source.encode("utf-8", "replace"))
    if article is not None:
        # Words may be joined where an element stands inside one ("no<b>se"), so the letters are what must be there.
        letters = re.sub(r"[\W_]+", "", html.unescape(re.sub(r"<[^<>]*>", "", source)))
        for word in words(article.text):
            assert word in source or word in letters or word in html.unescape(source)


@ANY
@given(
    st.lists(
        st.sampled_from([piece for piece in PIECES if "<" not in piece and "&" not in piece]),
        min_size=1,
        max_size=40,
    ).map("\n".join)
)
def test_flattened_lines_keep_their_order_and_their_places(source: str) -> None:
    document = decode_text(source)
    if document.kind != "text":
        return
    end = 0
    for verdict in judge_lines(document):
        block = verdict.block
        assert end <= block.start < block.end <= len(document.text)
        assert words(block.text) == words(document.text[block.start : block.end])
        end = block.end


@ANY
@given(SOURCES)
def test_blocks_keep_their_order(source: str) -> None:
    article = cleaned(source.encode("utf-8", "replace"))
    if article is not None:
        kept = [verdict.block.text for verdict in article.verdicts if verdict.reason is None]
        assert article.text == "\n".join(kept)
        places = [verdict.block.start for verdict in article.verdicts if verdict.block.start >= 0]
        if article.source_format == "text":
            assert places == sorted(places)


@ANY
@given(SOURCES)
def test_every_block_gets_one_reason_or_none(source: str) -> None:
    document = decode_text(source)
    if document.kind == "text":
        blocks = [verdict.block for verdict in judge_lines(document)]
        assert len(link_lists(blocks, "A title")) == len(blocks)


@ANY
@given(SOURCES)
def test_facts_are_words_of_the_page(source: str) -> None:
    document = decode_text(source)
    facts = read_facts(document)
    for fact in (facts.title, facts.author, facts.publisher):
        assert fact == " ".join(fact.split())
    for day in (facts.published, facts.modified, facts.reviewed):
        assert day == "" or re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)?)?", day)


@ANY
@given(SOURCES)
def test_a_text_given_as_such_is_judged_without_failing(source: str) -> None:
    with contextlib.suppress(NotAnArticle):
        assert clean_text(source, "https://health.example/a").text
