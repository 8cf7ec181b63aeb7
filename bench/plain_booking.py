"""The floor of the booking bench: a plain view that locks the class and writes the rows a booking has."""

import json
import secrets
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.browser import guardian_in
from bench.twins import twin
from enrollment.models.names import new_public_id, new_reference
from kit.uuid7 import uuid7
from privacy.keystore.envelope import new_key


@require_POST
def book(request: HttpRequest) -> JsonResponse:
    """Book as many sites do: whoever is signed in, the class locked, the counter raised, no rule asked."""
    guardian = guardian_in(request)
    if guardian is None:
        return JsonResponse({}, status=401)
    asked = json.loads(request.body)
    _keep_key(guardian.pk)
    with transaction.atomic():
        sessions = twin("enrollment.ClassSession").objects.select_for_update(no_key=True)
        session = sessions.get(public_id=asked["session"])
        booking = _write(guardian.pk, session)
        session.seats_taken += 1
        session.save(update_fields=["seats_taken"])
    return JsonResponse({"id": booking.public_id, "reference": booking.reference}, status=201)


def _keep_key(subject: Any) -> None:
    """A key for what is sealed with the booking, in a transaction of its own as in any other database."""
    with transaction.atomic(using="keys"):
        twin("keystore.SubjectKey").objects.using("keys").create(
            id=uuid7(), subject=subject, klass="message", gen=1, wrapped=new_key(), kek_epoch=1,
            state="active", created_at=timezone.now(),
        )  # fmt: skip


def _write(guardian: Any, session: Any) -> Any:
    now, who = timezone.now(), {"guardian_id": guardian}
    booking = twin("enrollment.TrialBooking").objects.create(
        id=uuid7(), public_id=new_public_id(), reference=new_reference(), **who, session_id=session.pk,
        campus_id=session.campus_id, course_id=session.course_id, city_id=1, state="booked", channel="api",
        verified_at=now, created_at=now, request_hash=secrets.token_hex(32),
        idempotency_key=secrets.token_hex(32),
    )  # fmt: skip
    twin("enrollment.BookingEvent").objects.create(
        id=uuid7(), booking_id=booking.pk, state="booked", at=now, actor_kind="guardian"
    )
    twin("enrollment.ManageLink").objects.create(
        id=uuid7(), booking_id=booking.pk, token_hash=secrets.token_hex(32), expires_at=session.ends_at
    )
    twin("audit.AuditEvent").objects.create(
        actor_kind="guardian", actor_id=guardian, action="trial.booked", subject_id=guardian,
        target=f"enrollment.trialbooking:{booking.pk}",
        detail={"city": "beijing", "channel": "api", "session": str(session.pk)},
    )  # fmt: skip
    twin("messaging.Message").objects.create(
        id=uuid7(), template="trial_booked", category="service", purpose="trial", recipient_kind="guardian",
        recipient_id=guardian, subject_id=guardian, parameters=secrets.token_bytes(400), state="queued",
        attempts=0, due_at=now, created_at=now, gateway="", failure="",
    )  # fmt: skip
    return booking
