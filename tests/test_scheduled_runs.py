"""Runs that stop at budgets, full disks and signals, full runs now and then, a clock that goes back; and how past runs are told."""

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from crawler.runs import Ledger, SiteCounts
from crawler.settings import Alert, Crawl, Settings
from crawler.site import Budget
from output.dataset.version import latest, open_version
from output.job import Stopped

from .clinic import ARTICLES, clinic, night, path_of, profile
from .command import ROOT, consilia
from .crawler.webhook import Hook
from .crawler.website import serve

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.slow
def test_a_budget_ends_a_run_well_and_the_next_takes_up_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(clinic(ARTICLES[:6])) as site:
        web = msgspec.structs.replace(profile(site, revisit={"share": 1}), budget=Budget(pages=5))
        job = night(web, tmp_path)
        assert (job.run.exit_code, job.summaries["clinic"].finish_reason) == (0, "budget: pages")
        told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert told == ["clinic: crawl ends: budget: pages; 2 addresses are left to the next run"]
        assert job.counts["clinic"].articles == 4
        assert job.version
        (row,) = job.version.rows("runs")
        assert row["finish_reason"] == job.run.finish_reason == "clinic: budget: pages"
        articles = [night(web, tmp_path).counts["clinic"].articles for _ in range(3)]
        assert articles[-1] == 6


@pytest.mark.slow
def test_a_full_disk_stops_a_run_that_the_next_one_finishes(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:4])) as site, Hook() as hook:
        web = profile(site)
        settings = Settings(alert=Alert(webhook=f"{hook.origin}/ok"), crawl=Crawl(min_free_mb=10**9))
        with pytest.raises(Stopped, match="clinic: disk full: less than 1000000000 MB free in "):
            night(web, tmp_path, settings)
        ledger = Ledger(tmp_path / "runs.sqlite")
        (stopped,) = ledger.runs()
        assert (stopped.exit_code, stopped.finished_at) == (1, None)
        assert stopped.finish_reason
        assert stopped.finish_reason.startswith("clinic: disk full")
        (alert,) = hook.messages
        assert (alert["run_id"], alert["exit_code"]) == (stopped.run_id, 1)
        assert "disk full" in alert["text"]

        job = night(web, tmp_path)
        assert (job.run.run_id, job.run.exit_code, len(job.run.resumed_at)) == (stopped.run_id, 0, 1)
        assert max(site.asked().values()) == 1


@pytest.mark.slow
def test_every_page_is_asked_anew_when_the_last_full_run_is_old(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:3])) as site:
        web = profile(site)
        settings = Settings(crawl=Crawl(full_every_days=7))
        assert not night(web, tmp_path, settings).run.full, "a first run is full by itself"
        assert not night(web, tmp_path, settings).run.full
        with sqlite3.connect(tmp_path / "runs.sqlite") as db:
            past = (datetime.now(UTC) - timedelta(days=8)).isoformat(timespec="seconds")
            db.execute("UPDATE runs SET started_at = ?", (past,))
        db.close()
        before = site.bodies()
        assert night(web, tmp_path, settings).run.full
        assert site.bodies() == before + 4
        assert not night(web, tmp_path, settings).run.full
        assert site.bodies() == before + 4


@pytest.mark.slow
def test_a_run_that_is_killed_each_time_is_told_of(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:3])) as site, Hook() as hook:
        settings = Settings(alert=Alert(webhook=f"{hook.origin}/ok"))
        ledger = Ledger(tmp_path / "runs.sqlite")
        for _ in range(3):
            ledger.begin(["clinic"], "", {})
        job = night(profile(site), tmp_path, settings)
        assert job.run.exit_code == 0
        (alert,) = hook.messages
        assert alert["messages"] == [f"run {job.run.run_id} was interrupted and goes on, for the 3rd time"]


