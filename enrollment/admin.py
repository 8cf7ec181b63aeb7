"""Bookings in the back office: to look at and to call back. Their steps are taken by services alone."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.services.guardians import masked_phone_of
from enrollment.enums import RevealReason
from enrollment.models import TrialBooking
from enrollment.services.numbers import reveal_number
from kit.phone import spoken
from privacy.actors import Actor
from privacy.audit.model_admin import ReadOnlyAdmin


class RevealForm(forms.Form):
    """Why the whole number is needed."""

    reason = forms.ChoiceField(label=_("为什么要看"), choices=RevealReason.choices, widget=forms.RadioSelect)


@admin.register(TrialBooking)
class TrialBookingAdmin(ReadOnlyAdmin):
    """The newest first, numbers masked; a whole one by itself, with a reason, on record."""

    view_on_site = False  # the page is the parent's
    list_display = ("reference", "city", "state", "created_at")
    list_filter = ("state", ("city", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("city",)
    search_fields = ("reference",)
    ordering = ("-created_at",)
    fields = ("reference", "city", "state", "channel", "created_at", "closed_at", "number")
    readonly_fields = fields

    @admin.display(description=_("手机号"))
    def number(self, booking: TrialBooking) -> str:
        """Enough to recognise a caller by, and the way to the rest."""
        masked = masked_phone_of(booking.guardian_id)
        if not masked:
            return "—"
        page = reverse("admin:enrollment_trialbooking_number", args=[booking.pk])
        return format_html('{} <a href="{}">{}</a>', masked, page, _("看完整号码"))

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(never_cache(self.number_page))
        own = [path("<uuid:pk>/number/", page, name="enrollment_trialbooking_number")]
        return [*own, *super().get_urls()]

    def number_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """GET asks for the reason, POST records it and shows the number once."""
        booking = self.get_object(request, str(pk))
        if booking is None or not self.has_view_permission(request, booking):
            raise Http404
        form = RevealForm(request.POST or None)
        phone = None
        if request.method == "POST" and form.is_valid():
            by = Actor(kind="staff", id=UUID(str(request.user.pk)))
            reason = RevealReason(form.cleaned_data["reason"])
            phone = reveal_number(booking=booking, reason=reason, by=by)
        context = {
            **self.admin_site.each_context(request),
            "title": _("完整号码"),
            "booking": booking,
            "form": form,
            "phone": spoken(phone) if phone else None,
        }
        return render(request, "admin/enrollment/trialbooking/number.html", context)
