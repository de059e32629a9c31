"""A month of nights over two sites that add, change and delete pages: ledger, changes and tables against what the servers know."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import output
from crawler.demo.article import DemoArticle, articles
from crawler.demo.markup import to_text
from crawler.runs import Ledger, SiteCounts
from crawler.settings import Keep, Settings
from crawler.site import Site
from output.job import run_job

from .clinic import clinic, page, path_of, profile, relink
from .crawler.website import Reply, Website, serve

NIGHTS = 30
SENTENCES = [
    sentence
    for article in articles("portal")
    for line in to_text(article.body)
    for sentence in re.split(r"(?<=[.!?]) ", line)
    if 80 < len(sentence) < 300 and "|" not in sentence
]
"""What pages are given to say in addition, each once."""


@dataclass
class Known:
    """What the server of one site knows of itself."""

    site: Website
    waiting: list[DemoArticle]
    """Articles that are not written yet."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """The pages as they were last night."""
    missing: set[str] = field(default_factory=set)
    """Deleted today: a page is gone when it was missed twice."""
    gone: dict[str, int] = field(default_factory=dict)
    """Gone for the dataset, with the status."""
    said: list[tuple[str, str]] = field(default_factory=list)
    """Paragraphs that were added, and to which pages."""
    leaving: set[str] = field(default_factory=set)
    """Deleted yesterday: gone today."""

    def pass_a_day(self, chance: random.Random) -> None:
        """Add, change and delete a few pages."""
        self.before = dict(self.site.pages)
        self.gone |= {path: self.status(path) for path in self.leaving}
        self.leaving, self.missing = self.missing, set()
        alive = [path for path in self.articles() if path not in self.leaving]
        for path in chance.sample(alive, chance.choice([0, 0, 1, 2])):
            said = SENTENCES.pop()
            html = str(self.site.pages[path])
            self.site.pages[path] = html.replace("</p>", f" {escape(said, quote=False)}</p>", 1)
            self.said.append((path, said))
        if chance.random() < 0.4:
            path = chance.choice(alive)
            self.missing.add(path)
            self.site.pages[path] = Reply(chance.choice([404, 410]), b"<h1>Not here</h1>")
        for _ in range(chance.choice([0, 1, 1, 2])):
            if self.waiting:
                article = self.waiting.pop()
                self.site.pages[path_of(article)] = page(article)
        relink(self.site)

    def articles(self) -> set[str]:
        return {path for path, answer in self.site.pages.items() if path != "/" and isinstance(answer, str)}

    def status(self, path: str) -> int:
        answer = self.site.pages[path]
        assert isinstance(answer, Reply)
        return answer.status

    @property
    def new(self) -> set[str]:
        return {
            path
            for path, answer in self.site.pages.items()
            if path not in self.before and isinstance(answer, str)
        }

    @property
    def changed(self) -> set[str]:
        return {
            path
            for path in self.articles() | {"/"}
            if path in self.before and self.before[path] != self.site.pages[path]
        }

    @property
    def unchanged(self) -> set[str]:
        return (self.articles() | {"/"}) - self.new - self.changed

    @property
    def standing(self) -> set[str]:
        """Articles that the dataset must have."""
        return self.articles() | self.missing


def check_ledger(known: Known, counts: SiteCounts) -> None:
    asked_in_vain = known.missing | known.leaving
    assert (counts.new, counts.changed, counts.unchanged, counts.gone) == (
        len(known.new),
        len(known.changed),
        len(known.unchanged),
        len(known.leaving),
    )
    assert counts.fetched == len(known.new) + len(known.changed)
    told = {"200": counts.fetched, "304": len(known.unchanged)}
    for path in asked_in_vain:
        status = str(known.status(path))
        told[status] = told.get(status, 0) + 1
    assert counts.statuses == {status: number for status, number in told.items() if number}
    assert (counts.articles, counts.failed) == (len(known.standing), {})
    assert counts.pages == len(known.standing) + 1
    assert (counts.again, counts.missed) == (
        len(known.changed) + len(known.unchanged) + len(asked_in_vain),
        len(asked_in_vain),
    )


def check_tables(known: Known, tables: Mapping[str, pd.DataFrame], name: str) -> None:
    articles = tables["articles"].query("site == @name").set_index("url")
    origin = known.site.origin
    new, changed = known.new - {"/"}, known.changed - {"/"}
    expected = {origin + path: "unchanged" for path in known.standing}
    expected |= {origin + path: "new" for path in new}
    expected |= {origin + path: "changed" for path in changed}
    expected |= {origin + path: "gone" for path in {*known.gone, *known.leaving}}
    assert articles["status"].to_dict() == expected
    changes = tables["changes"].query("site == @name").set_index("url")["change"].to_dict()
    assert changes == {
        **{origin + path: "added" for path in new},
        **{origin + path: "changed" for path in changed},
        **{origin + path: "removed" for path in known.leaving},
    }
    for path, said in known.said:
        if path in known.articles():  # one may be edited and deleted on the same day
            assert said in articles.loc[origin + path, "text"]
    (row,) = [row for row in tables["runs"].iloc[-1]["sites"] if row["site"] == name]
    assert (row["fetched"], row["unchanged"], row["known"]) == (
        len(known.new) + len(known.changed),
        len(known.unchanged),
        len(known.standing),
    )


@pytest.mark.slow
def test_thirty_nights(tmp_path: Path) -> None:
    chance = random.Random(11)
    stocks = {"clinic": articles("cms"), "surgery": articles("qa")}
    written = {name: stock[:9] for name, stock in stocks.items()}
    with serve(clinic(written["clinic"])) as one, serve(clinic(written["surgery"])) as other:
        knows = {
            "clinic": Known(one, stocks["clinic"][9:]),
            "surgery": Known(other, stocks["surgery"][9:]),
        }
        sites: list[Site] = [profile(known.site, name) for name, known in knows.items()]
        settings = Settings(keep=Keep(versions=3, warc_days=7))
        ids: dict[str, frozenset[str]] = {}
        for day in range(NIGHTS):
            if day:
                for known in knows.values():
                    known.pass_a_day(chance)
            job = run_job(sites, tmp_path, settings)
            assert job.version is not None, (day, job.gates, job.failures)
            tables = output.load(job.version)
            _, ledger = Ledger(tmp_path / "runs.sqlite").show(job.run.run_id)
            findings = tables["findings"].groupby("url")["finding_id"].agg(frozenset).to_dict()
            for name, known in knows.items():
                check_ledger(known, ledger[name][0])
                check_tables(known, tables, name)
                for path in known.unchanged - {"/"}:
                    url = known.site.origin + path
                    assert findings.get(url) == ids.get(url, findings.get(url)), (
                        "ids are kept while the text is"
                    )
                roles = tables["findings"].query("site == @name")
                alive = set(tables["articles"].query("site == @name and status != 'gone'")["url"])
                assert sum(ledger[name][0].findings.values()) == int(roles["url"].isin(alive).sum())
            ids = findings
    runs = Ledger(tmp_path / "runs.sqlite").runs(100)
    assert [run.exit_code for run in runs] == [0] * NIGHTS
    assert len({run.dataset_version for run in runs}) == NIGHTS
    assert sum(len(known.gone) for known in knows.values()) >= 5
