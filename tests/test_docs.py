"""What the manual says is so."""

import re
import tomllib

import msgspec
import pytest

from crawler.settings import Settings
from crawler.site import read_site

from .command import ROOT, consilia
from .house import PAGE as HOUSE
from .house import page_with_house
from .profile_keys import PAGE, page_with_keys


def test_every_key_of_a_profile_is_told() -> None:
    assert PAGE.read_text() == page_with_keys(), "run: python -m tests.profile_keys"


def test_the_profile_to_begin_with_is_one() -> None:
    block = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    assert read_site(block, "docs").politeness.delay == 2.0


def test_the_settings_of_the_manual_are_settings() -> None:
    block = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "commands.md").read_text(), re.DOTALL)[0]
    told = tomllib.loads(block)
    read = msgspec.to_builtins(msgspec.convert(told, Settings))
    assert {table: set(keys) for table, keys in told.items()} == {
        table: set(keys) for table, keys in read.items()
    }


@pytest.mark.parametrize(
    "page",
    [*sorted(path.name for path in (ROOT / "docs").glob("*.md")), "../README.md", "../CONTRIBUTING.md"],
)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / "docs" / page).read_text()):
        if "://" not in target:
            assert ((ROOT / "docs" / page).parent / target).exists(), target


def test_every_command_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "commands.md").read_text()
    listed = re.findall(r"^│ ([a-z]+) ", consilia("--help", cwd=ROOT).stdout, re.MULTILINE)
    assert len(listed) >= 10
    assert [command for command in listed if f"`consilia {command}" not in manual] == []


def test_every_file_of_the_house_is_told() -> None:
    assert HOUSE.read_text() == page_with_house(), "run: python -m tests.house"
