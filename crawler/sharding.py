"""Divide sites among crawlers so that every host has one owner: sites that share a registrable domain are never parted.

A shard is `crawl` over its sites, in a process of its own; every site has its own frontier and pace, so politeness is what it is in a single crawl. The locks
of sites and hosts in the data folder hold beside it: against the same profiles given to two crawls.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from tldextract import TLDExtract

from .crawl import crawl
from .engine import Workers, run_tasks
from .site import Site
from .summary import CrawlSummary


class BadShard(ValueError):  # noqa: N818
    """Not of the form "2/8"."""


@dataclass(frozen=True, slots=True)
class Share:
    """The sites of one crawler."""

    name: str
    sites: tuple[Site, ...]
    data: str
    full: bool = False


def share_of(sites: Sequence[Site], shard: str) -> list[Site]:
    """The sites of shard "i/n", 1 to n. Raises BadShard."""
    number, _, count = shard.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise BadShard(f"shard {shard!r}: of the form 2/8, from 1/8 to 8/8")
    return shares(sites, int(count))[int(number) - 1]


def shares(sites: Sequence[Site], count: int) -> list[list[Site]]:
    """The sites of each of so many shards. A site's shard depends on its own domains and on those it shares, not on the list's order."""
    domains = [{domain(host) for host in site.all_hosts} for site in sites]
    owner: dict[str, str] = {}

    def first(name: str) -> str:
        while owner.setdefault(name, name) != name:
            name = owner[name]
        return name

    for mine in domains:
        names = sorted({first(name) for name in mine})
        for name in names[1:]:
            owner[name] = names[0]
    found: list[list[Site]] = [[] for _ in range(count)]
    for site, mine in zip(sites, domains, strict=True):
        digest = blake2b(first(min(mine)).encode(), digest_size=8).digest()
        found[int.from_bytes(digest) % count].append(site)
    return found


def domain(host: str) -> str:
    """The registrable domain; a host without one (an address, "localhost") is its own, with its port."""
    return _extract()(host).top_domain_under_public_suffix or host


@cache
def _extract() -> TLDExtract:
    # The list in the package: without network, and the same on every machine.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def crawl_shares(
    sites: Sequence[Site],
    data: Path,
    count: int,
    workers: Workers,
    *,
    full: bool = False,
    watch: Callable[[Share, CrawlSummary], None] | None = None,
) -> CrawlSummary:
    """Crawl all sites in so many shards, wherever the engine does its work; `data` lies on a disk that all of them see.

    A shard whose worker dies goes on where it was, at another. Whoever calls holds the sites' locks. Raises CrawlFailed, Stuck.
    """
    todo = [
        Share(f"{number}/{count}", tuple(mine), str(data.absolute()), full)
        for number, mine in enumerate(shares(sites, count), 1)
        if mine
    ]
    told: dict[str, CrawlSummary] = {}
    for share, summary in run_tasks(crawl_share, todo, workers):
        told[share.name] = summary
        if watch:
            watch(share, summary)
    summaries = [told[share.name] for share in todo]
    return CrawlSummary(
        tuple(site for summary in summaries for site in summary.sites),
        max((summary.seconds for summary in summaries), default=0.0),
    )


def crawl_share(share: Share) -> CrawlSummary:
    """One shard, in this worker's child process."""
    return crawl(share.sites, Path(share.data), full=share.full)
