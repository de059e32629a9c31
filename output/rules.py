"""The fingerprint of everything that decides what is kept and what is found: same fingerprint, same page, same rows."""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

DECIDING = ("cleaning", "output.findings", "output.dataset")
"""Packages whose code, cues and weights make a row what it is."""
OF_THE_CRAWLER = "pagerules.py"
"""The crawler's module that does so too: it reads what a page reserves."""


@cache
def rules_sha256() -> str:
    """Of every file in the deciding packages, and of the crawler's module; compiled Python aside."""
    digest = hashlib.sha256((files("crawler") / OF_THE_CRAWLER).read_bytes())
    for package in DECIDING:
        _add(digest, files(package), package)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", folder: Traversable, name: str) -> None:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                _add(digest, entry, path)
        else:
            digest.update(f"{path}\0".encode())
            digest.update(hashlib.sha256(entry.read_bytes()).digest())