@pytest.mark.slow
def test_a_clock_that_went_back_leaves_runs_and_versions_in_order(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:3])) as site:
        web = profile(site)
        night(web, tmp_path)
        # As if all of that had happened next year.
        root = tmp_path / "dataset"
        version = open_version(root)
        ahead = "2099-01-01T000000Z"
        version.path.rename(version.path.with_name(ahead))
        (root / "latest").unlink()
        (root / "latest").symlink_to(Path("versions", ahead))
        with sqlite3.connect(tmp_path / "runs.sqlite") as db:
            db.execute("PRAGMA foreign_keys = OFF")
            db.execute("UPDATE runs SET run_id = ?", (ahead,))
            db.execute("UPDATE site_runs SET run_id = ?", (ahead,))
        db.close()
        job = night(web, tmp_path)
        assert job.version is not None
        assert (job.run.run_id > ahead, job.version.id > ahead) == (True, True)
        assert latest(root) == job.version
        assert [run.run_id for run in Ledger(tmp_path / "runs.sqlite").runs()] == [job.run.run_id, ahead]


@pytest.mark.slow
def test_a_signal_stops_a_run_that_the_next_one_finishes(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:6])) as site, Hook() as hook:
        (tmp_path / "clinic.toml").write_text(site.profile("clinic", politeness={"delay": 2}))
        (tmp_path / "consilia.toml").write_text(f'[alert]\nwebhook = "{hook.origin}/ok"\n')
        run = subprocess.Popen(
            [sys.executable, "-m", "consilia", "run", "clinic.toml"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        while not site.pages_asked and run.poll() is None:
            time.sleep(0.01)
        run.send_signal(signal.SIGTERM)
        _, complaint = run.communicate(timeout=60)
        assert run.returncode == 130
        assert complaint == "consilia: stopped; the next run goes on from here\n"
        assert hook.messages == [], "a person or a shutdown did it"
        (stopped,) = Ledger(tmp_path / "data" / "runs.sqlite").runs()
        assert (stopped.finish_reason, stopped.exit_code) == ("stopped by a signal", 130)

        (tmp_path / "clinic.toml").write_text(site.profile("clinic"))
        done = consilia("run", "clinic.toml", cwd=tmp_path)
        assert f"consilia: run {stopped.run_id} was interrupted and goes on" in done.stderr
        (finished,) = Ledger(tmp_path / "data" / "runs.sqlite").runs()
        assert (finished.run_id, finished.exit_code) == (stopped.run_id, 0)


def test_of_nights_each_tells_what_it_did_itself(tmp_path: Path) -> None:
    missing, leaving = "/health/missing", path_of(ARTICLES[0])
    with serve(clinic(ARTICLES[:4])) as site:
        site.pages["/"] = f'{site.pages["/"]}<a href="{missing}">x</a>'
        web = profile(site, gate={"drop": 1, "error_share": 1})
        night(web, tmp_path)
        del site.pages[leaving]
        rows = []
        for _ in range(3):
            job = night(web, tmp_path)
            assert job.version
            rows.append(list(job.version.rows("runs"))[-1])
    assert [(row["n_pages"], row["n_unchanged"], row["n_articles"]) for row in rows] == [(0, 4, 0)] * 3
    told = {row["url"].removeprefix(site.origin): row for row in job.version.rows("refusals")}
    assert set(told) == {"/", missing}, "the page gone for good is told of by its article"
    assert (told[missing]["reason"], told[missing]["http_status"]) == ("status 404", 404)
    assert told[missing]["fetched_at"]
    asked = {told[missing]["run_id"], told["/"]["run_id"]}
    assert asked <= {row["run_id"] for row in job.version.rows("runs")}
    assert told["/"]["run_id"] < told[missing]["run_id"]
    facts = job.version.facts
    assert sum(row["pages"] for row in facts["refusals"]) == sum(job.counts["clinic"].refused.values())


@pytest.mark.slow
def test_versions_are_compared_by_their_ids(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:3])) as site:
        web = profile(site)
        before = night(web, tmp_path / "data").version
        path = path_of(ARTICLES[0])
        site.pages[path] = str(site.pages[path]).replace("</p>", " Keep your feet dry.</p>", 1)
        after = night(web, tmp_path / "data").version
    assert before
    assert after
    for arguments in ([before.id], [before.id, after.id], [str(before.path), "latest"]):
        (line,) = consilia("diff", *arguments, "--json", cwd=tmp_path).stdout.splitlines()
        assert (json.loads(line)["change"], json.loads(line)["url"]) == ("changed", site.origin + path)
    unknown = consilia("diff", "2020-01-01T000000Z", cwd=tmp_path, code=1).stderr
    assert unknown.startswith("consilia: data/dataset: no version 2020-01-01T000000Z here (latest: ")


