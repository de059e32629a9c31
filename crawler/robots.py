"""What a site's owner lets a crawler do: robots.txt (RFC 9309) and tdmrep.json.

Matching follows Google's published parser (github.com/google/robotstxt), which most webmasters test against: common slips in
spelling are forgiven, the longest pattern wins, allow wins a tie. What an answer's status means is RFC 9309, 2.3.1: 4xx, no
rules; 5xx, timeouts and broken connections, nothing may be fetched. 429 is counted with the latter, as Google does: the
server asks for less, not for more.
"""

import email.utils
import json
import logging
import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from .failure import explain
from .guard import MAX_REDIRECTS, Refused
from .pagerules import AGENT

MAX_BYTES = 500 * 1024
"""Of a robots.txt; RFC 9309, 2.5: at least 500 kibibytes must be read, what follows may be left."""

TDM_FILE = "/.well-known/tdmrep.json"
"""What a host reserves from text and data mining, by path (TDMRep of the W3C community group, Directive (EU) 2019/790, article 4)."""

MAX_LINE = 16_664
"""Bytes of a line, as in Google's parser: 8 times the longest address browsers agreed on (2,083)."""

FRESH_SECONDS = 24 * 3600
"""How long rules are used; RFC 9309, 2.4: not more than 24 hours."""

RETRY_SECONDS = 600
"""When an unreachable robots.txt is asked for again; Retry-After may make it longer."""

MAX_WAIT_SECONDS = FRESH_SECONDS
"""The longest wait that Retry-After may ask for."""

robots_read = object()
"""Signal `robots_read(origin: str, rules: Rules)`: a host's rules are known, with its crawl delay and sitemaps."""

reservations_read = object()
"""Signal `reservations_read(origin: str, rules: Rules)`: what a host reserves is known too, before any of its pages is asked for."""

_AGENT_KEYS = ("user-agent", "useragent", "user agent")
_DISALLOW_KEYS = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_SITEMAP_KEYS = ("sitemap", "site-map")

logger = logging.getLogger(__name__)


class Disallowed(IgnoreRequest):
    """robots.txt does not allow a request; the message tells by which rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One allow or disallow line."""

    allow: bool
    pattern: str
    """Percent-encoded; `*` for anything, `$` at the end for the end."""

    def matches(self, path: str) -> bool:
        """Whether the pattern fits a path from its start; linear in the path for each `*`."""
        pattern = self.pattern
        anchored = pattern.endswith("$")
        first, *parts = pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        at = len(first)
        if anchored and not parts:
            return at == len(path)
        last = parts.pop() if anchored else ""
        for part in parts:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not anchored or (path.endswith(last) and len(path) - len(last) >= at)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together: who is meant, and what they may do."""

    agents: frozenset[str]
    """Product tokens in lower case; "*" for everybody."""
    rules: tuple[Rule, ...]
    delay: float | None = None
    """Crawl-delay in seconds, not of the RFC but widely used."""


@dataclass(frozen=True)
class Rules:
    """A robots.txt as it was read, or what stands for it if it could not be."""

    groups: tuple[Group, ...] = ()
    sitemaps: tuple[str, ...] = ()
    unreachable: str = ""
    """Why nothing may be fetched; "" if there are rules to go by."""
    reservations: tuple[Rule, ...] = ()
    """Of the host's tdmrep.json; what it does not allow is reserved from text and data mining."""

    def decisive(self, url: str, agent: str = AGENT) -> Rule | None:
        """The rule that decides about an address, None if none speaks of it."""
        path = _path(url)
        decoded = _decoded(path)
        best: Rule | None = None
        for group in self._groups(agent):
            for rule in group.rules:
                if (
                    rule.pattern
                    and (best is None or _weight(rule) > _weight(best))
                    and rule.matches(path if rule.allow else decoded)
                ):
                    best = rule
        return best

    def allows(self, url: str, agent: str = AGENT) -> bool:
        """Whether an address may be fetched."""
        if self.unreachable:
            return False
        rule = self.decisive(url, agent)
        return rule is None or rule.allow

    def reserves(self, url: str) -> bool | None:
        """Whether the host reserves an address from text and data mining, None if it does not say.

        Publishers write these files for the first match as well as for the longest; where the two part, the stricter holds.
        """
        path = _path(url)
        decoded = _decoded(path)
        matching = [rule for rule in self.reservations if rule.matches(path if rule.allow else decoded)]
        if not matching:
            return None
        longest = max(matching, key=lambda rule: (len(rule.pattern), not rule.allow))
        return not (matching[0].allow and longest.allow)

    def delay(self, agent: str = AGENT) -> float | None:
        """Seconds to wait between requests, the longest that our groups ask for; None if they ask for none."""
        return max((group.delay for group in self._groups(agent) if group.delay is not None), default=None)

    def _groups(self, agent: str) -> tuple[Group, ...]:
        ours = self._by_agent.get(agent.lower())
        return self._by_agent.get("*", ()) if ours is None else ours

    @cached_property
    def _by_agent(self) -> dict[str, tuple[Group, ...]]:
        by_agent: dict[str, tuple[Group, ...]] = {}
        for group in self.groups:
            for agent in group.agents:
                by_agent[agent] = (*by_agent.get(agent, ()), group)
        return by_agent


