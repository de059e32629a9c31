"""What the guard lets through and what it does not, judged by real servers' logs."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Response

from crawler.guard import MAX_HEADER_BYTES, MAX_HEADERS, ensure_guarded, guard_settings, is_public

from . import villain
from .fetch import fetch

pytestmark = pytest.mark.xdist_group("guard")  # its servers and crawls once, not in each worker

ADDRESSES = [
    ("93.184.215.14", True),
    ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
    ("127.0.0.1", False),
    ("127.255.255.254", False),
    ("10.1.2.3", False),
    ("172.16.0.1", False),
    ("172.32.0.1", True),
    ("192.168.1.1", False),
    ("169.254.169.254", False),  # metadata of most clouds
    ("100.100.100.200", False),  # Alibaba's
    ("192.0.0.192", False),  # Oracle's
    ("168.63.129.16", False),  # Azure's
    ("0.0.0.0", False),
    ("0.1.2.3", False),
    ("255.255.255.255", False),
    ("224.0.0.251", False),
    ("240.0.0.1", False),
    ("198.18.0.1", False),
    ("203.0.113.7", False),
    ("192.88.99.1", False),
    ("::", False),
    ("::1", False),
    ("fe80::1", False),
    ("fe80::1%eth0", False),
    ("fc00::1", False),
    ("fd00:ec2::254", False),  # Amazon's
    ("fec0::1", False),
    ("ff02::1", False),
    ("2001:db8::1", False),
    ("::ffff:127.0.0.1", False),
    ("::ffff:93.184.215.14", True),
    ("::ffff:0:127.0.0.1", False),
    ("::127.0.0.1", False),
    ("64:ff9b::10.0.0.1", False),
    ("64:ff9b::93.184.215.14", True),
    ("64:ff9b:1::1", False),
    ("2002:7f00:1::", False),  # 6to4 of 127.0.0.1
    ("2002:5db8:d70e::", True),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),  # Teredo
]


@pytest.mark.parametrize(("address", "public"), ADDRESSES)
def test_addresses_of_the_open_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_what_it_is(address: object) -> None:
    inner = str(address)
    assert is_public(f"::ffff:{inner}") == is_public(f"64:ff9b::{inner}") == is_public(inner)


# What is never connected to

SPELLINGS = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "127.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "rebound.test",
    "named.test",
]
NAMES = {"rebound.test": ["127.0.0.1"], "named.test": ["::1", "127.0.0.1"]}


@pytest.fixture(scope="module")
def inner() -> Iterator[villain.Villain]:
    """What must not be reached: a server on both loopback addresses."""
    with villain.serve({"/": villain.plain(b"secret")}) as four:
        if socket.has_dualstack_ipv6() or socket.has_ipv6:
            try:
                with villain.serve({"/": villain.plain(b"secret")}, "::1", four.port) as six:
                    six.hits = four.hits
                    yield four
                    return
            except OSError:
                pass
        yield four


def test_no_spelling_of_a_private_address_is_connected_to(inner: villain.Villain) -> None:
    urls = [f"http://{spelling}:{inner.port}/" for spelling in SPELLINGS]
    urls += [
        "http://169.254.169.254/",
        "http://10.0.0.1/",
        "http://[fd00:ec2::254]/",
        "http://192.168.0.1:8080/",
    ]
    outcome = fetch(urls, names=NAMES, ROBOTSTXT_OBEY=False)
    assert [fetched.error for fetched in outcome.fetched] == ["Refused"] * len(urls)
    assert all(
        "not a public address" in fetched.reason or "not public" in fetched.reason
        for fetched in outcome.fetched
    )
    assert inner.hits == []


def test_a_redirect_to_a_private_address_is_not_followed(inner: villain.Villain) -> None:
    targets = [f"http://{spelling}:{inner.port}/" for spelling in SPELLINGS if spelling.isascii()]
    paths = {f"/{number}": villain.redirect(target) for number, target in enumerate(targets)}
    with villain.serve({"/": villain.plain(villain.PAGE), **paths}, "127.0.0.2") as outer:
        urls = [f"{outer.origin}/", *(f"{outer.origin}{path}" for path in paths)]
        outcome = fetch(urls, names=NAMES, allowed=[f"127.0.0.2:{outer.port}"], ROBOTSTXT_OBEY=False)
        assert outer.hits == ["/", *paths]
    assert outcome.fetched[0].status == 200
    assert [fetched.error for fetched in outcome.fetched[1:]] == ["Refused"] * len(targets)
    assert inner.hits == []


def test_other_schemes_are_not_fetched(inner: villain.Villain) -> None:
    with villain.serve(
        {"/f": villain.redirect("file:///etc/passwd"), "/d": villain.redirect("data:text/html,hi")}
    ) as outer:
        urls = [
            "file:///etc/passwd",
            "data:,hi",
            "ftp://127.0.0.1/",
            "s3://bucket/key",
            f"{outer.origin}/f",
            f"{outer.origin}/d",
        ]
        outcome = fetch(urls, allowed=["127.0.0.1"], ROBOTSTXT_OBEY=False)
    assert [fetched.error for fetched in outcome.fetched[:4]] == ["NotSupported"] * 4
    assert [(fetched.status, fetched.length) for fetched in outcome.fetched[4:]] == [(302, 0)] * 2


def test_a_name_with_public_and_private_addresses_is_asked_at_the_public_one_alone(
    inner: villain.Villain,
) -> None:
    # 192.0.2.1 would be public but for documentation: nothing answers at a public address here, so the request fails otherwise.
    outcome = fetch(
        [f"http://mixed.test:{inner.port}/"],
        names={"mixed.test": ["127.0.0.1", "93.184.215.14"]},
        ROBOTSTXT_OBEY=False,
        DOWNLOAD_TIMEOUT=2,
    )
    assert outcome.fetched[0].error != ""
    assert inner.hits == []


def test_a_profile_may_allow_a_host_or_one_of_its_ports_but_never_an_address(inner: villain.Villain) -> None:
    inner.hits.clear()
    hosts = ["any.test", "this.test", "other.test", "none.test", "127.0.0.1"]
    outcome = fetch(
        [f"http://{host}:{inner.port}/" for host in hosts],
        names={host: ["127.0.0.1"] for host in hosts[:4]},
        allowed=["any.test", f"THIS.test:{inner.port}".lower(), "other.test:1"],
        ROBOTSTXT_OBEY=False,
    )
    assert [fetched.status for fetched in outcome.fetched] == [200, 200, 0, 0, 0]
    assert len(inner.hits) == 2
    inner.hits.clear()


# Answers

BOUNDLESS = {
    "50,000 headers": (villain.many_headers, f"more than {MAX_HEADER_BYTES} bytes of headers"),
    "1 MB of headers": (villain.big_headers, f"more than {MAX_HEADER_BYTES} bytes of headers"),
    "one header of 5 MB": (villain.long_header, "a header line longer than 16384 bytes"),
    "interim answers without end": (villain.informed, f"more than {MAX_HEADERS} header lines"),
    "endless": (villain.endless, "the body is larger than 10000000 bytes"),
    "endless chunks": (villain.endless_chunks, "the body is larger than 10000000 bytes"),
    "10 GB promised": (villain.huge_promise, "the body is larger than 10000000 bytes"),
}


def test_answers_that_know_no_bounds_are_refused_and_need_no_memory() -> None:
    paths = {f"/{number}": case for number, (case, _) in enumerate(BOUNDLESS.values())}
    with villain.serve(paths) as server:
        outcome = fetch(
            [f"{server.origin}{path}" for path in paths], allowed=["127.0.0.1"], ROBOTSTXT_OBEY=False
        )
    told = {
        name: (fetched.error, fetched.reason)
        for name, fetched in zip(BOUNDLESS, outcome.fetched, strict=True)
    }
    assert told == {name: ("Refused", reason) for name, (_, reason) in BOUNDLESS.items()}
    assert outcome.peak <= 120_000_000


def test_an_answer_has_a_time_to_be_whole_and_may_have_headers_as_real_sites_send() -> None:
    lines = [f"X-Header-{number}: {'v' * 180}" for number in range(150)]
    with villain.serve(
        {"/": villain.plain(b"hi", *lines), "/a": villain.drip, "/b": villain.slow_headers}
    ) as server:
        outcome = fetch(
            [f"{server.origin}/{path}" for path in ("", "a", "b")],
            allowed=["127.0.0.1"],
            ROBOTSTXT_OBEY=False,
            DOWNLOAD_TIMEOUT=1.5,
        )
    assert [fetched.status for fetched in outcome.fetched] == [200, 0, 0]
    assert [fetched.error for fetched in outcome.fetched[1:]] == ["DownloadTimeoutError"] * 2


@contextmanager
def tls(certificate: trustme.LeafCert) -> Iterator[int]:
    """A server that speaks TLS; yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65_536)
                    villain.plain(villain.PAGE)(connection.sendall)
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_certificates_are_verified_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    authority = trustme.CA()
    with tls(authority.issue_cert("localhost")) as port:
        for verify, status in ((True, 0), (False, 200)):
            settings = guard_settings(allowed=["localhost"], verify_tls=verify)
            outcome = fetch(
                [f"https://localhost:{port}/"],
                allowed=["localhost"],
                ROBOTSTXT_OBEY=False,
                DOWNLOAD_VERIFY_CERTIFICATES=settings["DOWNLOAD_VERIFY_CERTIFICATES"],
            )
            assert outcome.fetched[0].status == status, outcome.fetched[0]


