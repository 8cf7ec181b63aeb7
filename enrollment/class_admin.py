"""Classes in the back office: planned, opened, paused, called off. The database alone counts their seats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from courses.scoped_admin import CampusFilter, CityOfCampusFilter, Law, ScopedModelAdmin
from enrollment.class_form import TERMS, CallOffForm, ClassForm
from enrollment.desk import staff_in
from enrollment.enums import SESSION_TRANSITIONS, ChangeReason, SessionState
from enrollment.exceptions import Busy, ClassFixed, ClassRefused
from enrollment.models import ClassSession
from enrollment.services.class_changes import (
    STILL_TO_COME,
    call_off,
    change_class,
    changes_of,
    families_of,
    set_seats,
    set_state,
    waiting_in,
)
from enrollment.services.class_history import tell_changes
from enrollment.services.seats import lock_class
from kit.see_other import SeeOther

# Of what is left, each has a service of its own.
_SEATS = frozenset({"capacity", "overbook_allowance"})


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
        *(
            "booking_opens_at",
            "booking_closes_at",
            "state",
            "reason",
            "seen",
            "seats",
            "waiting",
            "changed_at",
        ),
    )
    readonly_fields = ("seats", "waiting", "changed_at")
    asked = ("reason", "seen")
    """What the form asks besides the columns, of a class that may be changed."""
    laws = {
        "no_overbooking": Law(_("已经约出去的座位比这多，不能再减。"), "capacity"),
        "holds_cannot_starve": Law(_("有座位正留给还在验证号码的家长，过几分钟再减。"), "capacity"),
        "times_ordered": Law(_("下课要晚于上课。"), "ends_at"),
        "booking_closes_in_time": Law(_("停止接受预约不能晚于上课。"), "booking_closes_at"),
        "one_class_a_room": Law(_("这间教室在这段时间已经有课，请换教室或时间。"), "room"),
        "one_class_a_teacher": Law(_("这位老师在这段时间已经有课，请换老师或时间。"), "teacher"),
        "a_class_in_its_own_rooms": Law(_("老师和教室不在同一个校区。"), "teacher"),
        "nobody_left_in_a_called_off_class": Law(_("刚刚还有家庭约了这节课，请再看一眼。"), "state"),
        "class_to_come": Law(_("这个时间已经过了。"), "starts_at"),
        "enrollment_classsession_state_steps": Law(_("这节课的状态刚刚变了，请再看一眼。"), "state"),
    }

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return [name for name in self.fields if name not in (*self.readonly_fields, *self.asked)]
        may = self.has_change_permission(request, obj)
        return [name for name in self.fields if may or name not in self.asked]

    @admin.display(description=_("上课"), ordering="starts_at")
    def starts(self, session: ClassSession) -> str:
        return f"{timezone.localtime(session.starts_at):%Y-%m-%d %H:%M}"

    @admin.display(description=_("教室"))
    def room_name(self, session: ClassSession) -> str:
        return str(session.room.name)

    @admin.display(description=_("已约 / 座位"))
    def seats(self, session: ClassSession) -> str:
        more = f" + {session.overbook_allowance}" if session.overbook_allowance else ""
        return f"{session.seats_taken} / {session.capacity or 0}{more}"

    @admin.display(description=_("候补"))
    def waiting(self, session: ClassSession) -> str:
        return str(waiting_in([session.pk]).get(session.pk, 0))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        # Who changes a class looks at its seats while nobody can take one.
        return lock_class(found.pk) if request.method == "POST" else found

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        over = isinstance(obj, ClassSession) and not SESSION_TRANSITIONS[SessionState(obj.state)]
        return super().has_change_permission(request, obj) and not over

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """What a service refuses is said as what the database refuses."""
        extra = {**(extra_context or {}), **self._history(request, object_id)}
        try:
            return super().changeform_view(request, object_id, form_url, extra)
        except (ClassRefused, ClassFixed, Busy) as refusal:
            request.refused = self._law(refusal)  # type: ignore[attr-defined]  # as `LawfulAdmin`
        return super().changeform_view(request, object_id, form_url, extra)

    def _history(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        session = admin.ModelAdmin.get_object(self, request, object_id) if object_id else None
        if session is None:
            return {}
        can = self.has_change_permission(request, session) and session.state in STILL_TO_COME
        return {"history": tell_changes(changes_of(session)), "can_call_off": can}

    def _law(self, refusal: ClassRefused | ClassFixed | Busy) -> Law:
        if isinstance(refusal, ClassRefused):
            return self.laws[refusal.law]
        if isinstance(refusal, ClassFixed):
            return Law(_("这节课已经开始、结束或取消，不能再改。"))
        return Law(_("这会儿约这节课的人多，还没有改成。请再点一次保存。"))

    def save_model(self, request: HttpRequest, obj: ClassSession, form: Any, change: bool) -> None:
        """Writes what the form holds by the service for it, and never the counters."""
        if not change:
            obj.cap_unverified()
            obj.save()
            return
        by, given, changed = staff_in(request), form.cleaned_data, set(form.changed_data)
        reason = ChangeReason(given["reason"] or ChangeReason.TIMETABLE)
        if "course" in changed:
            obj.save(update_fields=["course", "changed_at"])
        if TERMS & changed:
            new: Any = {name: given[name] for name in TERMS & changed}
            change_class(session=obj, by=by, reason=reason, **new)
        if _SEATS & changed:
            set_seats(session=obj, by=by, **{name: given[name] for name in _SEATS})
        if "state" in changed:
            set_state(session=obj, by=by, state=SessionState(given["state"]), reason=reason)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(never_cache(self.call_off_page))
        own = [path("<uuid:pk>/call-off/", page, name="enrollment_classsession_call_off")]
        return [*own, *super().get_urls()]

    def call_off_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """GET says who would hear of it and asks why, POST calls the class off."""
        session = admin.ModelAdmin.get_object(self, request, str(pk))
        if session is None:
            raise Http404
        if not self.has_change_permission(request, session):
            raise PermissionDenied
        form, refused = CallOffForm(request.POST or None), ""
        if request.method == "POST" and form.is_valid():
            try:
                self._call_off(request, session, form)
            except (ClassFixed, Busy) as refusal:
                refused = str(self._law(refusal).words)
            else:
                return SeeOther(reverse("admin:enrollment_classsession_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("取消课次"),
            "session": session,
            "form": form,
            "refused": refused,
            "families": families_of(session),
            "waiting": waiting_in([session.pk]).get(session.pk, 0),
        }
        page = "admin/enrollment/classsession/call_off.html"
        return render(request, page, context, status=409 if refused else 200)

    def _call_off(self, request: HttpRequest, session: ClassSession, form: CallOffForm) -> None:
        told = families_of(session)
        call_off(session=session, by=staff_in(request), reason=ChangeReason(form.cleaned_data["reason"]))
        self.message_user(
            request, _("这节课取消了，%s 个家庭会收到短信。") % told if told else _("这节课取消了。")
        )
