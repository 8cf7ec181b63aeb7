"""Classes changed and called off by staff: what was and why is kept, and each family hears of it once."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.utils import timezone

from courses.models import Campus, Room, Teacher
from enrollment.enums import SESSION_TRANSITIONS, BookingState, ChangeReason, SessionState
from enrollment.exceptions import ClassFixed, ClassRefused
from enrollment.models import ClassChange, ClassSession, TrialBooking, WaitlistChoice
from enrollment.services.alternatives import find_alternatives
from enrollment.services.links import follow_class
from enrollment.services.notices import tell_called_off, tell_class_changed
from enrollment.services.other_guardians import tell_others_called_off, tell_others_changed
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import lock_class, settle, stop_waiting
from enrollment.services.steps import take_step
from kit.constraints import broken
from privacy.actors import Actor
from privacy.audit.services import DetailValue, record

# What makes a class another one for its families.
TERMS = ("starts_at", "ends_at", "campus", "room", "teacher")
_WRITTEN = (*TERMS, "booking_opens_at", "booking_closes_at", "changed_at")
STILL_TO_COME = (SessionState.DRAFT, SessionState.OPEN, SessionState.CLOSED)
_OFFERED = 2  # other classes named in the message that calls one off
LAWS = frozenset(
    {
        *("one_class_a_room", "one_class_a_teacher", "a_class_in_its_own_rooms"),
        *("times_ordered", "booking_closes_in_time", "no_overbooking", "holds_cannot_starve"),
    }
)


class Terms(TypedDict, total=False):
    """What of a class may be changed; what is left out stays, or follows ``starts_at``."""

    starts_at: datetime
    ends_at: datetime
    booking_opens_at: datetime | None
    booking_closes_at: datetime
    room: Room
    teacher: Teacher | None
    campus: Campus


@in_our_words()
@transaction.atomic
def change_class(
    *, session: ClassSession, by: Actor, reason: ChangeReason, **new: Unpack[Terms]
) -> ClassSession:
    """Change when, where or with whom a class is held; its end and its hours of booking go along.

    Families with a seat may then keep, move or cancel it as late as they like. Raises ClassFixed for a class
    that is no longer to come, ClassRefused where room, teacher or times forbid it, Busy.
    """
    row = _to_come(lock_class(session.pk))
    was = copy(row)
    _set(row, new)
    changed = [name for name in TERMS if getattr(was, name) != getattr(row, name)]
    if row.starts_at != was.starts_at and row.starts_at <= timezone.now():
        raise ClassRefused(row, "class_to_come")
    _write(row, *_WRITTEN)
    if changed and row.state != SessionState.DRAFT:  # a draft is nobody's plan yet
        _keep(was, row, changed, by, reason)
    if "campus" in changed:  # the copies that lists are read by
        TrialBooking.objects.of_session(row).update(campus=row.campus)
    if "ends_at" in changed:
        follow_class(session=row)
    if changed:
        _tell_families(was, row, reason)
    settle(row)
    return row


def _set(row: ClassSession, new: Terms) -> None:
    later = new.get("starts_at", row.starts_at) - row.starts_at
    row.ends_at += later
    row.booking_closes_at += later
    if row.booking_opens_at and row.booking_opens_at > timezone.now():  # what was open stays open
        row.booking_opens_at += later
    for name, value in new.items():
        setattr(row, name, value)
    if "room" in new and "campus" not in new:
        row.campus = row.room.campus


def _tell_families(was: ClassSession, row: ClassSession, reason: ChangeReason) -> None:
    """What a family said of the class that was does not hold for the one that is."""
    held = list(_held(row))
    now = timezone.now()
    TrialBooking.objects.filter(pk__in=[one.pk for one in held]).update(
        class_changed_at=now, coming_at=None, revision=F("revision") + 1
    )
    for booking in held:
        booking.session = row
    for booking in one_a_family(held):
        tell_class_changed(booking, was=was, reason=reason)
    if (was.starts_at, was.campus_id) != (row.starts_at, row.campus_id):
        tell_others_changed(held, reason=reason)


@in_our_words()
@transaction.atomic
def call_off(*, session: ClassSession, by: Actor, reason: ChangeReason) -> ClassSession:
    """Take a class off, with every seat in it and all waiting for it; what was called off stays so.

    Raises ClassFixed for a class that has begun or is over, Busy.
    """
    others = _others(session)
    row = lock_class(session.pk)
    if row.state == SessionState.CANCELLED:
        return row
    _to_come(row)
    was, held = copy(row), list(_held(row))
    for booking in held:
        _let_go(booking, by)
    stop_waiting(row)
    row.state = SessionState.CANCELLED
    row.save(update_fields=["state", "changed_at"])
    _keep(was, row, ["state"], by, reason)
    for booking in one_a_family(held):
        tell_called_off(booking, others=others, reason=reason)
    tell_others_called_off(held, reason=reason)
    row.refresh_from_db(fields=["seats_taken", "unverified_taken"])
    return row


def _let_go(booking: TrialBooking, by: Actor) -> None:
    if booking.state == BookingState.CHECKED_IN:  # they have come early, and in vain
        take_step(booking, BookingState.BOOKED, by=by, action="trial.check_in_undone")
    take_step(booking, BookingState.CANCELLED, by=by, action="trial.called_off")


def _others(session: ClassSession) -> list[ClassSession]:
    """What else there is in the city, looked up while nothing is held."""
    found = find_alternatives(session=session, at=timezone.now(), limit=_OFFERED)
    return [one for one in found if one.campus.city_id == session.campus.city_id]


@in_our_words()
@transaction.atomic
def set_seats(*, session: ClassSession, by: Actor, capacity: int, overbook_allowance: int) -> ClassSession:
    """Give a class so many seats, and so many more than it has; who waits is offered what comes free.

    Raises ClassFixed, ClassRefused where more are taken already, Busy.
    """
    row = lock_class(session.pk)
    if row.state in (SessionState.FINISHED, SessionState.CANCELLED):
        raise ClassFixed(row)
    was = {"capacity": row.capacity, "overbook_allowance": row.overbook_allowance}
    now = {"capacity": capacity, "overbook_allowance": overbook_allowance}
    if now == was:
        return row
    row.capacity, row.overbook_allowance = capacity, overbook_allowance
    row.cap_unverified()
    _write(row, "capacity", "overbook_allowance", "unverified_cap", "changed_at")
    record("class.seats_set", by=by, target=row, detail={**now, **{f"{k}_was": v for k, v in was.items()}})
    settle(row)
    return row


@in_our_words()
@transaction.atomic
def set_state(
    *, session: ClassSession, by: Actor, state: SessionState, reason: ChangeReason = ChangeReason.TIMETABLE
) -> ClassSession:
    """Open a class to booking, close it, open it again, or call it off as `call_off` does.

    Raises ClassFixed for a class that may not go there, Busy.
    """
    if state == SessionState.CANCELLED:
        return call_off(session=session, by=by, reason=reason)
    row = lock_class(session.pk)
    if state not in SESSION_TRANSITIONS[SessionState(row.state)]:
        raise ClassFixed(row)
    row.state = state
    row.save(update_fields=["state", "changed_at"])
    record("class.state_set", by=by, target=row, detail={"state": state.value})
    settle(row)
    return row


def families_of(session: ClassSession) -> int:
    """How many families would be told if the class were changed or called off now."""
    live = TrialBooking.objects.of_session(session).active().filter(guardian__isnull=False)
    return live.values("guardian").distinct().count()


def waiting_in(session_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many wait for each of the classes; those nobody waits for are left out."""
    waiting = WaitlistChoice.objects.waiting().filter(session__in=list(session_ids))
    return dict(waiting.order_by().values_list("session").annotate(Count("pk")))


