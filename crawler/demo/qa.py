"""The question-and-answer site: feeds, folded answers, definition lists, tables, plain prose."""

from collections.abc import Sequence
from datetime import date
from email.utils import format_datetime
from zlib import crc32

from .article import DemoArticle
from .face import Face, lead, newest_first, noon
from .markup import to_html
from .resource import Resource

TOPICS = {
    "head": "Head, eyes and ears",
    "stomach": "Stomach and mouth",
    "skin-and-feet": "Skin and feet",
    "muscles": "Muscles and joints",
    "sleep-and-mood": "Sleep and mood",
    "little-ones": "Little ones",
}

_IN_FEED = 10
_EPOCH = date(2026, 1, 5)


class Qa(Face):
    """Site (c)."""

    name = "qa"

    def path_of(self, article: DemoArticle) -> str:
        """Guides under /faq, single questions under a number."""
        if article.layout == "details":
            return f"/faq/{article.slug}"
        return f"/questions/{100 + crc32(article.slug.encode()) % 9000}/{article.slug}"

    def build(self, articles: Sequence[DemoArticle]) -> dict[str, Resource]:
        """Articles, topics, both feeds, robots.txt, style sheet."""
        ordered = newest_first(articles)
        pages = {self.path_of(article): self._article(article, ordered) for article in ordered}
        for topic, name in TOPICS.items():
            inside = [article for article in ordered if article.section == topic]
            pages[f"/topics/{topic}"] = self._page("index.html", title=name, listed=inside)
        pages["/"] = self._page("index.html", title="", listed=ordered[:8])
        for refused in self.refused:
            if refused.template:
                body = to_html(refused.body)
                pages[refused.path] = self._page(refused.template, title=refused.title, body=body)
            elif refused.copy_of:
                original = next((article for article in articles if article.slug == refused.copy_of), None)
                if original:
                    pages[refused.path] = self._article(original, ordered)
        guides = [article for article in ordered if article.layout == "details"]
        questions = [article for article in ordered if article.layout != "details"][:_IN_FEED]
        return pages | {
            "/feed.rss": self._file("feed.rss", "application/rss+xml; charset=utf-8", articles=questions),
            "/feed.atom": self._file("feed.atom", "application/atom+xml; charset=utf-8", articles=guides),
            "/robots.txt": self._file("robots.txt", "text/plain; charset=utf-8"),
            "/site.css": self._file("site.css", "text/css; charset=utf-8"),
        }

    def missing(self) -> Resource:
        """The site's own 404."""
        html = self.render(
            "plain.html", title="Not here", topics=TOPICS, body="We have no such question (yet)."
        )
        return Resource(html.encode(), status=404)

    def rss_date(self, day: date) -> str:
        """As RSS writes dates."""
        return format_datetime(noon(day))

    def _article(self, article: DemoArticle, ordered: list[DemoArticle]) -> Resource:
        number = crc32(article.slug.encode())
        body = to_html(article.body, article.layout, "/find/{}")
        same = [other for other in ordered if other.section == article.section and other is not article]
        html = self.render(
            "article.html",
            article=article,
            title=article.title,
            topics=TOPICS,
            body=body,
            related=same,
            votes=number % 40 + 3,
            asker=("puzzled_in_porto", "Noor", "k8", "TiredDad", "M. Lefebvre")[number % 5],
            guide=article.layout == "details",
        )
        return Resource(html.encode(), last_modified=noon(article.modified), tagged=bool(number % 2))

    def _page(self, template: str, **values: object) -> Resource:
        html = self.render(template, topics=TOPICS, lead=lead, **values)
        return Resource(html.encode(), tagged=True)

    def _file(self, template: str, content_type: str, **values: object) -> Resource:
        return Resource(self.render(template, lead=lead, **values).encode(), content_type, tagged=True)
