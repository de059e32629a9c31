"""docs/records.md and docs/dataset.md say what is so."""

import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from output.dataset.columns import TABLES
from output.dataset.publish import publish
from output.dataset.records import records_page
from output.dataset.shard import write_shard
from output.dataset.version import Version, open_version
from output.report import write_pages, write_report

from .samples import FINISHED, TEXT, a_run, rows_of, sentences

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def _blocks(kind: str) -> list[str]:
    return re.findall(
        rf"^```{kind}\n(.*?)^```", (DOCS / "dataset.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def _with_report(version: Version) -> None:
    write_pages(version, version.path / "pages")
    write_report(version, version.path / "report.html", pages="pages/")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/dataset in it, two versions."""
    root = tmp_path_factory.mktemp("docs")
    for number, text in enumerate([TEXT, TEXT + "\nMore."], 1):
        pages = [rows_of(text=text), rows_of("https://demo.test/b", sentences(20, 1), license="CC BY 4.0")]
        shard = write_shard(pages, root / f"p{number}", "s")
        run = a_run(f"run-{number:04}", FINISHED + timedelta(days=number))
        publish([shard], root / "data" / "dataset", run, finish=_with_report)
    return root


def test_the_records_page_is_the_declaration() -> None:
    assert (DOCS / "records.md").read_text("utf-8") == records_page(), (
        "python -m output.dataset.records > docs/records.md"
    )
    for spec in TABLES.values():
        assert all(column.description for column in spec.columns)


def test_the_examples_run(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    monkeypatch.chdir(here)
    space: dict[str, object] = {}
    blocks = _blocks("python")
    assert len(blocks) == 7
    for block in blocks:
        exec(compile(block, "docs/dataset.md", "exec"), space)  # noqa: S102  our own manual
    assert len(space["originals"]) == 2  # type: ignore[arg-type]
    assert len(space["causes"]) == 2  # type: ignore[arg-type]


def test_the_commands_run(here: Path) -> None:
    commands = [line for block in _blocks("sh") for line in block.splitlines() if line]
    assert len(commands) == 3
    for command in commands:
        name, *arguments = shlex.split(command)
        assert name == "consilia"
        done = subprocess.run(
            [sys.executable, "-m", "consilia", *arguments],
            cwd=here,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


def test_the_listed_files_are_those_of_a_version(here: Path) -> None:
    version: Version = open_version(here / "data" / "dataset")
    listing = _blocks("")[0]
    for name in re.findall(r"^    ([\w.]+(?:\.\w+|/))(?= )", listing, re.MULTILINE):
        assert (version.path / name).exists(), name
    assert f"Report of version {version.id}<" in (version.path / "report.html").read_text("utf-8")
    for path in version.path.iterdir():
        assert path.name in listing, path.name
