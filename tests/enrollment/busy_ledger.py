"""A ledger in which everything that can happen to a seat has happened, by the services."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from courses.models import Teacher
from enrollment.enums import BookingChannel, ChangeReason
from enrollment.models import ClassChange, ClassSession, WaitlistEntry
from enrollment.services.attendance import check_in, mark_came_late, mark_no_show
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.class_changes import call_off, change_class
from enrollment.services.classes import advance_classes
from enrollment.services.demo_desks import keep_desks_busy
from enrollment.services.moves import move_trial
from enrollment.services.reminder_notices import remind_of_the_day
from enrollment.services.settling import settle_due
from enrollment.services.waitlist import accept, join, leave
from enrollment.services.wishes import ChildWish
from messaging.services import sweep
from privacy.actors import Actor
from tests.children import a_child
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.holding import a_hold, run_out
from tests.places import a_campus, a_class, at, begun


def fill_the_ledger() -> None:
    """Requests, seats, holds, moves, offers, siblings, classes changed, called off and long over."""
    staff = Actor(kind="staff", id=User.objects.create_superuser("busy").pk)
    request_trial(guardian=a_guardian(), request=a_wish())
    _a_day_gone_by(staff)
    _seats_let_go_and_moved()
    _siblings()
    _classes_changed(staff)
    _holds()
    _queues()
    keep_desks_busy()
    sweep()


def _a_day_gone_by(staff: Actor) -> None:
    """A class at which one came, one came late, one stayed away and one was never marked."""
    session = a_class(starts_at=at(days=1, hour=10), teacher=Teacher.objects.filter(campus=a_campus())[0])
    came, late, away, _ = [a_seat(session) for _ in range(4)]
    start = begun(timedelta(minutes=1))
    _hold_it(session, starts_at=start, booking_closes_at=start, ends_at=start + timedelta(hours=1))
    check_in(booking=came, by=staff)
    mark_no_show(booking=late, by=staff)
    mark_no_show(booking=away, by=staff)
    mark_came_late(booking=late, by=staff)
    _hold_it(session, ends_at=timezone.now())
    advance_classes()
    advance_classes()


def _hold_it(session: ClassSession, **times: object) -> None:
    """Move a class to a time at which nobody plans one."""
    ClassSession.objects.filter(pk=session.pk).update(changed_at=timezone.now(), **times)
    ClassChange.objects.create(session=session, reason=ChangeReason.TIMETABLE, old={}, new={})


def _seats_let_go_and_moved() -> None:
    session, other = a_class(capacity=3), a_class(starts_at=at(days=3, hour=9))
    reminded, given_up, moved = [a_seat(session) for _ in range(3)]
    with transaction.atomic():
        remind_of_the_day(reminded, due_at=timezone.now())
    cancel_trial(booking=given_up, by=acting(given_up.guardian))
    move_trial(booking=moved, session=other, by=acting(moved.guardian))


def _siblings() -> None:
    guardian = a_guardian()
    first, *others = [ChildWish(id=a_child(guardian, f"小豆{number}")) for number in range(3)]
    wish = a_wish(a_class(starts_at=at(days=4, hour=9)), child=first, siblings=tuple(others))
    request_trial(guardian=guardian, request=wish)


def _classes_changed(staff: Actor) -> None:
    later, off = a_class(starts_at=at(days=6, hour=9)), a_class(starts_at=at(days=6, hour=11))
    for session in (later, off):
        a_seat(session)
    change_class(session=later, by=staff, reason=ChangeReason.TEACHER, starts_at=at(days=7, hour=9))
    call_off(session=off, by=staff, reason=ChangeReason.WEATHER)


def _holds() -> None:
    """One that is kept and one that ran out."""
    session = a_class()
    a_hold(session)
    run_out(a_hold(session))
    settle_due()


def _queues() -> None:
    """One who waits in vain, one with an offer, one who took it, one who left."""
    full, offered, taken = [a_class(capacity=1, starts_at=at(days=5, hour=9 + hour)) for hour in range(3)]
    seats = [a_seat(session) for session in (full, offered, taken)]
    _waits(full)
    _waits(full, offered)
    accepting, leaving = _waits(taken), _waits(taken)
    leave(entry=leaving, by=acting(leaving.guardian))
    for seat in seats[1:]:
        cancel_trial(booking=seat, by=acting(seat.guardian))
    accept(entry=accepting, by=acting(accepting.guardian))


def _waits(*sessions: ClassSession) -> WaitlistEntry:
    """A family known from an earlier request, which waits for any of the classes."""
    guardian = a_guardian()
    request_trial(guardian=guardian, request=a_wish())
    return join(guardian=guardian, sessions=sessions, channel=BookingChannel.WEB, by=acting(guardian))
