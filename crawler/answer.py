"""What a server answered, before anything is made of it."""

from dataclasses import dataclass

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "")
"""Media types of pages."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered to one request, its redirects not followed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool = True
    """False if the rest of the body was not read since its type is none of ours."""

    def header(self, name: str) -> str:
        """The first header of that name in any case, or ""."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def media_type(self) -> str:
        """Content-Type without its parameters, in lower case."""
        return self.header("Content-Type").partition(";")[0].strip().lower()
