"""Trial bookings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.models import Campus, City, Course
from enrollment.enums import (
    EXPECTED,
    LIVE,
    OVER,
    TAKES_A_SEAT,
    BookingChannel,
    BookingState,
    SessionState,
)
from enrollment.models.booking_laws import CONSTRAINTS, INDEXES, UNSETTLED
from enrollment.models.classes import ClassSession
from enrollment.models.declared import of_booking
from enrollment.models.names import new_public_id, new_reference
from enrollment.models.telling import as_place, as_time
from enrollment.models.waitlist import WaitlistEntry
from kit.uuid7 import uuid7
from privacy.inventory.fields import Erase, Sensitive, personal, plain
from privacy.inventory.telling import as_child, as_guardian, as_short
from privacy.keystore.blind_index import INDEX_LENGTH
from privacy.rights.services.restricting import restricted_ids

# Staff who see a campus also see its city's requests that name no campus yet.
_OF_THE_WHOLE_CITY = Q(campus=None, state=BookingState.REQUESTED)


@dataclass(frozen=True, kw_only=True)
class SeatsHad:
    """Seats in classes to come, those of one course among them, and all had in a span of time."""

    to_come: int
    of_course: int
    year: int
    """Booked or offered within the span, neither cancelled nor moved, whether or not the family came."""


class TrialBookingQuerySet(models.QuerySet["TrialBooking"]):
    def of(self, user_id: UUID) -> TrialBookingQuerySet:
        return self.filter(guardian_id=user_id)

    def live(self) -> TrialBookingQuerySet:
        """A call or a class is still to come."""
        return self.filter(state__in=LIVE, lapsed_at=None)

    def active(self) -> TrialBookingQuerySet:
        """A seat is held or taken, and what it is for has not been settled."""
        return self.filter(UNSETTLED)

    def requested(self) -> TrialBookingQuerySet:
        """Those that wait for a call."""
        return self.filter(state=BookingState.REQUESTED)

    def to_come(self, at: datetime) -> TrialBookingQuerySet:
        """Active ones whose class is not over at ``at``."""
        return self.active().filter(session__ends_at__gt=at)

    def ahead(self, at: datetime) -> TrialBookingQuerySet:
        """What a family still has before it at ``at``: a call, or a class that is not over."""
        return self.live().filter(Q(session=None) | Q(session__ends_at__gt=at))

    def behind(self, at: datetime) -> TrialBookingQuerySet:
        """All the rest: settled, lapsed, or with a class that is over."""
        over = Q(state__in=OVER) | Q(lapsed_at__isnull=False) | Q(session__ends_at__lte=at)
        return self.filter(over)

    def came_to_the_end(self) -> TrialBookingQuerySet:
        """Checked in to a class that is over."""
        return self.filter(state=BookingState.CHECKED_IN, session__state=SessionState.FINISHED)

    def held_for(self, phone_index: str, at: datetime) -> TrialBookingQuerySet:
        """Seats kept at ``at`` for a number nobody has proved yet, by its blind index."""
        return self.filter(phone_index=phone_index, state=BookingState.HELD, hold_expires_at__gt=at)

    def count_had(self, at: datetime, *, course_id: int, since: datetime) -> SeatsHad:
        """How many seats these are at ``at``; one query."""
        ahead = UNSETTLED & Q(session__ends_at__gt=at)
        counted = self.aggregate(
            to_come=Count("pk", filter=ahead),
            of_course=Count("pk", filter=ahead & Q(course=course_id)),
            year=Count("pk", filter=Q(state__in=TAKES_A_SEAT, created_at__gt=since)),
        )
        return SeatsHad(**counted)

    def of_parties(self, party_ids: Collection[UUID]) -> TrialBookingQuerySet:
        """Of siblings booked together, the first named first; what was moved or ran out is left out."""
        gone = (BookingState.RESCHEDULED, BookingState.EXPIRED)
        return self.filter(party_id__in=party_ids).exclude(state__in=gone).order_by("party_place", "pk")

    def offered_to(self, entry_ids: Iterable[UUID]) -> TrialBookingQuerySet:
        """The seats offered to entries of the waiting list: one to each at the most, ever."""
        return self.filter(waitlist_entry__in=list(entry_ids))

    def unanswered(self) -> TrialBookingQuerySet:
        """Offers that wait for an answer, those that have run out and not been let go included."""
        return self.filter(waitlist_entry__isnull=False, state=BookingState.HELD)

    def without_offers(self) -> TrialBookingQuerySet:
        """All but seats that wait for an answer: lists show those as places on the waiting list."""
        return self.exclude(waitlist_entry__isnull=False, state=BookingState.HELD)

    def run_out(self, at: datetime) -> TrialBookingQuerySet:
        """Held for longer than promised."""
        return self.filter(state=BookingState.HELD, hold_expires_at__lte=at)

    def left_unmarked(self) -> TrialBookingQuerySet:
        """Booked in a class that is over, and nobody has noted who came."""
        booked = self.filter(state=BookingState.BOOKED, lapsed_at=None)
        return booked.filter(session__state=SessionState.FINISHED)

    def of_session(self, session: ClassSession) -> TrialBookingQuerySet:
        return self.filter(session=session)

    def of_course(self, course_id: int) -> TrialBookingQuerySet:
        return self.filter(course=course_id)

    def expected_in(self, session_ids: Iterable[UUID]) -> TrialBookingQuerySet:
        """Whom the classes expect at the door: a seat held for a number nobody has proved yet is nobody's."""
        return self.filter(session__in=list(session_ids), state__in=EXPECTED).order_by("created_at", "pk")

    def in_use(self) -> TrialBookingQuerySet:
        """Without those whose guardian, or whose child, had the use of what is kept restricted (PIPL 44)."""
        left_alone = restricted_ids()
        return self.exclude(guardian_id__in=left_alone).exclude(child_id__in=left_alone)

    def within(
        self, campus_ids: Collection[int] | None, city_ids: Collection[int] = ()
    ) -> TrialBookingQuerySet:
        """Those of the campuses, and the cities' requests without a campus; all of them for None.

        As staff may know them: without those of whom the use is restricted.
        """
        known = self.in_use()
        if campus_ids is None:
            return known
        return known.filter(Q(campus_id__in=campus_ids) | _OF_THE_WHOLE_CITY & Q(city_id__in=city_ids))

    def with_places(self) -> TrialBookingQuerySet:
        """With all that a page says of when and where."""
        return self.select_related(
            "city", "campus", "course__programme", "session__campus__city", "session__course__programme"
        )

    def soonest_first(self) -> TrialBookingQuerySet:
        """By the time of the class; those that wait for a call come last."""
        return self.with_places().order_by("session__starts_at", "-created_at", "-pk")

    def newest_first(self) -> TrialBookingQuerySet:
        return self.with_places().order_by("-created_at", "-pk")


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
            WaitlistEntry, models.PROTECT, related_name="offers", null=True, verbose_name=_("候补")
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
            "self", models.PROTECT, related_name="successor", null=True, verbose_name=_("改自")
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
        app_rights = ("SELECT", "INSERT", "UPDATE")  # cancelled, never deleted

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
