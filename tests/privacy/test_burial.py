"""Keys go for good: written down outside first, marked in the key store, revived by nobody."""

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from kit.uuid7 import uuid7
from privacy.keystore import burial, ledger
from privacy.keystore.enums import KeyState
from privacy.keystore.models import Burial, SubjectKey
from privacy.keystore.services import (
    Erased,
    are_usable,
    destroy_keys,
    drop_key_rows,
    freeze_keys,
    open_sealed,
    restrict_keys,
    seal,
)
from tests.cleaning import everything_allowed

pytestmark = pytest.mark.django_db(databases="__all__")


def sealed_for(subject: UUID, klass: str = "core") -> bytes:
    return seal(b"value", field_id="f", row_id="r", subject=subject, klass=klass)


def opened_for(subject: UUID, sealed: bytes, klass: str = "core") -> bytes:
    return open_sealed(sealed, field_id="f", row_id="r", subject=subject, klass=klass)


def test_a_destruction_stands_in_the_ledger_and_in_the_key_store() -> None:
    subject = uuid7()
    sealed_for(subject)
    before = ledger.head()

    destroy_keys(subject, "core")

    (entry,) = ledger.entries(before)
    assert (entry.who, entry.klass, entry.scope) == (ledger.digest_of(subject), "core", "key")
    mark = Burial.objects.get(n=entry.n)
    assert (mark.who, mark.klass) == (entry.who, "core")
    assert SubjectKey.objects.get(subject=subject).burial == entry.n
    assert str(subject) not in Path(settings.ERASURE_LEDGER).read_text(encoding="utf-8")


def test_it_stands_outside_before_a_key_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = uuid7()
    sealed = sealed_for(subject)

    def full(file: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr("privacy.keystore.ledger.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        destroy_keys(subject)

    assert opened_for(subject, sealed) == b"value"
    assert not Burial.objects.exists()


def test_destroying_again_writes_nothing_more() -> None:
    subject = uuid7()
    sealed_for(subject), sealed_for(subject, "trade")
    assert destroy_keys(subject) == 2
    before = ledger.head()
    assert destroy_keys(subject) == destroy_keys(subject, "core") == 0
    assert ledger.head() == before
    assert Burial.objects.count() == 1


def test_an_entry_already_written_is_carried_out_and_no_second_made() -> None:
    subject, alias = uuid7(), uuid7()
    sealed_for(subject)
    entry = ledger.bury(subject, scope="person", alias=alias)
    assert destroy_keys(subject, entry=entry) == 1
    assert ledger.head() == entry.n
    assert burial.lacking(ledger.entries()) == set()


def test_the_rows_of_the_buried_go_and_nobody_writes_or_reads_under_them_again() -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    freeze_keys(subject)
    destroy_keys(subject)
    assert drop_key_rows(subject) == 2
    for step in (freeze_keys, restrict_keys, destroy_keys, drop_key_rows):
        assert step(subject) == 0
    with pytest.raises(Erased):
        opened_for(subject, sealed)
    for klass in ("core", "never seen"):
        with pytest.raises(Erased):
            sealed_for(subject, klass)
        assert not are_usable(subject, klass)
    assert not SubjectKey.objects.filter(subject=subject).exists()


def test_a_class_that_is_kept_stays_and_its_row_too() -> None:
    subject = uuid7()
    sealed_for(subject)
    kept = sealed_for(subject, "trade")
    destroy_keys(subject, "core")
    assert drop_key_rows(subject) == 1
    assert opened_for(subject, kept, "trade") == b"value"
    assert are_usable(subject, "never seen")


def test_a_generation_destroyed_without_a_burial_goes_with_its_subject() -> None:
    subject = uuid7()
    sealed_for(subject)
    SubjectKey.objects.filter(subject=subject).update(
        state=KeyState.DESTROYED, wrapped=None, kek_epoch=None, destroyed_at="2026-01-01T00:00Z"
    )
    assert drop_key_rows(subject) == 0
    destroy_keys(subject)
    assert drop_key_rows(subject) == 1


@pytest.mark.parametrize("grave", [None, "of another class", "there is none"])
def test_the_database_keeps_every_row_that_is_not_buried(grave: str | None) -> None:
    subject, other = uuid7(), uuid7()
    sealed_for(subject)
    destroy_keys(other, "trade")
    of_another = Burial.objects.get().n
    number = {None: None, "of another class": of_another, "there is none": of_another + 1}[grave]
    state = {
        "state": KeyState.DESTROYED,
        "wrapped": None,
        "kek_epoch": None,
        "destroyed_at": "2026-01-01T00:00Z",
    }
    SubjectKey.objects.filter(subject=subject).update(**state, burial=number)
    with pytest.raises(IntegrityError, match="destroyed and buried"), transaction.atomic(using="keys"):
        SubjectKey.objects.filter(subject=subject).delete()


def test_the_database_keeps_a_living_key() -> None:
    subject = uuid7()
    sealed_for(subject)
    with pytest.raises(IntegrityError, match="destroyed and buried"), transaction.atomic(using="keys"):
        SubjectKey.objects.filter(subject=subject).delete()
    with pytest.raises(IntegrityError, match="buried_is_destroyed"), transaction.atomic(using="keys"):
        SubjectKey.objects.filter(subject=subject).update(burial=1)


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_yesterdays_key_store_revives_nobody() -> None:
    gone, classless, stays = uuid7(), uuid7(), uuid7()
    sealed = {subject: sealed_for(subject) for subject in (gone, classless, stays)}
    kept = sealed_for(classless, "trade")
    yesterday = list(SubjectKey.objects.all())
    destroy_keys(gone), destroy_keys(classless, "core")
    put_back_yesterdays_keys(yesterday)
    assert opened_for(gone, sealed[gone]) == b"value"
    assert len(burial.lacking(ledger.entries())) == 2

    told: list[tuple[int, int]] = []
    assert burial.carry_out(ledger.entries(), progress=lambda *at: told.append(at)) == 2

    assert burial.lacking(ledger.entries()) == set()
    for subject in (gone, classless):
        with pytest.raises(Erased):
            opened_for(subject, sealed[subject])
    assert opened_for(classless, kept, "trade") == b"value"
    assert opened_for(stays, sealed[stays]) == b"value"
    assert told == [(3, 3)]
    assert burial.carry_out(ledger.entries()) == 0


def put_back_yesterdays_keys(rows: list[SubjectKey]) -> None:
    """As restoring a dump does it: what was destroyed since is there again, and no mark of it."""
    with everything_allowed("KEYS_DATABASE") as cursor:
        cursor.execute("DELETE FROM keystore_subjectkey")
        cursor.execute("DELETE FROM keystore_burial")
    SubjectKey.objects.bulk_create(rows)
