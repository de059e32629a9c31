"""What a page says about being reused: its licence, robots rules and reservation of text and data mining."""

import re
from dataclasses import dataclass
from importlib import resources

from crawler.page import Page

HEAD_BYTES = 65_536
"""How much of a page is searched for meta elements: they belong to head, whose end lies far before this."""

_META = re.compile(rb"<meta\b[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rights:
    """Stated by page and server; "" or None where they say nothing."""

    license: str = ""
    robots: str = ""
    """Rules, lower case, sorted, comma separated."""
    tdm_reservation: bool | None = None

    @property
    def shareable(self) -> bool:
        """An open licence is stated and nothing is reserved."""
        return (
            is_open(self.license)
            and not self.tdm_reservation
            and not {"noindex", "noarchive", "none", "noai"} & set(self.robots.split(","))
        )


def read_rights(page: Page | None, license_: str = "") -> Rights:
    """Collect the page's rules from its headers and its meta elements."""
    if page is None:
        return Rights(license_)
    rules: set[str] = set()
    reservation: bool | None = None
    for name, value in page.headers:
        lower = name.lower()
        if lower == "x-robots-tag":
            rules |= _rules(value)
        elif lower == "tdm-reservation":
            reservation = value.strip() == "1" or bool(reservation)
    for element in _META.findall(page.body[:HEAD_BYTES]):
        attributes = {
            m[1].lower(): (m[2] or m[3] or m[4] or "").strip()
            for m in _ATTRIBUTE.finditer(element.decode("latin-1"))
        }
        name, value = attributes.get("name", "").lower(), attributes.get("content", "")
        if name == "robots":
            rules |= _rules(value)
        elif name == "tdm-reservation":
            reservation = value == "1" or bool(reservation)
    return Rights(license_, ",".join(sorted(rules)), reservation)


def _rules(value: str) -> set[str]:
    """The rules of one directive that hold for every robot: "otherbot: noindex" is not ours."""
    rules = set()
    for part in value.lower().split(","):
        rule = part.strip()
        agent, colon, _ = rule.partition(":")
        if colon and agent not in (
            "unavailable_after",
            "max-snippet",
            "max-image-preview",
            "max-video-preview",
        ):
            break
        if rule and rule not in ("all", "index", "follow"):
            rules.add(rule)
    return rules


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
