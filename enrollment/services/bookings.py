"""Trial bookings: asked for once, alone or for siblings together, in one transaction with all it causes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User, VerificationCode
from accounts.services.children import lock
from accounts.services.guardians import (
    agree,
    enter,
    find_guardian,
    guardian_actor,
    one_at_a_time,
    phone_of,
    refuse_suspended,
)
from enrollment.enums import BookingState
from enrollment.exceptions import (
    AlreadyBooked,
    IdempotencyConflict,
    SessionChanged,
    SessionClosed,
    SessionElsewhere,
    SessionFull,
    TooManyLive,
)
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_BOOKINGS, MOST_LIVE
from enrollment.services.caps import check_seats
from enrollment.services.children import refuse_children, settle_children
from enrollment.services.holds import kept_seats, seat
from enrollment.services.notices import tell_booked, tell_requested
from enrollment.services.other_guardians import tell_others_booked
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import MAY_CHANGE, free_reference, lock_class
from enrollment.services.steps import note
from enrollment.services.wishes import TrialRequest
from kit.limiter import Limit, LimiterUnavailable, take
from kit.uuid7 import uuid7
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents
from privacy.rights.services.restricting import refuse_barred

logger = logging.getLogger(__name__)


@in_our_words()
@transaction.atomic
def request_trial_by_proof(*, proof: VerificationCode, request: TrialRequest) -> TrialBooking:
    """Book for whoever holds the proved number; an account is made if there is none.

    With siblings it is the first child's: all of them get a seat, or none. Raises AgreementsRequired,
    DocumentStale, AlreadyBooked, TooManyLive, IdempotencyConflict, LimitReached; with a class also
    SessionFull, SessionClosed, SessionElsewhere, AgeUnsuitable, BookedByOther, TooManyThisYear and Busy; with
    a child ChildInvalid and ChildUnknown; and UseBarred. Then nothing is kept.
    """
    phone = proof.phone
    one_at_a_time(phone=phone)
    guardian = find_guardian(phone=phone)
    if guardian and (earlier := _earlier(guardian, request)):
        return earlier
    kept_for = _look_first(guardian, request, phone)
    guardian = enter(proof=proof, agreements=request.own_agreements, channel=request.consented_by)
    return _book(guardian, request, kept_for)


@in_our_words()
@transaction.atomic
def request_trial(*, guardian: User, request: TrialRequest) -> TrialBooking:
    """Book for a guardian who is signed in. Raises as `request_trial_by_proof`.

    Agreements to the versions in force need not be given again.
    """
    if earlier := _earlier(guardian, request):
        return earlier
    kept_for = _look_first(guardian, request, None)
    stand = agreed_documents(subject=guardian.pk) >= set(REQUIRED_TO_BOOK)
    if request.own_agreements or not stand:
        agree(user=guardian, agreements=request.own_agreements, channel=request.consented_by)
    return _book(guardian, request, kept_for)


def _earlier(guardian: User, request: TrialRequest) -> TrialBooking | None:
    """What this very request made before. Raises UseBarred where there is nothing and nothing may be made."""
    lock(guardian)  # both doors lead through it: one booking of a guardian's at a time
    booking = None
    if request.key_hash is not None:
        mine = TrialBooking.objects.of(guardian.pk).with_places()
        booking = mine.filter(idempotency_key=request.key_hash).first()
    if booking is None:
        refuse_suspended(guardian)
        refuse_barred(guardian.pk, *(wish.id for wish in request.children))
    elif booking.request_hash != request.digest:
        raise IdempotencyConflict
    return booking


def _look_first(guardian: User | None, request: TrialRequest, phone: str | None) -> str | None:
    """Turn away who cannot get a seat, before anything is written and while nobody waits for the class.

    The number, where a seat is kept for it; that of a guardian signed in is looked at where seats are short.
    """
    session = request.session
    campus = session.campus if session else request.campus
    if campus and (campus.city_id != request.city.pk or request.campus not in (None, campus)):
        raise SessionElsewhere
    if session is None:
        return None
    session.refresh_from_db(fields=MAY_CHANGE)
    if not session.takes_bookings(timezone.now()):
        raise SessionClosed(session)
    if phone is None and guardian and session.seats_left < request.seats:
        phone = phone_of(guardian.pk)
    kept = kept_seats(phone=phone, session=session) if phone else 0
    if session.seats_left + kept < request.seats:
        run_out = TrialBooking.objects.of_session(session).run_out(timezone.now())
        if session.seats_left + kept + run_out.count() < request.seats:
            mine = TrialBooking.objects.of(guardian.pk).active() if guardian else TrialBooking.objects.none()
            if request.child is None and (booking := mine.of_session(session).with_places().first()):
                raise AlreadyBooked(booking)
            raise SessionFull(session, seats=request.seats)
    return phone if kept else None


def _book(guardian: User, request: TrialRequest, phone: str | None) -> TrialBooking:
    if request.refuses_children:
        refuse_children(guardian=guardian, channel=request.consented_by)
    bookings = _drafts(guardian, request)
    if request.session is None:
        return _ask_for_call(bookings[0], request)
    return _take_seats(bookings, request.session, request, phone)


def _drafts(guardian: User, request: TrialRequest) -> list[TrialBooking]:
    """A booking for each seat, not yet written. The first one answers for the key, and so for all."""
    party = uuid7() if request.siblings else None
    return [
        TrialBooking(
            guardian=guardian,
            city=request.city,
            campus=request.campus,
            channel=request.channel,
            source=request.source,
            party_id=party,
            party_place=place,
            idempotency_key=request.key_hash if place == 1 else None,
            request_hash=request.digest,
            reference=free_reference(),
        )
        for place in range(1, request.seats + 1)
    ]


def _ask_for_call(booking: TrialBooking, request: TrialRequest) -> TrialBooking:
    mine = TrialBooking.objects.of(booking.owner_id).requested()
    if same := mine.with_places().filter(city=booking.city).first():
        raise AlreadyBooked(same)
    if mine.count() >= MOST_LIVE * settings.LIMIT_FACTOR:
        raise TooManyLive(mine.newest_first()[0], MOST_LIVE)
    _count(booking.guardian)
    _name_children([booking], request)
    booking.save(force_insert=True)
    note(booking, by=guardian_actor(booking.guardian), action="trial.requested")
    tell_requested(booking)
    return booking


def _take_seats(
    bookings: list[TrialBooking], session: ClassSession, request: TrialRequest, phone: str | None
) -> TrialBooking:
    """The class is held for the inserts and the commit: whatever needs no seat is written before.

    The rows that point to the bookings may go first; their references are checked at the commit. Not so where
    a seat is kept for ``phone``: which booking it is shows once it is confirmed.
    """
    guardian = bookings[0].guardian
    check_seats(guardian=guardian, session=session, seats=len(bookings))
    _count(guardian)
    for booking in bookings:
        booking.state, booking.verified_at = BookingState.BOOKED, timezone.now()
        booking.session, booking.campus, booking.course = session, session.campus, session.course
    if phone is None:
        _tell(bookings)
    _name_children(bookings, request)
    tell_others_booked(bookings)
    held = lock_class(session.pk, known=session)
    if not held.takes_bookings(timezone.now()):
        raise SessionClosed(held)
    if (held.starts_at, held.campus_id) != (session.starts_at, session.campus_id):
        raise SessionChanged(held)  # what was written of it above is of the one that was chosen
    bookings = _seat_all(bookings, held, phone)
    if phone is not None:
        _tell(bookings)
    return bookings[0]


def _seat_all(
    bookings: Sequence[TrialBooking], session: ClassSession, phone: str | None
) -> list[TrialBooking]:
    seated = []
    for booking in bookings:
        booking.session = session
        try:
            seated.append(seat(booking, phone=phone))
        except SessionFull as full:
            full.seats = len(bookings)
            raise
    return seated


def _tell(bookings: Sequence[TrialBooking]) -> None:
    for booking in bookings:
        note(booking, by=guardian_actor(booking.guardian), action="trial.booked")
    tell_booked(bookings[0], seats=len(bookings))


def _name_children(bookings: Sequence[TrialBooking], request: TrialRequest) -> None:
    """As late as can be: children are committed at once, and swept away again if the booking fails."""
    children = settle_children(
        guardian=bookings[0].guardian,
        wishes=request.children,
        agreements=request.agreements,
        session=request.session,
        channel=request.consented_by,
    )
    for booking, child_id in zip(bookings, children, strict=False):  # nobody has to be named
        booking.child_id = child_id


def _count(guardian: User) -> None:
    """Booking and cancelling over and over would cost a message each. Raises LimitReached."""
    limits = [Limit(scope="book", key=str(guardian.pk), count=n, seconds=s) for n, s in MOST_BOOKINGS]
    try:
        take(limits)
    except LimiterUnavailable:  # a proved number books without Redis too
        logger.warning("a booking was not counted")
