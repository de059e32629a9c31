"""Flattened pages: which lines are the article's, and why the others are not."""

import html
import itertools
import os
import random
import time
import timeit
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cleaning.blocks import Block
from cleaning.boilerplate import Reason
from cleaning.document import Document, decode_text
from cleaning.linklists import headline, judge_lines, lines, link_lists

SEED = (
    Path(os.environ.get("CONSILIA_SHARED", Path(__file__).parents[3] / "shared")) / "seed" / "leg-cramps.txt"
)
PAGES = tomllib.loads((Path(__file__).parent / "flattened" / "pages.toml").read_text("utf-8"))


def flattened(text: str) -> Document:
    document = decode_text(text)
    assert document.kind == "text"
    return document


def judged(text: str) -> list[tuple[str, str]]:
    """Every line's fate and its words."""
    return [
        (verdict.reason.name.lower() if verdict.reason else "keep", verdict.block.text)
        for verdict in judge_lines(flattened(text))
    ]


@pytest.mark.parametrize("page", [pytest.param(page, id=name) for name, page in PAGES.items()])
def test_every_line_of_a_flattened_page_meets_its_fate(page: dict[str, Any]) -> None:
    for join in page.get("joins", [page.get("newline", "\n")]):
        source = join.join(line for _, line in page["lines"])
        expected = [
            (fate, " ".join(html.unescape(line).split()).removesuffix(" |")) for fate, line in page["lines"]
        ]
        assert judged(source) == expected


@pytest.mark.parametrize("page", [pytest.param(page, id=name) for name, page in PAGES.items()])
def test_every_line_knows_its_place(page: dict[str, Any]) -> None:
    source = page.get("newline", "\n").join(line for _, line in page["lines"])
    document = flattened(source)
    end = 0
    for verdict in judge_lines(document):
        block = verdict.block
        assert end <= block.start < block.end
        assert " ".join(html.unescape(document.text[block.start : block.end]).split()) == block.text
        end = block.end


@pytest.mark.skipif(not SEED.exists(), reason="the seed page is not on this machine (CONSILIA_SHARED)")
def test_the_seed_keeps_its_article_line_alone() -> None:
    source = SEED.read_text("utf-8")
    verdicts = judge_lines(flattened(source))
    assert [verdict.reason for verdict in verdicts] == [
        None,
        Reason.NEIGHBOUR,
        Reason.NEIGHBOUR,
        *[Reason.TEASER] * 15,
    ]
    assert verdicts[0].block.text.endswith("there is no definitive answer yet.")
    for verdict in verdicts:
        assert source[verdict.block.start : verdict.block.end] == verdict.block.text


# --- the seed's relatives: every part in many forms, in many orders ---

