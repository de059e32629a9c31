"""Tell a page that holds no article, and say why.

Clear cases have rules of their own: an error status, hardly any words, another language, an error page under status 200, a
login form, a video with a line of text. Indexes, products and forums are told by a small model over numbers that cost little
(models/refusal.md): it speaks only when it is sure, because losing an article is worse than keeping a page too many. Help
pages and service pages pass: health advice often stands on such pages.
"""

from __future__ import annotations  # the types below are built on this module

import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from crawler.page import Page

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

    from .blocks import Block
    from .boilerplate import Verdict
    from .document import Document


class Refusal(StrEnum):
    """Why a page is not an article."""

    EMPTY = "empty page"
    BINARY = "not text"
    INDEX = "index of other pages"
    PRODUCT = "product page"
    FORUM = "forum thread"
    LOGIN = "login or sign-up page"
    VIDEO = "video page"
    SOFT_404 = "error page answered with status 200"
    STATUS = "error status"
    TOO_SHORT = "too short"
    LANGUAGE = "another language"
    ADDRESS = "not an article's address"


class NotAnArticle(Exception):  # noqa: N818  a refusal is news about a page, not an error
    """The page holds no article: a refusal, to be counted and listed."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        """Keep the reason, and the evidence for it in words."""
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


MIN_WORDS = 50
"""Words of kept text (an East Asian character is one) below which a page holds no article. Of the 709 articles of wcxb-dev the
shortest has 50, the fourth 95."""

FEW_WORDS = 250
"""Up to here an error page, a login page or a video page is told by its signs; longer text is about something."""

MIN_CHANCE = 0.25
"""A page is refused when the model gives it less than this chance to be an article. Chosen over folds of wcxb-dev's domains with an
earlier set of signals: 0.25 lost 0.7 % of the articles, 0.5 lost 2 %. What it loses now: models/refusal.md."""


def refuse(
    page: Page,
    document: Document,
    verdicts: Sequence[Verdict],
    tree: LexborHTMLParser | None = None,
    *,
    language: str = "",
    wanted: str = "",
) -> None:
    """Raise NotAnArticle for a page that clearly is none; `language` is the text's, `wanted` the one that is asked for."""
    if page.status >= 400:
        raise NotAnArticle(Refusal.STATUS, str(page.status))
    words = sum(_words(verdict.block.text) for verdict in verdicts if verdict.reason is None)
    told = _told(verdicts)
    if min(words, told) < FEW_WORDS:
        _refuse_few(document, verdicts, tree, told)
    titles = _linked_titles(verdicts)
    if words < MIN_WORDS:
        bare = told < MIN_WORDS // 2 or (words < MIN_WORDS // 2 and not _says_article(document))
        if titles >= MIN_TITLES and (bare or _FRONT.fullmatch(page.final_url or page.url)):
            raise NotAnArticle(Refusal.INDEX, f"{titles} linked titles, {words} words of an article")
        raise NotAnArticle(Refusal.TOO_SHORT, f"{words} words")
    if titles >= MIN_TITLES and told < 2 * MIN_WORDS and _linked_share(verdicts) > 0.5:
        raise NotAnArticle(Refusal.INDEX, f"{titles} linked titles, {told} words of prose")
    if wanted and language and language != wanted:
        raise NotAnArticle(Refusal.LANGUAGE, f"{language}, not {wanted}")
    if document.kind == "html":
        chances = kind_chances(signals(page.final_url or page.url, document, verdicts))
        if chances["article"] < MIN_CHANCE:
            kind = max((kind for kind in chances if kind != "article"), key=lambda kind: chances[kind])
            raise NotAnArticle(_KINDS[kind], f"chance of an article {chances['article']:.2f}")


_KINDS = {"index": Refusal.INDEX, "product": Refusal.PRODUCT, "forum": Refusal.FORUM}


