"""The articles of the demo sites: their words, and the gold records that lie beside them."""

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class GoldFinding:
    """What a whole run should find in an article, in the page's own words."""

    role: str
    """As output.findings.Role, which the crawler may not import. At home without prescription is self_care, clinical is treatment,
    so as not to get it is prevention."""
    label: str
    text: str
    """A run of the page's visible text, on one line, without list marker."""
    polarity: str = ""
    """do, avoid, assert, negated; "" where it goes without saying."""
    hedge: bool = False


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """An article before any site has dressed it."""

    slug: str
    title: str
    topic: str
    body: str
    """Small markup, see markup.py."""
    published: date
    modified: date
    population: str = ""
    author: str = ""
    section: str = ""
    layout: str = ""
    """How the site sets the body: details, dl; "" for plain headings, paragraphs, lists and tables."""
    tags: tuple[str, ...] = ()
    findings: tuple[GoldFinding, ...] = ()

    def curled(self) -> "DemoArticle":
        """The same article with typographer's quotes, apostrophes and dashes between numbers, in its gold too."""
        findings = tuple(replace(found, text=_curl(found.text)) for found in self.findings)
        return replace(self, title=_curl(self.title), body=_curl(self.body), findings=findings)


def parse(slug: str, source: str) -> DemoArticle:
    """Read one article file. Raises ValueError naming the article and what is wrong with it."""
    try:
        values = tomllib.loads(source)
        values["modified"] = values.get("modified") or values["published"]
        values["body"] = values["body"].strip()
        values["tags"] = tuple(values.get("tags", ()))
        values["findings"] = tuple(GoldFinding(**finding) for finding in values.pop("finding", ()))
        return DemoArticle(slug=slug, **values)
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as trouble:
        raise ValueError(f"demo article {slug}: {trouble}") from trouble


def articles(site: str) -> list[DemoArticle]:
    """The bundled articles of a site, by slug."""
    folder = files(__package__) / "articles" / site
    sources = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=_name)
    return [parse(entry.name.removesuffix(".toml"), entry.read_text("utf-8")) for entry in sources]


def _name(entry: Any) -> str:
    return str(entry.name)


def _curl(text: str) -> str:
    ranged = re.sub(r"(?<=\d)-(?=\d)", "–", text.replace("'", "’"))
    return re.sub(r'(^|[\s(|])"', r"\1“", ranged, flags=re.MULTILINE).replace('"', "”")
