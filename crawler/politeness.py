"""How long to leave a host alone after it failed to answer, or said that it is asked too much."""

MAX_TRIES = 3
"""Requests for one address in a run when no answer comes or the server fails (Scrapy's default: two retries)."""

MAX_BUSY_TRIES = 6
"""The same when the server says 429 or 503: it will have us, later."""

BUSY = frozenset({429, 503})
"""Answers that ask for a pause of the whole host."""

SHAKY = frozenset({408, 500, 502, 504, 520, 521, 522, 523, 524})
"""Answers that may be better in a moment; 52x are Cloudflare's for an origin that does not answer."""

SHORTEST = 0.25
"""Seconds of the first pause's half, for a site that may be asked without any delay."""

LONGEST = 120.0
"""Seconds of the longest pause of our own making."""

MAX_WAIT = 600.0
"""Seconds a run waits if a host asks for it (Retry-After); if it asks for more, the rest is left to the next run."""

SILENT = 8
"""Requests in a row without any answer after which a host counts as unreachable and the rest is left to the next run: two
addresses tried three times each, and two more."""


def pause(tries: int, delay: float) -> float:
    """Seconds to wait before an address or host is tried again: doubled each time, from twice the profile's delay."""
    return min(max(delay, SHORTEST) * 2.0 ** (tries + 1), LONGEST)
