"""Tell a page that holds no article, and say why."""

from enum import StrEnum


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
