"""The catalogue in the back office: what is offered, where, and by whom."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from courses import staff_admin  # noqa: F401  registers the staff
from courses.models import Campus, City, Course, Programme, Room, SellingPoint, Teacher
from courses.policies import CampusScope
from courses.scoped_admin import (
    CampusFilter,
    CityFilter,
    CityOfCampusFilter,
    Law,
    LawfulAdmin,
    ScopedModelAdmin,
)


class SellingPointInline(admin.TabularInline):  # type: ignore[type-arg]  # takes none at run time
    """What speaks for a programme, in order."""

    model = SellingPoint
    extra = 0


class _Offered(LawfulAdmin):
    """What has a page of its own keeps its address."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("slug", "changed_at") if obj else ("changed_at",)

    def view_on_site(self, obj: Any) -> str:
        """The parents' page itself; Django's way there would open any row's to any member of staff."""
        return str(obj.get_absolute_url())


@admin.register(Programme)
class ProgrammeAdmin(_Offered):
    """The lines of courses, with what speaks for each."""

    list_display = ("name", "motto", "position", "active", "changed_at")
    ordering = ("position",)
    inlines = (SellingPointInline,)
    laws = {"one_point_a_position": Law(_("两条特色排在同一个位置，请改其中一条的顺序。"))}


@admin.register(Course)
class CourseAdmin(LawfulAdmin):
    """The courses of each line."""

    list_display = ("name", "programme", "ages", "minutes", "active", "changed_at")
    list_filter = ("programme", "active")
    list_select_related = ("programme",)
    search_fields = ("name", "slug")
    ordering = ("programme__position", "position")
    laws = {
        "course_ages_ordered": Law(_("最大月龄要不小于最小月龄。"), "age_max_months"),
        "course_takes_time": Law(_("时长要大于 0。"), "minutes"),
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("slug", "changed_at") if obj else ("changed_at",)

    @admin.display(description=_("月龄"))
    def ages(self, course: Course) -> str:
        return f"{course.age_min_months}–{course.age_max_months}"


@admin.register(City)
class CityAdmin(ScopedModelAdmin):
    """The list itself is a file of the product; here a city is closed to booking and opened again."""

    list_display = ("name", "province", "common", "active")
    list_filter = ("active", "common")
    search_fields = ("name", "pinyin", "abbreviation")
    ordering = ("position",)
    fields = ("name", "province", "within_city", "pinyin", "common", "active")
    readonly_fields = ("name", "province", "within_city", "pinyin")

    def within(self, rows: QuerySet[Any], scope: CampusScope) -> QuerySet[Any]:
        return rows if scope.is_everything else rows.filter(pk__in=scope.city_ids)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("所属地级市"))
    def within_city(self, city: City) -> str:
        return city.within


@admin.register(Campus)
class CampusAdmin(ScopedModelAdmin, _Offered):
    """Campuses: where they are and when they are open."""

    campus_path = "pk"
    list_display = ("name", "city", "district", "phone", "opens_at", "closes_at", "active", "changed_at")
    list_filter = (CityFilter, "active")
    list_select_related = ("city",)
    search_fields = ("name", "slug", "address")
    ordering = ("city__position", "name")
    laws = {
        "campus_hours_ordered": Law(_("关门要晚于开门。"), "closes_at"),
        "campus_rests_on_a_weekday": Law(_("休息日填 0 到 6，0 是星期一。"), "rest_day"),
    }


@admin.register(Room)
class RoomAdmin(ScopedModelAdmin):
    """Rooms and how many places they have."""

    list_display = ("name", "campus", "seats", "active")
    list_filter = (CityOfCampusFilter, CampusFilter, "active")
    list_select_related = ("campus",)
    search_fields = ("name", "campus__name")
    ordering = ("campus__city__position", "campus__name", "name")
    laws = {"one_room_a_name": Law(_("这个校区已经有一间同名的教室，请换个名字。"), "name")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("campus")


@admin.register(Teacher)
class TeacherAdmin(ScopedModelAdmin):
    """Teachers under the names children call them by."""

    list_display = ("stage_name", "campus", "active")
    list_filter = (CityOfCampusFilter, CampusFilter, "active")
    list_select_related = ("campus",)
    search_fields = ("stage_name", "campus__name")
    ordering = ("campus__city__position", "campus__name", "stage_name")
    laws = {"one_teacher_a_name": Law(_("这个校区已经有一位老师叫这个艺名，请换一个。"), "stage_name")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("campus")
