"""Cutting pages into blocks: what a reader sees, in order, with lists, tables, links and bold told."""

import re
import time
import timeit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from cleaning.blocks import _COMMENT_ID, _TEXT_ID, INVISIBLE, Block, cut, lay_out, lay_out_frame
from cleaning.document import Document


def blocks_of(html: str) -> tuple[Block, ...]:
    return cut(Document(html, "html"))


def texts_of(html: str) -> list[str]:
    return [block.text for block in blocks_of(html)]


TEXTS = [
    pytest.param("<p>One<p>Two", ["One", "Two"], id="unclosed paragraphs"),
    pytest.param("<p>One<br>two<br/><br>three</p>", ["One", "two", "three"], id="breaks end a line"),
    pytest.param("<p>a <b>b</b><i>c</i>\n d</p>", ["a bc d"], id="inline elements do not"),
    pytest.param(
        "<div>lead <span>in</span><p>body</p>tail</div>", ["lead in", "body", "tail"], id="text beside blocks"
    ),
    pytest.param(
        "<p>x<script>y</script><style>z</style><noscript>n</noscript></p>",
        ["x"],
        id="what a reader does not see",
    ),
    pytest.param("<p>x<!-- no --> y</p>", ["x y"], id="a comment is nothing"),
    pytest.param("<details><summary>Q</summary>A</details>", ["Q", "A"], id="a summary stands alone"),
    pytest.param("<table><tr><th>A<th>B<tr><td><p>1</p><td>2</table>", ["A | B", "1 | 2"], id="rows of data"),
    pytest.param("<table><tr><td>a<td><td>c</table>", ["a | c"], id="an empty cell"),
    pytest.param(
        "<table><tr><td><a href=x>Home</a><br><a href=y>News</a><td><h2>H</h2><p>Text</table>",
        ["Home", "News", "H", "Text"],
        id="a table for the layout",
    ),
    pytest.param(
        "<table><tr><td>" + "word " * 100 + "<td>b</table>", [("word " * 100).strip(), "b"], id="long cells"
    ),
    pytest.param("<my-card>a</my-card><my-card>b</my-card>", ["a", "b"], id="custom elements are blocks"),
    pytest.param(
        "<p>Do <x-mark>not</x-mark> pull.</p>", ["Do not pull."], id="a custom element in a sentence"
    ),
    pytest.param("<p><x-mark>Do not</x-mark> <b>pull</b></p>", ["Do not pull"], id="and at its start"),
    pytest.param("<div>In <st1:place><st1:city>Lyme</st1:city></st1:place>.", ["In Lyme."], id="a smart tag"),
    pytest.param("<li><blink>Do not</blink> wait.", ["Do not wait."], id="an element of old browsers"),
    pytest.param(
        "<x-page>Lead<x-box><p>a</x-box></x-page>", ["Lead", "a"], id="custom elements around blocks"
    ),
    pytest.param(
        "<table><tr><td><b>To do</b><td>- Rest<br>- Drink</table>",
        ["To do", "- Rest", "- Drink"],
        id="a row of a heading and its list",
    ),
    pytest.param(
        "<table><tr><th>Dose<br>(mg)<th>Age<tr><td>5<td>1 to 3</table>",
        ["Dose (mg) | Age", "5 | 1 to 3"],
        id="a line broken in its cell",
    ),
    pytest.param(
        "<table><tr><td>- Rest<br>- Drink<td>- Run<br>- Smoke</table>",
        ["- Rest - Drink | - Run - Smoke"],
        id="two columns of lists keep their columns",
    ),
    pytest.param(
        "<table><tr><td>" + "休息并多喝水。" * 30 + "<td>b</table>",
        ["休息并多喝水。" * 30, "b"],
        id="long cells of ideographs",
    ),
    pytest.param(
        "<table><tr><td>" + "Rest<br>" * 9 + "<td>Hours<br>Nine to five</table>",
        ["Rest"] * 9 + ["Hours", "Nine to five"],
        id="cells of many lines",
    ),
    pytest.param("<pre>\nTo do\n\nRest\nDrink\n</pre>", ["To do", "Rest", "Drink"], id="preformatted lines"),
    pytest.param(
        "<table><tr><td>To do<td><pre>Rest\nDrink\n</pre><tr><td>b<td>c</table>",
        ["To do", "Rest", "Drink", "b | c"],
        id="preformatted lines in a cell",
    ),
    pytest.param(
        "<p>Treat&shy;ment</p><p>An\xadti&#8203;bio\ufefftics",
        ["Treatment", "Antibiotics"],
        id="places to break a word",
    ),
    pytest.param(
        "<frameset><frame src=a><noframes><body><h1>Rest</h1><p>It helps.</body></noframes></frameset>",
        ["Rest", "It helps."],
        id="a page of frames",
    ),
    pytest.param("<p>Rest<noframes><p>No frames</noframes>", ["Rest"], id="what is said without frames"),
    pytest.param(
        '<h2>Rest <a href="#rest">#</a></h2><h3><a href="#ice">¶</a> Ice</h3><h2>Our #1 <a href="x">tip</a></h2><h2><a href="x">#</a></h2>',
        ["Rest", "Ice", "Our #1 tip", "#"],
        id="signs by which headings link to themselves",
    ),
    pytest.param(
        '<h2>Rest<a href="#rest">¶</a>\n</h2><h2><a href="x">Learn C#</a></h2><h2><a href="x">#</a> <a href="y">#</a>',
        ["Rest", "Learn C#", "#"],
        id="such a sign glued to its heading, one that is part of a word, two alone",
    ),
    pytest.param("", [], id="nothing"),
    pytest.param("<p> \n\xa0 </p>", [], id="only white space"),
]


