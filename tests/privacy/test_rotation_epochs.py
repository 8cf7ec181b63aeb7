"""Keys of keys come and go by the week while everybody reads and writes, and destroyed keys stay destroyed."""

import base64
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from kit.numbered_keys import NumberedKeys, read_keys
from kit.uuid7 import uuid7
from privacy.keystore import store
from privacy.keystore.enums import KeySet, KeyState
from privacy.keystore.models import KeyEpoch, KeyRotation, SubjectKey
from privacy.keystore.rotation import epochs, wrapping
from privacy.keystore.rotation.progress import alone
from privacy.keystore.services import (
    Erased,
    KeyEncryptionKeyMissing,
    destroy_keys,
    freeze_keys,
    open_sealed,
    seal,
    thaw_keys,
)

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
VALUE = b"13800138000"


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> dict[str, Path]:
    """Key files of our own, of one key a set."""
    made: dict[str, Path] = {}
    for kek_set, setting in (("main", "KEY_ENCRYPTION_KEYS"), ("minors", "MINORS_KEY_ENCRYPTION_KEYS")):
        made[kek_set] = tmp_path / kek_set
        made[kek_set].write_text(
            f"1:{base64.b64encode(kek_set.encode().ljust(32)).decode()}\n", encoding="utf-8"
        )
        made[kek_set].chmod(0o600)
        setattr(settings, setting, as_another_process(made[kek_set]))
    return made


def as_another_process(path: Path) -> NumberedKeys:
    """The keys as a process that starts now knows them."""
    return NumberedKeys(read_keys(path.read_text(encoding="utf-8")), path=path)


def sealed(subject: UUID, klass: str = "core") -> bytes:
    return seal(VALUE, field_id="f", row_id="r", subject=subject, klass=klass)


def opened(subject: UUID, blob: bytes, klass: str = "core") -> bytes:
    return open_sealed(blob, field_id="f", row_id="r", subject=subject, klass=klass)


def hang_on() -> set[tuple[str, str, int | None]]:
    rows = SubjectKey.objects.filter(wrapped__isnull=False)
    return set(rows.values_list("klass", "kek_set", "kek_epoch"))


def test_children_s_keys_hang_on_a_set_of_their_own(files: dict[str, Path], settings: Settings) -> None:
    child = uuid7()
    blob = sealed(child, "minor")
    sealed(uuid7())
    assert hang_on() == {("core", "main", 1), ("minor", "minors", 1)}

    settings.MINORS_KEY_ENCRYPTION_KEYS = {1: b"?" * 32}
    with pytest.raises(KeyEncryptionKeyMissing, match="LEAP_MINORS_KEY_ENCRYPTION_KEYS"):
        opened(child, blob, "minor")


def test_a_roll_wraps_everything_anew_in_whatever_state(files: dict[str, Path]) -> None:
    people = {klass: uuid7() for klass in ("core", "trade", "minor")}
    blobs = {klass: sealed(subject, klass) for klass, subject in people.items()}
    frozen, gone = uuid7(), uuid7()
    kept, lost = sealed(frozen), sealed(gone)
    freeze_keys(frozen), destroy_keys(gone)
    # As homes from before there were two sets have it.
    SubjectKey.objects.filter(subject=people["core"]).update(klass="core")

    assert epochs.roll()

    assert hang_on() == {("core", "main", 2), ("trade", "main", 2), ("minor", "minors", 2)}
    assert {opened(people[klass], blob, klass) for klass, blob in blobs.items()} == {VALUE}
    thaw_keys(frozen)
    assert opened(frozen, kept) == VALUE
    with pytest.raises(Erased):
        opened(gone, lost)
    assert set(read_keys(files["main"].read_text(encoding="utf-8"))) == {1, 2}
    assert files["main"].stat().st_mode & 0o777 == 0o600
    emptied = KeyEpoch.objects.filter(emptied_at__isnull=False)
    assert set(emptied.values_list("kek_set", "epoch")) == {("main", 1), ("minors", 1)}


