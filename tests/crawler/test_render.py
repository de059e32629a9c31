"""Pages that are empty without their scripts. Needs the extra `js` and a Chromium; skipped, and told so, without them."""

from pathlib import Path

import pytest

from crawler.archive import read_pages
from crawler.crawl import crawl
from crawler.render import NoBrowser, browser_path
from crawler.site import read_site

from .website import Reply, Website, article, serve

try:
    browser_path()
except NoBrowser as missing:
    pytest.skip(str(missing), allow_module_level=True)

SHELL = """<html><body><div id=app></div><script>
fetch("/api/leg-cramps").then(r => r.text()).then(t => { document.getElementById("app").innerHTML = t; });
fetch("%s/secret").then(r => r.text()).then(t => { document.title = t; });
fetch("/private/api").then(r => r.text()).then(t => { document.title = t; });
</script><img src="/picture.png"></body></html>"""


def test_scripts_are_run_behind_the_guard_and_robots_txt(tmp_path: Path) -> None:
    with serve(Website({"/secret": "secret"})) as inner, serve(Website({})) as web:
        api = Reply(
            200,
            b'<h1>Leg cramps</h1><p>Stretch.</p><a href="/health/next">next</a>',
            content_type="text/html",
        )
        web.pages.update(
            {
                "/": SHELL % inner.origin,
                "/api/leg-cramps": api,
                "/private/api": "private",
                "/health/next": article(2),
                "/robots.txt": "User-agent: *\nDisallow: /private/\n",
            }
        )
        (summary,) = crawl([read_site(web.profile(javascript="true"), "web.toml")], tmp_path).sites
        assert (summary.new, summary.failed, summary.refused) == (2, (), ())
        pages = {page.url.removeprefix(web.origin): page for page in read_pages([tmp_path / "archive"])}
        assert b"<p>Stretch.</p>" in pages["/"].body
        assert b"secret" not in pages["/"].body.replace(b"/secret", b"")
        assert pages["/"].header("X-Archive-Rendered") == "chromium"
        assert inner.hits == []
        assert {"/private/api", "/picture.png"}.isdisjoint(web.asked())
        assert web.asked()["/"] == 1, "the page itself is fetched once, by the crawler"
