"""What the trial page offers: the class asked for, or classes to choose from, or a city to choose first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from courses.models import Campus, City
from enrollment.class_words import ClassCard, class_card
from enrollment.enums import SessionState
from enrollment.forms import is_name
from enrollment.models import ClassSession
from enrollment.services.alternatives import find_alternatives
from enrollment.services.classes import find_class, free_classes

_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What can be booked here. With ``card`` it is one class; with ``cards`` one of them, or a call."""

    city: City | None = None
    campus: Campus | None = None
    card: ClassCard | None = None
    cards: tuple[ClassCard, ...] = ()
    lost: str = ""
    """Why the class asked for cannot be had."""

    @property
    def picks(self) -> bool:
        """Whether the page asks to choose."""
        return self.card is None and bool(self.lost or self.city)


def offer_for(asked: Mapping[str, str], at: datetime, *, by_city: bool) -> Offer:
    """What an address or a form asks for by ``session``, ``campus`` and ``city``, as far as it can be had.

    ``pick`` keeps a list a list after one of it was chosen. With ``by_city`` a city alone is shown with its
    classes; a form in which it was only just selected stays as it was.
    """
    name, pick = asked.get("session", ""), bool(asked.get("pick"))
    session = find_class(public_id=name) if is_name(name) else None
    if session is not None and not session.is_bookable(at):
        return instead_of(session, why_gone(session, at), find_alternatives(session=session, at=at), at)
    if session is not None and not pick:
        card = class_card(session, at)
        return Offer(city=session.campus.city, campus=session.campus, card=card)
    campus = _campus(asked.get("campus", ""))
    by_city = by_city or pick or bool(name)
    city = campus.city if campus else _city(asked.get("city", "")) if by_city else None
    if city is None and session is not None:
        campus, city = session.campus, session.campus.city
    lost = _("没有找到这节课，可能已经撤下了。") if name and session is None else ""
    return Offer(city=city, campus=campus, cards=_cards(city, campus, session, at), lost=lost if city else "")


def instead_of(session: ClassSession, why: str, others: Sequence[ClassSession], at: datetime) -> Offer:
    """What is offered in place of a class that cannot be had, with ``why`` it cannot."""
    return Offer(
        city=session.campus.city,
        campus=session.campus,
        cards=tuple(class_card(other, at) for other in others),
        lost=why,
    )


def why_gone(session: ClassSession, at: datetime) -> str:
    """Why no seat can be had in ``session`` at ``at``, for the parent who wanted one."""
    if session.state == SessionState.CANCELLED:
        return _("这节课取消了。")
    if session.starts_at <= at:
        return _("这节课已经开始了。")
    if session.state == SessionState.OPEN and session.seats_left == 0:
        return _("这节课刚刚约满了。")
    return _("这节课在网上已经停止预约。")


def _cards(
    city: City | None, campus: Campus | None, chosen: ClassSession | None, at: datetime
) -> tuple[ClassCard, ...]:
    """The next free classes of a place, the one chosen before among them."""
    if city is None:
        return ()
    free = free_classes(at=at, city=city, campus=campus, limit=_SHOWN)
    if chosen is not None and chosen.pk not in {session.pk for session in free}:
        free = sorted([*free, chosen], key=lambda session: session.starts_at)
    return tuple(class_card(session, at) for session in free)


def _campus(slug: str) -> Campus | None:
    return Campus.objects.open_to_parents().filter(slug=slug).first() if is_name(slug) else None


def _city(slug: str) -> City | None:
    return City.objects.bookable().filter(slug=slug).first() if is_name(slug) else None
