"""What the ledger says is carried out again, however little or much of it came back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from psycopg2.sql import SQL, Identifier

from accounts.models import User
from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.services.invariants import prove
from kit.uuid7 import uuid7
from privacy.erasure.enums import JobState, Reason
from privacy.erasure.models import ErasureJob
from privacy.erasure.services import running
from privacy.erasure.services.replaying import behind, replay
from privacy.erasure.services.work import Work
from privacy.keystore import ledger
from privacy.keystore.models import Burial
from privacy.keystore.services import key_scope
from privacy.minors.models import Child
from tests.children import a_child
from tests.cleaning import everything_allowed
from tests.erasure.erasing import begun, erased
from tests.families import a_guardian, a_seat
from tests.people import new_phone
from tests.places import a_class, at
from tests.waiters import a_full_class, waits_for

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.clause("L-PP-4.7-5"),
]


@pytest.fixture(autouse=True)
def one_task() -> Iterator[None]:
    with key_scope():
        yield


def buried(subject: UUID, scope: str) -> UUID:
    """In the ledger, and in no database: as in a copy from before. The alias."""
    alias = uuid7()
    ledger.bury(subject, scope=scope, alias=alias)
    return alias


Rows = list[tuple[Any, ...]]


def copied(database: str, *tables: str) -> dict[str, Rows]:
    """Every row of these tables, as a copy would hold it."""
    found = {}
    with everything_allowed(database) as cursor:
        for table in tables:
            cursor.execute(SQL("SELECT * FROM {}").format(Identifier(table)))
            found[table] = cursor.fetchall()
    return found


def restored(database: str, copy: dict[str, Rows]) -> None:
    """The tables as they were."""
    connections.close_all()
    with everything_allowed(database) as cursor:
        for table, rows in copy.items():
            cursor.execute(SQL("DELETE FROM {}").format(Identifier(table)))
            for row in rows:
                cursor.execute(SQL("INSERT INTO {} VALUES %s").format(Identifier(table)), [row])


def test_a_family_with_seats_and_places_in_line_goes_again_and_its_seats_are_free() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    child = a_child(guardian)
    session = a_class(starts_at=at(days=3, hour=9))
    free = session.seats_left
    a_seat(session, guardian)
    waits_for(a_full_class(), guardian=guardian, child=child)
    alias = buried(guardian.pk, "person")
    buried(child, "child")
    assert behind() == {"default": 2, "minors": 2, "keys": 2}

    replay()

    assert behind() == {}
    assert ErasureJob.objects.get(reason=Reason.REPLAYED).subject_id == alias
    assert not User.objects.filter(pk=guardian.pk).exists()
    assert not TrialBooking.objects.filter(guardian_id=guardian.pk).exists()
    assert not WaitlistEntry.objects.filter(guardian_id=guardian.pk).exists()
    assert not Child.objects.filter(pk=child).exists()
    assert ClassSession.objects.get(pk=session.pk).seats_left == free
    assert not prove().broken
    assert a_guardian(phone).pk != guardian.pk


def test_the_childrens_store_alone_restored_says_so_and_loses_them_again() -> None:
    guardian = a_guardian()
    child = a_child(guardian)
    tables = ("minors_child", "minors_guardianship", "minors_ledgermark", "minors_stepdone")
    copy = copied("MINORS_DATABASE", *tables)
    assert erased(guardian).state == JobState.WAITING
    restored("MINORS_DATABASE", copy)
    assert Child.objects.filter(pk=child).exists()
    assert behind() == {"minors": 2}

    replay()

    assert behind() == {}
    assert not Child.objects.filter(pk=child).exists()


def test_a_replay_that_broke_off_serves_nobody_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    guardian = a_guardian()
    buried(guardian.pk, "person")

    def dies(work: Work) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(running.DO, "rows", dies)
        with pytest.raises(KeyboardInterrupt):
            replay()
    assert behind() == {"default": 1, "minors": 1}
    ErasureJob.objects.update(leased_until=None)

    replay()

    assert behind() == {}
    assert not User.objects.filter(pk=guardian.pk).exists()
    assert ErasureJob.objects.get().state == JobState.WAITING


def test_keys_that_came_back_under_an_erasure_under_way_are_destroyed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guardian = a_guardian()
    job = begun(guardian)
    copy = copied("KEYS_DATABASE", "keystore_subjectkey", "keystore_burial", "keystore_stepdone")

    def fails(work: Work) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setitem(running.DO, "rows", fails)
        assert not running.run(job_id=job.pk)
    assert behind() == {}
    restored("KEYS_DATABASE", copy)
    assert behind() == {"keys": 1}
    ErasureJob.objects.update(leased_until=None)

    replay()

    assert behind() == {}
    assert Burial.objects.filter(who=ledger.digest_of(guardian.pk)).exists()
    assert ErasureJob.objects.get().pk == job.pk
    assert running.run(job_id=job.pk), list(job.steps.values_list("name", "state", "failure"))


def test_between_the_ledger_and_its_marks_nobody_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    guardian = a_guardian()
    job = begun(guardian)
    alias = job.subjects.get().alias
    ledger.bury(guardian.pk, scope="person", alias=alias)
    assert behind() == {}
    buried(a_guardian().pk, "person")
    assert behind() == {"default": 1, "minors": 1, "keys": 1}
