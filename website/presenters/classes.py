"""Classes in lists: the class in words, where it leads, and what to say where it leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from courses.models import Programme
from enrollment.class_words import ClassCard, class_card, reason
from enrollment.models import ClassSession
from enrollment.policies import can_wait


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """One class in a list. ``url`` leads to its booking, or to its waiting list, and is else empty."""

    card: ClassCard
    programme: Programme
    url: str
    seats: str
    look: str  # ok, warn or off


def class_row(session: ClassSession, at: datetime) -> ClassRow:
    """``session`` as of ``at``; reads its campus, city, course and programme."""
    card = class_card(session, at)
    url = reverse("enrollment:trial") + "?" + urlencode({"session": session.public_id})
    bookable = session.is_bookable(at)
    waits = can_wait(session, at)
    look = "off" if not bookable else "warn" if card.few else "ok"
    none = _("约满了，可候补") if waits else reason(session, at).brief
    return ClassRow(
        card=card,
        programme=session.course.programme,
        url=url if bookable or waits else "",
        seats=card.seats if bookable else none,
        look=look,
    )