def changes_of(session: ClassSession) -> list[ClassChange]:
    """What became of the class so far, the latest first; each with who did it."""
    return list(session.changes.select_related("by"))


def one_a_family(bookings: Iterable[TrialBooking]) -> list[TrialBooking]:
    """The first seat of each family. A seat held for an unproved number is nobody's, and nobody is told."""
    first: dict[Any, TrialBooking] = {}
    for booking in sorted(bookings, key=lambda one: (one.party_place, one.pk)):
        if booking.guardian_id is not None:
            first.setdefault(booking.guardian_id, booking)
    return list(first.values())


def _held(row: ClassSession) -> Iterable[TrialBooking]:
    live = TrialBooking.objects.of_session(row).active().with_places()
    return live.select_for_update(no_key=True, of=("self",)).order_by("pk")


def _to_come(row: ClassSession) -> ClassSession:
    if row.state not in STILL_TO_COME or (
        row.state != SessionState.DRAFT and row.starts_at <= timezone.now()
    ):
        raise ClassFixed(row)
    return row


def _write(row: ClassSession, *names: str) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=names)
    except IntegrityError as error:
        if (law := broken(error)) in LAWS:
            raise ClassRefused(row, law) from error
        raise


def _keep(was: ClassSession, row: ClassSession, changed: list[str], by: Actor, reason: ChangeReason) -> None:
    ClassChange.objects.create(
        session=row,
        by_id=by.id if by.kind == "staff" else None,
        reason=reason,
        old={name: _as_text(getattr(was, name)) for name in changed},
        new={name: _as_text(getattr(row, name)) for name in changed},
    )
    done = "class.called_off" if changed == ["state"] else "class.changed"
    detail: dict[str, DetailValue] = {"reason": reason.value, "seats": was.seats_taken}
    detail |= dict.fromkeys(changed, "changed")
    record(done, by=by, target=row, detail=detail)


def _as_text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(getattr(value, "pk", value)) if value is not None else None
