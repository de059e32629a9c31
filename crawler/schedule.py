"""Print what a scheduler needs to call `consilia run`: systemd units, a crontab line, a Kubernetes CronJob."""

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WORDS = {"hourly": "*:00", "daily": "00:00", "weekly": "Mon 00:00"}


class Scheduler(StrEnum):
    """Who shall call the run."""

    SYSTEMD = "systemd"
    CRON = "cron"
    KUBERNETES = "kubernetes"


class BadCalendar(ValueError):  # noqa: N818  the user's words, not a fault of ours
    """The time was not understood."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When to run: the part of systemd's calendar events that cron can say too."""

    days: tuple[int, ...]
    """0 = Monday; empty for every day."""
    hour: int | None
    """None for every hour."""
    minute: int

    @property
    def systemd(self) -> str:
        """As in OnCalendar=."""
        days = ",".join(DAYS[day] for day in self.days)
        hour = "*" if self.hour is None else f"{self.hour:02}"
        return f"{days} *-*-* {hour}:{self.minute:02}:00".strip()

    @property
    def cron(self) -> str:
        """As the five fields of a crontab."""
        days = ",".join(str(day + 1) for day in self.days) or "*"
        return f"{self.minute} {'*' if self.hour is None else self.hour} * * {days}"


def read_calendar(text: str) -> Calendar:
    """Read "Mon..Fri 03:00", "Sat,Sun 4:30", "*:15", "daily". Raises BadCalendar."""
    words = _WORDS.get(text.strip().lower(), text).split()
    if not 1 <= len(words) <= 2 or not (time := re.fullmatch(r"(\d{1,2}|\*):(\d{2})", words[-1])):
        raise BadCalendar(
            f'{text!r}: say it like "Mon..Fri 03:00", "Sat,Sun 4:30", "*:15", hourly, daily or weekly'
        )
    hour, minute = None if time[1] == "*" else int(time[1]), int(time[2])
    if minute > 59 or (hour is not None and hour > 23):
        raise BadCalendar(f"{text!r}: there is no {words[-1]} on a clock")
    return Calendar(_days(words[0], text) if len(words) == 2 else (), hour, minute)


def _days(words: str, text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in words.split(","):
        first, dots, last = part.partition("..")
        try:
            start = DAYS.index(first[:3].title())
            stop = DAYS.index(last[:3].title()) if dots else start
        except ValueError:
            raise BadCalendar(f"{text!r}: {part!r} names no day; days are {', '.join(DAYS)}") from None
        days.update(day % 7 for day in range(start, stop + 1 if stop >= start else stop + 8))
    return tuple(sorted(days)) if len(days) < 7 else ()


@dataclass(frozen=True, slots=True)
class Call:
    """What shall be called."""

    name: str
    """Of the units."""
    python: str
    """The interpreter's absolute path."""
    profiles: tuple[str, ...]
    """Absolute paths of files, or names of bundled profiles."""
    data: str
    """Absolute path of the data folder."""
    folder: str
    """Absolute path of the folder that holds consilia.toml, if there is one."""

    @property
    def command(self) -> list[str]:
        """For this machine."""
        return [self.python, "-m", "consilia", "run", *self.profiles, "--data", self.data]


def units(scheduler: Scheduler, calendar: Calendar, call: Call) -> str:
    """What to save where, as one text with comments."""
    return {Scheduler.SYSTEMD: _systemd, Scheduler.CRON: _cron, Scheduler.KUBERNETES: _kubernetes}[scheduler](
        calendar, call
    )


def _systemd(calendar: Calendar, call: Call) -> str:
    name = call.name
    start = " ".join(_quote(word) for word in call.command)
    return f"""\
# /etc/systemd/system/consilia-{name}.service
[Unit]
Description=consilia: crawl and publish {name}
Wants=network-online.target
After=network-online.target
# A run that something kills each time must not go on for ever.
StartLimitIntervalSec=6h
StartLimitBurst=4

[Service]
Type=oneshot
WorkingDirectory={call.folder.replace("%", "%%")}
ExecStart={start}
# 75: another run of these sites is still going; 130: stopped, and the next run goes on. Neither is a fault.
SuccessExitStatus=75 130
# Killed, for want of memory perhaps: begun again, it goes on with what it was at. A run that failed waits for the next slot.
Restart=on-abnormal
RestartSec=1min
Nice=10
NoNewPrivileges=true
PrivateTmp=true

# /etc/systemd/system/consilia-{name}.timer
# Then: systemctl enable --now consilia-{name}.timer
[Unit]
Description=When consilia crawls {name}

[Timer]
OnCalendar={calendar.systemd}
# Slots missed while the machine was off become one run.
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""


def _quote(word: str) -> str:
    word = word.replace("%", "%%").replace("$", "$$")
    return (
        word
        if re.fullmatch(r"[\w@%+=:,./$-]+", word)
        else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def _cron(calendar: Calendar, call: Call) -> str:
    line = f"cd {shlex.quote(call.folder)} && {shlex.join(call.command)}".replace("%", r"\%")
    return f"""\
# consilia: crawl and publish {call.name} (add with: crontab -e). Mails what it prints to the owner; a second run exits 75 by itself.
{calendar.cron} {line}
"""


def _kubernetes(calendar: Calendar, call: Call) -> str:
    name = f"consilia-{_dns(call.name)}"
    files = [profile for profile in call.profiles if "/" in profile]
    named = [
        f"/profiles/{PurePosixPath(profile).name}" if "/" in profile else profile for profile in call.profiles
    ]
    command = ["consilia", "run", *named, "--data", "/data"]
    arguments = "".join(f"\n                - {_yaml(word)}" for word in command)
    sources = " ".join(
        f"--from-file={shlex.quote(path)}" for path in [*files, f"{call.folder}/consilia.toml"]
    )
    return f"""\
# kubectl apply -f {name}.yaml, after three things that are yours: an image "consilia" made from this project, a claim "consilia-data" for
# a disk (not NFS: SQLite's locks want a real one), and what the run reads (leave out consilia.toml if you have none):
#   kubectl create configmap {name} {sources}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
spec:
  schedule: {_yaml(calendar.cron)}
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 21600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # A pod that is killed or moved is begun again and goes on with the run; a run that failed waits for the next slot.
      backoffLimit: 3
      podFailurePolicy:
        rules:
          - action: FailJob
            onExitCodes:
              containerName: consilia
              operator: In
              values: [1, 2, 3, 75]
      template:
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          containers:
            - name: consilia
              image: consilia
              workingDir: /profiles
              command:{arguments}
              volumeMounts:
                - name: data
                  mountPath: /data
                - name: profiles
                  mountPath: /profiles
          volumes:
            - name: data
              persistentVolumeClaim:
                claimName: consilia-data
            - name: profiles
              configMap:
                name: {name}
                optional: true
"""


def _yaml(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _dns(name: str) -> str:
    """A name that Kubernetes takes: RFC 1123 label, and 52 characters at most for a CronJob."""
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:43] or "run"
