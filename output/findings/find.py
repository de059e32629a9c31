"""The stage as a recipe: passages, subject, roles, findings."""

from cleaning.article import Article

from .compose import compose
from .cues import cues_of
from .decide import decide
from .finding import Finding
from .subject import describe, language_of
from .units import lay_out, mask_of


def find(article: Article) -> list[Finding]:
    """List the article's findings in reading order; none on a page that describe() refuses."""
    cues = cues_of(language_of(article))
    subject = describe(article)
    if subject.refused:
        return []
    mask = mask_of(subject.topic, subject.alternate_names, cues)
    return compose(decide(lay_out(article, cues, mask), cues), cues, mask)
