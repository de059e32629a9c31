"""Alerts reach a real webhook and a real command; metrics are Prometheus' text; no secret is told."""

import json
import re
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.alert import AlertFailed, send, write_metrics
from crawler.runs import Ledger, SiteCounts
from crawler.settings import Alert

from .webhook import Hook

MESSAGE = {"run_id": "2026-03-01T120000Z", "messages": ["web: articles: none at all – “none”"]}
SECRET = "T0K3N"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        yield hook


def test_a_webhook_gets_the_json(hook: Hook) -> None:
    send(Alert(webhook=f"{hook.origin}/ok/{SECRET}"), MESSAGE)
    ((path, headers, body),) = hook.received
    assert (path, headers["Content-Type"], body) == (f"/ok/{SECRET}", "application/json", MESSAGE)


def test_a_command_gets_the_same_json(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    keep = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    send(Alert(command=[sys.executable, "-c", keep, str(told)]), MESSAGE)
    assert json.loads(told.read_bytes()) == MESSAGE


REFUSED = [
    pytest.param("broken", "status 500", id="an error"),
    pytest.param("forbidden", "status 403", id="a token that holds no more"),
    pytest.param("moved", "status 302", id="a redirect, which would lose the body"),
    pytest.param("garbage", "BadStatusLine", id="not HTTP"),
    pytest.param("silent", "no answer after 0.3 s", id="no answer"),
    pytest.param(f"a path {SECRET}", "InvalidURL", id="an address that cannot be sent"),
]


@pytest.mark.parametrize(("kind", "reason"), REFUSED)
def test_a_webhook_that_was_not_told_is_a_trouble_without_its_secret(
    hook: Hook, kind: str, reason: str
) -> None:
    with pytest.raises(AlertFailed) as caught:
        send(Alert(webhook=f"{hook.origin}/{kind}/{SECRET}", timeout=0.3), MESSAGE)
    assert str(caught.value) == f"webhook at 127.0.0.1: {reason}"
    assert None not in hook.messages


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(AlertFailed, match=r"^webhook at 127\.0\.0\.1: .*refused"):
        send(Alert(webhook=f"http://127.0.0.1:{port}/{SECRET}"), MESSAGE)


COMMANDS = [
    pytest.param(["false", SECRET], "false: exit status 1", id="fails"),
    pytest.param(["/no/such/program", SECRET], "program: No such file or directory", id="is not there"),
    pytest.param(["sleep", "60"], "sleep: not done after 0.3 s", id="hangs"),
]


@pytest.mark.parametrize(("command", "reason"), COMMANDS)
def test_a_command_that_fails_is_a_trouble_without_its_arguments(command: list[str], reason: str) -> None:
    with pytest.raises(AlertFailed) as caught:
        send(Alert(command=command, timeout=0.3), MESSAGE)
    assert str(caught.value) == reason


def test_the_webhook_is_told_when_the_command_fails(hook: Hook) -> None:
    with pytest.raises(AlertFailed, match=r"^false: exit status 1$"):
        send(Alert(command=["false"], webhook=f"{hook.origin}/ok"), MESSAGE)
    assert hook.messages == [MESSAGE]


def test_metrics_tell_the_last_run_of_each_set_and_the_counts_of_each_site(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs.sqlite")
    for hour, (sites, code, version) in enumerate(
        [(["a", "b"], 0, "v1"), (["a", "b"], 3, None), (["c"], None, None)]
    ):
        run = ledger.begin(sites, "", {}, now=datetime(2026, 3, 1, hour, tzinfo=UTC))
        for site in sites:
            ledger.count(run.run_id, site, SiteCounts(articles=hour + 1, findings={"cause": 7}))
        if code is not None:
            ledger.finish(run.run_id, "", code, version, now=datetime(2026, 3, 1, hour, 30, tzinfo=UTC))
    path = tmp_path / "consilia.prom"
    write_metrics(path, ledger)
    samples = parse(path.read_text())
    assert samples["consilia_run_exit_code"] == {'sites="a,b"': 3}
    assert samples["consilia_run_started_timestamp_seconds"] == {
        'sites="a,b"': datetime(2026, 3, 1, 1, tzinfo=UTC).timestamp(),
        'sites="c"': datetime(2026, 3, 1, 2, tzinfo=UTC).timestamp(),
    }
    assert samples["consilia_last_success_timestamp_seconds"] == {
        'sites="a,b"': datetime(2026, 3, 1, 0, 30, tzinfo=UTC).timestamp()
    }
    assert samples["consilia_articles"] == {'site="a"': 2, 'site="b"': 2, 'site="c"': 3}
    assert samples["consilia_findings"]['site="a",role="cause"'] == 7
    assert list(tmp_path.glob(".*")) == []


def parse(text: str) -> dict[str, dict[str, float]]:
    """Prometheus' text format, as strictly as its documentation has it; a line that does not fit fails."""
    samples: dict[str, dict[str, float]] = {}
    typed = set()
    assert text.endswith("\n")
    for line in text.splitlines():
        if header := re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line):
            assert header[2] not in samples, "headers stand before the samples"
            if header[1] == "TYPE":
                assert header[3] == "gauge"
                typed.add(header[2])
            continue
        sample = re.fullmatch(
            r'([a-z_]+)\{([a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*)\} (\d+(?:\.\d+)?)', line
        )
        assert sample, line
        assert sample[1] in typed
        assert sample[2] not in samples.setdefault(sample[1], {}), "each sample once"
        samples[sample[1]][sample[2]] = float(sample[3])
    return samples
