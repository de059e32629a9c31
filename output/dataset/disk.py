"""Writing so that a reader sees a whole file or none, after a kill or a power cut too."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crawler.archive import sync_folder


@contextmanager
def write_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when the block ends well, and is dropped when it does not."""
    # The process number keeps two writers of one name apart; whoever renames last wins, both being whole.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_tree(root: Path) -> None:
    """Sync every file and folder below root, and root."""
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:
            descriptor = os.open(Path(folder, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(folder))
