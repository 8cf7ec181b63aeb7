"""The staff in the back office: accounts, which superusers alone handle, and who works for which campus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.enums import UserKind
from accounts.models import User
from courses.models import CampusMembership
from courses.scoped_admin import CampusFilter, CityOfCampusFilter, Law, LawfulForm, ScopedModelAdmin
from privacy.audit.services import DetailValue


@admin.register(User)
class StaffAdmin(UserAdmin, ScopedModelAdmin):  # type: ignore[misc,type-arg]  # as Django's own
    """Staff who log in by name. Whoever gives roles could give themselves any, so nobody else comes in."""

    campus_path = "campus_memberships__campus"
    form = LawfulForm  # the password has a page of its own
    list_display = ("username", "is_active", "roles", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username",)
    ordering = ("username",)
    fieldsets = ((None, {"fields": ("username", "is_active", "groups", "last_login")}),)
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        staff = super().get_queryset(request).filter(kind=UserKind.STAFF)
        return staff.prefetch_related("groups").distinct()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.kind, obj.is_staff = UserKind.STAFF, True
        super().save_model(request, obj, form, change)

    @admin.display(description=_("角色"))
    def roles(self, user: User) -> str:
        return "、".join(sorted(group.name for group in user.groups.all()))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)


@admin.register(CampusMembership)
class CampusMembershipAdmin(ScopedModelAdmin):
    """Who works for which campus, and so reaches its rows. Given and taken back, never changed."""

    deletable = True
    list_display = ("user", "campus")
    list_filter = (CityOfCampusFilter, CampusFilter)
    list_select_related = ("user", "campus")
    search_fields = ("user__username", "campus__name")
    ordering = ("campus__city__position", "campus__name", "user__username")
    laws = {"one_membership_a_campus": Law(_("这位员工已经在这个校区。"), "campus")}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def detail_of(self, obj: Any) -> Mapping[str, DetailValue]:
        """Which campus: the deed names the member of staff besides."""
        return {"campus": obj.campus_id}
