"""The seats kept while a code is on its way, as a page shows them to the browser that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from accounts.browser import guardian_in, nonce, proof_in
from accounts.services.guardians import phone_of
from enrollment.models import ClassSession
from enrollment.services.holds import held_seats, kept_seats, kept_until
from kit.phone import PhoneInvalid, normalise


@dataclass(frozen=True)
class Kept:
    """What is kept for the number typed, or for the one proved here; never what others keep for it."""

    request: HttpRequest
    known: bool = False
    """The number has been proved in this browser."""
    seats: int = 0
    until: datetime | None = None
    classes: frozenset[object] = frozenset()

    @property
    def left(self) -> int:
        """Whole seconds until the seats are anybody's."""
        return max(0, int((self.until - timezone.now()).total_seconds())) if self.until else 0

    def keep(self, session: ClassSession) -> bool:
        """Whether one of the seats is in ``session``. Who is known is asked after only here."""
        if not self.known:
            return session.pk in self.classes
        guardian, proof = guardian_in(self.request), proof_in(self.request)
        phone = phone_of(guardian.pk) if guardian else proof and proof.phone
        return bool(phone) and kept_seats(phone=str(phone), session=session) > 0


def kept_here(request: HttpRequest, *, known: bool, number: object) -> Kept:
    """What this browser keeps for ``number``, typed in whatever spelling, unless it is ``known`` by now."""
    try:
        phone = "" if known or not nonce(request) else normalise(number)
    except PhoneInvalid:
        phone = ""
    if not phone:
        return Kept(request, known)
    rows = held_seats(phone=phone, browser=nonce(request))
    classes = frozenset(row.session_id for row in rows)
    return Kept(request, known, len(rows), kept_until(rows), classes)
