"""Keys in a file that other processes change."""

import base64
import copy
import os
from pathlib import Path

import pytest

from kit.numbered_keys import NumberedKeys, read_keys

ONE, TWO, THREE = (letter * 32 for letter in (b"1", b"2", b"3"))


def written(**keys: bytes) -> str:
    return ",".join(f"{name[1:]}:{base64.b64encode(key).decode()}" for name, key in keys.items())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "keys").write_text(written(_1=ONE) + "\n", encoding="utf-8")
    return tmp_path / "keys"


def known(path: Path) -> NumberedKeys:
    return NumberedKeys(read_keys(path.read_text(encoding="utf-8")), path=path)


def test_reads_commas_and_lines_and_one_without_a_number() -> None:
    assert read_keys(f" {written(_7=TWO)} ,\n{written(_1=ONE)}\n") == {7: TWO, 1: ONE}
    assert read_keys(base64.b64encode(ONE).decode(), bare=True) == {1: ONE}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "1:<base64>"),
        (" , \n", "1:<base64>"),
        ("x:abc", "1:<base64>"),
        ("0:" + base64.b64encode(ONE).decode(), "1:<base64>"),
        (base64.b64encode(ONE).decode(), "1:<base64>"),
        ("1:hunter2!", "not base64"),
        ("1:" + base64.b64encode(b"short").decode(), "32 bytes"),
        (f"{written(_1=ONE)},{written(_1=TWO)}", "two keys with the number 1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice_and_not_quoted(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice) as refused:
        read_keys(text)
    assert "hunter2" not in str(refused.value)


def test_another_process_s_key_is_found_when_it_turns_up(path: Path) -> None:
    ours, theirs = known(path), known(path)
    assert theirs.add() == 2
    assert ours[2] == theirs[2]
    assert max(known(path)) == 2


def test_the_newest_is_the_newest_there_is_now(path: Path) -> None:
    ours = known(path)
    known(path).add()
    assert max(ours) == 2


def test_a_key_that_was_dropped_is_forgotten(path: Path) -> None:
    ours, theirs = known(path), known(path)
    theirs.add()
    theirs.drop(1)
    assert sorted(ours) == [2]
    with pytest.raises(KeyError):
        ours[1]
    with pytest.raises(ValueError, match="last key stays"):
        theirs.drop(2)


def test_the_file_changes_in_one_step_and_stays_private(path: Path) -> None:
    path.chmod(0o600)
    keys = known(path)
    for _ in range(3):
        keys.add()
    assert read_keys(path.read_text(encoding="utf-8")) == dict(keys)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_half_a_file_leaves_the_keys_as_they_were(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = known(path)
    path.write_text("2:torn", encoding="utf-8")
    assert dict(keys) == {1: ONE}
    assert "cannot be read anew" in caplog.text
    assert "torn" not in caplog.text
    path.unlink()
    assert dict(keys) == {1: ONE}
    path.write_text(written(_3=THREE), encoding="utf-8")
    assert dict(keys) == {3: THREE}


def test_only_what_is_ours_is_written(path: Path) -> None:
    assert known(path).is_ours
    by_value = NumberedKeys({1: ONE})
    assert not by_value.is_ours
    with pytest.raises(RuntimeError):
        by_value.add()
    assert not NumberedKeys({1: ONE}, path=path.parent / "gone").is_ours


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_in_a_closed_folder_is_not_ours(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        assert not known(path).is_ours
    finally:
        path.parent.chmod(0o700)


def test_prints_no_key(path: Path) -> None:
    keys = known(path)
    for text in (repr(keys), str(keys), f"{keys}", repr(copy.copy(keys))):
        assert text == "<keys 1>"
