"""Rows: what a finding and an article become, and that nothing private or unwritable gets out."""

import hashlib
import io
import json
import time
import timeit
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from cleaning.blocks import Block
from cleaning.boilerplate import Reason, Verdict
from crawler.archive import Archive, read_pages
from crawler.page import Page
from output.dataset.claims import Claims
from output.dataset.columns import TABLES, to_arrow, to_pandas
from output.dataset.privacy import MASK, mask
from output.dataset.publish import publish
from output.dataset.rights import is_open, read_rights
from output.dataset.rows import Row, nested, page_rows, parse_time
from output.dataset.shard import write_shard
from output.dataset.tables import tables
from output.findings import Finding, Role

from .samples import SUBJECT, TEXT, a_page, a_run, an_article, findings_of, rows_of, sentences, span


def _article(**changes: str) -> Row:
    row = rows_of(**changes).article  # type: ignore[arg-type]
    assert row is not None
    return row


def test_no_articles_give_the_declared_columns_and_no_rows() -> None:
    empty = tables([])
    assert set(empty) == {"articles", "findings"}
    for name, frame in empty.items():
        assert list(frame.columns) == [column.name for column in TABLES[name].columns]
        assert len(frame) == 0


def test_tables_of_an_article_are_what_a_run_would_write() -> None:
    frames = tables([an_article(), an_article("https://demo.test/other")])
    assert list(frames["articles"].url) == ["https://demo.test/cramps", "https://demo.test/other"]
    for row in frames["findings"].to_dict("records"):
        assert row["evidence"] == TEXT[row["start"] : row["end"]]


def test_a_row_leads_back_to_record_and_characters() -> None:
    rows = rows_of()
    assert rows.article is not None
    assert (rows.article["warc_file"], rows.article["warc_offset"], rows.article["warc_digest"]) == (
        "demo-22.warc.gz",
        1234,
        "sha1:ABCDEF",
    )
    source = "Home > Sleep\n" + TEXT
    for row in rows.findings:
        assert TEXT[row["start"] : row["end"]] == row["evidence"]
        assert row["evidence"] in source[row["raw_start"] : row["raw_end"]]


def test_removed_blocks_keep_reason_and_place() -> None:
    removed = _article()["removed"]
    assert [(block["text"], block["reason"], block["after"]) for block in removed] == [
        ("Home > Sleep", "path to the page", 0),
        ("Read also: Sore feet", "points at related articles", len(TEXT)),
        ("Call " + MASK * 13, "promotion inside the page", len(TEXT)),
        ("© Demo. Not a substitute for medical advice.", "copyright, disclaimer or legal notice", len(TEXT)),
    ]
    assert removed[0]["start"] == 0
    assert _article()["has_disclaimer"] is True


def test_the_same_words_twice_on_a_page_are_two_findings() -> None:
    text = "Rest helps.\nRest helps."
    found = [
        Finding(Role.SELF_CARE, "Rest", 0, 11, polarity="do"),
        Finding(Role.SELF_CARE, "Rest", 12, 23, polarity="do", parent=0),
    ]
    from output.dataset.rows import finding_rows

    one, other = finding_rows(an_article(text=text), None, SUBJECT, found, "r")
    assert one["finding_id"] != other["finding_id"]
    assert other["parent_finding_id"] == one["finding_id"]


def test_unknown_numbers_are_null_and_not_minus_one() -> None:
    row = rows_of().findings[2]
    assert row["list_id"] is None
    assert row["list_position"] is None
    frame = to_pandas(to_arrow("findings", rows_of().findings))
    assert frame.list_id.isna().tolist() == [False, False, True, True]
    assert str(frame.list_id.dtype) == "Int32"


def test_lone_surrogates_and_nul_are_written_as_replacements() -> None:
    row = _article(title="bad \ud800 title", text=TEXT + "\nend \udfff \x00.")
    assert row["title"] == "bad \ufffd title"
    assert row["text"].endswith("end \ufffd \ufffd.")
    assert to_arrow("articles", [row]).num_rows == 1


