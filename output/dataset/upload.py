"""Copy a published version to a store that fsspec knows (s3://, gs://, memory://…): its files first, the pointer to it last.

A store has no links and no renames that happen at once, but an object appears whole or not at all. So `latest` there is an object that holds the version's id, and
whoever follows it finds every file of that version; one that was broken off is no version, since nothing points at it, and is simply copied again.
"""

from pathlib import Path

import fsspec

from crawler.store import find_store

from .version import LATEST, VERSIONS, Version


class CannotUpload(Exception):  # noqa: N818
    """The store did not take a file; the message names it. What `latest` says there is as it was."""


def upload(version: Version, address: str) -> str:
    """Copy a version under `address` and point `latest` there at it; gives the version's address. Raises CannotUpload, NoStore."""
    store, root = find_store(address.rstrip("/"))
    folder = f"{root}/{VERSIONS}/{version.id}"
    files = sorted(path for path in version.path.rglob("*") if path.is_file())
    try:
        for path in files:
            _put(store, path, f"{folder}/{path.relative_to(version.path).as_posix()}")
        store.pipe_file(f"{root}/{LATEST}", version.id.encode())
    except OSError as error:
        raise CannotUpload(f"{address}: {error}") from error
    return f"{address.rstrip('/')}/{VERSIONS}/{version.id}"


def latest_id(address: str) -> str:
    """The id of the version that `latest` names; "" where there is none."""
    store, root = find_store(address.rstrip("/"))
    try:
        return str(store.cat_file(f"{root}/{LATEST}").decode())
    except FileNotFoundError:
        return ""


def _put(store: fsspec.AbstractFileSystem, path: Path, target: str) -> None:
    size = path.stat().st_size
    if store.exists(target) and store.size(target) == size and path.name != "manifest.json":
        return  # of a copy that was broken off: a version's files never change
    store.makedirs(target.rpartition("/")[0], exist_ok=True)
    store.put_file(str(path), target)
    if store.size(target) != size:
        raise CannotUpload(f"{target}: {store.size(target)} bytes arrived of {size}")
