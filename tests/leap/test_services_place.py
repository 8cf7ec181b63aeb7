"""Where PostgreSQL's files go: into the home, or outside when root's home is closed; never into two homes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from leap.services import place
from leap.services.account import store_account
from leap.services.home import Home, write_private
from leap.services.place import find_place, short_folder
from leap.services.trouble import CannotStart

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /var/lib/leap."""
    folder = tmp_path / "outside"
    monkeypatch.setattr(place, "OUTSIDE", folder)
    return folder


@pytest.fixture
def closed(tmp_path: Path) -> Home:
    """A home below a folder that only its owner enters."""
    (tmp_path / "closed").mkdir(mode=0o700)
    return made(tmp_path / "closed" / "home")


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that everybody enters, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def made(root: Path) -> Home:
    home = Home(root)
    home.make()
    return home


def test_an_open_home_holds_its_files_itself(passable: Path) -> None:
    found = find_place(made(passable / "home"))

    assert found.folder == passable / "home" / "pg"
    assert not found.folder.is_symlink()
    assert found.folder.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_closed_home_points_outside_and_stays_closed(closed: Home, outside: Path) -> None:
    found = find_place(closed)

    assert found.folder.parent == outside
    assert (closed.root / "pg").readlink() == found.folder
    assert found.account is not None
    assert found.account.uid != 0
    assert found.folder.stat().st_uid == found.account.uid
    assert found.folder.stat().st_mode & 0o777 == 0o700
    assert closed.root.parent.stat().st_mode & 0o777 == 0o700
    assert find_place(closed) == found


@as_root
def test_a_deleted_home_is_a_clean_start_and_leaves_nothing(closed: Home, outside: Path) -> None:
    first = find_place(closed).folder
    shutil.rmtree(closed.root)
    closed.make()
    second = find_place(closed).folder

    assert first != second
    assert not first.exists()
    assert [path for path in outside.iterdir() if not path.name.startswith("programs-")] == [second]


@as_root
def test_a_moved_home_keeps_its_files(closed: Home, outside: Path) -> None:
    before = find_place(closed).folder
    moved = Home(closed.root.rename(closed.root.with_name("moved")))

    assert find_place(moved).folder == before


@as_root
def test_a_copied_home_is_refused(closed: Home, outside: Path) -> None:
    find_place(closed)
    copy = closed.root.with_name("copy")
    shutil.copytree(closed.root, copy, symlinks=True)

    with pytest.raises(CannotStart, match="is a copy of"):
        find_place(Home(copy))


@as_root
def test_files_that_are_gone_are_said(closed: Home, outside: Path) -> None:
    shutil.rmtree(find_place(closed).folder)
    with pytest.raises(CannotStart, match="which is gone"):
        find_place(closed)


@as_root
def test_programs_are_copied_where_their_user_reaches_them(
    passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "OUTSIDE", passable / "outside")
    account = store_account(passable / "pg")
    assert account is not None
    wheel = place._programs(None).parents[1]
    place._copy_programs(wheel, passable / "outside" / "programs")

    for name in ("postgres", "initdb", "psql"):
        program = passable / "outside" / "programs" / wheel.name / "pginstall18" / "bin" / name
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, **account.popen
        )
        assert "PostgreSQL" in done.stdout


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    account = None
    assert short_folder(tmp_path / "s", account) == tmp_path / "s"
    deep = tmp_path / ("long" * 30)
    folder = short_folder(deep, account)
    try:
        assert len(os.fsencode(folder)) < 60
        assert folder.stat().st_mode & 0o777 == 0o700
        assert short_folder(deep, account) == folder
    finally:
        folder.rmdir()


def test_a_socket_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s").chmod(0o755)
    with pytest.raises(CannotStart, match="not a private folder"):
        short_folder(tmp_path / "s", None)


def test_the_environment_in_use_is_read_as_written(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    values = {"DATABASE_URL": "postgresql://a:b@/c?host=/d e/f&g=h", "EMPTY": "", "QUOTE": "it's"}
    home.write_env(values)

    assert home.read_env() == values
    shell = subprocess.run(
        ["bash", "-c", f'. "{home.env_file}"; printf %s "$DATABASE_URL"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == values["DATABASE_URL"]


def test_a_private_file_is_never_half_written(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "one")
    write_private(tmp_path / "file", "two")

    assert (tmp_path / "file").read_text(encoding="utf-8") == "two"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_home_is_held_by_one(tmp_path: Path) -> None:
    home, other = made(tmp_path / "home"), Home(tmp_path / "home")
    assert home.hold()
    assert not other.hold()
    home.let_go()
    assert other.hold()
    other.let_go()
