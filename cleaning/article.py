"""The stage as a recipe: a page in, its article out."""

from dataclasses import dataclass, field

from crawler.page import Page

from .boilerplate import Verdict
from .facts import Facts
from .passages import Passage
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
    raise NotImplementedError


def clean(page: Page) -> Article:
    """Strip a page down to its article. Raises NotAnArticle."""
    raise NotImplementedError


def clean_text(text: str, url: str | None = None) -> Article:
    """Strip a page that is already flattened to text. Raises NotAnArticle."""
    raise NotImplementedError
