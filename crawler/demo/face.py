"""What the three demo sites have in common: articles in, every path of the site out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from re import sub
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .article import DemoArticle
from .markup import to_text
from .resource import Resource

_TEMPLATES = Environment(
    loader=PackageLoader("crawler.demo"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A page of a demo site that must not become an article."""

    site: str
    path: str
    stage: str
    """Where it must stop: "passed over" (never asked for), fetch, cleaning, or dataset (a duplicate)."""
    reason: str
    """In the words of that stage."""
    template: str = ""
    """The page's template; "" for a page that the site has anyway."""
    title: str = ""
    body: str = ""
    """Small markup, see markup.py."""
    copy_of: str = ""
    """The slug of the article that stands here a second time."""


class Face(ABC):
    """How one of the sites looks and answers."""

    name: str

    def __init__(self, origin: str, refused: Iterable[Refused]) -> None:
        """Stand at an origin ("http://127.0.0.1:8471")."""
        self.origin = origin
        self.refused = tuple(page for page in refused if page.site == self.name)

    @abstractmethod
    def path_of(self, article: DemoArticle) -> str:
        """Where an article lives; does not change when others come and go."""

    @abstractmethod
    def build(self, articles: Sequence[DemoArticle]) -> dict[str, Resource]:
        """Every path of the site."""

    @abstractmethod
    def missing(self) -> Resource:
        """The answer to any other path: status 404."""

    def url_of(self, article: DemoArticle) -> str:
        """An article's full address."""
        return self.origin + self.path_of(article)

    def render(self, template: str, **values: Any) -> str:
        """Fill one of this site's templates."""
        return _TEMPLATES.get_template(f"{self.name}/{template}").render(
            origin=self.origin, face=self, **values
        )

    def published(self, article: DemoArticle) -> DemoArticle:
        """The article as the site shows it."""
        return article


def newest_first(articles: Iterable[DemoArticle]) -> list[DemoArticle]:
    """By date of publication, then by slug."""
    return sorted(articles, key=lambda article: (-article.published.toordinal(), article.slug))


def noon(day: date) -> datetime:
    """A date as the moment of a validator."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def lead(article: DemoArticle, characters: int) -> str:
    """The article's first words, whole ones."""
    text = " ".join(to_text(article.body))
    return text if len(text) <= characters else sub(r"\W*\s\S*$", "", text[: characters + 1])