def _told(verdicts: Sequence[Verdict]) -> int:
    """Words in sentences that are no links and not the site's own small print, whatever the cleaner makes of the rest."""
    return sum(
        _words(verdict.block.text[:4000])
        for verdict in verdicts
        if verdict.reason not in _SMALL_PRINT
        and verdict.block.linked * 3 < len(verdict.block.text)
        and _SENTENCE.search(verdict.block.text)
    )


_SMALL_PRINT = (
    "copyright, disclaimer or legal notice",
    "cookie or consent notice",
    "newsletter or sign-up",
    "not shown to a reader",
)
"""Values of Reason, which stands above this module."""

MIN_TITLES = 4
"""Linked titles from which a page without prose is an index."""


def _linked_titles(verdicts: Sequence[Verdict]) -> int:
    """Blocks that are links of a title's length; menus have shorter ones."""
    return sum(len(v.block.text) >= 20 and v.block.linked * 3 > len(v.block.text) * 2 for v in verdicts)


def _linked_share(verdicts: Sequence[Verdict]) -> float:
    """How much of the kept text is links."""
    kept = [verdict.block for verdict in verdicts if verdict.reason is None]
    return sum(min(block.linked, len(block.text)) for block in kept) / max(
        1, sum(len(block.text) for block in kept)
    )


def _refuse_few(
    document: Document, verdicts: Sequence[Verdict], tree: LexborHTMLParser | None, told: int
) -> None:
    """The clear cases among pages with few sentences."""
    cues = _cues()
    texts = [verdict.block.text for verdict in verdicts]
    titles = [verdict.block.text for verdict in verdicts if verdict.block.tag in ("h1", "h2")][:3] + texts[:2]
    if tree is not None and (node := tree.css_first("title")) is not None:
        titles.insert(0, node.text())
    keys = [" ".join(title.casefold().replace("’", "'").split()).strip(" .!|-–:") for title in titles]
    said = "\n".join(texts)[:MAX_SCANNED].casefold().replace("’", "'")
    gone = next((phrase for phrase in cues["soft_404"]["phrases"] if phrase in said), "")
    for key in keys:
        parts = [key, *(part.strip(" .!:") for part in re.split(r"\s[|–—-]\s|\s?[|:_]\s?", key))]
        ends = tuple(cues["soft_404"]["ends"])
        wrong = next(
            (
                part
                for part in parts
                if part in cues["soft_404"]["titles"] or (part.endswith(ends) and len(part) <= 60)
            ),
            "",
        )
        if wrong and (told < MIN_WORDS or gone):
            raise NotAnArticle(Refusal.SOFT_404, f"“{wrong}”")
    if gone and told < MIN_WORDS:
        raise NotAnArticle(Refusal.SOFT_404, f"“{gone}”")
    if told >= MIN_WORDS * 2:
        return
    source = document.text[: 20 * MAX_SCANNED]
    if _PASSWORD.search(source):
        phrases = [phrase for phrase in cues["phrases"]["login"] if phrase in said]
        if len(phrases) >= 2:
            raise NotAnArticle(Refusal.LOGIN, ", ".join(phrases[:3]))
    kinds = _kinds(source)
    if any(kinds[name] for name in cues["kinds"]["video"]) and not any(
        kinds[name] for name in cues["kinds"]["reading"]
    ):
        raise NotAnArticle(Refusal.VIDEO, f"{told} words beside a video")
    if _PLAYER.search(source) or any(key.startswith(tuple(cues["video_titles"]["starts"])) for key in keys):
        raise NotAnArticle(Refusal.VIDEO, f"{told} words beside a player")


_FRONT = re.compile(r"\w+://[^/?#]+/?(?:index\.\w+|default\.\w+|home)?/?", re.IGNORECASE)


def _says_article(document: Document) -> bool:
    kinds = _kinds(document.text[: 20 * MAX_SCANNED])
    return any(kinds[name] for name in _cues()["kinds"]["reading"])


_PASSWORD = re.compile(r"""<input[^<>]{0,300}type\s{0,3}=\s{0,3}["']?password""", re.IGNORECASE)
_PLAYER = re.compile(
    r"""<video[\s>]|<iframe[^<>]{0,500}(?:youtube(?:-nocookie)?\.com/embed|player\.vimeo\.com|dailymotion\.com/embed)""",
    re.IGNORECASE,
)


