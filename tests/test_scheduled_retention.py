"""What goes from the disk after months of runs, and what never does."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.settings import Keep
from crawler.site import Site
from output.dataset.version import SCRATCH, Version, latest, open_version, versions
from output.job import build_rows
from output.retention import leftovers, remove

from .clinic import ARTICLES, clinic, night, page, path_of, profile
from .command import consilia
from .crawler.website import serve

KEEP_ALL = Keep()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Site]:
    """Four nights: all is new, nothing changed, one article changed, another did."""
    data = tmp_path_factory.mktemp("data")
    with serve(clinic(ARTICLES[:3])) as site:
        web = profile(site)
        for edited in (None, None, 0, 1):
            if edited is not None:
                article = ARTICLES[edited]
                site.pages[path_of(article)] = page(article).replace(
                    "</h1>", "</h1><p>Looked through again.</p>"
                )
            assert night(web, data).run.exit_code == 0
    return data, web


@pytest.fixture
def kept(made: tuple[Path, Site], tmp_path: Path) -> Iterator[tuple[Path, Site]]:
    data, web = made
    shutil.copytree(data, tmp_path / "data", symlinks=True)
    yield tmp_path / "data", web
    # Whatever went, the newest version is whole, and its archive makes the same articles again.
    newest = open_version(tmp_path / "data" / "dataset")
    assert newest.count("articles") == 3
    again = build_rows(tmp_path / "data", "again")
    assert again.stats.articles == 3
    assert (tmp_path / "data" / "runs.sqlite").exists()


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def age(version: Version, days: int) -> Version:
    """Let a version have been made days before: its name says when."""
    made = datetime.strptime(version.id[:18], "%Y-%m-%dT%H%M%SZ") - timedelta(days=days)
    older = version.path.with_name(f"{made:%Y-%m-%dT%H%M%SZ}")
    version.path.rename(older)
    return Version(older)


def names(data: Path, web: Site, keep: Keep, now: datetime) -> list[str]:
    return [leftover.path.name for leftover in leftovers(data, [web], keep, now)]


def test_by_default_everything_stays(kept: tuple[Path, Site]) -> None:
    assert leftovers(kept[0], [kept[1]], KEEP_ALL, in_days(10_000)) == []


def test_versions_beyond_the_count_go_oldest_first(kept: tuple[Path, Site]) -> None:
    data, web = kept
    ids = [version.id for version in versions(data / "dataset")]
    assert names(data, web, Keep(versions=2), in_days(2)) == ids[:2]
    assert names(data, web, Keep(versions=9), in_days(2)) == []
    assert remove(leftovers(data, [web], Keep(versions=2), in_days(2))) == []
    assert [version.id for version in versions(data / "dataset")] == ids[2:]
    assert not list((data / "dataset" / "versions").glob(f"{SCRATCH}*"))


def test_a_version_that_somebody_may_be_reading_stays(kept: tuple[Path, Site]) -> None:
    # The one before the newest was the latest until a moment ago; of the older ones nobody has been told for a day.
    data, web = kept
    oldest, second, third, _ = versions(data / "dataset")
    assert names(data, web, Keep(versions=1), in_days(0)) == []
    oldest, second, third = age(oldest, 9), age(second, 8), age(third, 7)
    assert names(data, web, Keep(versions=1), in_days(0)) == [oldest.id, second.id]


def test_old_versions_go_and_the_newest_never(kept: tuple[Path, Site]) -> None:
    data, web = kept
    ids = [version.id for version in versions(data / "dataset")]
    assert names(data, web, Keep(version_days=30), in_days(29)) == []
    assert names(data, web, Keep(version_days=30), in_days(31)) == ids[:3]
    assert names(data, web, Keep(versions=1, version_days=1), in_days(10_000)) == ids[:3]


def test_after_a_clock_that_went_back_nothing_goes_too_early(kept: tuple[Path, Site]) -> None:
    data, web = kept
    assert names(data, web, Keep(versions=1, version_days=1, warc_days=1), in_days(-400)) == []


def test_archive_files_go_when_no_standing_page_lies_in_them(kept: tuple[Path, Site]) -> None:
    data, web = kept
    first, quiet, *edits = sorted(file.name for file in (data / "archive" / "clinic").glob("*.warc.gz"))
    assert len(edits) == 2
    assert names(data, web, Keep(warc_days=30), in_days(29)) == []
    # The first night's file holds the third article still; the second night's only says that nothing changed.
    assert names(data, web, Keep(warc_days=30), in_days(31)) == [quiet]
    assert remove(leftovers(data, [web], Keep(warc_days=30), in_days(31))) == []
    left = names(data, web, Keep(warc_days=30), in_days(31))
    assert left
    assert all(name.startswith(quiet.removesuffix(".warc.gz")) for name in left), "its rows, at the next run"
    assert (data / "archive" / "clinic" / first).exists()


def test_an_archive_file_that_the_newest_version_rests_on_stays(kept: tuple[Path, Site]) -> None:
    # As after a failed gate: what is published lies in older records than what the crawl has seen last.
    data, web = kept
    newest, older = versions(data / "dataset")[-1], versions(data / "dataset")[0]
    link = data / "dataset" / "latest"
    link.unlink()
    link.symlink_to(older.path.relative_to(data / "dataset"))
    (first, quiet, third, _) = sorted(file.name for file in (data / "archive" / "clinic").glob("*.warc.gz"))
    assert names(data, web, Keep(warc_days=30), in_days(31)) == [quiet]
    assert newest.id not in names(data, web, Keep(versions=1), in_days(31))
    link.unlink()
    link.symlink_to(newest.path.relative_to(data / "dataset"))
    assert first
    assert third


def test_rows_by_rules_that_hold_no_more_go(kept: tuple[Path, Site]) -> None:
    data, web = kept
    rows = data / "rows" / "clinic"
    marker = next(rows.glob("*.done.json"))
    stale = marker.name.rsplit("-", 1)[0] + "-0123456789ab"
    for file in list(rows.glob(f"{marker.name.removesuffix('.done.json')}.*")):
        shutil.copy(file, rows / file.name.replace(marker.name.removesuffix(".done.json"), stale))
    (rows / f".{stale}.articles.parquet.77.tmp").write_bytes(b"of a killed run")
    going = leftovers(data, [web], KEEP_ALL, in_days(0))
    assert len(going) == 6
    assert all(stale in leftover.path.name for leftover in going)
    assert remove(going) == []
    assert leftovers(data, [web], KEEP_ALL, in_days(0)) == []


def test_what_cannot_be_removed_is_told_and_the_rest_goes(kept: tuple[Path, Site]) -> None:
    data, web = kept
    going = leftovers(data, [web], Keep(versions=2), in_days(2))
    shutil.rmtree(going[0].path)
    assert remove(going) == [f"{going[0].path}: cannot be removed: No such file or directory"]
    assert not going[1].path.exists()


def test_a_dry_run_lists_it_and_removes_nothing(kept: tuple[Path, Site], tmp_path: Path) -> None:
    data, web = kept
    oldest, *_ = versions(data / "dataset")
    for version, days in zip(versions(data / "dataset")[:3], (9, 8, 7), strict=True):
        age(version, days)
    (tmp_path / "consilia.toml").write_text("[keep]\nversions = 2\n")
    (tmp_path / "clinic.toml").write_text(
        f'name = "clinic"\ncontact = "a@example.org"\nstart = ["{web.start[0]}"]\n'
    )
    count = len(versions(data / "dataset"))
    plan = consilia("run", "clinic.toml", "--dry-run", cwd=tmp_path).stdout
    assert plan.count("would remove data/dataset/versions/") == 2
    assert "2 newer versions are kept" in plan
    lines = consilia("run", "clinic.toml", "--dry-run", "--json", cwd=tmp_path).stdout.splitlines()
    assert sum("would_remove" in json.loads(line) for line in lines) == 2
    assert len(versions(data / "dataset")) == count
    assert latest(data / "dataset")
    assert os.path.lexists(data / "dataset" / "latest")
    assert oldest
