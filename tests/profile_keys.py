"""The table of a profile's keys in docs/adding-a-site.md, made from crawler/site.py: python -m tests.profile_keys"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "adding-a-site.md"
BEGIN, END = "## All keys\n", "## Where the article stands in the page\n"
TABLES = {
    "Site": "",
    "Politeness": "[politeness]",
    "Budget": "[budget]",
    "Revisit": "[revisit]",
    "Gate": "[gate]",
    "Network": "[network]",
    "Layout": "[[layout]]",
}


def keys() -> str:
    """The tables, one for each part of a profile."""
    tree = ast.parse((ROOT / "crawler" / "site.py").read_text())
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    parts = []
    for name, heading in TABLES.items():
        rows = "\n".join(
            f"| `{key}` | {default} | {meaning} |" for key, default, meaning in _rows(classes[name])
        )
        parts.append(
            (f"**`{heading}`**\n\n" if heading else "")
            + f"| key | default | meaning |\n|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def _rows(part: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    for field, told in zip(part.body, part.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(told, ast.Expr)
            and isinstance(told.value, ast.Constant)
        ):
            assert isinstance(field.target, ast.Name)
            if isinstance(field.value, ast.Call):
                continue  # a table of its own
            default = ast.unparse(field.value) if field.value else "required"
            default = {"()": "none", "''": "none", "None": "none", "True": "`true`", "False": "`false`"}.get(
                default, default.replace("'", '"').replace("_", "_")
            )
            yield field.target.id, default, " ".join(str(told.value.value).split()).replace("|", "\\|")


def page_with_keys() -> str:
    """The page as it should be."""
    text = PAGE.read_text()
    return text[: text.index(BEGIN) + len(BEGIN)] + "\n" + keys() + "\n" + text[text.index(END) :]


if __name__ == "__main__":
    PAGE.write_text(page_with_keys())