def read_rules(body: bytes) -> Rules:
    """Parse a robots.txt; whatever cannot be made sense of is passed over."""
    groups: list[Group] = []
    sitemaps: list[str] = []
    agents: set[str] = set()
    rules: list[Rule] = []
    delay: float | None = None
    closed = False  # a rule was seen: the next user agent begins another group
    text = re.sub(rb"\A\xef\xbb?\xbf?", b"", body[:MAX_BYTES])  # a byte order mark, or what is left of one
    for line in re.split(rb"\r\n?|\n", text):
        key, value = _key_and_value(line[:MAX_LINE])
        if key.startswith(_AGENT_KEYS):
            if closed:
                groups.append(Group(frozenset(agents), tuple(rules), delay))
                agents, rules, delay, closed = set(), [], None, False
            agents.add(_product_token(value))
        elif key.startswith(_SITEMAP_KEYS):
            sitemaps.append(value.decode("utf-8", "replace"))
        elif agents and key.startswith("crawl-delay"):
            delay = _seconds(value, delay)
        elif agents and key.startswith(("allow", *_DISALLOW_KEYS)):
            closed = True
            rules.extend(
                _allow(_escaped(value))
                if key.startswith("allow")
                else [Rule(False, _decoded(_escaped(value)))]
            )
    if agents:
        groups.append(Group(frozenset(agents), tuple(rules), delay))
    return Rules(tuple(groups), tuple(sitemaps))


def read_reservations(body: bytes) -> tuple[Rule, ...]:
    """Parse a tdmrep.json: a list of objects with `location` (a pattern as in robots.txt) and `tdm-reservation` (0 or 1).

    Raises ValueError if it is none; entries that cannot be made sense of are passed over.
    """
    try:
        entries = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(entries, list):
        raise ValueError("not a list")
    rules = []
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        location, reservation = entry.get("location"), str(entry.get("tdm-reservation"))
        if isinstance(location, str) and len(location) < MAX_LINE and reservation in ("0", "1"):
            pattern = _escaped(location.encode("utf-8", "replace"))
            rules.append(Rule(True, pattern) if reservation == "0" else Rule(False, _decoded(pattern)))
    return tuple(rules)


def retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks to wait (a number or a date), never beyond a day; None if it is no such thing."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        seconds = float(value)
    else:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS)