def _kinds(source: str) -> Counter[str]:
    """What og:type and JSON-LD call the page and its parts, in lower case."""
    return Counter(match.lower() for match in _KIND.findall(source))


def kind_chances(found: dict[str, float]) -> dict[str, float]:
    """The model's chance of each kind of page."""
    model = _model()
    odds = {}
    for kind, (bias, weights) in model.items():
        odds[kind] = bias + sum(weights[name] * value for name, value in found.items())
    highest = max(odds.values())
    exponents = {kind: math.exp(value - highest) for kind, value in odds.items()}
    total = sum(exponents.values())
    return {kind: value / total for kind, value in exponents.items()}


@cache
def _model() -> dict[str, tuple[float, dict[str, float]]]:
    stored = json.loads(files(__package__).joinpath("models/refusal.json").read_text("utf-8"))
    return {kind: (entry["bias"], entry["weights"]) for kind, entry in stored["kinds"].items()}


# --- what the page looks like, in numbers ---

_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+")
_PATH_WORD = re.compile(r"[a-z0-9.-]+")
_KIND = re.compile(
    r"""(?:"@type"\s*:\s*\[?\s*"|og:type["']?\s+content=["']|content=["'](?=[a-z.:]{3,20}["']\s+property=["']og:type))([A-Za-z.:]{3,40})"""
)
_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:USD|EUR|GBP|€|zł|руб|kr)\b")
_DATED = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d+\s?(?:min|hours?|days?|weeks?|months?|years?|[hdwmy])\s?(?:ago)?\b"
)
_SENTENCE = re.compile(r"[.!?。！？।؟](?:\s|$|[\"'”’»)\]])|[。！？]")


def _words(text: str) -> int:
    return len(_WORD.findall(text))


@cache
def _cues() -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = tomllib.loads(
        files(__package__).joinpath("cues/refusals.toml").read_text("utf-8")
    )
    return table


MAX_SCANNED = 60_000
"""Characters of text, and ten times as many of source, in which signs are counted."""


