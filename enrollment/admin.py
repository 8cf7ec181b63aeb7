"""Bookings in the back office: to look at. Their steps are taken by services alone."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.services.guardians import phone_of
from enrollment.models import TrialBooking
from kit.phone import mask
from privacy.audit.model_admin import ReadOnlyAdmin


@admin.register(TrialBooking)
class TrialBookingAdmin(ReadOnlyAdmin):
    """The newest first, numbers masked."""

    list_display = ("reference", "city", "state", "created_at")
    list_filter = ("state", ("city", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("city",)
    search_fields = ("reference",)
    ordering = ("-created_at",)
    fields = ("reference", "city", "state", "channel", "created_at", "closed_at", "phone_masked")
    readonly_fields = fields

    @admin.display(description=_("手机号"))
    def phone_masked(self, booking: TrialBooking) -> str:
        """Enough to recognise a caller by."""
        phone = phone_of(booking.guardian_id)
        return mask(phone) if phone else "—"
