"""Nights on which a site dies, halves or changes its layout: the gate fails, somebody is told, the old version stays; and what comes then."""

import json
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crawler.runs import Ledger
from crawler.settings import Alert, Settings
from output.dataset.version import Version, latest

from .clinic import ARTICLES, clinic, night, page, path_of, profile, relink
from .command import consilia
from .crawler.webhook import Hook
from .crawler.website import Reply, serve

pytestmark = pytest.mark.slow


def published(data: Path) -> Version:
    version = latest(data / "dataset")
    assert version
    return version


def statuses(version: Version) -> dict[str, str]:
    table = pq.read_table(version.file("articles"), columns=["url", "status"])
    return dict(zip(table["url"].to_pylist(), table["status"].to_pylist(), strict=True))


def only_due(data: Path, paths: list[str]) -> None:
    """The next run asks for these articles only: as on most nights, when most pages are known to be quiet."""
    with sqlite3.connect(data / "state" / "clinic.sqlite") as db:
        db.execute("UPDATE visits SET due_at = 9e9 WHERE url LIKE '%/health/%'")
        db.executemany("UPDATE visits SET due_at = 0 WHERE url LIKE ?", [(f"%{path}",) for path in paths])
    db.close()


@pytest.mark.parametrize("layout", ["script", "teaser"])
def test_a_layout_that_changes_overnight(tmp_path: Path, layout: str) -> None:
    with serve(clinic()) as site, Hook() as hook:
        settings = Settings(alert=Alert(webhook=f"{hook.origin}/ok"))
        web = profile(site)
        assert night(web, tmp_path, settings).run.exit_code == 0
        before = published(tmp_path)

        # Six of 22 pages are asked for: in the totals that is a drop of a quarter, which might happen.
        asked = [path_of(article) for article in ARTICLES[:6]]
        for article in ARTICLES:
            site.pages[path_of(article)] = page(article, layout)
        only_due(tmp_path, asked)
        job = night(web, tmp_path, settings)
        assert (job.run.exit_code, job.version) == (3, None)
        assert job.counts["clinic"].changed == 6
        assert all(line.startswith("changed articles: ") for line in job.gates["clinic"])
        assert published(tmp_path) == before
        (alert,) = hook.messages
        assert (alert["run_id"], alert["exit_code"], alert["sites"]) == (job.run.run_id, 3, ["clinic"])
        assert alert["messages"] == [f"clinic: {line}" for line in job.gates["clinic"]]

        # The next night these pages are quiet again, but they are not what is published.
        only_due(tmp_path, [])
        job = night(web, tmp_path, settings)
        assert (job.run.exit_code, job.counts["clinic"].changed) == (3, 0)
        assert published(tmp_path) == before
        assert len(hook.messages) == 2

        # The site mends its pages: all is well without anybody's help.
        for article in ARTICLES:
            site.pages[path_of(article)] = page(article)
        only_due(tmp_path, asked)
        job = night(web, tmp_path, settings)
        assert (job.run.exit_code, len(hook.messages)) == (0, 2)
        assert set(statuses(published(tmp_path)).values()) == {"unchanged"}


def test_a_site_that_halves_its_pages(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:12])) as site:
        web = profile(site)
        night(web, tmp_path)
        before = published(tmp_path)
        for article in ARTICLES[:6]:
            del site.pages[path_of(article)]
        relink(site)
        told = []
        for _ in range(3):
            job = night(web, tmp_path)
            assert (job.run.exit_code, published(tmp_path)) == (3, before)
            told.append(job.gates["clinic"][0])
        # Twice the pages are missed; then they are known to be gone, and it is the yield that fell.
        missed = "known pages: 6 of 13 could not be had again, the profile allows 30%"
        assert told == [missed, missed, "pages: 7, the last good run had 13"]

        # It is right so: somebody says so once, and it holds.
        job = night(web, tmp_path, accept=True)
        assert (job.run.exit_code, job.run.accepted) == (0, True)
        *_, row = published(tmp_path).rows("runs")
        assert (row["sites"][0]["failed_gates"], row["sites"][0]["accepted_gates"][0]) == ([], told[-1])
        assert sorted(statuses(published(tmp_path)).values()) == ["gone"] * 6 + ["unchanged"] * 6
        assert night(web, tmp_path).run.exit_code == 0


