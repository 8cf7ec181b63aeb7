"""What has run out by the clock: seats held for too long, offers not answered, waiting that is over."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from enrollment.enums import SessionState
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice
from enrollment.services.seats import settle, stop_waiting


def settle_due() -> int:
    """Settle every class in which a hold has run out or somebody waits; how many changed.

    What somebody else holds is left for the next time.
    """
    at = timezone.now()
    held = TrialBooking.objects.run_out(at).values_list("session", flat=True)
    waited = WaitlistChoice.objects.waiting().values_list("session", flat=True)
    due = {session for session in [*held.distinct(), *waited.distinct()] if session is not None}
    return sum(_settle(session) for session in sorted(due))


@transaction.atomic
def _settle(session_id: UUID) -> bool:
    rows = ClassSession.objects.in_order().select_for_update(no_key=True, skip_locked=True, of=("self",))
    session = rows.filter(pk=session_id).first()
    if session is None:
        return False
    if session.state not in (SessionState.OPEN, SessionState.CLOSED):
        return bool(stop_waiting(session)) or settle(session)
    return settle(session)
