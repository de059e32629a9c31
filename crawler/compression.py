"""Undo content encodings without guessing the charset of compressed bytes.

Scrapy 2.19 builds the decoded response by `Response.replace()`, which first works out the encoding of the response it replaces: for a
page without a declared charset, charset-normalizer runs over gzip bytes, 3.2 ms instead of 1.6 ms a page. Here the new
response is built from the decoded body alone.
"""

import sys
from collections.abc import Iterable

from isal import isal_zlib
from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from scrapy.utils._compression import _DecompressionMaxSizeExceeded


class CompressionMiddleware(HttpCompressionMiddleware):
    """Put in the place of HttpCompressionMiddleware; bodies that decode to more than DOWNLOAD_MAXSIZE are refused."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Decode the body; raises IgnoreRequest with the reason if it cannot be done, ResponseDataLossError if it is cut."""
        declared = response.headers.getlist("Content-Encoding")
        if not declared or request.method == "HEAD":
            return response
        max_size = request.meta.get("download_maxsize", self._max_size)
        reason = ""
        try:
            body, unknown = self._handle_encoding(response.body, declared, max_size)
        except ResponseDataLossError:
            raise
        except _DecompressionMaxSizeExceeded:
            reason = f"the body decodes to more than {max_size} bytes"
        except Exception as error:  # each decoder has its own
            reason = f"the body is not {_names(declared)}: {error}"
        if reason:  # raised here, where nothing leads to the decoder's frames and the 10 MB they hold
            raise IgnoreRequest(reason)
        headers = response.headers.copy()
        headers["X-Archive-Orig-Content-Encoding"] = declared
        if unknown:  # "UTF-8", "none", …: the bytes are handed on as they are, as browsers do
            headers["Content-Encoding"] = unknown
        else:
            del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return kind(
            response.url,
            status=response.status,
            headers=headers,
            body=body,
            flags=response.flags,
            request=response.request,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        if encoding in (b"gzip", b"x-gzip"):
            return _gunzip(body, max_size or sys.maxsize - 1)
        return HttpCompressionMiddleware._decode(body, encoding, max_size)


def _gunzip(body: bytes, max_size: int) -> bytes:
    """Undo gzip by ISA-L, twice as fast as zlib.

    Scrapy hands on what there is of a stream that ends early, so that half an article would pass for a whole one.
    """
    parts = []
    size = 0
    while True:
        inflate = isal_zlib.decompressobj(wbits=31)
        parts.append(inflate.decompress(body, max_size - size + 1))
        size += len(parts[-1])
        if size > max_size:
            raise _DecompressionMaxSizeExceeded(size, max_size)
        if not inflate.eof:
            raise ResponseDataLossError("the gzip stream ends early")
        body = inflate.unused_data
        if not body.startswith(b"\x1f\x8b"):  # what follows is no further member, and no browser minds it
            return b"".join(parts)


def _names(encodings: Iterable[bytes]) -> str:
    return b", ".join(encodings).decode("latin-1")
