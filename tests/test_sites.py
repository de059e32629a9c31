"""`consilia sites`: profiles are listed, checked and tried."""

import json
from pathlib import Path

from .command import ARTICLES, consilia
from .crawler.website import Website, serve


def test_trying_a_profile_shows_what_would_be_taken_and_refused(tmp_path: Path) -> None:
    with serve(Website(dict(ARTICLES))) as site:
        (tmp_path / "web.toml").write_text(site.profile())
        told = consilia("sites", "try", "web.toml", "--json", cwd=tmp_path).stdout
    rows = {json.loads(line)["url"].removeprefix(site.origin): json.loads(line) for line in told.splitlines()}
    assert {path: row["becomes"] for path, row in rows.items()} == {
        "/": "refused",
        "/hiccups": "article",
        "/dry-eyes": "article",
        "/diary": "refused",
    }
    assert (rows["/hiccups"]["title"], rows["/hiccups"]["causes"]) == ("What causes hiccups?", 3)
    assert rows["/diary"]["because"].startswith("login or sign-up page")
    assert list(tmp_path.iterdir()) == [tmp_path / "web.toml"]


def test_a_layout_that_matches_nothing_is_told(tmp_path: Path) -> None:
    with serve(Website(dict(ARTICLES))) as site:
        (tmp_path / "web.toml").write_text(site.profile() + '\n[[layout]]\nbody = "div.post"\n')
        told = consilia("sites", "try", "web.toml", "--json", cwd=tmp_path).stdout
    because = {row["becomes"]: row["because"] for row in map(json.loads, told.splitlines())}
    assert because["article"] == "the profile's layout says 'div.post', which matches nothing here"


def test_trying_a_dead_site_says_so(tmp_path: Path) -> None:
    with serve(Website({})) as site:
        (tmp_path / "web.toml").write_text(site.profile())
    done = consilia("sites", "try", "web.toml", cwd=tmp_path, code=1)
    assert "consilia: web: unreachable: 127.0.0.1:" in done.stderr


def test_bundled_profiles_are_listed(tmp_path: Path) -> None:
    assert "example" in consilia("sites", "list", cwd=tmp_path).stdout
