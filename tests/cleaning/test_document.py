"""Bytes to text: the table of charsets, and what is HTML, flattened or no text at all."""

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from cleaning.document import decode, decode_text
from cleaning.refusal import NotAnArticle, Refusal
from crawler.page import Page

TABLE = tomllib.loads((Path(__file__).parent / "charsets" / "cases.toml").read_text("utf-8"))


def made(case: dict[str, Any]) -> tuple[str, Page]:
    """The words that must come out, and the page as a server would send it."""
    words = TABLE["texts"][case["text"]] + case.get("suffix", "")
    if "replace" in case:
        words = words.replace(*case["replace"])
    source = words
    if case.get("kind") != "text":
        meta = (
            f'<meta http-equiv="Content-Type" content="text/html; charset={case["meta"]}">'
            if "meta" in case
            else ""
        )
        source = f"<html><head>{meta}<title>{words[:20]}</title></head>\n<body><div class='text'><p>{words}</p></div></body></html>"
    if case.get("compose"):
        source = unicodedata.normalize("NFD", source)
        body = "".join(c for c in unicodedata.normalize("NFC", source)).encode(case["bytes"], "ignore")
        words = body.decode(case["bytes"]).split("<p>")[1].split("</p>")[0]
    elif "stray" in case:
        before, after = source.split("’", 1)
        body = before.encode(case["bytes"]) + bytes.fromhex(case["stray"]) + after.encode(case["bytes"])
    else:
        for _ in range(case.get("rounds", 1) if "double" in case else 0):
            source = source.encode().decode(
                case["double"], "consilia-c1" if case["double"] == "cp1252" else "replace"
            )
        body = source.encode(case["bytes"])
    if "cut" in case:
        body = body[: case["cut"]]
        whole = body.decode(case["bytes"], "ignore")
        words = whole.split("<p>")[1] if "<p>" in whole else whole[-20:]
    body = bytes.fromhex(case.get("prefix_bytes", "")) + body
    headers = (("Content-Type", f"text/html; charset={case['header']}"),) if "header" in case else ()
    return words, Page("https://example.org/a", body, headers=headers)


CASES = [
    pytest.param(
        case,
        id=name,
        marks=[pytest.mark.xfail(strict=True, reason=case["known_failure"])]
        if "known_failure" in case
        else [],
    )
    for name, case in TABLE["case"].items()
]


@pytest.mark.parametrize("case", CASES)
def test_bytes_come_out_as_the_words_that_went_in(case: dict[str, Any]) -> None:
    words, page = made(case)
    document = decode(page)
    assert words in document.text
    if "encoding" in case:
        assert document.encoding == case["encoding"]
    if "source" in case:
        assert document.encoding_source == case["source"]


def test_the_table_covers_what_it_promises() -> None:
    cases = [case for case in TABLE["case"].values() if "known_failure" not in case]
    assert len(cases) >= 60
    assert len({case.get("encoding", "") for case in cases} - {""}) >= 15


LEGACY = ["big5", "euc-jp", "euc-kr", "gb18030", "gbk", "ibm866", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15", "koi8-r", "koi8-u", "macintosh", "shift_jis", "windows-874", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257"]  # fmt: skip
CODECS = {
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
}


@pytest.mark.parametrize("charset", LEGACY)
def test_a_right_declaration_is_never_overruled(charset: str) -> None:
    codec = CODECS.get(charset, charset)
    tried = 0
    for language, text in TABLE["texts"].items():
        if language.startswith("ja") and charset.startswith("gb"):
            continue  # Japanese in a Chinese charset has the bytes of EUC-JP's kana: it is read as that, and no site writes so
        for words in (text, text.upper(), text[:50]):
            try:
                body = f"<html><body><p>{words}</p></body></html>".encode(codec)
            except UnicodeEncodeError:
                continue
            tried += 1
            assert (
                words
                in decode(Page("u", body, headers=(("Content-Type", f"text/html; charset={charset}"),))).text
            )
    assert tried


REFUSED = [
    pytest.param(b"", "", Refusal.EMPTY, id="no byte"),
    pytest.param(b" \n\t ", "text/html", Refusal.EMPTY, id="white space"),
    pytest.param(
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3 words words", "text/html", Refusal.BINARY, id="PDF served as HTML"
    ),
    pytest.param(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 9, "", Refusal.BINARY, id="PNG"
    ),
    pytest.param(
        b"\x1f\x8b\x08\x00" + bytes(range(256)) * 9, "text/html", Refusal.BINARY, id="gzip left in place"
    ),
    pytest.param(
        b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)),
        "application/msword",
        Refusal.BINARY,
        id="office file",
    ),
    pytest.param(bytes(range(256)) * 20, "text/html", Refusal.BINARY, id="noise"),
    pytest.param(bytes(3000), "", Refusal.BINARY, id="zeros"),
    pytest.param(b'{"title": "Leg cramps"}', "application/json; charset=utf-8", Refusal.BINARY, id="JSON"),
    pytest.param(b"body { color: red }", "text/css", Refusal.BINARY, id="style sheet"),
    pytest.param(
        b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "text/xml", Refusal.BINARY, id="feed"
    ),
    pytest.param(
        b'<?xml version="1.0"?>\n<!-- made by x -->\n<urlset></urlset>',
        "text/html",
        Refusal.BINARY,
        id="sitemap served as HTML",
    ),
]