ARTICLES = [
    [
        "Hiccups in babies are common after a feed and mostly harmless. The midriff tightens for a moment and the baby makes the well-known sound. 1. Air. A baby who drinks fast swallows air. 2. A full stomach. It presses on the midriff.",
    ],
    [
        "A nosebleed looks worse than it is. Sit down, lean forward a little and press the soft part of the nose for ten minutes.",
        "Breathe through the mouth and spit out the blood, since swallowed blood makes one sick. Cold on the neck does nothing.",
        "Call a doctor if it still bleeds after twenty minutes.",
    ],
    [
        "Cold hands in summer trouble more people than one thinks; the vessels in the fingers narrow, and less blood comes through.",
        "What helps",
        "1. Move your fingers often.",
        "2. Wear light gloves in cooled rooms.",
        "3. Drink something warm.",
        "If single fingers turn white and then blue, tell your doctor about it at the next visit.",
    ],
    [
        "宝宝打嗝很常见，大多数情况下不用担心。喝奶太快会吞下空气，胃胀起来就会打嗝。家长可以让宝宝趴在肩上，轻轻拍背，等几分钟就会好。",
        "平时喝奶要慢一些，喝完以后竖着抱十分钟，房间不要太冷，这样打嗝就会少很多。",
    ],
]
NEIGHBOURS = [
    ("<<: {}", ">>: {}"),
    ("<<：{}", ">>：{}"),
    ("« {}", "{} »"),
    ("« {}", "» {}"),
    ("← {}", "→ {}"),
    ("‹ {}", "› {}"),
    ("Previous: {}", "Next: {}"),
    ("Prev: {}", "Next: {}"),
    ("Previous article: {}", "Next article: {}"),
    ("Previous post: {}", "Next post: {}"),
    ("PREVIOUS ARTICLE", "NEXT ARTICLE"),
    ("Previous Page: {}", "Next Page: {}"),
    ("Older post: {}", "Newer post: {}"),
    ("上一篇：{}", "下一篇：{}"),
    ("上一篇: {}", "下一篇: {}"),
    ("Artículo anterior: {}", "Siguiente artículo: {}"),
    ("Vorheriger Beitrag: {}", "Nächster Beitrag: {}"),
    ("Article précédent : {}", "Article suivant : {}"),
    ("Artigo anterior: {}", "Próximo artigo: {}"),
    ("المقال السابق: {}", "المقال التالي: {}"),
    ("前の記事：{}", "次の記事：{}"),
    ("Предыдущая статья: {}", "Следующая статья: {}"),
]
TITLES = [
    "My baby sleeps with open eyes",
    "When do babies start to laugh?",
    "Is a night light bad for the eyes",
    "Warm feet in ten minutes",
]
SENTENCES = [
    "Many parents worry when the first tooth takes its time, although nothing is wrong with it at all, as any dentist will tell",
    "A warm bath in the evening is more than a habit for many families; it tells the child that the day is over and night begins",
    "Parents' hands are often colder than they think, so warm them before you touch a sleeping child's back or belly in the night",
    "The word \"colic\" frightens many, yet it only means that nobody knows why the child cries so long every evening at six",
    "Left-handed children need the right scissors, a good place at the table & some patience, and nothing else at all from us",
    "Sunburn on the shoulders heals slowly, so a thin shirt is worth more than any cream, however dear it was in the shop",
    "Every summer the same question: may a child with a cold go swimming, or does the water make everything worse than before",
]  # fmt: skip
ELLIPSES = ["...", "…", "......", " ...", "[...]", " […]", "... Read more", "…more"]


def cut(sentence: str, length: int, way: str) -> str:
    """A teaser as sites make it: cut after so many characters, or after escaping, or at the word before."""
    if way == "escaped":
        escaped = html.escape(sentence, quote=True).replace("&#x27;", "&#39;")[:length]
        return html.unescape(
            escaped[: escaped.rfind("&")]
            if "&" in escaped[-5:] and ";" not in escaped[escaped.rfind("&") :]
            else escaped
        )
    if way == "word":
        return sentence[:length].rsplit(" ", 1)[0]
    return sentence[:length]


def relatives(seed: int = 20, count: int = 300) -> list[Any]:
    """Three hundred pages: the parts' forms drawn at random, the same ones every time."""
    draw = random.Random(seed)
    pages = []
    for number in range(count):
        article = draw.choice(ARTICLES)
        before: list[str] = []
        after: list[str] = []
        if draw.random() < 0.8:
            first, second = draw.choice(NEIGHBOURS)
            titles = draw.sample(TITLES, 2)
            pair = [first.format(titles[0]), second.format(titles[1])]
            after += pair if draw.random() < 0.8 else pair[::-1]
        if draw.random() < 0.8:
            length, way = draw.randrange(30, 90), draw.choice(["exact", "escaped", "word"])
            ellipsis = draw.choice(ELLIPSES)
            teasers = [
                cut(sentence, length, way) + ellipsis
                for sentence in draw.sample(SENTENCES, draw.randrange(3, 8))
            ]
            if draw.random() < 0.3:
                teasers = [line for teaser in teasers for line in (draw.choice(TITLES), teaser)]
            if draw.random() < 0.2:
                before += teasers
            else:
                after += teasers
        if draw.random() < 0.3:
            after.append(
                draw.choice(
                    ["Tags: babies, sleep", "Tagged with sleep", "标签：宝宝 睡觉", "Etiquetas: bebés"]
                ).replace("Tagged with", "Tagged with:")
            )
        if draw.random() < 0.4:
            after += [
                draw.choice(
                    [
                        "Related Articles",
                        "You may also like",
                        "Recommended for you",
                        "相关文章",
                        "Artículos relacionados",
                    ]
                ),
                *draw.sample(TITLES, 3),
            ]
        if draw.random() < 0.3:
            after.append(
                draw.choice(
                    [
                        "© 2020 Our Portal. All rights reserved.",
                        "Copyright 2019-2021 Our Portal",
                        "版权所有 未经授权不得转载",
                    ]
                )
            )
        margin = draw.choice(["", "", " |", "\t", "  "])
        newline = draw.choice(["\n", "\n", "\r\n", "\n\n"])
        text = newline.join([*before, *[line + margin for line in article], *after])
        pages.append(pytest.param(text, article, id=f"relative {number}"))
    return pages


