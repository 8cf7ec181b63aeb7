"""Taking the whole consent back, and agreeing again: what ends, what stays, what comes back."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.services.children import children_of
from accounts.services.guardians import phone_of
from enrollment.enums import BookingState
from messaging.gateways import memory
from messaging.models import Message
from messaging.recipients import Recipient
from messaging.services import deliver, queue_message, sweep
from privacy.audit.models import AuditEvent
from privacy.consent.choices import decisions_of, give
from privacy.consent.enums import Channel, ConsentPurpose, ConsentState
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.models import ConsentRecord
from privacy.consent.services import current_versions
from privacy.keystore.services import Restricted
from privacy.rights.enums import Outcome, RefusalCode, RequestKind, RequestState
from privacy.rights.exceptions import ErasureBegun
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import approve_plan, plan
from privacy.rights.services.refusing import approve_refusal, propose_refusal
from privacy.rights.services.replying import reply
from privacy.rights.services.restricting import is_restricted
from privacy.rights.services.steps import held, step
from privacy.rights.services.withdrawing import agree_again
from tests.children import a_child, an_invitation, joins
from tests.families import a_guardian, a_seat, acting
from tests.people import new_phone, texts_to
from tests.places import a_class, a_course
from tests.restricting import agrees_again, restricts, withdraws
from tests.rights.asking import LAW, REASON, an_officer, now, outcomes
from tests.waiters import a_full_class, at_home, state_of, waits_for

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def standing(guardian: object) -> dict[str, str]:
    return {str(one.purpose): str(one.state) for one in decisions_of(subject=guardian.pk)}


@pytest.mark.clause("X2-5.3a")
@pytest.mark.clause("X2-5.3b")
@pytest.mark.clause("X1-6-5")
def test_one_withdrawal_ends_everything_and_opens_the_deletion_by_itself() -> None:
    _, guardian = at_home()
    give(
        subject=guardian.pk,
        purpose=ConsentPurpose.MARKETING_SMS,
        channel=Channel.WEB,
        by=acting(guardian),
    )

    request = withdraws(guardian)

    assert set(standing(guardian).values()) == {ConsentState.WITHDRAWN}
    assert set(standing(guardian)) == {"terms", "privacy", "marketing_sms"}
    assert outcomes(request) == {
        RequestKind.WITHDRAW: Outcome.GRANTED,
        RequestKind.ERASE: Outcome.PENDING,
    }
    assert now(request).state == RequestState.ACCEPTED
    assert is_restricted(guardian.pk)
    assert AuditEvent.objects.filter(action="policy.withdrawn", subject_id=guardian.pk).exists()


@pytest.mark.clause("L-PP-4.7-4.2")
@pytest.mark.clause("LAW-4")
def test_the_service_ends_and_history_stays() -> None:
    _, guardian = at_home()
    kept = set(ConsentRecord.objects.filter(subject_id=guardian.pk).values_list("pk", "state", "at"))
    session = a_class()
    booking = a_seat(session, guardian)
    entry = waits_for(a_full_class(course=a_course("other")), guardian=guardian)
    others = a_seat(session)

    withdraws(guardian)

    for row in (booking, others, session):
        row.refresh_from_db()
    assert (booking.state, others.state) == (BookingState.CANCELLED, BookingState.BOOKED)
    assert session.seats_taken == 1
    assert state_of(entry) == "withdrawn"
    after = set(ConsentRecord.objects.filter(subject_id=guardian.pk).values_list("pk", "state", "at"))
    assert kept < after


def test_nobody_who_withdraws_is_told_that_it_is_too_late() -> None:
    guardian = a_guardian()
    soon = a_class(starts_at=timezone.now() + timedelta(minutes=50))
    booking = a_seat(soon, guardian)

    withdraws(guardian)

    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED


@pytest.mark.clause("LAW-4")
def test_of_a_thousand_messages_that_wait_none_is_sent() -> None:
    phone = new_phone()
    guardian, other = a_guardian(phone), a_guardian(new_phone())
    with transaction.atomic():
        rows = [_waits(guardian) for _ in range(1000)]
        control = _waits(other)
    memory.outbox.clear()

    withdraws(guardian)
    for row in rows[:3]:
        deliver(message_id=row.pk)
    while sweep():
        pass

    assert [text for text in texts_to(phone) if "试听" in text] == []
    theirs = Message.objects.filter(subject_id=guardian.pk)
    assert set(theirs.values_list("state", "failure").distinct()) == {("void", "restricted")}
    control.refresh_from_db()
    assert control.state == "sent"


def _waits(guardian: object) -> Message:
    row = queue_message(
        template="trial_cancelled",
        recipient=Recipient("guardian", guardian.pk, guardian.pk),
        parameters={"reference": "K7-305214"},
        purpose="messages",
    )
    assert row is not None
    return row


def test_withdrawn_twice_it_is_one_request() -> None:
    guardian = a_guardian()

    assert withdraws(guardian).pk == withdraws(guardian).pk
    assert DataSubjectRequest.objects.count() == 1


@pytest.mark.clause("X2-5.3c")
def test_agreeing_again_restores_and_drops_the_deletion() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    child = a_child(guardian)
    a_seat(a_class(), guardian)
    request = withdraws(guardian)
    with pytest.raises(Restricted):
        phone_of(guardian.pk)
    history = ConsentRecord.objects.filter(subject_id=guardian.pk).count()

    agrees_again(guardian)

    assert phone_of(guardian.pk) == f"+86{phone}"
    assert [one.id for one in children_of(guardian=guardian)] == [child]
    assert ConsentRecord.objects.filter(subject_id=guardian.pk).count() == history + 2
    assert {standing(guardian)["terms"], standing(guardian)["privacy"]} == {ConsentState.GIVEN}
    assert outcomes(request)[RequestKind.ERASE] == Outcome.DROPPED
    assert now(request).state == RequestState.FULFILLED
    assert request.replies.get(is_final=True).remedies
    assert a_seat(a_class(course=a_course("other")), guardian)


def test_a_deletion_that_was_planned_and_approved_is_dropped_too() -> None:
    guardian = a_guardian()
    request = withdraws(guardian)
    plan(request=request, by=an_officer())
    approve_plan(request=request, by=an_officer())

    agrees_again(guardian)

    assert now(request).state == RequestState.FULFILLED
    assert not is_restricted(guardian.pk)


def test_a_deletion_under_way_is_not_undone() -> None:
    guardian = a_guardian()
    request = withdraws(guardian)
    with transaction.atomic():
        step(held(request.pk), RequestState.EXECUTING, by=an_officer())
    consents = ConsentRecord.objects.count()

    with pytest.raises(ErasureBegun):
        agrees_again(guardian)

    assert is_restricted(guardian.pk)
    assert ConsentRecord.objects.count() == consents


def test_a_deletion_that_was_refused_leaves_the_withdrawal_and_agreeing_restores() -> None:
    guardian = a_guardian()
    request = withdraws(guardian)
    refusal = propose_refusal(
        request=request,
        kind=RequestKind.ERASE,
        code=RefusalCode.STATUTORY_PERIOD,
        clause=LAW,
        reason=REASON,
        by=an_officer(),
    )
    approve_refusal(refusal=refusal, by=an_officer())
    reply(request=request, body="存到期满就删，在那之前不作别的使用。", final=True, by=an_officer())
    assert now(request).state == RequestState.PARTLY_FULFILLED
    assert is_restricted(guardian.pk)

    agrees_again(guardian)

    assert not is_restricted(guardian.pk)


def test_agreeing_to_an_old_version_or_to_half_restores_nothing() -> None:
    guardian = a_guardian()
    withdraws(guardian)
    for agreements, refusal in (
        ({"privacy": current_versions()["privacy"]}, AgreementsRequired),
        ({**current_versions(), "terms": "0.1"}, DocumentStale),
    ):
        with pytest.raises(refusal):
            agree_again(
                subject_id=guardian.pk, agreements=agreements, by=acting(guardian), channel=Channel.WEB
            )
    assert is_restricted(guardian.pk)


def test_whoever_had_restricted_before_withdraws_and_comes_back_all_the_same() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    restricts(guardian)
    withdraws(guardian)
    with pytest.raises(Restricted):
        phone_of(guardian.pk)

    agrees_again(guardian)

    assert phone_of(guardian.pk) == f"+86{phone}"


def test_a_child_with_another_guardian_stays_with_that_one() -> None:
    first, second = a_guardian(), a_guardian()
    child, own = a_child(first), a_child(first, "小米粒")
    joins(second, an_invitation(first, child))

    withdraws(first)

    assert (is_restricted(child), is_restricted(own)) == (False, True)
    assert [one.id for one in children_of(guardian=second)] == [child]
