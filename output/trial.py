"""What would become of the pages of a trial: taken as articles, or refused, and why."""

from dataclasses import dataclass
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from cleaning.article import NotAnArticle, clean
from cleaning.document import decode
from crawler.page import Page
from crawler.site import Site
from crawler.trial import Trial, Tried

from .findings import find
from .findings.finding import GROUPS


@dataclass(frozen=True, slots=True)
class Judged:
    """One address of a trial."""

    url: str
    kind: str
    """sitemap, feed, start, index or page."""
    becomes: str
    """article, refused, or what else the crawl says of it."""
    because: str = ""
    title: str = ""
    causes: int = 0
    advice: int = 0


def judge(site: Site, trial: Trial) -> list[Judged]:
    """Clean what was fetched, and say of each address what a run would make of it."""
    return [_judged(site, tried) for tried in trial.tried]


def _judged(site: Site, tried: Tried) -> Judged:
    if tried.page is None:
        becomes = "read" if tried.kind in ("sitemap", "feed") and not tried.reason else tried.outcome.value
        return Judged(tried.url, tried.kind, becomes, tried.reason)
    try:
        article = clean(tried.page, site)
    except NotAnArticle as refusal:
        return Judged(tried.url, tried.kind, "refused", str(refusal))
    if tried.article is False:
        return Judged(
            tried.url,
            tried.kind,
            "refused",
            "the profile's article patterns leave it out",
            article.facts.title,
        )
    told = ""
    if selector := _unmatched(site, tried.page):
        told = f"the profile's layout says {selector!r}, which matches nothing here"
    groups = [GROUPS[finding.role] for finding in find(article)]
    return Judged(
        tried.url,
        tried.kind,
        "article",
        told,
        article.facts.title,
        groups.count("cause"),
        groups.count("advice"),
    )


def _unmatched(site: Site, page: Page) -> str:
    """The selector of the profile that names the article's place, if it matches nothing on the page; "" if all is well."""
    layout = site.layout_on(datetime.now(UTC).date())
    if layout is None or not layout.body:
        return ""
    return "" if LexborHTMLParser(decode(page).text).css_first(layout.body) else layout.body
