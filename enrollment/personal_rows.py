"""What stays of bookings when a family is erased, and how it loses whose it was."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from enrollment.enums import BookingState
from enrollment.models import TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.models.names import new_public_id, new_reference
from kit.constraints import broken
from kit.uuid7 import uuid7

# Who is checked in has come; the clock writes that down when the class is over.
CAME = (BookingState.ATTENDED, BookingState.CHECKED_IN)


def kept_bookings(subject: UUID) -> Q:
    """A guardian's trials that were attended (电子商务法第三十一条); of a child, its guardian's bookings."""
    return Q(guardian_id=subject, state__in=CAME) | Q(child_id=subject)


def unlink_bookings(subject: UUID, alias: UUID) -> int:
    """Put a guardian's kept bookings under the alias, and take a child out of those made for it."""
    bookings = TrialBooking.objects.of(subject).filter(state__in=CAME)
    rows = list(bookings.select_for_update(no_key=True).order_by("pk"))
    for row in rows:
        _strip(row, alias)
    return len(rows) + _forget_child(subject)


def _strip(row: TrialBooking, alias: UUID) -> None:
    """Course, campus, times and outcome stay; nothing by which the family knew it."""
    TrialBooking.objects.filter(pk=row.pk).update(
        guardian_id=alias,
        child_id=None,
        party_id=None,
        party_place=1,
        waitlist_entry=None,
        rescheduled_from=None,
        source="",
        idempotency_key=None,
        request_hash="",
        public_id=new_public_id(),
        reference=_free_reference(),
    )


def _free_reference() -> str:
    while TrialBooking.objects.filter(reference=(reference := new_reference())).exists():
        continue
    return reference


def _forget_child(child_id: UUID) -> int:
    WaitlistChoice.objects.filter(child_id=child_id).update(child_id=None)
    unnamed = WaitlistEntry.objects.filter(child_id=child_id).update(child_id=None)
    for pk in TrialBooking.objects.filter(child_id=child_id).order_by("pk").values_list("pk", flat=True):
        unname(pk)
        unnamed += 1
    return unnamed


def unname(booking_id: UUID) -> None:
    """The seat stays. Where the family has an unnamed trial of the course already, nobody's id stands in."""
    named = TrialBooking.objects.filter(pk=booking_id)
    try:
        with transaction.atomic():
            named.update(child_id=None)
    except IntegrityError as error:
        if broken(error) != "one_active_trial_unnamed":
            raise
        named.update(child_id=uuid7())


def drop_requests(keys: Sequence[UUID | int]) -> int:
    """Delete wishes that came to no class; how many. They are cancelled first, as the database wants it."""
    ids = [key for key in keys if isinstance(key, UUID)]
    wishes = TrialBooking.objects.requested().filter(pk__in=ids)
    wishes.update(state=BookingState.CANCELLED, closed_at=timezone.now())
    _all, by_model = TrialBooking.objects.filter(pk__in=ids, state=BookingState.CANCELLED).delete()
    return by_model.get(TrialBooking._meta.label, 0)
