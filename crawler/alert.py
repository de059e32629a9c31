"""Tell somebody how a run ended: a command, a webhook, a Prometheus textfile."""

import http.client
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from .runs import Ledger, SiteCounts
from .settings import Alert


class AlertFailed(Exception):  # noqa: N818
    """Nobody could be told; says why."""


def send(alert: Alert, message: Mapping[str, object]) -> None:
    """Hand the message to the command and to the webhook. Raises AlertFailed after both were tried.

    Arguments and addresses may hold tokens: of a command only its name is told, of an address only its host.
    """
    body = json.dumps(message).encode()
    troubles = []
    if alert.command and (trouble := _call(alert.command, body, alert.timeout)):
        troubles.append(f"{Path(alert.command[0]).name}: {trouble}")
    if alert.webhook and (trouble := _post(alert.webhook, body, alert.timeout)):
        troubles.append(f"webhook at {urlsplit(alert.webhook).hostname}: {trouble}")
    if troubles:
        raise AlertFailed("; ".join(troubles))


def _call(command: Sequence[str], body: bytes, timeout: float) -> str:
    """What went wrong, "" if nothing did."""
    try:
        done = subprocess.run(
            command, input=body, timeout=timeout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return f"not done after {timeout:g} s"
    except OSError as error:
        return str(error.strerror)
    return f"exit status {done.returncode}" if done.returncode else ""


def _post(url: str, body: bytes, timeout: float) -> str:
    """What went wrong, "" if nothing did."""
    headers = {"Content-Type": "application/json", "User-Agent": "consilia"}
    try:
        request = urllib.request.Request(url, body, headers)  # noqa: S310  http(s) only: the settings are checked
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except TimeoutError:
        return f"no answer after {timeout:g} s"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return type(error).__name__  # its words may repeat the address
    return ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A POST that is sent elsewhere arrives as a GET without its body: nobody would be told."""

    def redirect_request(self, *_: object) -> None:
        """Follow none: the answer counts as an error."""


def write_metrics(path: Path, ledger: Ledger) -> None:
    """Write Prometheus' text format, whole or not at all: the last run of every set of sites, the last counts of every site."""
    runs = ledger.newest()
    sites = ledger.newest_counts()
    lines = _gauge(
        "run_exit_code",
        "How the last run ended: 0 ok, 1 failed, 3 a quality gate failed, 130 stopped; none while it goes on.",
        (({"sites": ",".join(run.sites)}, run.exit_code) for run in runs if run.exit_code is not None),
    )
    lines += _gauge(
        "run_started_timestamp_seconds",
        "When the last run began.",
        (({"sites": ",".join(run.sites)}, _seconds(run.started_at)) for run in runs),
    )
    lines += _gauge(
        "last_success_timestamp_seconds",
        "When the last run that published without trouble ended.",
        (
            ({"sites": ",".join(run.sites)}, _seconds(ended))
            for run in runs
            if (ended := ledger.last_good(run.sites))
        ),
    )
    for name, (help_, value) in _BY_SITE.items():
        lines += _gauge(name, help_, (({"site": site}, value(counts)) for site, counts in sites.items()))
    lines += _gauge(
        "findings",
        "Findings of the site's articles.",
        (
            ({"site": site, "role": role}, number)
            for site, counts in sites.items()
            for role, number in sorted(counts.findings.items())
        ),
    )
    new = path.with_name(f".{path.name}.new")
    new.write_text("\n".join(lines) + "\n", "utf-8")
    new.replace(path)


_BY_SITE: dict[str, tuple[str, Callable[[SiteCounts], int]]] = {
    "answers_with_body": ("Answers with a body in the last run.", lambda counts: counts.fetched),
    "pages_new": ("Pages seen for the first time in the last run.", lambda counts: counts.new),
    "pages_changed": ("Pages whose body changed in the last run.", lambda counts: counts.changed),
    "pages_unchanged": ("Pages that were asked for and had not changed.", lambda counts: counts.unchanged),
    "pages_gone": ("Pages that the last run found to be no more.", lambda counts: counts.gone),
    "pages_refused": ("Pages left out with a reason.", lambda counts: sum(counts.refused.values())),
    "pages_failed": ("Pages that could not be had.", lambda counts: sum(counts.failed.values())),
    "bytes": ("Bytes of bodies in the last run.", lambda counts: counts.bytes),
    "pages": ("Pages in the archive that still stand.", lambda counts: counts.pages),
    "articles": ("Articles among them.", lambda counts: counts.articles),
}


def _gauge(name: str, help_: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> list[str]:
    lines = [f"# HELP consilia_{name} {help_}", f"# TYPE consilia_{name} gauge"]
    for labels, value in samples:
        told = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
        lines.append(f"consilia_{name}{{{told}}} {value}")
    return lines


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
