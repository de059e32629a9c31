"""Hostile input: every step's time grows as the input does, and nothing is refused but with a reason."""

import contextlib
import time
import timeit
from collections.abc import Callable

import pytest

from cleaning.article import clean, main_text
from cleaning.document import decode
from cleaning.facts import read_facts
from cleaning.linklists import judge_lines
from cleaning.refusal import NotAnArticle
from crawler.page import Page

WORDS = "Sit down, lean forward a little and press the soft part of the nose for ten minutes. "

BODIES: dict[str, Callable[[int], bytes]] = {
    "nested elements": lambda n: b"<div>" * (n // 5) + WORDS.encode(),
    "nested lists": lambda n: b"<ul><li>a" * (n // 9),
    "nested tables": lambda n: b"<table><tr><td>" * (n // 15) + WORDS.encode(),
    "nested bold": lambda n: b"<p><b><i><a href=x>" * (n // 19) + WORDS.encode(),
    "attributes of one element": lambda n: (
        b"<p " + b" ".join(b"a%d=1" % k for k in range(n // 8)) + b">" + WORDS.encode()
    ),
    "attributes of many": lambda n: b'<p class="a b c d" id=x data-y=z>w</p>' * (n // 38),
    "unclosed paragraphs": lambda n: b"<p>Rest. " * (n // 9),
    "unclosed tags": lambda n: b"<p " * (n // 3),
    "unclosed comments": lambda n: b"<!--" * (n // 4),
    "unclosed quotes": lambda n: b'<a href="' * (n // 9),
    "unclosed scripts": lambda n: b"<script>" * (n // 8),
    "less-than signs": lambda n: b"<" * n,
    "ampersands": lambda n: b"&" * n,
    "entities": lambda n: b"&nbsp;" * (n // 6),
    "meta elements": lambda n: b'<meta name="author" content="x">' * (n // 32),
    "charsets": lambda n: b"<meta charset=" * (n // 14),
    "headings": lambda n: b"<h1>Rest</h1>" * (n // 13),
    "times": lambda n: b"<time>May 3, 2020</time>" * (n // 24),
    "bylines": lambda n: b"<p>By Ann Lee</p>" * (n // 17),
    "linked data": lambda n: b'<script type="application/ld+json">{"@type":"Article"}</script>' * (n // 62),
    "linked data nested": lambda n: (
        b'<script type="application/ld+json">' + b'{"@graph":[' * (n // 11) + b"</script>"
    ),
    "linked data wide": lambda n: (
        b'<script type="application/ld+json">['
        + b'{"@type":"Person","@id":"a"},' * (n // 29)
        + b"0]</script>"
    ),
    "passwords": lambda n: b"<input type" * (n // 11),
    "players": lambda n: b"<iframe " * (n // 8),
    "links": lambda n: b"<a href=/x>Warm feet in ten minutes</a> " * (n // 40),
    "teasers": lambda n: b"<p>Some words that were cut at the same length every ti...</p>" * (n // 63),
    "copies": lambda n: WORDS.encode() * (n // 86),
    "one word": lambda n: b"a" * n,
    "spaces": lambda n: b"<p>a" + b" " * n + b"b",
    "line ends": lambda n: b"a\n" * (n // 2),
    "full stops": lambda n: b"." * n,
    "numbers": lambda n: b"1. " * (n // 3),
    "dates": lambda n: b"3 May 2020 " * (n // 11),
    "arrows": lambda n: b"<<: " * (n // 4),
    "bars": lambda n: b"| " * (n // 2),
    "high bytes": lambda n: b"\xe9" * n,
    "GBK or not": lambda n: b"\xb0\xa1\xff" * (n // 3),
    "escapes": lambda n: b"\x1b$B" * (n // 3),
    "doubled": lambda n: "Ã©â€™".encode() * (n // 14),
    "UTF-16": lambda n: ("<p>" + WORDS * (n // 172)).encode("utf-16"),
    "NULs": lambda n: b"<p>Rest.\0" * (n // 9),
    "Chinese": lambda n: "宝宝打嗝很常见。".encode() * (n // 24),
    "combining marks": lambda n: "é̀̂".encode() * (n // 8),
}


def whole(body: bytes) -> None:
    with contextlib.suppress(NotAnArticle):
        clean(Page("https://health.example/a", body))


def text_alone(body: bytes) -> None:
    main_text("<html><body>" + body.decode("utf-8", "replace"))


@pytest.mark.parametrize("run", [whole, text_alone])
@pytest.mark.parametrize("name", BODIES)
def test_the_stage_takes_linear_time(name: str, run: Callable[[bytes], None]) -> None:
    def seconds(size: int) -> float:
        body = BODIES[name](size)
        return min(timeit.repeat(lambda: run(body), number=1, repeat=2, timer=time.process_time))

    run(BODIES[name](1000))
    # Four times the input in linear time takes four times as long, in quadratic sixteen times; below a tenth of a second all is noise.
    # lexbor is quadratic in nested elements up to the number from which they are bounded.
    few = 160_000 if name == "nested elements" else 10_000
    assert seconds(4 * few) < 10 * seconds(few) + 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_a_megabyte_of_anything_is_read_in_seconds_relative_to_words(name: str) -> None:
    words = f"<p>{WORDS}</p>".encode() * 11_000
    body = BODIES[name](1_000_000)

    def seconds(body: bytes) -> float:
        return timeit.timeit(lambda: whole(body), number=1, timer=time.process_time)

    assert seconds(body) < 30 * seconds(words) + 1


@pytest.mark.slow
def test_fifty_megabytes_of_text_and_two_hundred_thousand_nested_elements_end() -> None:
    whole(f"<p>{WORDS}</p>".encode() * 540_000)
    whole((WORDS + "\n").encode() * 600_000)
    for run in (whole, text_alone):
        run(b"<div>" * 200_000 + WORDS.encode())
        run(BODIES["attributes of one element"](9_000_000))
        run(BODIES["unclosed tags"](3_000_000))
        run(b"<b><i><a href=x><table><tr><td><ul><li>x" * 50_000)
    text_alone(f"<p>{WORDS}</p>".encode() * 540_000)


def test_deeper_than_the_stack_is_no_deeper_than_the_tree() -> None:
    depth = 50_000
    text = main_text("<html><body>" + "<div>" * depth + "<p>" + WORDS * 20 + "</p>" + "</div>" * depth)
    assert text == "" or WORDS.strip() in text


def test_each_step_takes_what_the_one_before_gives() -> None:
    for body in BODIES.values():
        with contextlib.suppress(NotAnArticle):
            document = decode(Page("https://health.example/a", body(3000)))
            read_facts(document)
            if document.kind == "text":
                judge_lines(document)
