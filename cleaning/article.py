"""The stage as a recipe: a page in, its article out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

from crawler.page import Page
from crawler.site import Layout as SiteLayout
from crawler.site import Site

from .blocks import Block, cut, lay_out
from .boilerplate import Reason, Verdict, judge, read_frame
from .document import Document, bound, decode, decode_text, parse
from .facts import Facts, detect_language, read_facts
from .layout import by_layout
from .linklists import judge_lines, lines, link_lists
from .passages import Passage, divide
from .places import locate
from .refusal import NotAnArticle, Refusal, refuse
from .repeated import RepeatedLines
from .spaced import close, closed, is_spread

__all__ = ["Article", "NotAnArticle", "Refusal", "clean", "clean_text", "main_text"]


@dataclass(frozen=True, slots=True)
class Article:
    """The article's own words, and what was left out."""

    url: str
    text: str
    """The kept blocks, a line each, without the title. Every offset downstream indexes this."""
    passages: tuple[Passage, ...] = ()
    """In order, not overlapping."""
    facts: Facts = field(default_factory=Facts)
    verdicts: tuple[Verdict, ...] = ()
    """Every block of the page in reading order, kept or not."""
    confidence: float = 1.0
    """How sure the cleaner is that the text is the article, 0 to 1."""
    source_format: str = "html"
    """html or text."""
    raw_sha256: str = ""
    """Of the page's bytes."""


def main_text(html: str, url: str | None = None) -> str:
    """The article's text without its title; "" if none."""
    if not _STARTS_AS_HTML.match(html):
        try:
            document = decode_text(html, url)
        except NotAnArticle:
            return ""
        if document.kind == "text":
            return "\n".join(
                verdict.block.text for verdict in judge_lines(document) if verdict.reason is None
            )
        tree = parse(document.text)
    else:
        source = html.encode("utf-8", "ignore")  # without lone surrogates; NULs the parser drops by itself
        bounded = bound(html, source)
        tree = parse(source if bounded is html else bounded)
    return judge(lay_out(tree), read_frame(tree)).text()


_STARTS_AS_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)


def clean(page: Page, site: Site | None = None, repeated: RepeatedLines | None = None) -> Article:
    """Strip a page down to its article.

    The site's profile may name the article's language and, for the few sites that need it, its place; `repeated` are the lines that stand on
    many of its pages. Raises NotAnArticle.
    """
    if page.status >= 400:
        raise NotAnArticle(Refusal.STATUS, str(page.status))
    return _clean(page, decode(page), site, repeated)


def page_lines(page: Page) -> list[str]:
    """The lines of a page, kept or not: what a site's repeated lines are learned from. A page that is not text has none."""
    try:
        document = decode(page)
    except NotAnArticle:
        return []
    return [block.text for block in (lines(document) if document.kind == "text" else cut(document))]


def clean_text(text: str, url: str | None = None) -> Article:
    """Strip a page that is already flattened to text. Raises NotAnArticle."""
    document = decode_text(text, url)
    return _clean(Page(document.url, text.encode("utf-8", "replace")), document, None, None)


def _clean(page: Page, document: Document, site: Site | None, repeated: RepeatedLines | None) -> Article:
    tree = parse(document.text) if document.kind == "html" else None
    facts = read_facts(document, tree)
    if tree is None:
        verdicts, confidence = judge_lines(document), 1.0
    else:
        judgement = judge(lay_out(tree), read_frame(tree))
        verdicts, confidence = judgement.verdicts(), judgement.confidence
        if rule := _layout(page, site):
            verdicts, confidence = by_layout(tree, rule, verdicts), 1.0
        verdicts = _with_link_lists(verdicts, facts.title)
        places = locate(document.text, [_without_bars(verdict.block) for verdict in verdicts])
        verdicts = tuple(
            replace(verdict, block=block) for verdict, block in zip(verdicts, places, strict=True)
        )
    if repeated is not None:
        verdicts = repeated.mark(verdicts)
    kept = [verdict.block for verdict in verdicts if verdict.reason is None]
    if is_spread(kept):
        verdicts = tuple(replace(verdict, block=closed(verdict.block)) for verdict in verdicts)
        kept = [verdict.block for verdict in verdicts if verdict.reason is None]
        facts = replace(facts, title=close(facts.title))
    facts = replace(facts, language=_language([block.text for block in kept], facts.language))
    refuse(page, document, verdicts, tree, language=facts.language, wanted=site.language if site else "")
    return Article(
        url=document.url,
        text="\n".join(block.text for block in kept),
        passages=divide(kept),
        facts=facts,
        verdicts=verdicts,
        confidence=confidence,
        source_format=document.kind,
        raw_sha256=sha256(page.body).hexdigest(),
    )


def _with_link_lists(verdicts: Sequence[Verdict], title: str) -> tuple[Verdict, ...]:
    """The reasons that need words and neighbours: they drop what the model kept, and say more of what it dropped."""
    reasons = link_lists([verdict.block for verdict in verdicts], title)
    return tuple(
        replace(verdict, reason=reason)
        if reason and verdict.reason in (None, Reason.MODEL, Reason.LINKS)
        else verdict
        for verdict, reason in zip(verdicts, reasons, strict=True)
    )


def _language(texts: Sequence[str], declared: str) -> str:
    """The language that the article itself is in: sites declare one for all their pages."""
    text = " ".join(texts)[:MAX_DETECTED]
    return detect_language(text) or declared if len(text.encode()) >= MIN_DETECTED else declared


MIN_DETECTED, MAX_DETECTED = 300, 3000
"""Bytes of text from which detection is believed before a declaration, and characters it looks at: the small model was right on 985 of 999
English pages' first 2,000 characters; bytes, since a Chinese character says as much as three letters."""


def _without_bars(block: Block) -> Block:
    """Without the bars that old templates leave where a cell or a column ended."""
    text = block.text.strip(" |")
    return replace(block, text=text) if text and len(text) < len(block.text) else block


def _layout(page: Page, site: Site | None) -> SiteLayout | None:
    """The profile's layout that was in use on the day the page was fetched."""
    day = (page.fetched_at or datetime.now(UTC)).date()
    return site.layout_on(day) if site else None
