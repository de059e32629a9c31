"""What the article is about, and about whom."""

from dataclasses import dataclass

from cleaning.article import Article


@dataclass(frozen=True, slots=True)
class Subject:
    """The condition or aim of a page."""

    topic: str
    """Lower case, without population and setting: "leg cramps"."""
    source: str = ""
    """title, heading, lead or frequency."""
    alternate_names: tuple[str, ...] = ()
    population: str = ""
    """children, infants, pregnant women, older adults, men, women …; "" for everyone."""
    audience: str = ""
    """patients, parents, carers or professionals; "" if not told."""


def describe(article: Article) -> Subject:
    """Name the article's topic and population."""
    raise NotImplementedError
