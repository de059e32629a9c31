"""Tell a page that holds no article, and say why.

Clear cases have rules of their own: an error status, hardly any words, another language, an error page under status 200, a
login form, a wall of consent or payment, a video with a line of text, a list of links or of linked headings with blurbs. Other
indexes, products and forums are told by a small model over numbers that cost little (models/refusal.md): it speaks only when it
is sure, because losing an article is worse than keeping a page too many. Help pages and service pages pass: health advice often
stands on such pages.
"""

from __future__ import annotations  # the types below are built on this module

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.page import Page

from .cuefile import read_cues

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
    WALL = "wall in front of the article"
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
    kept = [verdict.block for verdict in verdicts if verdict.reason is None]
    words = sum(_words(block.text) for block in kept)
    telling = _telling(verdicts)
    prose = sum(_words(block.text[:4000]) for block in telling if _SENTENCE.search(block.text))
    if min(words, prose) < FEW_WORDS:
        _refuse_few(document, verdicts, tree, telling)
    titles = _linked_titles(verdicts)
    if words < MIN_WORDS:
        bare = prose < MIN_WORDS // 2 or (words < MIN_WORDS // 2 and not _says_article(document))
        if titles >= MIN_TITLES and (bare or _FRONT.fullmatch(page.final_url or page.url)):
            raise NotAnArticle(Refusal.INDEX, f"{titles} linked titles, {words} words of an article")
        raise NotAnArticle(Refusal.TOO_SHORT, f"{words} words")
    if prose < MIN_WORDS * (2 if titles >= MIN_TITLES else 1) and _in_entries(kept) * 2 > words:
        raise NotAnArticle(Refusal.INDEX, f"a list of links, {prose} words of prose")
    cards = _cards(kept)
    if len(cards) >= MIN_CARDS and words - sum(cards) < MIN_WORDS // 2 and _lead_away(tree, len(cards)):
        raise NotAnArticle(Refusal.INDEX, f"{len(cards)} linked headings with a blurb each")
    if wanted and language and language != wanted:
        raise NotAnArticle(Refusal.LANGUAGE, f"{language}, not {wanted}")
    if document.kind == "html":
        found = signals(page.final_url or page.url, document, verdicts)
        chances = kind_chances(found)
        if chances["article"] < MIN_CHANCE:
            kind = max((kind for kind in chances if kind != "article"), key=lambda kind: chances[kind])
            if kind != "forum" or found["host forum"] or _voices(verdicts) > MAX_VOICES:
                raise NotAnArticle(_KINDS[kind], f"chance of an article {chances['article']:.2f}")


_KINDS = {"index": Refusal.INDEX, "product": Refusal.PRODUCT, "forum": Refusal.FORUM}


def _telling(verdicts: Sequence[Verdict]) -> list[Block]:
    """Blocks with few links that are not the site's own small print: sentences, whatever the cleaner makes of them, and all it keeps."""
    return [
        verdict.block
        for verdict in verdicts
        if verdict.reason not in _SMALL_PRINT
        and verdict.block.linked * 3 < len(verdict.block.text)
        and (verdict.reason is None or _SENTENCE.search(verdict.block.text))
    ]


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


def _in_entries(kept: Sequence[Block]) -> int:
    """Words in blocks that are no sentence and half a link or more: the entries of a list of pages."""
    return sum(
        _words(block.text)
        for block in kept
        if block.linked * 2 >= len(block.text) and not _SENTENCE.search(block.text)
    )


MIN_CARDS = 5
"""Headings that are links, each with a blurb below, from which a page that says little else is an index."""

MAX_BLURB = 60
"""Words below a linked heading, in one or two blocks, that are a blurb; round-ups and news feeds have longer ones. With fewer than 25 words
beside such headings none of wcxb-dev's articles and none of mozilla-pages is refused; with up to 50 a newspaper's front page among the latter is."""


def _cards(kept: Sequence[Block]) -> list[int]:
    """The words of each heading that is wholly a link, and of the blurb below it."""
    starts = [n for n, block in enumerate(kept) if _HEADING.fullmatch(block.tag)]
    cards = []
    for start, end in pairwise([*starts, len(kept)]):
        heading, below = kept[start], kept[start + 1 : end]
        blurb = sum(_words(block.text) for block in below)
        if heading.linked >= len(heading.text) and 1 <= len(below) <= 2 and blurb <= MAX_BLURB:
            cards.append(blurb + _words(heading.text))
    return cards


_HEADING = re.compile("h[1-6]")
_STAYING = ", ".join(
    f"h{n} {link}, {link} h{n}"
    for n in range(1, 7)
    for link in ("a:not([href])", "a[href='']", "a[href*='#']", "a[href^='javascript']")
)


