"""What a site's profile says of where its articles stand, for the few sites that need telling."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from crawler.site import Layout

from .blocks import cut
from .boilerplate import Reason, Verdict
from .document import Document


def by_layout(tree: LexborHTMLParser, layout: Layout, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts as the profile has them: what stands in `body` and not in `drop` is the article's.

    A profile without `body` only drops; one whose `body` matches nothing on the page says nothing of it.
    """
    inside = _texts(tree, layout.body) if layout.body else None
    outside: Counter[str] = Counter()
    for selector in layout.drop:
        outside += _texts(tree, f"{layout.body} {selector}" if layout.body else selector)
    if layout.body and not inside:
        inside = None
    ruled = []
    for verdict in verdicts:
        text = verdict.block.text
        if outside[text] > 0:
            outside[text] -= 1
            ruled.append(replace(verdict, reason=Reason.LAYOUT, confidence=1.0))
        elif inside is None:
            ruled.append(verdict)
        elif inside[text] > 0:
            inside[text] -= 1
            ruled.append(replace(verdict, reason=None, confidence=1.0))
        else:
            ruled.append(replace(verdict, reason=verdict.reason or Reason.LAYOUT))
    return tuple(ruled)


def _texts(tree: LexborHTMLParser, selector: str) -> Counter[str]:
    """How often each block's text stands in the elements that the selector names."""
    found: Counter[str] = Counter()
    for node in tree.css(selector):
        found.update(block.text for block in cut(Document(node.html or "", "html")))
    return found