def test_the_document_of_consilia_text() -> None:
    article = an_article()
    document = nested(article, SUBJECT, findings_of())
    assert json.loads(json.dumps(document)) == document
    assert [cause["label"] for cause in document["causes"]] == ["Tired muscles", "Cold"]
    assert [advice["polarity"] for advice in document["advice"]] == ["do", "avoid"]
    assert document["advice"][1]["hedge"] is True
    assert document["topic"] == "calf cramps"
    assert document["population"] == "older adults"
    for name in ("causes", "advice"):
        for item in document[name]:
            evidence = item["evidence"]
            assert evidence["exact"] == document["text"][evidence["start"] : evidence["end"]]
    assert document["removed"][2] == {
        "text": "Call 020 7946 0958",
        "reason": "promotion inside the page",
        "start": 13 + len(TEXT) + 1 + 21,
        "end": 13 + len(TEXT) + 1 + 21 + 18,
    }


def test_every_role_has_its_list_in_the_document() -> None:
    article = an_article()
    every = [Finding(role, role.value, *span(TEXT, "Cold feet")) for role in Role]
    document = nested(article, SUBJECT, every)
    lists = ("causes", "risk_factors", "symptoms", "complications", "diagnosis", "advice")
    assert sum(len(document[name]) for name in lists) == len(Role)
    assert {item["role"] for item in document["advice"]} == {
        "treatment",
        "self_care",
        "prevention",
        "see_doctor",
    }


PRIVATE = [
    pytest.param(
        "write to jane.doe+help@clinic.example.org today", "jane.doe+help@clinic.example.org", id="an address"
    ),
    pytest.param("jane [at] clinic.example", "jane [at] clinic.example", id="an address in disguise"),
    pytest.param("ring (555) 010-1234.", "(555) 010-1234", id="North America"),
    pytest.param("ring 555-010-1234 x5", "555-010-1234", id="North America, dashes"),
    pytest.param("from abroad +44 20 7946 0958", "+44 20 7946 0958", id="international"),
    pytest.param("0049 30 901820 in Berlin", "0049 30 901820", id="international, zeros"),
    pytest.param("in London 020 7946 0958", "020 7946 0958", id="United Kingdom"),
    pytest.param("mobile 13812345678", "13812345678", id="a Chinese mobile"),
    pytest.param("Tel.: 555 0134", "555 0134", id="a local number after tel"),
]
PUBLIC = [
    "call 911, 112, 999, 988 or 116 123",
    "Poison Help 1-800-222-1222",
    "Childline 0800 1111",
    "between 2019-2020",
    "on 2020-10-12 14:30",
    "ISBN 978-3-16-148410-0",
    "PMID: 12345678, doi 10.1000/182",
    "10.1016/j.jaad.2011.04.001",
    "1,000-2,000 mg or 100-200-300 mg",
    "5 000 000 000 cells",
    "0.5 0.25 0.125 mg",
    "pH 7.35-7.45, 120/80 mmHg, 98.6 F",
    "@home and a@b",
    "ICD-10 R25.2, ICD-11 8A05.Y",
]


@pytest.mark.parametrize(("text", "hidden"), PRIVATE)
def test_addresses_and_numbers_are_overwritten_at_their_length(text: str, hidden: str) -> None:
    masked, emails, phones = mask(text)
    assert masked == text.replace(hidden, MASK * len(hidden))
    assert emails + phones == 1


@pytest.mark.parametrize("text", PUBLIC)
def test_help_lines_doses_dates_and_ids_stay(text: str) -> None:
    assert mask(text) == (text, 0, 0)


@given(st.text(st.sampled_from("0123456789 +-.()@ab tel:")))
def test_masking_keeps_every_length(text: str) -> None:
    assert len(mask(text)[0]) == len(text)


@pytest.mark.parametrize("food", ["a.", "0 ", "1-", "(0", "a@", "+1 ", "tel ", "a.a@a."])
def test_masking_takes_linear_time(food: str) -> None:
    def seconds(n: int) -> float:
        timer = timeit.Timer(lambda: mask(food * n), timer=time.process_time)
        return min(timer.repeat(repeat=5, number=2))

    assert seconds(40_000) < 12 * seconds(10_000) + 0.01  # four times the food: 4 if linear, 16 if quadratic


