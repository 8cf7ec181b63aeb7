"""Which bookings and places in line may be deleted, by whomever, and what goes with them."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import UserKind
from accounts.models import User
from enrollment.models import BookingEvent, ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.personal_rows import kept_bookings, unlink_bookings
from enrollment.services.invariants import examine
from enrollment.services.moves import move_trial
from enrollment.services.waitlist import leave
from kit.uuid7 import uuid7
from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.models import ErasureJob, ErasureSubject
from tests.enrollment.test_seat_ledger import refused, sql, taken
from tests.families import a_guardian, a_seat, acting
from tests.places import a_class, at, put_back
from tests.waiters import a_full_class, waits_for

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.clause("L-PP-4.1-3c")]


def a_session_of(booking: TrialBooking) -> ClassSession:
    assert booking.session_id
    return ClassSession.objects.get(pk=booking.session_id)


def over(booking: TrialBooking, state: str, ago: timedelta = timedelta(0)) -> TrialBooking:
    """Its class is over and it came to that, so long ago."""
    put_back(a_session_of(booking), days=4)
    path = {"attended": ("checked_in", "attended"), "no_show": ("no_show",)}[state]
    for step in path:
        closed = timezone.now() - ago if step == state else None
        sql(
            "UPDATE enrollment_trialbooking SET state = %s, closed_at = %s WHERE id = %s",
            [step, closed, booking.pk],
        )
        BookingEvent.objects.create(booking=booking, state=step, actor_kind="system")
    booking.refresh_from_db()
    return booking


def erased_as(subject: UUID, alias: UUID) -> None:
    """An erasure that is running names both."""
    job = ErasureJob.objects.create(
        subject_id=subject, scope=Scope.PERSON, reason=Reason.CLOSED, state=JobState.RUNNING
    )
    ErasureSubject.objects.create(job=job, kind="guardian", subject_id=subject, alias=alias)
    User.objects.create(pk=alias, kind=UserKind.GUARDIAN, is_active=False)


def broken_laws() -> set[str]:
    with connection.cursor() as cursor:
        return {law for law, finding in examine(cursor).items() if finding.count}


def committed() -> None:
    """What the database leaves to the end of a transaction, asked now."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


def moved() -> tuple[TrialBooking, TrialBooking]:
    """A booking that was moved, and its successor."""
    first = a_seat(a_class(), guardian := a_guardian())
    then = move_trial(booking=first, session=a_class(starts_at=at(days=3, hour=15)), by=acting(guardian))
    committed()
    return first, then


def delete(booking: TrialBooking) -> int:
    return sql("DELETE FROM enrollment_trialbooking WHERE id = %s", [booking.pk])


@pytest.mark.parametrize("state", ["booked", "checked_in"])
def test_a_booking_to_come_stays(state: str) -> None:
    booking = a_seat(a_class())
    sql("UPDATE enrollment_trialbooking SET state = %s", [state])

    with refused("live_bookings_stay"):
        delete(booking)


def test_a_booking_nobody_marked_goes_once_its_class_is_over() -> None:
    booking = a_seat(a_class())
    put_back(a_session_of(booking), days=4)

    assert delete(booking) == 1


def test_what_was_attended_stays_three_years_and_goes_after() -> None:
    booking = over(a_seat(a_class()), "attended", timedelta(days=3 * 365 - 2))
    with refused("attended_bookings_stay"):
        delete(booking)

    sql("UPDATE enrollment_trialbooking SET closed_at = closed_at - interval '4 days'")
    assert delete(booking) == 1


def test_the_steps_of_a_booking_go_with_it_and_those_of_others_stay() -> None:
    session = a_class()
    gone, other = a_seat(session), a_seat(session)
    over(gone, "no_show")
    assert taken(session) == 2
    before = broken_laws()  # it was put back

    assert delete(gone) == 1
    assert set(BookingEvent.objects.values_list("booking", flat=True)) == {other.pk}
    assert taken(session) == 1
    assert broken_laws() <= before