@pytest.mark.slow
def test_an_article_that_changes_every_night_keeps_its_words(tmp_path: Path) -> None:
    # Its lines stand in many records of the archive, but on one page.
    with serve(clinic(ARTICLES[:3])) as site:
        web, path = profile(site), path_of(ARTICLES[0])
        plain = str(site.pages[path])
        lengths = []
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"):
            site.pages[path] = plain.replace("</p>", f" Looked through with care on {day}.</p>", 1)
            version = night(web, tmp_path).version
            assert version
            (text,) = (row["text"] for row in version.rows("articles") if row["url"].endswith(path))
            lengths.append(len(text.replace(day, "")))
    assert len(set(lengths)) == 1


@pytest.mark.slow
def test_what_was_only_crawled_can_be_built(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:3])) as site:
        (tmp_path / "clinic.toml").write_text(site.profile("clinic"))
        consilia("crawl", "clinic.toml", cwd=tmp_path)
    assert ": 3 articles, " in consilia("build", cwd=tmp_path).stdout


def test_past_runs_are_listed_and_explained(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "data" / "runs.sqlite")
    counts = SiteCounts(
        fetched=12, new=2, changed=6, unchanged=80, gone=1, statuses={"304": 80, "200": 12}, articles=101
    )
    fallen = ["articles: 40, the last good run had 101", "pages: 50, the last good run had 120"]
    for day, (code, version, gates) in enumerate([(0, "v0", []), (3, None, fallen), (0, "v2", fallen)]):
        moment = NOON + timedelta(days=day)
        run = ledger.begin(["clinic"], "ab" * 32, {"consilia": "0.1"}, accepted=day == 2, now=moment)
        ledger.count(run.run_id, "clinic", replace(counts, articles=101 if day == 0 else 40), gates)
        reason = "a quality gate failed" if code else "finished"
        ledger.finish(run.run_id, reason, code, version, now=moment + timedelta(minutes=42))
    ledger.begin(["surgery"], "", {}, now=NOON + timedelta(days=3))

    listed = [line.rstrip() for line in consilia("runs", cwd=tmp_path).stdout.splitlines()]
    assert [line.split() for line in listed[2:]] == [
        line.split()
        for line in (
            "2026-03-03T120000Z 0:42:00 clinic 40 +2 ~6 -1 finished, a fallen yield accepted",
            "2026-03-02T120000Z 0:42:00 clinic 40 +2 ~6 -1 exit 3: clinic: articles: 40, the last good run had 101 (and 1 more)",
            "2026-03-01T120000Z 0:42:00 clinic 101 +2 ~6 -1 finished",
        )
    ]
    assert listed[1].split("surgery")[1].strip() == "interrupted; the next run goes on with it"

    told = consilia("runs", "show", "2026-03-02T120000Z", cwd=tmp_path).stdout
    for line in (
        "nothing was published; the version before stayed",
        "gate failed: articles: 40, the last good run had 101",
        "gate failed: pages: 50, the last good run had 120",
        "answers 92: 80× 304, 12× 200",
        "consilia run PROFILE --accept",
    ):
        assert line in told
    waved = consilia("runs", "show", "2026-03-03T120000Z", cwd=tmp_path).stdout
    assert "gate waved through: articles: 40" in waved
    assert "PROFILE --accept" not in waved
    unknown = consilia("runs", "show", "2020-01-01T000000Z", cwd=tmp_path, code=1).stderr
    assert unknown == "consilia: 2020-01-01T000000Z: no such run; `consilia runs` lists them\n"
