"""The stage as a recipe: a page in, its article out."""

from dataclasses import dataclass, field, replace
from hashlib import sha256

from selectolax.lexbor import LexborHTMLParser

from crawler.page import Page

from .blocks import cut_lines, lay_out
from .boilerplate import Verdict, judge, read_frame
from .document import Document, decode, decode_text
from .facts import Facts
from .passages import Passage, divide
from .refusal import NotAnArticle, Refusal

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
    document = decode_text(html, url)
    if document.kind == "text":
        return "\n".join(block.text for block in cut_lines(document.text))
    tree = LexborHTMLParser(document.text)
    return judge(lay_out(tree), read_frame(tree, document.text)).text()


def clean(page: Page) -> Article:
    """Strip a page down to its article. Raises NotAnArticle."""
    article = _clean(decode(page))
    return replace(article, raw_sha256=sha256(page.body).hexdigest())


def clean_text(text: str, url: str | None = None) -> Article:
    """Strip a page that is already flattened to text. Raises NotAnArticle."""
    return _clean(decode_text(text, url))


def _clean(document: Document) -> Article:
    if document.kind == "text":
        verdicts = tuple(Verdict(block) for block in cut_lines(document.text))
        facts = Facts()
        confidence = 1.0
    else:
        tree = LexborHTMLParser(document.text)
        frame = read_frame(tree, document.text)
        judgement = judge(lay_out(tree), frame)
        verdicts = judgement.verdicts()
        facts = Facts(title=frame.title)
        confidence = judgement.confidence
    kept = [verdict.block for verdict in verdicts if verdict.reason is None]
    if not kept:
        raise NotAnArticle(Refusal.TOO_SHORT, "no block of text is the page's own")
    return Article(
        url=document.url,
        text="\n".join(block.text for block in kept),
        passages=divide(kept),
        facts=facts,
        verdicts=verdicts,
        confidence=confidence,
        source_format=document.kind,
    )