def test_a_site_that_dies_and_comes_back(tmp_path: Path) -> None:
    site = clinic(ARTICLES[:5])
    with Hook() as hook:
        settings = Settings(alert=Alert(webhook=f"{hook.origin}/ok"))
        with serve(site):
            web = profile(site)
            night(web, tmp_path, settings)
            before = published(tmp_path)
        job = night(web, tmp_path, settings)
        assert (job.run.exit_code, published(tmp_path)) == (3, before)
        assert job.gates["clinic"][0].startswith("unreachable: 127.0.0.1:")
        assert job.gates["clinic"][0] in hook.messages[0]["text"]
        assert night(web, tmp_path, settings, accept=True).run.exit_code == 3, "nothing is never accepted"


EMPTY = [
    pytest.param(Reply(200, b"", headers=(("Cache-Control", "no-store"),)), id="empty pages"),
    pytest.param(Reply(403, b"<h1>Forbidden</h1>"), id="forbidden"),
    pytest.param(Reply(404, b"<h1>Not found</h1>"), id="not found"),
]


@pytest.mark.parametrize("reply", EMPTY)
def test_a_site_that_answers_with_nothing_is_loud(tmp_path: Path, reply: Reply) -> None:
    with serve(clinic(ARTICLES[:4])) as site:
        web = profile(site)
        night(web, tmp_path)
        before = published(tmp_path)
        for path in list(site.pages):
            site.pages[path] = reply
        job = night(web, tmp_path)
        assert (job.run.exit_code, published(tmp_path)) == (3, before)
        assert any(line.startswith("answers: not one page") for line in job.gates["clinic"])


def test_a_failed_site_stays_as_published_when_another_sites_run_publishes(tmp_path: Path) -> None:
    with serve(clinic(ARTICLES[:8])) as one, serve(clinic(ARTICLES[8:12])) as other:
        clinic_, surgery = profile(one), profile(other, "surgery")
        night(clinic_, tmp_path)
        for article in ARTICLES[:8]:
            one.pages[path_of(article)] = page(article, "teaser")
        assert night(clinic_, tmp_path).run.exit_code == 3
        assert Ledger(tmp_path / "runs.sqlite").held_back() == {"clinic"}
        before = pq.read_table(published(tmp_path).file("articles"))

        assert night(surgery, tmp_path).run.exit_code == 0
        articles = pq.read_table(published(tmp_path).file("articles"))
        mine = articles.filter([name == "clinic" for name in articles["site"].to_pylist()])
        assert mine["text"].to_pylist() == before["text"].to_pylist()
        assert len(articles) == 12


def test_the_command_tells_in_json_lines_and_keeps_the_secret(tmp_path: Path) -> None:
    secret = "T0K3N-of-the-webhook"
    with serve(clinic(ARTICLES[:3])) as site, Hook() as hook:
        (tmp_path / "clinic.toml").write_text(site.profile("clinic", gate={"articles": 5}))
        (tmp_path / "consilia.toml").write_text(
            f'[alert]\nwebhook = "{hook.origin}/forbidden/{secret}"\n[metrics]\ntextfile = "metrics.prom"\n'
        )
        site.pages["/"] = str(site.pages["/"]) + '<a href="/health/missing">missing</a>'
        done = consilia("run", "clinic.toml", "--json", cwd=tmp_path, code=3)
        assert len(hook.messages) == 1
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert all({"at", "level", "from", "event"} <= event.keys() for event in events)
    told = [event["event"] for event in events if "line" in event]
    assert told == ["run begins", "site begins", "site ends", "gate failed", "could not tell", "run ends"]
    by_event = {event["event"]: event for event in events}
    assert by_event["site ends"]["refused_by_reason"] == {"status 404": 1}
    assert by_event["gate failed"]["gate"] == "articles: 3, the profile asks for 5"
    assert by_event["could not tell"]["line"] == "alert: webhook at 127.0.0.1: status 403"
    assert by_event["run ends"]["exit_code"] == 3
    assert 'consilia_run_exit_code{sites="clinic"} 3' in (tmp_path / "metrics.prom").read_text()
    assert secret not in done.stdout + done.stderr
    kept = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert kept
    assert not [file for file in kept if secret.encode() in file.read_bytes()]
