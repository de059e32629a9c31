"""CPU time of a crawled page: our crawl, frontier and archive included, beside plain Scrapy, on the same pages.

    python -m benchmarks.speed_crawl [PAGES]              default: 1000

The pages are of 96 KB with 250 links, served on loopback by another process. Counted is the crawling process' CPU time, since the machine's
clock also counts others; what starting it costs is taken off by crawling a few pages first. Scrapy runs with its own settings but for
delays, and stores nothing; once with LinkExtractor, which its manual recommends, once without looking at links. Crawlee for Python is run
if it is installed.
"""

import asyncio
import importlib.util
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from crawler.crawl import crawl
from crawler.site import read_site

SIZE = 96_000
MENU = 150
RELATED = 100
FEW = 20
"""Pages of the run that measures the start."""


def page(number: int, pages: int, words: list[str]) -> bytes:
    """A page of SIZE bytes: a menu that is the same everywhere, text, links to other articles."""
    chance = random.Random(number)
    menu = "".join(f'<li><a class="menu" href="/topic/{at}/">Topic {at}</a></li>' for at in range(MENU))
    related = "".join(
        f'<a href="/health/article-{(number * 7 + at * 13 + 1) % pages}">{chance.choice(words)}</a> '
        for at in range(RELATED)
    )
    head = f"<html><head><title>Article {number}</title></head><body><ul>{menu}</ul><div>{related}</div>"
    text: list[str] = []
    left = SIZE - len(head)
    while left > 0:
        text.append(f"<p>{' '.join(chance.choices(words, k=80))}.</p>")
        left -= len(text[-1])
    return f"{head}{''.join(text)}</body></html>".encode()


async def _serve(pages: int) -> None:
    chance = random.Random(1)
    words = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 10))) for _ in range(3_000)
    ]
    bodies = {f"/health/article-{number}": page(number, pages, words) for number in range(pages)}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
                body = bodies.get(path, b"")
                status = b"200 OK" if body else b"404 Not Found"
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
                    % (status, len(body))
                    + body
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


SCRAPY = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.linkextractors import LinkExtractor

class Plain(scrapy.Spider):
    name = "plain"
    extract = LinkExtractor(deny="/topic/") if sys.argv[2] == "links" else None

    async def start(self):
        yield scrapy.Request(sys.argv[1] + "/health/article-0", meta={"number": 0})

    def parse(self, response):
        if self.extract:
            for link in self.extract.extract_links(response):
                yield scrapy.Request(link.url)
        elif response.meta["number"] == 0:
            for number in range(1, int(sys.argv[3])):
                yield scrapy.Request(f"{sys.argv[1]}/health/article-{number}", meta={"number": number})

process = AsyncCrawlerProcess({
    "LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "CLOSESPIDER_PAGECOUNT": int(sys.argv[3]),
    "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
})
process.crawl(Plain)
process.start()
"""

CRAWLEE = """
import asyncio, logging, sys
from crawlee.crawlers import ParselCrawler, ParselCrawlingContext
from crawlee import ConcurrencySettings, Glob

async def main():
    crawler = ParselCrawler(max_requests_per_crawl=int(sys.argv[3]), configure_logging=False,
        concurrency_settings=ConcurrencySettings(desired_concurrency=16, max_concurrency=16))

    @crawler.router.default_handler
    async def handle(context: ParselCrawlingContext) -> None:
        await context.add_requests(await context.extract_links(exclude=[Glob("**/topic/**")]))

    await crawler.run([sys.argv[1] + "/health/article-0"])

logging.disable(logging.CRITICAL)
asyncio.run(main())
"""


def ours(origin: str, pages: int) -> None:
    """Crawl with everything on that a real run has."""
    profile = f"""
name = "speed"
contact = "bench@example.org"
start = ["{origin}/health/article-0"]
skip = ["^/topic/"]
[politeness]
delay = 0
concurrency = 16
[budget]
pages = {pages}
[network]
allow_private = true
"""
    with tempfile.TemporaryDirectory() as folder:
        (site,) = crawl([read_site(profile, "speed.toml")], Path(folder)).sites
        if site.fetched != pages:
            raise RuntimeError(f"fetched {site.fetched} of {pages}: {site.finish_reason}")


def script(code: str, mode: str = "links") -> Callable[[str, int], None]:
    """A crawl by others, in a process of its own like ours."""

    def run(origin: str, pages: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-c", code, origin, mode, str(pages)],
                check=True,
                cwd=folder,
                capture_output=True,
            )

    return run


def seconds(run: Callable[[str, int], None], origin: str, pages: int) -> float:
    """CPU seconds, user and system, of the processes that a run starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(origin, pages)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(pages: int) -> None:
    """Measure each and print milliseconds a page."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.speed_crawl", "--serve", str(pages)], stdout=subprocess.PIPE
    )
    if server.stdout is None:
        raise AssertionError("it is a pipe")
    origin = f"http://127.0.0.1:{int(server.stdout.readline())}"
    runs = {
        "consilia: robots, guard, frontier, links, archive": ours,
        "Scrapy with LinkExtractor, nothing stored": script(SCRAPY),
        "Scrapy, no links, nothing stored": script(SCRAPY, "fetch"),
    }
    if importlib.util.find_spec("crawlee"):
        runs["Crawlee with extract_links, nothing archived"] = script(CRAWLEE)
    try:
        for name, run in runs.items():
            start = seconds(run, origin, FEW)
            each = (seconds(run, origin, pages) - start) / (pages - FEW)
            print(f"{name:<50} {1000 * each:6.2f} ms/page   (start {start:.2f} s)", flush=True)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(_serve(int(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000)
