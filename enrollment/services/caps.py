"""How many seats one guardian may have: at the same time, and within a year."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from enrollment.exceptions import TooManyLive, TooManyOfCourse, TooManyThisYear
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_OF_A_COURSE, MOST_SEATS

_YEAR = timedelta(days=365)


def check_seats(*, guardian: User, session: ClassSession, seats: int = 1) -> None:
    """Let so many more seats of ``session`` be taken, while the guardian's row is held; one query.

    Children are anybody's to invent, so the guardian is counted. Within twelve months, what was cancelled or
    moved does not count. Raises TooManyThisYear (the campus may know a way), TooManyLive, TooManyOfCourse.
    """
    now, factor = timezone.now(), settings.LIMIT_FACTOR
    mine = TrialBooking.objects.of(guardian.pk)
    had = mine.count_had(now, course_id=session.course_id, since=now - _YEAR)
    if settings.TRIALS_A_YEAR and had.year + seats > settings.TRIALS_A_YEAR * factor:
        raise TooManyThisYear(session.campus, settings.TRIALS_A_YEAR * factor)
    if had.to_come + seats > MOST_SEATS * factor:
        raise TooManyLive(mine.to_come(now).newest_first()[0], MOST_SEATS)
    if had.of_course + seats > MOST_OF_A_COURSE * factor:
        alike = mine.to_come(now).of_course(session.course_id)
        raise TooManyOfCourse(alike.newest_first()[0], MOST_OF_A_COURSE)
