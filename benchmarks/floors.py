"""The figures that only rise."""

import tomllib
from collections.abc import Mapping
from pathlib import Path


def fallen(table: str, figures: Mapping[str, float]) -> dict[str, float]:
    """The floors of a table in floors.toml that a figure is below; a figure that was not measured is below none."""
    floors = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))[table]
    return {name: floor for name, floor in floors.items() if name in figures and figures[name] < floor}
