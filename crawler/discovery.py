"""Where a site's pages, sitemaps and feeds lead, and which of it is worth asking for.

All is decided on strings: an address becomes a lead, and a lead a request, only once it is new, wanted and due.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ada_url import URL, join_url

from .answer import Answer
from .frontier import Ask, Frontier, Lead
from .guard import MAX_REDIRECTS, is_public
from .links import Links, Refusal, clean_url, find_links, refusal
from .pagerules import page_rules
from .shapes import MAX_CHAIN, Shapes, says_article, shape_of
from .site import Site
from .sitemaps import Sitemap
from .visits import Kind

PRIORITIES = {Kind.SITEMAP: 100, Kind.FEED: 90, Kind.START: 80, Kind.INDEX: 40}
ARTICLE_PRIORITY = 60
UNKNOWN_PRIORITY = 50
KNOWN_PRIORITIES = {**PRIORITIES, Kind.INDEX: 46, Kind.PAGE: 45}
"""Where to begin, then what is known to be an article, then what may be one: a budget that runs out has bought articles. A page
of unknown kind loses one for each link it is away; pages of earlier runs come after all that is new, the lists among them first."""

_MENDED = frozenset({Refusal.PURPOSE, Refusal.REPEATED, Refusal.DEEP, Refusal.FACETS, Refusal.CALENDAR})
"""Guesses from an address' looks, which an article pattern of the profile overrules."""


