"""How the runs of one data folder are kept: `consilia.toml`. Every key has a default; no file is needed."""

from pathlib import Path

import msgspec


class BadSettings(Exception):  # noqa: N818  the user's file, not a fault of ours
    """A settings file that cannot be used; says which, where and why."""


class Alert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to tell when a run fails or a gate does. Both get the same JSON."""

    command: list[str] = []
    """Program and arguments; the JSON comes on its standard input."""
    webhook: str = ""
    """An http(s) address; the JSON is posted to it."""
    timeout: float = 30.0
    """Seconds to wait for either."""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What Prometheus' node exporter picks up."""

    textfile: str = ""
    """Written whole after each run, "….prom"; "" for none."""


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stays on disk; 0 keeps everything. The ledger stays for ever, and so does what the newest version rests on."""

    versions: int = 0
    """How many dataset versions."""
    version_days: int = 0
    warc_days: int = 0
    """Archive files older than this go once no article of the newest version lies in them."""


class Crawl(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every site of a run."""

    full_every_days: int = 0
    """Ask every page anew, validators or not, when the last full run is this old; 0 for never."""
    min_free_mb: int = 500
    """A run stops cleanly when the disk has less than this left. (A demo run writes 5 MB, a WARC file may grow to 1 GB.)"""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    alert: Alert = Alert()
    metrics: Metrics = Metrics()
    keep: Keep = Keep()
    crawl: Crawl = Crawl()


def load_settings(path: Path) -> Settings:
    """Read a settings file. Raises BadSettings."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        raise BadSettings(f"{path}: no such file") from None
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise BadSettings(f"{path}: {error}") from None
