"""Brothers and sisters for tests."""

from datetime import date
from typing import Any

from accounts.models import User
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.bookings import request_trial
from enrollment.services.wishes import ChildWish
from privacy.consent.services import current_versions
from tests.children import rules
from tests.families import a_guardian, a_wish

NAMES = ("小豆包", "小汤圆", "小馒头", "小花卷")


def born(months_ago: int, on: date) -> date:
    """The month in which a child was born that is so many months old on ``on``."""
    years, month = divmod(on.year * 12 + on.month - 1 - months_ago, 12)
    return date(years, month + 1, 1)


def typed(session: ClassSession, place: int = 1, months: int | None = None) -> ChildWish:
    """A child typed in, of the class's age unless said otherwise; another one at each place."""
    fits = session.course.age_min_months + 6
    birth_month = born(fits if months is None else months, session.local_date)
    return ChildWish(nickname=NAMES[place - 1], birth_month=birth_month)


def a_party(
    session: ClassSession, seats: int = 2, guardian: User | None = None, **asked: Any
) -> TrialBooking:
    """Siblings booked together, by somebody new unless said otherwise: the booking of the first."""
    first, *others = [typed(session, place) for place in range(1, seats + 1)]
    agreements = {**current_versions(), **rules()}
    given = {"child": first, "siblings": tuple(others), "agreements": agreements, **asked}
    wish = a_wish(session, **given)
    return request_trial(guardian=guardian or a_guardian(), request=wish)


def party_of(booking: TrialBooking) -> list[TrialBooking]:
    """All of them, in the order of their places."""
    return list(TrialBooking.objects.filter(party_id=booking.party_id).order_by("party_place"))
