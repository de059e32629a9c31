"""Trying a profile shows what would be taken, and why the rest would not."""

import tempfile
from pathlib import Path

from crawler.site import read_site
from crawler.trial import try_site
from crawler.visits import Outcome

from .website import Reply, Website, library, serve


def test_a_trial_asks_for_a_handful_and_keeps_nothing() -> None:
    before = set(Path(tempfile.gettempdir()).glob("consilia-try-*"))
    with serve(Website({**library(100), "/health/page-1": Reply(403)})) as web:
        trial = try_site(
            read_site(web.profile(article=["^/health/"], skip=["^/list/[1-9]"]), "web.toml"), pages=8
        )
        assert web.pages_asked == 8
    assert set(Path(tempfile.gettempdir()).glob("consilia-try-*")) == before
    kinds = [tried.kind for tried in trial.tried]
    assert kinds == ["start", "index", *["page"] * 6]
    told = {tried.url.removeprefix(web.origin): tried for tried in trial.tried}
    assert told["/health/page-0"].article
    page = told["/health/page-0"].page
    assert page
    assert b"complaint number 0" in page.body
    assert (told["/health/page-1"].outcome, told["/health/page-1"].reason) == (Outcome.REFUSED, "status 403")
    assert told["/list/0"].article is False
    assert trial.passed_over == {"the profile skips it": 4}
    assert trial.summary.finish_reason == "budget: pages"
