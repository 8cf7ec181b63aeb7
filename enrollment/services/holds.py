"""Holds: while a code is on its way to a number, the class chosen keeps a seat for it.

One order for all: the number, classes by their ids, bookings.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.services.guardians import one_at_a_time
from enrollment.enums import BookingChannel, BookingState
from enrollment.exceptions import HoldsFull, HoldTooLate, SessionClosed, SessionFull
from enrollment.models import ClassSession, TrialBooking, TrialBookingQuerySet
from enrollment.policies import HOLD
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import (
    LOCK_WAIT,
    confirm_hold,
    free_reference,
    lock_classes,
    settle,
    take_seat,
)
from enrollment.services.steps import note, take_step
from kit.lock_wait import wait_at_most, waited_in_vain
from privacy.actors import ANONYMOUS, SYSTEM
from privacy.keystore.blind_index import blind_indexes
from privacy.keystore.mac import mac

logger = logging.getLogger(__name__)

# What the number's proof later fills in: the hold keeps its id, its names, its class and its place.
_FILLED_IN = (
    *("guardian_id", "child_id", "channel", "source", "idempotency_key", "request_hash"),
    *("party_id", "verified_at", "rescheduled_from_id"),
)


def hold_seats(
    *,
    phone: str,
    sessions: Sequence[ClassSession],
    channel: BookingChannel,
    source: str = "",
    browser: str = "",
) -> list[TrialBooking]:
    """Keep a seat in each class for ``phone`` (E.164) for five minutes; all of them, or none.

    A seat that ``browser`` already keeps for the number in the same class stays as it is, to its end;
    whatever else is held for the number is let go. What another browser keeps gives no advantage here, or
    the answer would tell whoever types a number that somebody is about to book with it.

    Raises SessionFull (others may be waiting), SessionClosed, HoldsFull and Busy; then nothing has changed.
    """
    kept, added = keep_seats(phone=phone, sessions=sessions, channel=channel, source=source, browser=browser)
    return sorted([*kept, *added], key=lambda row: row.party_place)


@in_our_words()
@transaction.atomic
def keep_seats(
    *,
    phone: str,
    sessions: Sequence[ClassSession],
    channel: BookingChannel,
    source: str,
    browser: str,
) -> tuple[list[TrialBooking], list[TrialBooking]]:
    """As `hold_seats`: the seats that were kept before, and those added now."""
    wait_at_most(LOCK_WAIT)
    one_at_a_time(phone=phone)
    indexes = _indexes(phone)
    mine = _held_by(indexes)
    classes = lock_classes({session.pk for session in sessions} | set(mine.values_list("session", flat=True)))
    for session in classes.values():
        settle(session)
    wanted = [classes[session.pk] for session in sessions]
    rows = _lock_rows(mine)
    kept = {
        place: row
        for place, session in enumerate(wanted, 1)
        for row in rows
        if (row.party_place, row.session_id, row.request_hash) == (place, session.pk, _mark(browser))
    }
    missing = {place: session for place, session in enumerate(wanted, 1) if place not in kept}
    _check_room(missing.values())
    released = [row for row in rows if row not in kept.values()]
    for row in released:
        _end(row)
    party = _party(kept.values(), len(wanted))
    added = [
        _hold(session, indexes[0], place, party, channel, source, browser)
        for place, session in missing.items()
    ]
    _settle_all(classes, released)
    return list(kept.values()), added


def _check_room(sessions: Iterable[ClassSession]) -> None:
    """Ask before anything is let go, as for a number that holds nothing. The database asks once more."""
    at = timezone.now()
    for session, wanted in Counter(sessions).items():
        if not session.takes_bookings(at):
            raise SessionClosed(session)
        if session.seats_left < wanted:
            raise SessionFull(session, seats=wanted)
        if session.unverified_cap - session.unverified_taken < wanted:
            raise HoldsFull(session, seats=wanted)


def _hold(
    session: ClassSession,
    index: str,
    place: int,
    party: UUID | None,
    channel: BookingChannel,
    source: str,
    browser: str,
) -> TrialBooking:
    row = TrialBooking(
        city=session.campus.city,
        campus=session.campus,
        course=session.course,
        session=session,
        phone_index=index,
        party_id=party,
        party_place=place,
        state=BookingState.HELD,
        channel=channel,
        source=source,
        hold_expires_at=min(timezone.now() + HOLD, session.booking_closes_at),
        request_hash=_mark(browser),
        reference=free_reference(),
    )
    take_seat(row)
    note(row, by=ANONYMOUS, action="trial.held")
    return row


def _party(kept: Iterable[TrialBooking], places: int) -> UUID | None:
    """What the seats of one party share; none for a single seat."""
    if places == 1:
        return None
    party = next((row.party_id for row in kept if row.party_id), None) or uuid4()
    for row in kept:
        if row.party_id != party:
            row.party_id = party
            row.save(update_fields=["party_id"])
    return party


def held_seats(*, phone: str, browser: str) -> list[TrialBooking]:
    """The seats kept now for ``phone`` (E.164) by this very browser, in their order; shown to no other."""
    rows = TrialBooking.objects.held_for(_indexes(phone), timezone.now()).with_places()
    return list(rows.filter(request_hash=_mark(browser)).order_by("party_place"))


def kept_seats(*, phone: str, session: ClassSession) -> int:
    """How many seats of the class are kept now for ``phone`` (E.164), which the caller has proved."""
    return TrialBooking.objects.held_for(_indexes(phone), timezone.now()).of_session(session).count()


def seat(booking: TrialBooking, *, phone: str | None) -> TrialBooking:
    """Seat ``booking`` in its class, which is held: on the seat kept for ``phone`` (E.164), else on a free
    one.

    The booking as it then stands: a seat kept keeps its id, its names and its reference. Raises as
    `take_seat`.
    """
    kept = _kept_for(booking, phone) if phone else None
    if kept is not None:
        try:
            confirm_hold(kept)
        except HoldTooLate:
            take_seat(booking)
        else:
            return kept
    else:
        take_seat(booking)
    return booking


def _kept_for(booking: TrialBooking, phone: str) -> TrialBooking | None:
    """The seat kept for the number, made out to who has proved it; not yet written."""
    if booking.session is None:
        raise ValueError("a seat is in a class")
    kept = _held_by(_indexes(phone)).of_session(booking.session).with_places()
    rows = kept.select_for_update(no_key=True, of=("self",))
    row = rows.filter(party_place=booking.party_place).first()
    if row is None:
        return None
    row.session, row.guardian = booking.session, booking.guardian
    for name in _FILLED_IN:
        setattr(row, name, getattr(booking, name))
    row.state, row.hold_expires_at, row.phone_index = BookingState.BOOKED, None, None
    return row


def holds_of(*, phone: str) -> list[TrialBooking]:
    """All that is held for ``phone`` (E.164) until it is proved, by whoever typed it."""
    return list(_held_by(_indexes(phone)))


def release_holds(*, phone: str) -> int:
    """Let go of all that is held for ``phone`` (E.164), whose owner books elsewhere; how many seats.

    Where others hold the class for too long, the seats are left to run out by themselves.
    """
    return release_seats(holds_of(phone=phone))


def release_seats(rows: Sequence[TrialBooking]) -> int:
    """Let go of these, as far as they are still held."""
    if not rows:
        return 0
    try:
        with transaction.atomic():
            classes = lock_classes({row.session_id for row in rows if row.session_id})
            still = TrialBooking.objects.filter(pk__in=[row.pk for row in rows], state=BookingState.HELD)
            held = _lock_rows(still)
            for row in held:
                _end(row)
            _settle_all(classes, held)
    except OperationalError as error:
        if not waited_in_vain(error):
            raise
        logger.info("a hold is left to run out")
        return 0
    return len(held)


def _end(row: TrialBooking) -> None:
    if row.hold_expires_at and row.hold_expires_at <= timezone.now():
        take_step(row, BookingState.EXPIRED, by=SYSTEM, action="trial.hold_expired")
    else:
        take_step(row, BookingState.CANCELLED, by=ANONYMOUS, action="trial.hold_released")


def _lock_rows(rows: TrialBookingQuerySet) -> list[TrialBooking]:
    return list(rows.with_places().select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _settle_all(classes: dict[UUID, ClassSession], released: Iterable[TrialBooking]) -> None:
    """Offer the seats let go of to who waits for them."""
    for session_id in {row.session_id for row in released}:
        if session_id in classes:
            settle(classes[session_id])


def kept_until(held: Iterable[TrialBooking]) -> datetime | None:
    """Until when all of these seats are kept; None where none is."""
    return min((row.hold_expires_at for row in held if row.hold_expires_at), default=None)


def _held_by(indexes: Sequence[str]) -> TrialBookingQuerySet:
    """All that is held for the number, what has run out and was not let go of included."""
    return TrialBooking.objects.filter(phone_index__in=indexes, state=BookingState.HELD)


def _indexes(phone: str) -> list[str]:
    return blind_indexes("booking.phone", phone)


def _mark(browser: str) -> str:
    """By which a hold knows the browser that asked for it, without holding the browser's own nonce."""
    return mac("hold", browser).hex()