def test_its_successor_came_from_nowhere_once_a_moved_booking_is_gone() -> None:
    first, then = moved()

    assert delete(first) == 1
    committed()

    then.refresh_from_db()
    assert then.rescheduled_from_id is None
    assert not broken_laws()


def test_both_of_a_move_go_in_one_statement() -> None:
    _, then = moved()
    over(then, "no_show")
    committed()

    assert sql("DELETE FROM enrollment_trialbooking") == 2
    committed()


def test_a_place_in_line_goes_once_it_is_over() -> None:
    entry = waits_for(a_full_class(), guardian=(guardian := a_guardian()))
    with refused("live_places_stay"):
        sql("DELETE FROM enrollment_waitlistchoice")
    leave(entry=entry, by=acting(guardian))

    assert sql("DELETE FROM enrollment_waitlistchoice") == 1
    assert sql("DELETE FROM enrollment_waitlistentry") == 1
    committed()


def test_nobody_steps_into_anothers_booking() -> None:
    booking, stranger = a_seat(a_class()), a_guardian()

    with refused("a_booking_keeps_its_guardian"):
        TrialBooking.objects.filter(pk=booking.pk).update(guardian=stranger)
    with refused("a_booking_keeps_its_guardian"):
        TrialBooking.objects.filter(pk=booking.pk).update(guardian=None)


def test_an_attended_booking_loses_its_family_under_an_erasure_alone() -> None:
    guardian, alias, child = a_guardian(), uuid7(), uuid7()
    booking = over(a_seat(a_class(), guardian), "attended")
    TrialBooking.objects.filter(pk=booking.pk).update(child_id=child, source="poster-bj-01")
    before = TrialBooking.objects.get(pk=booking.pk)
    with refused("a_booking_keeps_its_guardian"):
        unlink_bookings(guardian.pk, alias)

    erased_as(guardian.pk, alias)
    assert unlink_bookings(guardian.pk, alias) == 1
    assert unlink_bookings(guardian.pk, alias) == 0

    after = TrialBooking.objects.get(pk=booking.pk)
    assert (after.guardian_id, after.child_id, after.source, after.party_id) == (alias, None, "", None)
    assert after.public_id != before.public_id
    assert after.reference != before.reference
    assert (after.session_id, after.closed_at, after.state) == (
        before.session_id,
        before.closed_at,
        "attended",
    )


def test_what_stays_of_a_family_is_what_was_attended() -> None:
    guardian, child = a_guardian(), uuid7()
    came = over(a_seat(a_class(), guardian), "attended")
    over(a_seat(a_class(starts_at=at(days=3, hour=15)), guardian), "no_show")

    assert list(TrialBooking.objects.filter(kept_bookings(guardian.pk))) == [came]
    assert not TrialBooking.objects.filter(kept_bookings(child)).exists()


def test_a_child_leaves_its_guardians_bookings_and_another_familys_stay() -> None:
    guardian, child, other = a_guardian(), uuid7(), uuid7()
    mine, theirs = a_seat(a_class(), guardian), a_seat(a_class())
    TrialBooking.objects.filter(pk=mine.pk).update(child_id=child)
    TrialBooking.objects.filter(pk=theirs.pk).update(child_id=other)
    entry = waits_for(a_full_class(), guardian=guardian, child=None)
    WaitlistEntry.objects.filter(pk=entry.pk).update(child_id=child)
    WaitlistChoice.objects.filter(entry=entry).update(child_id=child)

    with transaction.atomic():
        assert unlink_bookings(child, uuid7()) == 2

    assert not WaitlistChoice.objects.filter(child_id=child).exists()
    assert not WaitlistEntry.objects.filter(child_id=child).exists()
    kept = dict(TrialBooking.objects.values_list("pk", "child_id"))
    assert (kept[mine.pk], kept[theirs.pk]) == (None, other)
    assert TrialBooking.objects.get(pk=mine.pk).guardian_id == guardian.pk


def test_who_calls_the_functions_of_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(current_user, 'enrollment_trialbooking_goes()', 'EXECUTE')"
        )
        assert cursor.fetchone() == (False,)
