"""One step of a booking, with what every step leaves behind: its event and the record of who took it."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from enrollment.enums import OVER, BookingState
from enrollment.models import BookingEvent, TrialBooking
from privacy.actors import Actor
from privacy.audit.services import record


def hold(booking_id: UUID) -> TrialBooking:
    """The booking as it stands, with its places, held until the transaction ends."""
    return TrialBooking.objects.with_places().select_for_update(no_key=True, of=("self",)).get(pk=booking_id)


def take_step(booking: TrialBooking, to: BookingState, *, by: Actor, action: str) -> None:
    """Write the booking's next state; the caller holds its row and has asked whether the step is legal."""
    booking.state = to
    booking.closed_at = timezone.now() if to in OVER else None
    if to == BookingState.CANCELLED:
        booking.revision += 1
    if to != BookingState.HELD:
        booking.hold_expires_at = booking.phone_index = None
    booking.save(update_fields=["state", "closed_at", "revision", "hold_expires_at", "phone_index"])
    note(booking, by=by, action=action)


def lapse(booking: TrialBooking, *, by: Actor) -> None:
    """Its class is over and nobody took attendance. Its state stays; the caller holds its row."""
    booking.lapsed_at = timezone.now()
    booking.save(update_fields=["lapsed_at"])
    _record(booking, by, "trial.lapsed")


def come(booking: TrialBooking, *, by: Actor) -> None:
    """The family says that it comes to the class as it is now. The caller holds the booking's row."""
    booking.coming_at, booking.class_changed_at = timezone.now(), None
    booking.save(update_fields=["coming_at", "class_changed_at"])
    _record(booking, by, "trial.coming")


def note(booking: TrialBooking, *, by: Actor, action: str) -> None:
    """Write down that the booking has come to stand where it stands."""
    BookingEvent.objects.create(booking=booking, state=booking.state, actor_kind=by.kind)
    _record(booking, by, action)


def _record(booking: TrialBooking, by: Actor, action: str) -> None:
    where = {"city": booking.city.slug, "channel": booking.channel}
    if booking.session_id:
        where["session"] = str(booking.session_id)
    record(action, by=by, subject=booking.guardian_id, target=booking, detail=where)
