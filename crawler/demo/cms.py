"""The modern content-management system: sitemaps, validators, JSON-LD, and a good deal around each article."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from .article import DemoArticle
from .face import Face, lead, newest_first, noon
from .markup import to_html, to_text
from .resource import Resource

SECTIONS = {
    "aches": "Aches & Pains",
    "children": "Children",
    "digestion": "Digestion",
    "skin": "Skin",
    "everyday": "Everyday Health",
}
"""Part of the path, and its name in the menu."""

_PEOPLE = {
    "Hannah Brandt": "writes about everyday health. She trained as a nurse and worked in a walk-in clinic for nine years.",
    "Daniel Okoye": "is a health writer and a keen weekend footballer with a drawer full of ankle supports.",
    "Marta Lindqvist": "has covered family health since 2012 and lives with two children and a very old cat.",
}

_COMMENTS = (
    ("Rosie", "Thank you, this was clearer than anything else I found this week."),
    ("T. Ahmed", "We have been through this with all three of ours. It does get better!"),
    (
        "Gran of four",
        "In my day we put a cold key down the back of the neck and nobody wrote articles about it.",
    ),
    ("Pavel", "Bookmarked. My wife says I should have read it a month ago."),
    ("Lou", "Could you write something about the same problem in older people please?"),
    ("marathon_mo", "Eat a banana and stop worrying, that's what I always tell people at the club."),
    ("Jen K", "The photo made me laugh, that is exactly my bathroom cabinet."),
    ("Sunita", "Mine was caused by my new shoes, I am sure of it, whatever anyone says."),
)

_MOVED = {"/health/stomach/heartburn": "/health/digestion/heartburn"}
"""Addresses of an earlier order of things, and where they lead now."""

_EPOCH = date(2026, 1, 5)
"""When the pages that have no date of their own were last touched."""


class Cms(Face):
    """Site (a)."""

    name = "cms"

    def path_of(self, article: DemoArticle) -> str:
        """By section and slug."""
        return f"/health/{article.section}/{article.slug}"

    def build(self, articles: Sequence[DemoArticle]) -> dict[str, Resource]:
        """Articles, sections, sitemaps, robots.txt, style sheet."""
        ordered = newest_first(articles)
        shared: dict[str, Any] = {
            "sections": SECTIONS,
            "popular": sorted(articles, key=lambda one: one.title)[:5],
        }
        pages = {self.path_of(article): self._article(article, ordered, shared) for article in ordered}
        for section, name in SECTIONS.items():
            inside = [article for article in ordered if article.section == section]
            pages[f"/health/{section}/"] = self._page(
                "index.html", _newest(inside), title=name, listed=inside, lead=lead, **shared
            )
        pages["/"] = self._page(
            "index.html", _newest(ordered), title="", listed=ordered[:8], lead=lead, **shared
        )
        for refused in self.refused:
            if refused.template:
                pages[refused.path] = self._page(
                    refused.template,
                    _EPOCH,
                    title=refused.title,
                    path=refused.path,
                    body=to_html(refused.body),
                    **shared,
                )
            elif refused.copy_of:
                original = next((article for article in articles if article.slug == refused.copy_of), None)
                if original:
                    pages[refused.path] = self._article(original, ordered, shared)
        pages |= {old: Resource(b"", status=301, location=new) for old, new in _MOVED.items()}
        return pages | self._files(ordered)

    def missing(self) -> Resource:
        """A friendly 404."""
        html = self.render("missing.html", title="Page not found", sections=SECTIONS, popular=[], path="")
        return Resource(html.encode(), status=404)

    def _article(self, article: DemoArticle, ordered: list[DemoArticle], shared: dict[str, Any]) -> Resource:
        number = sum(
            article.slug.encode()
        )  # varies the furniture from page to page, and stays when others come and go
        related = [other for other in ordered if other.section == article.section and other is not article][
            :3
        ]
        comments = [_COMMENTS[(number + step) % len(_COMMENTS)] for step in range(number % 4)]
        return self._page(
            "article.html",
            article.modified,
            article=article,
            title=article.title,
            path=self.path_of(article),
            body=to_html(article.body, article.layout, f"/health/{article.section}/{{}}"),
            section=SECTIONS[article.section],
            related=related,
            comments=comments,
            number=number,
            bio=_PEOPLE.get(article.author, "is a guest author."),
            summary=lead(article, 140),
            headings=[line.lstrip("# ") for line in article.body.splitlines() if line.startswith("## ")],
            minutes=max(1, round(sum(len(line.split()) for line in to_text(article.body)) / 200)),
            json_ld=self._json_ld(article).replace("<", "\\u003c"),
            lead=lead,
            **shared,
        )

    def _page(self, template: str, modified: date, **values: Any) -> Resource:
        html = self.render(template, **values)
        return Resource(html.encode(), last_modified=noon(modified), tagged=True)

    def _json_ld(self, article: DemoArticle) -> str:
        graph = [
            {
                "@type": "MedicalWebPage",
                "headline": article.title,
                "url": self.url_of(article),
                "datePublished": article.published.isoformat(),
                "dateModified": article.modified.isoformat(),
                "inLanguage": "en",
                "author": {"@type": "Person", "name": article.author},
                "publisher": {"@type": "Organization", "name": "Wellhouse"},
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": 1, "name": "Home", "item": f"{self.origin}/"},
                    {"@type": "ListItem", "position": 2, "name": SECTIONS[article.section]},
                ],
            },
        ]
        return json.dumps({"@context": "https://schema.org", "@graph": graph})

    def _files(self, ordered: list[DemoArticle]) -> dict[str, Resource]:
        touched = _newest(ordered)
        pages = [refused for refused in self.refused if refused.template and refused.stage == "cleaning"]
        texts: dict[str, tuple[str, str, dict[str, Any]]] = {
            "/robots.txt": ("robots.txt", "text/plain; charset=utf-8", {}),
            "/assets/site.css": ("site.css", "text/css; charset=utf-8", {}),
            "/sitemap.xml": ("sitemap.xml", "application/xml", {"touched": touched, "epoch": _EPOCH}),
            "/sitemap-articles.xml": ("sitemap-articles.xml", "application/xml", {"articles": ordered}),
            "/sitemap-pages.xml": (
                "sitemap-pages.xml",
                "application/xml",
                {"pages": pages, "sections": SECTIONS, "epoch": _EPOCH},
            ),
        }
        return {
            path: Resource(
                self.render(template, **values).encode(),
                content_type,
                last_modified=noon(touched),
                tagged=True,
            )
            for path, (template, content_type, values) in texts.items()
        }


def _newest(articles: Sequence[DemoArticle]) -> date:
    """When the last of them was changed."""
    return max((article.modified for article in articles), default=_EPOCH)
