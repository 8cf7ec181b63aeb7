"""A restricted subject: whose keys work for the person and for a named purpose, and for nobody else."""

import threading
from uuid import UUID

import pytest
from django.db import connections

from kit.uuid7 import uuid7
from privacy.keystore.enums import KeyState
from privacy.keystore.models import WHOLE_SUBJECT, SubjectKey
from privacy.keystore.services import (
    Erased,
    Frozen,
    Restricted,
    destroy_keys,
    freeze_keys,
    key_scope,
    keys_restricted,
    let_own,
    lift_restriction,
    open_sealed,
    prefetch_keys,
    restrict_keys,
    restricted_allowed,
    restricted_subjects,
    seal,
)
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
NUMBER = b"13800138000"


def sealed_for(subject: UUID, klass: str = "core") -> bytes:
    return seal(NUMBER, field_id="f", row_id="r", subject=subject, klass=klass)


def opened_for(subject: UUID, sealed: bytes, klass: str = "core") -> bytes:
    return open_sealed(sealed, field_id="f", row_id="r", subject=subject, klass=klass)


def test_nobody_reads_or_writes_under_it() -> None:
    subject, other = uuid7(), uuid7()
    sealed, theirs = sealed_for(subject), sealed_for(other)

    assert restrict_keys(subject) == 1

    with pytest.raises(Restricted):
        opened_for(subject, sealed)
    with pytest.raises(Restricted):
        sealed_for(subject)
    assert opened_for(other, theirs) == NUMBER


def test_it_is_a_kind_of_frozen_to_whoever_asks_no_further() -> None:
    assert issubclass(Restricted, Frozen)


def test_keys_of_classes_yet_to_come_are_restricted_too() -> None:
    subject = uuid7()
    restrict_keys(subject)

    with pytest.raises(Restricted):
        sealed_for(subject, "message")
    assert list(SubjectKey.objects.filter(subject=subject).values_list("klass", "state")) == [
        (WHOLE_SUBJECT, KeyState.RESTRICTED)
    ]


def test_the_person_reads_and_writes_what_is_theirs_until_the_request_ends() -> None:
    subject, other = uuid7(), uuid7()
    sealed = sealed_for(subject)
    for each in (subject, other):
        restrict_keys(each)

    with key_scope():
        let_own(subject)
        assert opened_for(subject, sealed) == NUMBER
        assert opened_for(subject, sealed_for(subject, "message"), "message") == NUMBER
        with pytest.raises(Restricted):
            sealed_for(other)
    with key_scope(), pytest.raises(Restricted):
        opened_for(subject, sealed)


def test_what_the_person_wrote_while_restricted_is_restricted_to_everybody_else() -> None:
    subject = uuid7()
    restrict_keys(subject)
    with key_scope():
        let_own(subject)
        sealed = sealed_for(subject)

    with pytest.raises(Restricted):
        opened_for(subject, sealed)
    lift_restriction(subject)
    assert opened_for(subject, sealed) == NUMBER


def test_without_a_scope_nobody_is_the_person() -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    restrict_keys(subject)

    let_own(subject)

    with pytest.raises(Restricted):
        opened_for(subject, sealed)


def test_a_named_purpose_opens_within_its_block_and_for_those_named() -> None:
    subject, other = uuid7(), uuid7()
    sealed = sealed_for(subject)
    for each in (subject, other):
        restrict_keys(each)

    with restricted_allowed({subject}):
        assert opened_for(subject, sealed) == NUMBER
        with pytest.raises(Restricted):
            sealed_for(other)
    with pytest.raises(Restricted):
        opened_for(subject, sealed)


def test_a_purpose_within_another_ends_by_itself() -> None:
    one, two = uuid7(), uuid7()
    sealed = sealed_for(one)
    for each in (one, two):
        restrict_keys(each)

    with restricted_allowed({one}):
        with restricted_allowed({two}):
            assert opened_for(one, sealed) == NUMBER
            sealed_for(two)
        with pytest.raises(Restricted):
            sealed_for(two)


def test_a_purpose_does_not_reach_another_thread() -> None:
    subject = uuid7()
    sealed = sealed_for(subject)
    restrict_keys(subject)
    seen: list[type[Exception]] = []

    def reads() -> None:
        try:
            opened_for(subject, sealed)
        except Restricted as refused:
            seen.append(type(refused))
        finally:
            connections.close_all()

    with restricted_allowed({subject}):
        thread = threading.Thread(target=reads)
        thread.start()
        thread.join()

    assert seen == [Restricted]


def test_what_a_scope_remembers_does_not_outlive_the_restriction() -> None:
    subject = uuid7()
    with key_scope():
        sealed = sealed_for(subject)
        restrict_keys(subject)
        with pytest.raises(Restricted):
            opened_for(subject, sealed)


def test_keys_read_for_a_list_are_judged_one_by_one() -> None:
    free, restricted = uuid7(), uuid7()
    sealed = {each: sealed_for(each) for each in (free, restricted)}
    restrict_keys(restricted)

    with key_scope():
        prefetch_keys([(free, "core"), (restricted, "core")])
        with counted(default=0, keys=0):
            assert opened_for(free, sealed[free]) == NUMBER
            with pytest.raises(Restricted):
                opened_for(restricted, sealed[restricted])
            assert (keys_restricted(free), keys_restricted(restricted)) == (False, True)


def test_neither_purpose_nor_person_opens_what_is_frozen_or_destroyed() -> None:
    frozen, destroyed = uuid7(), uuid7()
    sealed = {each: sealed_for(each) for each in (frozen, destroyed)}
    for each in sealed:
        restrict_keys(each)
    freeze_keys(frozen)
    destroy_keys(destroyed)

    with key_scope(), restricted_allowed(sealed):
        let_own(frozen)
        with pytest.raises(Frozen, match="frozen"):
            opened_for(frozen, sealed[frozen])
        with pytest.raises(Erased):
            opened_for(destroyed, sealed[destroyed])


def test_lifting_gives_back_what_was_restricted_and_nothing_else() -> None:
    restricted, frozen = uuid7(), uuid7()
    sealed = sealed_for(restricted)
    sealed_for(frozen)
    restrict_keys(restricted)
    freeze_keys(frozen)
    assert restricted_subjects() == {restricted}

    assert lift_restriction(restricted) == 1
    assert lift_restriction(frozen) == 0

    assert opened_for(restricted, sealed) == NUMBER
    with pytest.raises(Frozen):
        sealed_for(frozen)
    assert restricted_subjects() == set()


@pytest.mark.parametrize("_round", range(5))
def test_a_first_write_that_races_with_the_restriction_is_before_it_or_fails(_round: int) -> None:
    """Whichever comes first: once the restriction is made, nothing written opens."""
    subject, gate = uuid7(), threading.Barrier(5)
    written: list[bytes] = []
    refused: list[Exception] = []

    def writes() -> None:
        gate.wait()
        try:
            written.append(sealed_for(subject))
        except Restricted as error:
            refused.append(error)
        finally:
            connections.close_all()

    def restricts() -> None:
        gate.wait()
        restrict_keys(subject)
        connections.close_all()

    threads = [threading.Thread(target=work) for work in (writes, writes, restricts, writes, writes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(written) + len(refused) == 4
    for sealed in written:
        with pytest.raises(Restricted):
            opened_for(subject, sealed)
    with pytest.raises(Restricted):
        sealed_for(subject)
    lift_restriction(subject)
    assert all(opened_for(subject, sealed) == NUMBER for sealed in written)
