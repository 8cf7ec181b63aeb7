"""Backups: sealed, apart, short-lived; what was erased since comes back neither readable nor served."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg2
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from accounts.models import PhoneBinding
from kit.uuid7 import uuid7
from leap.env import env_database
from leap.services.backups.making import back_up
from leap.services.backups.restoring import restore
from leap.services.backups.shelves import (
    DATA,
    KEYS,
    SHELVES,
    Shelf,
    made_at,
    prune,
    read_manifest,
    stamp_of,
    stamps,
)
from leap.services.backups.trouble import BackupTrouble
from leap.start_checks import refuse_to_start
from privacy.erasure.enums import JobState, Reason
from privacy.erasure.models import ErasureJob
from privacy.keystore.services import Erased, destroy_keys, open_sealed, seal
from privacy.minors.models import Child
from tests.children import a_child
from tests.erasure.erasing import erased
from tests.families import a_guardian

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
ROOT = Path(__file__).resolve().parents[2]
PREFIX = {"default": "", "minors": "MINORS_", "keys": "KEYS_"}
NIGHT = datetime(2026, 11, 22, 18, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_shelves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A place of their own for the backups and the files of this test."""
    monkeypatch.setattr(Shelf, "folder", property(lambda shelf: tmp_path / "backups" / shelf.name))
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "media")
    (tmp_path / "media" / "exports").mkdir(parents=True)
    (tmp_path / "media" / "exports" / "one").write_bytes(b"a picture that is easily found")
    yield
    connections.close_all()


def files_of(shelf: Shelf, stamp: str) -> list[Path]:
    return sorted((shelf.folder / stamp).iterdir())


@pytest.mark.clause("L-PP-3-2b")
def test_everything_is_in_it_and_nothing_of_it_in_clear() -> None:
    stamp = back_up()
    for shelf in SHELVES:
        members, _ = read_manifest(shelf, stamp)
        assert tuple(sorted(members)) == tuple(sorted(shelf.members))
        for name in members:
            content = (shelf.folder / stamp / name).read_bytes()
            assert len(content) == members[name].size > 0
            assert not any(
                word in content for word in (b"PGDMP", b"ustar", b"django_migrations", b"easily found")
            )
        assert {path.stat().st_mode & 0o777 for path in files_of(shelf, stamp)} == {0o600}
        assert shelf.folder.stat().st_mode & 0o077 == 0


def test_the_key_store_lies_apart_under_a_key_of_its_own() -> None:
    assert DATA.key != KEYS.key
    assert DATA.folder != KEYS.folder
    assert set(DATA.members).isdisjoint(KEYS.members)


def test_none_outlives_its_time_and_what_broke_off_goes() -> None:
    for shelf in SHELVES:
        for days in range(15):
            (shelf.folder / stamp_of(NIGHT + timedelta(days=days))).mkdir(parents=True)
    (DATA.folder / ".20261101T000000Z.part").mkdir()
    end = NIGHT + timedelta(days=14)
    prune(end)
    for shelf in SHELVES:
        assert (
            end + timedelta(days=1) - made_at(stamps(shelf)[0]) <= shelf.kept
        )  # the next round comes in time
        assert len(stamps(shelf)) == shelf.kept.days
    assert not list(DATA.folder.glob(".*"))


