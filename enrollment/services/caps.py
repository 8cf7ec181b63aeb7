"""How many seats one guardian may have: at the same time, and within a year."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from courses.models import Campus
from enrollment.exceptions import TooManyLive, TooManyOfCourse, TooManyThisYear
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_OF_A_COURSE, MOST_SEATS

_YEAR = timedelta(days=365)


def check_seats(*, guardian: User, session: ClassSession, seats: int = 1) -> None:
    """Let so many more seats of ``session`` be taken, while the guardian's row is held.

    Raises TooManyLive, TooManyOfCourse. Children are anybody's to invent, so the guardian is counted.
    """
    mine = TrialBooking.objects.of(guardian.pk).to_come(timezone.now())
    courses = list(mine.values_list("course", flat=True))
    if len(courses) + seats > MOST_SEATS * settings.LIMIT_FACTOR:
        raise TooManyLive(mine.newest_first()[0], MOST_SEATS)
    alike = mine.of_course(session.course_id)
    if courses.count(session.course_id) + seats > MOST_OF_A_COURSE * settings.LIMIT_FACTOR:
        raise TooManyOfCourse(alike.newest_first()[0], MOST_OF_A_COURSE)


def check_year(*, guardian: User, campus: Campus, seats: int = 1) -> None:
    """Let so many more trials be booked within twelve months, while the guardian's row is held.

    What was cancelled or moved does not count. Raises TooManyThisYear: ``campus`` may know a way.
    """
    most = settings.TRIALS_A_YEAR * settings.LIMIT_FACTOR
    if not most:
        return
    taken = TrialBooking.objects.of(guardian.pk).kept_since(timezone.now() - _YEAR)
    if taken.count() + seats > most:
        raise TooManyThisYear(campus, most)
