"""Links in messages: 192 random bits, stored hashed, one booking, an end."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from enrollment.models import ManageLink, TrialBooking

LIFETIME_WITHOUT_CLASS = timedelta(days=30)  # a request has no class yet after which the link could end
_AFTER_THE_CLASS = timedelta(days=1)


def make_link(*, booking: TrialBooking) -> str:
    """A new link to ``booking``, whole, to be put in a message and never stored in clear."""
    token = secrets.token_urlsafe(24)
    ends = (
        booking.session.ends_at + _AFTER_THE_CLASS
        if booking.session
        else timezone.now() + LIFETIME_WITHOUT_CLASS
    )
    ManageLink.objects.create(token_hash=_hash(token), booking=booking, expires_at=ends)
    return settings.PUBLIC_URL + reverse("enrollment:link", args=[token])


def find_link(*, token: str) -> ManageLink | None:
    """The living link that ``token`` names, or None."""
    links = ManageLink.objects.alive(timezone.now()).select_related("booking")
    return links.filter(token_hash=_hash(token)).first()


def opens(*, links: Iterable[str], booking: TrialBooking) -> bool:
    """Whether one of ``links`` (their ids, from a session) still opens ``booking``."""
    return ManageLink.objects.alive(timezone.now()).filter(pk__in=list(links), booking=booking).exists()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
