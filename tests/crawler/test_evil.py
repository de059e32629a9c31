"""The whole crawl against a server that does everything wrong: each case ends with a clear reason, and memory stays flat."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import read_pages, verify
from crawler.guard import MAX_HEADER_BYTES, MAX_HEADERS

from . import villain

pytestmark = pytest.mark.xdist_group("evil")  # its servers and crawls once, not in each worker

REFUSED, FAILED, TAKEN, MOVED = "refused", "failed", "taken", "moved"

TOO_LARGE = "the body is larger than 10000000 bytes"
DECODES = "the body decodes to more than 10000000 bytes"
NOT_HTTP = "the answer is not HTTP"
PRIVATE = "redirect to a private address"

CASES: dict[str, tuple[villain.Case, str, str]] = {
    "gzip bomb": (villain.gzip_bomb(), REFUSED, DECODES),
    "brotli bomb": (villain.brotli_bomb, REFUSED, DECODES),
    "bomb in a bomb": (villain.nested_bomb, REFUSED, DECODES),
    "endless body": (villain.endless, REFUSED, TOO_LARGE),
    "endless chunks": (villain.endless_chunks, REFUSED, TOO_LARGE),
    "10 GB promised": (villain.huge_promise, REFUSED, TOO_LARGE),
    "50,000 headers": (villain.many_headers, REFUSED, f"more than {MAX_HEADER_BYTES} bytes of headers"),
    "1 MB of headers": (villain.big_headers, REFUSED, f"more than {MAX_HEADER_BYTES} bytes of headers"),
    "a header of 5 MB": (villain.long_header, REFUSED, "a header line longer than 16384 bytes"),
    "interim answers without end": (villain.informed, REFUSED, f"more than {MAX_HEADERS} header lines"),
    "60 cookies": (villain.cookies, TAKEN, ""),
    "200,000 nested elements": (villain.nested, TAKEN, ""),
    "short body": (villain.short, FAILED, "the answer was cut short"),
    "bad chunk": (villain.bad_chunk, FAILED, "the answer was cut short"),
    "cut gzip": (villain.cut_gzip, FAILED, "the answer was cut short"),
    "not gzip": (villain.plain_called_gzip, REFUSED, "the body is not gzip"),
    "deflate without header": (villain.raw_deflate, TAKEN, ""),
    "a charset for an encoding": (villain.odd_encoding, TAKEN, ""),
    "two lengths": (villain.two_lengths, REFUSED, NOT_HTTP),
    "not HTTP": (villain.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), REFUSED, NOT_HTTP),
    "closed at once": (villain.raw(b""), FAILED, "connection failed"),
    "redirect to itself": (villain.redirect("/redirect-to-itself"), REFUSED, "redirect to itself"),
    "redirect to a file": (villain.redirect("file:///etc/passwd"), REFUSED, "redirect to another scheme"),
    "redirect to data": (villain.redirect("data:text/html,hello"), REFUSED, "redirect to another scheme"),
    "redirect to metadata": (villain.redirect("http://169.254.169.254/latest/"), REFUSED, PRIVATE),
    "redirect to a decimal address": (villain.redirect("http://2130706433/"), REFUSED, PRIVATE),
    "redirect to a hexadecimal address": (villain.redirect("http://0x7f.1/"), REFUSED, PRIVATE),
    "redirect to a short address": (villain.redirect("http://127.1/"), REFUSED, PRIVATE),
    "redirect to a mapped address": (villain.redirect("http://[::ffff:127.0.0.1]/"), REFUSED, PRIVATE),
    # A header's bytes are Latin-1, so these digits come to no address; the guard's own test has them in a link.
    "redirect to circled digits": (villain.redirect("http://①②⑦.⓪.⓪.①/"), REFUSED, "redirect to no address"),
    "redirect to another site": (villain.redirect("http://example.com/"), REFUSED, "redirect off the site"),
    "redirect to no address": (villain.redirect("http://[bad"), REFUSED, "redirect to no address"),
    "an honest page": (villain.plain(villain.PAGE), TAKEN, ""),
}

CHAIN = 12


@dataclass(frozen=True)
class Crawled:
    """What a crawl told, and what the server and the disk say."""

    summary: dict[str, Any]
    peak: int
    """Most memory of the crawl's process, in bytes."""
    hits: list[str]
    heads: list[bytes]
    archived: list[str]

    def reason(self, path: str) -> tuple[str, str]:
        """What became of a path, and why."""
        for kind in (REFUSED, FAILED):
            for trouble in self.summary[kind]:
                if trouble["url"].endswith(path):
                    return kind, trouble["reason"]
        return (TAKEN, "") if path in self.archived else (MOVED, "")


