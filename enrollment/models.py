"""Trial bookings, every step they took, and the links that open one of them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.models import City
from enrollment.enums import BookingChannel, BookingState
from kit.uuid7 import uuid7
from privacy.actors import ACTOR_KINDS
from privacy.inventory.fields import Erase, Sensitive, personal, plain

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O, which read as digits


def new_public_id() -> str:
    """128 random bits: the booking's name in pages and the API."""
    return secrets.token_urlsafe(16)


def new_reference() -> str:
    """A short name to say on the phone, such as K7-305214. It opens nothing."""
    return f"{secrets.choice(_LETTERS)}{secrets.randbelow(10)}-{secrets.randbelow(10**6):06d}"


def _of_booking(field: AnyField, name: str, category: str = "user.behavior.purchase_history") -> AnyField:
    """What was booked and what became of it: one line for people, whatever the column."""
    return personal(
        field,
        f"booking.{name}",
        category,
        title=_("试听预约（谁约的、编号、城市、进展、时间、从哪个入口来）"),
        grade=2,
        why="trial",
        keep="trial",
        erase=Erase.KEEP,
    )


def _of_event(field: AnyField, name: str) -> AnyField:
    """A step of a booking."""
    return personal(
        field,
        f"booking_event.{name}",
        "user.behavior.purchase_history",
        title=_("预约的经过（每一步的时间、结果、由家长还是由工作人员操作）"),
        grade=2,
        why="trial",
        keep="trial",
        erase=Erase.KEEP,
    )


def _of_link(field: AnyField, name: str) -> AnyField:
    """What is known of a link in a message."""
    return personal(
        field,
        f"link.{name}",
        "system.operations",
        title=_("短信里的预约链接（对应哪次预约、何时失效）"),
        grade=2,
        why="trial",
        keep="trial",
    )


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
    reference = _of_booking(
        models.CharField(_("编号"), max_length=9, unique=True, default=new_reference, editable=False),
        "reference",
    )
    guardian = _of_booking(
        models.ForeignKey(
            settings.AUTH_USER_MODEL, models.PROTECT, related_name="trial_bookings", verbose_name=_("监护人")
        ),
        "guardian",
        "user.unique_id",
    )
    city = _of_booking(
        models.ForeignKey(City, models.PROTECT, related_name="trial_bookings", verbose_name=_("城市")),
        "city",
        "user.location.imprecise",
    )
    state = _of_booking(
        models.CharField(
            _("状态"), max_length=12, choices=BookingState.labelled, default=BookingState.REQUESTED
        ),
        "state",
    )
    channel = _of_booking(
        models.CharField(_("渠道"), max_length=10, choices=BookingChannel.labelled), "channel"
    )
    idempotency_key = plain(
        models.CharField(max_length=64, null=True, editable=False), "a keyed hash of what the caller named it"
    )
    request_hash = plain(
        models.CharField(max_length=64, editable=False), "tells a repeat from another request"
    )
    created_at = _of_booking(models.DateTimeField(_("预约时间"), auto_now_add=True), "created_at")
    closed_at = _of_booking(models.DateTimeField(_("结束时间"), null=True), "closed_at")

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
            models.CheckConstraint(
                condition=models.Q(state__in=BookingState.values), name="booking_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=BookingChannel.values), name="booking_channel_known"
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
    booking = _of_event(models.ForeignKey(TrialBooking, models.PROTECT, related_name="events"), "booking")
    state = _of_event(models.CharField(max_length=12, choices=BookingState.labelled), "state")
    at = _of_event(models.DateTimeField(auto_now_add=True), "at")
    actor_kind = _of_event(models.CharField(max_length=10), "actor")

    class Meta:
        verbose_name = verbose_name_plural = _("预约经过")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=BookingState.values), name="event_state_known"
            ),
            models.CheckConstraint(condition=models.Q(actor_kind__in=ACTOR_KINDS), name="event_actor_known"),
        ]

    class Privacy:
        subject = "booking.guardian_id"
        append_only = True

    def __str__(self) -> str:
        return f"{self.state} {self.at:%F %T}"


class ManageLinkQuerySet(models.QuerySet["ManageLink"]):
    def alive(self, at: datetime) -> ManageLinkQuerySet:
        return self.filter(expires_at__gt=at)


class ManageLink(models.Model):
    """A link in a message. It opens one booking, to see and to cancel, and nothing else."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    token_hash = personal(
        models.CharField(max_length=64, unique=True),
        "link.token_hash",
        "user.authorization.credentials",
        title=_("短信里的预约链接的摘要"),
        grade=3,
        why="trial",
        keep="trial",
        sensitive=Sensitive.ACCOUNT,
        export=False,
        unsealed_because="a digest of 192 random bits, by which a link is found",
    )
    booking = _of_link(models.ForeignKey(TrialBooking, models.CASCADE, related_name="links"), "booking")
    expires_at = _of_link(models.DateTimeField(), "expires_at")

    objects: ClassVar[models.Manager[ManageLink]] = ManageLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("短信链接")

    class Privacy:
        subject = "booking.guardian_id"

    def __str__(self) -> str:
        return f"link {self.pk}"