def owner(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of whoever owns the tables, beside us."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "LEAP_DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def owning() -> Iterator[None]:
    """With the rights that `restore` has, and no connection of before."""
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch:
        for alias in settings.DATABASES:
            of_owner = env_database(f"{PREFIX[alias]}DATABASE_OWNER_URL")
            for part in ("USER", "PASSWORD"):
                patch.setitem(settings.DATABASES[alias], part, of_owner[part])
        yield
    connections.close_all()


@pytest.fixture
def as_owner() -> Iterator[None]:
    with owning():
        yield


def let_the_app_in() -> None:
    """As far as `prepare` comes before it carries anything out again."""
    for prefix in PREFIX.values():
        url = os.environ[f"{prefix}DATABASE_ADMIN_URL"]
        role = env_database(f"{prefix}DATABASE_URL")["USER"]
        connection = psycopg2.connect(url)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
            cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        connection.close()


@pytest.fixture
def prepared() -> Iterator[None]:
    """What a restore left without rights has them again, whatever the test finds."""
    yield
    connections.close_all()
    assert owner("prepare").returncode == 0


def sealed_for(subject: UUID) -> bytes:
    return seal(b"value", field_id="f", row_id="r", subject=subject, klass="core")


def opened_for(subject: UUID, sealed: bytes) -> bytes:
    return open_sealed(sealed, field_id="f", row_id="r", subject=subject, klass="core")


@pytest.mark.usefixtures("as_owner")
@pytest.mark.parametrize("spoil", ["byte", "manifest", "swapped", "moved", "cut short"])
def test_what_is_not_as_it_was_made_changes_nothing(spoil: str) -> None:
    stamp = back_up()
    (settings.MEDIA_ROOT / "new").write_bytes(b"since")
    folder = DATA.folder / stamp
    name = folder / ("manifest.json" if spoil == "manifest" else "media")
    content = name.read_bytes()
    if spoil == "moved":
        folder = folder.rename(DATA.folder / "20200101T000000Z")
    elif spoil == "swapped":
        name.write_bytes((folder / "minors").read_bytes())
    elif spoil == "cut short":
        name.write_bytes(content[:-1])
    else:
        name.write_bytes(content[:99] + bytes([content[99] ^ 1]) + content[100:])
    with pytest.raises(BackupTrouble):
        restore(stamp=folder.name, only=("default", "minors", "media"))
    assert (settings.MEDIA_ROOT / "new").read_bytes() == b"since"


@pytest.mark.usefixtures("as_owner")
def test_nothing_is_put_back_under_somebody_at_work() -> None:
    back_up()
    somebody = psycopg2.connect(os.environ["MINORS_DATABASE_URL"])
    with pytest.raises(BackupTrouble, match="at work"):
        restore(only=("media",))
    somebody.close()


@pytest.mark.usefixtures("as_owner")
def test_an_older_ledger_is_refused() -> None:
    destroy_keys(uuid7())
    back_up()
    Path(settings.ERASURE_LEDGER).unlink()
    with pytest.raises(BackupTrouble, match="older than this backup"):
        restore(only=("keys",))


@pytest.mark.usefixtures("as_owner")
def test_files_come_back_as_they_were() -> None:
    stamp = back_up()
    media = settings.MEDIA_ROOT
    (media / "exports" / "one").unlink()
    (media / "later").write_bytes(b"made since")
    assert restore(only=("media",)) == stamp
    assert {path.name for path in media.rglob("*")} == {"exports", "one"}
    assert (media / "exports" / "one").read_bytes() == b"a picture that is easily found"


@pytest.mark.clause("L-PP-3-2b", "X2-5.4c")
@pytest.mark.usefixtures("prepared")
def test_yesterdays_copies_show_nobody_and_serve_nobody_until_it_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("leap.start_checks.IN_FLIGHT", 0.0)
    gone, stays = a_guardian(), a_guardian()
    child = a_child(gone)
    number = PhoneBinding.objects.get(user=stays).phone
    sealed = sealed_for(gone.pk)
    back_up()

    job = erased(gone)
    aliases = set(job.subjects.values_list("alias", flat=True))
    with pytest.raises(Erased):
        opened_for(gone.pk, sealed)
    with owning():
        restore()

    with pytest.raises(ImproperlyConfigured, match=r"manage\.py prepare"):
        refuse_to_start()
    let_the_app_in()
    assert opened_for(gone.pk, sealed) == b"value"  # the control: the copies do hold it
    assert Child.objects.filter(pk=child).exists()
    with pytest.raises(ImproperlyConfigured, match=r"lack erasures .*default 2, keys \d, minors 2"):
        refuse_to_start()
    connections.close_all()

    done = owner("prepare")
    assert done.returncode == 0, done.stdout + done.stderr
    refuse_to_start()
    with pytest.raises(Erased):
        opened_for(gone.pk, sealed)
    assert not Child.objects.filter(pk=child).exists()
    assert not PhoneBinding.objects.filter(user_id=gone.pk).exists()
    assert PhoneBinding.objects.get(user=stays).phone == number
    again = ErasureJob.objects.get(reason=Reason.REPLAYED)
    assert set(again.subjects.values_list("alias", flat=True)) == aliases


@pytest.mark.usefixtures("prepared")
def test_yesterdays_key_store_alone_revives_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leap.start_checks.IN_FLIGHT", 0.0)
    gone, stays = uuid7(), uuid7()
    sealed = {subject: sealed_for(subject) for subject in (gone, stays)}
    back_up()
    destroy_keys(gone)
    with owning():
        restore(only=("keys",))
    let_the_app_in()
    assert opened_for(gone, sealed[gone]) == b"value"
    with pytest.raises(ImproperlyConfigured, match=r"\(keys 1\)"):
        refuse_to_start()
    connections.close_all()

    assert owner("prepare").returncode == 0
    refuse_to_start()
    with pytest.raises(Erased):
        opened_for(gone, sealed[gone])
    assert opened_for(stays, sealed[stays]) == b"value"


@pytest.mark.usefixtures("prepared")
def test_yesterdays_key_store_revives_nobody_of_whom_the_law_keeps_something(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("leap.start_checks.IN_FLIGHT", 0.0)
    gone = a_guardian()
    sealed = sealed_for(gone.pk)
    back_up()
    assert erased(gone).state == JobState.WAITING
    with owning():
        restore(only=("keys",))
    let_the_app_in()
    assert opened_for(gone.pk, sealed) == b"value"
    with pytest.raises(ImproperlyConfigured, match=r"lack erasures .*keys \d"):
        refuse_to_start()
    connections.close_all()

    assert owner("prepare").returncode == 0
    refuse_to_start()
    with pytest.raises(Erased):
        opened_for(gone.pk, sealed)
