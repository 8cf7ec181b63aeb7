"""Classes in the back office: planned, opened, paused, called off. The database alone counts their seats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from courses.scoped_admin import CampusFilter, CityOfCampusFilter, Law, LawfulForm, ScopedModelAdmin
from enrollment.enums import SESSION_TRANSITIONS, SessionState
from enrollment.models import ClassSession
from enrollment.policies import BOOKING_CLOSES
from enrollment.services.seats import lock_class

_NEAR = timedelta(days=366)  # further away a date is a slip of the hand
_TIMES = frozenset({"starts_at", "ends_at", "booking_opens_at", "booking_closes_at"})
# What may be left empty, and what it is then.
_FOLLOWS = {
    "ends_at": _("留空：按课程的时长"),
    "booking_closes_at": format_lazy(_("留空：上课前 {} 分钟"), int(BOOKING_CLOSES.total_seconds() // 60)),
    "capacity": _("留空：按教室的座位数"),
}
# These follow the clock.
_BY_ITSELF = frozenset({SessionState.STARTED, SessionState.FINISHED})
# What a family was told when it booked.
_PROMISED = frozenset({"course", "starts_at", "ends_at"})


class DayFilter(admin.SimpleListFilter):
    """By the day of the class in Asia/Shanghai."""

    title = _("上课日")
    parameter_name = "day"
    path = "local_date"
    unasked: ClassVar[Any] = None
    """What the list says of itself when no day is asked for; None for all days."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        days = [("today", _("今天")), ("tomorrow", _("明天")), ("week", _("七天内")), ("past", _("以前"))]
        return [*days, ("all", _("全部"))] if self.unasked else days

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [{**first, "display": self.unasked or first["display"]}, *rest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        spans = {
            "today": (today, today),
            "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
            "week": (today, today + timedelta(days=6)),
            "past": (None, today - timedelta(days=1)),
            None: (today if self.unasked else None, None),
        }
        first, last = spans.get(self.value(), (None, None))
        if first:
            queryset = queryset.filter(**{f"{self.path}__gte": first})
        return queryset.filter(**{f"{self.path}__lte": last}) if last else queryset


class ComingFilter(DayFilter):
    """As `DayFilter`; from today on unless another day is asked for."""

    unasked = _("今天起")


class ClassForm(LawfulForm):
    """A class. What follows from course and room may be left empty; what families were told stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _FOLLOWS.keys() & self.fields.keys():
            self.fields[name].required = False
            self.fields[name].help_text = _FOLLOWS[name]
        if "state" in self.fields:
            state = SessionState(self.instance.state)
            follow = [one for one in SessionState if one in SESSION_TRANSITIONS[state] - _BY_ITSELF]
            self.fields["state"].choices = [(one.value, one.label) for one in (state, *follow)]  # type: ignore[attr-defined]
        if not self.instance._state.adding:  # a class stays at its campus
            for name in {"room", "teacher"} & set(self.fields):
                rows: Any = self.fields[name]
                rows.queryset = rows.queryset.filter(campus_id=self.instance.campus_id)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        self._check_times(cleaned)
        if not self.errors:
            self._fill(cleaned)
            self._check_seats(cleaned)
            self._check_families(cleaned)
        return cleaned

    def _fill(self, cleaned: dict[str, Any]) -> None:
        starts_at, room = cleaned["starts_at"], cleaned["room"]
        self.instance.campus = room.campus
        cleaned["ends_at"] = cleaned["ends_at"] or starts_at + timedelta(minutes=cleaned["course"].minutes)
        cleaned["booking_closes_at"] = cleaned["booking_closes_at"] or starts_at - BOOKING_CLOSES
        if cleaned["capacity"] is None:
            cleaned["capacity"] = room.seats

    def _check_times(self, cleaned: dict[str, Any]) -> None:
        """Before anything is reckoned from them: at the ends of the calendar that overflows."""
        now = timezone.now()
        for name in _TIMES & set(self.changed_data):
            if cleaned.get(name) and abs(cleaned[name] - now) > _NEAR:
                self.add_error(name, _("离现在一年多了，年份可能填错了。"))
        starts_at = cleaned.get("starts_at")
        if self.instance._state.adding and starts_at and starts_at <= now and "starts_at" not in self.errors:
            self.add_error("starts_at", _("这个时间已经过了。"))

    def _check_seats(self, cleaned: dict[str, Any]) -> None:
        seats = cleaned["room"].seats
        if cleaned["capacity"] + cleaned["overbook_allowance"] > seats:
            self.add_error("capacity", _("这间教室只有 %s 个座位。") % seats)

    def _check_families(self, cleaned: dict[str, Any]) -> None:
        taken = self.instance.seats_taken
        if not taken:
            return
        if _PROMISED & set(self.changed_data):
            self.add_error(
                None, _("已经约出去 %s 个座位，课程和时间不能改。可以先暂停预约，再另开一节。") % taken
            )
        if cleaned["state"] == SessionState.CANCELLED:
            self.add_error("state", _("还有 %s 个座位约出去了。先和家长改约或取消，再取消这节课。") % taken)


@admin.register(ClassSession)
class ClassSessionAdmin(ScopedModelAdmin):
    """Classes by the clock. A class that began, ended or was called off is only looked at."""

    form = ClassForm
    list_display = ("starts", "campus", "course", "room_name", "teacher", "seats", "state")
    list_filter = (ComingFilter, "state", CityOfCampusFilter, CampusFilter, "course")
    list_select_related = ("campus", "course", "room", "teacher")
    search_fields = ("campus__name", "course__name")
    ordering = ("starts_at", "pk")
    fields = (
        *("course", "room", "teacher", "starts_at", "ends_at", "capacity", "overbook_allowance"),
        *("booking_opens_at", "booking_closes_at", "state", "seats", "changed_at"),
    )
    readonly_fields = ("seats", "changed_at")
    laws = {
        "no_overbooking": Law(_("已经约出去的座位比这多，不能再减。"), "capacity"),
        "holds_cannot_starve": Law(_("有座位正留给还在验证号码的家长，过几分钟再减。"), "capacity"),
        "times_ordered": Law(_("下课要晚于上课。"), "ends_at"),
        "booking_closes_in_time": Law(_("停止接受预约不能晚于上课。"), "booking_closes_at"),
        "one_class_a_room": Law(_("这间教室在这段时间已经有课，请换教室或时间。"), "room"),
        "one_class_a_teacher": Law(_("这位老师在这段时间已经有课，请换老师或时间。"), "teacher"),
        "a_class_in_its_own_rooms": Law(_("老师和教室不在同一个校区。"), "teacher"),
        "enrollment_classsession_state_steps": Law(_("这节课的状态刚刚变了，请再看一眼。"), "state"),
    }

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else [name for name in self.fields if name not in self.readonly_fields]

    @admin.display(description=_("上课"), ordering="starts_at")
    def starts(self, session: ClassSession) -> str:
        return f"{timezone.localtime(session.starts_at):%Y-%m-%d %H:%M}"

    @admin.display(description=_("教室"))
    def room_name(self, session: ClassSession) -> str:
        return str(session.room.name)

    @admin.display(description=_("已约 / 座位"))
    def seats(self, session: ClassSession) -> str:
        return f"{session.seats_taken} / {(session.capacity or 0) + session.overbook_allowance}"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        # Who changes a class looks at its seats while nobody can take one.
        return lock_class(found.pk) if request.method == "POST" else found

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        over = isinstance(obj, ClassSession) and not SESSION_TRANSITIONS[SessionState(obj.state)]
        return super().has_change_permission(request, obj) and not over

    def save_model(self, request: HttpRequest, obj: ClassSession, form: Any, change: bool) -> None:
        """Writes what the form holds, and never the counters."""
        if "capacity" in form.changed_data or not change:
            obj.cap_unverified()
        if change:
            obj.save(update_fields=[*form.cleaned_data, "unverified_cap", "changed_at"])
        else:
            obj.save()
