"""Pages with their main content, read from a folder laid out as WCXB's, and from Mozilla Readability's test pages."""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

FOLDS = 5
_WORD = re.compile(r"\w+")
_TWO_LABELS = frozenset(("ac", "co", "com", "edu", "gov", "gob", "net", "nhs", "or", "org"))


@dataclass(frozen=True, slots=True)
class Sample:
    """A page and what an extractor should make of it."""

    id: str
    url: str
    kind: str
    html: str
    content: str
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    title: str = ""

    @property
    def fold(self) -> int:
        """Pages of one domain are in one fold."""
        return zlib.crc32(domain(self.url).encode()) % FOLDS


def domain(url: str) -> str:
    """The registered domain, near enough: the last two labels, or three below co.uk and the like."""
    labels = (urlsplit(url).hostname or url).split(".")
    size = 3 if len(labels) > 2 and labels[-2] in _TWO_LABELS and len(labels[-1]) == 2 else 2
    return ".".join(labels[-size:])


def read_wcxb(folder: Path) -> Iterator[Sample]:
    """Pages in the order of the ground truth."""
    with gzip.open(folder / "ground-truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            html = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()).decode(
                "utf-8", "replace"
            )
            yield Sample(
                row["id"],
                row["url"],
                row["page_type"],
                html,
                row["main_content"] or "",
                tuple(row["with"] or ()),
                tuple(row["without"] or ()),
                row["title"] or "",
            )


def read_mozilla(folder: Path) -> Iterator[Sample]:
    """Mozilla's pages; the content is the text of the expected HTML."""
    from selectolax.lexbor import LexborHTMLParser

    from cleaning.blocks import lay_out

    with gzip.open(folder / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            content = "\n".join(lay_out(LexborHTMLParser(row["expected_html"]), plain=True).texts)
            yield Sample(row["id"], row["id"], "mozilla", row["html"], content)


def word_f1(text: str, content: str) -> tuple[float, float, float]:
    """F1, precision and recall of the bag of lower-cased words."""
    found, wanted = Counter(_WORD.findall(text.lower())), Counter(_WORD.findall(content.lower()))
    if not found and not wanted:
        return 1.0, 1.0, 1.0
    common = sum((found & wanted).values())
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / sum(found.values()), common / sum(wanted.values())
    return 2 * precision * recall / (precision + recall), precision, recall


def holds(text: str, snippet: str) -> bool:
    """Whether the text holds the snippet, white space folded."""
    return " ".join(snippet.split()) in text


# Pages on health, as far as a title or an address tells it.
_HEALTH = re.compile(
    r"health|medic|disease|symptom|treatment|therap|doctor|clinic|hospital|cancer|diabet|pain|pregnan|vitamin|nutrition|sleep|anxiety|depress|exercise|"
    r"injur|surger|infection|virus|vaccin|diet|weight.loss|blood|heart|skin|dental|dentist|arthritis|migraine|headache|allerg|asthma|physio|wellness",
    re.I,
)


def on_health(sample: Sample) -> bool:
    """Whether the page's title or address speaks of health."""
    return bool(_HEALTH.search(f"{sample.title} {sample.url}"))
