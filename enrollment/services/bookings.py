"""Trial bookings: asked for once, cancelled once, each step in one transaction with all it causes."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.models import User, VerificationCode
from accounts.services.guardians import agree, enter, find_guardian, guardian_actor, one_at_a_time
from courses.models import Campus, City
from enrollment.enums import BookingChannel, BookingState
from enrollment.exceptions import (
    AlreadyBooked,
    Busy,
    IdempotencyConflict,
    SessionClosed,
    SessionElsewhere,
    SessionFull,
    SessionGone,
    TooLate,
    TooManyLive,
)
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import (
    MOST_BOOKINGS,
    MOST_LIVE,
    can_cancel,
    is_cancellable,
)
from enrollment.services.alternatives import find_alternatives
from enrollment.services.caps import check_seats
from enrollment.services.children import ChildWish, refuse_children, settle_child
from enrollment.services.notices import tell_booked, tell_cancelled, tell_requested
from enrollment.services.seats import free_reference, lock_class, settle, take_seat
from enrollment.services.steps import hold, note, take_step
from kit.limiter import Limit, LimiterUnavailable, take
from kit.lock_wait import waited_in_vain
from privacy.actors import Actor
from privacy.consent.enums import Channel
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents
from privacy.keystore.mac import mac

logger = logging.getLogger(__name__)

_CONSENTED_BY = {
    BookingChannel.WEB: Channel.WEB,
    BookingChannel.API: Channel.API,
    BookingChannel.STAFF: Channel.STAFF,
}


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """What a guardian asks for: a seat in ``session``, or, without one, a call from the city's campuses.

    ``agreements`` maps each document to the version shown.
    """

    city: City
    agreements: Mapping[str, str]
    channel: BookingChannel
    campus: Campus | None = None
    session: ClassSession | None = None
    child: ChildWish | None = None
    refuses_children: bool = False
    """The children's notice was answered with no: nothing of a child is taken, the refusal is recorded."""
    source: str = ""
    """What the poster's address said it was."""
    key: str | None = None
    """The caller's name for this request; the same name with the same request is the same booking."""

    @property
    def consented_by(self) -> Channel:
        """The same way, as consents name it."""
        return _CONSENTED_BY[self.channel]

    @property
    def own_agreements(self) -> dict[str, str]:
        """What the guardian agreed to for themselves; the children's rules are agreed to for each child."""
        return {name: given for name, given in self.agreements.items() if name in REQUIRED_TO_BOOK}

    @property
    def digest(self) -> str:
        """Tells a repeat from another request. What was typed about a child is in no digest."""
        where = [self.city.slug, self.campus and self.campus.slug, self.session and self.session.public_id]
        child = str(self.child.id) if self.child else None
        body = json.dumps([where, child, self.refuses_children, sorted(self.agreements.items())])
        return hashlib.sha256(body.encode()).hexdigest()

    @property
    def key_hash(self) -> str | None:
        return mac("idempotency", self.key).hex() if self.key else None


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Around a transaction. What else can be booked is looked up after it: nothing is locked then."""
    try:
        yield
    except SessionGone as gone:
        gone.alternatives = find_alternatives(session=gone.session, at=timezone.now())
        raise
    except OperationalError as error:
        if waited_in_vain(error):
            raise Busy from error
        raise


@_in_our_words()
@transaction.atomic
def request_trial_by_proof(*, proof: VerificationCode, request: TrialRequest) -> TrialBooking:
    """Book for whoever holds the proved number; an account is made if there is none.

    Raises AgreementsRequired, DocumentStale, AlreadyBooked, TooManyLive, IdempotencyConflict, LimitReached;
    with a class also SessionFull, SessionClosed, SessionElsewhere, AgeUnsuitable and Busy. Then nothing is
    kept.
    """
    phone = proof.phone
    one_at_a_time(phone=phone)
    guardian = find_guardian(phone=phone)
    if guardian and (earlier := _earlier(guardian, request)):
        return earlier
    _look_first(guardian, request)
    guardian = enter(proof=proof, agreements=request.own_agreements, channel=request.consented_by)
    return _book(guardian, request)


@_in_our_words()
@transaction.atomic
def request_trial(*, guardian: User, request: TrialRequest) -> TrialBooking:
    """Book for a guardian who is signed in. Raises as `request_trial_by_proof`.

    Agreements to the versions in force need not be given again.
    """
    if earlier := _earlier(guardian, request):
        return earlier
    _look_first(guardian, request)
    stand = agreed_documents(subject=guardian.pk) >= set(REQUIRED_TO_BOOK)
    if request.own_agreements or not stand:
        agree(user=guardian, agreements=request.own_agreements, channel=request.consented_by)
    return _book(guardian, request)


def _earlier(guardian: User, request: TrialRequest) -> TrialBooking | None:
    # Both doors lead through this lock: one booking of a guardian's at a time.
    User.objects.select_for_update(no_key=True).get(pk=guardian.pk)
    if request.key_hash is None:
        return None
    mine = TrialBooking.objects.of(guardian.pk).with_places()
    booking = mine.filter(idempotency_key=request.key_hash).first()
    if booking and booking.request_hash != request.digest:
        raise IdempotencyConflict
    return booking


def _look_first(guardian: User | None, request: TrialRequest) -> None:
    """Turn away who cannot get a seat, before anything is written and while nobody waits for the class."""
    session = request.session
    campus = session.campus if session else request.campus
    if campus and (campus.city_id != request.city.pk or request.campus not in (None, campus)):
        raise SessionElsewhere
    if session is None:
        return
    session = ClassSession.objects.in_order().get(pk=session.pk)
    if not session.takes_bookings(timezone.now()):
        raise SessionClosed(session)
    run_out = TrialBooking.objects.of_session(session).run_out(timezone.now())
    if session.seats_left == 0 and not run_out.exists():
        mine = TrialBooking.objects.of(guardian.pk).active() if guardian else TrialBooking.objects.none()
        if request.child is None and (booking := mine.of_session(session).with_places().first()):
            raise AlreadyBooked(booking)
        raise SessionFull(session)


def _book(guardian: User, request: TrialRequest) -> TrialBooking:
    if request.refuses_children:
        refuse_children(guardian=guardian, channel=request.consented_by)
    booking = TrialBooking(
        guardian=guardian,
        city=request.city,
        campus=request.campus,
        channel=request.channel,
        source=request.source,
        idempotency_key=request.key_hash,
        request_hash=request.digest,
        reference=free_reference(),
    )
    if request.session is None:
        return _ask_for_call(booking, request)
    return _take_seat(booking, request.session, request)


def _ask_for_call(booking: TrialBooking, request: TrialRequest) -> TrialBooking:
    mine = TrialBooking.objects.of(booking.owner_id).requested()
    if same := mine.with_places().filter(city=booking.city).first():
        raise AlreadyBooked(same)
    if mine.count() >= MOST_LIVE * settings.LIMIT_FACTOR:
        raise TooManyLive(mine.newest_first()[0], MOST_LIVE)
    _count(booking.guardian)
    _name_child(booking, request)
    booking.save(force_insert=True)
    note(booking, by=guardian_actor(booking.guardian), action="trial.requested")
    tell_requested(booking)
    return booking


def _take_seat(booking: TrialBooking, session: ClassSession, request: TrialRequest) -> TrialBooking:
    """The class is held for one insert and the commit: whatever needs no seat is written before.

    The rows that point to the booking may go first; their references are checked at the commit.
    """
    check_seats(guardian=booking.guardian, session=session)
    _count(booking.guardian)
    booking.state, booking.verified_at = BookingState.BOOKED, timezone.now()
    booking.session, booking.campus, booking.course = session, session.campus, session.course
    note(booking, by=guardian_actor(booking.guardian), action="trial.booked")
    tell_booked(booking)
    _name_child(booking, request)
    booking.session = lock_class(session.pk)
    if not booking.session.takes_bookings(timezone.now()):
        raise SessionClosed(booking.session)
    take_seat(booking)
    return booking


def _name_child(booking: TrialBooking, request: TrialRequest) -> None:
    """As late as can be: a child is committed at once, and swept away again if the booking fails."""
    if request.child:
        booking.child_id = settle_child(
            guardian=booking.guardian,
            wish=request.child,
            agreements=request.agreements,
            session=request.session,
            channel=request.consented_by,
        )


def _count(guardian: User) -> None:
    """Booking and cancelling over and over would cost a message each. Raises LimitReached."""
    limits = [Limit(scope="book", key=str(guardian.pk), count=n, seconds=s) for n, s in MOST_BOOKINGS]
    try:
        take(limits)
    except LimiterUnavailable:  # a proved number books without Redis too
        logger.warning("a booking was not counted")


@_in_our_words()
@transaction.atomic
def cancel_trial(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """Cancel, once, which frees the seat; what is cancelled stays so.

    Raises TooLate when the state forbids it, or, except for staff, the time; Busy.
    """
    session = lock_class(booking.session_id) if booking.session_id else None
    row = hold(booking.pk)
    if row.state == BookingState.CANCELLED:
        return row
    if not (is_cancellable(row) if by.kind == "staff" else can_cancel(row, timezone.now())):
        raise TooLate(row)
    take_step(row, BookingState.CANCELLED, by=by, action="trial.cancelled")
    tell_cancelled(row)
    if session:
        settle(session)
    if row.session:
        row.session.refresh_from_db(fields=["seats_taken"])
    return row
