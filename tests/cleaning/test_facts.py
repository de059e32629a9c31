"""What a page says of itself, wherever it says it."""

import json
from dataclasses import asdict

import pytest

from cleaning.document import decode_text
from cleaning.facts import Facts, detect_language, read_facts

BODY = "<h1>First aid for nosebleeds</h1><p>A nosebleed looks worse than it is. Sit down, lean forward a little and press the soft part of the nose.</p>"


def facts(
    head: str = "", body: str = BODY, url: str = "https://health.example/nose", html: str = "<html lang='en'>"
) -> Facts:
    return read_facts(decode_text(f"<!doctype html>{html}<head>{head}</head><body>{body}</body></html>", url))


def linked(**item: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **item})}</script>'


CASES = [
    # --- title
    pytest.param("<title>First aid for nosebleeds | Good Health</title>", BODY, {"title": "First aid for nosebleeds"}, id="heading agrees with the title"),
    pytest.param("<title>Nosebleeds: first aid in brief - Good Health</title>", BODY, {"title": "First aid for nosebleeds"}, id="heading like the title"),
    pytest.param('<title>Good Health</title><meta property="og:title" content="First aid &amp; nosebleeds">', "<h1>Good Health</h1><p>Sit down.</p>", {"title": "First aid & nosebleeds"}, id="heading is the site's name"),
    pytest.param('<title>Dry mouth | Good Health</title><meta property="og:site_name" content="Good Health">', "<p>Sip water.</p>", {"title": "Dry mouth", "publisher": "Good Health"}, id="site's name taken off the end"),
    pytest.param('<title>Good Health » Dry mouth</title><meta property="og:site_name" content="Good Health">', "<p>Sip water.</p>", {"title": "Dry mouth"}, id="site's name taken off the beginning"),
    pytest.param("<title>Dry mouth - causes and help</title>", "<p>Sip water.</p>", {"title": "Dry mouth - causes and help"}, id="a dash of the title's own"),
    pytest.param("", "<h1>Dry mouth in the night</h1><p>Sip water.</p>", {"title": "Dry mouth in the night"}, id="heading alone"),
    pytest.param(linked(**{"@type": "Article", "headline": "Dry mouth"}), "<p>Sip water.</p>", {"title": "Dry mouth"}, id="JSON-LD headline"),
    pytest.param("<title>口干怎么办_健康网</title>", "<h1>口干怎么办</h1>", {"title": "口干怎么办"}, id="Chinese title with the site behind a low line"),
    pytest.param("<title>Earwax: causes and relief | Family Notes</title>", "<h1 class=site-title><a href='/'>Family Notes</a></h1><h2 class=entry-title>Earwax: causes and relief</h2><p>Leave it alone.</p>", {"title": "Earwax: causes and relief"}, id="the site's name is the h1"),
    pytest.param("<title>Granny's Corner: Why do my feet swell?</title>", "<h1><a href='https://granny.example/'>Granny's Corner</a></h1><h3 class='post-title entry-title'>Why do my feet swell?</h3>", {"title": "Why do my feet swell?"}, id="a heading that leads home is the site's name"),
    # --- author
    pytest.param('<meta name="author" content="Anna Lindqvist">', BODY, {"author": "Anna Lindqvist"}, id="meta author"),
    pytest.param('<meta name="author" content="admin">', BODY + "<p class=byline>By Anna Lindqvist</p>", {"author": "Anna Lindqvist"}, id="admin is nobody"),
    pytest.param(linked(**{"@type": "BlogPosting", "author": {"@type": "Person", "name": "Anna Lindqvist"}}), BODY, {"author": "Anna Lindqvist"}, id="JSON-LD author"),
    pytest.param(linked(**{"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@type": "Person", "@id": "#a", "name": "Anna Lindqvist"}]}), BODY, {"author": "Anna Lindqvist"}, id="JSON-LD author by reference"),
    pytest.param(linked(**{"@type": "Article", "author": [{"name": "Anna Lindqvist"}, {"name": "Omar Haddad"}]}), BODY, {"author": "Anna Lindqvist, Omar Haddad"}, id="two authors"),
    pytest.param("", "<h1>Dry mouth</h1><div class='author'>By <a rel=author href=/a>Anna Lindqvist</a> | 3 May 2020</div><p>Sip water.</p>", {"author": "Anna Lindqvist"}, id="byline in links"),
    pytest.param("", "<h1>Dry mouth</h1><p>Written by</p><p>Anna Lindqvist</p><p>Sip water.</p>", {"author": "Anna Lindqvist"}, id="name below the lead"),
    pytest.param("", "<h1>Dry mouth</h1><p>Medically reviewed by Omar Haddad</p><p>By Anna Lindqvist</p>", {"author": "Anna Lindqvist"}, id="a reviewer is no author"),
    pytest.param('<meta property="article:author" content="https://social.example/anna">', BODY, {"author": ""}, id="an address is no name"),
    pytest.param("", BODY + "<p>Press the nose by hand and wait.</p>", {"author": ""}, id="by in a sentence"),
    pytest.param("", "<h1>口干怎么办</h1><p>作者：王小明</p><p>多喝水。</p>", {"author": "王小明"}, id="Chinese byline"),
    *(
        pytest.param("", f"<h1>Dry mouth</h1><p>{line}</p><p>Sip water.</p>", expected, id=line)
        for line, expected in (
            ("March 3, 2021 by Anna Lindqvist", {"author": "Anna Lindqvist", "published": "2021-03-03"}),
            ("March 3, 2021 | By Anna Lindqvist", {"author": "Anna Lindqvist", "published": "2021-03-03"}),
            ("Posted on March 3, 2021 at 9:30 am by Anna Lindqvist", {"author": "Anna Lindqvist", "published": "2021-03-03"}),
            ("Published on 3 March 2021 · Written by Anna Lindqvist", {"author": "Anna Lindqvist", "published": "2021-03-03"}),
            ("Updated on 3 Mar 2021 by Anna Lindqvist", {"author": "Anna Lindqvist", "modified": "2021-03-03", "published": ""}),
            ("Medically reviewed by Omar Haddad, MD — Written by Anna Lindqvist — Updated on March 3, 2021", {"author": "Anna Lindqvist", "modified": "2021-03-03", "reviewed": ""}),
            ("Mis à jour le 3 mars 2021 par Anna Lindqvist", {"author": "Anna Lindqvist", "modified": "2021-03-03"}),
            ("2021-03-03 08:30 来源：健康网 作者：王小明", {"author": "王小明", "published": "2021-03-03T08:30:00"}),
            ("About the Author: Anna Lindqvist", {"author": "Anna Lindqvist"}),
        )
    ),
    *(
        pytest.param("", f"<h1>Dry mouth</h1>{credit}<p>Sip water.</p>", {"author": ""}, id=credit)
        for credit in (
            "<div class=byline>Medically reviewed by <a>Omar Haddad, MD</a></div>",
            "<p>Fact checked by <span class='author vcard'><a class=fn>Omar Haddad</a></span></p>",
            "<div class=reviewed-by><span>Medical reviewer</span><a class=author-link>Omar Haddad</a></div>",
            "<p>Edited by <a rel=author>Lea Marks</a></p>",
        )
    ),
    *(
        pytest.param("", f"{BODY}{other}", {"author": "", "published": ""}, id=other)
        for other in (
            "<ol class=comment-list><li><cite class=fn>Bob Ross</cite> <time datetime=2023-05-05>May 5</time><p>Thanks</p></li></ol>",
            "<aside><ul><li><a>Cold feet</a> <span class=author>Bob Ross</span> <time datetime=2023-05-05>May 5</time></li></ul></aside>",
            "<div class='card'><h3>Cold feet</h3><p class=author>By Bob Ross</p><time datetime=2023-05-05>May 5</time></div>",
            "<blockquote class=testimonial><p>Great!</p><span class=testimonial-author>Mary Poole</span></blockquote>",
        )
    ),
    # --- dates
    pytest.param('<meta property="article:published_time" content="2020-05-03T10:20:00+02:00">', BODY, {"published": "2020-05-03T10:20:00+02:00"}, id="published time"),
    pytest.param(linked(**{"@type": "NewsArticle", "datePublished": "2020-05-03", "dateModified": "2021-01-02T03:04:05Z"}), BODY, {"published": "2020-05-03", "modified": "2021-01-02T03:04:05Z"}, id="JSON-LD dates"),
    pytest.param("", "<h1>Dry mouth</h1><p>Posted on May 3rd, 2020</p><p>Sip water.</p>", {"published": "2020-05-03"}, id="visible date"),
    pytest.param("", "<h1>Dry mouth</h1><p>Last updated: 3 May 2020</p><p>Sip water.</p>", {"published": "", "modified": "2020-05-03"}, id="visible update"),
    pytest.param("", "<h1>Dry mouth</h1><p>Medically reviewed on 3 May 2020</p><p>Sip water.</p>", {"reviewed": "2020-05-03"}, id="visible review"),
    pytest.param("", "<h1>Dry mouth</h1><time datetime='2020-05-03T08:00'>last spring</time>", {"published": "2020-05-03T08:00:00"}, id="time element"),
    pytest.param("", "<h1>Boca seca</h1><p>Publicado el 3 de mayo de 2020</p>", {"published": "2020-05-03"}, id="Spanish date"),
    pytest.param("", "<h1>Trockener Mund</h1><p>Veröffentlicht am 3. Mai 2020</p>", {"published": "2020-05-03"}, id="German date"),
    pytest.param("", "<h1>Сухость во рту</h1><p>3 мая 2020</p>", {"published": "2020-05-03"}, id="Russian date"),
    pytest.param("", "<h1>口干怎么办</h1><p>发布时间：2020年5月3日</p>", {"published": "2020-05-03"}, id="Chinese date"),
    pytest.param("", "<h1>Dry mouth</h1><p>31/12/2020</p>", {"published": "2020-12-31"}, id="day first"),
    pytest.param("", "<h1>Dry mouth</h1><p>12/31/2020</p>", {"published": "2020-12-31"}, id="month first"),
    pytest.param("", "<h1>Dry mouth</h1><p>03.05.2020</p>", {"published": "2020-05-03"}, id="dots are European"),
    pytest.param('<meta property="article:published_time" content="0001-01-01T00:00:00Z">', BODY, {"published": ""}, id="a default is no date"),
    pytest.param('<meta property="article:published_time" content="2020-02-31">', BODY, {"published": ""}, id="no such day"),
    *(
        pytest.param("", f"<h1>Dry mouth</h1><p>{line}</p><p>Sip water.</p>", {"published": "", "modified": "", "reviewed": ""} | expected, id=line)
        for line, expected in (
            ("Published: 12 January 2019 | Last updated: 3 March 2021", {"published": "2019-01-12", "modified": "2021-03-03"}),
            ("Jan 12, 2019 (Updated: Mar 3, 2021)", {"published": "2019-01-12", "modified": "2021-03-03"}),
            ("Updated March 3, 2021 — Originally published January 12, 2019", {"published": "2019-01-12", "modified": "2021-03-03"}),
            ("Reviewed: March 3, 2021 | Published: January 12, 2019", {"published": "2019-01-12", "reviewed": "2021-03-03"}),
            ("公開日：2019年1月12日 更新日：2021年3月3日", {"published": "2019-01-12", "modified": "2021-03-03"}),
            ("Published: 12/01/2019 - Updated: 23/03/2021", {"modified": "2021-03-23"}),
            ("Page last reviewed: 3 March 2021<br>Next review due: 3 March 2024", {"reviewed": "2021-03-03"}),
            ("Published: March 2021. Next review date: 3 March 2024", {}),
            ("Posted 03/04/2021", {}),
            ("My son was born on 4 April 2018.", {}),
            ("The trial began on 4 April 2018 in Oslo.", {}),
            ("Letzte Aktualisierung: 3. März 2021", {"modified": "2021-03-03"}),
            ("Laatst bijgewerkt op 3 maart 2021", {"modified": "2021-03-03"}),
            ("Data aktualizacji: 3 marca 2021", {"modified": "2021-03-03"}),
            ("Дата обновления: 3 марта 2021 г.", {"modified": "2021-03-03"}),
        )
    ),
    pytest.param("", "<div class=menu><div class=megamenu><a>Cold feet</a><time datetime=2023-05-05>5 May</time></div></div><h1>Dry mouth</h1><p>By Anna Lindqvist | March 3, 2021</p>", {"published": "2021-03-03"}, id="a teaser's time above the article"),
    pytest.param("", "<time datetime=2023-05-05>5 May</time><h1>Dry mouth</h1><p>Published March 3, 2021</p>", {"published": "2021-03-03"}, id="the date below the heading comes first"),
    pytest.param("", "<header><span>Wednesday, November 25, 2026</span></header><h1>Dry mouth</h1><p>Sip water.</p>", {"published": ""}, id="today's date in the site's header"),
    pytest.param("", "<div id=c><article class=comment-open><h1>Dry mouth</h1><time datetime=2020-05-03>May 3</time></article></div>", {"published": "2020-05-03"}, id="what holds the heading is the article's"),
    # --- the rest
    pytest.param('<link rel="canonical" href="/nose/first-aid">', BODY, {"canonical_url": "https://health.example/nose/first-aid"}, id="canonical joined"),
    pytest.param('<meta property="og:url" content="https://health.example/b">', BODY, {"canonical_url": "https://health.example/b"}, id="og:url as canonical"),
    pytest.param('<link rel="canonical" href="javascript:x">', BODY, {"canonical_url": ""}, id="no address"),
    pytest.param(linked(**{"@type": "Article", "publisher": {"@type": "Organization", "name": "Good Health Press"}}), BODY, {"publisher": "Good Health Press"}, id="JSON-LD publisher"),
    pytest.param('<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">', BODY, {"license": "https://creativecommons.org/licenses/by/4.0/"}, id="license"),
    # --- broken input
    pytest.param('<script type="application/ld+json">{"@type": "Article", "headline": "Dry mouth",}</script>', "<p>x</p>", {"title": "Dry mouth"}, id="JSON with a comma too many"),
    pytest.param('<script type="application/ld+json">{{{{</script><title>Dry mouth</title>', "<p>x</p>", {"title": "Dry mouth"}, id="no JSON"),
    pytest.param('<script type="application/ld+json">[1, null, "x", {"@type": ["Article", 3], "author": [null, 4], "headline": ["Dry mouth"]}]</script>', "<p>x</p>", {"title": "Dry mouth"}, id="JSON of other kinds"),
    pytest.param('<script type="application/ld+json">' + "[" * 100_000 + "</script><title>Dry mouth</title>", "<p>x</p>", {"title": "Dry mouth"}, id="JSON nested without end"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "expected"), CASES)
