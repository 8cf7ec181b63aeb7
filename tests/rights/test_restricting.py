"""Data that is stored and left alone: who reads it, who no longer does, and how it is used again."""

from threading import Thread

import pytest
from django.db import connection, connections, transaction

from accounts.services.children import children_of
from accounts.services.guardians import masked_phone_of, phone_of
from enrollment.models import TrialBooking
from enrollment.services.bookings import request_trial
from messaging.models import Message
from messaging.services import sweep
from privacy.actors import SYSTEM, Actor
from privacy.audit.models import AuditEvent
from privacy.keystore.services import Restricted, key_scope, let_own, lift_restriction, restrict_keys
from privacy.rights.enums import LegalPurpose, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.exceptions import NotEntitled, RequestRefused, RequestUnknown, StillWithdrawn, UseBarred
from privacy.rights.models import Restriction
from privacy.rights.services.restricting import (
    is_restricted,
    lift,
    mend_restrictions,
    needs_officer,
    read_restricted,
    restrict,
    restricted_ids,
)
from tests.children import a_child, an_invitation, joins
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.people import new_phone
from tests.places import a_class, a_course
from tests.restricting import asks_for_ward, restricts, withdraws
from tests.rights.asking import a_clerk, an_officer, asks, course, now, outcomes
from tests.waiters import a_full_class, state_of, waits_for
from tests.waiting import until

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.mark.clause("LAW-18")
def test_what_is_restricted_is_read_by_nobody_but_the_person() -> None:
    phone = new_phone()
    guardian, other = a_guardian(phone), a_guardian()

    request = restricts(guardian)

    with pytest.raises(Restricted):
        phone_of(guardian.pk)
    assert masked_phone_of(guardian.pk) == ""
    with key_scope():
        let_own(guardian.pk)
        assert phone_of(guardian.pk) == f"+86{phone}"
    assert phone_of(other.pk)
    assert list(restricted_ids()) == [guardian.pk]
    assert (is_restricted(guardian.pk), is_restricted(other.pk)) == (True, False)
    assert now(request).state == RequestState.FULFILLED
    assert "restricted" in course(request)


def test_it_is_answered_with_the_remedies_and_on_record() -> None:
    guardian = a_guardian()
    request = restricts(guardian)

    [reply] = request.replies.all()
    assert reply.is_final
    assert "12377" in reply.remedies
    done = AuditEvent.objects.filter(action="data.restricted").get()
    assert (done.subject_id, done.actor_id) == (guardian.pk, guardian.pk)


def test_asked_again_nothing_changes() -> None:
    guardian = a_guardian()
    request = restricts(guardian)

    restrict(request=request, by=acting(guardian))
    restricts(guardian)

    assert Restriction.objects.standing().count() == 1


@pytest.mark.clause("LAW-18")
def test_lifted_it_is_used_as_before() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    child = a_child(guardian)
    request = restricts(guardian)
    assert is_restricted(child)

    assert lift(subject_id=guardian.pk, by=acting(guardian))

    assert phone_of(guardian.pk) == f"+86{phone}"
    assert [one.id for one in children_of(guardian=guardian)] == [child]
    assert not restricted_ids().exists()
    assert course(request)[-1] == "lifted"
    assert not lift(subject_id=guardian.pk, by=acting(guardian))


def test_nobody_else_lifts_it() -> None:
    guardian, other = a_guardian(), a_guardian()
    restricts(guardian)

    with pytest.raises(RequestUnknown):
        lift(subject_id=guardian.pk, by=acting(other))
    assert is_restricted(guardian.pk)
    assert lift(subject_id=guardian.pk, by=a_clerk())


def test_after_a_withdrawal_it_is_not_lifted_but_agreed_to_again() -> None:
    guardian = a_guardian()
    withdraws(guardian)

    with pytest.raises(StillWithdrawn):
        lift(subject_id=guardian.pk, by=acting(guardian))
    assert is_restricted(guardian.pk)


def test_a_ward_of_nobody_else_goes_with_its_guardian() -> None:
    guardian = a_guardian()
    child = a_child(guardian)

    restricts(guardian)

    with pytest.raises(Restricted):
        children_of(guardian=guardian)
    with key_scope():  # as within their own request
        let_own(guardian.pk)
        assert [one.id for one in children_of(guardian=guardian)] == [child]


