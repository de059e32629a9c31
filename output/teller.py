"""How a run makes itself heard: the log, the ledger, the alert, the metrics."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crawler.alert import AlertFailed, send, write_metrics
from crawler.event import say
from crawler.runs import CannotRecord, Ledger, Run
from crawler.settings import Settings
from crawler.summary import Progress, SiteSummary

from .build import Failure
from .dataset.version import Version

logger = logging.getLogger(__name__)

OK, FAILED, GATE_FAILED, STOPPED = 0, 1, 3, 130
"""Exit codes of a run, as the command gives them."""
REASONS = {OK: "finished", FAILED: "some pages failed", GATE_FAILED: "a quality gate failed"}
MANY_INTERRUPTIONS = 3
"""A run that was interrupted so often is told of: something kills it each time, and a killed process cannot say so itself."""


class Teller:
    """Tells the log, the ledger, the alert and the metrics how a run goes. Trouble in telling never changes how the run ends."""

    def __init__(self, settings: Settings, ledger: Ledger, run: Run) -> None:
        """Of one run."""
        self._settings = settings
        self._ledger = ledger
        self._run = run
        self._seen: set[str] = set()

    def begin(self, full: bool) -> None:
        """The run begins, or goes on; `full` is what it was asked to be."""
        run = self._run
        facts = {"sites": list(run.sites), "full": run.full}
        if not run.resumed_at:
            self._say(logging.INFO, f"run {run.run_id} begins: {', '.join(run.sites)}", "run begins", **facts)
            return
        line = f"run {run.run_id} was interrupted and goes on"
        self._say(logging.WARNING, line, "run goes on", times=len(run.resumed_at), **facts)
        if full and not run.full:
            self._say(logging.WARNING, "it was not begun as a full one; the next can be", "full postponed")
        if len(run.resumed_at) >= MANY_INTERRUPTIONS:
            self._alert(None, [f"{line}, for the {_ordinal(len(run.resumed_at))} time"])

    def watching(self, watch: Callable[[Progress], None] | None) -> Callable[[Progress], None]:
        """A watcher that also says when a site's crawl begins."""

        def see(progress: Progress) -> None:
            if progress.site not in self._seen:
                self._seen.add(progress.site)
                self._say(logging.INFO, f"{progress.site}: crawl begins", "site begins", site=progress.site)
            if watch:
                watch(progress)

        return see

    def site_ended(self, summary: SiteSummary) -> None:
        """The crawl of a site is over."""
        numbers = ("asked", "fetched", "new", "changed", "unchanged", "gone", "moved", "bytes", "left")
        reasons = (
            "finish_reason",
            "finished",
            "statuses",
            "refused_by_reason",
            "failed_by_reason",
            "passed_over",
        )
        facts = {key: getattr(summary, key) for key in (*numbers, *reasons)}
        line = f"{summary.site}: crawl ends: {summary.finish_reason}"
        level = logging.INFO
        if summary.finish_reason.startswith("budget") and summary.left:
            level, line = logging.WARNING, f"{line}; {summary.left} addresses are left to the next run"
        self._say(level, line, "site ends", site=summary.site, **facts)

    def judged(self, site: str, lines: Sequence[str], *, waved: bool) -> None:
        """The gates that a site failed."""
        for line in lines:
            told = f"{site}: {line} (accepted)" if waved else f"{site}: {line}"
            self._say(
                logging.WARNING, told, "gate waved through" if waved else "gate failed", site=site, gate=line
            )

    def stopped(self, reason: str, exit_code: int) -> None:
        """The run stays open, and the next one takes it up again. A person or a shutdown that stops it needs no alert."""
        troubles = self._record(lambda: self._ledger.pause(self._run.run_id, reason, exit_code))
        self._end(exit_code, reason, [reason, *troubles], alert=exit_code != STOPPED)

    def failed(self, reason: str) -> None:
        """Something made the run impossible."""
        troubles = self._record(lambda: self._ledger.finish(self._run.run_id, reason, FAILED))
        self._end(FAILED, reason, [reason, *troubles])

    def ended(
        self,
        exit_code: int,
        version: Version | None,
        failures: Sequence[Failure],
        gates: Mapping[str, Sequence[str]],
    ) -> list[str]:
        """What went wrong in telling, in words."""
        if version:
            self._say(logging.INFO, f"published {version.path}", "published", version=version.id)
        for failure in failures:
            self._say(
                logging.WARNING,
                str(failure),
                "page failed",
                url=failure.url,
                error=failure.error,
                kept=failure.kept,
            )
        lines = [f"{site}: {line}" for site, failed in gates.items() for line in failed]
        lines += map(str, failures)
        return self._end(exit_code, REASONS[exit_code], lines, alert=exit_code != OK)

    def _end(self, exit_code: int, reason: str, lines: Sequence[str], *, alert: bool = True) -> list[str]:
        troubles = self._alert(exit_code, lines) if alert else []
        if self._settings.metrics.textfile:
            try:
                write_metrics(Path(self._settings.metrics.textfile), self._ledger)
            except (OSError, CannotRecord) as error:
                troubles.append(f"metrics: {error}")
        for trouble in troubles:
            self._say(logging.WARNING, trouble, "could not tell")
        self._say(
            logging.INFO,
            f"run {self._run.run_id} ends: {reason}",
            "run ends",
            exit_code=exit_code,
            reason=reason,
        )
        return troubles

    def _alert(self, exit_code: int | None, lines: Sequence[str]) -> list[str]:
        if not (self._settings.alert.command or self._settings.alert.webhook):
            return []
        message = {
            "text": "\n".join([f"consilia, {', '.join(self._run.sites)}: run {self._run.run_id}", *lines]),
            "run_id": self._run.run_id,
            "sites": list(self._run.sites),
            "exit_code": exit_code,
            "messages": list(lines),
        }
        try:
            send(self._settings.alert, message)
        except AlertFailed as error:
            return [f"alert: {error}"]
        self._say(logging.INFO, "alert sent", "alert sent")
        return []

    def _say(self, level: int, line: str, event: str, **facts: object) -> None:
        say(logger, level, line, event, run_id=self._run.run_id, **facts)

    @staticmethod
    def _record(write: Callable[[], None]) -> list[str]:
        try:
            write()
        except CannotRecord as error:  # the disk that stopped the run may be full for the ledger, too
            return [str(error)]
        return []


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
