"""A version in a store: whole before anything points at it. S3 is a server on loopback (moto), where moto and s3fs are installed."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from output.build import clean_all, tasks
from output.dataset.publish import publish
from output.dataset.shard import write_shard
from output.dataset.upload import CannotUpload, latest_id, upload
from output.dataset.version import Version

from ..command import ROOT, consilia
from .archives import pages, write_archive
from .samples import FINISHED, TEXT, a_run, rows_of
from .test_build import contents


@pytest.fixture(params=["memory", "file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty place in a store."""
    if request.param == "memory":
        yield f"memory://{uuid.uuid4()}"
    elif request.param == "file":
        yield f"file://{tmp_path}/store"
    else:
        pytest.importorskip("s3fs")
        server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        told = {"endpoint_url": f"http://{host}:{port}", "key": "any", "secret": "any"}
        monkeypatch.setitem(fsspec.config.conf, "s3", told)
        bucket = f"b-{uuid.uuid4()}"  # a server's memory outlives it
        fsspec.filesystem("s3").mkdir(bucket)
        yield f"s3://{bucket}/dataset"
        server.stop()
        fsspec.filesystem("s3").clear_instance_cache()


@pytest.fixture
def versions(tmp_path: Path) -> list[Version]:
    """Two of a dataset."""
    made = []
    for number in (1, 2):
        shard = write_shard([rows_of(text=TEXT + "\nMore." * number)], tmp_path / f"p{number}", "s")
        run = a_run(f"run-{number:04}", FINISHED + timedelta(days=number))
        made.append(publish([shard], tmp_path / "dataset", run, formats=("jsonl",)))
    return made


def test_a_version_is_found_by_the_pointer(store: str, versions: list[Version]) -> None:
    assert latest_id(store) == ""
    for version in versions:
        place = upload(version, store)
        assert latest_id(store) == version.id
        assert place == f"{store}/versions/{version.id}"
        mine = pd.read_parquet(version.path / "data" / "articles.parquet")
        with fsspec.open(f"{place}/data/articles.parquet", "rb") as file:
            pd.testing.assert_frame_equal(pd.read_parquet(file), mine)
    fs, root = fsspec.core.url_to_fs(store)
    there = {name.removeprefix(root).rpartition("versions/")[2] for name in fs.find(root)}
    assert len(there) == 1 + sum(
        len([p for p in version.path.rglob("*") if p.is_file()]) for version in versions
    )


def test_an_upload_that_breaks_off_leaves_the_pointer(versions: list[Version], tmp_path: Path) -> None:
    store = f"file://{tmp_path}/store"
    upload(versions[0], store)
    (tmp_path / "store" / "versions" / versions[1].id).write_text("a file where a folder should be")
    with pytest.raises(CannotUpload, match="store"):
        upload(versions[1], store)
    assert latest_id(store) == versions[0].id


STORES = [
    pytest.param("nosuch://bucket/x", "no kind of store is called nosuch", id="unknown"),
    pytest.param("gs://bucket/x", "install gcsfs", id="its package is not installed"),
]


@pytest.mark.parametrize(("address", "told"), STORES)
def test_a_store_that_cannot_be_used_is_wrong_use(
    versions: list[Version], tmp_path: Path, address: str, told: str
) -> None:
    if "gcsfs" in told and find_spec("gcsfs"):
        pytest.skip("gcsfs is installed here")
    for command in (["upload", versions[0].path, address], ["build", address]):
        done = consilia(*command, cwd=tmp_path, code=2)
        assert done.stderr.startswith(f"consilia: {address}: ")
        assert told in done.stderr
        assert done.stderr.count("\n") == 1


def test_what_our_own_extra_installs_is_named(tmp_path: Path) -> None:
    without = "import sys; sys.modules['s3fs'] = None; import consilia; consilia.main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "build", "s3://bucket/x"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    told = "consilia: s3://bucket/x: not installed: pip install 'consilia[s3]'\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_an_archive_in_a_store_is_built_like_one_on_disk(store: str, tmp_path: Path) -> None:
    files = write_archive(tmp_path / "a", pages(6), each=3)
    fs, root = fsspec.core.url_to_fs(store)
    fs.makedirs(f"{root}/warc", exist_ok=True)
    for file in files:
        fs.put_file(str(file), f"{root}/warc/{file.name}")
    assert contents(clean_all(tasks([f"{store}/warc"], tmp_path / "there", "r"))) == contents(
        clean_all(tasks(files, tmp_path / "here", "r"))
    )
