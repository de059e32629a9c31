"""What a page says about being reused: its licence, robots rules and reservation of text and data mining."""

import re
from dataclasses import dataclass, field, replace
from importlib import resources

from crawler.page import Page
from crawler.pagerules import PageRules, page_rules


@dataclass(frozen=True, slots=True)
class Rights:
    """Stated by page and server."""

    license: str = ""
    rules: PageRules = field(default_factory=PageRules)

    @property
    def shareable(self) -> bool:
        """An open licence is stated and nothing is reserved."""
        return is_open(self.license) and not self.rules.reserved


def read_rights(page: Page | None, license_: str = "") -> Rights:
    """What the page says in its headers and its meta elements; where it is silent, what its host says of it in tdmrep.json."""
    if page is None:
        return Rights(license_)
    rules = page_rules(page.headers, page.body)
    if rules.tdm_reserved is None:
        rules = replace(rules, tdm_reserved=page.tdm_reserved)
    return Rights(license_, rules)


def is_open(license_: str) -> bool:
    """Whether the stated licence is one of those in open_licenses.txt."""
    stated = re.sub(
        r"[\s_-]+", " ", license_.lower().removeprefix("http://").removeprefix("https://")
    ).strip()
    # A licence that forbids commerce or changes ("by-nc", "by-nd") is not open.
    if not stated or re.search(r"\b(?:nc|nd|noncommercial|no ?derivatives)\b", stated):
        return False
    return any(stated.startswith(name) for name in _open_licenses())


def _open_licenses() -> tuple[str, ...]:
    lines = (resources.files(__package__) / "open_licenses.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
