"""Evidence pages: every article as it was kept, its findings marked where they stand, and what was left out shown struck on demand.

Plain files that open without a server. A page an article, and an index whose search reads chunks of a script file, as pages opened from disk
may load scripts but not fetch data. Nothing of an article's is ever markup: templates escape it, addresses are links only if http(s).
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from ..dataset.rows import Row
from ..dataset.version import Version

MAX_PAGES = 10_000
"""Articles that get a page. About 20 kB each: 200 MB. Where there are more, new and changed ones come first."""
CHUNK = 2_500
"""Articles in one file of the search index: about 400 kB, read in a few milliseconds."""
LIST_ROWS = 200
"""Articles on one page of the plain list."""
WEAK = 0.5
"""Below this confidence a finding is shown as doubtful: more likely wrong than right, by its own estimate."""
MAX_REMOVED_SHOWN = 2_000
"""Characters of a removed block that are shown."""
GROUP_NAMES = {"cause": "cause", "advice": "advice", "symptom": "symptom", "other": "other"}
_LETTERS = {"cause": "C", "advice": "A", "symptom": "S", "other": "O"}
_DECIDED = {
    "heading": "the heading above it",
    "lead_in": "the sentence that announces its list",
    "list_vote": "the other items of its list",
    "rule": "its own words, by a rule",
    "model": "its own words, by the model",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as a page shows it."""

    number: int
    badge: str
    """C1, A2, S1 …: told apart without colour; with a question mark if weak."""
    group: str
    row: Row
    decided: str
    weak: bool
    """As likely wrong as right."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text under the same findings."""

    text: str
    group: str
    """Of the innermost finding; "" for none."""
    weak: bool
    tip: str
    opens: tuple[tuple[Mark, bool], ...]
    """Findings that begin here, and whether this is their place and not where the page says the same again."""
    numbers: str
    """Of all findings over it, for the script."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page: kept text, or neighbouring blocks that were left out for one reason."""

    kind: str
    """heading, item, paragraph or removed."""
    segments: tuple[Segment, ...] = ()
    reason: str = ""
    removed: tuple[str, ...] = ()


def page_name(article_id: str) -> str:
    """The page's path below the folder of evidence pages."""
    return f"a/{article_id[:2]}/{article_id[:20]}.html"


def write_pages(version: Version, folder: Path, *, limit: int = MAX_PAGES) -> int:
    """Write index and article pages, replacing what stands in the folder; how many articles have one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("style.css", "article.js", "search.js"):
        (folder / name).write_text(asset(name), "utf-8")
    chosen = _choose(version, limit)
    entries: list[dict[str, Any]] = []
    findings = groupby(version.rows("findings"), lambda row: str(row["url"]))
    told = next(findings, None)
    template = environment().get_template("article.html.j2")
    for article in version.rows("articles"):
        own: list[Row] = []
        if told is not None and told[0] == article["url"]:
            own = list(told[1])
            told = next(findings, None)
        if article["article_id"] not in chosen:
            continue
        page = folder / page_name(article["article_id"])
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render_article(article, own, version.id, template), "utf-8")
        entries.append(_entry(article, own))
    entries.sort(key=lambda entry: (entry["topic"] or "￿", entry["title"], entry["page"]))
    _write_index(folder, version, entries)
    return len(entries)


def render_article(
    article: Row, findings: Sequence[Row], version_id: str, template: jinja2.Template | None = None
) -> str:
    """The page of one article."""
    marks = marks_of(findings)
    left_out = len(article["removed"])
    return (template or environment().get_template("article.html.j2")).render(
        article=article,
        source=web_address(article["url"]),
        marks=marks,
        lines=list(lines_of(article, marks)),
        left_out=left_out,
        version_id=version_id,
        root="../../",
        page_name=page_name,
    )


def marks_of(findings: Sequence[Row]) -> list[Mark]:
    """The findings in the text's order, lettered and numbered by group."""
    counts = dict.fromkeys(_LETTERS, 0)
    marks = []
    for number, row in enumerate(findings, 1):
        group = row["role_group"]
        counts[group] += 1
        decided = _DECIDED.get(row["decided_by"], str(row["decided_by"]))
        said = row["heading"] if row["decided_by"] == "heading" else row["lead_in"]
        if row["decided_by"] in ("heading", "lead_in") and said:
            decided += f": “{said[:120]}”"
        weak = row["confidence"] < WEAK
        badge = f"{_LETTERS[group]}{counts[group]}{'?' if weak else ''}"
        marks.append(Mark(number, badge, group, row, decided, weak))
    return marks


def lines_of(article: Row, marks: Sequence[Mark]) -> Iterator[Line]:
    """The article line by line, the removed blocks between them where they stood."""
    text = article["text"]
    removed = list(article["removed"])
    spans = [(mark.row["start"], mark.row["end"], mark) for mark in marks]
    spans += [(also["start"], also["end"], mark) for mark in marks for also in mark.row["also"] or ()]
    spans.sort(key=lambda span: (span[0], -span[1]))
    shown = waiting = 0
    active: list[tuple[int, int, Mark]] = []
    for kind, start, end in _chunks(text, article["passages"] or ()):
        before = shown
        while shown < len(removed) and removed[shown]["after"] <= start:
            shown += 1
        yield from _removed(removed[before:shown])
        active = [span for span in active if span[1] > start]
        while waiting < len(spans) and spans[waiting][0] < end:
            active.append(spans[waiting])
            waiting += 1
        yield Line(kind, tuple(_segments(text, start, end, active)))
    yield from _removed(removed[shown:])


