"""Articles for the tests, built the way the cleaner builds them."""

from cleaning.article import Article
from cleaning.blocks import Block
from cleaning.facts import Facts
from cleaning.passages import divide


def article(*lines: str | Block, title: str = "", language: str = "") -> Article:
    """An article of these lines, or blocks."""
    blocks = [line if isinstance(line, Block) else Block(line, "line") for line in lines]
    text = "\n".join(block.text for block in blocks)
    return Article("https://example.org/a", text, divide(blocks), Facts(title=title, language=language))
