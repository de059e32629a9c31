"""What the demo server holds under one path."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Resource:
    """An answer ready to be sent."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    """"" sends no Content-Type at all."""
    status: int = 200
    last_modified: datetime | None = None
    """None sends no Last-Modified."""
    tagged: bool = False
    """Whether an ETag is sent."""
    zipped: bool = True
    """Whether the site compresses for those who accept gzip."""
    location: str = ""
    """Where a redirect leads."""

    @property
    def etag(self) -> str:
        """Weak, as it stands for the compressed body too; "" if the site sends none."""
        return f'W/"{sha256(self.body).hexdigest()[:16]}"' if self.tagged else ""
