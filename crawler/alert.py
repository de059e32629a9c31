"""Tell somebody how a run ended: a command, a webhook, a Prometheus textfile."""

import json
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from .runs import Run, SiteCounts
from .settings import Alert


class AlertFailed(Exception):  # noqa: N818
    """Nobody could be told; says why."""


def send(alert: Alert, message: Mapping[str, object]) -> None:
    """Hand the message to the command and to the webhook. Raises AlertFailed after both were tried."""
    body = json.dumps(message).encode()
    troubles = []
    if alert.command:
        try:
            subprocess.run(alert.command, input=body, timeout=alert.timeout, check=True, capture_output=True)
        except (OSError, subprocess.SubprocessError) as error:
            troubles.append(f"{alert.command[0]}: {error}")
    if alert.webhook:
        try:
            _post(alert.webhook, body, alert.timeout)
        except (OSError, ValueError) as error:
            # The address may hold a token: its host alone is told.
            troubles.append(f"webhook at {urlsplit(alert.webhook).hostname}: {error}")
    if troubles:
        raise AlertFailed("; ".join(troubles))


def _post(url: str, body: bytes, timeout: float) -> None:
    if not url.startswith(("http://", "https://")):
        raise ValueError("not an http(s) address")
    request = urllib.request.Request(  # noqa: S310  http(s) only, checked above
        url, body, {"Content-Type": "application/json", "User-Agent": "consilia"}
    )
    with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310  http(s) only, checked above
        answer.read(1)


def write_metrics(path: Path, run: Run, sites: Mapping[str, SiteCounts]) -> None:
    """Write Prometheus' text format, whole or not at all."""
    lines = [
        "# HELP consilia_run_exit_code How the last run ended: 0 ok, 1 failed, 3 a quality gate failed.",
        "# TYPE consilia_run_exit_code gauge",
        f"consilia_run_exit_code {run.exit_code}",
    ]
    gauges: dict[str, tuple[str, Callable[[SiteCounts], int]]] = {
        "pages_fetched": ("Answers with a body.", lambda counts: counts.fetched),
        "pages_new": ("Pages seen for the first time.", lambda counts: counts.new),
        "pages_changed": ("Pages whose body changed.", lambda counts: counts.changed),
        "pages_unchanged": ("Pages that did not change.", lambda counts: counts.unchanged),
        "pages_gone": ("Pages that are no more.", lambda counts: counts.gone),
        "pages_refused": ("Pages left out with a reason.", lambda counts: sum(counts.refused.values())),
        "pages_failed": ("Pages that could not be had.", lambda counts: sum(counts.failed.values())),
        "bytes": ("Bytes of bodies.", lambda counts: counts.bytes),
        "articles": ("Articles in the dataset.", lambda counts: counts.articles),
    }
    for name, (help_, value) in gauges.items():
        lines += [f"# HELP consilia_{name} {help_}", f"# TYPE consilia_{name} gauge"]
        lines += [
            f'consilia_{name}{{site="{_label(site)}"}} {value(counts)}'
            for site, counts in sorted(sites.items())
        ]
    lines += ["# HELP consilia_findings Findings in the dataset.", "# TYPE consilia_findings gauge"]
    lines += [
        f'consilia_findings{{site="{_label(site)}",role="{role}"}} {number}'
        for site, counts in sorted(sites.items())
        for role, number in sorted(counts.findings.items())
    ]
    new = path.with_name(f".{path.name}.new")
    new.write_text("\n".join(lines) + "\n")
    new.replace(path)


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
