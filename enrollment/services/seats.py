"""Seats: classes are locked here, and seats taken, let go and offered on; the database decides.

One order for all: the guardian's row where there is one, classes by their ids, entries of the waiting list,
bookings.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from enrollment.enums import BookingState, WaitlistState
from enrollment.exceptions import (
    AlreadyBooked,
    BookedByOther,
    Busy,
    HoldsFull,
    HoldTooLate,
    SessionFull,
    TooManyLive,
    TooManyThisYear,
)
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.models.names import new_reference
from enrollment.policies import offer_until
from enrollment.services.caps import check_seats
from enrollment.services.notices import tell_offered, tell_waited_in_vain
from enrollment.services.steps import note, take_step
from kit.constraints import broken
from kit.lock_wait import wait_at_most
from privacy.actors import SYSTEM

LOCK_WAIT = 2.0  # seconds; who waits longer is told to try again
BUSY_RETRY_AFTER = 3  # seconds; whoever waits in line now has gone by then
# What a class read a moment ago may have become meanwhile.
MAY_CHANGE = (
    *("state", "starts_at", "booking_opens_at", "booking_closes_at"),
    *("seats_taken", "capacity", "overbook_allowance"),
)
_NO_SEAT = ("no_overbooking", "the_queue_comes_first")
ONE_TRIAL = ("one_active_trial", "one_active_trial_unnamed")


def lock_classes(session_ids: Iterable[UUID]) -> dict[UUID, ClassSession]:
    """The classes as they stand, held until the transaction ends.

    Every write that may change their seats starts here, so that writers queue instead of meeting crosswise.
    OperationalError after `LOCK_WAIT`.
    """
    wait_at_most(LOCK_WAIT)
    held = ClassSession.objects.in_order().select_for_update(no_key=True, of=("self",)).order_by("pk")
    return {session.pk: session for session in held.filter(pk__in=set(session_ids))}


def lock_class(session_id: UUID, known: ClassSession | None = None) -> ClassSession:
    """One class, held as `lock_classes` does.

    Its place and course are taken from ``known``, the class as it was read a moment ago, but for whether they
    are open: while it is held, others wait for whatever is read.
    """
    if known is None:
        return lock_classes([session_id])[session_id]
    wait_at_most(LOCK_WAIT)
    rows = ClassSession.objects.select_for_update(no_key=True, of=("self",))
    rows = rows.annotate(open_place=F("campus__active"), open_city=F("campus__city__active"))
    held: Any = rows.get(pk=session_id)
    if (held.campus_id, held.course_id) == (known.campus_id, known.course_id):
        held.campus, held.course = known.campus, known.course
        held.campus.active, held.campus.city.active = held.open_place, held.open_city
    session: ClassSession = held
    return session


def take_seat(booking: TrialBooking) -> None:
    """Insert a booking into its class, which is held.

    Before it is refused for want of a seat, holds that have run out are let go, so that none of them blocks
    a seat for longer than this. Raises SessionFull (others who wait for the class come first), HoldsFull and
    AlreadyBooked; nothing is written then.
    """
    session = booking.session
    if session is None:
        raise ValueError("a seat is in a class")
    try:
        _insert(booking)
    except SessionFull:
        if not settle(session):
            raise
        _insert(booking)
    session.seats_taken += 1  # as the database just did: nobody else can while the class is held


def _insert(booking: TrialBooking) -> None:
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError as error:
        raise refusal(error, booking) or error from error


def confirm_hold(booking: TrialBooking) -> None:
    """Write a held seat, whose class and row are held, as booked.

    Raises HoldTooLate when the hold ran out, be it this very moment, and AlreadyBooked.
    """
    try:
        with transaction.atomic():
            booking.save()
    except IntegrityError as error:
        raise refusal(error, booking) or error from error


def refusal(error: IntegrityError, booking: TrialBooking) -> Exception | None:
    """What the law that a write broke means; None for laws that no request should come near."""
    law, session = broken(error), booking.session
    if session is not None and law in _NO_SEAT:
        return SessionFull(session)
    if session is not None and law == "holds_cannot_starve":
        return HoldsFull(session)
    if law == "expired_holds_stay_expired":
        return HoldTooLate(booking)
    if law in ONE_TRIAL:
        return _barred(booking)
    return None


def _barred(booking: TrialBooking) -> Exception:
    """Why the child, or the guardian who names none, has no second trial of the course."""
    standing, place = standing_trial(booking), booking.party_place if booking.party_id else 0
    if standing is None or booking.session is None:
        return Busy()  # it ended just now
    if standing.guardian_id != booking.guardian_id:
        return BookedByOther(booking.session, place)
    return AlreadyBooked(standing, place)


def standing_trial(booking: TrialBooking) -> TrialBooking | None:
    """The live trial that bars ``booking``, unless it has just ended.

    It is of the same child, and then perhaps its other guardian's, or, where none is named, of its guardian.
    """
    alike = TrialBooking.objects.active().with_places().filter(course=booking.course)
    if booking.child_id:
        return alike.filter(child_id=booking.child_id).first()
    return alike.of(booking.owner_id).filter(child_id=None).first()


def settle(session: ClassSession) -> bool:
    """Let go of what has run out in a held class and offer free seats to who waits; whether anything changed.

    Called again whenever a seat has become free.
    """
    ended = let_go(session)
    offered = offer_seats(session)
    if ended or offered:
        session.refresh_from_db(fields=["seats_taken", "unverified_taken"])
    return bool(ended or offered)


def let_go(session: ClassSession) -> int:
    """End the holds of a held class that have run out; how many."""
    due = TrialBooking.objects.of_session(session).run_out(timezone.now()).with_places()
    rows = list(due.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    for row in rows:
        take_step(row, BookingState.EXPIRED, by=SYSTEM, action="trial.hold_expired")
        if row.waitlist_entry_id:  # who let one offer run out keeps nobody waiting for a second
            stop_waiting(session, of=row.owner_id)
    return len(rows)


def offer_seats(session: ClassSession) -> int:
    """Offer the free seats of a held class to those who wait for it, in their order; how many changed.

    Once too little time is left for an answer, waiting for this class is over and its seats are anybody's.
    """
    changed = 0
    while choice := WaitlistChoice.objects.waiting_for(session.pk).first():
        session.refresh_from_db(fields=["seats_taken"])
        until = offer_until(session, timezone.now())
        if until is None:
            return changed + stop_waiting(session)
        if session.seats_left == 0 or not session.takes_bookings(timezone.now()):
            break
        # Whoever holds the entry may be taking it elsewhere: then it no longer waits here.
        entry = WaitlistEntry.objects.select_for_update(no_key=True).get(pk=choice.entry_id)
        if entry.state == WaitlistState.WAITING:
            _offer(session, entry, until)
            changed += 1
    return changed


def _offer(session: ClassSession, entry: WaitlistEntry, until: datetime) -> None:
    seat = TrialBooking(
        guardian_id=entry.guardian_id,
        child_id=entry.child_id,
        city=session.campus.city,
        campus=session.campus,
        course=session.course,
        session=session,
        state=BookingState.HELD,
        channel=entry.channel,
        verified_at=timezone.now(),
        hold_expires_at=until,
        waitlist_entry=entry,
        reference=free_reference(),
    )
    try:
        check_seats(guardian=entry.guardian, session=session)
        with transaction.atomic():
            seat.save(force_insert=True)
    except (TooManyLive, TooManyThisYear):
        _lapse(session, entry)  # they have all they may by now
        return
    except IntegrityError as error:
        if broken(error) not in ONE_TRIAL:
            raise
        _lapse(session, entry)  # they have a seat in this course already
        return
    note(seat, by=SYSTEM, action="trial.offered")
    tell_offered(seat)


def stop_waiting(session: ClassSession, of: UUID | None = None) -> int:
    """End the waiting for one class; entries that wait for no other end with it. How many places ended.

    All of them, or those ``of`` one guardian. Whoever waited in vain is told.
    """
    places = WaitlistChoice.objects.waiting_for(session.pk)
    waiting = (places.filter(guardian_id=of) if of else places).values_list("entry", flat=True)
    entries = WaitlistEntry.objects.filter(pk__in=list(waiting)).order_by("joined_at", "pk")
    # Held first: of two classes that end at the same time, the later sees what the other has ended.
    ended = [_lapse(session, entry) for entry in entries.select_for_update(no_key=True)]
    for entry in ended:
        if entry.state == WaitlistState.LAPSED:
            tell_waited_in_vain(entry, session)
    return len(ended)


def _lapse(session: ClassSession, entry: WaitlistEntry) -> WaitlistEntry:
    """Let an entry, whose row is held, wait for this class no longer; it ends when it waits for no other."""
    choices = WaitlistChoice.objects.filter(entry=entry).waiting()
    choices.filter(session=session).update(state=WaitlistState.LAPSED)
    if entry.state == WaitlistState.WAITING and not choices.exists():
        end_entry(entry, WaitlistState.LAPSED)
    return entry


def end_entry(entry: WaitlistEntry, to: WaitlistState) -> None:
    """Write that an entry, whose row is held, no longer waits; its choices follow."""
    entry.state, entry.closed_at = to, timezone.now()
    entry.save(update_fields=["state", "closed_at"])


def free_reference() -> str:
    """A reference nobody has. There are 240 million: among a million bookings every 240th would be taken."""
    while TrialBooking.objects.filter(reference=(reference := new_reference())).exists():
        pass
    return reference
