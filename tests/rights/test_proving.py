"""Proof of who asks: a claim by code, papers, and what is told where nothing is held."""

import pytest
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.audit.models import AuditEvent
from privacy.rights.enums import Entrance, Identity, OnBehalf, RequestKind
from privacy.rights.exceptions import NotEntitled, RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import accept, withdraw_request
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.proving import add_identity, prove_number
from tests.families import a_guardian, written_to
from tests.rights.asking import (
    ACCESS,
    ANONYMOUS,
    ERASE,
    QUESTION,
    a_clerk,
    asks,
    asks_at_the_door,
    course,
    now,
    outcomes,
    theirs,
)

pytestmark = pytest.mark.django_db(databases="__all__")
PHONE = "+8613800009999"


@pytest.mark.clause("X2-5.8a")
def test_a_right_waits_for_the_number_and_a_proved_one_becomes_the_account_s() -> None:
    guardian, request = a_guardian(), asks_at_the_door(ACCESS, ERASE, words="请删掉", phone=PHONE)
    assert request.state == "verifying"

    row = prove_number(request=request, subject_id=guardian.pk, by=ANONYMOUS)

    assert (row.state, row.known, row.identity) == ("accepted", True, "number_proved")
    assert DataSubjectRequest.objects.of(guardian.pk).get().words == "请删掉"
    assert outcomes(row) == {"access": "pending", "erase": "pending"}
    assert not row.replies.exists()
    assert AuditEvent.objects.filter(action="request.proved", subject_id=guardian.pk).count() == 1


def test_a_number_without_an_account_is_told_the_truth_at_once() -> None:
    request = asks_at_the_door(ACCESS, ERASE, phone=PHONE)
    row = prove_number(request=request, subject_id=None, by=ANONYMOUS)

    assert (row.state, row.known, row.identity) == ("fulfilled", False, "number_proved")
    assert outcomes(row) == {"access": "granted", "erase": "dropped"}
    assert "没有用这个号码开的账号" in row.replies.get().body
    assert "nothing_held" in course(row)


def test_what_was_asked_besides_stays_with_staff() -> None:
    request = asks_at_the_door(ERASE, RequestKind.COMPLAINT, phone=PHONE)
    row = prove_number(request=request, subject_id=None, by=ANONYMOUS)
    assert row.state == "accepted"
    assert outcomes(row) == {"erase": "dropped", "complaint": "pending"}
    assert not row.replies.get().is_final


@pytest.mark.parametrize("behalf", [OnBehalf.DECEASED, OnBehalf.WARD])
def test_for_somebody_else_staff_look_before_anything_is_said(behalf: OnBehalf) -> None:
    request = asks_at_the_door(ACCESS, on_behalf=behalf, phone=PHONE)
    row = prove_number(request=request, subject_id=None, by=ANONYMOUS)
    assert (row.state, outcomes(row)) == ("accepted", {"access": "pending"})
    assert not row.replies.exists()


def test_a_request_is_claimed_once() -> None:
    mine, other = a_guardian(), a_guardian()
    request = asks_at_the_door(ERASE, phone=PHONE)
    prove_number(request=request, subject_id=mine.pk, by=ANONYMOUS)
    for somebody in (other.pk, None):
        with pytest.raises(RequestMoved):
            prove_number(request=request, subject_id=somebody, by=ANONYMOUS)
    prove_number(request=request, subject_id=mine.pk, by=ANONYMOUS)
    assert now(request).subject_id == mine.pk


def test_a_closed_request_is_claimed_by_nobody() -> None:
    request = asks_at_the_door(ERASE, phone=PHONE)
    withdraw_request(request=request, by=ANONYMOUS)
    with pytest.raises(RequestMoved):
        prove_number(request=request, subject_id=a_guardian().pk, by=ANONYMOUS)
    assert not now(request).known


def test_a_weaker_proof_takes_nothing_away() -> None:
    request = asks(ACCESS)
    add_identity(request=request, identity=Identity.STEPPED_UP, by=theirs(request))
    add_identity(request=request, identity=Identity.SIGNED_IN, by=theirs(request))
    assert now(request).identity == "stepped_up"


def test_papers_are_noted_by_staff_who_say_whose_account_it_is() -> None:
    guardian, request = a_guardian(), asks_at_the_door(ERASE)
    with pytest.raises(NotEntitled):
        add_identity(request=request, identity=Identity.PAPERS, by=ANONYMOUS, subject_id=guardian.pk)
    row = add_identity(request=request, identity=Identity.PAPERS, by=a_clerk(), subject_id=guardian.pk)
    assert (row.state, row.known, row.subject_id) == ("accepted", True, guardian.pk)
    with pytest.raises(RequestMoved):
        add_identity(request=request, identity=Identity.PAPERS, by=a_clerk(), subject_id=uuid7())


def test_nobody_unknown_is_signed_in() -> None:
    request = asks_at_the_door(ERASE)
    with pytest.raises(RequestRefused, match="identity"):
        add_identity(request=request, identity=Identity.STEPPED_UP, by=ANONYMOUS)


def test_staff_do_not_accept_a_right_of_nobody_knows_whom() -> None:
    request = asks_at_the_door(ERASE)
    with pytest.raises(RequestRefused, match="identity"):
        accept(request=request, by=a_clerk())
    assert now(request).state == "verifying"


def test_a_caller_gets_in_writing_what_was_taken_down() -> None:
    guardian = a_guardian()
    request = file_request(
        asked=Asked(kinds=[ERASE], phone=PHONE),
        subject_id=None,
        entrance=Entrance.STAFF,
        identity=Identity.UNKNOWN,
        by=a_clerk(),
    ).request
    assert written_to(guardian) == []
    row = prove_number(request=request, subject_id=guardian.pk, by=a_clerk())
    (text,) = written_to(guardian)
    day = timezone.localdate(row.due_at)
    assert row.reference in text
    assert f"最迟{day.month}月{day.day}日前答复" in text


def test_a_question_needs_no_proof_and_may_have_one() -> None:
    guardian, request = a_guardian(), asks_at_the_door(QUESTION, phone=PHONE)
    assert request.state == "accepted"
    row = prove_number(request=request, subject_id=guardian.pk, by=ANONYMOUS)
    assert (row.state, row.known) == ("accepted", True)
    assert written_to(guardian) == []
