"""Cut a document into the blocks of text a reader would see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text with nothing above or below it on its line."""

    text: str
    """White space folded; a table row's cells joined by " | "."""
    tag: str
    """The nearest block-level element: p, h1 … h6, li, dt, dd, tr, summary, div …; "line" in flattened text."""
    linked: int = 0
    """How many of the text's characters are inside links."""
    bold: int = 0
    """How many characters at the text's start are set in bold: a label, or the whole line."""
    list_id: int = -1
    """Which ul, ol, dl or table of the document holds the block, counted from 0; -1 for none. The innermost one."""
    list_tag: str = ""
    """ul, ol, dl or table; "" for none."""
    depth: int = 0
    """How many lists lie around the block."""
    item: int = 0
    """The item's number in its list: 1-based, ol start and li value honoured; 0 for none. Blocks of one item share it."""
    start: int = -1
    """Where the block begins in Document.text; -1 where that is not known."""
    end: int = -1