def _removed(blocks: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for reason, neighbours in groupby(blocks, lambda block: str(block["reason"])):
        texts = []
        for block in neighbours:
            more = len(block["text"]) - MAX_REMOVED_SHOWN
            texts.append(
                block["text"][:MAX_REMOVED_SHOWN] + (f" … and {more} characters" if more > 0 else "")
            )
        yield Line("removed", reason=reason, removed=tuple(texts))


def _chunks(text: str, passages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of the stretches to show as lines: the text's own lines, cut again where an item begins inside one."""
    place = 0
    passage = iter(passages)
    current = next(passage, None)
    for line in text.split("\n"):
        end = place + len(line)
        start = place
        pending: tuple[str, int, int] | None = None
        while current is not None and current["start"] < end:
            stop = min(current["end"], end)
            if pending and text[pending[2] : current["start"]].strip() == "|":
                pending = (pending[0], pending[1], max(stop, pending[2]))  # cells of one table row
            elif stop > start:
                if pending:
                    yield pending
                # What lies between two passages is the marker of the second: it opens the line.
                pending = (current["kind"], start, stop)
            start = max(start, stop)
            current = next(passage, None)
        if pending:
            yield pending
        if text[start:end].strip():
            yield "paragraph", start, end
        place = end + 1


def _segments(text: str, start: int, end: int, spans: Sequence[tuple[int, int, Mark]]) -> Iterator[Segment]:
    cuts = {start, end}
    for first, last, _ in spans:
        cuts |= {min(max(first, start), end), min(max(last, start), end)}
    places = sorted(cuts)
    for left, right in pairwise(places):
        over = [span for span in spans if span[0] <= left and right <= span[1]]
        inner = min(over, key=lambda span: span[1] - span[0], default=None)
        yield Segment(
            text[left:right],
            inner[2].group if inner else "",
            bool(inner and inner[2].weak),
            _tip(inner[2]) if inner else "",
            tuple((mark, first == mark.row["start"]) for first, _, mark in over if first == left),
            " ".join(str(mark.number) for _, _, mark in over),
        )


def _tip(mark: Mark) -> str:
    row = mark.row
    words = [
        row["role"].replace("_", " "),
        f"confidence {row['confidence']:.2f}",
        f"decided by {mark.decided}",
    ]
    if row["polarity"] in ("avoid", "negated"):
        words.insert(1, row["polarity"])
    if row["hedge"]:
        words.insert(1, "hedged")
    return ", ".join(words)


def _choose(version: Version, limit: int) -> set[str]:
    known = [(row["status"] in ("unchanged", "gone"), row["article_id"]) for row in version.rows("articles")]
    return {identity for _, identity in sorted(known)[:limit]}


def _entry(article: Row, findings: Sequence[Row]) -> dict[str, Any]:
    counts = dict.fromkeys(_LETTERS, 0)
    for row in findings:
        counts[row["role_group"]] += 1
    return {
        "page": page_name(article["article_id"]),
        "title": (article["title"] or article["url"])[:200],
        "topic": (article["topic"] or "")[:80],
        "population": (article["population"] or "")[:60],
        "site": (article["site"] or "")[:60],
        "status": article["status"],
        "labels": " ".join(dict.fromkeys((row["label"] or "")[:60] for row in findings))[:400],
        **counts,
    }


_INDEX_KEYS = ("page", "title", "topic", "population", "site", "status", "labels", *_LETTERS)


def _write_index(folder: Path, version: Version, entries: Sequence[dict[str, Any]]) -> None:
    chunks = 0
    for chunks, start in enumerate(range(0, len(entries), CHUNK), 1):
        found = [[entry[key] for key in _INDEX_KEYS] for entry in entries[start : start + CHUNK]]
        (folder / f"index-{chunks}.js").write_text(f"consiliaIndex({script_json(found)});\n", "utf-8")
    lists: list[Sequence[dict[str, Any]]] = [
        entries[start : start + LIST_ROWS] for start in range(0, len(entries), LIST_ROWS)
    ] or [[]]
    template = environment().get_template("index.html.j2")
    for number, rows in enumerate(lists, 1):
        name = "index.html" if number == 1 else f"list-{number}.html"
        page = template.render(
            version_id=version.id,
            total=len(entries),
            articles=version.count("articles"),
            rows=rows,
            number=number,
            pages=len(lists),
            first=(number - 1) * LIST_ROWS,
            chunks=chunks,
            root="",
        )
        (folder / name).write_text(page, "utf-8")


def script_json(value: object) -> str:
    """JSON that is safe inside a script element and in a script file."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def web_address(url: str) -> str:
    """The address if it may be a link, "" for javascript:, data: and the like."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


@cache
def environment() -> jinja2.Environment:
    """The templates, escaping everything."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("output.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["words"] = lambda text: str(text).replace("_", " ")
    made.filters["thousands"] = lambda number: f"{number:,}".replace(",", "\u202f")
    made.globals["group_names"] = GROUP_NAMES
    return made


def asset(name: str) -> str:
    """A file that stands beside the templates."""
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")
