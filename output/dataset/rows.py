"""One page's rows: its article and findings, or its refusal."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from cleaning.article import Article
from cleaning.boilerplate import Reason
from crawler.page import Page

from ..findings.finding import GROUPS, Finding
from ..findings.subject import Subject
from ..findings.topics import normal
from .privacy import mask, withhold
from .rights import read_rights

Row = dict[str, Any]
"""A row before it is Arrow: declared columns, Python values."""

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_DISCLAIMER = re.compile(
    r"\bdisclaimer\b|\b(?:not?|never) (?:intended |meant )?(?:to be |as )?(?:a )?(?:substitut|replac)\w* for|\b(?:not|never) (?:constitute |replace )?medical advice"
    r"|does not (?:provide medical|replace|constitute)|for (?:general )?(?:informational|educational|reference|information) (?:purposes )?only",
    re.IGNORECASE,
)
NESTED_IN = {"cause": "causes", "advice": "advice", "symptom": "symptoms", "other": "other"}
"""The nested column of articles that holds a role group."""


@dataclass(frozen=True, slots=True)
class PageRows:
    """What one page adds to the tables: an article with its findings, or a refusal."""

    article: Row | None = None
    findings: tuple[Row, ...] = ()
    refusal: Row | None = None


def page_rows(
    article: Article, page: Page | None, subject: Subject, findings: Sequence[Finding], run_id: str
) -> PageRows:
    """The article's row and its findings' rows."""
    return PageRows(
        article_row(article, page, subject, findings, run_id),
        tuple(finding_rows(article, page, subject, findings, run_id)),
    )


def article_row(
    article: Article, page: Page | None, subject: Subject, findings: Sequence[Finding], run_id: str
) -> Row:
    """The article as a row; its status against earlier versions is set when a version is published."""
    facts = article.facts
    text, emails, phones = mask(clean_string(article.text))
    identity = article_id(article.url, text)
    rights = read_rights(page, facts.license)
    nested: dict[str, list[Row]] = {column: [] for column in NESTED_IN.values()}
    told = finding_rows(article, page, subject, findings, run_id)
    for row in told:
        nested[NESTED_IN[row["role_group"]]].append(
            {key: row[key] for key in ("finding_id", "role", "label", "text", "start", "end", "confidence")}
        )
    return {
        "article_id": identity,
        "url": clean_string(article.url),
        "site": _said(page.site if page else ""),
        "status": "new",
        "status_note": None,
        "title": _private(facts.title),
        "topic": _said(subject.topic),
        "canonical_topic": normal(subject.topic) or None,
        "topic_source": _said(subject.source),
        "alternate_names": [clean_string(name) for name in subject.alternate_names],
        "population": _said(subject.population),
        "audience": _said(subject.audience),
        "language": _said(facts.language),
        "author": _private(facts.author),
        "publisher": _said(facts.publisher),
        "date_published": parse_time(facts.published),
        "date_modified": parse_time(facts.modified),
        "last_reviewed": parse_time(facts.reviewed),
        "canonical_url": _said(facts.canonical_url),
        "final_url": _said(page.final_url if page and page.final_url != article.url else ""),
        "source_format": article.source_format,
        "license": _said(rights.license),
        "robots": _said(",".join(sorted(rights.rules.robots))),
        "tdm_reservation": rights.rules.tdm_reserved,
        "shareable": rights.shareable,
        "text": text,
        "text_sha256": _sha256(text),
        "raw_sha256": _said(article.raw_sha256),
        "passages": [
            {
                "kind": passage.kind,
                "start": passage.start,
                "end": passage.end,
                "level": passage.level,
                "list_id": _known(passage.list_id),
                "position": passage.position or None,
                "marker": str(passage.marker),
            }
            for passage in article.passages
        ],
        "removed": removed_blocks(article),
        **nested,
        "n_findings": len(told),
        "has_disclaimer": any(_DISCLAIMER.search(verdict.block.text) for verdict in article.verdicts)
        or bool(_DISCLAIMER.search(text)),
        "masked_emails": emails,
        "masked_phones": phones,
        "confidence": round(float(article.confidence), 4),
        "canonical_article_id": identity,
        **_source(page),
        "first_run_id": run_id,
        "run_id": run_id,
    }


def finding_rows(
    article: Article, page: Page | None, subject: Subject, findings: Sequence[Finding], run_id: str
) -> list[Row]:
    """The findings as rows, in the order given."""
    text, _, _ = mask(clean_string(article.text))
    identity = article_id(article.url, text)
    counts: dict[tuple[str, str], int] = {}
    ids = []
    for finding in findings:
        said = (finding.role.value, text[finding.start : finding.end])
        counts[said] = counts.get(said, 0) + 1
        ids.append(_sha256("\n".join((article.url, *said, str(counts[said])))))
    rows = []
    lines = _raw_lines(article)
    for finding, finding_id in zip(findings, ids, strict=True):
        evidence = text[finding.start : finding.end]
        raw_start, raw_end = _raw_span(lines, finding.start, finding.end)
        label = mask(clean_string(finding.label))[0].strip()
        rows.append(
            {
                "finding_id": finding_id,
                "article_id": identity,
                "url": clean_string(article.url),
                "site": _said(page.site if page else ""),
                "topic": _said(subject.topic),
                "canonical_topic": normal(subject.topic) or None,
                "population": _said(subject.population),
                "role": finding.role.value,
                "role_group": GROUPS[finding.role],
                "label": label or None,
                "text": " ".join(evidence.split()),
                "evidence": evidence,
                "start": finding.start,
                "end": finding.end,
                "raw_start": raw_start,
                "raw_end": raw_end,
                "heading": _private(finding.heading),
                "lead_in": _private(finding.lead_in),
                "list_id": _known(finding.list_id),
                "list_position": finding.list_position or None,
                "list_marker": _said(finding.list_marker),
                "polarity": finding.polarity,
                "hedge": finding.hedge,
                "confidence": round(float(finding.confidence), 4),
                "decided_by": finding.decided_by,
                "secondary_role": finding.secondary_role.value if finding.secondary_role else None,
                "parent_finding_id": ids[finding.parent] if finding.parent >= 0 else None,
                "also": [{"start": start, "end": end} for start, end in finding.also],
                "claim_id": None,  # known when a version is made of all articles
                "run_id": run_id,
            }
        )
    return rows


def refusal_row(page: Page, stage: str, reason: str, detail: str, run_id: str) -> Row:
    """A page without an article as a row. Stage is fetch, cleaning or dataset."""
    return {
        "url": clean_string(page.url),
        "site": _said(page.site),
        "stage": stage,
        "reason": reason,
        "detail": _private(detail),
        **_source(page),
        "run_id": run_id,
    }


def nested(article: Article, subject: Subject, findings: Sequence[Finding]) -> Row:
    """One article as a document to read: what `consilia text` prints. Nothing is masked, the text is the caller's own."""
    facts = article.facts
    lists: dict[str, list[Row]] = {
        column: []
        for column in (
            "causes",
            "risk_factors",
            "symptoms",
            "complications",
            "diagnosis",
            "advice",
        )
    }
    for finding in findings:
        lists[_DOCUMENT_LIST.get(finding.role.value, "advice")].append(_document(article.text, finding))
    return {
        "url": article.url or None,
        "source_format": article.source_format,
        "raw_sha256": article.raw_sha256 or None,
        "title": facts.title or None,
        "topic": subject.topic or None,
        "alternate_names": list(subject.alternate_names),
        "population": subject.population or None,
        "audience": subject.audience or None,
        "language": facts.language or None,
        "facts": {
            "canonical_url": facts.canonical_url or None,
            "author": facts.author or None,
            "publisher": facts.publisher or None,
            "published": facts.published or None,
            "modified": facts.modified or None,
            "reviewed": facts.reviewed or None,
            "license": facts.license or None,
        },
        "confidence": round(float(article.confidence), 4),
        "not_read": subject.refused or None,
        **lists,
        "text": article.text,
        "removed": [
            {key: block[key] for key in ("text", "reason", "start", "end")}
            for block in removed_blocks(article, private=False)
        ],
    }


