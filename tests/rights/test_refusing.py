"""Saying no: with a code, a clause, words, and a second person."""

import pytest
from django.db import IntegrityError, connection, transaction

from privacy.audit.models import AuditEvent
from privacy.rights.enums import Identity, OnBehalf, RefusalCode, RequestKind
from privacy.rights.exceptions import (
    NotEntitled,
    RequestMoved,
    RequestRefused,
    SecondPersonNeeded,
)
from privacy.rights.models import DataSubjectRequest, Refusal
from privacy.rights.services.proving import add_identity
from privacy.rights.services.refusing import approve_refusal, decline_refusal, propose_refusal
from privacy.rights.services.replying import fulfil, reply
from privacy.rights.wording import GROUNDS
from tests.families import a_guardian
from tests.rights.asking import (
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


def proposed(request: DataSubjectRequest, **changed: object) -> Refusal:
    given = {
        "kind": ERASE,
        "code": RefusalCode.STATUTORY_PERIOD,
        "clause": LAW,
        "reason": REASON,
        "by": a_clerk(),
        **changed,
    }
    return propose_refusal(request=request, **given)


@pytest.mark.clause("X2-5.8d")
@pytest.mark.clause("X2-5.8e")
@pytest.mark.clause("LAW-24")
def test_a_refusal_takes_two_people_and_reaches_the_person_in_writing() -> None:
    request = asks(ERASE)
    refusal = proposed(request)
    assert outcomes(request) == {"erase": "pending"}

    approve_refusal(refusal=refusal, by=an_officer())
    assert outcomes(request) == {"erase": "refused"}
    answer = reply(request=request, body="您要删除的订单记录，现在还不能删。", final=True, by=a_clerk())

    assert now(request).state == "refused"
    for said in (REASON, LAW, "“删除”不能办", "法定保存期还没有满"):
        assert said in answer.body
    for way in ("12377", "12345", "人民法院", "个人信息保护部"):
        assert way in answer.remedies


def test_whoever_proposed_a_refusal_does_not_approve_it() -> None:
    officer, request = an_officer(), asks(ERASE)
    refusal = proposed(request, by=officer)
    with pytest.raises(SecondPersonNeeded):
        approve_refusal(refusal=refusal, by=officer)
    assert outcomes(request) == {"erase": "pending"}


def test_nor_does_the_database_let_them() -> None:
    refusal = proposed(asks(ERASE))
    with (
        pytest.raises(IntegrityError, match="refusal_approved_by_another"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE rights_refusal SET approved_by = proposed_by, approved_at = now() WHERE id = %s",
            [refusal.pk],
        )


def test_somebody_who_corrects_a_proposal_needs_another_to_agree() -> None:
    first, second, request = an_officer(), an_officer(), asks(ERASE)
    proposed(request, by=first)
    refusal = proposed(request, by=second, reason=REASON + "您可以到期再看。")
    assert Refusal.objects.count() == 1
    with pytest.raises(SecondPersonNeeded):
        approve_refusal(refusal=refusal, by=second)
    approve_refusal(refusal=refusal, by=first)


def test_nobody_approves_words_they_have_not_read() -> None:
    request = asks(ERASE)
    read = proposed(request)
    proposed(request, reason=REASON + "后来改过。")
    with pytest.raises(RequestMoved):
        approve_refusal(refusal=read, by=an_officer())


@pytest.mark.parametrize("by", [a_clerk, lambda: an_officer(without="approve_refusal")])
def test_it_takes_the_right_to_approve(by: object) -> None:
    refusal = proposed(asks(ERASE))
    with pytest.raises(NotEntitled):
        approve_refusal(refusal=refusal, by=by())  # type: ignore[operator]  # one of the two above
    approve_refusal(refusal=refusal, by=an_officer())


def test_the_person_refuses_themselves_nothing() -> None:
    request = asks(ERASE)
    with pytest.raises(NotEntitled):
        proposed(request, by=theirs(request))


def test_a_proposal_that_somebody_disagrees_with_is_gone() -> None:
    request = asks(ERASE)
    decline_refusal(refusal=proposed(request), by=an_officer())
    assert not Refusal.objects.exists()
    actions = AuditEvent.objects.filter(action__startswith="refusal").values_list("action", flat=True)
    assert set(actions) == {"refusal.proposed", "refusal.declined"}


def test_what_was_granted_meanwhile_is_refused_by_nothing_that_stays() -> None:
    explained, restricted = asks(RequestKind.EXPLAIN), asks(RequestKind.RESTRICT)
    said = {"code": RefusalCode.LEGAL_DUTY, "by": a_clerk()}
    proposed(explained, kind=RequestKind.EXPLAIN, **said)
    kept = proposed(restricted, kind=RequestKind.RESTRICT, **said)

    reply(request=explained, body="您的手机号只用来登录和收提醒。", final=True, by=a_clerk())
    assert list(Refusal.objects.all()) == [kept]
    fulfil(request=restricted, body="您的信息从现在起只是保存着。")
    assert not Refusal.objects.exists()


def test_an_approved_refusal_is_neither_declined_nor_changed() -> None:
    request = asks(ERASE)
    refusal = proposed(request)
    approve_refusal(refusal=refusal, by=an_officer())
    with pytest.raises(RequestMoved):
        decline_refusal(refusal=refusal, by=an_officer())
    with pytest.raises(RequestMoved):
        proposed(request)


@pytest.mark.clause("X2-5.0")
@pytest.mark.parametrize(
    "reason",
    [
        "",
        "不行",
        "法定保存期还没有满",
        "不" * 60,
        "不能办不能办不能办不能办不能办不能办不能办不能办",
        "。。。。。。。。。。。。。。。。。。。。。。。。",
        GROUNDS[RefusalCode.STATUTORY_PERIOD].begins,
        "您去年的订单记录要存到【】，期满就删；在那之前只存着，2028 年 3 月 1 日。",
        "您去年的订单记录法律要求再存几年，期满就删；在那之前只存着，不作别的使用。",
        "订单记录要存到 2028 年 3 月 1 日",
        "不" * 30 + "2022 年 2 月 2 日",
    ],
)
def test_a_reason_that_says_nothing_is_refused(reason: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        proposed(asks(ERASE), reason=reason)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("clause", ["", "法律", "《电子商务法》", "第三十一条", "按规定"])
def test_what_the_law_requires_is_named_by_its_article(clause: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        proposed(asks(ERASE), clause=clause)
    assert refused.value.field == "clause"


@pytest.mark.parametrize("clause", ["电子商务法第三十一条", "《个人信息保护法》第 47 条第二款"])
def test_an_article_may_be_written_either_way(clause: str) -> None:
    assert proposed(asks(ERASE), clause=clause).clause == clause


@pytest.mark.clause("X1-6-8")
@pytest.mark.clause("X2-5.8f")
def test_every_ground_of_both_policies_has_a_code_and_every_code_its_ground() -> None:
    assert set(GROUNDS) == set(RefusalCode)
    both = {"defence", "public_interest", "crime", "bad_faith", "harm_to_others", "trade_secret"}
    second = both | {"legal_duty", "vital_interest"}
    may = {"excessive_repeat", "undue_effort", "harm_to_others", "impractical"}
    assert second | may <= set(RefusalCode.values)


@pytest.mark.parametrize("code", RefusalCode)
def test_each_code_can_be_used_with_what_its_own_ground_names(code: RefusalCode) -> None:
    kind = RequestKind.TRANSFER if code == RefusalCode.NOT_FEASIBLE else ERASE
    guardian = a_guardian()
    asks(kind, guardian=guardian)
    request = asks(kind, guardian=guardian)
    for clause in GROUNDS[code].clauses:
        refusal = proposed(request, kind=kind, code=code, clause=clause, by=an_officer())
        assert (refusal.code, refusal.clause) == (code, clause)


def test_a_code_of_nobody_s_is_no_ground() -> None:
    with pytest.raises(ValueError, match="busy"):
        proposed(asks(ERASE), code="busy")


@pytest.mark.clause("X2-5.8c")
def test_only_an_officer_calls_a_repeat_too_many_and_nobody_a_first() -> None:
    guardian = a_guardian()
    reason = "上次是 2026 年 5 月，这次要的副本与那次相同，其间没有新的记录，那次的答复仍然有效。"
    given = {
        "kind": RequestKind.EXPORT,
        "code": RefusalCode.EXCESSIVE_REPEAT,
        "clause": "《个人信息安全规范》8.7",
        "reason": reason,
    }
    first = asks(RequestKind.EXPORT, guardian=guardian)
    with pytest.raises(RequestRefused, match="code"):
        proposed(first, **given, by=an_officer())

    second = asks(RequestKind.EXPORT, guardian=guardian)
    assert second.repeats == 2
    for somebody in (a_clerk(), an_officer(without="call_excessive")):
        with pytest.raises(NotEntitled, match="call_excessive"):
            proposed(second, **given, by=somebody)
    proposed(second, **given, by=an_officer())


def test_taking_back_a_consent_is_never_refused() -> None:
    request = asks(RequestKind.WITHDRAW)
    with pytest.raises(RequestRefused, match="kind"):
        proposed(request, kind=RequestKind.WITHDRAW, code=RefusalCode.BAD_FAITH)


def test_a_question_is_answered_and_not_refused() -> None:
    with pytest.raises(RequestRefused, match="kind"):
        proposed(asks(QUESTION), kind=QUESTION, code=RefusalCode.BAD_FAITH)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (RequestKind.ACCESS, RefusalCode.STATUTORY_PERIOD),
        (RequestKind.ACCESS, RefusalCode.LEGAL_HOLD),
        (RequestKind.ERASE, RefusalCode.NOT_FEASIBLE),
    ],
)
def test_a_ground_is_held_against_the_rights_it_is_about(kind: RequestKind, code: RefusalCode) -> None:
    with pytest.raises(RequestRefused, match="code"):
        proposed(asks(kind), kind=kind, code=code)


@pytest.mark.clause("X2-5.8a")
def test_whoever_has_proved_themselves_is_not_called_unproved() -> None:
    request = asks(ERASE)
    add_identity(request=request, identity=Identity.STEPPED_UP, by=theirs(request))
    with pytest.raises(RequestRefused, match="code"):
        proposed(request, code=RefusalCode.NOT_PROVED)
    # The control: kinship with the dead is another matter.
    other = asks(ERASE, on_behalf=OnBehalf.DECEASED)
    add_identity(request=other, identity=Identity.STEPPED_UP, by=theirs(other))
    proposed(other, code=RefusalCode.NOT_PROVED)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_no_right_is_refused_past_the_services() -> None:
    right = asks(ERASE).rights.get()
    with pytest.raises(IntegrityError, match="second person"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rights_requestedright SET outcome = 'refused', settled_at = now() WHERE id = %s",
            [right.pk],
        )
