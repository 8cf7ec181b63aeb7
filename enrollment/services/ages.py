"""Whether a child is of the right age for a class: on the day of the class, not today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.services.children import find_child
from enrollment.exceptions import AgeUnsuitable
from enrollment.models import ClassSession, TrialBooking
from privacy.actors import SYSTEM, Actor
from privacy.minors.ages import months_between
from privacy.minors.exceptions import ChildUnknown
from privacy.minors.services import is_of_age


def check_age(birth_month: date, session: ClassSession) -> None:
    """Raise AgeUnsuitable unless a child of that month is of the course's age on the day of the class."""
    months = months_between(birth_month, session.local_date)
    if not session.course.age_min_months <= months <= session.course.age_max_months:
        raise AgeUnsuitable(session, months)


def check_ages(birth_months: Sequence[date], session: ClassSession) -> None:
    """The same for all who come together; the first of another age is named by its place."""
    months = [months_between(born, session.local_date) for born in birth_months]
    for place, born in enumerate(birth_months, 1):
        try:
            check_age(born, session)
        except AgeUnsuitable as wrong:
            several = len(birth_months) > 1
            raise AgeUnsuitable(session, wrong.months, place if several else 0, months) from None


def check_age_of(*, booking: TrialBooking, session: ClassSession, by: Actor) -> None:
    """The same for the child of a booking, if one is named and still kept; on record.

    Whoever is not signed in as its guardian learns no age: AgeUnsuitable then comes without one.
    """
    if booking.child_id is None:
        return
    if by.id == booking.guardian_id:
        born = birth_month_of(booking)
        if born is not None:
            check_age(born, session)
        return
    course = session.course
    fits = is_of_age(
        guardian_id=booking.owner_id,
        child_id=booking.child_id,
        on=session.local_date,
        ages=(course.age_min_months, course.age_max_months),
        by=SYSTEM,
    )
    if not fits:
        raise AgeUnsuitable(session)


def birth_month_of(booking: TrialBooking) -> date | None:
    """When the child of a booking was born, for its guardian, who asks; None if none is named or kept."""
    if booking.child_id is None or booking.guardian is None:
        return None
    try:
        return find_child(guardian=booking.guardian, child_id=booking.child_id).birth_month
    except ChildUnknown:  # deleted
        return None
