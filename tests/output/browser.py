"""A real Chromium for tests of pages; tests that need it skip, saying so, where there is none."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

AXE = "axe-core-4.14.1"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "consilia-dev"


@contextmanager
def chromium() -> Iterator["Browser"]:  # type: ignore[name-defined]  # noqa: F821
    """A headless browser."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def axe_script() -> str:
    """axe-core's script, from npm's registry once, then from the cache."""
    packed = CACHE / f"{AXE}.tgz"
    if not packed.is_file():
        if shutil.which("npm") is None:
            pytest.skip("axe-core is not in the cache and npm is missing")
        CACHE.mkdir(parents=True, exist_ok=True)
        name, _, version = AXE.rpartition("-")
        command = ["npm", "pack", f"{name}@{version}", "--pack-destination", str(CACHE), "--silent"]
        if subprocess.run(command, capture_output=True, timeout=60).returncode or not packed.is_file():
            pytest.skip("axe-core cannot be fetched from npm here")
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()
