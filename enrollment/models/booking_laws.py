"""What the database holds of bookings: the rows it keeps at hand, and those it refuses."""

from django.db import models
from django.db.models import Q

from enrollment.enums import ACTIVE, OVER, BookingChannel, BookingState

MOST_IN_A_PARTY = 3  # siblings booked together
_ACTIVE = sorted(ACTIVE)
_OVER = sorted(OVER)
# Once its class is over, a booking nobody marked stands in nobody's way.
UNSETTLED = Q(state__in=_ACTIVE, lapsed_at=None)

INDEXES = [
    models.Index(fields=["guardian", "-created_at", "-id"], name="booking_guardian"),
    models.Index(fields=["campus", "-created_at", "-id"], name="booking_campus"),
    models.Index(fields=["city", "-created_at"], name="booking_call", condition=Q(state="requested")),
    models.Index(fields=["session"], condition=Q(state="checked_in"), name="booking_checked_in"),
    models.Index(fields=["session"], condition=Q(state="booked", lapsed_at=None), name="booking_unmarked"),
    models.Index(fields=["hold_expires_at"], condition=Q(state="held"), name="booking_held"),
    models.Index(fields=["-created_at", "-id"], name="booking_newest"),
    models.Index(fields=["state", "-created_at", "-id"], name="booking_state"),
]

CONSTRAINTS = [
    models.UniqueConstraint(fields=["guardian", "idempotency_key"], name="one_booking_a_key"),
    models.UniqueConstraint(
        fields=["guardian", "city"],
        condition=Q(state="requested"),
        name="one_live_request_a_city",
    ),
    # A child has one trial of a course before them; so has a family that names no child.
    models.UniqueConstraint(
        fields=["child_id", "course"],
        condition=UNSETTLED & Q(child_id__isnull=False),
        name="one_active_trial",
    ),
    models.UniqueConstraint(
        fields=["guardian", "course"],
        condition=UNSETTLED & Q(child_id=None),
        name="one_active_trial_unnamed",
    ),
    # Three seats at the most, one for each place of a party.
    models.UniqueConstraint(
        fields=["phone_index", "party_place"],
        condition=Q(state="held", phone_index__isnull=False),
        name="one_hold_a_phone",
    ),
    models.CheckConstraint(
        condition=Q(party_place__gte=1, party_place__lte=MOST_IN_A_PARTY), name="few_in_a_party"
    ),
    models.CheckConstraint(
        condition=Q(guardian__isnull=False) | Q(state__in=["held", "cancelled", "expired"]),
        name="booked_by_somebody",
    ),
    models.CheckConstraint(
        condition=Q(state="held", verified_at=None, guardian=None, phone_index__isnull=False)
        | Q(state="held", verified_at__isnull=False, guardian__isnull=False, phone_index=None)
        | ~Q(state="held") & Q(phone_index=None),
        name="held_for_a_number_or_a_person",
    ),
    models.UniqueConstraint(fields=["waitlist_entry"], condition=Q(state="held"), name="one_live_offer"),
    models.CheckConstraint(
        condition=Q(waitlist_entry=None) | Q(guardian__isnull=False, verified_at__isnull=False),
        name="offers_are_to_somebody",
    ),
    models.CheckConstraint(
        condition=Q(state="held", hold_expires_at__isnull=False) | ~Q(state="held") & Q(hold_expires_at=None),
        name="held_iff_expiry",
    ),
    models.CheckConstraint(
        condition=Q(state__in=["requested", "held", "cancelled", "expired"]) | Q(verified_at__isnull=False),
        name="booked_is_verified",
    ),
    models.CheckConstraint(
        condition=Q(state="requested", session=None)
        | Q(state="cancelled")
        | ~Q(state__in=["requested", "cancelled"]) & Q(session__isnull=False),
        name="seats_are_in_a_class",
    ),
    models.CheckConstraint(
        condition=Q(session=None, course=None)
        | Q(session__isnull=False, course__isnull=False, campus__isnull=False),
        name="a_class_has_its_place",
    ),
    models.CheckConstraint(
        condition=Q(state__in=_OVER, closed_at__isnull=False) | ~Q(state__in=_OVER) & Q(closed_at=None),
        name="closed_iff_over",
    ),
    models.CheckConstraint(condition=Q(state__in=BookingState.values), name="booking_state_known"),
    models.CheckConstraint(condition=Q(channel__in=BookingChannel.values), name="booking_channel_known"),
]
