"""What officers do with a request, and how the person takes it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy.actors import ANONYMOUS, SYSTEM, Actor
from privacy.consent.choices import give, take_back
from privacy.consent.enums import Channel, ConsentPurpose
from privacy.rights.enums import PackageState, RefusalCode, RequestKind, RequestState
from privacy.rights.exceptions import (
    NotEntitled,
    RequestMoved,
    RequestRefused,
    RequestUnknown,
    SecondPersonNeeded,
)
from privacy.rights.models import Correction, DataSubjectRequest, ExportPackage, Pause, Refusal, Restriction
from privacy.rights.models.packages import KEPT
from privacy.rights.services import deciding
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.deciding import (
    LOOKING,
    TransferConditions,
    accept,
    approve_plan,
    grant,
    grant_transfer,
    look_at,
    plan,
    take,
    withdraw_request,
)
from privacy.rights.services.refusing import approve_refusal, propose_refusal
from privacy.rights.services.replying import fulfil
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
    course,
    now,
    outcomes,
    theirs,
)

pytestmark = pytest.mark.django_db(databases="__all__")
MET = {"identity_verified": True, "by_consent_or_contract": True, "feasible": True, "harms_nobody": True}


def test_a_plan_is_approved_by_somebody_who_may_and_taken_back_by_accepting_anew() -> None:
    request = asks(ERASE)
    plan(request=request, by=a_clerk())
    with pytest.raises(NotEntitled, match="approve_plan"):
        approve_plan(request=request, by=a_clerk())
    accept(request=request, by=a_clerk())
    plan(request=request, by=a_clerk())
    approve_plan(request=request, by=an_officer())
    steps = ["planned", "accepted", "planned", "approved"]
    assert [what for what in course(request) if what in steps][-4:] == steps


def test_whoever_listed_a_plan_does_not_approve_it() -> None:
    request, officer, other = asks(ERASE), an_officer(), an_officer()
    with pytest.raises(RequestMoved):
        approve_plan(request=request, by=officer)
    plan(request=request, by=officer)
    with pytest.raises(SecondPersonNeeded):
        approve_plan(request=request, by=officer)
    assert now(request).state == RequestState.PLANNED
    accept(request=request, by=other)
    plan(request=request, by=other)
    with pytest.raises(SecondPersonNeeded):
        approve_plan(request=request, by=other)
    approve_plan(request=request, by=officer)
    assert now(request).state == RequestState.APPROVED


def test_whoever_does_something_first_deals_with_it_until_another_takes_it() -> None:
    request, first, second = asks(ERASE), a_clerk(), a_clerk()
    plan(request=request, by=first)
    accept(request=request, by=second)
    assert now(request).handled_by == first.id
    take(request=request, by=second)
    assert now(request).handled_by == second.id


@pytest.mark.parametrize("kind", [RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT])
def test_nobody_says_by_hand_that_something_was_deleted(kind: RequestKind) -> None:
    request = asks(kind)
    with pytest.raises(RequestRefused, match="kind"):
        grant(request=request, kind=kind, by=an_officer())
    assert outcomes(request) == {kind: "pending"}


def made(request: DataSubjectRequest) -> None:
    """The copy that the request asks for, ready to be taken."""
    package, at = ExportPackage.objects.get(request=request), timezone.now()
    for state in (PackageState.COLLECTING, PackageState.WRITING, PackageState.PACKING, PackageState.READY):
        package.state, package.ready_at, package.expires_at = state, at, at + KEPT
        package.password = "a password"
        package.save()


def taken_back(request: DataSubjectRequest) -> None:
    """A yes given, and taken back."""
    for choose in (give, take_back):
        choose(
            subject=request.subject_id,
            purpose=ConsentPurpose.MARKETING_SMS,
            channel=Channel.WEB,
            by=theirs(request),
        )


DEEDS = {
    RequestKind.RECTIFY: lambda request: Correction.objects.create(
        request=request, field="user.content", before="甲", after="乙"
    ),
    RequestKind.RESTRICT: lambda request: Restriction.objects.create(
        request=request, subject_id=request.subject_id
    ),
    RequestKind.EXPORT: made,
    RequestKind.WITHDRAW: taken_back,
}


@pytest.mark.parametrize("kind", DEEDS)
def test_what_functions_do_is_granted_when_it_is_done(kind: RequestKind) -> None:
    request = asks(kind)
    if kind == RequestKind.EXPORT:
        ExportPackage.objects.create(request=request)  # begun, and not made yet
    with pytest.raises(RequestRefused, match="kind"):
        grant(request=request, kind=kind, by=a_clerk())
    DEEDS[kind](request)
    grant(request=request, kind=kind, by=a_clerk())
    assert outcomes(request) == {kind: "granted"}


def test_partly_is_an_outcome_and_the_rest_follows() -> None:
    request = asks(ACCESS)
    grant(request=request, kind=ACCESS, by=a_clerk(), partly=True)
    assert outcomes(request) == {"access": "partly"}
    grant(request=request, kind=ACCESS, by=a_clerk())
    assert outcomes(request) == {"access": "granted"}


def test_a_right_is_granted_once_and_only_where_it_was_asked_for() -> None:
    request = asks(ACCESS)
    grant(request=request, kind=ACCESS, by=a_clerk())
    for kind in (ACCESS, RequestKind.RECTIFY):
        with pytest.raises(RequestMoved):
            grant(request=request, kind=kind, by=a_clerk())


def test_granting_takes_a_proposed_refusal_away() -> None:
    request = asks(ACCESS)
    refusal = propose_refusal(
        request=request,
        kind=ACCESS,
        code=RefusalCode.LEGAL_DUTY,
        clause=LAW,
        reason=REASON,
        by=a_clerk(),
    )
    grant(request=request, kind=ACCESS, by=a_clerk())
    assert not Refusal.objects.exists()
    with pytest.raises(RequestMoved):
        approve_refusal(refusal=refusal, by=an_officer())


@pytest.mark.clause("X2-5.6b")
@pytest.mark.clause("LAW-63")
@pytest.mark.parametrize("missing", sorted(MET))
def test_a_transfer_needs_all_four_conditions(missing: str) -> None:
    request = asks(RequestKind.TRANSFER)
    with pytest.raises(RequestRefused, match="kind"):
        grant(request=request, kind=RequestKind.TRANSFER, by=an_officer())
    with pytest.raises(RequestRefused, match="conditions"):
        grant_transfer(
            request=request, conditions=TransferConditions(**{**MET, missing: False}), by=an_officer()
        )
    grant_transfer(request=request, conditions=TransferConditions(**MET), by=an_officer())
    assert outcomes(request) == {"transfer": "granted"}


def test_a_guardian_does_none_of_it() -> None:
    request = asks(ACCESS)
    for deed in (accept, plan, take, look_at):
        with pytest.raises(NotEntitled):
            deed(request=request, by=theirs(request))
    with pytest.raises(NotEntitled):
        grant(request=request, kind=ACCESS, by=theirs(request))


def test_the_person_takes_a_request_back_and_what_was_done_stays() -> None:
    request = asks(ACCESS, RequestKind.RECTIFY, QUESTION)
    grant(request=request, kind=ACCESS, by=a_clerk())
    propose_refusal(
        request=request,
        kind=RequestKind.RECTIFY,
        code=RefusalCode.NOT_HELD,
        clause=LAW,
        reason=REASON,
        by=a_clerk(),
    )
    ask_back(request=request, question="您想更正的是哪一次预约？", by=a_clerk())

    row = withdraw_request(request=request, by=theirs(request))

    assert row.state == "withdrawn"
    assert row.closed_at is not None
    assert outcomes(request) == {"access": "granted", "rectify": "dropped", "question": "dropped"}
    assert not Refusal.objects.exists()
    assert Pause.objects.get().answered_at is not None


def test_nobody_takes_back_what_another_asked() -> None:
    request = asks(ERASE)
    for somebody in (Actor("guardian", a_guardian().pk), ANONYMOUS):
        with pytest.raises(RequestUnknown):
            withdraw_request(request=request, by=somebody)
    door = asks_at_the_door(ERASE)
    with pytest.raises(RequestUnknown):
        withdraw_request(request=door, by=Actor("guardian", door.subject_id))
    withdraw_request(request=door, by=ANONYMOUS)


def test_what_is_answered_is_not_taken_back() -> None:
    request = asks(ACCESS)
    fulfil(request=request, body="您要看的都在“我的隐私”里。", by=SYSTEM)
    with pytest.raises(RequestMoved):
        withdraw_request(request=request, by=theirs(request))


def test_a_request_that_holds_a_restriction_ends_by_lifting_it() -> None:
    request = asks(RequestKind.WITHDRAW, ERASE)
    Restriction.objects.create(request=request, subject_id=request.subject_id)
    with pytest.raises(RequestRefused, match="request"):
        withdraw_request(request=request, by=theirs(request))
    assert now(request).state == "accepted"


def test_a_colleague_is_told_who_has_it_open() -> None:
    request, first, second = asks(ERASE), a_clerk(), a_clerk()
    assert look_at(request=request, by=first) is None
    assert look_at(request=request, by=first) is None
    assert look_at(request=request, by=second) == first.id


def test_who_went_away_without_a_word_is_forgotten_after_a_while() -> None:
    request, first, second = asks(ERASE), a_clerk(), a_clerk()
    look_at(request=request, by=first)
    long_ago = timezone.now() - LOOKING - timedelta(seconds=1)
    DataSubjectRequest.objects.filter(pk=request.pk).update(looked_at=long_ago)
    assert deciding.look_at(request=request, by=second) is None
    assert look_at(request=request, by=first) == second.id