def test_readers_comments_keep_their_shape_and_not_their_words() -> None:
    comment = Verdict(Block("Jen K., 41: my cramps began with pills!", "p"), Reason.COMMENT)
    article = replace(an_article(), verdicts=(comment,))
    (block,) = page_rows(article, a_page(), SUBJECT, [], "r").article["removed"]  # type: ignore[index]
    assert block["text"] == "███ █., ██: ██ ██████ █████ ████ █████!"
    (block,) = nested(article, SUBJECT, [])["removed"]
    assert block["text"].startswith("Jen K.")


def test_masked_articles_count_and_keep_their_offsets() -> None:
    text = TEXT.replace("Cold feet", "Ask jo@demo.example.org; cold feet")
    rows = rows_of(text=text)
    assert rows.article is not None
    assert rows.article["masked_emails"] == 1
    assert "jo@" not in rows.article["text"]
    for row in rows.findings:
        assert rows.article["text"][row["start"] : row["end"]] == row["evidence"]


RIGHTS = [
    pytest.param([], "", "", None, False, id="nothing stated"),
    pytest.param([], "https://creativecommons.org/licenses/by/4.0/", "", None, True, id="an open licence"),
    pytest.param([], "CC BY-NC 4.0", "", None, False, id="not for commerce"),
    pytest.param([], "CC BY-ND", "", None, False, id="no changes"),
    pytest.param([], "All rights reserved", "", None, False, id="no licence"),
    pytest.param([("TDM-Reservation", "1")], "CC BY 4.0", "", True, False, id="reserved by header"),
    pytest.param([("tdm-reservation", "0")], "CC BY 4.0", "", False, True, id="free by header"),
    pytest.param(
        [("X-Robots-Tag", "noindex, nofollow")], "CC0", "nofollow,noindex", None, False, id="noindex"
    ),
    pytest.param(
        [("X-Robots-Tag", "otherbot: noindex")], "CC0", "", None, True, id="a rule for another robot"
    ),
    pytest.param(
        [("X-Robots-Tag", "max-snippet: 20")], "CC0", "max-snippet: 20", None, True, id="a rule with a value"
    ),
]


@pytest.mark.parametrize(("headers", "license_", "robots", "reserved", "shareable"), RIGHTS)
def test_rights_are_what_page_and_server_state(
    headers: list[tuple[str, str]], license_: str, robots: str, reserved: bool | None, shareable: bool
) -> None:
    row = rows_of(headers=headers, license=license_).article
    assert row is not None
    assert (row["robots"] or "", row["tdm_reservation"], row["shareable"]) == (robots, reserved, shareable)


def test_rights_in_meta_elements_are_read() -> None:
    body = b'<meta content=\'noindex\' name=robots><META NAME="tdm-reservation" CONTENT="1"><meta name=x'
    rights = read_rights(Page("https://a.test", body))
    assert (rights.rules.robots, rights.rules.tdm_reserved) == ({"noindex"}, True)


@pytest.mark.parametrize(("host", "page", "told"), [(True, "", True), (False, "1", True), (True, "0", False)])
def test_a_hosts_reservation_holds_where_the_page_is_silent(host: bool, page: str, told: bool) -> None:
    headers = (("TDM-Reservation", page),) if page else ()
    rights = read_rights(Page("https://a.test", b"", headers=headers, tdm_reserved=host))
    assert rights.rules.tdm_reserved is told


def test_open_licences_are_told_from_others() -> None:
    assert is_open("Creative Commons Attribution-ShareAlike 4.0")
    assert is_open("http://creativecommons.org/publicdomain/zero/1.0/")
    assert is_open("Open Government Licence v3.0")
    assert not is_open("https://creativecommons.org/licenses/by-nc-sa/4.0/")
    assert not is_open("creative-commons-attribution-noncommercial")


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-02-30", None),
        ("March 2026", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
    ],
)
def test_stated_times_become_utc(stated: str, read: datetime | None) -> None:
    assert parse_time(stated) == read


