"""The record of deeds: with the deed or not at all, and never changed."""

from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class in a lower-case name

from accounts.enums import UserKind
from accounts.models import Session, User
from courses.models import City
from enrollment.models import TrialBooking
from kit.uuid7 import uuid7
from privacy.actors import ANONYMOUS, SYSTEM, Actor
from privacy.audit.models import AuditEvent
from privacy.audit.services import _harmless, name_of, record

pytestmark = pytest.mark.django_db(databases="__all__")


def test_records_who_did_what_to_whom() -> None:
    guardian, subject, row = uuid7(), uuid7(), TrialBooking()
    before = timezone.now()
    event = record(
        "booking.cancelled",
        by=Actor("guardian", guardian),
        subject=subject,
        target=row,
        detail={"seats": 1, "late": False, "booking": row.pk, "reason": "by_guardian"},
    )
    stored = AuditEvent.objects.get(seq=event.seq)
    assert (stored.actor_kind, stored.actor_id, stored.subject_id) == ("guardian", guardian, subject)
    assert (stored.action, stored.target) == ("booking.cancelled", f"enrollment.trialbooking/{row.pk}")
    assert stored.detail == {"seats": 1, "late": False, "booking": str(row.pk), "reason": "by_guardian"}
    assert abs((stored.at - before).total_seconds()) < 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        assert stored.tx == int(cursor.fetchone()[0])


def test_the_numbers_grow() -> None:
    first, second = record("a.done", by=SYSTEM), record("b.done", by=ANONYMOUS)
    assert first.seq < second.seq


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_stands_and_falls_with_the_deed() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record("booking.made", by=SYSTEM)
    with transaction.atomic():
        record("booking.made", by=SYSTEM)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()
    with transaction.atomic():
        record("booking.made", by=SYSTEM)
    assert AuditEvent.objects.count() == 1


BAD: list[Any] = [
    "13800138000",
    "+8613800138000",
    "138-0013-8000",
    "138 0013 8000",
    "138.0013.8000",
    "x13800138000",
    "6222021234567890123",
    "号码",
    "王小明",
    "Wang",
    "two words",
    "a@b.cn",
    "a" * 65,
    "",
    "tab\t",
    "line\n",
    13800138000,
    -13800138000,
    8613800138000,
    1.5,
    None,
    ["a"],
    {"a": 1},
    b"bytes",
]


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_a_detail_that_could_be_somebodys_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="neither a flag") as refused:
        record("a.done", by=SYSTEM, detail={"given": value})
    assert str(value) == "" or str(value) not in str(refused.value).removeprefix(
        "a.done: the detail given is"
    )
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "value",
    [True, 0, -3, 9_999_999_999, UUID(int=13800138000), "sms.sent", "1.0", "2026-11-22", "v1:a-b_c"],
    ids=repr,
)
def test_a_harmless_detail_is_kept(value: Any) -> None:
    event = record("a.done", by=SYSTEM, detail={"given": value})
    assert AuditEvent.objects.get(seq=event.seq).detail == {
        "given": str(value) if isinstance(value, UUID) else value
    }


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "-", ".", ":", "_"]),
    st.text("abc-", max_size=5),
)
def test_no_mainland_number_gets_in_however_it_is_grouped(number: str, gap: str, before: str) -> None:
    grouped = f"{before}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}"
    with pytest.raises(ValueError, match="neither"):
        _harmless("a.done", "given", grouped)


@pytest.mark.parametrize(
    "row", [City(), City(pk=13800138000), Session(session_key="13800138000"), Session(session_key="secret")]
)
def test_a_target_is_a_row_named_by_a_random_id(row: Model) -> None:
    with pytest.raises(ValueError, match="random id") as refused:
        record("a.done", by=SYSTEM, target=row)
    assert "138" not in str(refused.value)
    assert "secret" not in str(refused.value)
    assert not AuditEvent.objects.exists()


def test_a_row_is_spelled_in_one_way() -> None:
    guardian = User(kind=UserKind.GUARDIAN)
    assert name_of(guardian) == f"accounts.user/{guardian.pk}"
    assert name_of(City(pk=7)) == "courses.city/7"


@pytest.mark.parametrize(
    "action", ["", "cancelled", "Booking.Cancelled", "booking.cancelled.now", "a b.c", "预约.取消"]
)
def test_an_action_is_a_noun_and_a_participle(action: str) -> None:
    with pytest.raises(ValueError, match="participle"):
        record(action, by=SYSTEM)


@pytest.mark.parametrize("name", ["", "Name", "13800138000", "a b", "n138001380000"])
def test_a_details_name_is_plain(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        record("a.done", by=SYSTEM, detail={name: 1})


def test_an_actor_has_an_id_exactly_when_it_is_a_person() -> None:
    for kind in ("guardian", "staff"):
        with pytest.raises(ValueError, match="subject id"):
            Actor(kind)
    for kind in ("system", "anonymous"):
        with pytest.raises(ValueError, match="subject id"):
            Actor(kind, uuid7())
    with pytest.raises(ValueError, match="one of"):
        Actor("robot")


# Append-only

ATTACKS = [
    "UPDATE audit_auditevent SET action = 'x.y'",
    "DELETE FROM audit_auditevent",
    "TRUNCATE audit_auditevent",
]
APP_ONLY = [
    "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
    "DROP TRIGGER append_only_rows ON audit_auditevent",
    "DROP TABLE audit_auditevent",
    "ALTER TABLE audit_auditevent ADD COLUMN x int",
    "SET session_replication_role = replica",
    "ALTER FUNCTION refuse_change_of_appended_rows() RENAME TO harmless",
    "CREATE TABLE mine (id int)",
    "CREATE TRIGGER t BEFORE INSERT ON audit_auditevent EXECUTE FUNCTION refuse_change_of_appended_rows()",
    "SELECT setval('audit_auditevent_seq_seq', 1)",
    # Without the right to grant, GRANT only warns: what counts is that nothing came of it.
    "GRANT UPDATE ON audit_auditevent TO CURRENT_USER; UPDATE audit_auditevent SET action = 'x.y'",
    "DELETE FROM django_migrations",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
    "INSERT INTO django_admin_log (object_repr, action_flag, change_message) VALUES ('', 1, '')",
]


@pytest.mark.parametrize("attack", [*ATTACKS, *APP_ONLY])
def test_the_app_role_changes_nothing(attack: str) -> None:
    record("a.done", by=SYSTEM)
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)
    assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege), refused.value
    assert AuditEvent.objects.get().action == "a.done"


ONE = (
    "INSERT INTO audit_auditevent (actor_kind, action, target, detail) VALUES ('system', 'a.done', '', '{}')"
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_owner_meets_the_trigger(owner_cursor: Cursor, attack: str) -> None:
    owner_cursor.execute(ONE)
    with pytest.raises(psycopg2.errors.RestrictViolation, match="append-only"):
        owner_cursor.execute(attack)


def test_the_control_an_owner_can_switch_the_trigger_off(owner_cursor: Cursor) -> None:
    """Why the app must not be the owner; and that it is the trigger which refused above."""
    owner_cursor.execute(ONE)
    owner_cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
    for attack in ATTACKS:
        owner_cursor.execute(attack)


def test_the_database_refuses_an_actor_of_no_kind_or_without_id() -> None:
    for row in (
        {"actor_kind": "robot"},
        {"actor_kind": "staff"},
        {"actor_kind": "system", "actor_id": uuid7()},
    ):
        with pytest.raises(DatabaseError, match="audit_actor"), transaction.atomic():
            AuditEvent.objects.create(action="a.done", **row)
