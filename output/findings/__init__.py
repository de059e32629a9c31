"""Article in, findings out: causes, advice, symptoms, each a span of the article's text."""

from .find import find
from .finding import Finding, Role
from .subject import Subject, describe

__all__ = ["Finding", "Role", "Subject", "describe", "find"]