def _counted(scratch: Path, rows: list[Row]) -> list[Row]:
    claims = Claims(scratch, len(rows))
    claims.count(rows)
    return list(claims.rows())


def test_pages_that_disagree_make_a_conflict(tmp_path: Path) -> None:
    def row(number: int, polarity: str, label: str) -> Row:
        url = f"https://site{number}.test"
        return {
            **rows_of().findings[3],
            "polarity": polarity,
            "label": label,
            "text": label,
            "article_id": str(number),
            "url": url,
            "site": f"site{number}",
            "finding_id": str(number),
        }

    rows = [
        row(1, "avoid", "Avoid cold drinks"),
        row(2, "avoid", "Cold drinks"),
        row(3, "do", "Drink cold drinks"),
    ]
    (claim,) = _counted(tmp_path, rows)
    assert (claim["n_articles"], claim["n_sites"], claim["n_against"], claim["conflict"]) == (3, 3, 2, True)
    (agreed,) = _counted(tmp_path, rows[:2])
    assert agreed["conflict"] is False


def test_claims_counted_in_parts_are_those_counted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {**row, "canonical_topic": f"topic {number % 5}"}
        for number in range(20)
        for row in rows_of(f"https://a.test/{number:02}").findings
    ]
    at_once = _counted(tmp_path, rows)
    assert len(at_once) == 20
    monkeypatch.setattr("output.dataset.claims.FINDINGS_AT_ONCE", 10)
    claims = Claims(tmp_path, len(rows))
    claims.count(rows)
    assert list(claims.rows()) == at_once
    ids = {identity: claim["claim_id"] for claim in at_once for identity in claim["finding_ids"]}
    assert [row["claim_id"] for row in claims.of(rows)] == [ids[row["finding_id"]] for row in rows]
    claims.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("Wellhouse gives general information and is no substitute for advice from your own doctor.", True),
        ("This site does not provide medical advice.", True),
        ("Medical Disclaimer", True),
        ("For informational purposes only.", True),
        ("Honey is not for babies.", False),
        ("Ask for medical advice if it lasts.", False),
    ],
)
def test_a_disclaimer_is_told_wherever_it_stands(said: str, is_one: bool) -> None:
    article = replace(an_article(), verdicts=(Verdict(Block(said, "p"), Reason.NAVIGATION),))
    row = page_rows(article, a_page(), SUBJECT, [], "r").article
    assert row is not None
    assert row["has_disclaimer"] is is_one


def test_every_article_leads_back_to_its_bytes_in_the_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", "demo")
    for number in range(5):
        body = f"<title>Cramps {number}</title><p>Warm the calf. {'Stretch it every evening. ' * number}".encode()
        archive.write(replace(a_page(f"https://demo.test/{number}"), body=body, record=None))
    archive.close()
    (file,) = (tmp_path / "archive").rglob("*.warc.gz")
    pages = [
        page_rows(
            replace(
                an_article(page.url, sentences(8, number)), raw_sha256=hashlib.sha256(page.body).hexdigest()
            ),
            page,
            SUBJECT,
            [],
            "r",
        )
        for number, page in enumerate(read_pages([file]))
    ]
    version = publish([write_shard(pages, tmp_path / "p", "s")], tmp_path / "ds", a_run(), formats=())
    led = 0
    for row in version.rows("articles"):
        assert file.name == row["warc_file"]
        with file.open("rb") as stream:
            stream.seek(row["warc_offset"])
            record = next(iter(ArchiveIterator(io.BytesIO(stream.read(row["warc_length"])))))
        assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == row["warc_digest"]
        assert hashlib.sha256(record.content_stream().read()).hexdigest() == row["raw_sha256"]
        led += 1
    assert led == 5


def test_a_page_without_a_record_has_no_source() -> None:
    from output.dataset.rows import article_row

    row = article_row(an_article(), None, SUBJECT, [], "r")
    assert row["site"] is row["warc_file"] is row["fetched_at"] is row["http_status"] is None
    assert a_page().record is not None
