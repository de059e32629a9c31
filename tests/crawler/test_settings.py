"""The settings file: defaults, slips told by name, secrets never repeated."""

from pathlib import Path

import pytest

from crawler.settings import BadSettings, Settings, load_settings

SECRET = "T0K3N-in-the-address"


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    (tmp_path / "consilia.toml").write_text("")
    assert load_settings(tmp_path / "consilia.toml") == Settings()


def test_a_webhook_may_stand_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "consilia.toml"
    path.write_text('[alert]\nwebhook = "$CONSILIA_TEST_WEBHOOK"\n')
    with pytest.raises(BadSettings, match=r"alert\.webhook: the environment has no CONSILIA_TEST_WEBHOOK"):
        load_settings(path)
    monkeypatch.setenv("CONSILIA_TEST_WEBHOOK", f"https://hooks.example.org/{SECRET}")
    assert load_settings(path).alert.webhook == f"https://hooks.example.org/{SECRET}"
    monkeypatch.setenv("CONSILIA_TEST_WEBHOOK", f"ftp://{SECRET}")
    with pytest.raises(BadSettings) as caught:
        load_settings(path)
    assert SECRET not in str(caught.value)


BAD = [
    pytest.param(
        f'[alert]\nwebhook = "hooks.example.org/{SECRET}"', "alert.webhook: not an http", id="no scheme"
    ),
    pytest.param(
        f'[alert]\nwebhook = "http://[{SECRET}"', "alert.webhook: not an http", id="a broken address"
    ),
    pytest.param(
        f'[alert]\nwebhook = "https://me:{SECRET}@example.org/"', "without a user's name", id="a password"
    ),
    pytest.param(f'[alert]\nwebhook = ["{SECRET}"]', "alert.webhook: expected `str`", id="a list"),
    pytest.param(f'[alert]\nwebhook = "{SECRET}', "not TOML", id="no TOML"),
    pytest.param("[alert]\ntimeout = 0", "alert.timeout: expected `float` > 0", id="no time"),
    pytest.param("[keep]\nversions = -1", "keep.versions: expected `int` >= 0", id="fewer than none"),
    pytest.param("[keep]\nversion = 3", "keep.version: no such key", id="a slip"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_what_is_wrong_is_told_without_the_value(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "consilia.toml"
    path.write_text(text)
    with pytest.raises(BadSettings) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"none\.toml: No such file or directory"):
        load_settings(tmp_path / "none.toml")
