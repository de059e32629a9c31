"""A profile is read whole or refused with the file, the key and the reason."""

from pathlib import Path

import pytest

from crawler.site import BadProfile, bundled_sites, find_site, load_site, read_site

LEAST = 'name = "a"\ncontact = "me@example.org"\nstart = ["https://example.org/"]\n'


def test_the_bundled_profiles_are_sound() -> None:
    assert "example" in [site.name for site in bundled_sites()]
    assert find_site("example").layout[0].covers(find_site("example").layout[0].until)


def test_a_name_that_is_not_bundled_is_told_with_those_that_are() -> None:
    with pytest.raises(BadProfile, match=r"nowhere: no such profile; there are .*example"):
        find_site("nowhere")


def test_least_profile_has_polite_defaults() -> None:
    site = read_site(LEAST, "a.toml")
    assert site.politeness.delay >= 1
    assert site.politeness.respect_robots
    assert not site.network.allow_private
    assert site.network.verify_tls
    assert "me@example.org" in site.user_agent
    assert site.all_hosts == {"example.org", "www.example.org"}


BAD = [
    pytest.param("foo = 1", "foo: no such key", id="unknown key"),
    pytest.param("[politeness]\ndelai = 2", "politeness.delai: no such key", id="unknown key in a table"),
    pytest.param("[politeness]\ndelay = -2", "politeness.delay: expected", id="out of bounds"),
    pytest.param(
        '[politeness]\ndelay = "x"', "politeness.delay: expected `float`, got `str`", id="wrong type"
    ),
    pytest.param('article = ["("]', "article: '(' is not a regular expression", id="bad pattern"),
    pytest.param('[[layout]]\nbody = "a["', "layout[0].body: 'a[' is not a CSS selector", id="bad selector"),
    pytest.param(
        "[[layout]]\nsince = 2024-01-02\nuntil = 2023-01-01",
        "layout[0].until: 2023-01-01 is before since",
        id="dates",
    ),
    pytest.param('feeds = ["ftp://example.org/"]', "feeds: 'ftp://example.org/' is not an http", id="scheme"),
    pytest.param("x ==", "not TOML", id="not TOML"),
]


@pytest.mark.parametrize(("extra", "told"), BAD)
def test_a_fault_names_file_key_and_reason(tmp_path: Path, extra: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(LEAST + extra)
    with pytest.raises(BadProfile) as raised:
        load_site(path)
    assert str(raised.value).startswith(f"{path}: {told}")


def test_a_profile_without_contact_or_start_is_refused() -> None:
    with pytest.raises(BadProfile, match="contact: is missing"):
        read_site('name = "a"', "a.toml")
    with pytest.raises(BadProfile, match="start: is missing"):
        read_site('name = "a"\ncontact = "me@example.org"', "a.toml")
    with pytest.raises(BadProfile, match="contact: 'x' is neither"):
        read_site('name = "a"\ncontact = "x"\nstart = ["https://example.org/"]', "a.toml")


def test_a_missing_or_binary_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match="No such file"):
        load_site(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadProfile, match="not a text file"):
        load_site(tmp_path / "b.toml")


def test_patterns_look_at_path_and_query() -> None:
    site = read_site(LEAST + "article = ['^/a/', 'id=\\d+$']\nskip = ['/tag/']", "a.toml")
    assert site.is_article("https://example.org/a/b")
    assert site.is_article("https://example.org/x?id=3")
    assert site.is_article("https://example.org") is False
    assert site.skips("https://example.org/tag/x")
    assert read_site(LEAST, "a.toml").is_article("https://example.org/") is None