class RobotsMiddleware:
    """Scrapy downloader middleware in the place of RobotsTxtMiddleware (priority 100); needs ROBOTSTXT_OBEY.

    A request with `dont_obey_robotstxt` in its meta passes. Each host's robots.txt is fetched once a day, for all requests that
    wait for it, and its tdmrep.json after it; the signals `robots_read` and `reservations_read` tell the host's rules.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._agent = crawler.settings.get("ROBOTSTXT_USER_AGENT") or _product(crawler.settings["USER_AGENT"])
        self._rules: dict[str, tuple[Rules, float]] = {}
        """By origin: the rules and until when they hold (monotonic clock)."""
        self._waiting: dict[str, list[Deferred[Rules]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy has it."""
        return cls(crawler)

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Raises Disallowed, with the rule or the reason there is none."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self.rules(request.url)
        if rules.unreachable:
            self._count("robotstxt/forbidden")
            raise Disallowed(f"nothing may be fetched while robots.txt cannot be read ({rules.unreachable})")
        rule = rules.decisive(request.url, self._agent)
        if rule is not None and not rule.allow:
            self._count("robotstxt/forbidden")
            raise Disallowed(f"robots.txt disallows {rule.pattern}")

    async def rules(self, url: str) -> Rules:
        """The rules of the host of an address, fetched if there are none or they are a day old."""
        parts = urlparse_cached(Request(url))
        origin = f"{parts.scheme}://{parts.netloc}"
        rules, until = self._rules.get(origin, (None, 0.0))
        if rules is not None and time.monotonic() < until:
            return rules
        if origin in self._waiting:
            turn: Deferred[Rules] = Deferred()
            self._waiting[origin].append(turn)
            return await maybe_deferred_to_future(turn)
        self._waiting[origin] = []
        fetched, seconds = await self._fetch(origin)
        if fetched.unreachable and rules is not None and not rules.unreachable:
            fetched = (
                rules  # RFC 9309, 2.4: what was read before may be used on while the file is unreachable
            )
        self._crawler.signals.send_catch_log(robots_read, origin=origin, rules=fetched)
        if fetched.allows(f"{origin}{TDM_FILE}", self._agent):
            reservations = await self._reservations(origin)
            if reservations is None:
                reservations, seconds = rules.reservations if rules else (), min(seconds, RETRY_SECONDS)
            fetched = replace(fetched, reservations=reservations)
            self._crawler.signals.send_catch_log(reservations_read, origin=origin, rules=fetched)
        self._rules[origin] = fetched, time.monotonic() + seconds
        for waiting in self._waiting.pop(origin):
            waiting.callback(fetched)
        return fetched

    def forget(self, url: str) -> None:
        """Ask again for the robots.txt of an address' host if it could not be read."""
        parts = urlparse_cached(Request(url))
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self._rules and self._rules[origin][0].unreachable:
            del self._rules[origin]

    async def _fetch(self, origin: str) -> tuple[Rules, float]:
        """The rules, and for how many seconds they hold; never raises."""
        self._count("robotstxt/request_count")
        try:
            response = await self._download(f"{origin}/robots.txt")
        except Refused as error:
            return Rules(unreachable=str(error)), FRESH_SECONDS
        except IgnoreRequest as error:
            if "redirect" in str(
                error
            ):  # RFC 9309, 2.3.1.2: after five redirects it may be taken for unavailable
                return Rules(), FRESH_SECONDS
            return Rules(unreachable=str(error)), RETRY_SECONDS
        except Exception as error:  # whatever a connection can do; the rule for all of it is to stay away
            self._count(f"robotstxt/exception_count/{type(error).__name__}")
            reason = explain(error).reason
            logger.info("%s/robots.txt: %s", origin, reason)
            return Rules(unreachable=reason), RETRY_SECONDS
        self._count(f"robotstxt/response_status_count/{response.status}")
        return _rules_of(response)

    async def _reservations(self, origin: str) -> tuple[Rule, ...] | None:
        """Of the host's tdmrep.json; () if there is no such file, which is the rule, None if that cannot be told. Never raises."""
        url = f"{origin}{TDM_FILE}"
        try:
            response = await self._download(url)
        except Exception as error:  # as above; but a reservation that cannot be read forbids no fetching
            logger.info("%s: %s", url, explain(error).reason)
            return None
        if _is_ailing(response.status):
            return None
        if response.status != HTTPStatus.OK:
            return ()
        try:
            return read_reservations(response.body)
        except ValueError as error:  # as a rule the page that a site shows for everything it has not
            logger.info("%s is no tdmrep.json: %s", url, error)
            return ()

    async def _download(self, url: str) -> Response:
        engine = self._crawler.engine
        if engine is None:
            raise RuntimeError("the crawl is not running")
        return await engine.download_async(
            Request(
                url,
                priority=1000,
                callback=NO_CALLBACK,
                dont_filter=True,
                meta={"dont_obey_robotstxt": True, "redirect_ttl": MAX_REDIRECTS, "allow_offsite": True},
            )
        )

    def _count(self, key: str) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(key)


