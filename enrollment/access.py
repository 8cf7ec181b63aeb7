"""Who may open a booking: its guardian, or a browser that came by its link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from accounts.browser import guardian_in
from accounts.services.children import id_of, names_of
from accounts.services.guardians import guardian_actor
from enrollment.models import ManageLink, TrialBooking, WaitlistEntry
from enrollment.services.links import opens
from enrollment.services.wishes import ChildWish
from kit.problem_json import Problem
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


def entry_for(request: HttpRequest, public_id: str) -> WaitlistEntry:
    """The guardian's own entry of that name on the waiting list; Http404 otherwise, there or not."""
    guardian = guardian_in(request)
    mine = WaitlistEntry.objects.of(guardian.pk) if guardian else WaitlistEntry.objects.none()
    entry = mine.named(public_id).first()
    if entry is None:
        raise Http404
    return entry


def own_children(request: HttpRequest, bookings: Iterable[TrialBooking]) -> dict[UUID, str]:
    """The children the bookings are for, by their random names: those of the guardian who asks.

    Whoever came by a link is shown none. Nothing of a child is opened for this.
    """
    guardian = guardian_in(request)
    meant = {booking.child_id for booking in bookings} - {None}
    names = names_of(guardian=guardian) if guardian and meant else {}
    return {child_id: name for child_id, name in names.items() if child_id in meant}


def own_parties(request: HttpRequest, bookings: Iterable[TrialBooking]) -> dict[UUID, list[str]]:
    """The names of bookings made together, by the party of siblings they are for; to the guardian alone."""
    guardian = guardian_in(request)
    meant = {booking.party_id for booking in bookings if booking.party_id}
    found: dict[UUID, list[str]] = {}
    if guardian is not None and meant:
        for booking in TrialBooking.objects.of(guardian.pk).of_parties(meant):
            if booking.party_id:
                found.setdefault(booking.party_id, []).append(booking.public_id)
    return found


def siblings_in(request: HttpRequest, booking: TrialBooking) -> list[TrialBooking]:
    """What was booked together with it, for its guardian alone: a link opens one booking."""
    guardian = guardian_in(request)
    if guardian is None or guardian.pk != booking.guardian_id or booking.party_id is None:
        return []
    party = TrialBooking.objects.of(guardian.pk).of_parties([booking.party_id]).with_places()
    return [one for one in party if one.pk != booking.pk]


def keep_link(request: HttpRequest, link: ManageLink) -> None:
    """Let this browser open the link's booking for as long as the link lives."""
    links = [known for known in request.session.get(_LINKS, []) if known != str(link.pk)]
    request.session[_LINKS] = [*links, str(link.pk)][-_LINKS_KEPT:]


def actor_in(request: HttpRequest) -> Actor:
    """Who acts: the guardian signed in, or somebody who holds a link and has proved nothing more."""
    guardian = guardian_in(request)
    return guardian_actor(guardian) if guardian else ANONYMOUS


def named_child(request: HttpRequest, given: Mapping[str, Any]) -> ChildWish:
    """The child an API's caller means. One on file is known to its guardian alone, who has to be signed in.

    Raises Problem and ChildUnknown.
    """
    if "id" not in given:
        return ChildWish(nickname=given["nickname"], birth_month=given["birth_month"])
    guardian = guardian_in(request)
    if guardian is None:
        raise Problem(401, "login_required")
    return ChildWish(id=id_of(guardian=guardian, public_id=given["id"]))
