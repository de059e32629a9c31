"""The list of files in docs/architecture.md, made of their docstrings: python -m tests.house"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "Made from the first line of each file: `python -m tests.house`.\n"
STAGES = ("crawler", "cleaning", "output")


def house() -> str:
    """A table for each stage."""
    return "\n".join(
        f"### {stage}/\n\n| file | what it is for |\n|---|---|\n" + "\n".join(_rows(stage)) + "\n"
        for stage in STAGES
    )


def _rows(stage: str) -> Iterator[str]:
    for path in sorted((ROOT / stage).rglob("*.py")):
        told = ast.get_docstring(ast.parse(path.read_text()))
        if (path.name == "__init__.py" and path.parent.name == stage) or not told:
            continue
        name = path.relative_to(ROOT / stage).as_posix().removesuffix("__init__.py")
        yield f"| `{name}` | {told.splitlines()[0].replace('|', chr(92) + '|')} |"


def page_with_house() -> str:
    """The page as it should be."""
    text = PAGE.read_text()
    return text[: text.index(BEGIN) + len(BEGIN)] + "\n" + house()


if __name__ == "__main__":
    PAGE.write_text(page_with_house())
