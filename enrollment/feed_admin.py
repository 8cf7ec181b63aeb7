"""Teachers' calendars and the changes of classes in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from courses.scoped_admin import LawfulForm, ScopedModelAdmin
from enrollment.desk import staff_in
from enrollment.models import ClassChange, TeacherFeed
from enrollment.services.class_history import tell_changes, what_changed
from enrollment.services.feeds import make_feed
from privacy.audit.model_admin import ReadOnlyAdmin


class FeedForm(LawfulForm):
    """Whose calendar gets an address; one that had an address before gets another."""

    class Meta:
        model = TeacherFeed
        fields = ("teacher",)
        help_texts = {"teacher": _("原来已经有地址的，旧地址马上失效。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teachers: Any = self.fields.get("teacher")
        if teachers is None:  # a feed that is only looked at
            return
        teachers.queryset = teachers.queryset.filter(active=True)
        teachers.label_from_instance = lambda one: f"{one.campus} {one.stage_name}"

    def validate_unique(self) -> None:
        """The new one takes the place of the old."""


@admin.register(TeacherFeed)
class TeacherFeedAdmin(ScopedModelAdmin):
    """Addresses of teachers' calendars: given anew, shown once, taken back by deleting them."""

    campus_path = "teacher__campus"
    deletable = True
    form = FeedForm
    list_display = ("teacher", "campus", "created_at")
    list_select_related = ("teacher__campus",)
    search_fields = ("teacher__stage_name",)
    ordering = ("-created_at",)

    @admin.display(description=_("校区"))
    def campus(self, feed: TeacherFeed) -> str:
        return str(feed.teacher.campus)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: TeacherFeed, form: Any, change: bool) -> None:
        feed, address = make_feed(teacher=obj.teacher, by=staff_in(request))
        obj.pk = feed.pk
        request.feed_address = address  # type: ignore[attr-defined]  # our own attribute, for `response_add`

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has recorded it."""

    def response_add(
        self, request: HttpRequest, obj: TeacherFeed, post_url_continue: Any = None
    ) -> HttpResponse:
        """The address, for this once."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("老师的日历地址"),
            "teacher": obj.teacher,
            "address": request.feed_address,  # type: ignore[attr-defined]  # ours, from saving to answering
        }
        return render(request, "admin/enrollment/teacherfeed/address.html", context)


@admin.register(ClassChange)
class ClassChangeAdmin(ReadOnlyAdmin, ScopedModelAdmin):
    """What staff changed of classes, and why; the newest first."""

    campus_path = "session__campus"
    list_display = ("at", "session_at", "reason", "what", "campus", "who")
    list_filter = ("reason",)
    list_select_related = ("session__campus", "session__course", "by")
    ordering = ("-at", "-pk")
    fields = ("at", "session_at", "campus", "reason", "who", "details")
    readonly_fields = fields

    @admin.display(description=_("课次"))
    def session_at(self, change: ClassChange) -> str:
        return f"{timezone.localtime(change.session.starts_at):%Y-%m-%d %H:%M} {change.session.course.name}"

    @admin.display(description=_("校区"))
    def campus(self, change: ClassChange) -> str:
        return str(change.session.campus)

    @admin.display(description=_("改了什么"))
    def what(self, change: ClassChange) -> str:
        return "、".join(what_changed(change))

    @admin.display(description=_("操作人"))
    def who(self, change: ClassChange) -> str:
        return change.by.username or "" if change.by else "—"

    @admin.display(description=_("改了什么"))
    def details(self, change: ClassChange) -> str:
        (line,) = tell_changes([change])
        return format_html_join("；", "{} {} → {}", line.items)