def test_a_fact_is_read_where_it_stands(head: str, body: str, expected: dict[str, str]) -> None:
    found = asdict(facts(head, body))
    assert {name: found[name] for name in expected} == expected


LANGUAGES = [
    pytest.param("<html lang='en-GB'>", BODY, "en", id="declared"),
    pytest.param("<html>", BODY * 3, "en", id="detected"),
    pytest.param("<html lang='en'>", "<p>" + "宝宝打嗝很常见，大多数情况下不用担心。喝奶太快会吞下空气，胃胀起来就会打嗝。" * 4 + "</p>", "zh", id="Chinese declared English"),
    pytest.param("<html lang='en'>", "<p>" + "Schluckauf nach dem Trinken ist bei Babys häufig und fast immer harmlos. " * 4 + "</p>", "de", id="German declared English"),
    pytest.param("<html lang='nb-NO'>", "<p>" + "Hikke etter måltidet er vanlig hos babyer og nesten alltid ufarlig. " * 4 + "</p>", "no", id="Norwegian by its other name"),
    pytest.param("<html lang='uk'>", "<p>" + "Гикавка у немовлят після їжі буває часто і майже завжди безпечна для дитини. " * 4 + "</p>", "uk", id="Ukrainian"),
    pytest.param("<html lang='xx-invalid-'>", BODY * 3, "en", id="no such language"),
    pytest.param("<html>", "<p>Rest.</p>", "", id="too little to tell"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "body", "language"), LANGUAGES)
