"""The stage as a recipe: a page in, its article out."""

from dataclasses import dataclass, field
from enum import StrEnum

from crawler.page import Page

from .boilerplate import Verdict
from .facts import Facts
from .passages import Passage


class Refusal(StrEnum):
    """Why a page is not an article."""

    EMPTY = "empty page"
    BINARY = "not text"
    INDEX = "index of other pages"
    PRODUCT = "product page"
    FORUM = "forum thread"
    LOGIN = "login or sign-up page"
    VIDEO = "video page"
    SOFT_404 = "error page answered with status 200"
    STATUS = "error status"
    TOO_SHORT = "too short"
    LANGUAGE = "another language"


class NotAnArticle(Exception):  # noqa: N818  a refusal is news about a page, not an error
    """The page holds no article: a refusal, to be counted and listed."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        """Keep the reason, and the evidence for it in words."""
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


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
