"""What `consilia schedule` prints is taken by the schedulers' own checks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.schedule import BadCalendar, Call, Scheduler, read_calendar, units

CALL = Call(
    "Kids' Health",
    "/opt/consilia/.venv/bin/python",
    ("/srv/health sites/100% sleep.toml", "bundled"),
    "/srv/it's data",
    "/srv/my folder",
)

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
    # The program must exist for `verify`; spaces, quotes, dollars and percent signs must survive.
    call = Call("demo", sys.executable, ('/srv/health sites/100% "$HOME".toml',), "/srv/it's data", "/")
    text = units(Scheduler.SYSTEMD, read_calendar("Mon..Fri 03:00"), call)
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
    table.write_text(units(Scheduler.CRON, read_calendar("Sat,Sun 4:30"), CALL))
    checked = subprocess.run(["crontab", "-n", table], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert r"100\% sleep" in table.read_text()


def _strict(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def _list(items: dict[str, object]) -> dict[str, object]:
    return {"type": "array", "items": items, "minItems": 1}


_LABEL: dict[str, object] = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63}
_COUNT: dict[str, object] = {"type": "integer", "minimum": 0}
_ABSOLUTE: dict[str, object] = {"type": "string", "pattern": "^/"}
_CONTAINER = _strict(
    name=_LABEL,
    image={"type": "string"},
    workingDir=_ABSOLUTE,
    command=_list({"type": "string"}),
    volumeMounts=_list(_strict(name=_LABEL, mountPath=_ABSOLUTE)),
)
_POD = _strict(
    restartPolicy={"const": "Never"},  # what a podFailurePolicy asks for
    automountServiceAccountToken={"type": "boolean"},
    containers=_list(_CONTAINER),
    volumes=_list(
        {
            "oneOf": [
                _strict(name=_LABEL, persistentVolumeClaim=_strict(claimName=_LABEL)),
                _strict(name=_LABEL, configMap=_strict(name=_LABEL, optional={"type": "boolean"})),
            ]
        }
    ),
)
_EXITS = _strict(
    containerName=_LABEL, operator={"enum": ["In", "NotIn"]}, values=_list({"type": "integer", "minimum": 1})
)
CRON_JOB = _strict(
    apiVersion={"const": "batch/v1"},
    kind={"const": "CronJob"},
    metadata=_strict(name={**_LABEL, "maxLength": 52}),
    spec=_strict(
        schedule={"type": "string", "pattern": r"^\S+ \S+ \S+ \S+ \S+$"},
        timeZone={"type": "string"},
        concurrencyPolicy={"enum": ["Allow", "Forbid", "Replace"]},
        startingDeadlineSeconds=_COUNT,
        successfulJobsHistoryLimit=_COUNT,
        failedJobsHistoryLimit=_COUNT,
        jobTemplate=_strict(
            spec=_strict(
                backoffLimit=_COUNT,
                podFailurePolicy=_strict(
                    rules=_list(_strict(action={"const": "FailJob"}, onExitCodes=_EXITS))
                ),
                template=_strict(spec=_POD),
            )
        ),
    ),
)
"""The part of Kubernetes' schema of a CronJob that we use, strictly."""


@pytest.mark.parametrize("every", [case.values[0] for case in CALENDARS])
def test_kubernetes_gets_a_cron_job(every: str) -> None:
    yaml = pytest.importorskip("yaml")
    jsonschema = pytest.importorskip("jsonschema")
    job = yaml.safe_load(units(Scheduler.KUBERNETES, read_calendar(every), CALL))
    jsonschema.validate(job, CRON_JOB)
    assert job["metadata"]["name"] == "consilia-kids-health"
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == [
        "consilia",
        "run",
        "/profiles/100% sleep.toml",
        "bundled",
        "--data",
        "/data",
    ]
    assert [mount["name"] for mount in container["volumeMounts"]] == [
        volume["name"] for volume in pod["volumes"]
    ]


def test_kubernetes_own_schema_takes_the_cron_job() -> None:
    yaml = pytest.importorskip("yaml")
    schemas = pytest.importorskip(
        "kubernetes_validate", reason="kubernetes-validate is not installed (108 MB)"
    )
    job = yaml.safe_load(units(Scheduler.KUBERNETES, read_calendar("Mon..Fri 03:00"), CALL))
    schemas.validate(job, schemas.latest_version(), strict=True)
    job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["comand"] = []
    with pytest.raises(schemas.ValidationError):
        schemas.validate(job, schemas.latest_version(), strict=True)
