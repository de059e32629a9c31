"""`consilia text` and `consilia show` on loose files."""

import json
from pathlib import Path

import pytest

from .command import ARTICLES, consilia, records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hiccups.html").write_text(ARTICLES["/hiccups"])
    (tmp_path / "dry eyes.html").write_text(ARTICLES["/dry-eyes"])
    return tmp_path


def test_one_file_is_one_document(folder: Path) -> None:
    (record,) = records("hiccups.html", cwd=folder)
    assert (record["source"], record["topic"], record["title"]) == (
        "hiccups.html",
        "hiccups",
        "What causes hiccups?",
    )
    assert [cause["evidence"]["exact"] for cause in record["causes"]] == [
        "Eating too much or too fast, so that the stomach is stretched.",
        "Fizzy drinks, which bring gas into the stomach.",
        "Excitement or sudden laughter.",
    ]
    assert [item["role"] for item in record["advice"]] == ["self_care"] * 3 + ["see_doctor"]
    assert record["advice"][2]["polarity"] == "avoid"


def test_several_files_are_a_line_each(folder: Path) -> None:
    found = records("hiccups.html", "dry eyes.html", "-", cwd=folder, text=ARTICLES["/dry-eyes"])
    assert [record["topic"] for record in found] == ["hiccups", "dry eyes", "dry eyes"]
    assert found[1]["causes"] == found[2]["causes"]


def test_a_file_that_is_missing_costs_the_others_nothing(folder: Path) -> None:
    done = consilia("text", "none.html", "hiccups.html", cwd=folder, code=1)
    assert done.stderr == "consilia: none.html: No such file or directory\n"
    assert json.loads(done.stdout)["topic"] == "hiccups"


BAD = [
    pytest.param(b"", "consilia: bad.html: empty page", id="empty"),
    pytest.param(b" \n\t ", "consilia: bad.html: empty page", id="white space"),
    pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "consilia: bad.html: not text", id="an image"),
    pytest.param(
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "consilia: bad.html: not text", id="a PDF"
    ),
    pytest.param(
        b"<html><body><p>Rest helps.</p></body></html>", "consilia: bad.html: too short", id="three words"
    ),
    pytest.param(ARTICLES["/diary"].encode(), "consilia: bad.html: ", id="a login page"),
]


@pytest.mark.parametrize(("body", "complaint"), BAD)
@pytest.mark.parametrize("command", ["text", "show"])
def test_what_is_no_article_is_told_in_one_line(
    command: str, body: bytes, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.html").write_bytes(body)
    done = consilia(command, "bad.html", cwd=tmp_path, code=1)
    assert done.stderr.startswith(complaint)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_folder_is_told(tmp_path: Path) -> None:
    assert (
        consilia("text", tmp_path, cwd=tmp_path, code=1).stderr == f"consilia: {tmp_path}: Is a directory\n"
    )


def test_no_file_is_a_usage_error(tmp_path: Path) -> None:
    assert "Missing argument" in consilia("text", cwd=tmp_path, code=2).stderr


def test_why_nothing_is_looked_for_is_told(tmp_path: Path) -> None:
    page = (
        "<html lang='en'><title>Why does my dog scratch?</title><h1>Why does my dog scratch?</h1>"
        "<p>A dog that scratches now and then is well. A dog that wakes you at night with its scratching is not, and most dogs of that kind have fleas,"
        " even if you never see one on the coat.</p><h2>Causes</h2><ul><li>Fleas and mites in the coat</li><li>Pollen and house dust</li></ul>"
        "<h2>What to do</h2><p>Comb your dog over white paper every evening and wash its blanket hot once a week."
        " Call the vet if the skin is broken or if the scratching lasts longer than a week.</p>"
    )
    (tmp_path / "dog.html").write_text(page)
    (record,) = records("dog.html", cwd=tmp_path)
    assert (record["not_read"], record["causes"]) == ("about animals", [])
    assert "nothing was looked for: about animals" in consilia("show", "dog.html", cwd=tmp_path).stdout
