"""Static files are collected once, also where nothing was ever run."""

from pathlib import Path

import pytest
from pytest_django import Settings

from leap.static_files import collect_if_changed


def test_a_home_that_never_ran(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LEAP_HOME = tmp_path / "home"
    settings.STATIC_ROOT = tmp_path / "home" / "static"
    collect_if_changed()
    assert "collecting" in capsys.readouterr().out
    assert (settings.STATIC_ROOT / "staticfiles.json").exists()
    collect_if_changed()
    assert capsys.readouterr().out == ""
