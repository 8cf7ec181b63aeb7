"""Another number for an account: both proved, both told, one account a number, other sessions over."""

from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.enums import CodePurpose, ReleaseReason
from accounts.models import PhoneBinding, User, VerificationCode
from accounts.services.codes import PROOF_LIFETIME, Try, send_code, verify_code
from accounts.services.guardians import find_guardian, phone_of
from accounts.services.phone_change import NotProved, NumberTaken, change_phone
from messaging.recipients import Recipient
from messaging.services import queue_message
from privacy.audit.models import AuditEvent
from privacy.keystore.services import key_scope, let_own
from privacy.rights.enums import RequestKind, RequestState
from privacy.rights.models import Correction
from tests.families import a_guardian, acting
from tests.people import last_code, new_phone, texts_to
from tests.restricting import restricts
from tests.rights.asking import a_clerk, asks, now

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

CHANGE, CONFIRM = CodePurpose.CHANGE_PHONE, CodePurpose.CONFIRM


def a_proof(phone: str, purpose: CodePurpose = CHANGE) -> VerificationCode:
    """A code sent to the number and typed in."""
    address = "203.0.113.7"
    sent = send_code(phone=f"+86{phone}", purpose=purpose, browser="one", address=address)
    tried = Try(challenge=sent.challenge, code=last_code(phone), purpose=purpose, browser="one")
    return verify_code(tried, address=address)


@pytest.fixture
def phone() -> str:
    return new_phone()


@pytest.fixture
def guardian(phone: str) -> User:
    return a_guardian(phone)


@pytest.mark.clause("L-PP-4.7-2")
def test_proved_by_both_numbers_the_new_one_is_bound(guardian: User, phone: str) -> None:
    number = new_phone()

    change_phone(user=guardian, new=a_proof(number), old=a_proof(phone, CONFIRM), by=acting(guardian))

    assert phone_of(guardian.pk) == f"+86{number}"
    assert find_guardian(phone=f"+86{number}") == guardian
    assert find_guardian(phone=f"+86{phone}") is None
    former = PhoneBinding.objects.get(user=guardian, released_at__isnull=False)
    assert former.release_reason == ReleaseReason.CHANGED
    done = AuditEvent.objects.get(action="phone.changed")
    assert (done.subject_id, done.actor_id, done.detail) == (guardian.pk, guardian.pk, {"by_papers": False})


@pytest.mark.clause("L-PP-4.7-2")
def test_both_numbers_are_told_at_once(guardian: User, phone: str) -> None:
    number = new_phone()
    change_phone(user=guardian, new=a_proof(number), old=a_proof(phone, CONFIRM), by=acting(guardian))

    assert "这个号码不再能登录" in texts_to(phone)[-1]
    assert "换成用这个号码登录" in texts_to(number)[-1]


def test_what_waits_goes_to_the_new_number(guardian: User, phone: str) -> None:
    number = new_phone()
    new, old = a_proof(number), a_proof(phone, CONFIRM)
    with transaction.atomic():
        queue_message(
            template="trial_cancelled",
            recipient=Recipient("guardian", guardian.pk, guardian.pk),
            parameters={"reference": "K7-305214"},
            purpose="messages",
        )
        change_phone(user=guardian, new=new, old=old, by=acting(guardian))

    assert any("K7-305214" in text for text in texts_to(number))
    assert not any("K7-305214" in text for text in texts_to(phone))


@pytest.mark.parametrize("purpose", [CodePurpose.LOGIN, CodePurpose.BOOKING, CONFIRM])
def test_a_code_for_anything_else_proves_no_new_number(
    guardian: User, phone: str, purpose: CodePurpose
) -> None:
    with pytest.raises(NotProved):
        change_phone(
            user=guardian,
            new=a_proof(new_phone(), purpose),
            old=a_proof(phone, CONFIRM),
            by=acting(guardian),
        )
    assert phone_of(guardian.pk) == f"+86{phone}"


def test_without_the_old_number_or_by_another_s_nothing_changes(guardian: User, phone: str) -> None:
    number, elsewhere = new_phone(), new_phone()
    new = a_proof(number)
    for old in (None, a_proof(elsewhere, CONFIRM), new):
        with pytest.raises(NotProved):
            change_phone(user=guardian, new=new, old=old, by=acting(guardian))
    with pytest.raises(NotProved):  # staff who looked at nothing
        change_phone(user=guardian, new=new, by=a_clerk(), evidence=" ")
    assert phone_of(guardian.pk) == f"+86{phone}"


