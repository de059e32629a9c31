"""Bodies come decoded, without a guess at the charset of compressed bytes."""

import gzip
import logging
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.utils.test import get_crawler

from crawler.compression import CompressionMiddleware

PAGE = "<html><body><p>Stretch the calf, drink water – 伸展.</p></body></html>".encode()
REQUEST = Request("http://example.org/")


@pytest.fixture
def middleware() -> CompressionMiddleware:
    crawler = get_crawler(Spider, {"DOWNLOAD_MAXSIZE": 100_000})
    return CompressionMiddleware.from_crawler(crawler)


def response(body: bytes, encoding: str, **headers: str) -> Response:
    return Response(
        REQUEST.url,
        headers={"Content-Encoding": encoding, "Content-Type": "text/html", **headers},
        body=body,
        request=REQUEST,
    )


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("br", brotli.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    ],
)
def test_bodies_are_decoded(
    middleware: CompressionMiddleware, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    decoded = middleware.process_response(REQUEST, response(encode(PAGE), encoding))
    assert isinstance(decoded, HtmlResponse)
    assert (decoded.body, decoded.url, decoded.request) == (PAGE, REQUEST.url, REQUEST)
    assert "Content-Encoding" not in decoded.headers
    assert decoded.headers["X-Archive-Orig-Content-Encoding"] == encoding.encode()
    assert "伸展" in decoded.text


def test_what_is_not_encoded_is_handed_on(middleware: CompressionMiddleware) -> None:
    plain = Response(REQUEST.url, body=PAGE)
    assert middleware.process_response(REQUEST, plain) is plain
    head = response(b"", "gzip")
    assert middleware.process_response(REQUEST.replace(method="HEAD"), head) is head


def test_an_unknown_encoding_is_left_alone(middleware: CompressionMiddleware) -> None:
    handed = middleware.process_response(REQUEST, response(PAGE, "UTF-8"))
    assert isinstance(handed, Response)
    assert (handed.body, handed.headers["Content-Encoding"]) == (PAGE, b"utf-8")


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(bytes(200_000)), "gzip", "the body decodes to more than 100000 bytes"),
        (brotli.compress(bytes(200_000)), "br", "the body decodes to more than 100000 bytes"),
        (
            gzip.compress(gzip.compress(bytes(90_000_000))),
            "gzip, gzip",
            "the body decodes to more than 100000 bytes",
        ),
        (PAGE, "gzip", "the body is not gzip: "),
        (PAGE, "br", "the body is not br: "),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_the_reason(
    middleware: CompressionMiddleware, body: bytes, encoding: str, reason: str
) -> None:
    with pytest.raises(IgnoreRequest) as caught:
        middleware.process_response(REQUEST, response(body, encoding))
    assert str(caught.value).startswith(reason)


def test_a_gzip_stream_that_ends_early_is_data_lost(middleware: CompressionMiddleware) -> None:
    body = gzip.compress(PAGE * 50)
    for cut in (0, 5, 20, len(body) // 2, len(body) - 1):
        with pytest.raises(ResponseDataLossError):
            middleware.process_response(REQUEST, response(body[:cut], "gzip"))


def test_several_gzip_members_and_what_follows_them_are_no_trouble(middleware: CompressionMiddleware) -> None:
    body = gzip.compress(PAGE) + gzip.compress(PAGE) + b"\0\0rubbish"
    assert middleware.process_response(REQUEST, response(body, "gzip")).body == PAGE * 2


def test_no_charset_is_guessed_of_compressed_bytes(
    middleware: CompressionMiddleware, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    guess = TextResponse.encoding.fget

    def watched(self: TextResponse) -> str:
        asked.append(self.body[:2])
        return guess(self)

    monkeypatch.setattr(TextResponse, "encoding", property(watched))
    packed = HtmlResponse(
        REQUEST.url,
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html"},
        body=gzip.compress(PAGE),
    )
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    middleware.process_response(REQUEST, packed)
    assert asked == []
