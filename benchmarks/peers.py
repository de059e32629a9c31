"""The extractors that consilia is measured beside, each as a function from HTML to text, set as their authors advise for article text."""

from collections.abc import Callable

Extractor = Callable[[str], str]


def trafilatura(html: str) -> str:
    """trafilatura's default, comments left out."""
    from trafilatura import extract

    return extract(html, include_comments=False) or ""


def resiliparse(html: str) -> str:
    """Resiliparse's main content."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(
        extract_plain_text(html, main_content=True, comments=False, alt_texts=False, list_bullets=False)
    )


def readability(html: str) -> str:
    """readability-lxml; its HTML to text by lexbor."""
    from readability import Document
    from selectolax.lexbor import LexborHTMLParser

    try:
        summary = Document(html).summary(html_partial=True)
    except Exception:  # its own "Unparseable" wraps whatever went wrong
        return ""
    body = LexborHTMLParser(summary).body
    return body.text(separator=" ") if body is not None else ""


def justext(html: str) -> str:
    """jusText with its English word list."""
    from justext import get_stoplist
    from justext import justext as classify

    try:
        paragraphs = classify(html, get_stoplist("English"))
    except Exception:  # lxml refuses some pages
        return ""
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def boilerpy3(html: str) -> str:
    """boilerpy3's article extractor."""
    from boilerpy3 import extractors

    return str(extractors.ArticleExtractor(raise_on_failure=False).get_content(html))


PEERS: dict[str, Extractor] = {
    "trafilatura": trafilatura,
    "resiliparse": resiliparse,
    "readability-lxml": readability,
    "justext": justext,
    "boilerpy3": boilerpy3,
}
