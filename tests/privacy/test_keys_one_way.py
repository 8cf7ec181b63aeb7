"""What the database itself refuses to the role that the app has on the key store."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction

from kit.uuid7 import uuid7
from privacy.keystore.models import WHOLE_SUBJECT, SubjectKey
from privacy.keystore.services import destroy_keys, freeze_keys, seal, thaw_keys

pytestmark = pytest.mark.django_db(databases="__all__")
KEY = b"k" * 60
ANOTHER_TIME = datetime(2020, 2, 2, tzinfo=UTC)


def kept(subject: UUID) -> None:
    seal(b"value", field_id="f", row_id="r", subject=subject, klass="core")


def refused(subject: UUID, sentence: str, change: dict[str, Any]) -> None:
    rows = SubjectKey.objects.filter(subject=subject)
    before = list(rows.order_by("klass").values())
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic(using="keys"):
        rows.update(**change)
    assert list(rows.order_by("klass").values()) == before


REVIVALS = [
    {"state": "active", "wrapped": KEY, "kek_epoch": 1, "destroyed_at": None},
    {"state": "frozen", "wrapped": KEY, "kek_epoch": 1, "destroyed_at": None},
    {"destroyed_at": ANOTHER_TIME},
    {"klass": "other"},
    {"subject": UUID(int=7)},
]


@pytest.mark.parametrize("change", REVIVALS, ids=str)
def test_a_destroyed_key_is_left_alone(change: dict[str, Any]) -> None:
    subject = uuid7()
    kept(subject)
    destroy_keys(subject, "core")
    refused(subject, "a destroyed key stays destroyed", change)


@pytest.mark.parametrize("state", ["active", "frozen"])
def test_a_destroyed_subject_stays_so(state: str) -> None:
    subject = uuid7()
    freeze_keys(subject)
    destroy_keys(subject)
    assert SubjectKey.objects.get(subject=subject).klass == WHOLE_SUBJECT
    refused(subject, "a destroyed key stays destroyed", {"state": state, "destroyed_at": None})


@pytest.mark.parametrize(
    "change",
    [
        {"klass": "other"},
        {"gen": 2},
        {"subject": UUID(int=7)},
        {"id": UUID(int=7)},
        {"created_at": ANOTHER_TIME},
    ],
    ids=str,
)
@pytest.mark.parametrize("settle", [lambda _: None, freeze_keys], ids=["active", "frozen"])
def test_a_key_is_nobody_elses(settle: Callable[[UUID], object], change: dict[str, Any]) -> None:
    subject = uuid7()
    kept(subject)
    settle(subject)
    refused(subject, "belongs to one subject", change)


def test_the_steps_that_are_left() -> None:
    subject = uuid7()
    kept(subject)
    for step in (freeze_keys, thaw_keys, freeze_keys, destroy_keys):
        assert step(subject) == 1
    states = SubjectKey.objects.filter(subject=subject).values_list("klass", "state")
    assert set(states) == {("core", "destroyed"), (WHOLE_SUBJECT, "destroyed")}


def test_a_key_can_be_wrapped_anew() -> None:
    subject = uuid7()
    kept(subject)
    assert SubjectKey.objects.filter(subject=subject).update(wrapped=KEY, kek_epoch=2) == 1


def test_the_app_cannot_take_the_guard_away() -> None:
    kept(uuid7())
    for attack in (
        "ALTER TABLE keystore_subjectkey DISABLE TRIGGER ALL",
        "DROP TRIGGER keystore_one_way ON keystore_subjectkey",
        "DROP FUNCTION keystore_one_way() CASCADE",
        "DELETE FROM keystore_subjectkey",
        "TRUNCATE keystore_subjectkey",
        "DELETE FROM keystore_burial",
        "UPDATE keystore_burial SET klass = '*'",
    ):
        with (
            pytest.raises(Exception, match=r"must be owner|permission denied|destroyed and buried"),
            transaction.atomic(using="keys"),
            connections["keys"].cursor() as cursor,
        ):
            cursor.execute(attack)
