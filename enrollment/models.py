"""Trial bookings, every step they took, and the links that open one of them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.models import City
from enrollment.enums import BookingState
from kit.uuid7 import uuid7
from privacy.consent.enums import Channel
from privacy.inventory.fields import personal, plain

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O, which read as digits


def new_public_id() -> str:
    """128 random bits: the booking's name in pages and the API."""
    return secrets.token_urlsafe(16)


def new_reference() -> str:
    """A short name to say on the phone, such as K7-305214. It opens nothing."""
    return f"{secrets.choice(_LETTERS)}{secrets.randbelow(10)}-{secrets.randbelow(10**6):06d}"


class TrialBookingQuerySet(models.QuerySet["TrialBooking"]):
    def of(self, user_id: UUID) -> TrialBookingQuerySet:
        return self.filter(guardian_id=user_id)

    def live(self) -> TrialBookingQuerySet:
        return self.filter(state=BookingState.REQUESTED)

    def newest_first(self) -> TrialBookingQuerySet:
        return self.select_related("city").order_by("-created_at", "-pk")


class TrialBooking(models.Model):
    """A guardian's wish for a free trial class in a city."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    public_id = plain(
        models.CharField(max_length=22, unique=True, default=new_public_id, editable=False),
        "a random name",
    )
    reference = plain(
        models.CharField(_("编号"), max_length=9, unique=True, default=new_reference, editable=False),
        "a random name",
    )
    guardian = personal(
        models.ForeignKey(
            settings.AUTH_USER_MODEL, models.PROTECT, related_name="trial_bookings", verbose_name=_("监护人")
        ),
        "booking.guardian",
        "user.unique_id",
        title=_("谁预约的"),
        grade=2,
        why="trial",
        keep="trial",
    )
    city = personal(
        models.ForeignKey(City, models.PROTECT, related_name="trial_bookings", verbose_name=_("城市")),
        "booking.city",
        "user.location.imprecise",
        title=_("想在哪个城市试听"),
        grade=2,
        why="trial",
        keep="trial",
    )
    state = personal(
        models.CharField(_("状态"), max_length=12, choices=BookingState, default=BookingState.REQUESTED),
        "booking.state",
        "user.behavior.purchase_history",
        title=_("预约进展"),
        grade=2,
        why="trial",
        keep="trial",
    )
    channel = plain(models.CharField(_("渠道"), max_length=10, choices=Channel))
    idempotency_key = plain(
        models.CharField(max_length=64, null=True, editable=False), "a keyed hash of what the caller named it"
    )
    request_hash = plain(
        models.CharField(max_length=64, editable=False), "tells a repeat from another request"
    )
    created_at = personal(
        models.DateTimeField(_("预约时间"), auto_now_add=True),
        "booking.created_at",
        "system.operations",
        title=_("预约时间"),
        grade=2,
        why="trial",
        keep="trial",
    )
    closed_at = plain(models.DateTimeField(_("结束时间"), null=True))

    objects: ClassVar[models.Manager[TrialBooking]] = TrialBookingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("试听预约")
        constraints = [
            models.UniqueConstraint(fields=["guardian", "idempotency_key"], name="one_booking_a_key"),
            models.UniqueConstraint(
                fields=["guardian", "city"],
                condition=models.Q(state="requested"),
                name="one_live_request_a_city",
            ),
            models.CheckConstraint(
                condition=models.Q(state="cancelled", closed_at__isnull=False)
                | models.Q(state="requested", closed_at=None),
                name="closed_iff_over",
            ),
        ]

    class Privacy:
        subject = "guardian_id"

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("enrollment:booking", args=[self.public_id])

    def is_fresh(self, at: datetime) -> bool:
        """Whether it was asked for within the last ten minutes: then its page says so first."""
        return self.state == BookingState.REQUESTED and at - self.created_at < timedelta(minutes=10)


class BookingEvent(models.Model):
    """One step of a booking, kept so that numbers about bookings are a function of what happened."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    booking = plain(models.ForeignKey(TrialBooking, models.PROTECT, related_name="events"))
    state = plain(models.CharField(max_length=12, choices=BookingState))
    at = plain(models.DateTimeField(auto_now_add=True))
    actor_kind = plain(models.CharField(max_length=10))

    class Meta:
        verbose_name = verbose_name_plural = _("预约经过")
        ordering = ["at", "pk"]

    class Privacy:
        append_only = True

    def __str__(self) -> str:
        return f"{self.state} {self.at:%F %T}"


class ManageLinkQuerySet(models.QuerySet["ManageLink"]):
    def alive(self, at: datetime) -> ManageLinkQuerySet:
        return self.filter(expires_at__gt=at)


class ManageLink(models.Model):
    """A link in a message. It opens one booking, to see and to cancel, and nothing else."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    token_hash = plain(models.CharField(max_length=64, unique=True), "a hash of the secret in the link")
    booking = plain(models.ForeignKey(TrialBooking, models.CASCADE, related_name="links"))
    expires_at = plain(models.DateTimeField())

    objects: ClassVar[models.Manager[ManageLink]] = ManageLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("短信链接")

    def __str__(self) -> str:
        return f"link {self.pk}"