def test_a_ward_with_another_guardian_goes_on_with_that_one() -> None:
    first, second = a_guardian(), a_guardian()
    child = a_child(first)
    joins(second, an_invitation(first, child))

    restricts(first)

    assert not is_restricted(child)
    assert [one.id for one in children_of(guardian=second)] == [child]
    assert a_seat(a_class(), second)


def test_for_a_ward_with_another_guardian_a_person_decides() -> None:
    first, second = a_guardian(), a_guardian()
    child = a_child(first)
    joins(second, an_invitation(first, child))
    request = asks_for_ward(first, child)

    assert needs_officer(request)
    with pytest.raises(RequestRefused):
        restrict(request=request, by=acting(first))
    assert not is_restricted(child)

    restrict(request=request, by=an_officer())

    assert (is_restricted(child), is_restricted(first.pk), is_restricted(second.pk)) == (True, False, False)
    assert outcomes(request) == {RequestKind.RESTRICT: Outcome.GRANTED}
    with key_scope():
        assert [one.id for one in children_of(guardian=second)] == [child]
    with pytest.raises(RequestUnknown):
        lift(subject_id=child, by=acting(second))


def test_a_ward_of_ones_own_alone_is_restricted_by_oneself() -> None:
    guardian = a_guardian()
    child, sibling = a_child(guardian), a_child(guardian, "小米粒")

    restrict(request=asks_for_ward(guardian, child), by=acting(guardian))

    assert (is_restricted(child), is_restricted(sibling), is_restricted(guardian.pk)) == (True, False, False)


def test_for_wards_nobody_named_it_is_all_of_them_and_not_the_guardian() -> None:
    guardian, childless = a_guardian(), a_guardian()
    child, sibling = a_child(guardian), a_child(guardian, "小米粒")
    asked = asks(RequestKind.RESTRICT, guardian=guardian, on_behalf=OnBehalf.WARD)
    empty = asks(RequestKind.RESTRICT, guardian=childless, on_behalf=OnBehalf.WARD)

    restrict(request=asked, by=an_officer())
    with pytest.raises(RequestRefused):
        restrict(request=empty, by=an_officer())

    assert (is_restricted(child), is_restricted(sibling)) == (True, True)
    assert (is_restricted(guardian.pk), is_restricted(childless.pk)) == (False, False)


def test_anothers_ward_is_unknown() -> None:
    child = a_child(a_guardian())
    stranger = a_guardian()

    with pytest.raises(RequestUnknown):
        restrict(request=asks_for_ward(stranger, child), by=acting(stranger))
    assert not is_restricted(child)


@pytest.mark.clause("LAW-21")
def test_a_legal_purpose_reads_it_once_named_and_on_record() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    request = restricts(guardian)
    officer = an_officer()

    with read_restricted(
        subject_id=guardian.pk, purpose=LegalPurpose.LEGAL_CLAIM, authority="（2026）示例民初1号", by=officer
    ):
        assert phone_of(guardian.pk) == f"+86{phone}"
    with pytest.raises(Restricted):
        phone_of(guardian.pk)

    read = AuditEvent.objects.get(action="restricted.read")
    assert (read.actor_id, read.subject_id, read.detail) == (
        officer.id,
        guardian.pk,
        {"purpose": "legal_claim"},
    )
    told = request.events.get(what="read_legal_claim")
    assert told.note == "（2026）示例民初1号"


def test_what_breaks_off_while_reading_stays_on_record() -> None:
    guardian = a_guardian()
    restricts(guardian)

    with (
        pytest.raises(ZeroDivisionError),
        read_restricted(
            subject_id=guardian.pk, purpose=LegalPurpose.LEGAL_DUTY, authority="协查 1 号", by=an_officer()
        ),
    ):
        raise ZeroDivisionError

    assert AuditEvent.objects.filter(action="restricted.read").count() == 1
    with pytest.raises(Restricted):
        phone_of(guardian.pk)


