"""What a crawl tells of itself, while it runs and at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trouble:
    """An address that was refused or failed."""

    url: str
    reason: str
    """In words that can be counted."""
    detail: str = ""
    """More about it, of this one address."""


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """What a run did on one site. A page is counted once, under what became of it."""

    site: str
    finish_reason: str
    """"finished"; or why it stopped: "budget: pages", "unreachable: …", "interrupted", "disk full: …"."""
    broken: bool = False
    """The site could not be crawled at all, or its run not be ended; `finish_reason` tells why in one line."""
    finished: bool = True
    """False if a run of the same profile will go on with this one."""
    interruptions: int = 0
    """How often the run was taken up again."""
    asked: int = 0
    """Requests, sitemaps, feeds and repeated tries included, robots.txt not."""
    fetched: int = 0
    """Answers with a body, sitemaps and feeds included."""
    new: int = 0
    """Pages; so are the next four."""
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    moved: int = 0
    refused: tuple[Trouble, ...] = ()
    """All that stand refused, the first by address if there are very many."""
    failed: tuple[Trouble, ...] = ()
    refused_by_reason: Mapping[str, int] = field(default_factory=dict)
    failed_by_reason: Mapping[str, int] = field(default_factory=dict)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    """Links that were not asked for, by reason."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    bytes: int = 0
    files: tuple[str, ...] = ()
    """WARC files that hold what this run fetched, in data/archive/SITE."""
    left: int = 0
    """Addresses left to the next run."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one site's run is."""

    site: str
    asked: int = 0
    pending: int = 0
    """Addresses known that wait, so far."""
    bytes: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    moved: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What became of all sites, in the order they were given."""

    sites: tuple[SiteSummary, ...] = ()
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether no site's run waits to be taken up again."""
        return all(site.finished for site in self.sites)
