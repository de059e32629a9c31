"""A site's profile: what to fetch there, how politely, and what yield to expect.

A profile is a TOML file; adding a site is adding a file. Everything has a default but `name`, `contact` and one
place to begin. A key we do not know is an error, so a typing slip never passes for a setting.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import msgspec
from ada_url import URL
from msgspec import Meta, Struct

VERSION = "0.1"
"""Of the crawler as it names itself to servers; the product token in robots.txt is "consilia"."""

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[int, Meta(ge=1)]


class BadProfile(ValueError):  # noqa: N818 -- named like the other refusals
    """A profile that cannot be used; the message names the file, the key and the reason."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a profile."""


class Politeness(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[politeness]: how hard a host may be asked. The crawl may go slower, never faster."""

    delay: Annotated[float, Meta(ge=0, le=3600)] = 1.0
    """Seconds between two requests to one host (one a second is what Common Crawl and most peers keep to); a longer
    Crawl-delay in robots.txt wins."""
    concurrency: Annotated[int, Meta(ge=1, le=32)] = 2
    """Requests to one host that may be open at a time."""
    respect_robots: bool = True
    """Keep to robots.txt (RFC 9309). Switch off only for a site you own."""


class Budget(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[budget]: where one run stops. What is left over is taken up by the next run."""

    pages: Positive = 10_000
    """Requests of a run, sitemaps and feeds included, robots.txt not."""
    bytes: Positive = 2_000_000_000
    """Body bytes of a run, content encoding undone."""
    minutes: Annotated[float, Meta(gt=0)] = 360.0
    """Minutes of crawling of a run, over its interruptions."""


class Revisit(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[revisit]: when a known page is asked for again. Start pages, sitemaps, feeds and index pages: each run."""

    share: Share = 0.1
    """A page is asked again after this share of the time it is known not to have changed (RFC 9111, 4.2.2 names a
    tenth): unchanged for 20 days, asked every second day. 0: ask in each run."""
    max_days: Annotated[float, Meta(ge=0)] = 30.0
    """But not less often than this; also when a page that is gone is asked for again."""


class Layout(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[[layout]]: where the article stands in this site's pages, for the few sites that need telling."""

    since: date | None = None
    """First day of the layout (by the day a page was fetched)."""
    until: date | None = None
    """Last day of the layout."""
    body: str = ""
    """CSS of the element that holds the article; "" for the whole page."""
    drop: tuple[str, ...] = ()
    """CSS of what inside it is not the article's."""

    def covers(self, day: date) -> bool:
        """Whether the layout was in use on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Gate(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[gate]: the yield below which a run is not published. It is the whole site's as it stands after the run, not only what the run
    fetched. A site that yields no article at all, or answers with nothing, always fails."""

    pages: Annotated[int, Meta(ge=0)] = 1
    """Fewest pages that stand in the archive."""
    articles: Annotated[int, Meta(ge=0)] = 1
    """Fewest articles among them."""
    extraction_rate: Share = 0.0
    """Least share of pages that are articles."""
    mean_text: Annotated[int, Meta(ge=0)] = 0
    """Least mean length of the articles' text in characters."""
    findings_per_article: Annotated[float, Meta(ge=0)] = 0.0
    """Fewest findings an article on average."""
    error_share: Share = 0.3
    """Greatest share of answers that are 4xx or 5xx, and of known pages that could not be had again."""
    drop: Share = 0.3
    """How far pages, articles, extraction rate, mean text and findings may fall below the median of the last good runs, and what the
    articles whose pages changed may lose. (A third of a site does not vanish in a night; a site that halves must not pass.)"""
    runs: Positive = 7
    """How many good runs the median is taken of: a week of nights."""


class Network(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[network]: what the connection may do."""

    allow_private: bool = False
    """Let the site's own hosts have private or loopback addresses: for an intranet or the demo."""
    verify_tls: bool = True
    """Check the server's certificate."""


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A site as its profile describes it."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    """Short name, used for folders and in the dataset: lower case, digits, dots, dashes."""
    contact: str
    """Mail address or web page of whoever runs the crawl; it stands in the user agent so that a webmaster can ask."""
    start: tuple[str, ...] = ()
    """Addresses to begin at."""
    sitemaps: tuple[str, ...] = ()
    """Sitemaps (or sitemap indexes). Those named in robots.txt are read as well."""
    feeds: tuple[str, ...] = ()
    """RSS or Atom feeds."""
    hosts: tuple[str, ...] = ()
    """Further hosts that belong to the site ("blog.example.org", with ":port" if it is not the usual one). Those of the
    addresses above belong to it anyway, each with and without "www."."""
    article: tuple[str, ...] = ()
    """Regular expressions, searched in an address' path and query; one that matches is an article. None given: the crawler
    learns the shapes of articles' addresses as it goes, and every page is offered to the cleaner."""
    skip: tuple[str, ...] = ()
    """Regular expressions, searched likewise; what matches is never asked for. Wins over `article`."""
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}$")] = "en"
    """The language articles must be in (ISO 639)."""
    max_depth: Annotated[int, Meta(ge=0)] = 20
    """Links from a start page, sitemap or feed to a page. Deep, since old portals chain their articles one after another."""
    keep_params: tuple[str, ...] = ()
    """Query parameters that tell pages apart though they are on the list of tracking parameters."""
    strip_params: tuple[str, ...] = ()
    """Query parameters to take off besides those on the list."""
    javascript: bool = False
    """Render pages in a browser; needs the extra `js`."""
    politeness: Politeness = Politeness()
    budget: Budget = Budget()
    revisit: Revisit = Revisit()
    layout: tuple[Layout, ...] = ()
    gate: Gate = Gate()
    network: Network = Network()

    @property
    def user_agent(self) -> str:
        """How the crawler names itself to the site."""
        return f"consilia/{VERSION} (+{self.contact})"

    @cached_property
    def all_hosts(self) -> frozenset[str]:
        """The hosts a page of this site may be on, with their port unless it is the scheme's own."""
        named = {URL(url).host for url in (*self.start, *self.sitemaps, *self.feeds)} | set(self.hosts)
        return frozenset(named | {_twin(host) for host in named})

    def is_article(self, url: str) -> bool | None:
        """What the profile says of an address; None if it names no article pattern."""
        if not self.article:
            return None
        return bool(self._article.search(_path(url)))

    def layout_on(self, day: date) -> Layout | None:
        """The layout that was in use on a day."""
        return next((layout for layout in self.layout if layout.covers(day)), None)

    def skips(self, url: str) -> bool:
        """Whether the profile says never to ask for an address."""
        return bool(self.skip) and bool(self._skip.search(_path(url)))

    @cached_property
    def _article(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.article))

    @cached_property
    def _skip(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.skip))


