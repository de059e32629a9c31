"""Tell a page that holds no article, and say why."""

from __future__ import annotations  # the types below are built on this module

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.page import Page

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

    from .boilerplate import Verdict
    from .document import Document


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


def refuse(
    page: Page,
    document: Document,
    verdicts: Sequence[Verdict],
    tree: LexborHTMLParser | None = None,
    *,
    language: str = "",
    wanted: str = "",
) -> None:
    """Raise NotAnArticle for a page that clearly is none; `language` is the text's, `wanted` the one that is asked for."""
    if page.status >= 400:
        raise NotAnArticle(Refusal.STATUS, str(page.status))
    words = sum(_words(verdict.block.text) for verdict in verdicts if verdict.reason is None)
    if words < MIN_WORDS:
        raise NotAnArticle(Refusal.TOO_SHORT, f"{words} words")
    if wanted and language and language != wanted:
        raise NotAnArticle(Refusal.LANGUAGE, f"{language}, not {wanted}")


MIN_WORDS = 60
"""Words of kept text below which a page holds no article. (Of the 709 articles of wcxb-dev one is shorter than 100.)"""

_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+")


def _words(text: str) -> int:
    return len(_WORD.findall(text))
