"""A page in, the article's own words out."""

from .article import Article, NotAnArticle, clean, clean_text, main_text

__all__ = ["Article", "NotAnArticle", "clean", "clean_text", "main_text"]
