"""Who may open a booking: its guardian, or a browser that came by its link."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import Http404, HttpRequest

from accounts.browser import guardian_in
from accounts.services.children import names_of
from accounts.services.guardians import guardian_actor
from enrollment.models import ManageLink, TrialBooking
from enrollment.services.links import opens
from privacy.actors import ANONYMOUS, Actor

_LINKS = "links"
_LINKS_KEPT = 5


def booking_for(request: HttpRequest, public_id: str) -> TrialBooking:
    """The booking of that name, if this browser may open it; Http404 otherwise, there or not."""
    booking = TrialBooking.objects.with_places().filter(public_id=public_id).first()
    if booking is None:
        raise Http404
    guardian = guardian_in(request)
    if guardian is not None and guardian.pk == booking.guardian_id:
        return booking
    links = request.session.get(_LINKS, [])
    if links and opens(links=links, booking=booking):
        return booking
    raise Http404


def own_children(request: HttpRequest, bookings: Iterable[TrialBooking]) -> dict[UUID, str]:
    """The children the bookings are for, by their random names: those of the guardian who asks.

    Whoever came by a link is shown none. Nothing of a child is opened for this.
    """
    guardian = guardian_in(request)
    meant = {booking.child_id for booking in bookings} - {None}
    names = names_of(guardian=guardian) if guardian and meant else {}
    return {child_id: name for child_id, name in names.items() if child_id in meant}


def keep_link(request: HttpRequest, link: ManageLink) -> None:
    """Let this browser open the link's booking for as long as the link lives."""
    links = [known for known in request.session.get(_LINKS, []) if known != str(link.pk)]
    request.session[_LINKS] = [*links, str(link.pk)][-_LINKS_KEPT:]


def actor_in(request: HttpRequest) -> Actor:
    """Who acts: the guardian signed in, or somebody who holds a link and has proved nothing more."""
    guardian = guardian_in(request)
    return guardian_actor(guardian) if guardian else ANONYMOUS
