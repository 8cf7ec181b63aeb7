"""Where a booking can be moved to, laid out for its page: by day here, by campus around."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _

from enrollment.class_words import ClassCard, class_card
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.ages import birth_month_of
from enrollment.services.alternatives import find_elsewhere
from privacy.minors.ages import months_between


@dataclass(frozen=True, kw_only=True)
class Group:
    """Classes under one heading; what that says, the classes need not say again."""

    title: str
    cards: tuple[ClassCard, ...]
    by_day: bool = False
    whole: bool = False
    """Of other courses: each says all of itself."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """The groups of one place or kind."""

    title: str
    groups: tuple[Group, ...]


def sections_for(booking: TrialBooking, at: datetime, *, for_guardian: bool) -> list[Section]:
    """What ``booking``, whose class is read, can be moved to at ``at``.

    For its guardian only what fits the child's age on the day; whoever came by a link is not to learn that.
    """
    session = booking.session
    if session is None:
        return []
    born = birth_month_of(booking) if for_guardian else None
    months = [months_between(born, session.local_date)] if born else []
    found = find_elsewhere(session=session, at=at, months=months)
    city = session.campus.city.name
    sections = [
        Section(
            title=session.campus.name, groups=_grouped(found.here, at, lambda card: card.day, by_day=True)
        ),
        Section(title=_("%s的其他校区") % city, groups=_grouped(found.around, at, lambda card: card.campus)),
        Section(title=_("别的课"), groups=_others(found.other, at)),
    ]
    return [section for section in sections if section.groups]


def _grouped(
    classes: Iterable[ClassSession], at: datetime, of: Callable[[ClassCard], str], *, by_day: bool = False
) -> tuple[Group, ...]:
    cards = (class_card(session, at) for session in classes)
    return tuple(
        Group(title=title, cards=_in_time(one), by_day=by_day) for title, one in groupby(cards, key=of)
    )


def _in_time(cards: Iterable[ClassCard]) -> tuple[ClassCard, ...]:
    return tuple(sorted(cards, key=lambda card: card.starts_at))


def _others(classes: Iterable[ClassSession], at: datetime) -> tuple[Group, ...]:
    cards = tuple(class_card(session, at) for session in classes)
    return (Group(title=_("选一节"), cards=cards, whole=True),) if cards else ()
