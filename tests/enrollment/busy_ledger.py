"""A ledger in which everything that can happen to a seat has happened, most of it by the services."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from courses.models import Teacher
from enrollment.enums import BookingState, ChangeReason, WaitlistState
from enrollment.models import ClassChange, ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.policies import HOLD
from enrollment.services.attendance import check_in, mark_came_late, mark_no_show
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.classes import advance_classes
from enrollment.services.demo_desks import keep_desks_busy
from enrollment.services.reminder_notices import remind_of_the_day
from enrollment.services.seats import lock_class, settle, take_seat
from enrollment.services.steps import hold, note, take_step
from kit.uuid7 import uuid7
from messaging.services import sweep
from privacy.actors import SYSTEM, Actor
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_campus, a_class, a_course, at

STAFF = Actor(kind="staff", id=uuid7())


def fill_the_ledger() -> None:
    """Requests, seats, holds, moves, offers, siblings, and classes long over."""
    request_trial(guardian=a_guardian(), request=a_wish())
    _a_day_gone_by()
    _seats_let_go_and_moved()
    _holds()
    _queues()
    keep_desks_busy()
    sweep()


def _a_day_gone_by() -> None:
    """A class at which one came, one came late, one stayed away and one was never marked."""
    session = a_class(starts_at=at(days=1, hour=10), teacher=Teacher.objects.filter(campus=a_campus())[0])
    came, late, away, _ = [a_seat(session) for _ in range(4)]
    now = timezone.now()
    session.starts_at, session.ends_at = now - timedelta(minutes=1), now + timedelta(minutes=59)
    session.booking_closes_at = session.starts_at
    session.refresh_from_db(fields=["seats_taken"])
    session.save(update_fields=["starts_at", "ends_at", "booking_closes_at", "changed_at"])
    ClassChange.objects.create(session=session, reason=ChangeReason.TIMETABLE, old={}, new={})
    check_in(booking=came, by=STAFF)
    mark_no_show(booking=late, by=STAFF)
    mark_no_show(booking=away, by=STAFF)
    mark_came_late(booking=late, by=STAFF)
    session.ends_at = timezone.now()
    session.save(update_fields=["ends_at", "changed_at"])
    advance_classes()
    advance_classes()


def _seats_let_go_and_moved() -> None:
    session, other = a_class(capacity=3), a_class(starts_at=at(days=3, hour=9))
    reminded = a_seat(session)
    with transaction.atomic():
        remind_of_the_day(reminded, due_at=timezone.now())
    given_up = a_seat(session)
    cancel_trial(booking=given_up, by=acting(given_up.guardian))
    moved = a_seat(session)
    with transaction.atomic():
        row = hold(moved.pk)
        take_step(row, BookingState.RESCHEDULED, by=acting(moved.guardian), action="trial.moved")
        _booked(other, moved.guardian_id, rescheduled_from=row)
    guardian, party = a_guardian(), uuid7()
    with transaction.atomic():
        for place in (1, 2, 3):
            _booked(other, guardian.pk, party_id=party, party_place=place, child_id=uuid7())
        request_trial(guardian=guardian, request=a_wish(a_class(course=a_course("drama-7-9"))))


def _booked(session: ClassSession, guardian_id: object, **more: object) -> TrialBooking:
    held = lock_class(session.pk)
    row = TrialBooking(
        guardian_id=guardian_id, session=held, campus=held.campus, course=held.course, city=held.campus.city,
        state=BookingState.BOOKED, channel="web", verified_at=timezone.now(), **more,
    )  # fmt: skip
    take_seat(row)
    note(row, by=STAFF, action="trial.booked")
    return row


def _holds() -> None:
    session = a_class()
    for index in range(2):
        with transaction.atomic():
            held = lock_class(session.pk)
            row = TrialBooking(
                session=held, campus=held.campus, course=held.course, city=held.campus.city, channel="web",
                state=BookingState.HELD, phone_index=f"{index:032}", hold_expires_at=timezone.now() + HOLD,
            )  # fmt: skip
            take_seat(row)
            note(row, by=SYSTEM, action="trial.held")
            if index:
                take_step(row, BookingState.EXPIRED, by=SYSTEM, action="trial.hold_expired")


def _queues() -> None:
    """One who waits in vain, one with an offer, one who took it, one who left."""
    full, offered, taken = [a_class(capacity=1, starts_at=at(days=5, hour=9 + hour)) for hour in range(3)]
    seats = [a_seat(session) for session in (full, offered, taken)]
    _waits(full)
    _waits(full, offered)
    accepting, leaving = _waits(taken), _waits(taken)
    with transaction.atomic():
        leaving.state, leaving.closed_at = WaitlistState.WITHDRAWN, timezone.now()
        leaving.save()
    for seat in seats[1:]:
        cancel_trial(booking=seat, by=acting(seat.guardian))
    with transaction.atomic():
        settle(lock_class(taken.pk))
        offer = TrialBooking.objects.get(waitlist_entry=accepting)
        take_step(hold(offer.pk), BookingState.BOOKED, by=STAFF, action="trial.booked")


def _waits(*sessions: ClassSession) -> WaitlistEntry:
    """A family known from an earlier request, which waits for any of the classes."""
    guardian = a_guardian()
    request_trial(guardian=guardian, request=a_wish())
    with transaction.atomic():
        entry = WaitlistEntry.objects.create(guardian=guardian, channel="web")
        for session in sessions:
            WaitlistChoice.objects.create(entry=entry, session=session)
    return entry
