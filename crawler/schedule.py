"""Print what a scheduler needs to call `consilia run`: systemd units, a crontab line, a Kubernetes CronJob."""

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum

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


def units(scheduler: Scheduler, calendar: Calendar, name: str, command: list[str], folder: str) -> str:
    """What to save where, as one text with comments. `command` starts with an absolute path; `folder` holds data/."""
    return {Scheduler.SYSTEMD: _systemd, Scheduler.CRON: _cron, Scheduler.KUBERNETES: _kubernetes}[scheduler](
        calendar, name, command, folder
    )


def _systemd(calendar: Calendar, name: str, command: list[str], folder: str) -> str:
    start = " ".join(_quote(word) for word in command)
    return f"""\
# /etc/systemd/system/consilia-{name}.service
[Unit]
Description=consilia: crawl and publish {name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={folder.replace("%", "%%")}
ExecStart={start}
# 75: another run of these sites is still going, which is no fault of this one.
SuccessExitStatus=75
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


def _cron(calendar: Calendar, name: str, command: list[str], folder: str) -> str:
    line = f"cd {shlex.quote(folder)} && {shlex.join(command)}".replace("%", r"\%")
    return f"""\
# consilia: crawl and publish {name} (add with: crontab -e). Mails what it prints to the owner; a second run exits 75 by itself.
{calendar.cron} {line}
"""


def _kubernetes(calendar: Calendar, name: str, command: list[str], folder: str) -> str:
    arguments = "".join(f"\n                - {_yaml(word)}" for word in command)
    return f"""\
# kubectl apply -f consilia-{name}.yaml; build the image from this project, and make the claim consilia-data first.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: consilia-{_dns(name)}
spec:
  schedule: {_yaml(calendar.cron)}
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 21600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # A pod that is killed is begun again and resumes the run; a failed run waits for the next slot.
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
          containers:
            - name: consilia
              image: consilia
              workingDir: {_yaml(folder)}
              command:{arguments}
              volumeMounts:
                - name: data
                  mountPath: {_yaml(folder.rstrip("/") + "/data")}
          volumes:
            - name: data
              persistentVolumeClaim:
                claimName: consilia-data
"""


def _yaml(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _dns(name: str) -> str:
    """A name that Kubernetes takes: RFC 1123 label, and 52 characters at most for a CronJob."""
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:43] or "run"
