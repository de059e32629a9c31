"""One crawl run over one site: what to ask next, and what to make of each answer.

Nothing here knows Scrapy: the spider is handed addresses and hands in answers. All that a run decides is in the site's state, so a run
whose process died goes on where it was; see `frontier` for what is promised.
"""

import logging
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from ada_url import URL

from .answer import PAGE_TYPES, Answer
from .archive import Archive, repair
from .discovery import KNOWN_PRIORITIES, Discovery
from .frontier import CRASHES_TO_FAIL, Ask, Frontier, Lead
from .guard import MAX_REDIRECTS, NOT_PUBLIC
from .lock import AlreadyRunning, exclusive
from .page import Page, Record
from .politeness import BUSY, MAX_BUSY_TRIES, MAX_TRIES, MAX_WAIT, SILENT, pause
from .robots import Rules, retry_after
from .shapes import Shapes
from .site import Site
from .sitemaps import NotASitemap, read_sitemap
from .state import key_of, open_state, transaction
from .summary import SiteSummary, outcomes, summarise
from .visits import DEADLY, Kind, Outcome, Visit, Visits, hash_of, seen_body, seen_nothing, seen_unchanged

logger = logging.getLogger(__name__)

FREE_CHECK = 50
"""Answers between two looks at the disk: at most 500 MB later at the guard's limit of 10 MB a body, as a rule 5 MB."""


class HostTaken(AlreadyRunning):
    """Another site's crawl is asking a host of this one: together they would ask it faster than either profile allows."""


