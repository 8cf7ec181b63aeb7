"""The desk of a campus: who may work with bookings there, and which bookings are theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from courses.policies import campus_scope
from enrollment.models import TrialBooking
from privacy.actors import Actor

WORKS_WITH_BOOKINGS = "enrollment.change_trialbooking"

P = ParamSpec("P")


def for_the_desk(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for staff who work with bookings. Other staff may not see it; anybody else comes by the door."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not (user.is_active and user.is_staff):
            return redirect_to_login(reverse("desk:today"), reverse("admin:login"))
        if not user.has_perm(WORKS_WITH_BOOKINGS):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def booking_at_the_desk(request: HttpRequest, public_id: str) -> TrialBooking:
    """The booking of that name, if it is of the campuses of whoever asks; Http404 otherwise, there or not."""
    scope = campus_scope(request.user)
    rows = TrialBooking.objects.within(scope.campus_ids, scope.city_ids).with_places()
    booking = rows.filter(public_id=public_id).first()
    if booking is None:
        raise Http404
    return booking


def staff_in(request: HttpRequest) -> Actor:
    """The member of staff who acts."""
    return Actor(kind="staff", id=UUID(str(request.user.pk)))
