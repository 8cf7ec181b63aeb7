"""Officers and the person at the same request at the same moment: connections and threads are real."""

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.db import DatabaseError

from privacy.actors import ANONYMOUS
from privacy.rights.enums import RefusalCode, RequestKind
from privacy.rights.exceptions import RequestMoved
from privacy.rights.models import DataSubjectRequest, Pause, Refusal, RequestEvent
from privacy.rights.services import deciding, replying
from privacy.rights.services.asking_back import answer, ask_back
from privacy.rights.services.deciding import grant, look_at, withdraw_request
from privacy.rights.services.proving import prove_number
from privacy.rights.services.refusing import approve_refusal, propose_refusal
from privacy.rights.services.replying import reply
from tests.enrollment.test_seats_parallel import WAITING, at_once
from tests.families import a_guardian
from tests.rights.asking import (
    ACCESS,
    ERASE,
    LAW,
    QUESTION,
    REASON,
    a_clerk,
    an_officer,
    asks,
    asks_at_the_door,
    now,
    outcomes,
    theirs,
)
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
BODY = "您问的写在《隐私政策》里，已经核对过一遍。"


def queued_at(request: DataSubjectRequest, work: list[Callable[[], Any]]) -> list[Any]:
    """Run ``work`` so that all of it waits for the request before anything goes on."""
    gate, watch = (psycopg2.connect(os.environ["DATABASE_URL"]) for _ in range(2))
    watch.autocommit = True  # a transaction would see one moment of who waits

    def all_wait() -> bool:
        with watch.cursor() as cursor:
            cursor.execute(WAITING)
            return cursor.fetchone() == (len(work),)

    def open_when_all_wait() -> None:
        try:
            until(all_wait, seconds=60, what="a queue")
        finally:
            gate.rollback()

    try:
        with gate.cursor() as cursor:
            own = "SELECT 1 FROM rights_datasubjectrequest WHERE id = %s FOR UPDATE"
            cursor.execute(own, [str(request.pk)])
        opener = threading.Thread(target=open_when_all_wait)
        opener.start()
        results = at_once(work)
        opener.join()
    finally:
        gate.close()
        watch.close()
    return results


def of_kind(results: list[Any], kind: type) -> int:
    """How many of the results are of a kind; anything else that was raised fails the test."""
    wrong = [one for one in results if isinstance(one, Exception) and not isinstance(one, kind)]
    assert not wrong, wrong
    return sum(isinstance(one, kind) for one in results)


def without_a_lock(request_id: UUID) -> DataSubjectRequest:
    return DataSubjectRequest.objects.get(pk=request_id)


def replies(request: DataSubjectRequest) -> Callable[[], Any]:
    clerk = a_clerk()
    return lambda: reply(request=request, body=BODY, final=True, by=clerk)


def test_of_two_officers_who_reply_at_once_one_is_told_the_other_was_faster() -> None:
    request = asks(QUESTION)
    results = queued_at(request, [replies(request), replies(request)])
    assert of_kind(results, RequestMoved) == 1
    assert request.replies.filter(is_final=True).count() == 1
    assert now(request).state == "fulfilled"


def test_the_control_without_the_lock_answers_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replying, "held", without_a_lock)
    request = asks(QUESTION)
    results = queued_at(request, [replies(request), replies(request)])
    assert of_kind(results, RequestMoved) == 0
    assert request.replies.filter(is_final=True).count() == 2


def test_whoever_takes_a_request_back_while_it_is_answered_has_one_of_both() -> None:
    for _ in range(4):
        request = asks(QUESTION)
        takes_back = partial(withdraw_request, request=request, by=theirs(request))
        results = queued_at(request, [replies(request), takes_back])
        assert of_kind(results, RequestMoved) == 1
        answered = now(request).state == "fulfilled"
        assert outcomes(request) == {"question": "granted" if answered else "dropped"}
        assert request.replies.exists() is answered


def test_the_control_without_the_lock_is_stopped_by_the_database_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (replying, deciding):
        monkeypatch.setattr(module, "held", without_a_lock)
    request = asks(QUESTION)
    person = theirs(request)
    results = queued_at(request, [replies(request), lambda: withdraw_request(request=request, by=person)])
    assert of_kind(results, DatabaseError) == 1  # the trigger, or a deadlock
    assert now(request).state in ("fulfilled", "withdrawn")


def refusal_of(request: DataSubjectRequest, reason: str = REASON) -> Refusal:
    return propose_refusal(
        request=request,
        kind=ERASE,
        code=RefusalCode.STATUTORY_PERIOD,
        clause=LAW,
        reason=reason,
        by=a_clerk(),
    )


def test_a_refusal_is_approved_once() -> None:
    request = asks(ERASE)
    refusal = refusal_of(request)
    officers = [an_officer(), an_officer()]
    results = queued_at(request, [partial(approve_refusal, refusal=refusal, by=by) for by in officers])
    assert of_kind(results, RequestMoved) == 1
    approved = RequestEvent.objects.filter(request=request, what="refusal_approved")
    assert [event.actor_id for event in approved] == [Refusal.objects.get().approved_by]


def test_a_refusal_changed_while_it_is_approved_is_not_approved_unread() -> None:
    for _ in range(4):
        request = asks(ERASE)
        read, officer = refusal_of(request), an_officer()
        results = queued_at(
            request,
            [
                partial(approve_refusal, refusal=read, by=officer),
                partial(refusal_of, request, REASON + "另外还有一份发票。"),
            ],
        )
        assert of_kind(results, RequestMoved) == 1
        stands = Refusal.objects.get(right__request=request)
        assert (stands.approved_at is not None) is (stands.reason == REASON)


def test_granted_and_refused_at_once_is_one_of_both() -> None:
    request = asks(ACCESS)
    refusal = propose_refusal(
        request=request,
        kind=ACCESS,
        code=RefusalCode.LEGAL_DUTY,
        clause=LAW,
        reason=REASON,
        by=a_clerk(),
    )
    officer, clerk = an_officer(), a_clerk()
    results = queued_at(
        request,
        [
            lambda: approve_refusal(refusal=refusal, by=officer),
            lambda: grant(request=request, kind=ACCESS, by=clerk),
        ],
    )
    assert of_kind(results, RequestMoved) == 1
    assert (outcomes(request)["access"] == "refused") is Refusal.objects.exists()


def test_an_answer_given_twice_is_one() -> None:
    request = asks(ACCESS)
    ask_back(request=request, question="您想看的是哪一次预约？", by=a_clerk())
    person = theirs(request)
    results = queued_at(
        request,
        [partial(answer, request=request, answer=words, by=person) for words in ("甲", "乙")],
    )
    assert of_kind(results, RequestMoved) == 1
    assert Pause.objects.get().answer in ("甲", "乙")


def test_a_request_at_the_door_becomes_one_account_s() -> None:
    request = asks_at_the_door(RequestKind.ERASE, phone="+8613800006666")
    people = [a_guardian(), a_guardian(), a_guardian()]
    results = queued_at(
        request,
        [partial(prove_number, request=request, subject_id=who.pk, by=ANONYMOUS) for who in people],
    )
    assert of_kind(results, RequestMoved) == 2
    assert now(request).subject_id in {who.pk for who in people}


def test_of_many_who_open_a_request_one_has_it_and_the_others_learn_who() -> None:
    request, clerks = asks(ERASE), [a_clerk() for _ in range(6)]
    results = queued_at(request, [partial(look_at, request=request, by=by) for by in clerks])
    assert results.count(None) == 1
    assert {one for one in results if one} == {now(request).looked_at_by}
