"""Classes that can be tried, and the seats in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.utils.translation import gettext_lazy as _

from courses.models import Campus, City, Course, Room, Teacher
from enrollment.enums import SessionState
from enrollment.models.names import new_public_id
from kit.uuid7 import uuid7
from privacy.inventory.fields import plain

_OVER_THE_TIME = (
    Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
    RangeOperators.OVERLAPS,
)


def _the_same(name: str, range_type: str) -> tuple[Func, str]:
    """Equality as an overlap of one-value ranges: the embedded server ships no btree_gist."""
    return Func(F(name), F(name), Value("[]"), function=range_type), RangeOperators.OVERLAPS


class ClassSessionQuerySet(models.QuerySet["ClassSession"]):
    """Classes, asked in the words of the pages."""

    def shown(self) -> ClassSessionQuerySet:
        """All but drafts, whatever has become of them."""
        return self.exclude(state=SessionState.DRAFT).in_order()

    def upcoming(self, at: datetime) -> ClassSessionQuerySet:
        """Classes that parents can see and that may still be booked in time, full ones included."""
        return self.filter(
            Q(booking_opens_at=None) | Q(booking_opens_at__lte=at),
            open_until__gt=at,
            campus__active=True,
            campus__city__active=True,
        )

    def bookable(self, at: datetime, *, seats: int = 1) -> ClassSessionQuerySet:
        """Upcoming classes with so many free seats."""
        return self.upcoming(at).filter(seats_taken__lte=F("capacity") + F("overbook_allowance") - seats)

    def full(self) -> ClassSessionQuerySet:
        """Those in which every seat is taken."""
        return self.filter(seats_taken__gte=F("capacity") + F("overbook_allowance"))

    def ahead(self, at: datetime) -> ClassSessionQuerySet:
        """Classes parents may know of and that have not begun: full ones and those closed to booking too."""
        return self.filter(
            Q(booking_opens_at=None) | Q(booking_opens_at__lte=at),
            state__in=(SessionState.OPEN, SessionState.CLOSED),
            starts_at__gt=at,
        )

    def in_city(self, city: City) -> ClassSessionQuerySet:
        return self.filter(campus__city=city)

    def at_campus(self, campus: Campus) -> ClassSessionQuerySet:
        return self.filter(campus=campus)

    def of_course(self, course: Course) -> ClassSessionQuerySet:
        return self.filter(course=course)

    def within(self, campus_ids: Collection[int] | None) -> ClassSessionQuerySet:
        """Those of the campuses; all of them for None."""
        return self if campus_ids is None else self.filter(campus_id__in=campus_ids)

    def for_age(self, months: int) -> ClassSessionQuerySet:
        """Those whose course takes children of so many whole months."""
        return self.filter(course__age_min_months__lte=months, course__age_max_months__gte=months)

    def after(self, starts_at: datetime, pk: UUID) -> ClassSessionQuerySet:
        """Those that come behind that one in order."""
        behind = Q(starts_at__gt=starts_at) | Q(starts_at=starts_at, pk__gt=pk)
        return self.filter(behind, starts_at__gte=starts_at)  # the second for the index

    def from_day(self, day: date) -> ClassSessionQuerySet:
        return self.filter(local_date__gte=day)

    def to_day(self, day: date) -> ClassSessionQuerySet:
        return self.filter(local_date__lte=day)

    def in_order(self) -> ClassSessionQuerySet:
        """By time, with what a list shows of campus, city and course."""
        return self.select_related("campus__city", "course__programme").order_by("starts_at", "pk")


class ClassSession(models.Model):
    """One class at one time, with ``capacity`` seats. Times are UTC, shown in Asia/Shanghai.

    ``seats_taken`` and ``unverified_taken`` are written by the trigger on bookings and by nothing else.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    public_id = plain(models.CharField(max_length=22, unique=True, default=new_public_id, editable=False))
    campus = plain(
        models.ForeignKey(Campus, models.PROTECT, related_name="class_sessions", verbose_name=_("校区"))
    )
    course = plain(
        models.ForeignKey(Course, models.PROTECT, related_name="class_sessions", verbose_name=_("课程"))
    )
    room = plain(models.ForeignKey(Room, models.PROTECT, verbose_name=_("教室")))
    teacher = plain(
        models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, verbose_name=_("老师")),
        "a teacher's own random id; who that is stands with the teacher",
    )
    starts_at = plain(models.DateTimeField(_("开始")))
    ends_at = plain(models.DateTimeField(_("结束")))
    local_date = plain(
        models.GeneratedField(
            expression=models.expressions.RawSQL("(starts_at AT TIME ZONE 'Asia/Shanghai')::date", ()),
            output_field=models.DateField(),
            db_persist=True,
        )
    )
    booking_opens_at = plain(models.DateTimeField(_("开始接受预约"), null=True, blank=True))
    booking_closes_at = plain(models.DateTimeField(_("停止接受预约")))
    # State and times hang together, which a planner that multiplies their odds does not know: among many past
    # classes it takes the coming ones for a handful, and sorts all of them. It counts this column rightly.
    open_until = plain(
        models.GeneratedField(
            expression=Case(When(state="open", then=F("booking_closes_at"))),
            output_field=models.DateTimeField(null=True),
            db_persist=True,
        )
    )
    capacity = plain(models.PositiveSmallIntegerField(_("座位")))
    overbook_allowance = plain(models.PositiveSmallIntegerField(_("允许多收"), default=0))
    unverified_cap = plain(models.PositiveSmallIntegerField(_("未验证占位上限")))
    seats_taken = plain(models.IntegerField(_("已约"), default=0, editable=False))
    unverified_taken = plain(models.IntegerField(default=0, editable=False))
    state = plain(
        models.CharField(_("状态"), max_length=10, choices=SessionState.labelled, default=SessionState.DRAFT)
    )
    changed_at = plain(models.DateTimeField(_("最近更新"), auto_now=True))

    objects: ClassVar[models.Manager[ClassSession]] = ClassSessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("课次")
        ordering = ("starts_at", "pk")
        indexes = [
            models.Index(fields=["campus", "starts_at", "id"], name="session_campus"),
            models.Index(
                fields=["starts_at", "id"],
                name="session_ahead",
                condition=Q(state__in=["open", "closed", "started"]),
            ),
            models.Index(
                fields=["starts_at", "id"], name="session_open", condition=Q(open_until__isnull=False)
            ),
            models.Index(
                fields=["campus", "starts_at", "id"],
                name="session_open_campus",
                condition=Q(open_until__isnull=False),
            ),
            models.Index(fields=["campus", "local_date"], name="session_day"),
            models.Index(fields=["local_date"], name="session_day_anywhere"),
        ]
        constraints = [
            models.CheckConstraint(
                name="no_overbooking",
                condition=Q(seats_taken__gte=0, seats_taken__lte=F("capacity") + F("overbook_allowance")),
            ),
            models.CheckConstraint(
                name="holds_cannot_starve",
                condition=Q(unverified_taken__gte=0, unverified_taken__lte=F("unverified_cap")),
            ),
            models.CheckConstraint(name="times_ordered", condition=Q(starts_at__lt=F("ends_at"))),
            models.CheckConstraint(
                name="booking_closes_in_time", condition=Q(booking_closes_at__lte=F("starts_at"))
            ),
            models.CheckConstraint(
                name="nobody_left_in_a_called_off_class",
                condition=~Q(state=SessionState.CANCELLED) | Q(seats_taken=0),
            ),
            models.CheckConstraint(name="session_state_known", condition=Q(state__in=SessionState.values)),
            ExclusionConstraint(
                name="one_class_a_room",
                expressions=[_the_same("room_id", "int8range"), _OVER_THE_TIME],
                condition=~Q(state="cancelled"),
            ),
            ExclusionConstraint(
                name="one_class_a_teacher",
                expressions=[_the_same("teacher_id", "uuid_range"), _OVER_THE_TIME],
                condition=~Q(state="cancelled") & Q(teacher__isnull=False),
            ),
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")  # called off, never deleted

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = vars(self)  # without columns that were not read: asking for one would be a query
        if given.get("unverified_cap", 0) is None and given.get("capacity") is not None:
            self.cap_unverified()

    def __str__(self) -> str:
        return self.public_id

    def cap_unverified(self) -> None:
        """Numbers not yet proved may hold half of the seats, and those they hold now."""
        self.unverified_cap = max(-(-self.capacity // 2), self.unverified_taken)

    @property
    def seats_left(self) -> int:
        """Free seats as of when this row was read."""
        return max(self.capacity + self.overbook_allowance - self.seats_taken, 0)

    def takes_bookings(self, at: datetime) -> bool:
        """Whether it is open for bookings at ``at``, seats or none, as of when this row was read.

        No class of a closed campus or city is. Rows of `in_order` have both at hand.
        """
        opened = self.booking_opens_at is None or self.booking_opens_at <= at
        in_time = at < self.booking_closes_at and at < self.starts_at
        open_ = self.state == SessionState.OPEN and opened and in_time
        return open_ and self.campus.active and self.campus.city.active

    def is_bookable(self, at: datetime) -> bool:
        """Whether a seat could be had at ``at``, as of when this row was read."""
        return self.takes_bookings(at) and self.seats_left > 0