def path_of(name: str) -> str:
    return "/" + name.lower().replace(" ", "-").replace(",", "")


def crawl(folder: Path, cases: dict[str, villain.Case], **network: Any) -> Crawled:
    """Crawl a villain in a process of its own, so that its memory and nothing else is measured."""
    code = (
        "import dataclasses, json, pathlib, resource, sys\n"
        "from crawler.crawl import crawl\n"
        "from crawler.site import read_site\n"
        "told = crawl([read_site(sys.argv[2], 'profile')], pathlib.Path(sys.argv[1])).sites[0]\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024\n"
        "print(json.dumps({'peak': peak, 'summary': dataclasses.asdict(told)}))\n"
    )
    with villain.serve(cases) as server:
        profile = (
            f'name = "evil"\ncontact = "test@example.org"\nstart = ["{server.origin}/"]\n'
            "[politeness]\ndelay = 0\n[network]\nallow_private = true\n"
        )
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, "-c", code, folder, profile],
            capture_output=True,
            text=True,
            cwd=root,
            check=False,
        )
        if done.returncode:
            raise AssertionError(done.stderr)
        told = json.loads(done.stdout)
        archive = folder / "archive" / "evil"
        for path in archive.glob("*.warc.gz"):
            verify(path)
        archived = [page.url.removeprefix(server.origin) for page in read_pages([archive])]
        return Crawled(told["summary"], told["peak"], server.hits, server.heads, archived)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    cases = {path_of(name): case for name, (case, _, _) in CASES.items()}
    chain = {f"/chain{number}": villain.redirect(f"/chain{number + 1}") for number in range(CHAIN)}
    circle = {"/circle-a": villain.redirect("/circle-b"), "/circle-b": villain.redirect("/circle-a")}
    start = villain.links(*cases, "/chain0", "/circle-a")
    return crawl(tmp_path_factory.mktemp("evil"), {"/": start, **cases, **chain, **circle})


@pytest.mark.parametrize("name", CASES)
def test_each_case_ends_with_its_reason(crawled: Crawled, name: str) -> None:
    _, kind, reason = CASES[name]
    got, told = crawled.reason(path_of(name))
    assert got == kind
    assert told.startswith(reason)
    assert "\n" not in told
    assert "0x" not in told, "a reason is for people"


def test_chains_and_circles_of_redirects_end(crawled: Crawled) -> None:
    followed = [hit for hit in crawled.hits if hit.startswith("/chain")]
    assert len(followed) < CHAIN
    assert any(trouble["reason"] == "too many redirects" for trouble in crawled.summary["refused"])
    assert sum(hit.startswith("/circle") for hit in crawled.hits) <= 12


def test_memory_stays_flat(crawled: Crawled) -> None:
    assert crawled.peak <= 120_000_000


def test_the_crawl_comes_to_its_end_and_the_archive_is_whole(crawled: Crawled) -> None:
    assert crawled.summary["finish_reason"] == "finished"
    assert {path_of(name) for name, (_, kind, _) in CASES.items() if kind == TAKEN} <= set(crawled.archived)


def test_nothing_is_sent_back_that_was_set_as_a_cookie(crawled: Crawled) -> None:
    after = crawled.heads[crawled.hits.index(path_of("60 cookies")) + 1 :]
    assert after
    assert not any(b"cookie" in head.lower() for head in after)


@pytest.mark.slow
def test_answers_that_take_forever_fail_and_the_run_ends(tmp_path: Path) -> None:
    """Half a minute for each try."""
    told = crawl(
        tmp_path, {"/": villain.links("/drip", "/slow"), "/drip": villain.drip, "/slow": villain.slow_headers}
    )
    assert told.reason("/drip") == told.reason("/slow") == (FAILED, "no answer in time")
    assert told.archived == ["/"]
