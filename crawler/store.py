"""Find the store that an address (s3://bucket/file) lies in: fsspec knows many kinds, each with a package of its own."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import fsspec

_EXTRAS = {"s3": "s3", "s3a": "s3"}
"""Our own extra that installs what a scheme needs."""


class NoStore(Exception):  # noqa: N818  the user's words, not a fault
    """An address of a kind that nobody knows, or that needs a package which is not installed; says which."""


def is_address(source: Path | str) -> bool:
    """Whether it is an address (s3://bucket/file) and no path."""
    return "://" in str(source)


def find_store(address: Path | str) -> tuple["fsspec.AbstractFileSystem", str]:
    """The store, and the path in it. Raises NoStore."""
    import fsspec  # 0.1 s, and most archives lie on the disk

    scheme = str(address).partition("://")[0]
    try:
        store, path = fsspec.core.url_to_fs(str(address))
    except ImportError as error:
        extra = _EXTRAS.get(scheme)
        raise NoStore(
            f"{address}: " + (f"not installed: pip install 'consilia[{extra}]'" if extra else str(error))
        ) from error
    except ValueError as error:
        raise NoStore(f"{address}: no kind of store is called {scheme}") from error
    return store, path