@pytest.mark.parametrize(("text", "article"), relatives())
def test_the_seeds_relatives_keep_their_article_alone(text: str, article: list[str]) -> None:
    assert [words for fate, words in judged(text) if fate == "keep"] == article


# --- HTML blocks ---


def link(text: str, tag: str = "li") -> Block:
    return Block(text, tag, linked=len(text))


PROSE = Block(
    "Cold hands in summer trouble more people than one thinks; the vessels narrow, and less blood comes through them.",
    "p",
)


def test_a_related_list_in_html_ends_where_its_links_end() -> None:
    blocks = [
        PROSE,
        Block("Related articles", "h3"),
        link("Warm feet in ten minutes"),
        link("Is cold water healthy?"),
        Block("What helps", "h2"),
        Block("Light gloves", "li"),
        Block("Warm drinks", "li"),
        PROSE,
    ]
    dropped = [reason is not None for reason in link_lists(blocks, "Cold hands")]
    assert dropped == [False, True, True, True, False, False, False, False]


def test_a_comment_button_in_html_is_one_block_unless_comments_follow() -> None:
    article = [
        Block("Light gloves help.", "p"),
        Block("When to see a doctor", "h2"),
        Block("If a finger turns white.", "p"),
    ]
    comments = [Block("Anna", "p"), Block("3 May 2020", "p"), PROSE, Block("Reply", "button")]
    button = link("Leave a comment", "p")

    def dropped(below: list[Block]) -> list[bool]:
        return [reason is not None for reason in link_lists([PROSE, PROSE, button, *below], "Cold hands")[2:]]

    assert dropped(article) == [True, False, False, False]
    assert dropped(comments) == [True] * 5


def test_repeated_items_are_no_table_of_contents() -> None:
    item = [Block("Advantages", "p"), Block("Cheap", "li"), Block("Light", "li"), Block("Safe", "li"), PROSE]
    assert link_lists([*item, *item, *item], "Three pillows") == [None] * 15


def test_a_table_row_of_networks_is_no_share_bar() -> None:
    rows = [Block("LinkedIn | $2.50", "tr"), Block("Facebook | $0.50", "tr"), PROSE]
    assert link_lists(rows, "What it costs") == [None, None, None]


def test_the_headline_is_a_short_first_line_above_prose() -> None:
    document = flattened(f"Home > Health > Hands\nCold hands in summer\n{PROSE.text}")
    assert headline(lines(document)) == "Cold hands in summer"
    assert headline(lines(flattened(PROSE.text))) == ""
    assert headline(lines(flattened(f"1. Move your fingers\n{PROSE.text}"))) == ""
    assert headline(lines(flattened(f"2023-02-18 08:30:00 Health Times\n{PROSE.text}"))) == ""


def test_the_headline_goes_without_the_sites_name() -> None:
    title = "Cold hands in summer"
    for head in (f"{title} - Good Health\nHands\n{title}", f"Good Health\nHome > Health > Hands\n{title}"):
        assert headline(lines(flattened(f"{head}\n{PROSE.text}"))) == title


def test_no_line_is_empty_and_all_words_are_covered() -> None:
    text = " \n| |\n\t\nRest. |\n\n&nbsp;\n  Heat.  "
    assert [block.text for block in lines(Document(text, "text"))] == ["Rest.", "Heat."]


# --- hostile input ---

