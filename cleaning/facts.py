"""What a page says of itself: title, address, author, dates, language, publisher."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Stated by the page, in its own spelling; "" where it says nothing."""

    title: str = ""
    canonical_url: str = ""
    author: str = ""
    publisher: str = ""
    language: str = ""
    """BCP 47 primary language, "en"; detected from the text where not declared."""
    published: str = ""
    """ISO 8601 date or time; as are the next two."""
    modified: str = ""
    reviewed: str = ""
    license: str = ""