class Discovery:
    """Turns what was found on a site into leads for its frontier; `add_linked` belongs into the caller's transaction."""

    def __init__(self, site: Site, frontier: Frontier, shapes: Shapes) -> None:
        self.site = site
        self.passed: Counter[str] = Counter()
        """Addresses that will not be asked for, by reason."""
        self._frontier = frontier
        self._shapes = shapes

    def seeds(self) -> Iterator[Lead]:
        """What the profile names."""
        for kind, urls in (
            (Kind.SITEMAP, self.site.sitemaps),
            (Kind.FEED, self.site.feeds),
            (Kind.START, self.site.start),
        ):
            for url in urls:
                parsed = URL(url)
                yield Lead(parsed.href, parsed.host, kind, PRIORITIES[kind])

    def sitemaps(self, urls: Iterable[str]) -> list[Lead]:
        """The sitemaps that a robots.txt names."""
        return [
            Lead(url, host, Kind.SITEMAP, PRIORITIES[Kind.SITEMAP])
            for url in urls
            if (host := self._host(url))
        ]

    def redirect(self, ask: Ask, location: str) -> tuple[str, str]:
        """Why a redirect is not followed, or "", and where it leads."""
        try:
            url = URL(join_url(ask.url, location))
        except ValueError:
            return "redirect to no address", location
        if url.protocol not in ("http:", "https:"):
            return "redirect to another scheme", url.href
        target = self._canonical(url.href)
        if _is_private(url.hostname) and url.host not in self.site.all_hosts:
            return "redirect to a private address", target
        if url.host not in self.site.all_hosts:
            return "redirect off the site", target
        if target == ask.url:
            return "redirect to itself", target
        if ask.hops >= MAX_REDIRECTS:
            return "too many redirects", target
        if self.site.skips(target):
            return "redirect to a page the profile skips", target
        return "", target

    def listed(self, ask: Ask, listed: Sitemap) -> Iterator[Lead]:
        """The addresses of a sitemap or feed. A feed's dates are of its entries, so only a sitemap's are minded."""
        for entry in listed.sitemaps:
            if (host := self._host(entry.url)) and ask.depth < self.site.max_depth:
                yield Lead(entry.url, host, Kind.SITEMAP, PRIORITIES[Kind.SITEMAP], ask.depth + 1)
        for entry in listed.pages:
            url = self._canonical(entry.url)
            if url and (host := self._wanted(url, shape_of(url))):
                dated = ask.kind is Kind.SITEMAP and entry.lastmod
                yield replace(self._lead(url, host, 1), lastmod=dated.isoformat() if dated else "")

    def linked(self, ask: Ask, answer: Answer) -> tuple[Links, bool]:
        """Where a page leads that is not known yet, and whether it is an article as far as profile and metadata say."""
        if answer.media_type == "text/plain":
            return Links(), bool(self.site.is_article(ask.url))
        article = self.site.is_article(ask.url)
        if article is None:
            article = says_article(answer.body)
        if self.site.politeness.respect_robots and page_rules(answer.headers, answer.body).nofollow:
            return Links(), article
        links = find_links(
            answer.body,
            ask.url,
            keep_params=self.site.keep_params,
            strip_params=self.site.strip_params,
            known=self._frontier.seen_lately,
        )
        return links, article

    def add_linked(self, ask: Ask, links: Links, now: float, *, article: bool, first: bool) -> None:
        shape = shape_of(ask.url)
        aside = {*links.previous, *links.next}
        neighbours: list[tuple[str, str, str]] = []
        kin: list[tuple[str, str, str]] = []
        others: list[tuple[str, str, str]] = []
        for url in (*links.urls, links.canonical):
            if not url or url in links.nofollow or self._frontier.seen_lately(url):
                continue
            linked = shape_of(url)
            if host := self._wanted(url, linked):
                (kin if linked == shape else neighbours if url in aside else others).append(
                    (url, host, linked)
                )
        # Of other pages they may be the comments' below each article.
        named = links.feeds if ask.kind is Kind.START else ()
        feeds = [
            Lead(feed, host, Kind.FEED, PRIORITIES[Kind.FEED], ask.depth + 1)
            for feed in named
            if (host := self._host(feed))
        ]
        told = self._add(others, ask.depth + 1, 0, now) + self._frontier.add(feeds, now)
        chain = 0 if article or told or not first else ask.chain + 1
        if chain < MAX_CHAIN:
            # Neighbours, and pages of one shape, are not one below the other: an old portal chains hundreds of them.
            self._add(neighbours + kin, ask.depth, chain, now)
        elif kin or neighbours:
            self.passed[f"trap: {shape} leads to nothing but itself"] += len(kin) + len(neighbours)
        if first:
            self._shapes.fetched(shape, article=article)
            self._shapes.save()

    def _add(self, found: list[tuple[str, str, str]], depth: int, chain: int, now: float) -> int:
        if depth > self.site.max_depth:
            self.passed[f"deeper than {self.site.max_depth} links"] += len(found)
            return 0
        new = 0
        for url, host, shape in found:
            self._frontier.remember(url)
            if self._frontier.add([replace(self._lead(url, host, depth, shape), chain=chain)], now):
                self._shapes.found(shape)
                new += 1
        return new

    def _lead(self, url: str, host: str, depth: int, shape: str = "") -> Lead:
        article = self.site.is_article(url)
        if article is None:
            article = self._shapes.likely(shape or shape_of(url))
        if article is None:
            return Lead(url, host, Kind.PAGE, UNKNOWN_PRIORITY - depth, depth)
        if article:
            return Lead(url, host, Kind.PAGE, ARTICLE_PRIORITY, depth)
        return Lead(url, host, Kind.INDEX, PRIORITIES[Kind.INDEX], depth)

    def _wanted(self, url: str, shape: str) -> str:
        """The host of an address that may be asked for, "" (and counted why) for another."""
        reason = ""
        trouble = refusal(url, self.site.all_hosts)
        if trouble and (trouble not in _MENDED or not self.site.is_article(url)):
            reason = str(trouble)
        elif self.site.skips(url):
            reason = "the profile skips it"
        elif self._shapes.full(shape):
            reason = f"too many combinations of parameters under {shape}"
        if reason:
            self._frontier.remember(url)
            self.passed[reason] += 1
            return ""
        return self._host(url)

    def _host(self, url: str) -> str:
        """The host of a canonical address if it belongs to the site, else ""."""
        parts = url.split("/", 3)
        return parts[2] if len(parts) > 3 and parts[2] in self.site.all_hosts else ""

    def _canonical(self, url: str) -> str:
        return clean_url(url, keep_params=self.site.keep_params, strip_params=self.site.strip_params)


def _is_private(hostname: str) -> bool:
    """Whether a host is given as an address that is not public; a name is looked up when it is connected to."""
    try:
        ipaddress.ip_address(hostname.strip("[]"))
    except ValueError:
        return hostname == "localhost" or hostname.endswith(".localhost")
    return not is_public(hostname.strip("[]"))
