"""Real articles, findings and pages, put together by hand in our own words, for the tests of what comes after finding."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cleaning.article import Article
from cleaning.blocks import Block
from cleaning.boilerplate import Reason, Verdict
from cleaning.facts import Facts
from cleaning.passages import Marker, Passage
from crawler.page import Page, Record
from output.dataset.rows import PageRows, page_rows, refusal_row
from output.dataset.run import RunInfo, SiteCounts
from output.findings import Finding, Role, Subject

TEXT = """What makes calves cramp at night?
1. Tired muscles. A long walk leaves the calf short of energy.
2. Cold. Cold feet tighten the calf.
What helps
Stretch the calf before bed.
Avoid cold drinks at night, which may or may not matter."""
RUN_ID = "run-0001"
STARTED = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FINISHED = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def span(text: str, words: str) -> tuple[int, int]:
    """Where the words stand in the text."""
    start = text.index(words)
    return start, start + len(words)


def an_article(url: str = "https://demo.test/cramps", text: str = TEXT, **facts: str) -> Article:
    """An article whose blocks are its lines, and four blocks around it that were left out."""
    source = f"Home > Sleep\n{text}\nRead also: Sore feet\nCall 020 7946 0958\n© Demo. Not a substitute for medical advice."
    kept = [
        Verdict(Block(line, "p", start=source.index(line), end=source.index(line) + len(line)))
        for line in text.split("\n")
    ]

    def left_out(line: str, reason: Reason) -> Verdict:
        start = source.rindex(line)
        return Verdict(Block(line, "div", start=start, end=start + len(line)), reason, 0.9)

    return Article(
        url,
        text,
        _passages(text),
        Facts(**{"title": "Night cramps in the calf", "language": "en", "published": "2026-03-01", **facts}),
        (
            left_out("Home > Sleep", Reason.BREADCRUMB),
            *kept,
            left_out("Read also: Sore feet", Reason.RELATED),
            left_out("Call 020 7946 0958", Reason.PROMOTION),
            left_out("© Demo. Not a substitute for medical advice.", Reason.LEGAL),
        ),
        confidence=0.97,
        raw_sha256=hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _passages(text: str) -> tuple[Passage, ...]:
    passages = []
    start = 0
    for line in text.split("\n"):
        number = line[:1].isdigit()
        heading = line.endswith("?") or line == "What helps"
        passages.append(
            Passage(
                "heading" if heading else "item" if number else "paragraph",
                start + 3 * number,
                start + len(line),
                level=2 if heading else int(number),
                list_id=0 if number else -1,
                position=int(line[0]) if number else 0,
                marker=Marker.NUMBER if number else Marker.NONE,
            )
        )
        start += len(line) + 1
    return tuple(passages)


def findings_of(text: str = TEXT) -> list[Finding]:
    """What the lines of TEXT say; lines that the text does not have are left out."""
    told = [
        (
            Role.CAUSE,
            "Tired muscles",
            "Tired muscles. A long walk leaves the calf short of energy.",
            1,
            "assert",
            False,
        ),
        (Role.CAUSE, "Cold", "Cold. Cold feet tighten the calf.", 2, "assert", False),
        (Role.SELF_CARE, "Stretch the calf", "Stretch the calf before bed.", 0, "do", False),
        (
            Role.SELF_CARE,
            "Cold drinks",
            "Avoid cold drinks at night, which may or may not matter.",
            0,
            "avoid",
            True,
        ),
    ]
    return [
        Finding(
            role,
            label,
            *span(text, words),
            heading="What makes calves cramp at night?" if place else "What helps",
            list_id=0 if place else -1,
            list_position=place,
            list_marker="num" if place else "none",
            polarity=polarity,
            hedge=hedge,
            confidence=0.93 if place else 0.7123456,
            decided_by="heading" if place else "rule",
        )
        for role, label, words, place, polarity, hedge in told
        if words in text
    ]


SUBJECT = Subject("calf cramps", "title", ("charley horse",), "older adults", "patients")


def a_page(
    url: str = "https://demo.test/cramps",
    site: str = "demo",
    day: int = 22,
    headers: Sequence[tuple[str, str]] = (),
) -> Page:
    """A page as it lies in the archive."""
    return Page(
        url,
        b"<html><head></head><body></body></html>",
        headers=tuple(headers),
        fetched_at=datetime(2026, 11, day, 4, 0, tzinfo=UTC),
        site=site,
        record=Record(f"{site}-{day}.warc.gz", 1234, 567, "sha1:ABCDEF"),
    )


def rows_of(
    url: str = "https://demo.test/cramps",
    text: str = TEXT,
    *,
    site: str = "demo",
    day: int = 22,
    run_id: str = RUN_ID,
    headers: Sequence[tuple[str, str]] = (),
    **facts: str,
) -> PageRows:
    """The rows of one article with its findings."""
    return page_rows(
        an_article(url, text, **facts), a_page(url, site, day, headers), SUBJECT, findings_of(text), run_id
    )


def refused(
    url: str, reason: str = "login page", *, stage: str = "cleaning", site: str = "demo", run_id: str = RUN_ID
) -> PageRows:
    """The rows of a page that holds no article."""
    return PageRows(refusal=refusal_row(a_page(url, site), stage, reason, "two password fields", run_id))


def a_run(run_id: str = RUN_ID, finished: datetime = FINISHED, **sites: SiteCounts) -> RunInfo:
    """A run that went well."""
    return RunInfo(
        run_id,
        STARTED,
        finished,
        package_version="0.1.0",
        code_version="abc1234",
        config={"profiles": ["demo"]},
        models={"weights.json": "0" * 64},
        warcs={"demo-22.warc.gz": "1" * 64},
        sites=sites or {"demo": SiteCounts(fetched=3)},
    )


def sentences(count: int, seed: int = 0) -> str:
    """A text of so many sentences that shares few word sequences with that of another seed."""
    words = [
        "rest",
        "water",
        "sleep",
        "walk",
        "stretch",
        "warm",
        "cold",
        "salt",
        "iron",
        "light",
        "noise",
        "stress",
        "habit",
        "bed",
        "chair",
        "shoe",
        "foot",
        "knee",
        "back",
        "neck",
    ]
    state = seed * 7919 + 17
    lines = []
    for _ in range(count):
        picked = []
        for _ in range(9):
            state = (state * 1103515245 + 12345) % 2**31
            picked.append(words[state // 65536 % len(words)])
        lines.append(" ".join(picked).capitalize() + ".")
    return "\n".join(lines)


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its path in the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
