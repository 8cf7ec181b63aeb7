"""The guardian's own pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.browser import guardian_in
from accounts.services.guardians import masked_phone_of
from enrollment.models import TrialBooking
from enrollment.presenters import summary


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """My bookings, the newest first."""
    guardian = guardian_in(request)
    if guardian is None:
        return redirect("/account/login/?next=/account/")
    context = {
        "phone_masked": masked_phone_of(guardian.pk),
        "bookings": [
            summary(booking) for booking in TrialBooking.objects.of(guardian.pk).newest_first()[:50]
        ],
    }
    return render(request, "website/account.html", context)
