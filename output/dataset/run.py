"""What a run tells the dataset about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """What the crawl of one site came to; what cleaning and finding came to is counted from the rows."""

    fetched: int = 0
    unchanged: int = 0
    failed: int = 0
    failed_gates: tuple[str, ...] = ()
    """Bounds that the run broke, in words."""
    accepted_gates: tuple[str, ...] = ()
    """Those that it broke and that were waved through."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run: when, with what, from what."""

    run_id: str
    started_at: datetime
    """In UTC."""
    finished_at: datetime
    """In UTC; names the version."""
    finish_reason: str = "finished"
    package_version: str = ""
    code_version: str = ""
    """The code's commit or hash."""
    config: Mapping[str, object] = field(default_factory=dict)
    """Profiles and settings, as JSON would hold them; no secrets."""
    models: Mapping[str, str] = field(default_factory=dict)
    """File of weights or rules → sha256."""
    warcs: Mapping[str, str] = field(default_factory=dict)
    """WARC file → sha256 of its bytes."""
    sites: Mapping[str, SiteCounts] = field(default_factory=dict)
    errors: int = 0
    """Pages that failed for a fault of ours."""