def test_a_proof_of_ten_minutes_ago_is_none(guardian: User, phone: str) -> None:
    new, old = a_proof(new_phone()), a_proof(phone, CONFIRM)
    with time_machine.travel(timezone.now() + PROOF_LIFETIME, tick=True), pytest.raises(NotProved):
        change_phone(user=guardian, new=new, old=old, by=acting(guardian))


@pytest.mark.clause("L-PP-4.7-2")
def test_staff_change_it_for_whoever_lost_the_old_one(guardian: User) -> None:
    number, clerk = new_phone(), a_clerk()

    change_phone(user=guardian, new=a_proof(number), by=clerk, evidence="核对了预约的校区和时间")

    assert phone_of(guardian.pk) == f"+86{number}"
    done = AuditEvent.objects.get(action="phone.changed")
    assert (done.actor_id, done.detail) == (clerk.id, {"by_papers": True})


def test_the_number_bound_already_changes_nothing(guardian: User, phone: str) -> None:
    change_phone(user=guardian, new=a_proof(phone), old=None, by=acting(guardian))

    assert PhoneBinding.objects.filter(user=guardian).count() == 1


def test_anothers_number_is_taken(guardian: User, phone: str) -> None:
    taken = new_phone()
    other = a_guardian(taken)

    with pytest.raises(NumberTaken):
        change_phone(user=guardian, new=a_proof(taken), old=a_proof(phone, CONFIRM), by=acting(guardian))

    assert phone_of(guardian.pk) == f"+86{phone}"
    assert phone_of(other.pk) == f"+86{taken}"


def test_of_two_accounts_that_want_a_number_at_once_one_gets_it() -> None:
    phones = [new_phone(), new_phone()]
    people = [a_guardian(one) for one in phones]
    new = a_proof(new_phone())
    proofs = [a_proof(one, CONFIRM) for one in phones]
    gate, ended = Barrier(2), list[str]()

    def changes(who: User, old: VerificationCode) -> None:
        gate.wait()
        try:
            change_phone(user=who, new=new, old=old, by=acting(who))
            ended.append("bound")
        except NumberTaken:
            ended.append("taken")
        finally:
            connections.close_all()

    threads = [Thread(target=changes, args=pair) for pair in zip(people, proofs, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ended) == ["bound", "taken"]
    assert PhoneBinding.objects.live().count() == 2


@pytest.mark.clause("L-PP-4.7-2")
def test_other_sessions_are_over(guardian: User, phone: str) -> None:
    elsewhere = Client()
    elsewhere.force_login(guardian)
    assert elsewhere.get("/api/v1/me/").json()["authenticated"]

    change_phone(user=guardian, new=a_proof(new_phone()), old=a_proof(phone, CONFIRM), by=acting(guardian))

    assert not elsewhere.get("/api/v1/me/").json()["authenticated"]


@pytest.mark.clause("X1-6-2")
def test_in_a_request_it_is_a_correction_and_answered(guardian: User, phone: str) -> None:
    number = new_phone()
    request = asks(RequestKind.RECTIFY, guardian=guardian)

    change_phone(
        user=guardian,
        new=a_proof(number),
        old=a_proof(phone, CONFIRM),
        by=acting(guardian),
        request=request,
    )

    row = Correction.objects.get(request=request)
    assert (row.field, row.before, row.after) == (
        "binding.phone",
        f"{phone[:3]}****{phone[-4:]}",
        f"{number[:3]}****{number[-4:]}",
    )
    assert row.evidence
    assert now(request).state == RequestState.FULFILLED


def test_whoever_restricted_changes_it_and_is_told_all_the_same(guardian: User, phone: str) -> None:
    number = new_phone()
    restricts(guardian)

    change_phone(user=guardian, new=a_proof(number), old=a_proof(phone, CONFIRM), by=acting(guardian))

    with key_scope():
        let_own(guardian.pk)
        assert phone_of(guardian.pk) == f"+86{number}"
    assert "这个号码不再能登录" in texts_to(phone)[-1]
    assert "换成用这个号码登录" in texts_to(number)[-1]
