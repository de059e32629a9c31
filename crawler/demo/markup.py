"""The small markup of the demo articles, set as HTML the way each site would.

Blocks are parted by empty lines: "## heading", "### sub-heading", "- item", "1. item", "| cell | cell |" (the first row is
the header), anything else a paragraph whose lines stay lines. Inside a line: **bold** and [text](slug).
"""

import re
from collections.abc import Iterator
from html import escape

_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_NUMBER = re.compile(r"\d+\. ")


def to_html(markup: str, layout: str = "", link: str = "{}") -> str:
    """Set a body as HTML. A link's address is `link` with the slug in it.

    Layout "details" folds each heading's section away under it, "dl" makes sub-headings terms of a definition list.
    """
    parts: list[str] = []
    folded = listed = False
    for kind, lines in _blocks(markup):
        if listed and kind not in {"###", "text"}:
            parts.append("</dl>")
            listed = False
        if kind == "##" and layout == "details":
            parts.append(
                f"{'</details>' if folded else ''}<details open><summary>{_inline(lines[0], link)}</summary>"
            )
            folded = True
        elif kind == "###" and layout == "dl":
            parts.append(f"{'' if listed else '<dl>'}<dt>{_inline(lines[0], link)}</dt>")
            listed = True
        elif listed:
            parts.append(f"<dd>{'<br>'.join(_inline(line, link) for line in lines)}</dd>")
        else:
            parts.append(_block(kind, lines, link))
    return "\n".join([*parts, *(["</dl>"] if listed else []), *(["</details>"] if folded else [])])


def to_flat_lines(markup: str) -> list[str]:
    """The body as an old portal keeps it: lines of escaped text with bold, lists not told apart from prose."""
    return [_inline(line.lstrip("# "), "{}") for line in markup.splitlines() if line.strip()]


def to_text(markup: str) -> list[str]:
    """The lines that a reader sees, without list markers; a row's cells are joined by " | "."""
    seen = []
    for kind, lines in _blocks(markup):
        for line in lines:
            shown = _LINK.sub(r"\1", _BOLD.sub(r"\1", line))
            seen.append(" | ".join(_cells(shown)) if kind == "|" else shown)
    return seen


def _blocks(markup: str) -> Iterator[tuple[str, list[str]]]:
    for block in filter(None, re.split(r"\n\s*\n", markup.strip())):
        lines = [line.strip() for line in block.splitlines()]
        if lines[0].startswith("#"):
            marker, _, heading = lines[0].partition(" ")
            yield marker, [heading]
            lines = lines[1:]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            yield "-", [line[2:] for line in lines]
        elif all(_NUMBER.match(line) for line in lines):
            yield "1.", [_NUMBER.sub("", line, count=1) for line in lines]
        elif all(line.startswith("|") for line in lines):
            yield "|", lines
        else:
            yield "text", lines


def _block(kind: str, lines: list[str], link: str) -> str:
    shown = [_inline(line, link) for line in lines]
    match kind:
        case "##" | "###":
            level = len(kind)
            return f"<h{level}>{shown[0]}</h{level}>"
        case "-" | "1.":
            tag = "ul" if kind == "-" else "ol"
            return f"<{tag}>\n{''.join(f'<li>{line}</li>{chr(10)}' for line in shown)}</{tag}>"
        case "|":
            return f"<table>\n{''.join(_row(line, link, header=not at) for at, line in enumerate(lines))}</table>"
        case _:
            return f"<p>{'<br>'.join(shown)}</p>"


def _row(line: str, link: str, *, header: bool) -> str:
    tag = "th" if header else "td"
    return f"<tr>{''.join(f'<{tag}>{_inline(cell, link)}</{tag}>' for cell in _cells(line))}</tr>\n"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _inline(line: str, link: str) -> str:
    bold = _BOLD.sub(r"<strong>\1</strong>", escape(line, quote=False))
    return _LINK.sub(lambda found: f'<a href="{link.format(found[2])}">{found[1]}</a>', bold)
