"""Every step that bookings took."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.enums import BookingState
from enrollment.models.bookings import TrialBooking
from enrollment.models.declared import of_event
from kit.uuid7 import uuid7
from privacy.actors import ACTOR_KINDS
from privacy.inventory.fields import plain
from privacy.inventory.telling import as_actor


class BookingEvent(models.Model):
    """One step of a booking, kept so that numbers about bookings are a function of what happened."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    # The database lets them go with their booking, and not otherwise.
    booking = of_event(
        models.ForeignKey(TrialBooking, models.DO_NOTHING, related_name="events"), "booking", _("预约")
    )
    state = of_event(models.CharField(max_length=12, choices=BookingState.labelled), "state", _("到了哪一步"))
    at = of_event(models.DateTimeField(auto_now_add=True), "at", _("时间"))
    actor_kind = of_event(models.CharField(max_length=10), "actor", _("由谁"), told=as_actor)

    class Meta:
        verbose_name = verbose_name_plural = _("预约经过")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BookingState.values), name="event_state_known"),
            models.CheckConstraint(condition=Q(actor_kind__in=ACTOR_KINDS), name="event_actor_known"),
        ]

    class Privacy:
        subject = "booking.guardian_id"
        ward = "booking.child_id"
        place = 31
        append_only = True

    def __str__(self) -> str:
        return f"{self.state} {self.at:%F %T}"