def signals(url: str, document: Document, verdicts: Sequence[Verdict]) -> dict[str, float]:
    """What tells an article from other kinds of pages, in numbers of about the same size."""
    cues = _cues()
    found: dict[str, float] = {}
    address = url.split("://", 1)[-1].lower()
    known = "://" in url
    host, _, path = address.partition("/") if known else ("", "", "")
    path, _, query = path.partition("?")
    parts = [part for part in path.split("/") if part]
    last = parts[-1] if parts else ""
    words = set(_PATH_WORD.findall(path.replace("/", " ").replace("_", " "))) | {
        word for part in parts for word in part.split("-")[:1]
    }
    for kind, names in cues["address"].items():
        found[f"address {kind}"] = float(
            any(part in names for part in parts[:-1])
            or (len(parts) == 1 and last in names)
            or (kind != "reading" and not words.isdisjoint(names) and len(words) < 3)
        )
        found[f"address ends {kind}"] = float(last.split(".")[0] in names)
    found["address home"] = float(known and not parts)
    found["address depth"] = min(len(parts), 6) / 3
    found["address slug"] = min(last.count("-") + last.count("_"), 8) / 4
    found["address digits"] = float(sum(map(str.isdigit, last)) >= 4)
    found["address query"] = float(bool(query))
    found["host forum"] = float(
        any(word in host for word in ("forum", "community", "reddit", "discuss", "stack", "talk", "board"))
    )
    found["host shop"] = float(any(word in host for word in ("shop", "store")))
    found["host help"] = float(any(word in host for word in ("docs.", "help.", "support.", "developer")))

    source = document.text[: 20 * MAX_SCANNED]
    kinds = _kinds(source)
    for kind, names in cues["kinds"].items():
        count = sum(kinds[name] for name in names)
        found[f"kind {kind}"] = float(count > 0)
        found[f"kind {kind} often"] = math.log1p(count)
    found["published"] = float("article:published_time" in source or '"datePublished"' in source)
    found["inputs"] = math.log1p(source.count("<input") + source.count("<select"))
    found["password"] = float(_PASSWORD.search(source) is not None)

    # Prose is told by length and links alone, not by the verdicts: a retrained cleaner must not move this model.
    blocks = [verdict.block for verdict in verdicts]
    sizes = [_words(block.text[:4000]) for block in blocks]
    links = [min(block.linked, len(block.text)) for block in blocks]
    total = sum(sizes)
    characters = sum(len(block.text) for block in blocks) or 1
    prose = [
        (block, size)
        for block, size, linked in zip(blocks, sizes, links, strict=True)
        if size >= PROSE_WORDS and linked * 3 < len(block.text) and _SENTENCE.search(block.text)
    ]
    in_prose = sum(size for _, size in prose)
    text = "\n".join(block.text for block, _ in prose)[:MAX_SCANNED]
    found["words"] = math.log1p(total)
    found["prose"] = math.log1p(in_prose)
    found["prose share"] = in_prose / max(1, total)
    found["prose blocks"] = math.log1p(len(prose))
    found["words a prose block"] = math.log1p(in_prose / max(1, len(prose)))
    found["longest run"] = math.log1p(_longest_run(sizes, links, blocks))
    found["blocks"] = math.log1p(len(blocks))
    found["words a block"] = math.log1p(total / max(1, len(blocks)))
    found["linked"] = sum(links) / characters
    found["linked blocks"] = sum(
        linked * 2 > len(block.text) for block, linked in zip(blocks, links, strict=True)
    ) / max(1, len(blocks))
    headings = [block for block in blocks if block.tag[:1] == "h" and block.tag[1:].isdigit()]
    found["headings"] = len(headings) / max(1, len(blocks))
    found["linked headings"] = sum(block.linked * 2 > len(block.text) for block in headings) / max(
        1, len(headings)
    )
    found["prose a heading"] = math.log1p(in_prose / max(1, len(headings)))
    found["sentences"] = min(2.0, 20 * len(_SENTENCE.findall(text)) / max(20, in_prose))
    found["questions"] = min(2.0, 100 * (text.count("?") + text.count("？")) / max(100, in_prose))
    everything = "\n".join(block.text for block in blocks)[:MAX_SCANNED]
    scanned = max(100, min(total, _words(everything)))
    found["prices"] = math.log1p(100 * len(_PRICE.findall(everything)) / scanned)
    found["times"] = math.log1p(100 * len(_DATED.findall(everything)) / scanned)
    found["first person"] = math.log1p(100 * len(_FIRST.findall(text)) / max(100, in_prose))
    found["same start"] = _same_start(blocks)

    folded = everything.casefold()
    for kind, phrases in cues["phrases"].items():
        counts = [folded.count(phrase) for phrase in phrases]
        found[f"says {kind}"] = math.log1p(100 * sum(min(count, 20) for count in counts) / scanned)
        found[f"says {kind} in ways"] = math.log1p(sum(count > 0 for count in counts))
    return found


PROSE_WORDS = 20
"""Words from which a block with a sentence's end and few links reads as prose."""


def _longest_run(sizes: Sequence[int], links: Sequence[int], blocks: Sequence[Block]) -> int:
    """The most words in a stretch of blocks that are not mostly links, two of which may break it."""
    best = run = misses = 0
    for size, linked, block in zip(sizes, links, blocks, strict=True):
        if linked * 2 > len(block.text):
            misses += 1
            if misses > 2:
                run = 0
        else:
            misses = 0
            run += size
            best = max(best, run)
    return best


_FIRST = re.compile(r"\b(?:I|I'm|I’m|I've|I’ve|my|me)\b")


def _same_start(blocks: Sequence[Block]) -> float:
    """How many of the blocks begin with words that two others begin with: cards and posts do."""
    starts = Counter(" ".join(block.text[:60].split()[:2]).casefold() for block in blocks)
    return sum(count for count in starts.values() if count > 2) / max(1, len(blocks))
