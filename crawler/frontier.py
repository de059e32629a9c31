"""The addresses of a run: what is to be asked for, what is being asked for, what is done.

A crash-safe queue and the set of all addresses seen, in one table. An address is `pending`, then `taken` (a lease: its answer is
awaited), then `done`; it becomes done in the same transaction that remembers what its page said and adds the addresses it links
to, and not before its page lies in the archive. Whatever is not done when the process dies is pending again when it starts.
"""

import sqlite3
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .state import key_of, transaction
from .visits import Kind

BATCH = 8
"""Addresses leased at a time from the table: one write for eight, and a better one that turns up waits for seven at most."""

CRASHES_TO_WAIT = 3
"""After so many deaths of the process while it was being asked for, an address goes to the end of the queue…"""

CRASHES_TO_FAIL = 25
"""…and after so many it is given up, so that no page can kill the crawler for ever. High, since a machine that is switched off
each night blames the innocent."""

REMEMBERED = 50_000
"""Addresses seen lately that are kept in memory (about 5 MB): a site's menu stands on each of its pages."""

_PENDING, _TAKEN, _DONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that was found."""

    url: str
    """In its canonical form."""
    host: str
    """With its port unless it is the scheme's own."""
    kind: Kind
    priority: int
    depth: int = 0
    hops: int = 0
    """Redirects that led here."""
    chain: int = 0
    """How many pages of the same shape in a row led here without telling anything new (see shapes)."""
    lastmod: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """An address that is to be asked for now."""

    id: int
    key: int
    url: str
    host: str
    kind: Kind
    priority: int
    depth: int
    hops: int
    chain: int
    tries: int
    """How often it was asked for in this run without an answer that counts."""
    crashes: int
    lastmod: str


_ADD = """
INSERT OR IGNORE INTO frontier (key, url, host, kind, priority, depth, hops, chain, lastmod)
SELECT :key, :url, :host, :kind, :priority, :depth, :hops, :chain, :lastmod
WHERE NOT EXISTS (
    SELECT 1 FROM visits
    WHERE key = :key AND due_at > :now AND asked_at <= :now AND (:lastmod = '' OR lastmod = :lastmod)
)
"""

# What was asked in the future is due: the clock went back.
_ADD_KNOWN = """
INSERT OR IGNORE INTO frontier (key, url, host, kind, priority, depth)
SELECT key, url, substr(rest, 1, instr(rest || '/', '/') - 1), kind, :priority, depth
FROM (SELECT *, substr(url, instr(url, '//') + 2) AS rest FROM visits)
WHERE kind = :kind AND (due_at <= :now OR asked_at > :now OR (:whole AND outcome <> 'gone'))
"""

# A page of earlier runs that the sitemap says has changed is as good as a new one.
_DATED = """
UPDATE frontier SET lastmod = :lastmod, priority = CASE
    WHEN EXISTS (SELECT 1 FROM visits WHERE key = :key AND lastmod = :lastmod) THEN priority
    ELSE max(priority, :priority) END
WHERE key = :key AND state = 0
"""

# Of one priority only: what is worth less must not be leased before the better has told of its links.
_TAKE = """
UPDATE frontier SET state = 1 WHERE id IN (
    SELECT id FROM frontier WHERE state = 0 AND host = :host AND not_before <= :now AND priority = (
        SELECT priority FROM frontier WHERE state = 0 AND host = :host AND not_before <= :now
        ORDER BY priority DESC LIMIT 1
    ) ORDER BY id LIMIT :batch
)
RETURNING id, key, url, host, kind, priority, depth, hops, chain, tries, crashes, lastmod
"""