class SiteRun:
    """A run over a site: begun, or taken up again if the last one did not finish.

    Raises AlreadyRunning, HostTaken, BrokenState, and OSError if the folder cannot be written.
    """

    def __init__(
        self, site: Site, data: Path, *, full: bool = False, name: str = "", min_free: int = 0
    ) -> None:
        self.site = site
        self.stopping = ""
        """Why nothing more is asked, "" while it goes on."""
        self._data = data
        self._min_free = min_free
        self._folder = data / "archive" / site.name
        self._answers = 0
        self._silent: Counter[str] = Counter()
        self._left: dict[str, str] = {}
        self._rules: dict[str, Rules] = {}
        """By origin."""
        self._began = time.monotonic()
        self._resume = False
        self._summary: SiteSummary
        with _locked(data / "state", site) as locks:
            self._folder.mkdir(parents=True, exist_ok=True)
            repair(self._folder)
            self._archive = Archive(self._folder, site.name)
            self._state = locks.enter_context(closing(open_state(data / "state" / f"{site.name}.sqlite")))
            self._visits = Visits(self._state, site.revisit)
            self._shapes = Shapes(self._state)
            self._frontier = Frontier(self._state)
            self._discovery = Discovery(site, self._frontier, self._shapes)
            self._take_up(full, name)
            self._outcomes = Counter(outcomes(self._state, self._id))
            self._held = locks.pop_all()

    # Beginning and ending

    def _take_up(self, full: bool, name: str) -> None:
        row = self._state.execute(
            "SELECT id, name, whole, finished_at, asked, bytes, seconds, wants FROM runs ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row and (row[3] is None or (name and row[1] == name)):
            self._id, _, whole, finished_at, self._asked, self._bytes, self._seconds, _ = row
            self.full = bool(whole)
            self.was_finished = finished_at is not None
            if not self.was_finished:
                self._frontier.reopen(self._lost())
                with transaction(self._state):
                    self._state.execute(
                        "UPDATE runs SET interruptions = interruptions + 1 WHERE id = ?", (self._id,)
                    )
                    self._frontier.add(self._discovery.seeds(), time.time())
            return
        self._id, self._asked, self._bytes, self._seconds = (row[0] + 1 if row else 1), 0, 0, 0.0
        self.was_finished = False
        wants = self._wants()
        # A page that answers 304 is not searched for links, so other patterns need all pages once more.
        self.full = full or bool(row and row[7] != wants)
        now = time.time()
        # If the process dies in here, the next one does it all again: the run begins with its own row, the last thing written.
        self._frontier.restart()
        with transaction(self._state):
            self._frontier.add(self._discovery.seeds(), now)
        self._frontier.add_known(now, KNOWN_PRIORITIES, whole=self.full)
        with transaction(self._state):
            self._state.execute(
                "INSERT INTO runs (id, name, whole, wants, started_at) VALUES (?, ?, ?, ?, ?)",
                (self._id, name, self.full, wants, now),
            )

    def _wants(self) -> str:
        """A hash of what the profile says about which links to follow."""
        site = self.site
        said = (
            sorted(site.all_hosts),
            site.article,
            site.skip,
            site.max_depth,
            site.keep_params,
            site.strip_params,
        )
        return hash_of(repr(said).encode())

    def _lost(self) -> list[int]:
        """Pages of this run whose records the archive does not hold after all: a power cut may take them."""
        sizes = {path.name: path.stat().st_size for path in self._folder.iterdir()}
        rows = self._state.execute(
            "SELECT key, file, start + length FROM visits WHERE run = ? AND file <> ''", (self._id,)
        )
        lost = [key for key, file, end in rows if end > sizes.get(file, 0)]
        with transaction(self._state):
            self._state.executemany("DELETE FROM visits WHERE key = ?", ((key,) for key in lost))
        return lost

    def close(self) -> None:
        """Seal the archive and let go of the site; the run is over, unless it was stopped to be taken up again."""
        try:
            self._archive.close()
            if not self.was_finished:
                self._frontier.release()
                finished_at = None if self._resume else time.time()
                with transaction(self._state):
                    self._save_passed()
                    self._state.execute(
                        "UPDATE runs SET seconds = ?, reason = ?, finished_at = ? WHERE id = ?",
                        (self._elapsed(), self.finish_reason, finished_at, self._id),
                    )
            self._summary = summarise(self._state, self.site.name, self._id, self._folder)
        finally:
            self._held.close()

    @property
    def finish_reason(self) -> str:
        """Why the run is at its end, if it is."""
        if self.stopping:
            return self.stopping
        return next(iter(self._left.values()), "finished")

    # What to ask

    def next(self, now: float) -> Ask | None:
        """The next address to ask for, None if none may be asked at the moment."""
        if not self._may_go_on() or self._asked + len(self._frontier.open) >= self.site.budget.pages:
            return None
        while ask := self._frontier.take(now, self.site.politeness.concurrency):
            if ask.crashes < CRASHES_TO_FAIL:
                return ask
            with transaction(self._state):
                self._settle(ask, None, self._nothing(ask, Outcome.FAILED, DEADLY))
        return None

    def has_more(self) -> bool:
        """Whether there is, or may be after a pause, something to ask for."""
        if self._frontier.open:
            return True
        return self._may_go_on() and any(host not in self._left for host in self._frontier.hosts)

    def is_open(self, ask: Ask) -> bool:
        """Whether an address waits for its answer."""
        return ask in self._frontier.open

    def known(self, ask: Ask) -> Visit | None:
        """What earlier runs know of an address, None if it shall be asked for anew, as all are in a full run.

        A page that scripts fill changes without its validators.
        """
        return (
            None
            if self.full or (self.site.javascript and ask.kind >= Kind.START)
            else self._visits.get(ask.key)
        )

    def _may_go_on(self) -> bool:
        if not self.stopping:
            budget = self.site.budget
            if self._asked >= budget.pages:
                self.stopping = "budget: pages"
            elif self._bytes >= budget.bytes:
                self.stopping = "budget: bytes"
            elif self._elapsed() >= budget.minutes * 60:
                self.stopping = "budget: minutes"
        return not self.stopping

    # What to make of an answer

    def answered(self, ask: Ask, answer: Answer) -> None:
        """Take in an answer: archive its page, remember it, follow its links.

        Raises CannotArchive or sqlite3.Error if it cannot be kept; the address is then asked again by the next run.
        """
        self._silent.pop(ask.host, None)
        self._check_disk()
        if (
            answer.status in BUSY
            or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            or answer.status == HTTPStatus.REQUEST_TIMEOUT
        ):
            self._pause(ask, answer)
        elif answer.status == HTTPStatus.OK:
            self._read(ask, answer)
        elif answer.status == HTTPStatus.NOT_MODIFIED:
            self._keep(ask, answer)
        elif answer.header("Location") and 300 <= answer.status < 400:
            self._follow(ask, answer)
        else:
            with transaction(self._state):
                self._settle(
                    ask,
                    answer.status,
                    self._nothing(ask, Outcome.REFUSED, f"status {answer.status}", status=answer.status),
                )

    def refused(self, ask: Ask, reason: str, detail: str = "") -> None:
        """Take in that a page may not or shall not be had."""
        with transaction(self._state):
            self._settle(ask, None, self._nothing(ask, Outcome.REFUSED, reason, detail))

    def failed(
        self, ask: Ask, reason: str, detail: str = "", *, silent: bool = True, retry: bool = True
    ) -> None:
        """Take in that no answer came: `silent` if not even a connection, `retry` if it may be better in a moment."""
        with transaction(self._state):
            if retry and ask.tries + 1 < MAX_TRIES:
                self._count(0)
                self._frontier.again(ask, time.time() + pause(ask.tries, self.site.politeness.delay))
            else:
                self._settle(ask, 0, self._nothing(ask, Outcome.FAILED, reason, detail))
        if silent:
            self._silent[ask.host] += 1
            if self._silent[ask.host] >= SILENT:
                self.leave(ask.host, _unreachable(ask.host, reason))

    def cannot_ask(self, ask: Ask, reason: str, *, retry: bool) -> None:
        """Take in that a host's robots.txt cannot be read, so that nothing was asked: after some tries, if they may help, the
        address fails and the rest is left to the next run."""
        with transaction(self._state):
            if retry and ask.tries + 1 < MAX_TRIES:
                self._frontier.again(ask, time.time() + pause(ask.tries, self.site.politeness.delay))
                return
            self._settle(ask, None, self._nothing(ask, Outcome.FAILED, reason))
        self.leave(ask.host, _unreachable(ask.host, reason))

    def leave(self, host: str, reason: str) -> None:
        """Ask a host for nothing more in this run."""
        if host not in self._left:
            logger.info("%s: %s", self.site.name, reason)
        self._left.setdefault(host, reason)
        self._frontier.hold(host, float("inf"))

    def stop(self, reason: str, *, resume: bool = False) -> None:
        """Ask for nothing more; `resume` says whether the run shall be taken up again by the next one."""
        if not self.stopping:
            self.stopping, self._resume = reason, resume

    def heed(self, origin: str, rules: Rules) -> None:
        """Take in what a host reserves from text and data mining: it is kept with its pages."""
        self._rules[origin] = rules

    def add_sitemaps(self, urls: Iterable[str]) -> None:
        """Add the sitemaps that a robots.txt names."""
        leads = self._discovery.sitemaps(urls)
        with transaction(self._state):
            self._frontier.add(leads, time.time())

    def _pause(self, ask: Ask, answer: Answer) -> None:
        """429 and 503 ask for a pause of the host, the other 5xx and 408 for one of the page."""
        now = time.time()
        wait = pause(ask.tries, self.site.politeness.delay)
        busy = answer.status in BUSY
        if busy:
            wait = max(
                wait, retry_after(answer.header("Retry-After"), datetime.fromtimestamp(now, UTC)) or 0.0
            )
            logger.info("%s: %s asks for a pause of %.0f s", self.site.name, ask.host, wait)
            if wait > MAX_WAIT:
                self.leave(ask.host, f"{ask.host} asked to be left alone for {wait:.0f} s")
            else:
                self._frontier.hold(ask.host, now + wait)
        with transaction(self._state):
            if ask.tries + 1 < (MAX_BUSY_TRIES if busy else MAX_TRIES):
                self._count(answer.status)
                self._frontier.again(ask, now + wait)
            else:
                self._settle(
                    ask,
                    answer.status,
                    self._nothing(ask, Outcome.FAILED, f"status {answer.status}", status=answer.status),
                )

    def _follow(self, ask: Ask, answer: Answer) -> None:
        refusal, target = self._discovery.redirect(ask, answer.header("Location"))
        if not refusal and self._leads_back(target, ask.url):
            refusal = "redirects in a circle"
        with transaction(self._state):
            if refusal:
                visit = self._nothing(ask, Outcome.REFUSED, refusal, target, answer.status)
            else:
                visit = self._nothing(ask, Outcome.MOVED, target, status=answer.status)
                lead = Lead(
                    target, URL(target).host, ask.kind, ask.priority, ask.depth, ask.hops + 1, ask.chain
                )
                self._frontier.add([lead], visit.asked_at)
            self._settle(ask, answer.status, visit)

    def _leads_back(self, target: str, url: str) -> bool:
        """Whether the redirects that this run has met lead from the target to the address that redirects to it."""
        for _ in range(MAX_REDIRECTS):
            met = self._visits.get(key_of(target))
            if met is None or met.run != self._id or met.outcome is not Outcome.MOVED:
                return False
            if met.reason == url:
                return True
            target = met.reason
        return False

    def _keep(self, ask: Ask, answer: Answer) -> None:
        known = self._visits.get(ask.key)
        if known is None or not known.digest:
            self.failed(ask, "status 304 to a request without conditions", silent=False, retry=False)
            return
        visit = seen_unchanged(known, self._visit(ask, Outcome.UNCHANGED, answer))
        if known.has_body:
            self._archive.write(self._page(ask, answer, visit, _record(known)), revisit=True)
        with transaction(self._state):
            self._settle(ask, answer.status, visit)

    def _read(self, ask: Ask, answer: Answer) -> None:
        known = self._visits.get(ask.key)
        visit = self._visit(ask, Outcome.NEW, answer)
        if ask.kind in (Kind.SITEMAP, Kind.FEED):
            try:
                listed = read_sitemap(answer.body, ask.url)
            except NotASitemap as error:
                self._settle_refused(ask, answer, "not a sitemap or feed", str(error))
                return
            with transaction(self._state):
                self._settle(
                    ask, answer.status, seen_body(known, visit, hash_of(answer.body), None), len(answer.body)
                )
                self._frontier.add(self._discovery.listed(ask, listed), visit.asked_at)
            return
        if answer.media_type not in PAGE_TYPES or not answer.whole:
            self._settle_refused(ask, answer, f"unsupported type {answer.media_type}")
            return
        if not answer.body.strip():
            self._settle_refused(ask, answer, "empty page")
            return
        page = self._page(ask, answer, visit, None)
        same = known is not None and known.has_body and known.digest == hash_of(answer.body)
        # What did not change leads nowhere new; only after a change of the profile's mind is it searched again.
        linked = None if same and not self.full else self._discovery.linked(ask, answer)
        if known and same:
            self._archive.write(replace(page, body=b"", record=_record(known)), revisit=True)
            visit = seen_body(known, visit, known.digest, None)
        else:
            place = self._archive.write(page)
            visit = seen_body(known, visit, place.digest, place)
        with transaction(self._state):
            self._settle(ask, answer.status, visit, len(answer.body))
            if linked:
                links, article = linked
                first = known is None or not known.digest
                self._discovery.add_linked(ask, links, visit.asked_at, article=article, first=first)

    def _settle_refused(self, ask: Ask, answer: Answer, reason: str, detail: str = "") -> None:
        with transaction(self._state):
            visit = self._nothing(ask, Outcome.REFUSED, reason, detail, answer.status)
            self._settle(ask, answer.status, visit, len(answer.body))

    # What to remember

    def _settle(self, ask: Ask, status: int | None, visit: Visit, body: int = 0) -> None:
        """Write down what became of an address; the caller's transaction holds all that belongs to it.

        `status` is 0 if a request brought no answer, None if none was sent.
        """
        if status is not None:
            self._count(status, body)
        self._frontier.finish(ask)
        self._visits.put(visit)
        self._outcomes[visit.outcome] += 1

    def _count(self, status: int, body: int = 0) -> None:
        self._asked += 1
        self._bytes += body
        self._state.execute(
            "UPDATE runs SET asked = asked + 1, bytes = bytes + ?, seconds = ? WHERE id = ?",
            (body, self._elapsed(), self._id),
        )
        _tally(self._state, "answers", "status", self._id, {status: 1})
        if self._discovery.passed:
            self._save_passed()

    def _save_passed(self) -> None:
        _tally(self._state, "passed_over", "reason", self._id, self._discovery.passed)
        self._discovery.passed.clear()

    def _visit(self, ask: Ask, outcome: Outcome, answer: Answer) -> Visit:
        return Visit(
            key=ask.key,
            url=ask.url,
            run=self._id,
            outcome=outcome,
            reason="",
            detail="",
            status=answer.status,
            kind=ask.kind,
            depth=ask.depth,
            asked_at=time.time(),
            fetched_at=None,
            changed_at=None,
            etag=answer.header("ETag"),
            last_modified=answer.header("Last-Modified"),
            lastmod=ask.lastmod,
        )

    def _nothing(self, ask: Ask, outcome: Outcome, reason: str, detail: str = "", status: int = 0) -> Visit:
        visit = replace(self._visit(ask, outcome, Answer(status, (), b"")), reason=reason, detail=detail)
        if outcome is not Outcome.MOVED:
            words = " ".join(part for part in (reason, detail) if part)
            logger.info("%s: %s %s: %s", self.site.name, outcome, ask.url, words)
        return seen_nothing(self._visits.get(ask.key), visit)

    def _page(self, ask: Ask, answer: Answer, visit: Visit, record: Record | None) -> Page:
        return Page(
            url=ask.url,
            body=answer.body,
            status=answer.status,
            headers=answer.headers,
            fetched_at=datetime.fromtimestamp(visit.asked_at, UTC),
            site=self.site.name,
            tdm_reserved=self._reserved(ask.url),
            record=record,
        )

    def _reserved(self, url: str) -> bool | None:
        rules = self._rules.get(URL(url).origin)
        return rules.reserves(url) if rules is not None and rules.reservations else None

    def _elapsed(self) -> float:
        elapsed: float = self._seconds + time.monotonic() - self._began
        return elapsed

    def _check_disk(self) -> None:
        self._answers += 1
        if (
            self._min_free
            and self._answers % FREE_CHECK == 1
            and shutil.disk_usage(self._data).free < self._min_free
        ):
            self.stop(
                f"disk full: less than {self._min_free // 1_000_000} MB free in {self._data}", resume=True
            )

    # What it came to

    def summary(self) -> SiteSummary:
        """What the run did, once it is closed."""
        return self._summary

    def progress(self) -> dict[str, int]:
        """Counts for a progress bar."""
        return {"asked": self._asked, "pending": len(self._frontier), "bytes": self._bytes, **self._outcomes}


def _tally(
    state: sqlite3.Connection,
    table: str,
    column: str,
    run: int,
    counts: Mapping[int, int] | Mapping[str, int],
) -> None:
    state.executemany(
        f"INSERT INTO {table} (run, {column}, number) VALUES (?, ?, ?)"  # noqa: S608 -- both names are ours
        f" ON CONFLICT (run, {column}) DO UPDATE SET number = number + excluded.number",
        [(run, value, number) for value, number in counts.items()],
    )


def _locked(folder: Path, site: Site) -> ExitStack:
    """The locks of a site and its hosts, held until it is closed. Raises AlreadyRunning or HostTaken at once."""
    with ExitStack() as stack:
        stack.enter_context(exclusive(folder / f"{site.name}.crawl.lock"))
        for host in sorted(site.all_hosts):
            try:
                stack.enter_context(exclusive(folder / "hosts" / f"{host.replace(':', '_')}.lock"))
            except AlreadyRunning as error:
                raise HostTaken(Path(host), error.holder) from None
        return stack.pop_all()


def _unreachable(host: str, reason: str) -> str:
    """In words; of a host of the site's own that is not public, how the profile lets it be asked."""
    permit = "; [network] allow_private = true lets it be asked" if reason.endswith(NOT_PUBLIC) else ""
    return f"unreachable: {host}: {reason}{permit}"


def _record(known: Visit) -> Record:
    return Record(known.file, known.start, known.length, known.digest)
