"""What the trial page offers: the class asked for, or classes to choose from, or a city to choose first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from courses.models import Campus, City
from enrollment.class_words import ClassCard, class_card, reason
from enrollment.enums import SessionState
from enrollment.forms import is_name
from enrollment.models import ClassSession, TrialBooking
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
    more_url: str = ""
    """Where the classes are that found no place here."""

    @property
    def picks(self) -> bool:
        """Whether the page asks to choose."""
        return self.card is None and self.city is not None


def offer_for(
    asked: Mapping[str, str], at: datetime, *, by_city: bool, kept: Callable[[ClassSession], bool]
) -> Offer:
    """What an address or a form asks for by ``session``, ``campus`` and ``city``, as far as it can be had.

    ``pick`` keeps a list a list after one of it was chosen. With ``by_city`` a city alone is shown with its
    classes; a form in which it was only just selected stays as it was. ``kept`` says whether the last seat of
    a class is kept for who looks.
    """
    name, pick = asked.get("session", ""), bool(asked.get("pick"))
    session = find_class(public_id=name) if is_name(name) else None
    if session is not None and not (
        session.is_bookable(at) or (session.takes_bookings(at) and kept(session))
    ):
        why = reason(session, at).sentence
        return instead_of(session, why, find_alternatives(session=session, at=at), at)
    if session is not None and not pick:
        card = class_card(session, at)
        return Offer(city=session.campus.city, campus=session.campus, card=card)
    campus = _campus(asked.get("campus", ""))
    by_city = by_city or pick or bool(name)
    city = campus.city if campus else _city(asked.get("city", "")) if by_city else None
    if city is None and session is not None:
        campus, city = session.campus, session.campus.city
    lost = _("没有找到这节课，可能已经撤下了。") if name and session is None else ""
    if city is None:
        return Offer(lost=lost)
    return replace(_of_place(city, campus, session, at), lost=lost)


def _kept(session: ClassSession, at: datetime, kept: Callable[[ClassSession], bool]) -> bool:
    return session.takes_bookings(at) and kept(session)


def instead_of(session: ClassSession, why: str, others: Sequence[ClassSession], at: datetime) -> Offer:
    """What is offered in place of a class that cannot be had, with ``why`` it cannot.

    The page stays in its city, or, where that has been closed, goes where there is something to be had.
    """
    places = (session.campus, *(other.campus for other in others))
    place = next((campus for campus in places if campus.city.active), session.campus)
    return Offer(
        city=place.city,
        campus=place,
        cards=tuple(class_card(other, at) for other in others),
        lost=why,
    )


def fitting(session: ClassSession, months: Collection[int], at: datetime) -> Offer:
    """Classes for all of the children, one of whom is too young or too old for ``session``.

    That class stays: the month may be a slip.
    """
    others = find_alternatives(session=session, at=at, months=months, seats=len(months))
    cards = tuple(class_card(each, at) for each in (session, *others))
    return Offer(city=session.campus.city, campus=session.campus, cards=cards)


def _of_place(city: City, campus: Campus | None, chosen: ClassSession | None, at: datetime) -> Offer:
    """The next free classes of a place, the one chosen before among them."""
    free = free_classes(at=at, city=city, campus=campus, limit=_SHOWN + 1)
    page = campus.get_absolute_url() if campus else reverse("website:city", args=[city.slug])
    more = page if len(free) > _SHOWN else ""
    free = free[:_SHOWN]
    if chosen is not None and chosen.pk not in {session.pk for session in free}:
        free = sorted([*free, chosen], key=lambda session: session.starts_at)
    cards = tuple(class_card(session, at) for session in free)
    return Offer(city=city, campus=campus, cards=cards, more_url=more)


def _campus(slug: str) -> Campus | None:
    return Campus.objects.open_to_parents().filter(slug=slug).first() if is_name(slug) else None


def _city(slug: str) -> City | None:
    return City.objects.bookable().filter(slug=slug).first() if is_name(slug) else None


def after_calling_off(booking: TrialBooking, at: datetime) -> list[ClassCard]:
    """Other classes for a family whose class was called off, each one tap away; none for any other."""
    session = booking.session
    if session is None or session.state != SessionState.CANCELLED:
        return []
    return [class_card(other, at) for other in find_alternatives(session=session, at=at)]