def _lead_away(tree: LexborHTMLParser | None, cards: int) -> bool:
    """Whether enough of the linked headings lead to other pages, not to a place on this one or to an answer that unfolds."""
    return tree is not None and cards - len(tree.css(_STAYING)) >= MIN_CARDS


MAX_VOICES = 3
"""Up to so many times a question's page may say "answered", "reply" or the like: one question and a doctor's answer is read as an article.
Of the 76 threads that the model refuses on wcxb-dev one on no forum's host has so few."""


def _voices(verdicts: Sequence[Verdict]) -> int:
    """How often the page says what a forum says with every post."""
    said = "\n".join(verdict.block.text for verdict in verdicts)[:MAX_SCANNED].casefold()
    return max(said.count(phrase) for phrase in _cues()["phrases"]["forum"])


MIN_SIGNS = {Refusal.SOFT_404: 1, Refusal.LOGIN: 2, Refusal.WALL: 2}
"""Phrases of a notice from which it is one, when next to nothing is told beside it."""


def _refuse_few(
    document: Document, verdicts: Sequence[Verdict], tree: LexborHTMLParser | None, telling: Sequence[Block]
) -> None:
    """The clear cases among pages with few sentences: a notice or a film in the article's place."""
    cues = _cues()
    source = document.text[: 20 * MAX_SCANNED]
    said = _folded("\n".join(verdict.block.text for verdict in verdicts)[:MAX_SCANNED])
    phrases = {
        Refusal.SOFT_404: cues["soft_404"]["phrases"],
        Refusal.LOGIN: cues["phrases"]["login"] if _PASSWORD.search(source) else [],
        Refusal.WALL: cues["wall"]["phrases"],
    }
    found = {reason: [phrase for phrase in of if phrase in said] for reason, of in phrases.items()}
    told = _told_beside([phrase for of in found.values() for phrase in of], telling)
    titles = _titles(verdicts, tree)
    gone = next((part for title in titles for part in _parts(title) if _is_gone(part)), "")
    if gone and (found[Refusal.SOFT_404] or told < MIN_WORDS):
        raise NotAnArticle(Refusal.SOFT_404, f"“{gone}”")
    for reason, of in found.items():
        banner = reason is Refusal.WALL and _linked_titles(verdicts) >= MIN_TITLES  # over an index
        if told < MIN_WORDS and len(of) >= MIN_SIGNS[reason] and not banner:
            raise NotAnArticle(reason, ", ".join(f"“{phrase}”" for phrase in of[:3]))
    kinds = _kinds(source)
    called = any(kinds[name] for name in cues["kinds"]["video"]) and not any(
        kinds[name] for name in cues["kinds"]["reading"]
    )
    titled = any(title.startswith(tuple(cues["video_titles"]["starts"])) for title in titles)
    if told < 2 * MIN_WORDS and (called or titled):
        raise NotAnArticle(Refusal.VIDEO, f"{told} words beside a video")
    if told < MIN_WORDS and _PLAYER.search(source):
        raise NotAnArticle(Refusal.VIDEO, f"{told} words beside a player")


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")


def _told_beside(phrases: Sequence[str], telling: Sequence[Block]) -> int:
    """The words of all blocks but those that hold one of the phrases; a whole article in one block is no notice."""
    told = 0
    for block in telling:
        words = _words(block.text[:4000])
        folded = _folded(block.text[:4000])
        if words > 2 * MIN_WORDS or not any(phrase in folded for phrase in phrases):
            told += words
    return told


def _titles(verdicts: Sequence[Verdict], tree: LexborHTMLParser | None) -> list[str]:
    """What the page may be called: its title, its first headings and its first lines, folded."""
    blocks = [verdict.block for verdict in verdicts]
    titles = [block.text for block in blocks if block.tag in ("h1", "h2")][:3] + [
        block.text for block in blocks[:2]
    ]
    if tree is not None and (node := tree.css_first("title")) is not None:
        titles.insert(0, node.text())
    return [" ".join(_folded(title).split()).strip(_AROUND) for title in titles]


_AROUND = " .…!?¡¿|-–:。！？"


def _parts(title: str) -> list[str]:
    """A title, and what stands between its dashes, bars and colons."""
    return [title, *(part.strip(_AROUND) for part in re.split(r"\s[|–—-]\s|\s?[|:_]\s?", title))]


def _is_gone(part: str) -> bool:
    cues = _cues()["soft_404"]
    return part in cues["titles"] or (
        len(part) <= 60 and (part.endswith(tuple(cues["ends"])) or _NUMBERED.fullmatch(part) is not None)
    )


_NUMBERED = re.compile(r"(?:\w+ ){0,2}404(?: \w+){0,2}")
"""The status 404 with a word or two around it, in any language."""


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


def _cues() -> dict[str, dict[str, list[str]]]:
    return read_cues("refusals")


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
