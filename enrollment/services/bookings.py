"""Trial bookings: asked for once, cancelled once, each step in one transaction with all it causes."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User, VerificationCode
from accounts.services.guardians import agree, enter, find_guardian, guardian_actor, one_at_a_time
from courses.models import City
from enrollment.enums import TRANSITIONS, BookingChannel, BookingState
from enrollment.exceptions import AlreadyBooked, IdempotencyConflict, TooLate, TooManyLive
from enrollment.models import BookingEvent, TrialBooking
from enrollment.services.links import make_link
from kit.constraints import broken
from kit.limiter import Limit, LimiterUnavailable, take
from messaging.recipients import Recipient
from messaging.services import queue_message
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.consent.enums import Channel
from privacy.keystore.mac import mac

logger = logging.getLogger(__name__)

MOST_LIVE = 5  # requests of one guardian that wait for a call at the same time
MOST_BOOKINGS = ((10, 3600), (20, 86400))  # of one guardian, within so many seconds


_CONSENTED_BY = {BookingChannel.WEB: Channel.WEB, BookingChannel.API: Channel.API}


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """What a guardian asks for. ``agreements`` maps each document to the version shown."""

    city: City
    agreements: Mapping[str, str]
    channel: BookingChannel
    key: str | None = None
    """The caller's name for this request; the same name with the same request is the same booking."""

    @property
    def consented_by(self) -> Channel:
        """The same way, as consents name it."""
        return _CONSENTED_BY[self.channel]

    @property
    def digest(self) -> str:
        """Tells a repeat from another request."""
        body = json.dumps([self.city.slug, sorted(self.agreements.items())])
        return hashlib.sha256(body.encode()).hexdigest()

    @property
    def key_hash(self) -> str | None:
        return mac("idempotency", self.key).hex() if self.key else None


@transaction.atomic
def request_trial_by_proof(*, proof: VerificationCode, request: TrialRequest) -> TrialBooking:
    """Book for whoever holds the proved number; an account is made if there is none.

    Raises AgreementsRequired, DocumentStale, AlreadyBooked, TooManyLive, IdempotencyConflict, LimitReached;
    then nothing is kept.
    """
    phone = proof.phone
    one_at_a_time(phone=phone)
    guardian = find_guardian(phone=phone)
    if guardian and (earlier := _earlier(guardian, request)):
        return earlier
    guardian = enter(proof=proof, agreements=request.agreements, channel=request.consented_by)
    return _book(guardian, request)


@transaction.atomic
def request_trial(*, guardian: User, request: TrialRequest) -> TrialBooking:
    """Book for a guardian who is signed in. Raises as `request_trial_by_proof`."""
    if earlier := _earlier(guardian, request):
        return earlier
    agree(user=guardian, agreements=request.agreements, channel=request.consented_by)
    return _book(guardian, request)


def _earlier(guardian: User, request: TrialRequest) -> TrialBooking | None:
    # Both doors lead through this lock: one booking of a guardian's at a time.
    User.objects.select_for_update(no_key=True).get(pk=guardian.pk)
    if request.key_hash is None:
        return None
    booking = TrialBooking.objects.of(guardian.pk).filter(idempotency_key=request.key_hash).first()
    if booking and booking.request_hash != request.digest:
        raise IdempotencyConflict
    return booking


def _book(guardian: User, request: TrialRequest) -> TrialBooking:
    live = TrialBooking.objects.of(guardian.pk).live()
    if live.count() >= MOST_LIVE * settings.LIMIT_FACTOR:
        raise TooManyLive(live.newest_first()[0])
    try:
        with transaction.atomic():
            booking = TrialBooking.objects.create(
                guardian=guardian,
                city=request.city,
                channel=request.channel,
                idempotency_key=request.key_hash,
                request_hash=request.digest,
            )
    except IntegrityError as error:
        if broken(error) == "one_live_request_a_city":
            raise AlreadyBooked(live.get(city=request.city)) from error
        raise
    _count(guardian)
    by = guardian_actor(guardian)
    _note(booking, by=by, action="trial.requested")
    _tell(booking, "trial_requested", city=booking.city.name, link=make_link(booking=booking))
    return booking


def _count(guardian: User) -> None:
    """Booking and cancelling over and over would cost a message each. Raises LimitReached."""
    limits = [Limit(scope="book", key=str(guardian.pk), count=n, seconds=s) for n, s in MOST_BOOKINGS]
    try:
        take(limits)
    except LimiterUnavailable:  # a proved number books without Redis too
        logger.warning("a booking was not counted")


@transaction.atomic
def cancel_trial(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """Cancel, once; what is cancelled stays so. Raises TooLate when the state forbids it."""
    booking = (
        TrialBooking.objects.select_for_update(no_key=True, of=("self",))
        .select_related("city")
        .get(pk=booking.pk)
    )
    if booking.state == BookingState.CANCELLED:
        return booking
    if BookingState.CANCELLED not in TRANSITIONS[BookingState(booking.state)]:
        raise TooLate(booking)
    booking.state = BookingState.CANCELLED
    booking.closed_at = timezone.now()
    booking.save(update_fields=["state", "closed_at"])
    _note(booking, by=by, action="trial.cancelled")
    _tell(booking, "trial_cancelled")
    return booking


def _note(booking: TrialBooking, *, by: Actor, action: str) -> None:
    BookingEvent.objects.create(booking=booking, state=booking.state, actor_kind=by.kind)
    record(
        action,
        by=by,
        subject=booking.guardian_id,
        target=booking,
        detail={"city": booking.city.slug, "channel": booking.channel},
    )


def _tell(booking: TrialBooking, template: str, **parameters: str) -> None:
    queue_message(
        template=template,
        recipient=Recipient("guardian", booking.guardian_id, subject=booking.guardian_id),
        parameters={"reference": booking.reference, **parameters},
        purpose="trial",
    )