_DOCUMENT_LIST = {
    "cause": "causes",
    "risk_factor": "risk_factors",
    "symptom": "symptoms",
    "complication": "complications",
    "diagnosis": "diagnosis",
}


def _document(text: str, finding: Finding) -> Row:
    evidence = text[finding.start : finding.end]
    return {
        "label": finding.label or None,
        "text": " ".join(evidence.split()),
        "role": finding.role.value,
        "polarity": finding.polarity,
        "hedge": finding.hedge,
        "confidence": round(finding.confidence, 4),
        "decided_by": finding.decided_by,
        "evidence": {"exact": evidence, "start": finding.start, "end": finding.end},
        "also": [{"exact": text[start:end], "start": start, "end": end} for start, end in finding.also],
        "heading": finding.heading or None,
        "lead_in": finding.lead_in or None,
        "list_id": _known(finding.list_id),
        "list_position": finding.list_position or None,
        "list_marker": finding.list_marker,
        "secondary_role": finding.secondary_role.value if finding.secondary_role else None,
        "parent": _known(finding.parent),
    }


def article_id(url: str, text: str) -> str:
    """The id of this text under this address."""
    return _sha256(f"{clean_string(url)}\n{text}")


def removed_blocks(article: Article, *, private: bool = True) -> list[Row]:
    """The blocks that were left out, in the page's order, with the place in the text before which they stood."""
    removed = []
    after = cursor = 0
    for verdict in article.verdicts:
        block = verdict.block
        if verdict.reason is None:
            # A kept block may be trimmed on its way into the text: look for it from where the last one ended.
            found = article.text.find(block.text, cursor)
            if found >= 0:
                after = cursor = found + len(block.text)
            continue
        words = clean_string(block.text)
        if private and verdict.reason is Reason.COMMENT:
            words = withhold(words)
        removed.append(
            {
                "text": mask(words)[0] if private else words,
                "reason": verdict.reason.value,
                "start": _known(block.start),
                "end": _known(block.end),
                "after": after,
                "confidence": round(float(verdict.confidence), 4),
            }
        )
    return removed