HOSTILE = [
    pytest.param("a...\n", id="short teasers"),
    pytest.param("Some words that were cut at the same length every ti...\n", id="one teaser run"),
    pytest.param("Related articles\n", id="openers"),
    pytest.param("Related\n", id="modest openers"),
    pytest.param("Leave a reply\n", id="comment openers"),
    pytest.param("« a\n» b\n", id="arrows"),
    pytest.param("a > ", id="one long path"),
    pytest.param("<<: ", id="glued arrows"),
    pytest.param("Tags: a. The above is the introduction. ", id="glued tails"),
    pytest.param("- 3 -\nA head 3\n", id="page numbers"),
    pytest.param("| ", id="bars"),
    pytest.param("&nbsp;", id="entities"),
    pytest.param("1 2 3 ", id="one pager"),
    pytest.param("Table of Contents\nA\nB\nC\n", id="tables of contents"),
    pytest.param("Heading\nText that follows it, with an end.\n", id="repeated pairs"),
    pytest.param("Tags: : : ", id="labels"),
    pytest.param("by By By ", id="bylines"),
    pytest.param("© ", id="copyright signs"),
    pytest.param("12 comments ", id="counts"),
    pytest.param(" \t\u3000", id="white space"),
    pytest.param("Same head of a line, then ...\nSame head of a line, then more of it\n", id="copies"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_lines_take_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        document = Document(piece * (size // len(piece)), "text")
        return min(timeit.repeat(lambda: judge_lines(document), number=1, repeat=2, timer=time.process_time))

    judge_lines(Document(piece, "text"))
    # Four times the text in linear time is four times the seconds; quadratic, sixteen.
    assert seconds(60_000) < 10 * seconds(15_000) + 0.01


def test_neighbours_of_every_form_are_told_from_prose() -> None:
    for (first, second), title in itertools.product(NEIGHBOURS, TITLES):
        fates = judged("\n".join([PROSE.text, first.format(title), second.format(title)]))
        assert [fate for fate, _ in fates] == ["keep", "neighbour", "neighbour"]


CHINESE = (
    "失眠是很常见的睡眠障碍，入睡困难，醒得早，白天没有精神，长期这样会影响工作和生活，下面说说常见的原因。"
)


@pytest.mark.parametrize(
    "opener",
    ["大家还在看", "看过本文的人还看过", "您可能关注的问题", "本周热门", "阅读排行榜", "热门问答", "精彩图文", "相关知识", "-小编推荐-"],
)  # fmt: skip
def test_titles_below_a_chinese_opener_are_other_articles(opener: str) -> None:
    fates = judged("\n".join([CHINESE, opener, "宝宝发烧怎么办", "多吃这种水果可以预防高血压"]))
    assert [fate for fate, _ in fates] == ["keep", "related", "related", "related"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("上一篇睡前喝牛奶好吗 下一篇午睡多久好", "neighbour"),
        ("共3页：上一页123下一页", "neighbour"),
        ("2019-05-13 09:26:00 来源：健康网 责任编辑：小雨", "author"),
        ("（实习编辑：张三）", "author"),
        ("本文来源：健康网", "source"),
        ("字体大小：大 中 小", "date"),
        ("长按识别二维码关注", "newsletter"),
        ("微信扫一扫，分享到朋友圈", "newsletter"),
        ("更多精彩内容请关注失眠频道", "promotion"),
        ("点击进入>>>失眠专题", "promotion"),
        ("点击展开全文", "promotion"),
        ("免费咨询医生", "promotion"),
        ("本文仅供健康科普使用，不能做为诊断的依据", "legal"),
        ("我来说两句 (0人参与)", "comment"),
    ],
)
def test_what_stands_at_the_end_of_a_chinese_page_is_the_sites(line: str, reason: str) -> None:
    assert judged(f"{CHINESE}\n{line}") == [("keep", CHINESE), (reason, line)]


@pytest.mark.parametrize(
    "line",
    [
        "1、睡前泡脚，有助于入睡，也可以拨打心理健康热线。",
        "可以提前在网上预约挂号，也可以在线咨询医生，请医生看看是否需要检查，再决定怎么治疗。",
        "用舌头顶一下上颚，再慢慢呼气，每天做十次，睡前做效果更好，坚持一个月就能看到变化。",
    ],
)
def test_a_chinese_sentence_may_say_what_sites_say(line: str) -> None:
    assert [fate for fate, _ in judged(f"{CHINESE}\n{line}")] == ["keep", "keep"]


def test_a_bar_of_tabs_is_no_list() -> None:
    page = "All about styes\nSymptoms   |\nCauses   |\nHome care   |\nA stye is a sore lump at the edge of an eyelid, where a gland is blocked and inflamed."
    assert [fate for fate, _ in judged(page)] == ["title", "navigation", "navigation", "navigation", "keep"]


def test_cells_with_bars_among_sentences_are_kept() -> None:
    page = "Styes heal within a week or two, and most of them need no more than a warm cloth.\nRest |\nSoap |"
    assert [fate for fate, _ in judged(page)] == ["keep", "keep", "keep"]
