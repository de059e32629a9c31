"""The stage as a recipe: passages, subject, roles, findings."""

from cleaning.article import Article

from .compose import compose
from .cues import cues_of
from .decide import decide
from .finding import Finding
from .model import Model, load
from .subject import Subject, describe, language_of
from .units import lay_out, mask_of


def find(article: Article, subject: Subject | None = None) -> list[Finding]:
    """List the article's findings in reading order; none on a page that describe() refuses. `subject`: what it said, where that is at hand."""
    return find_with(article, load(), subject)


def find_with(article: Article, model: Model | None, subject: Subject | None = None) -> list[Finding]:
    """The same with other weights, or with cues alone (None, and in Chinese)."""
    subject = subject or describe(article)
    if subject.refused:
        return []
    cues = cues_of(language_of(article))
    if cues.language != "en":
        model = None
    mask = mask_of(subject.topic, subject.alternate_names, cues)
    units = lay_out(article, cues, mask, known_topic=subject.known)
    return compose(decide(units, cues, model), cues, mask)
