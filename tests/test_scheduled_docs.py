"""The manual of scheduled runs says what the program does."""

import re

import msgspec

from crawler.settings import Settings
from crawler.site import Gate
from output.teller import FAILED, GATE_FAILED, OK, STOPPED

from .command import ROOT

MANUAL = (ROOT / "docs" / "scheduling.md").read_text("utf-8")


def test_its_settings_can_be_used() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert msgspec.toml.decode(block, type=Settings) != Settings()


def test_its_numbers_are_the_programs() -> None:
    assert f"`drop` ({Gate().drop})" in MANUAL
    assert f"`runs` ({Gate().runs})" in MANUAL
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", MANUAL, re.MULTILINE)}
    assert told == {OK, FAILED, 2, GATE_FAILED, 75, STOPPED}


def test_its_events_are_the_programs() -> None:
    sources = [(ROOT / "output" / name).read_text("utf-8") for name in ("teller.py", "job.py")]
    (listed,) = re.findall(r"With `--json` the log is.*?(?=\n\n)", MANUAL, re.DOTALL)
    events = set(re.findall(r"`([a-z ]+)`", listed))
    assert len(events) >= 12
    assert all(any(f'"{event}"' in source for source in sources) for event in events), events