def load_site(path: Path) -> Site:
    """Read and check a profile.

    Raises BadProfile, also for a file that is missing or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadProfile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadProfile(f"{path}: not a text file in UTF-8") from None
    return read_site(text, str(path))


def read_site(text: str, source: str) -> Site:
    """Check a profile's text; `source` names it in errors.

    Raises BadProfile.
    """
    try:
        site = msgspec.toml.decode(text, type=Site)
    except msgspec.ValidationError as error:
        raise BadProfile(f"{source}: {key_and_reason(str(error))}") from None
    except msgspec.DecodeError as error:
        raise BadProfile(f"{source}: not TOML: {error}") from None
    for key, reason in _faults(site):
        raise BadProfile(f"{source}: {key}: {reason}")
    return site


def bundled_sites() -> tuple[Site, ...]:
    """The profiles that come with the package, by name."""
    folder = files(__package__) / "sites"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(
        read_site(entry.read_text(encoding="utf-8"), entry.name)
        for entry in sorted(found, key=lambda entry: entry.name)
    )


def find_site(name: str) -> Site:
    """The bundled profile of that name.

    Raises BadProfile if there is none.
    """
    sites = bundled_sites()
    for site in sites:
        if site.name == name:
            return site
    raise BadProfile(f"{name}: no such profile; there are {', '.join(site.name for site in sites)}")


def key_and_reason(message: str) -> str:
    """A decoder's message as "key: reason"."""
    unknown = re.fullmatch(r"Object contains unknown field `(.+?)`(?: - at `\$\.?(.*?)`)?", message)
    if unknown:
        return f"{'.'.join(part for part in (unknown[2], unknown[1]) if part)}: no such key"
    missing = re.fullmatch(r"Object missing required field `(.+?)`(?: - at `\$\.?(.*?)`)?", message)
    if missing:
        return f"{'.'.join(part for part in (missing[2], missing[1]) if part)}: is missing"
    placed = re.fullmatch(r"(.+) - at `\$\.?(.+)`", message)
    return f"{placed[2]}: {placed[1][0].lower()}{placed[1][1:]}" if placed else message


def _faults(site: Site) -> Iterator[tuple[str, str]]:
    """What the types cannot say, as key and reason."""
    if not (site.start or site.sitemaps or site.feeds):
        yield "start", "is missing, and so are sitemaps and feeds: nowhere to begin"
    if not re.fullmatch(r"[^@\s()]+@[^@\s()]+\.[^@\s()]+|https?://[^\s()]+", site.contact):
        yield "contact", f"{site.contact!r} is neither a mail address nor a web page"
    for key in ("start", "sitemaps", "feeds"):
        for url in getattr(site, key):
            if not _is_web(url):
                yield key, f"{url!r} is not an http or https address"
    for host in site.hosts:
        if not re.fullmatch(r"[a-z0-9.-]+(?::\d+)?", host):
            yield "hosts", f"{host!r} is not a host name in lower case"
    for key in ("article", "skip"):
        for pattern in getattr(site, key):
            try:
                re.compile(pattern)
            except re.error as error:
                yield key, f"{pattern!r} is not a regular expression: {error}"
    for number, layout in enumerate(site.layout):
        yield from ((f"layout[{number}].{key}", reason) for key, reason in _layout_faults(layout))


def _layout_faults(layout: Layout) -> Iterator[tuple[str, str]]:
    import soupsieve  # 0.1 s, and few profiles have a layout

    if layout.since and layout.until and layout.until < layout.since:
        yield "until", f"{layout.until} is before since, {layout.since}"
    for key, selectors in (("body", (layout.body,) if layout.body else ()), ("drop", layout.drop)):
        for selector in selectors:
            try:
                soupsieve.compile(selector)
            except soupsieve.SelectorSyntaxError as error:
                yield key, f"{selector!r} is not a CSS selector: {str(error).splitlines()[0]}"


def _is_web(url: str) -> bool:
    try:
        parsed: Any = URL(url)
    except ValueError:
        return False
    return parsed.protocol in ("http:", "https:") and bool(parsed.hostname)


def _path(url: str) -> str:
    """An address from its path on."""
    start = url.find("/", url.find("//") + 2)
    return url[start:] if start >= 0 else "/"


def _twin(host: str) -> str:
    """The same host with "www." or without."""
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
