"""Keys: made once, remembered within a scope only, frozen, destroyed for good."""

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from kit.uuid7 import uuid7
from privacy.keystore import scope as scopes
from privacy.keystore.blind_index import blind_index
from privacy.keystore.enums import Algorithm, KeyState
from privacy.keystore.mac import mac
from privacy.keystore.middleware import KeyScope
from privacy.keystore.models import SubjectKey
from privacy.keystore.services import (
    Erased,
    Frozen,
    KeyEncryptionKeyMissing,
    SealError,
    Tampered,
    destroy_keys,
    destroy_unproved_before,
    freeze_keys,
    key_scope,
    open_sealed,
    prefetch_keys,
    refuse_missing_keys,
    seal,
    thaw_keys,
    unproved_subject,
)
from privacy.keystore.store import key_for_sealing

pytestmark = pytest.mark.django_db(databases="__all__")
NUMBER = "13800138000"


def sealed_for(subject: UUID, klass: str = "core", **more: Any) -> bytes:
    return seal(NUMBER.encode(), field_id="f", row_id="r", subject=subject, klass=klass, **more)


def opened_for(subject: UUID, sealed: bytes, klass: str = "core") -> bytes:
    return open_sealed(sealed, field_id="f", row_id="r", subject=subject, klass=klass)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_opens_for_its_subject_and_class(algorithm: Algorithm) -> None:
    subject = uuid7()
    assert opened_for(subject, sealed_for(subject, algorithm=algorithm)) == NUMBER.encode()


def test_another_subject_or_class_does_not_open() -> None:
    subject, other = uuid7(), uuid7()
    sealed = sealed_for(subject)
    sealed_for(other), sealed_for(subject, "trade")
    for wrong in ((other, "core"), (subject, "trade"), (uuid7(), "core")):
        with pytest.raises(Tampered):
            opened_for(wrong[0], sealed, wrong[1])


