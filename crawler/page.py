"""A fetched page as it lies in the archive."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Record:
    """Where a page lies in a WARC file."""

    file: str
    """The WARC file's name, relative to the archive's folder."""
    offset: int
    """First byte of the record's gzip member."""
    length: int
    """Bytes of the gzip member."""
    digest: str
    """The payload's digest as in the record, "sha1:…"."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered to one request."""

    url: str
    """The address that was asked for."""
    body: bytes
    """The payload, content encoding undone."""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    """Response headers in their order; names as sent."""
    fetched_at: datetime | None = None
    """In UTC; None for a loose file."""
    site: str = ""
    """The profile's name; "" for a loose file."""
    final_url: str = ""
    """The address after redirects; "" if the same."""
    tdm_reserved: bool | None = None
    """Whether the host's tdmrep.json reserves the page from text and data mining; None if it does not say."""
    record: Record | None = None

    def header(self, name: str) -> str:
        """The first header of that name in any case, or ""."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), "")
