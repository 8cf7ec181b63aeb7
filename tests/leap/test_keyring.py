"""Secrets are made once, and none is ever made over data that needed the one before."""

from pathlib import Path

import pytest

from leap.env import env_keys_by_epoch
from leap.services.home import Home
from leap.services.keyring import LATER, MADE, MAKERS, ROLLING, Keyring
from leap.services.trouble import CannotStart


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def test_made_once_and_those_that_change_are_given_as_files(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Keyring(home).settings({}, data_exists=False)
    assert set(first) == {f"{name}_FILE" if name in ROLLING else name for name in MAKERS}
    assert Keyring(home).settings({}, data_exists=True) == first
    for name in ROLLING:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", first[f"{name}_FILE"])
        assert env_keys_by_epoch(name).is_ours
    assert (home.keys / MADE).read_text(encoding="utf-8").split() == sorted(MAKERS)


def test_what_the_environment_gives_is_not_made(home: Home) -> None:
    given = {"LEAP_CODE_KEY": "x", "LEAP_INDEX_KEY_FILE": "/run/secrets/index_key"}
    assert not {"LEAP_CODE_KEY", "LEAP_INDEX_KEY", "LEAP_INDEX_KEY_FILE"} & set(
        Keyring(home).settings(given, data_exists=False)
    )
    assert not (home.keys / "LEAP_CODE_KEY").exists()


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_home_from_before_a_secret_came_gets_it(home: Home, name: str) -> None:
    Keyring(home).settings({}, data_exists=False)
    (home.keys / name).unlink()
    (home.keys / MADE).unlink()
    Keyring(home).settings({}, data_exists=True)
    assert (home.keys / name).exists()


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_secret_that_was_made_is_never_made_over_old_data(home: Home, name: str) -> None:
    Keyring(home).settings({}, data_exists=False)
    (home.keys / name).unlink()
    with pytest.raises(CannotStart, match=f"{name} is missing"):
        Keyring(home).settings({}, data_exists=True)
    assert not (home.keys / name).exists()


@pytest.mark.parametrize("name", sorted(set(MAKERS) - LATER))
def test_the_first_secrets_need_no_list(home: Home, name: str) -> None:
    Keyring(home).settings({}, data_exists=False)
    (home.keys / MADE).unlink()
    (home.keys / name).unlink()
    with pytest.raises(CannotStart, match=f"{name} is missing"):
        Keyring(home).settings({}, data_exists=True)
