"""What went wrong with a connection, in words that fit on a line and can be counted."""

import re
from dataclasses import dataclass

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no answer came."""

    reason: str
    silent: bool
    """Whether the host said nothing at all."""
    known: bool = True
    """False if it is of a kind we did not expect: a fault of ours perhaps."""


def explain(error: BaseException) -> Failure:
    """Put an error of the downloader into words."""
    text = " ".join(str(error).split())
    if isinstance(error, CannotResolveHostError):
        return Failure("host name not found", silent=True)
    if isinstance(error, DownloadConnectionRefusedError):
        return Failure("connection refused", silent=True)
    if isinstance(error, DownloadTimeoutError):
        return Failure("no answer in time", silent=True)
    if isinstance(error, ResponseDataLossError):
        return Failure("the answer was cut short", silent=False)
    if isinstance(error, DownloadFailedError):
        if "SSL" in text:
            told = re.findall(r"'([^']+)'\)", text)  # [('SSL routines', '', 'certificate verify failed')]
            return Failure(f"TLS failed: {told[-1] if told else text}", silent=True)
        return Failure("connection failed", silent=True)
    return Failure(type(error).__name__, silent=True, known=False)
