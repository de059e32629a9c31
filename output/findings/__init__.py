"""Article in, findings out: causes, advice, symptoms, each a span of the article's text."""

from .finding import Finding, Role
from .find import find
from .subject import Subject, describe

__all__ = ["Finding", "Role", "Subject", "describe", "find"]