def test_a_child_s_key_that_hangs_on_the_common_set_moves_to_its_own(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    child = uuid7()
    with monkeypatch.context() as before:
        before.setattr("privacy.keystore.kek.MINOR", "not yet")
        blob = sealed(child, "minor")
    assert hang_on() == {("minor", "main", 1)}
    epochs.roll()
    assert hang_on() == {("minor", "minors", 2)}
    assert opened(child, blob, "minor") == VALUE


class Traffic:
    """Deeds done over and over, each by a thread with a connection of its own, while the block runs."""

    def __init__(self, *deeds: Callable[[], None]) -> None:
        self.failures: list[Exception] = []
        self.done = dict.fromkeys(deeds, 0)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(deed,)) for deed in deeds for _ in "ab"]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _repeat(self, deed: Callable[[], None]) -> None:
        try:
            while not self._over.is_set():
                deed()
                self.done[deed] += 1
        except Exception as error:
            self.failures.append(error)
        finally:
            connections.close_all()


def test_everybody_reads_and_writes_while_keys_are_rolled(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapping, "_BATCH", 7)
    people = {subject: sealed(subject) for subject in (uuid7() for _ in range(60))}

    def read() -> None:
        assert {opened(subject, blob) for subject, blob in people.items()} == {VALUE}

    def make() -> None:
        subject = uuid7()
        assert opened(subject, sealed(subject)) == VALUE

    with Traffic(read, make) as traffic:
        assert [epochs.roll() for _ in range(3)] == [True] * 3

    assert traffic.failures == []
    assert all(traffic.done.values())
    assert hang_on() == {("core", "main", 4)}


