"""What `consilia schedule` prints is taken by the schedulers' own checks."""

import shutil
import subprocess
from pathlib import Path

import pytest

from crawler.schedule import BadCalendar, Scheduler, read_calendar, units

COMMAND = ["/opt/consilia/.venv/bin/python", "-m", "consilia", "run", "/srv/health sites/100% sleep.toml"]

CALENDARS = [
    pytest.param("Mon..Fri 03:00", "Mon,Tue,Wed,Thu,Fri *-*-* 03:00:00", "0 3 * * 1,2,3,4,5", id="weekdays"),
    pytest.param("Sat,Sun 4:30", "Sat,Sun *-*-* 04:30:00", "30 4 * * 6,7", id="weekend"),
    pytest.param(
        "Fri..Mon 23:59", "Mon,Fri,Sat,Sun *-*-* 23:59:00", "59 23 * * 1,5,6,7", id="over the weekend"
    ),
    pytest.param("monday 03:00", "Mon *-*-* 03:00:00", "0 3 * * 1", id="a day written out"),
    pytest.param("*:15", "*-*-* *:15:00", "15 * * * *", id="every hour"),
    pytest.param("daily", "*-*-* 00:00:00", "0 0 * * *", id="a word"),
    pytest.param("weekly", "Mon *-*-* 00:00:00", "0 0 * * 1", id="another word"),
    pytest.param("Mon..Sun 05:05", "*-*-* 05:05:00", "5 5 * * *", id="all days are every day"),
]


@pytest.mark.parametrize(("text", "systemd", "cron"), CALENDARS)
def test_calendars_are_read(text: str, systemd: str, cron: str) -> None:
    calendar = read_calendar(text)
    assert (calendar.systemd, calendar.cron) == (systemd, cron)


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "03:60", "Mon Tue 03:00", "Someday 03:00", "3", "Mon.. 03:00"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(BadCalendar, match=repr(text)):
        read_calendar(text)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze on this machine")
    # The command must exist for `verify`; a space, a quote and a percent sign must survive.
    command = [shutil.which("sh") or "/bin/sh", "-c", 'echo "100% $HOME"', "/srv/health sites/x.toml"]
    text = units(Scheduler.SYSTEMD, read_calendar("Mon..Fri 03:00"), "demo", command, "/")
    service, timer = text.split("# /etc/systemd/system/consilia-demo.timer")
    (tmp_path / "consilia-demo.service").write_text(service)
    (tmp_path / "consilia-demo.timer").write_text(timer)
    checked = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "consilia-demo.service", tmp_path / "consilia-demo.timer"],
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("every", [case.values[0] for case in CALENDARS])
def test_systemd_reads_the_calendar(every: str) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze on this machine")
    calendar = read_calendar(every).systemd
    assert subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True).returncode == 0


def test_cron_takes_the_line(tmp_path: Path) -> None:
    if not shutil.which("crontab"):
        pytest.skip("no crontab on this machine")
    table = tmp_path / "crontab"
    table.write_text(units(Scheduler.CRON, read_calendar("Sat,Sun 4:30"), "demo", COMMAND, "/srv/my data"))
    checked = subprocess.run(["crontab", "-n", table], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert r"100\% sleep" in table.read_text()


def test_kubernetes_gets_a_cron_job() -> None:
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load(
        units(Scheduler.KUBERNETES, read_calendar("daily"), "Kids' Health", COMMAND, "/srv/it's")
    )
    assert (job["apiVersion"], job["kind"], job["metadata"]["name"]) == (
        "batch/v1",
        "CronJob",
        "consilia-kids-health",
    )
    assert (job["spec"]["schedule"], job["spec"]["concurrencyPolicy"]) == ("0 0 * * *", "Forbid")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["command"] == COMMAND
    assert pod["containers"][0]["workingDir"] == "/srv/it's"