class Frontier:
    """The queue of one site's run. One process writes it; `add`, `finish` and `again` belong into the caller's transaction."""

    def __init__(self, state: sqlite3.Connection) -> None:
        self._state = state
        self._pending: Counter[str] = Counter()
        self._leased: defaultdict[str, deque[Ask]] = defaultdict(deque)
        self._open: dict[int, Ask] = {}
        self._open_by_host: Counter[str] = Counter()
        self._held: dict[str, float] = {}
        self._empty_until: dict[str, float] = {}
        self._lately: OrderedDict[str, None] = OrderedDict()
        with transaction(state):
            state.execute(
                "UPDATE frontier SET state = 0, crashes = crashes + 1,"
                " priority = CASE WHEN crashes + 1 >= ? THEN -1000 ELSE priority END WHERE state = 1",
                (CRASHES_TO_WAIT,),
            )
        self._count()

    def __len__(self) -> int:
        """Addresses not done yet."""
        return self._pending.total() + len(self._open) + sum(map(len, self._leased.values()))

    @property
    def open(self) -> Collection[Ask]:
        """What has been taken and neither finished nor put back."""
        return self._open.values()

    @property
    def hosts(self) -> set[str]:
        """Hosts that have something not done and not open."""
        leased = {host for host, asks in self._leased.items() if asks}
        return leased | {host for host, number in self._pending.items() if number > 0}

    def restart(self) -> None:
        """Forget what is done, for a new run; what was left over stays, its tries forgiven."""
        with transaction(self._state):
            self._state.execute("DELETE FROM frontier WHERE state = 2")
            self._state.execute(
                "UPDATE frontier SET tries = 0, crashes = 0, hops = 0, chain = 0, not_before = 0"
            )
        self._lately.clear()

    def add_known(self, now: float, priorities: Mapping[Kind, int], *, whole: bool) -> int:
        """Add what earlier runs visited and is due, or with `whole` all that is not gone; tells how many were added."""
        with transaction(self._state):
            added = sum(
                self._state.execute(
                    _ADD_KNOWN, {"now": now, "kind": int(kind), "priority": priority, "whole": whole}
                ).rowcount
                for kind, priority in priorities.items()
            )
        self._count()
        return added

    def add(self, leads: Iterable[Lead], now: float) -> int:
        """Add the leads that are due and were not seen in this run; tells how many."""
        new = 0
        for lead in leads:
            key = key_of(lead.url)
            values = (
                lead.url,
                lead.host,
                int(lead.kind),
                lead.priority,
                lead.depth,
                lead.hops,
                lead.chain,
                lead.lastmod,
            )
            names = ("url", "host", "kind", "priority", "depth", "hops", "chain", "lastmod")
            cursor = self._state.execute(
                _ADD, {"key": key, "now": now, **dict(zip(names, values, strict=True))}
            )
            if cursor.rowcount == 1:
                new += 1
                self._pending[lead.host] += 1
                self._empty_until.pop(lead.host, None)
            elif lead.lastmod:
                self._state.execute(_DATED, {"key": key, "lastmod": lead.lastmod, "priority": lead.priority})
        return new

    def take(self, now: float, per_host: int) -> Ask | None:
        """Lease the next address of a host that may be asked, at most `per_host` of one host at a time.

        None if there is nothing to ask for at the moment.
        """
        for host in sorted(self.hosts, key=self._open_by_host.__getitem__):
            if self._open_by_host[host] >= per_host or self._held.get(host, 0.0) > now:
                continue
            if not self._leased[host] and self._empty_until.get(host, 0.0) <= now:
                self._lease(host, now)
            if self._leased[host]:
                ask = self._leased[host].popleft()
                self._open[ask.id] = ask
                self._open_by_host[host] += 1
                return ask
        return None

    def finish(self, ask: Ask) -> None:
        """The address is done with for this run."""
        self._close(ask)
        self._state.execute("UPDATE frontier SET state = 2 WHERE id = ?", (ask.id,))

    def again(self, ask: Ask, not_before: float, *, counts: bool = True) -> None:
        """Put an address back; `counts` says whether this was a try that was used up."""
        self._close(ask)
        self._state.execute(
            "UPDATE frontier SET state = 0, tries = tries + ?, not_before = ? WHERE id = ?",
            (int(counts), not_before, ask.id),
        )
        self._pending[ask.host] += 1
        self._empty_until.pop(ask.host, None)

    def hold(self, host: str, until: float) -> None:
        """Ask a host for nothing until then."""
        self._held[host] = max(until, self._held.get(host, 0.0))

    def held_until(self, host: str) -> float:
        """When a host may be asked again; 0 if at any time."""
        return self._held.get(host, 0.0)

    def reopen(self, keys: Iterable[int]) -> None:
        """Make done addresses pending again, whose pages turned out to be lost."""
        with transaction(self._state):
            self._state.executemany("UPDATE frontier SET state = 0 WHERE key = ?", ((key,) for key in keys))
        self._count()

    def release(self) -> None:
        """Put all leases back, at a clean end."""
        with transaction(self._state):
            self._state.execute("UPDATE frontier SET state = 0 WHERE state = 1")
        self._leased.clear()
        self._open.clear()
        self._open_by_host.clear()
        self._count()

    def _lease(self, host: str, now: float) -> None:
        with transaction(self._state):
            rows = self._state.execute(_TAKE, {"host": host, "now": now, "batch": BATCH}).fetchall()
        asks = [_ask(row) for row in rows]
        self._leased[host].extend(sorted(asks, key=lambda ask: ask.id))
        self._pending[host] -= len(asks)
        if not asks:
            (soonest,) = self._state.execute(
                "SELECT min(not_before) FROM frontier WHERE state = 0 AND host = ?", (host,)
            ).fetchone()
            self._empty_until[host] = float("inf") if soonest is None else soonest

    def _close(self, ask: Ask) -> None:
        del self._open[ask.id]
        self._open_by_host[ask.host] -= 1

    def _count(self) -> None:
        rows = self._state.execute("SELECT host, count(*) FROM frontier WHERE state = 0 GROUP BY host")
        self._pending = Counter(dict(rows.fetchall()))
        self._empty_until.clear()

    def seen_lately(self, url: str) -> bool:
        """Whether `remember` was told of an address not long ago: a quick answer that is never wrong when it says so."""
        if url not in self._lately:
            return False
        self._lately.move_to_end(url)
        return True

    def remember(self, url: str) -> None:
        """Keep in memory that an address needs no further look in this run."""
        self._lately[url] = None
        if len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)


def _ask(row: tuple[Any, ...]) -> Ask:
    id_, key, url, host, kind, *rest = row
    return Ask(id_, key, url, host, Kind(kind), *rest)
