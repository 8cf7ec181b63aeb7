"""Links in messages: 192 random bits, stored hashed, one booking and what it is moved to, an end."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from enrollment.models import ClassSession, ManageLink, TrialBooking
from enrollment.services.succession import newest

LIFETIME_WITHOUT_CLASS = timedelta(days=30)  # a request has no class yet after which the link could end
_AFTER_THE_CLASS = timedelta(days=1)


def make_link(*, booking: TrialBooking) -> str:
    """A new link to ``booking``, whole, to be put in a message and never stored in clear."""
    token = secrets.token_urlsafe(24)
    ManageLink.objects.create(token_hash=_hash(token), booking=booking, expires_at=_end(booking))
    return settings.PUBLIC_URL + reverse("enrollment:link", args=[token])


def find_link(*, token: str) -> ManageLink | None:
    """The living link that ``token`` names, or None."""
    links = ManageLink.objects.alive(timezone.now()).select_related("booking")
    return links.filter(token_hash=_hash(token)).first()


def opens(*, links: Iterable[str], booking: TrialBooking) -> bool:
    """Whether one of ``links`` (their ids, from a session) still opens ``booking``.

    A booking that was moved is opened by the links of the one it was moved to.
    """
    alive = ManageLink.objects.alive(timezone.now()).filter(pk__in=list(links))
    return alive.filter(booking=newest(booking)).exists()


def hand_on_links(*, booking: TrialBooking, to: TrialBooking) -> None:
    """Let the links of a booking that was moved lead to its successor, and live as long as that is of use."""
    ManageLink.objects.filter(booking=booking).update(booking=to, expires_at=_end(to))


def follow_class(*, session: ClassSession) -> None:
    """Let the links to seats in a class that was moved in time live until a day after it."""
    ends: datetime = session.ends_at + _AFTER_THE_CLASS
    ManageLink.objects.filter(booking__in=session.bookings.all()).update(expires_at=ends)


def _end(booking: TrialBooking) -> datetime:
    if booking.session is None:
        return timezone.now() + LIFETIME_WITHOUT_CLASS
    ends: datetime = booking.session.ends_at + _AFTER_THE_CLASS
    return ends


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