@pytest.mark.parametrize(
    ("url", "address", "allowed", "passes"),
    [
        ("http://example.org/", "93.184.215.14", [], True),
        ("http://example.org/", "10.0.0.1", [], False),
        ("http://example.org/", "::ffff:10.0.0.1", ["10.0.0.1"], False),
        ("https://intra.example/", "10.0.0.1", ["intra.example:443"], True),
        ("http://intra.example:81/", "10.0.0.1", ["intra.example:80"], False),
        ("http://[::1]:8080/", "::1", ["[::1]:8080"], True),
    ],
)
def test_an_answer_from_where_the_guard_lets_nobody_is_a_fault_told_at_once(
    url: str, address: str, allowed: list[str], passes: bool
) -> None:
    response = Response(url, ip_address=ip_address(address))
    if passes:
        ensure_guarded(response, frozenset(allowed))
    else:
        with pytest.raises(RuntimeError, match="past the guard"):
            ensure_guarded(response, frozenset(allowed))


def test_nothing_is_left_open_for_others() -> None:
    settings = guard_settings()
    assert not settings["TELNETCONSOLE_ENABLED"]
    assert not settings["REMOTE_CONTROL_ENABLED"]
    assert not settings["COOKIES_ENABLED"]
    assert settings["GUARD_ALLOWED"] == []
