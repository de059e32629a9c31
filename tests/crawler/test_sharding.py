"""Every host has one owner, whatever the number of shards; shards together crawl what one crawl does."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive import read_pages
from crawler.engine import Engine, Workers
from crawler.sharding import BadShard, crawl_shares, domain, share_of, shares
from crawler.site import Site, read_site

from .website import Website, library, serve

HOSTS = st.sampled_from(
    [
        "a.example.org",
        "b.example.org",
        "www.clinic.co.uk",
        "clinic.co.uk",
        "one.test",
        "two.test",
        "three.test",
        "127.0.0.1:80",
        "127.0.0.1:81",
    ]
)


def a_site(name: str, *hosts: str) -> Site:
    """A site on these hosts."""
    return Site(name=name, contact="a@b.org", start=tuple(f"http://{host}/" for host in hosts))


@given(st.lists(st.lists(HOSTS, min_size=1, max_size=3), max_size=12), st.integers(1, 5), st.randoms())
@settings(max_examples=60, deadline=None)
def test_every_site_is_in_one_shard_and_every_domain_too(
    hosts: list[list[str]], count: int, rng: object
) -> None:
    sites = [a_site(f"s{number}", *mine) for number, mine in enumerate(hosts)]
    parts = shares(sites, count)
    assert len(parts) == count
    assert sorted(site.name for part in parts for site in part) == sorted(site.name for site in sites)
    owners: dict[str, int] = {}
    for number, part in enumerate(parts):
        for site in part:
            for host in site.all_hosts:
                assert owners.setdefault(domain(host), number) == number
    rng.shuffle(sites)  # type: ignore[attr-defined]
    again = shares(sites, count)
    assert [{site.name for site in part} for part in again] == [
        {site.name for site in part} for part in parts
    ]


def test_shards_are_used() -> None:
    sites = [a_site(f"s{number}", f"site{number}.test") for number in range(200)]
    assert all(10 < len(part) < 50 for part in shares(sites, 8))
    assert [site for number in range(1, 9) for site in share_of(sites, f"{number}/8")] == [
        site for part in shares(sites, 8) for site in part
    ]


@pytest.mark.parametrize("shard", ["0/8", "9/8", "8", "1/0", "a/b", "-1/8"])
def test_a_shard_that_is_none_is_told(shard: str) -> None:
    with pytest.raises(BadShard, match="of the form 2/8"):
        share_of([], shard)


def test_shards_in_processes_crawl_what_one_crawl_does(tmp_path: Path) -> None:
    with serve(Website(library(6))) as one, serve(Website(library(4))) as two:
        sites = [read_site(web.profile(name=name), name) for web, name in ((one, "one"), (two, "two"))]
        summary = crawl_shares(sites, tmp_path, 4, Workers(Engine.PROCESSES, 2))
    assert summary.finished
    assert {site.site: site.fetched > 0 for site in summary.sites} == {"one": True, "two": True}
    for web, name in ((one, "one"), (two, "two")):
        assert max(web.asked().values()) == 1
        assert (tmp_path / "state" / f"{name}.sqlite").exists()
        pages = list(read_pages(sorted((tmp_path / "archive" / name).glob("*.warc.gz"))))
        assert len(pages) == len(web.asked())