def test_a_key_made_by_whoever_did_not_hear_of_the_roll_is_refused_and_made_anew(
    files: dict[str, Path], settings: Settings
) -> None:
    late = {1: as_another_process(files["main"])[1]}
    epochs.roll()
    settings.KEY_ENCRYPTION_KEYS = late
    with pytest.raises(IntegrityError, match="wraps nothing any more"), transaction.atomic(using="keys"):
        sealed(uuid7())
    settings.KEY_ENCRYPTION_KEYS = as_another_process(files["main"])
    assert sealed(uuid7())


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_a_roll_that_was_killed_goes_on_where_it_was(
    files: dict[str, Path], settings: Settings, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    monkeypatch.setattr(wrapping, "_BATCH", 2)
    people = {subject: sealed(subject) for subject in (uuid7() for _ in range(7))}
    batches: list[int] = []

    def kill(what: str, done: int, total: int) -> None:
        batches.append(done)
        if len(batches) > killed_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        epochs.roll(tell=kill)
    assert {opened(subject, blob) for subject, blob in people.items()} == {VALUE}
    settings.KEY_ENCRYPTION_KEYS = as_another_process(files["main"])

    told: list[int] = []
    assert epochs.roll(tell=lambda what, done, total: told.append(done) if "main" in what else None)

    assert told[0] == min(7, batches[-1] + 2)
    assert told[-1] == 7
    assert set(settings.KEY_ENCRYPTION_KEYS) == {1, 2}
    assert {opened(subject, blob) for subject, blob in people.items()} == {VALUE}
    assert not KeyRotation.objects.filter(ended_at=None).exists()


def test_killed_between_the_file_and_the_record_no_third_key_is_made(
    files: dict[str, Path], settings: Settings
) -> None:
    sealed(uuid7())
    epochs.live_epochs()
    as_another_process(files["main"]).add()
    epochs.roll()
    assert set(settings.KEY_ENCRYPTION_KEYS) == {1, 2}
    assert hang_on() == {("core", "main", 2)}


def test_one_rotation_at_a_time(files: dict[str, Path]) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with alone() as mine:
            assert mine
            entered.set()
            leave.wait(30)
        connections["keys"].close()

    other = threading.Thread(target=hold)
    other.start()
    assert entered.wait(30)
    try:
        assert epochs.roll() is False
    finally:
        leave.set()
        other.join(30)
    assert epochs.roll() is True


@pytest.mark.clause("X2-5.4c")
def test_what_was_erased_is_final_when_no_backup_can_open_it(
    files: dict[str, Path], settings: Settings
) -> None:
    """Rolled by the clock: within fourteen days of the erasure the keys that could open it are gone."""
    sealed(uuid7()), sealed(uuid7(), "minor")
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        epochs.mind(at=begun)
        clock.shift(timedelta(hours=5))
        erased_at = timezone.now()
        final = None
        while final is None and timezone.now() < erased_at + timedelta(days=30):
            clock.shift(timedelta(hours=2))
            epochs.mind(at=timezone.now())
            final = epochs.epochs_final(erased_at)
    assert final is not None
    assert timedelta(days=7) < final - erased_at <= timedelta(days=14)
    assert 1 not in read_keys(files["main"].read_text(encoding="utf-8"))
    assert 1 not in read_keys(files["minors"].read_text(encoding="utf-8"))
    with pytest.raises(KeyError):
        settings.KEY_ENCRYPTION_KEYS[1]
    assert SubjectKey.objects.filter(kek_epoch=1).count() == 0


def test_a_key_of_keys_outlives_its_last_use_by_the_life_of_a_backup(files: dict[str, Path]) -> None:
    before = epochs.live_epochs()
    epochs.roll()
    emptied = KeyEpoch.objects.get(kek_set="main", epoch=1).emptied_at
    assert emptied is not None
    assert epochs.destroy_emptied(at=emptied + timedelta(days=7, seconds=-1)) == []
    assert epochs.final_of(before) is None
    assert epochs.destroy_emptied(at=timezone.now() + timedelta(days=7)) == ["main 1", "minors 1"]
    assert epochs.final_of(before) is not None
    assert epochs.final_of([*before, "main 2"]) is None
    assert epochs.live_epochs() == ["main 2", "minors 2"]


def test_a_key_store_restored_from_before_keeps_the_key_it_needs(files: dict[str, Path]) -> None:
    subject = uuid7()
    blob = sealed(subject)
    old = SubjectKey.objects.get(subject=subject)
    epochs.roll()
    SubjectKey.objects.filter(subject=subject).update(wrapped=old.wrapped, kek_epoch=1)
    assert epochs.destroy_emptied(at=timezone.now() + timedelta(days=8)) == ["minors 1"]
    assert opened(subject, blob) == VALUE


def test_keys_given_by_value_are_rolled_to_what_was_put_there(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEY_ENCRYPTION_KEYS, settings.MINORS_KEY_ENCRYPTION_KEYS = {1: b"a" * 32}, {1: b"b" * 32}
    subject = uuid7()
    blob = sealed(subject)
    with pytest.raises(epochs.CannotRoll, match="LEAP_KEY_ENCRYPTION_KEYS"):
        epochs.roll()
    with time_machine.travel(timezone.now() + timedelta(days=11)):
        epochs.mind(at=timezone.now())
    assert "LEAP_KEY_ENCRYPTION_KEYS: the newest key is older than 10 days" in caplog.text

    settings.KEY_ENCRYPTION_KEYS = {1: b"a" * 32, 2: b"c" * 32}
    epochs.mind(at=timezone.now())

    assert hang_on() == {("core", "main", 2)}
    assert opened(subject, blob) == VALUE


def test_a_roll_waits_for_nobody_who_holds_keys(files: dict[str, Path]) -> None:
    """Destroyed while the roll is under way, a key stays destroyed, whoever is first."""
    people = [uuid7() for _ in range(40)]
    for subject in people:
        sealed(subject)

    def destroy() -> None:
        for subject in people:
            destroy_keys(subject)

    def roll() -> None:
        epochs.roll()
        connections.close_all()

    roller = threading.Thread(target=roll)
    roller.start()
    destroy()
    roller.join(30)

    assert set(SubjectKey.objects.exclude(klass="*").values_list("state", "wrapped")) == {
        (KeyState.DESTROYED, None)
    }
    assert store.rows_of(people)
    assert KeySet.MAIN in {row.kek_set for row in SubjectKey.objects.all()}
