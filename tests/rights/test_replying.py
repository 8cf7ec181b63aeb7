"""Replies: the last one says what became of every right, and what can be done about it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from privacy.consent.operator import operator
from privacy.rights.enums import Outcome, RefusalCode, RequestKind
from privacy.rights.exceptions import NotEntitled, RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest, Reply
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.deciding import grant, withdraw_request
from privacy.rights.services.refusing import approve_refusal, propose_refusal
from privacy.rights.services.replying import fulfil, reply
from privacy.rights.wording import GRANTED, remedies
from tests.rights.asking import (
    ACCESS,
    ERASE,
    LAW,
    QUESTION,
    REASON,
    a_clerk,
    an_officer,
    asks,
    now,
    outcomes,
    theirs,
)

pytestmark = pytest.mark.django_db(databases="__all__")
BODY = "您要看的都在“我的隐私”里，已经核对过一遍。"


def refused(request: DataSubjectRequest, kind: RequestKind = ERASE) -> None:
    refusal = propose_refusal(
        request=request,
        kind=kind,
        code=RefusalCode.STATUTORY_PERIOD,
        clause=LAW,
        reason=REASON,
        by=a_clerk(),
    )
    approve_refusal(refusal=refusal, by=an_officer())


def soon() -> date:
    return timezone.localdate() + timedelta(days=30)


@pytest.mark.clause("X1-10c")
@pytest.mark.clause("X2-11.3")
def test_a_reply_names_the_remedies_when_everything_was_granted_too() -> None:
    request = asks(ACCESS)
    grant(request=request, kind=ACCESS, by=a_clerk())
    answer = reply(request=request, body=BODY, final=True, by=a_clerk())

    assert (now(request).state, answer.is_final) == ("fulfilled", True)
    assert answer.remedies == remedies(operator())
    for way in ("12377", "12345", "人民法院", operator().privacy_phone, operator().privacy_mail):
        assert way in answer.remedies


def test_some_granted_and_some_refused_is_partly_and_nothing_remains() -> None:
    request = asks(ACCESS, ERASE)
    grant(request=request, kind=ACCESS, by=a_clerk())
    refused(request)
    answer = reply(request=request, body=BODY, final=True, by=a_clerk())

    row = now(request)
    assert (row.state, row.remains_until) == ("partly_fulfilled", None)
    assert BODY in answer.body
    assert REASON in answer.body


def test_what_remains_is_named_with_its_day_and_done_later() -> None:
    request = asks(ACCESS, RequestKind.RECTIFY)
    grant(request=request, kind=ACCESS, by=a_clerk())
    with pytest.raises(RequestRefused, match="remains_until"):
        reply(request=request, body=BODY, final=True, by=a_clerk())
    answer = reply(request=request, body=BODY, final=True, by=a_clerk(), remains_until=soon())

    row = now(request)
    assert (row.state, row.remains_until) == ("partly_fulfilled", soon())
    assert f"“更正、补充”。最迟 {soon().year} 年 {soon().month} 月 {soon().day} 日" in answer.body

    last = fulfil(request=request, body="剩下的那一项也更正好了。")
    assert (last.body, now(request).remains_until) == ("剩下的那一项也更正好了。", None)
    assert (now(request).state, outcomes(request)["rectify"]) == ("fulfilled", "granted")
    assert Reply.objects.filter(request=request, is_final=True).count() == 2


@pytest.mark.parametrize("day", [-1, -400, 61])
def test_what_remains_is_promised_neither_for_yesterday_nor_for_a_far_day(day: int) -> None:
    request = asks(ACCESS, ERASE)
    grant(request=request, kind=ACCESS, by=a_clerk())
    with pytest.raises(RequestRefused, match="remains_until"):
        reply(
            request=request,
            body=BODY,
            final=True,
            by=a_clerk(),
            remains_until=timezone.localdate() + timedelta(days=day),
        )


def test_nothing_remains_where_everything_is_decided() -> None:
    request = asks(QUESTION)
    with pytest.raises(RequestRefused, match="remains_until"):
        reply(request=request, body=BODY, final=True, by=a_clerk(), remains_until=soon())


def test_a_right_without_an_outcome_is_not_answered_away() -> None:
    request = asks(ERASE)
    with pytest.raises(RequestRefused, match="body"):
        reply(request=request, body=BODY, final=True, by=a_clerk())
    with pytest.raises(RequestRefused, match="body"):
        reply(request=request, body=BODY, final=True, by=a_clerk(), remains_until=soon())
    assert now(request).state == "accepted"


@pytest.mark.clause("X2-5.7")
@pytest.mark.parametrize(
    "kind", [RequestKind.EXPLAIN, QUESTION, RequestKind.COMPLAINT, RequestKind.LEAK, RequestKind.UNLAWFUL]
)
def test_what_words_answer_is_answered_by_them(kind: RequestKind) -> None:
    request = asks(kind)
    reply(request=request, body=BODY, final=True, by=a_clerk())
    assert (now(request).state, outcomes(request)) == ("fulfilled", {kind: "granted"})


def test_an_interim_reply_ends_nothing() -> None:
    request = asks(ERASE)
    answer = reply(request=request, body="正在核对，明天给您答复。", final=False, by=a_clerk())
    assert (now(request).state, answer.is_final) == ("accepted", False)


@pytest.mark.parametrize("body", ["", "已办", "  好的  。  ", "谢谢您的建议，已转给同事。打算：【】。"])
def test_a_reply_that_says_nothing_is_not_sent(body: str) -> None:
    request = asks(QUESTION)
    with pytest.raises(RequestRefused, match="body"):
        reply(request=request, body=body, final=True, by=a_clerk())
    assert not Reply.objects.exists()


def test_a_reply_too_long_with_its_reasons_is_said_to_be() -> None:
    request = asks(ERASE)
    refused(request)
    with pytest.raises(RequestRefused, match="body"):
        reply(request=request, body="字" * 1990, final=True, by=a_clerk())


def test_nobody_replies_to_what_is_over_or_waits() -> None:
    over, waits = asks(QUESTION), asks(QUESTION)
    withdraw_request(request=over, by=theirs(over))
    ask_back(request=waits, question="您问的是哪一次试听？", by=a_clerk())
    for request in (over, waits):
        with pytest.raises(RequestMoved):
            reply(request=request, body=BODY, final=True, by=a_clerk())
    with pytest.raises(RequestMoved):
        reply(request=over, body=BODY, final=False, by=a_clerk())


def test_only_staff_reply() -> None:
    request = asks(QUESTION)
    with pytest.raises(NotEntitled):
        reply(request=request, body=BODY, final=True, by=theirs(request))


def test_who_wrote_is_kept_and_never_said() -> None:
    request, clerk = asks(QUESTION), a_clerk()
    answer = reply(request=request, body=BODY, final=True, by=clerk)
    assert answer.written_by == clerk.id
    assert str(clerk.id) not in answer.body + answer.remedies


def test_a_function_answers_by_itself_with_the_remedies() -> None:
    request = asks(ACCESS)
    answer = fulfil(request=request, body=GRANTED[ACCESS])
    assert (now(request).state, answer.written_by) == ("fulfilled", None)
    assert "人民法院" in answer.remedies


def test_a_function_that_did_one_of_two_leaves_the_other_open() -> None:
    request = asks(ACCESS, RequestKind.TRANSFER)
    answer = fulfil(request=request, body=GRANTED[ACCESS], kinds=[ACCESS])
    assert not answer.is_final
    assert (now(request).state, outcomes(request)) == (
        "accepted",
        {"access": Outcome.GRANTED, "transfer": Outcome.PENDING},
    )
    with pytest.raises(RequestMoved):
        fulfil(request=request, body=GRANTED[ACCESS], kinds=[ACCESS])


def test_a_function_does_not_answer_twice() -> None:
    request = asks(ACCESS)
    fulfil(request=request, body=GRANTED[ACCESS])
    with pytest.raises(RequestMoved):
        fulfil(request=request, body=GRANTED[ACCESS])


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize("kind", [ACCESS, QUESTION])
def test_what_the_services_write_is_what_the_database_asks_for_at_the_commit(kind: RequestKind) -> None:
    request = asks(kind)
    fulfil(request=request, body=GRANTED[ACCESS])
    mixed = asks(ACCESS, ERASE)
    grant(request=mixed, kind=ACCESS, by=a_clerk())
    refused(mixed)
    reply(request=mixed, body=BODY, final=True, by=a_clerk())
    assert [now(request).state, now(mixed).state] == ["fulfilled", "partly_fulfilled"]