def parse_time(stated: str) -> datetime | None:
    """An ISO 8601 date or time in UTC; None if it is neither, a year or a month alone included."""
    try:
        time = datetime.fromisoformat(stated.strip())
    except ValueError:
        return None
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        return None


def _raw_lines(article: Article) -> list[tuple[int, int, int, int]]:
    """(start, end, raw start, raw end) of each line of the text whose block is known."""
    lines = []
    cursor = 0
    for verdict in article.verdicts:
        if verdict.reason is not None or verdict.block.start < 0:
            continue
        found = article.text.find(verdict.block.text, cursor)
        if found >= 0:
            cursor = found + len(verdict.block.text)
            lines.append((found, cursor, verdict.block.start, verdict.block.end))
    return lines


def _raw_span(
    lines: Iterable[tuple[int, int, int, int]], start: int, end: int
) -> tuple[int | None, int | None]:
    touched = [line for line in lines if line[0] < end and start < line[1]]
    if not touched or touched[0][0] > start or touched[-1][1] < end:
        return None, None
    if any(later[0] - earlier[1] > 1 for earlier, later in pairwise(touched)):
        return None, None
    return touched[0][2], touched[-1][3]


def _source(page: Page | None) -> Mapping[str, Any]:
    record = page.record if page else None
    return {
        "http_status": page.status if page and page.fetched_at else None,
        "fetched_at": page.fetched_at if page else None,
        "warc_file": record.file if record else None,
        "warc_offset": record.offset if record else None,
        "warc_length": record.length if record else None,
        "warc_digest": record.digest if record else None,
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _said(text: str) -> str | None:
    return clean_string(text) or None


def _private(text: str) -> str | None:
    return mask(clean_string(text))[0] or None


def _known(number: int) -> int | None:
    return None if number < 0 else number


def clean_string(text: str) -> str:
    """The text with NUL and surrogates, which neither Arrow nor SQLite takes, as U+FFFD each: its length stays."""
    return _UNWRITABLE.sub("\ufffd", text)
