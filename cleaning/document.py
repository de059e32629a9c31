"""Bytes to text: which charset a page is in, and whether it is HTML or already flattened."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Document:
    """A page's source as text."""

    text: str
    """HTML source or flattened text. No NUL, no lone surrogate."""
    kind: Literal["html", "text"]
    url: str = ""
    encoding: str = "utf-8"
    """WHATWG name of the charset that the bytes were read in."""
    encoding_source: Literal["bom", "header", "meta", "sniffed", "repaired", "given"] = "given"
