"""How the runs of one data folder are kept: `consilia.toml`. Every key has a default; no file is needed."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from .site import key_and_reason

Count = Annotated[int, msgspec.Meta(ge=0)]


class BadSettings(Exception):  # noqa: N818  the user's file, not a fault of ours
    """A settings file that cannot be used; says which, where and why."""


class Alert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to tell when a run fails or a gate does. Both get the same JSON."""

    command: list[str] = []
    """Program and arguments; the JSON comes on its standard input."""
    webhook: str = ""
    """An http(s) address; the JSON is posted to it. "$NAME" is read from the environment, to keep a token out of the file."""
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    """Seconds to wait for either. (Half a minute: webhook services answer within seconds.)"""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What Prometheus' node exporter picks up."""

    textfile: str = ""
    """Written whole after each run, "….prom"; "" for none."""


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stays on disk; 0 keeps everything. The ledger stays for ever, and so does what the newest version rests on."""

    versions: Count = 0
    """How many dataset versions."""
    version_days: Count = 0
    """For how many days dataset versions stay; a version goes when either rule says so."""
    warc_days: Count = 0
    """Archive files older than this go once no page that still stands lies in them."""


class Crawl(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every site of a run."""

    full_every_days: Count = 0
    """Ask every page anew, validators or not, when the last full run is this old; 0 for never."""
    min_free_mb: Count = 500
    """A run stops cleanly when the disk has less than this left. (A demo run writes 5 MB, a WARC file may grow to 1 GB.)"""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    alert: Alert = Alert()
    metrics: Metrics = Metrics()
    keep: Keep = Keep()
    crawl: Crawl = Crawl()


def load_settings(path: Path) -> Settings:
    """Read a settings file. Raises BadSettings, which never repeats a value: it may be a secret."""
    try:
        settings = msgspec.toml.decode(path.read_bytes(), type=Settings)
    except OSError as error:
        raise BadSettings(f"{path}: {error.strerror}") from None
    except msgspec.ValidationError as error:
        raise BadSettings(f"{path}: {key_and_reason(str(error))}") from None
    except msgspec.DecodeError as error:
        raise BadSettings(f"{path}: not TOML: {error}") from None
    alert = msgspec.structs.replace(settings.alert, webhook=_address(path, settings.alert.webhook))
    return msgspec.structs.replace(settings, alert=alert)


def _address(path: Path, webhook: str) -> str:
    name = webhook.removeprefix("$")
    if webhook.startswith("$") and not (webhook := os.environ.get(name, "")):
        raise BadSettings(f"{path}: alert.webhook: the environment has no {name}")
    if webhook and not _is_web(webhook):
        raise BadSettings(f"{path}: alert.webhook: not an http or https address without a user's name")
    return webhook


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
