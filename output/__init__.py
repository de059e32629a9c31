"""Articles in, a dataset of causes and advice out."""

from .findings import Finding, find

__all__ = ["Finding", "find"]
