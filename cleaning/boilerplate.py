"""Tell the article's own blocks from the site's."""

from dataclasses import dataclass
from enum import StrEnum

from .blocks import Block


class Reason(StrEnum):
    """Why a block is not the article's own."""

    NAVIGATION = "menu, header or footer of the site"
    BREADCRUMB = "path to the page"
    LINKS = "mostly links"
    RELATED = "points at related articles"
    NEIGHBOUR = "points at the next or the previous article"
    TEASER = "cut off with an ellipsis"
    TAGS = "tag line"
    TOC = "table of contents"
    SHARE = "share bar"
    NEWSLETTER = "newsletter or sign-up"
    COOKIES = "cookie or consent notice"
    PROMOTION = "promotion inside the page"
    AUTHOR = "author box or byline"
    DATE = "date line"
    CAPTION = "caption or credit"
    COMMENT = "reader comment or comment form"
    FORM = "form or its messages"
    LEGAL = "copyright, disclaimer or legal notice"
    SOURCE = "source line"
    TITLE = "the title again"
    DUPLICATE = "stands twice on the page"
    REPEATED = "stands on many pages of the site"
    LAYOUT = "dropped by the site's profile"
    HIDDEN = "not shown to a reader"
    MODEL = "the model takes it for boilerplate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A block, and the reason to leave it out if there is one."""

    block: Block
    reason: Reason | None = None
    confidence: float = 1.0
    """How sure the decision is, 0.5 to 1."""