@pytest.mark.parametrize(("html", "expected"), TEXTS)
def test_blocks_are_the_lines_a_reader_sees(html: str, expected: list[str]) -> None:
    assert texts_of(html) == expected


def test_items_know_their_list_and_number() -> None:
    found = [
        (block.text, block.list_id, block.list_tag, block.depth, block.item)
        for block in blocks_of(
            "<ol start=3><li>a<li value=7><p>b</p><p>c</p><ul><li>d</ul>e</ol><dl><dt>f<dd>g<dt>h</dl><p>i</p>"
        )
    ]
    assert found == [
        ("a", 0, "ol", 1, 3),
        ("b", 0, "ol", 1, 7),
        ("c", 0, "ol", 1, 7),
        ("d", 1, "ul", 2, 1),
        ("e", 0, "ol", 1, 7),
        ("f", 2, "dl", 1, 1),
        ("g", 2, "dl", 1, 1),
        ("h", 2, "dl", 1, 2),
        ("i", -1, "", 0, 0),
    ]


def test_numbers_that_are_none_are_passed_over() -> None:
    assert [
        block.item for block in blocks_of("<ol start=x><li value=''>a<li value=99999999999999999999>b</ol>")
    ] == [1, 2]


BOLD = [
    pytest.param("<p><b>Rest.</b> Lie down.</p>", 5, id="a label"),
    pytest.param("<p><b>Whole line</b></p>", 10, id="the whole line"),
    pytest.param("<p><strong>Two</strong> <b>parts</b> here</p>", 9, id="two in a row"),
    pytest.param("<p>Not <b>first</b></p>", 0, id="in the middle"),
    pytest.param("<b><p>Around</p></b>", 6, id="around the block"),
    pytest.param("<table><tr><th>A<th>B<tr><td>1<td>2</table>", 5, id="a table's heads"),
    pytest.param("<table><tr><th>A<td>B<tr><th>1<td>2</table>", 0, id="a row's head"),
]


@pytest.mark.parametrize(("html", "bold"), BOLD)
def test_bold_counts_from_the_start(html: str, bold: int) -> None:
    assert blocks_of(html)[0].bold == bold


LINKED = [
    pytest.param("<p>see <a href=x>this one</a></p>", 8, id="a part"),
    pytest.param("<a href=x><div>card</div></a>", 4, id="a link around a block"),
    pytest.param("<p><a href=x>a</a> <a href=y>b</a></p>", 2, id="two links"),
    pytest.param("<a href=x></a><p>no</p>", 0, id="an empty link before"),
    pytest.param("<a name=top><p>no</p>", 0, id="a place to jump to, left open"),
    pytest.param('<a name="rest" /><p>no <a href=x>yes</a></p>', 3, id="a link after one"),
]


@pytest.mark.parametrize(("html", "linked"), LINKED)
def test_linked_characters_are_counted(html: str, linked: int) -> None:
    assert blocks_of(html)[0].linked == linked


def test_a_row_that_is_read_as_several_lines_is_judged_as_one() -> None:
    layout = lay_out(LexborHTMLParser("<table><tr><td>To do<td><p>Rest<p>Drink</table>"))
    assert list(layout.texts) == ["To do | Rest Drink"]
    assert [block.text for block in layout.blocks(0)] == ["To do", "Rest", "Drink"]