def test_one_key_a_subject_and_class_wrapped_under_the_newest_epoch(settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = {1: b"a" * 32, 7: b"b" * 32}
    subject = uuid7()
    sealed_for(subject), sealed_for(subject), sealed_for(subject, "trade")
    rows = list(SubjectKey.objects.filter(subject=subject).order_by("klass"))
    assert [(row.klass, row.gen, row.kek_epoch, row.state) for row in rows] == [
        ("core", 1, 7, "active"),
        ("trade", 1, 7, "active"),
    ]
    assert all(row.wrapped is not None and len(row.wrapped) == 60 for row in rows)
    assert rows[0].wrapped != rows[1].wrapped


def test_an_older_epoch_still_opens(settings: Settings) -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    settings.KEY_ENCRYPTION_KEYS = {**django_settings.KEY_ENCRYPTION_KEYS, 99: b"n" * 32}
    assert opened_for(subject, sealed) == NUMBER.encode()


@pytest.mark.parametrize("keys", [{2: b"n" * 32}, {1: b"w" * 32}], ids=["missing", "another"])
def test_without_the_key_of_keys_nothing_opens_and_the_start_stops(
    settings: Settings, keys: dict[int, bytes]
) -> None:
    refuse_missing_keys()
    subject = uuid7()
    sealed = sealed_for(subject)
    refuse_missing_keys()
    settings.KEY_ENCRYPTION_KEYS = keys
    with pytest.raises(KeyEncryptionKeyMissing):
        opened_for(subject, sealed)
    with pytest.raises(ImproperlyConfigured, match="epoch 1"):
        refuse_missing_keys()


def test_destroyed_is_unreadable_at_once_and_for_ever() -> None:
    subject = uuid7()
    sealed, kept = sealed_for(subject), sealed_for(subject, "trade")
    with key_scope():
        assert opened_for(subject, sealed) == NUMBER.encode()
        assert destroy_keys(subject, "core") == 1
        with pytest.raises(Erased):
            opened_for(subject, sealed)
    with pytest.raises(Erased):
        sealed_for(subject)
    assert thaw_keys(subject) == 0
    with pytest.raises(Erased):
        opened_for(subject, sealed)
    assert opened_for(subject, kept, "trade") == NUMBER.encode()
    row = SubjectKey.objects.get(subject=subject, klass="core")
    assert row.wrapped is None
    assert row.kek_epoch is None
    assert row.destroyed_at is not None
    assert destroy_keys(subject, "core") == 0


def test_a_destroyed_subject_gets_no_new_key_of_any_class() -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    assert destroy_keys(subject) == 1
    with pytest.raises(Erased):
        opened_for(subject, sealed)
    for klass in ("core", "trade", "never seen"):
        with pytest.raises(Erased):
            sealed_for(subject, klass)


def test_a_class_can_be_destroyed_before_its_first_key() -> None:
    subject = uuid7()
    destroy_keys(subject, "core")
    with pytest.raises(Erased):
        sealed_for(subject)
    assert sealed_for(subject, "trade")


@pytest.mark.parametrize("klass", ["core", None])
def test_frozen_neither_reads_nor_writes_until_thawed(klass: str | None) -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    assert freeze_keys(subject, klass) == 1
    with pytest.raises(Frozen):
        opened_for(subject, sealed)
    with pytest.raises(Frozen):
        sealed_for(subject)
    if klass is None:
        with pytest.raises(Frozen):
            sealed_for(subject, "never seen")
    assert thaw_keys(subject, klass) == 1
    assert opened_for(subject, sealed) == NUMBER.encode()
    assert sealed_for(subject, "never seen")


def test_a_frozen_key_can_be_destroyed() -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    freeze_keys(subject)
    assert destroy_keys(subject) == 1
    with pytest.raises(Erased):
        opened_for(subject, sealed)


@pytest.mark.parametrize(
    "change",
    [
        {"state": KeyState.DESTROYED},
        {"wrapped": None},
        {"state": "gone"},
        {"gen": 0},
        {"destroyed_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_the_database_refuses_half_a_destruction(change: dict[str, Any]) -> None:
    subject = uuid7()
    sealed_for(subject)
    with pytest.raises(IntegrityError), transaction.atomic(using="keys"):
        SubjectKey.objects.filter(subject=subject).update(**change)


def test_no_error_holds_a_value() -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    caught: list[SealError] = []
    for spoil in (lambda: None, lambda: freeze_keys(subject), lambda: destroy_keys(subject)):
        spoil()
        with pytest.raises(SealError) as refused:
            opened_for(subject, sealed[:-1] + bytes([sealed[-1] ^ 1]))
        caught.append(refused.value)
    assert [type(error) for error in caught] == [Tampered, Frozen, Erased]
    assert not any(re.search(rf"{subject}|{NUMBER}", f"{error!r} {error.args}") for error in caught)


# Scopes


def test_outside_a_scope_every_opening_asks_the_key_store(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    with django_assert_num_queries(3, using="keys"):
        for _ in range(3):
            opened_for(subject, sealed)
    with django_assert_num_queries(1, using="keys"), key_scope(), key_scope():
        for _ in range(3):
            opened_for(subject, sealed)


def test_keys_of_many_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    subjects = [uuid7() for _ in range(50)]
    sealed = {subject: sealed_for(subject) for subject in subjects}
    with key_scope(), django_assert_num_queries(1, using="keys"):
        prefetch_keys((subject, "core") for subject in subjects)
        prefetch_keys((subject, "core") for subject in subjects)
        assert {opened_for(subject, sealed[subject]) for subject in subjects} == {NUMBER.encode()}
    with django_assert_num_queries(0, using="keys"):
        prefetch_keys([(subjects[0], "core")])


def test_the_scope_of_a_request_ends_with_it() -> None:
    seen: list[scopes.Scope | None] = []

    def view(request: HttpRequest) -> HttpResponse:
        sealed_for(uuid7())
        seen.append(scopes.current_scope())
        raise LookupError

    with pytest.raises(LookupError):
        KeyScope(view)(HttpRequest())
    assert scopes.current_scope() is None
    assert seen[0] is not None
    assert seen[0].rows == {}


def test_another_thread_does_not_share_a_scope() -> None:
    seen: list[object] = []
    with key_scope():
        thread = threading.Thread(target=lambda: seen.append(scopes.current_scope()))
        thread.start()
        thread.join()
    assert seen == [None]


# Races, on connections of their own


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_twenty_at_once_make_one_key() -> None:
    subject = uuid7()
    keys: list[bytes] = []
    start = threading.Barrier(20)

    def make() -> None:
        start.wait(10)
        try:
            keys.append(key_for_sealing(subject, "core")[0])
        finally:
            connections["keys"].close()

    threads = [threading.Thread(target=make) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(keys) == 20
    assert len(set(keys)) == 1
    assert SubjectKey.objects.filter(subject=subject).count() == 1


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_no_key_is_made_behind_the_back_of_a_destruction() -> None:
    """Writers and one destruction start together; afterwards no key of the subject is usable, whoever won."""
    for _ in range(15):
        subject = uuid7()
        start = threading.Barrier(9)

        def write(klass: str, subject: UUID = subject, start: threading.Barrier = start) -> None:
            start.wait(10)
            try:
                sealed_for(subject, klass)
            except Erased:
                pass
            finally:
                connections["keys"].close()

        threads = [threading.Thread(target=write, args=(f"class{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        start.wait(10)
        destroy_keys(subject)
        for thread in threads:
            thread.join(30)
        left = SubjectKey.objects.filter(subject=subject).exclude(state=KeyState.DESTROYED)
        assert not left.exists()


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_key_outlives_the_rollback_of_the_business_transaction() -> None:
    subject = uuid7()
    with transaction.atomic():
        sealed = sealed_for(subject)
        transaction.set_rollback(True)
    assert opened_for(subject, sealed) == NUMBER.encode()


# Numbers nobody has proved


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_one_subject_an_hour_whatever_the_time_zone() -> None:
    at = NOON + timedelta(minutes=59, seconds=59)
    assert unproved_subject(NOON) == unproved_subject(at) == unproved_subject(timezone.localtime(at))
    assert unproved_subject(NOON) != unproved_subject(NOON + timedelta(hours=1))
    assert unproved_subject(NOON) != unproved_subject(NOON + timedelta(days=1))
    assert unproved_subject(NOON).version == 8
    assert unproved_subject(NOON).variant == uuid7().variant


def test_nobody_can_tell_the_subject_of_an_hour_without_the_secret(settings: Settings) -> None:
    before = unproved_subject(NOON)
    settings.CODE_KEY = b"another key of thirty-two bytes!"
    assert unproved_subject(NOON) != before


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_an_unproved_number_is_unreadable_within_a_day(minute: int) -> None:
    typed_at = NOON + timedelta(minutes=minute)
    with time_machine.travel(typed_at, tick=False):
        subject = unproved_subject(typed_at)
        sealed = sealed_for(subject)
    with time_machine.travel(typed_at + timedelta(hours=22), tick=False):
        assert destroy_unproved_before() == 0
        assert opened_for(subject, sealed) == NUMBER.encode()
    # The last sweep before the day is over, when sweeps come once an hour.
    with time_machine.travel(typed_at + timedelta(hours=24) - timedelta(minutes=1), tick=False):
        assert destroy_unproved_before() == 1
        with pytest.raises(Erased):
            opened_for(subject, sealed)
        assert destroy_unproved_before() == 0


def test_the_sweep_leaves_everybody_else_alone() -> None:
    with time_machine.travel(NOON, tick=False):
        guardian = uuid7()
        sealed = sealed_for(guardian)
        sealed_for(unproved_subject(NOON))
    with time_machine.travel(NOON + timedelta(days=9), tick=False):
        newest = sealed_for(unproved_subject(timezone.now()))
        assert destroy_unproved_before() == 1
        assert opened_for(guardian, sealed) == NUMBER.encode()
        assert opened_for(unproved_subject(timezone.now()), newest) == NUMBER.encode()


def test_an_hour_has_one_key_whatever_class_a_field_declares() -> None:
    subject = unproved_subject(NOON)
    sealed_for(subject, "core"), sealed_for(subject, "trade")
    assert list(SubjectKey.objects.filter(subject=subject).values_list("klass", flat=True)) == ["unproved"]


# Digests


def test_the_blind_index_is_keyed_and_differs_by_field(settings: Settings) -> None:
    index = blind_index("binding.phone", "+8613800138000")
    assert re.fullmatch(r"[0-9a-f]{32}", index)
    assert index == blind_index("binding.phone", "+8613800138000")
    assert index != blind_index("code.phone", "+8613800138000")
    assert index != blind_index("binding.phone", "+8613800138001")
    settings.INDEX_KEYS = {2: b"another key of thirty-two bytes!"}
    assert index != blind_index("binding.phone", "+8613800138000")


def test_a_mac_keeps_its_parts_apart() -> None:
    assert len(mac("code", "123456")) == 32
    assert len({mac("code", "ab", "c"), mac("code", "a", "bc"), mac("code", "abc"), mac("codea", "bc")}) == 4


# The role


@pytest.mark.parametrize("verb", ["DELETE FROM", "TRUNCATE"])
def test_the_app_role_removes_no_living_key(verb: str) -> None:
    sealed_for(uuid7())
    with (
        pytest.raises(DatabaseError, match=r"permission denied|destroyed and buried"),
        transaction.atomic(using="keys"),
        connections["keys"].cursor() as cursor,
    ):
        cursor.execute(f"{verb} keystore_subjectkey")


def test_no_query_to_the_key_store_carries_a_key_or_value() -> None:
    subject = uuid7()
    with CaptureQueriesContext(connections["keys"]) as asked:
        opened_for(subject, sealed_for(subject))
        key, _ = key_for_sealing(subject, "core")
    text = " ".join(query["sql"] for query in asked.captured_queries)
    assert "keystore_subjectkey" in text
    assert NUMBER not in text
    assert key.hex() not in text