@pytest.mark.parametrize("authority", ["", "  ", "长" * 41])
def test_without_an_authority_nobody_reads_it(authority: str) -> None:
    guardian = a_guardian()
    restricts(guardian)

    with (
        pytest.raises(ValueError, match="authority"),
        read_restricted(
            subject_id=guardian.pk, purpose=LegalPurpose.LEGAL_DUTY, authority=authority, by=an_officer()
        ),
    ):
        pytest.fail("read without an authority")


@pytest.mark.parametrize("by", [SYSTEM, Actor("anonymous")], ids=["software", "anybody"])
def test_only_officers_with_the_right_read_it(by: Actor) -> None:
    guardian = a_guardian()
    restricts(guardian)
    for actor in (by, acting(guardian), a_clerk(), an_officer(without="read_restricted")):
        with (
            pytest.raises(NotEntitled),
            read_restricted(
                subject_id=guardian.pk, purpose=LegalPurpose.LEGAL_DUTY, authority="协查 1 号", by=actor
            ),
        ):
            pytest.fail("read by somebody else")


def test_places_in_line_are_given_up_and_booked_trials_stand() -> None:
    guardian = a_guardian()
    booking = a_seat(a_class(), guardian)
    entry = waits_for(a_full_class(course=a_course("speech-5-8")), guardian=guardian)
    others = waits_for(a_full_class())

    restricts(guardian)

    booking.refresh_from_db()
    assert booking.state == "booked"
    assert (state_of(entry), state_of(others)) == ("withdrawn", "waiting")


def test_keys_that_a_failed_restriction_left_are_given_back() -> None:
    guardian, restricted = a_guardian(), a_guardian()
    restricts(restricted)
    with transaction.atomic():  # whatever fails after the keys
        restrict(request=asks(RequestKind.RESTRICT, guardian=guardian), by=acting(guardian))
        transaction.set_rollback(True)
    with pytest.raises(Restricted):
        phone_of(guardian.pk)

    assert mend_restrictions() == 1

    assert phone_of(guardian.pk)
    with pytest.raises(Restricted):
        phone_of(restricted.pk)
    assert mend_restrictions() == 0


def test_keys_that_work_under_a_standing_restriction_are_restricted_again() -> None:
    guardian = a_guardian()
    restricts(guardian)
    lift_restriction(guardian.pk)

    assert mend_restrictions() == 1
    with pytest.raises(Restricted):
        phone_of(guardian.pk)


def test_keys_are_mended_by_what_the_rows_say() -> None:
    guardian = a_guardian()
    restrict_keys(guardian.pk)

    assert mend_restrictions() == 1
    assert phone_of(guardian.pk)


@pytest.mark.parametrize("_round", range(4))
def test_a_booking_that_is_being_made_comes_before_the_restriction_or_not_at_all(_round: int) -> None:
    """The guardian's row is held by whoever comes first; the other one sees what that has done."""
    guardian, session = a_guardian(), a_class()
    request, wish = asks(RequestKind.RESTRICT, guardian=guardian), a_wish(session)
    refused: list[UseBarred] = []

    def books() -> None:
        try:
            request_trial(guardian=guardian, request=wish)
        except UseBarred as barred:
            refused.append(barred)
        finally:
            connections.close_all()

    def stops() -> None:
        restrict(request=request, by=acting(guardian))
        connections.close_all()

    threads = [Thread(target=books), Thread(target=stops)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert TrialBooking.objects.of(guardian.pk).count() + len(refused) == 1
    assert is_restricted(guardian.pk)
    sweep()
    assert set(Message.objects.values_list("state", flat=True)) <= {"void"}


def test_a_booking_waits_for_the_restriction_that_was_first() -> None:
    guardian, session = a_guardian(), a_class()
    request, wish = asks(RequestKind.RESTRICT, guardian=guardian), a_wish(session)
    refused: list[UseBarred] = []

    def books() -> None:
        try:
            request_trial(guardian=guardian, request=wish)
        except UseBarred as barred:
            refused.append(barred)
        finally:
            connections.close_all()

    thread = Thread(target=books)
    with transaction.atomic():
        restrict(request=request, by=acting(guardian))
        thread.start()
        until(_waits_for_a_row)
    thread.join()

    assert len(refused) == 1
    assert not TrialBooking.objects.exists()


def _waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