def test_the_frame_is_left_out_and_can_be_visited() -> None:
    prose = "<p>" + "Long enough to be a page of its own. " * 20 + "</p>"
    layout = lay_out(LexborHTMLParser(f"<nav><ul><li>Home<li>News</ul></nav>{prose}<footer>Imprint</footer>"))
    assert len(layout.texts) == 1
    assert [(place, lay_out_frame(element).texts) for place, element in layout.left_out] == [
        (0, ("Home", "News")),
        (1, ("Imprint",)),
    ]


def test_a_page_inside_an_unclosed_nav_is_read() -> None:
    layout = lay_out(
        LexborHTMLParser("<nav><a href=x>Home</a>" + "<p>The page's own text stands in here.</p>" * 9)
    )
    assert len(layout.texts) == 10


def test_lexbor_numbers_nodes_as_expected() -> None:
    body = LexborHTMLParser("<body>text<!-- comment -->").body
    assert body is not None
    assert [node.tag_id for node in body.iter(include_text=True)] == [_TEXT_ID, _COMMENT_ID]


_FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<ul>",
            "<ol>",
            "<li>",
            "</li>",
            "</ul>",
            "<table>",
            "<tr>",
            "<td>",
            "</td>",
            "</table>",
            "<b>",
            "</b>",
            "<a",
            "href=x>",
            "</a>",
            "<br>",
            "<h2>",
            "</h2>",
            "<nav>",
            "</nav>",
            "<dl>",
            "<dt>",
            "<dd>",
            "word",
            "sentence.",
            "1.",
            "'",
            '"',
            "&",
            "&amp;",
            "<",
            ">",
            "é",
            "漢字",
            "\x00",
            "\ufeff",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<details>",
            "<summary>",
            "<span>",
            "</span>",
        ]
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(_FRAGMENTS)
@example("word <script> <p> </script> href=x>")
def test_blocks_hold_only_words_of_the_page_in_its_order(html: str) -> None:
    layout = lay_out(LexborHTMLParser(html))
    shown = LexborHTMLParser(html)
    shown.strip_tags(["script"])
    body = shown.body
    unseen = re.compile(rf"[\s{INVISIBLE}]+")
    page = unseen.sub("", body.text(deep=True)) if body is not None else ""
    position = 0
    for block in (layout.block(n) for n in range(len(layout.texts))):
        assert 0 <= block.linked <= len(block.text)
        assert 0 <= block.bold <= len(block.text)
        for part in block.text.split(" | "):
            found = page.find(unseen.sub("", part), position)
            assert found >= 0
            position = found
    for first, end, parent in zip(layout.first, layout.end, layout.parent, strict=True):
        assert 0 <= first < end <= len(layout.texts)
        assert parent < 0 or layout.first[parent] <= first


HOSTILE = [
    pytest.param("<div>" * 2_000 + "x", "<div>" * 8_000 + "x", id="nested"),
    pytest.param("<p>" * 4_000, "<p>" * 16_000, id="unclosed"),
    pytest.param("<b><i>x" * 150, "<b><i>x" * 600, id="formatting rebuilt"),
    pytest.param("<table><tr><td>a" * 500, "<table><tr><td>a" * 2_000, id="nested tables"),
    pytest.param(
        "<p " + " ".join(f"a{n}" for n in range(5_000)) + ">x",
        "<p " + " ".join(f"a{n}" for n in range(20_000)) + ">x",
        id="attributes",
    ),
    pytest.param("<ul><li>a" * 1_000, "<ul><li>a" * 4_000, id="nested lists"),
]


@pytest.mark.parametrize(("short", "long"), HOSTILE)
def test_hostile_pages_take_linear_time(short: str, long: str) -> None:
    trees = {html: LexborHTMLParser(html) for html in (short, long)}

    def seconds(html: str) -> float:
        return min(timeit.repeat(lambda: lay_out(trees[html]), number=1, repeat=5, timer=time.process_time))

    assert seconds(long) < 12 * seconds(short) + 0.01


def test_custom_elements_are_told_apart_by_nothing_that_changes() -> None:
    """lexbor numbers them by an address in memory, which must not reach the features."""
    html = "".join(f"<x-{'n' * n} class=a><p>Rest helps {n}.</p></x-{'n' * n}>" for n in range(1, 41))
    trees = [LexborHTMLParser("<p>" * n + html) for n in range(8)]
    assert len({tuple(lay_out(tree).kin[-40:]) for tree in trees[1:]}) == 1
