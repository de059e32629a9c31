"""The stage as a recipe: passages, subject, roles, findings."""

from cleaning.article import Article

from .finding import Finding


def find(article: Article) -> list[Finding]:
    """List the article's findings in reading order."""
    raise NotImplementedError