def _rules_of(response: Response) -> tuple[Rules, float]:
    status = response.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return read_rules(response.body), FRESH_SECONDS
    if _is_ailing(status):
        wait = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"))
        return Rules(unreachable=f"status {status}"), max(RETRY_SECONDS, wait or 0)
    return Rules(), FRESH_SECONDS


def _is_ailing(status: int) -> bool:
    """The server cannot answer now, or not so often: what it has is not known."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _product(user_agent: str) -> str:
    return re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0]


# robots.txt, line by line


def _key_and_value(line: bytes) -> tuple[str, bytes]:
    """A line's parts, or two empty ones; a missing colon is forgiven if there are just two words."""
    line = line.partition(b"#")[0].strip()
    key, colon, value = line.partition(b":")
    if not colon:
        words = line.split()
        if len(words) != 2:
            return "", b""
        key, value = words
    return key.strip().decode("latin-1").lower(), value.strip()


def _product_token(value: bytes) -> str:
    if value[:1] == b"*" and not value[1:2].strip():
        return "*"
    found = re.match(rb"[A-Za-z_-]*", value)
    return found[0].decode().lower() if found else ""


def _seconds(value: bytes, known: float | None) -> float | None:
    found = re.match(rb"(\d{1,6}(?:\.\d{1,3})?)s?$", value)
    return min(float(found[1]), MAX_WAIT_SECONDS) if found else known


def _allow(pattern: str) -> list[Rule]:
    folder, slash, name = pattern.rpartition("/")
    if slash and name.startswith("index.htm"):  # Google's: it stands for the folder as well
        return [Rule(True, pattern), Rule(True, f"{folder}/$")]
    return [Rule(True, pattern)]


def _weight(rule: Rule) -> tuple[int, bool]:
    return len(rule.pattern), rule.allow


def _escaped(value: bytes) -> str:
    """Percent-encode what is not ASCII, and write the digits in capitals."""
    return _same_case("".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value))


def _same_case(path: str) -> str:
    return re.sub("%[0-9a-fA-F]{2}", lambda found: found[0].upper(), path)


def _decoded(path: str) -> str:
    """Decode what need not be encoded: `%62` is `b` (RFC 9309, 2.2.2).

    Only disallow lines are read so: Google's parser does not decode, and where the two part we go by the stricter one.
    """
    return re.sub("%[0-9A-F]{2}", _decoded_octet, path)


def _decoded_octet(found: re.Match[str]) -> str:
    char = chr(int(found[0][1:], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else found[0]


def _path(url: str) -> str:
    """An address (percent-encoded, as it is sent) from its path on, without the fragment; "/" if it has none."""
    start = url.find("//")
    start = 0 if start < 0 else start + 2
    found = re.compile("[/?;]").search(url, start)
    fragment = url.find("#", start)
    if found is None or 0 <= fragment < found.start():
        return "/"
    path = url[found.start() : fragment if fragment >= 0 else None]
    return _same_case(path if path.startswith("/") else f"/{path}")
