"""A web site of the demo's articles that tests edit from night to night, and runs over it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from crawler.demo.article import DemoArticle, articles
from crawler.demo.markup import to_html, to_text
from crawler.settings import Settings
from crawler.site import Site, read_site
from output.job import Job, run_job

from .crawler.website import Website

ARTICLES: Sequence[DemoArticle] = articles("cms")


def path_of(article: DemoArticle) -> str:
    return f"/health/{article.slug}"


def page(article: DemoArticle, layout: str = "plain") -> str:
    """The article in the site's usual layout; in one that loads its text by script; or cut short after a few words, to be paid for."""
    body = {
        "plain": lambda: to_html(article.body, link="#{}"),
        "script": lambda: (
            f'<div id="app" data-article="{article.slug}"></div><noscript>Please enable JavaScript.</noscript>'
        ),
        "teaser": lambda: (
            f"<p>{escape(' '.join(to_text(article.body))[:180])} …</p><p>Subscribe to read on.</p>"
        ),
    }[layout]()
    return (
        f'<html lang="en"><head><title>{escape(article.title)} | Clinic</title></head><body><nav><a href="/">Home</a></nav>'
        f"<article><h1>{escape(article.title)}</h1>{body}</article><footer>© Clinic. All rights reserved.</footer></body></html>"
    )


def clinic(shown: Sequence[DemoArticle] = ARTICLES, layout: str = "plain") -> Website:
    """The whole site: a start page that links every article."""
    site = Website({path_of(article): page(article, layout) for article in shown})
    relink(site)
    return site


def relink(site: Website) -> None:
    """Set the start page anew: it links the articles there are."""
    there = sorted(path for path, answer in site.pages.items() if path != "/" and isinstance(answer, str))
    links = "".join(f'<li><a href="{path}">{path[8:]}</a></li>' for path in there)
    site.pages["/"] = f"<html><head><title>Clinic</title></head><body><ul>{links}</ul></body></html>"


def profile(site: Website, name: str = "clinic", **more: Any) -> Site:
    """Its profile: every page is asked for every night."""
    text = site.profile(name, article="['/health/']", **{"revisit": {"share": 0}, **more})
    return read_site(text, f"{name}.toml")


def night(site: Site, data: Path, settings: Settings | None = None, **more: Any) -> Job:
    """One run."""
    return run_job([site], data, settings or Settings(), **more)
