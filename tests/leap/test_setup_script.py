"""What `make run` installed is not taken for what `make check` and `make test` need."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands in for every installer: writes down which lock it was given.
INSTALLER = '#!/bin/sh\nfor word in "$@"; do case $word in *.lock) echo "$word" >> asked;; esac; done\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("scripts", ".venv/bin", "bin"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    (tmp_path / "requirements.lock").write_text("run\n", encoding="utf-8")
    (tmp_path / "requirements-dev.lock").write_text("dev\n", encoding="utf-8")
    for program in (".venv/bin/python", "bin/uv"):
        (tmp_path / program).write_text(INSTALLER, encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    return tmp_path


def installed(folder: Path, *wanted: str) -> list[str]:
    """Set up one after the other; the locks that were installed, in order."""
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    for what in wanted:
        subprocess.run(
            ["bash", folder / "scripts" / "setup.sh", what],
            env={"PATH": path},
            check=True,
            capture_output=True,
        )
    asked = folder / "asked"
    return asked.read_text(encoding="utf-8").split() if asked.exists() else []


def test_developing_after_running_installs_what_developing_needs(folder: Path) -> None:
    assert installed(folder, "run", "dev") == ["requirements.lock", "requirements-dev.lock"]


def test_running_after_developing_installs_nothing_more(folder: Path) -> None:
    assert installed(folder, "dev", "run", "dev") == ["requirements-dev.lock"]


def test_changed_lock_is_installed_again(folder: Path) -> None:
    assert installed(folder, "dev") == ["requirements-dev.lock"]
    (folder / "requirements-dev.lock").write_text("dev, newer\n", encoding="utf-8")

    assert installed(folder, "dev") == ["requirements-dev.lock", "requirements-dev.lock"]
