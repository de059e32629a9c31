"""Chinese that a page spreads out, a space between all characters: "皮 膚 乾 燥 ， 發 癢"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from .blocks import Block

_CHARACTER = re.compile(r"[\u4e00-\u9fff]")
_SIGN = "\u4e00-\u9fff\u3001-\u301f\uff01-\uff0f\uff1a-\uff20"
_GAP = re.compile(rf"([{_SIGN}]) (?=[{_SIGN}])")
SPREAD = 0.5
"""Gaps for each Chinese character from which a text is spread out: a space here and there parts names or items."""


def is_spread(blocks: Sequence[Block]) -> bool:
    """Whether most Chinese characters of these blocks stand apart."""
    gaps = sum(len(_GAP.findall(block.text)) for block in blocks)
    return gaps > 0 and gaps > SPREAD * sum(len(_CHARACTER.findall(block.text)) for block in blocks)


def close(text: str) -> str:
    """A text without the gaps."""
    return _GAP.sub(r"\1", text)


def closed(block: Block) -> Block:
    """A block without the gaps."""
    return replace(block, text=close(block.text), bold=len(close(block.text[: block.bold])))
