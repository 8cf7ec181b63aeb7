"""Bookings in the back office: to look at and to call back. Their steps are taken by services alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.services.guardians import masked_phone_of, masked_phones_of
from courses.policies import CampusScope
from courses.scoped_admin import CampusFilter, CityFilter, ScopedModelAdmin
from enrollment import (  # they register pages of their own
    class_admin,
    feed_admin,  # noqa: F401  registers itself
    proof_admin,  # noqa: F401  registers itself
    waiting_admin,  # noqa: F401  registers itself
)
from enrollment.desk import WORKS_WITH_BOOKINGS, staff_in
from enrollment.enums import BookingState, RevealReason
from enrollment.models import TrialBooking, TrialBookingQuerySet
from enrollment.services.numbers import reveal_number
from kit.phone import spoken
from privacy.audit.model_admin import ReadOnlyAdmin


class RevealForm(forms.Form):
    """Why the whole number is needed."""

    reason = forms.ChoiceField(label=_("为什么要看"), choices=RevealReason.choices, widget=forms.RadioSelect)


class BookingDayFilter(class_admin.DayFilter):
    """By the day of the booking's class."""

    path = "session__local_date"


class BookingList(ChangeList):
    """A page of bookings with the numbers of its families, read together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        numbers = masked_phones_of(row.guardian_id for row in rows)
        for row in rows:
            row.masked_number = numbers.get(row.guardian_id, "")
        self.result_list = rows


@admin.register(TrialBooking)
class TrialBookingAdmin(ReadOnlyAdmin, ScopedModelAdmin):
    """The newest first, numbers masked; a whole one by itself, with a reason, on record."""

    list_display = ("reference", "state", "masked", "when", "place", "course", "created_at")
    list_filter = ("state", BookingDayFilter, CityFilter, CampusFilter)
    list_select_related = ("city", "campus", "course", "session")
    search_fields = ("reference__exact",)
    search_help_text = _("预约号，例如 K7-305214")
    ordering = ("-created_at", "-pk")
    fields = (
        *("reference", "state", "city", "campus", "course", "when", "number"),
        *("channel", "source", "created_at", "verified_at", "closed_at", "lapsed_at"),
    )
    readonly_fields = fields

    def within(self, rows: Any, scope: CampusScope) -> QuerySet[Any]:
        """A campus also calls those who asked for its city and named no campus."""
        bookings: TrialBookingQuerySet = rows
        return bookings.within(scope.campus_ids, scope.city_ids)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BookingList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By reference, whose letter may be typed small: the index knows capitals."""
        return super().get_search_results(request, queryset, search_term.upper())

    @admin.display(description=_("上课"), ordering="session__starts_at")
    def when(self, booking: TrialBooking) -> str:
        return f"{timezone.localtime(booking.session.starts_at):%Y-%m-%d %H:%M}" if booking.session else "—"

    @admin.display(description=_("校区"))
    def place(self, booking: TrialBooking) -> str:
        return str(booking.campus or _("%s，还没定校区") % booking.city)

    @admin.display(description=_("手机号"))
    def masked(self, booking: Any) -> str:
        return booking.masked_number or _without_number(booking)

    @admin.display(description=_("手机号"))
    def number(self, booking: TrialBooking) -> str:
        """Enough to recognise a caller by, and the way to the rest."""
        masked = masked_phone_of(booking.guardian_id) if booking.guardian_id else ""
        if not masked:
            return _without_number(booking)
        page = reverse("admin:enrollment_trialbooking_number", args=[booking.pk])
        return format_html('{} <a href="{}">{}</a>', masked, page, _("看完整号码"))

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(never_cache(self.number_page))
        own = [path("<uuid:pk>/number/", page, name="enrollment_trialbooking_number")]
        return [*own, *super().get_urls()]

    def number_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """GET asks for the reason, POST records it and shows the number once: to those who call families."""
        if not request.user.has_perm(WORKS_WITH_BOOKINGS):
            raise PermissionDenied
        booking = self.get_object(request, str(pk))
        if booking.guardian_id is None:
            raise Http404
        form = RevealForm(request.POST or None)
        phone = None
        if request.method == "POST" and form.is_valid():
            reason = RevealReason(form.cleaned_data["reason"])
            phone = reveal_number(booking=booking, reason=reason, by=staff_in(request))
        context = {
            **self.admin_site.each_context(request),
            "title": _("完整号码"),
            "booking": booking,
            "form": form,
            "phone": spoken(phone) if phone else None,
        }
        return render(request, "admin/enrollment/trialbooking/number.html", context)


def _without_number(booking: TrialBooking) -> str:
    """Why there is no number to show: it is being proved, or it is gone."""
    return str(_("号码验证中")) if booking.guardian_id is None and booking.state == BookingState.HELD else "—"