def test_the_language_is_declared_or_told_by_the_text(html: str, body: str, language: str) -> None:
    assert facts("", body, html=html).language == language


def test_a_short_chinese_line_is_not_taken_for_japanese() -> None:
    assert detect_language("小孩腿抽筋怎么办") == "zh"
    assert detect_language("子どもの足がつるときはどうする") == "ja"


def test_a_flattened_page_tells_its_facts_in_lines() -> None:
    text = (
        "Current location: front page >> healthy\nCold hands in summer\nBy Anna Lindqvist\nUpdate Date: 2021-03-04\n"
        "Cold hands in summer trouble more people than one thinks; the vessels narrow, and less blood comes through them.\nTags: hands"
    )
    found = read_facts(decode_text(text))
    assert (found.title, found.author, found.modified, found.language) == (
        "Cold hands in summer",
        "Anna Lindqvist",
        "2021-03-04",
        "en",
    )


@pytest.mark.parametrize(
    ("line", "author", "published"),
    [
        ("Posted on March 4, 2019 by Ann Lee", "Ann Lee", "2019-03-04"),
        (
            "Release time: 2019-03-04 10:22 Source: Health Net Author: Li Ming",
            "Li Ming",
            "2019-03-04T10:22:00",
        ),
        ("Medically reviewed by Omar Haddad, MD\nBy Ann Lee", "Ann Lee", ""),
    ],
)
def test_a_flattened_byline_is_read_in_any_order(line: str, author: str, published: str) -> None:
    text = f"Cold hands in summer\n{line}\nCold hands in summer trouble more people than one thinks; less blood comes through the vessels."
    found = read_facts(decode_text(text))
    assert (found.author, found.published) == (author, published)
