"""The cue files in cues/: words of many languages, a TOML file for each thing that is told by them."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_cues(name: str) -> dict[str, Any]:
    """What cues/NAME.toml holds; not to be changed."""
    return tomllib.loads((files(__package__) / "cues" / f"{name}.toml").read_text("utf-8"))


def any_of(phrases: Iterable[str]) -> str:
    """A pattern that matches any of the phrases, the longest first."""
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
