"""`consilia run` on a site of the user's own, and on what users and disks do wrong."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .command import ARTICLES, ROOT, consilia
from .crawler.website import Website, serve


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Website]:
    """A small site, and its profile as web.toml."""
    with serve(Website(dict(ARTICLES))) as website:
        (tmp_path / "web.toml").write_text(website.profile())
        yield website


def latest(folder: Path) -> Path:
    return (folder / "data" / "dataset" / "latest").resolve()


def test_a_profile_of_ones_own_gives_a_dataset(site: Website, tmp_path: Path) -> None:
    done = consilia("run", "web.toml", cwd=tmp_path)
    assert "2 articles" in done.stdout
    assert str(Path("data/dataset/versions") / latest(tmp_path).name) in done.stdout
    told = json.loads(consilia("runs", "--json", cwd=tmp_path).stdout)
    assert (told["exit_code"], told["finish_reason"], told["dataset_version"]) == (
        0,
        "finished",
        latest(tmp_path).name,
    )


def test_a_second_run_downloads_no_bodies_and_keeps_every_row(site: Website, tmp_path: Path) -> None:
    consilia("run", "web.toml", cwd=tmp_path)
    bodies = site.bodies()
    first = (latest(tmp_path) / "data" / "findings.parquet").read_bytes()
    done = json.loads(consilia("run", "web.toml", "--json", cwd=tmp_path).stdout)
    assert site.bodies() == bodies
    assert (done["counts"]["web"]["new"], done["counts"]["web"]["unchanged"]) == (0, 4)
    assert (latest(tmp_path) / "data" / "findings.parquet").read_bytes() == first


def test_refusals_are_rows_with_their_reasons(site: Website, tmp_path: Path) -> None:
    site.pages["/"] = str(site.pages["/"]) + '<a href="/missing">More</a> <a href="/private/notes">Notes</a>'
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /private/\n"
    consilia("run", "web.toml", cwd=tmp_path)
    consilia("export", "data/dataset", "out", "--format", "csv", cwd=tmp_path)
    told = (tmp_path / "out" / "csv" / "refusals.csv").read_text()
    for path, reason in {
        "/missing": "status 404",
        "/private/notes": "robots.txt",
        "/diary": "login or sign-up page",
    }.items():
        assert any(f"{site.origin}{path}," in line and reason in line for line in told.splitlines()), (
            path,
            told,
        )


def test_changes_between_versions_are_told(site: Website, tmp_path: Path) -> None:
    consilia("run", "web.toml", cwd=tmp_path)
    before = latest(tmp_path)
    site.pages["/hiccups"] = ARTICLES["/hiccups"].replace("Fizzy drinks", "Sparkling drinks")
    consilia("run", "web.toml", "--full", cwd=tmp_path)
    (row,) = (
        json.loads(line)
        for line in consilia("diff", before, latest(tmp_path), "--json", cwd=tmp_path).stdout.splitlines()
    )
    assert (row["change"], row["url"]) == ("changed", f"{site.origin}/hiccups")
    assert "text" in row["fields"]


def test_dry_run_fetches_nothing(site: Website, tmp_path: Path) -> None:
    assert "begins at" in consilia("run", "web.toml", "--dry-run", cwd=tmp_path).stdout
    assert site.hits == []
    assert not (tmp_path / "data").exists()


def test_a_second_run_of_the_same_sites_is_turned_away(site: Website, tmp_path: Path) -> None:
    holder = "from crawler.lock import exclusive_sites; from pathlib import Path; import sys\nwith exclusive_sites(Path('data/locks'), ['web']): print('held', flush=True); sys.stdin.read()"
    first = subprocess.Popen(
        [sys.executable, "-c", holder],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert first.stdout
    first.stdout.readline()
    done = consilia("run", "web.toml", cwd=tmp_path, code=75)
    first.kill()
    first.wait()
    assert done.stderr.startswith(f"consilia: web: already running (process {first.pid} on ")


def test_an_unreachable_site_fails_its_gate_and_leaves_the_dataset(tmp_path: Path) -> None:
    with serve(Website(dict(ARTICLES))) as website:
        (tmp_path / "web.toml").write_text(website.profile())
        consilia("run", "web.toml", cwd=tmp_path)
    before = latest(tmp_path)
    host = website.origin.removeprefix("http://")
    done = consilia("run", "web.toml", cwd=tmp_path, code=3)
    assert f"consilia: web: unreachable: {host}: " in done.stderr
    assert latest(tmp_path) == before
    assert f"unreachable: {host}" in (tmp_path / "data" / "report.html").read_text()


def test_a_site_without_articles_is_never_published(tmp_path: Path) -> None:
    with serve(Website({"/": ARTICLES["/"]})) as website:
        (tmp_path / "web.toml").write_text(website.profile())
        done = consilia("run", "web.toml", cwd=tmp_path, code=3)
    assert "consilia: web: articles: none at all" in done.stderr
    assert not (tmp_path / "data" / "dataset" / "latest").exists()


PROFILES = [
    pytest.param(
        "name = 'x'\ncontact = 'a@b.org'\nstart = ['http://a.org/']\ndealy = 3",
        "web.toml: dealy: no such key",
        id="an unknown key",
    ),
    pytest.param("name = 'x'\nstart = ['http://a.org/']", "web.toml: contact: is missing", id="no contact"),
    pytest.param(
        "name = 'x'\ncontact = 'a@b.org'",
        "web.toml: start: is missing, and so are sitemaps and feeds: nowhere to begin",
        id="nowhere to begin",
    ),
    pytest.param("name = ", "web.toml: not TOML: ", id="not TOML"),
]


@pytest.mark.parametrize(("profile", "complaint"), PROFILES)
def test_a_bad_profile_names_file_key_and_reason(profile: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "web.toml").write_text(profile)
    for command in (["run", "web.toml"], ["sites", "check", "web.toml"]):
        done = consilia(*command, cwd=tmp_path, code=2)
        assert done.stderr.startswith(f"consilia: {complaint}")
        assert done.stderr.count("\n") == 1


def test_a_missing_profile_is_told(tmp_path: Path) -> None:
    assert (
        consilia("run", "none.toml", cwd=tmp_path, code=2).stderr
        == "consilia: none.toml: No such file or directory\n"
    )


def test_a_bad_settings_file_is_told(site: Website, tmp_path: Path) -> None:
    (tmp_path / "consilia.toml").write_text("[keep]\nversion = 3\n")
    assert consilia("run", "web.toml", cwd=tmp_path, code=2).stderr.startswith("consilia: consilia.toml: ")


def test_a_broken_archive_is_told_and_the_version_before_stays(site: Website, tmp_path: Path) -> None:
    consilia("run", "web.toml", cwd=tmp_path)
    before = latest(tmp_path)
    (warc,) = (tmp_path / "data" / "archive" / "web").glob("*.warc.gz")
    body = bytearray(warc.read_bytes())
    body[len(body) // 2] ^= 0xFF
    (tmp_path / "broken.warc.gz").write_bytes(body)
    manifest = (before / "manifest.json").read_bytes()
    done = consilia("build", "broken.warc.gz", cwd=tmp_path, code=1)
    assert done.stderr.startswith("consilia: broken.warc.gz at byte ")
    assert done.stderr.count("\n") == 1
    assert (before / "manifest.json").read_bytes() == manifest


def test_build_takes_folders_of_pages(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "hiccups.html").write_text(ARTICLES["/hiccups"])
    (pages / "diary.html").write_text(ARTICLES["/diary"])
    done = consilia("build", "pages", cwd=tmp_path)
    assert "1 articles" in done.stdout
    assert "1 pages refused" in done.stdout
    assert (
        consilia("build", "none", cwd=tmp_path, code=2).stderr == "consilia: none: no such file or folder\n"
    )


def test_nothing_is_built_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero.warc").write_bytes(b"")
    (tmp_path / "noise.warc.gz").write_bytes(b"not a WARC file" * 20)
    for path, code, told in (
        ("empty", 2, "empty: no WARC, HTML or text file here"),
        ("zero.warc", 1, "zero.warc: no page in it"),
        ("noise.warc.gz", 1, "noise.warc.gz at byte 0: "),
    ):
        done = consilia("build", path, cwd=tmp_path, code=code)
        assert done.stderr.startswith(f"consilia: {told}")
        assert done.stderr.count("\n") == 1
    assert consilia("build", cwd=tmp_path, code=2).stderr == "consilia: data: no archive here\n"
    assert not (tmp_path / "data" / "dataset").exists()


def test_a_build_tells_what_the_version_holds_and_what_is_held_back(site: Website, tmp_path: Path) -> None:
    consilia("run", "web.toml", cwd=tmp_path)
    site.pages["/hiccups"] = site.pages["/dry-eyes"] = site.pages["/diary"]
    consilia("run", "web.toml", cwd=tmp_path, code=3)
    assert "web" in consilia("build", cwd=tmp_path, code=1).stderr
    (tmp_path / "loose.html").write_text(ARTICLES["/hiccups"].replace("laughter", "sneezing"))
    done = consilia("build", "loose.html", cwd=tmp_path)
    assert ": 3 articles, " in done.stdout
    assert "read: 1 articles, " in done.stdout


def test_a_version_is_named_by_its_id_too(site: Website, tmp_path: Path) -> None:
    consilia("run", "web.toml", cwd=tmp_path)
    done = consilia("export", latest(tmp_path).name, "out", "--where", "role=cause", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "2 articles, 6 findings"
    wrong = consilia("export", "data/dataset", "out", "--format", "yaml", cwd=tmp_path, code=2)
    assert (
        wrong.stderr == "consilia: unknown format 'yaml'; known: parquet, jsonl, csv, sqlite, jsonld, xlsx\n"
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = consilia("serve", "--port", str(port), cwd=tmp_path, code=1)
    assert (busy.stdout, busy.stderr) == ("", f"consilia: 127.0.0.1:{port}: Address already in use\n")


def test_two_profiles_of_one_name_are_told(site: Website, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "web.toml", tmp_path / "copy.toml")
    done = consilia("run", "web.toml", "copy.toml", cwd=tmp_path, code=2)
    assert done.stderr == "consilia: copy.toml: name: web.toml is called 'web', too\n"


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    assert consilia("runs", cwd=tmp_path, code=1).stderr == "consilia: data: no runs here yet\n"


def test_a_full_disk_is_told_and_the_dataset_stays(site: Website, tmp_path: Path) -> None:
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root can make a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        (tmp_path / "consilia.toml").write_text("[crawl]\nmin_free_mb = 0\n")
        consilia("run", "web.toml", "--data", disk, cwd=tmp_path)
        before = (disk / "dataset" / "latest").resolve()
        (disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(disk).free - 8192))
        site.pages["/hiccups"] = ARTICLES["/hiccups"].replace("Fizzy", "Sparkling")
        done = consilia("run", "web.toml", "--full", "--data", disk, cwd=tmp_path, code=1)
        assert "space" in done.stderr.lower()
        assert "disk" in done.stderr
        assert (disk / "dataset" / "latest").resolve() == before
        (disk / "ballast").unlink()
        consilia("run", "web.toml", "--data", disk, cwd=tmp_path)  # goes on with the run that stopped
        assert (disk / "dataset" / "latest").resolve() != before
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_schedule_prints_units_for_a_profile_that_can_be_read(site: Website, tmp_path: Path) -> None:
    done = consilia("schedule", "web.toml", "--every", "Mon..Fri 03:00", "--as", "systemd", cwd=tmp_path)
    assert f"run {tmp_path / 'web.toml'} --data {tmp_path / 'data'}" in done.stdout
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 03:00:00" in done.stdout
    assert consilia(
        "schedule", "web.toml", "--every", "soon", "--as", "cron", cwd=tmp_path, code=2
    ).stderr.startswith("consilia: 'soon': say it like")
