"""The portal of the 2000s: table layout, flattened articles, neighbours, teasers cut by length, and careless charsets."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.resources import files
from zlib import crc32

from .article import DemoArticle
from .face import Face, Refused, newest_first, noon
from .markup import to_flat_lines, to_text
from .resource import Resource

TEASER = 49
"""Characters before the dots of a teaser, as on the seed page."""

_TEASERS = 15
_PER_PAGE = 5

_EPOCH = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Charset:
    """How a page is encoded, and what it says about that."""

    encoding: str = "utf-8"
    """The truth, as a Python codec."""
    header: str = "utf-8"
    """What Content-Type says; "" for a header without charset."""
    meta: str = ""
    """What the page's own meta tag says; "" for none."""
    validated: bool = False
    """Whether Last-Modified is sent: the others leave it to the crawler to see that nothing changed."""


class Portal(Face):
    """Site (b)."""

    name = "portal"

    def __init__(self, origin: str, refused: Sequence[Refused]) -> None:
        """Read which page has which charset."""
        super().__init__(origin, refused)
        source = (files(__package__) / "portal_charsets.toml").read_text("utf-8")
        self.charsets = {slug: Charset(**values) for slug, values in tomllib.loads(source).items()}

    def path_of(self, article: DemoArticle) -> str:
        """By a number made of the slug."""
        return f"/detail/{_number(article.slug)}.html"

    def published(self, article: DemoArticle) -> DemoArticle:
        """With curly quotes where the charset is meant to matter."""
        return article.curled() if article.slug in self.charsets else article

    def listed(self, articles: Sequence[DemoArticle]) -> list[DemoArticle]:
        """Those that the site links to: every third is found through its neighbours only."""
        return [article for at, article in enumerate(newest_first(articles)) if at % 3 != 1]

    def build(self, articles: Sequence[DemoArticle]) -> dict[str, Resource]:
        """Articles, the index page by page, robots.txt."""
        chain = newest_first(articles)
        pages = {self.path_of(article): self._article(article, chain) for article in chain}
        pages |= {self._print_path(article): self._printed(article) for article in chain}
        pages |= self._index(chain)
        for refused in self.refused:
            if refused.template:
                html = self.render(
                    refused.template,
                    title=refused.title,
                    lines=to_flat_lines(refused.body),
                    hot=self.listed(chain)[:6],
                    charset=Charset(),
                )
                pages[refused.path] = Resource(html.encode(), zipped=False)
            elif refused.copy_of:
                original = next((article for article in articles if article.slug == refused.copy_of), None)
                if original:
                    pages[refused.path] = self._article(original, chain)
        robots = self.render("robots.txt").replace("\n", "\r\n").encode()
        pages["/robots.txt"] = Resource(robots, "text/plain", zipped=False)
        return pages

    def missing(self) -> Resource:
        """A bare server message."""
        html = "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>"
        return Resource(html.encode("ascii"), "text/html", status=404, zipped=False)

    def _article(self, article: DemoArticle, chain: list[DemoArticle]) -> Resource:
        at = chain.index(article)
        charset = self._charset(article)
        shown = self.published(article)
        listed = self.listed(chain)
        others = [other for other in (*chain[at + 1 :], *chain[:at]) if other is not article]
        html = self.render(
            "article.html",
            article=shown,
            title=shown.title,
            lines=to_flat_lines(shown.body),
            before=chain[at - 1] if at else None,
            after=chain[at + 1] if at + 1 < len(chain) else None,
            teasers=[
                (self.path_of(other) if other in listed else "", teaser(other, escaped=True))
                for other in others[:_TEASERS]
            ],
            charset=charset,
            variant=_number(article.slug) % 3,
            hot=listed[:6],
        )
        return Resource(
            html.encode(charset.encoding, "xmlcharrefreplace"),
            f"text/html; charset={charset.header}" if charset.header else "text/html",
            last_modified=noon(article.modified) if charset.validated else None,
            zipped=False,
        )

    def _printed(self, article: DemoArticle) -> Resource:
        lines = to_flat_lines(article.body)
        html = self.render("print.html", title=article.title, lines=lines)
        return Resource(html.encode(), zipped=False)

    def _print_path(self, article: DemoArticle) -> str:
        return self.path_of(article).replace("/detail/", "/print/")

    def _index(self, chain: list[DemoArticle]) -> dict[str, Resource]:
        listed = self.listed(chain)
        count = max(1, -(-len(listed) // _PER_PAGE))
        paths = ["/" if page == 1 else f"/list_{page}.html" for page in range(1, count + 1)]
        pages = {}
        for at, path in enumerate(paths):
            here = listed[at * _PER_PAGE : (at + 1) * _PER_PAGE]
            html = self.render(
                "index.html",
                title="Health of mother and child",
                entries=[
                    (article, self.path_of(article), teaser(article, escaped=False)) for article in here
                ],
                paths=paths,
                number=at + 1,
                hot=listed[:6],
                charset=Charset(),
            )
            pages[path] = Resource(html.encode(), zipped=False)
        return pages

    def _charset(self, article: DemoArticle) -> Charset:
        return self.charsets.get(article.slug, Charset())


def teaser(article: DemoArticle, *, escaped: bool) -> str:
    """The article's first characters and three dots; cut before or, as careless portals do, after escaping."""
    text = " ".join(to_text(article.body))
    return f"{(escape(text) if escaped else text)[:TEASER]}..."


def _number(slug: str) -> int:
    return 1000 + crc32(slug.encode()) % 90_000