@pytest.mark.parametrize(("body", "media", "reason"), REFUSED)
def test_what_is_no_text_is_refused(body: bytes, media: str, reason: Refusal) -> None:
    with pytest.raises(NotAnArticle) as refused:
        decode(Page("https://example.org/a", body, headers=(("content-type", media),) if media else ()))
    assert refused.value.reason is reason
    assert refused.value.detail


KINDS = [
    pytest.param("<!DOCTYPE html><p>Rest.", "text/html", "html", id="a page"),
    pytest.param("<p>Rest.</p>", "", "html", id="a piece of one"),
    pytest.param("Rest. |\n<<: The child has a lump\n>>: Is it serious?", "", "text", id="flattened"),
    pytest.param(
        "Rest. |\n<<: The child has a lump\n>>: Is it serious?",
        "text/html",
        "text",
        id="flattened, served as HTML",
    ),
    pytest.param("If x < 5 and y > 3, see a doctor.", "", "text", id="less and greater"),
    pytest.param("Use <b> for bold.", "text/plain", "text", id="plain text about HTML"),
    pytest.param("<html><body>Rest.</body></html>", "text/plain", "html", id="HTML served as plain text"),
    pytest.param(
        '<?xml version="1.0"?>\n<!DOCTYPE html>\n<html><p>Rest.</p></html>',
        "application/xhtml+xml",
        "html",
        id="XHTML",
    ),
    pytest.param(
        '<?xml:namespace prefix = o ns = "urn:schemas-microsoft-com:office:office" />\n<P>Rest.<o:p></o:p></P>',
        "text/html",
        "html",
        id="a piece out of a word processor",
    ),
    pytest.param("Rest &amp; heat.\nDrink&nbsp;water.", "", "text", id="entities alone"),
    pytest.param("BM is not a picture. Rest well.", "", "text", id="words like a signature"),
    pytest.param("MZ also starts a program. Rest well.", "", "text", id="letters like a signature"),
]


@pytest.mark.parametrize(("source", "media", "kind"), KINDS)
def test_html_is_told_from_flattened_text(source: str, media: str, kind: str) -> None:
    headers = (("Content-Type", media),) if media else ()
    assert decode(Page("https://example.org/a", source.encode(), headers=headers)).kind == kind


def test_nuls_and_lone_surrogates_are_taken_out() -> None:
    document = decode_text("<p>Leg\0 cramps \ud800 and \ud83d\ude00</p>")
    assert document.text == "<p>Leg cramps \ufffd and 😀</p>"
    assert decode(Page("u", b"<p>Leg cra\0mps</p>")).text == "<p>Leg cramps</p>"


def test_a_nul_in_flattened_text_leaves_the_rest_in_its_place() -> None:
    document = decode_text("Rest.\0Heat.")
    assert document.text == "Rest. Heat."


def test_the_final_address_is_the_documents() -> None:
    page = Page("https://example.org/a", b"<p>Rest.</p>", final_url="https://example.org/b")
    assert decode(page).url == "https://example.org/b"


@pytest.mark.parametrize("label", ["utf-8", "UTF8", " utf-8 ", '"utf-8"', "unicode-1-1-utf-8"])
def test_labels_are_read_as_the_standard_has_them(label: str) -> None:
    page = Page("u", "Füße wärmen".encode(), headers=(("CONTENT-TYPE", f"text/html; Charset={label}"),))
    assert decode(page).encoding_source == "header"


def test_a_meta_in_a_comment_declares_nothing() -> None:
    body = '<!-- <meta charset="windows-1251"> --><meta charset="iso-8859-1"><p>Füße wärmen für ältere Menschen</p>'.encode(
        "latin-1"
    )
    assert decode(Page("u", body)).encoding == "windows-1252"


def test_a_tag_with_thousands_of_attributes_is_cut_and_a_long_picture_is_not() -> None:
    many = "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">Rest well.</p>"
    assert decode_text("<html>" + many + many).text == "<html><p>Rest well.</p><p>Rest well.</p>"
    picture = "<img src='data:image/png;base64," + "QUJD" * 20_000 + "'><p>Rest well.</p>"
    assert decode_text(picture).text == picture
    script = "<script>" + "let a = 1; if (a < b) { c = '<p>' }\n" * 2_000 + "</script><p>Rest well.</p>"
    assert decode_text(script).text == script
