"""Try a profile: fetch a handful of pages and tell what becomes of each, without keeping anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from .archive import read_pages
from .crawl import crawl
from .page import Page
from .site import Site
from .summary import SiteSummary
from .visits import Kind, Outcome, Visit, read_visits

PAGES = 12
"""Requests of a trial: start page, sitemap and feed, and still some articles; half a minute at the politest."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One address of a trial."""

    url: str
    kind: str
    """"sitemap", "feed", "start", "index" or "page"."""
    outcome: Outcome
    reason: str
    """Why it was refused or failed, where it moved; "" if it was taken."""
    article: bool | None
    """Whether the profile's patterns call it an article; None if it has none."""
    page: Page | None
    """What would be archived, for the cleaner to look at; None for sitemaps, feeds and what was not taken."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial showed."""

    tried: tuple[Tried, ...]
    """In the order they were asked for."""
    passed_over: Mapping[str, int]
    """Links that would not be asked for, by reason."""
    summary: SiteSummary


def try_site(site: Site, *, pages: int = PAGES) -> Trial:
    """Crawl a few pages of a site into a temporary folder, as politely as its profile says.

    Raises CrawlFailed.
    """
    with TemporaryDirectory(prefix="consilia-try-") as folder:
        data = Path(folder)
        (summary,) = crawl([replace(site, budget=replace(site.budget, pages=pages))], data).sites
        bodies = {page.url: page for page in read_pages([data / "archive"])}
        visits = sorted(read_visits(data / "state" / f"{site.name}.sqlite"), key=lambda visit: visit.asked_at)
    return Trial(tuple(_tried(site, visit, bodies) for visit in visits), summary.passed_over, summary)


def _tried(site: Site, visit: Visit, bodies: Mapping[str, Page]) -> Tried:
    return Tried(
        url=visit.url,
        kind=visit.kind.name.lower(),
        outcome=visit.outcome,
        reason=" ".join(part for part in (visit.reason, visit.detail) if part),
        article=site.is_article(visit.url) if visit.kind >= Kind.START else None,
        page=bodies.get(visit.url),
    )
