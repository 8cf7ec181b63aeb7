"""Trial bookings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.models import Campus, City, Course
from enrollment.enums import (
    LIVE,
    BookingChannel,
    BookingState,
)
from enrollment.models.booking_laws import CONSTRAINTS, INDEXES
from enrollment.models.booking_queries import TrialBookingQuerySet
from enrollment.models.classes import ClassSession
from enrollment.models.declared import of_booking
from enrollment.models.names import new_public_id, new_reference
from enrollment.models.telling import as_place, as_time
from enrollment.models.waitlist import WaitlistEntry
from kit.uuid7 import uuid7
from privacy.inventory.fields import Erase, Sensitive, personal, plain
from privacy.inventory.telling import as_child, as_guardian, as_short
from privacy.keystore.blind_index import INDEX_LENGTH


class TrialBooking(models.Model):
    """A guardian's wish for a free trial class in a city, or a seat in one.

    Campus, course and city of a booking with a class are the class's: the database writes them.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    public_id = plain(
        models.CharField(max_length=22, unique=True, default=new_public_id, editable=False),
        "a random name",
    )
    reference = of_booking(
        models.CharField(_("编号"), max_length=9, unique=True, default=new_reference, editable=False),
        "reference",
    )
    guardian = of_booking(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            related_name="trial_bookings",
            null=True,
            verbose_name=_("监护人"),
        ),
        "guardian",
        "user.unique_id",
        told=as_guardian,
    )
    city = of_booking(
        models.ForeignKey(City, models.PROTECT, related_name="trial_bookings", verbose_name=_("城市")),
        "city",
        "user.location.imprecise",
    )
    campus = of_booking(
        models.ForeignKey(
            Campus, models.PROTECT, related_name="trial_bookings", null=True, verbose_name=_("校区")
        ),
        "campus",
        "user.location.imprecise",
    )
    session = of_booking(
        models.ForeignKey(
            ClassSession, models.PROTECT, related_name="bookings", null=True, verbose_name=_("课次")
        ),
        "session",
        told=as_time,
    )
    course = of_booking(
        models.ForeignKey(
            Course, models.PROTECT, related_name="trial_bookings", null=True, verbose_name=_("课程")
        ),
        "course",
    )
    # A child's subject id; the child stands in another database.
    child_id = of_booking(models.UUIDField(_("孩子"), null=True), "child", "user.unique_id", told=as_child)
    # Siblings booked together, or held for, share it; each has a place of its own.
    party_id = of_booking(
        models.UUIDField(null=True, editable=False),
        "party",
        "user.unique_id",
        label=_("一起约的（相同的为同一次）"),
        told=as_short,
    )
    party_place = plain(models.PositiveSmallIntegerField(default=1, db_default=1, editable=False))
    # For whom a seat is held while nobody is known yet: the number that was typed, until it is proved.
    phone_index = personal(
        models.CharField(max_length=INDEX_LENGTH, null=True, editable=False),
        "booking.phone_index",
        "user.contact.phone_number",
        title=_("验证前占座用的号码摘要"),
        sensitive=Sensitive.NUMBER,
        grade=3,
        why="trial",
        keep="hold",
        erase=Erase.NULL,
        export=False,
        withheld=_("由号码算出的密钥摘要，只在验证前占座的几分钟里有；号码本身已经给您"),
        unsealed_because="a keyed digest, emptied when the hold ends; the number itself is not kept here",
    )
    # A seat offered to who waited for it.
    waitlist_entry = of_booking(
        models.ForeignKey(
            WaitlistEntry, models.SET_NULL, related_name="offers", null=True, verbose_name=_("候补")
        ),
        "waitlist_entry",
        told=as_place,
    )
    state = of_booking(
        models.CharField(
            _("状态"), max_length=12, choices=BookingState.labelled, default=BookingState.REQUESTED
        ),
        "state",
    )
    channel = of_booking(
        models.CharField(_("渠道"), max_length=10, choices=BookingChannel.labelled), "channel"
    )
    # What a poster's address said it is, such as "poster-bj-01".
    source = of_booking(
        models.CharField(_("来源"), max_length=40, blank=True, default="", db_default=""), "source"
    )
    verified_at = of_booking(models.DateTimeField(_("号码验证于"), null=True), "verified_at")
    hold_expires_at = of_booking(models.DateTimeField(_("占位到"), null=True), "hold_expires_at")
    rescheduled_from = of_booking(
        models.OneToOneField(
            "self", models.SET_NULL, related_name="successor", null=True, verbose_name=_("改自")
        ),
        "rescheduled_from",
    )
    # When staff last changed its class, until the family has said that it will come: then it may move or
    # cancel as late as it likes.
    class_changed_at = of_booking(models.DateTimeField(_("课次变动于"), null=True), "class_changed_at")
    coming_at = of_booking(models.DateTimeField(_("家长确认会来"), null=True), "coming_at")
    # Counts what a calendar has to hear of (RFC 5545, SEQUENCE).
    revision = of_booking(
        models.PositiveSmallIntegerField(default=0, db_default=0, editable=False),
        "revision",
        label=_("变动过几次"),
    )
    idempotency_key = plain(
        models.CharField(max_length=64, null=True, editable=False), "a keyed hash of what the caller named it"
    )
    request_hash = plain(
        models.CharField(max_length=64, editable=False), "tells a repeat from another request"
    )
    created_at = of_booking(models.DateTimeField(_("预约时间"), auto_now_add=True), "created_at")
    closed_at = of_booking(models.DateTimeField(_("结束时间"), null=True), "closed_at")
    # When the class was over and nobody had said who came. It stays, whatever is noted later that day.
    lapsed_at = of_booking(models.DateTimeField(_("下课后仍未登记"), null=True), "lapsed_at")

    objects: ClassVar[models.Manager[TrialBooking]] = TrialBookingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("试听预约")
        indexes = INDEXES
        constraints = CONSTRAINTS

    class Privacy:
        subject = "guardian_id"
        ward = "child_id"
        place = 30

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("enrollment:booking", args=[self.public_id])

    @property
    def owner_id(self) -> UUID:
        """Whose it is. Raises ValueError for a seat held for a number that nobody has proved."""
        if self.guardian_id is None:
            raise ValueError("a hold is nobody's yet")
        return self.guardian_id

    def is_fresh(self, at: datetime) -> bool:
        """Whether it was made within the last ten minutes: then its page says so first."""
        return self.state in LIVE and at - self.created_at < timedelta(minutes=10)
