"""Ask only for what has changed: a page we hold is asked for with its validators, and a 304 answers without a body (RFC 9110, 13)."""

from .visits import Visit


def conditions(known: Visit | None) -> dict[str, str]:
    """The headers that make a request conditional; none for a page whose body we do not hold.

    Both validators are sent when both are known: a server that knows ETags ignores the date.
    """
    if known is None or not known.digest:
        return {}
    headers = {}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers
