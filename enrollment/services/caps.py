"""How many seats one guardian may have at the same time."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from enrollment.exceptions import TooManyLive, TooManyOfCourse
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_OF_A_COURSE, MOST_SEATS


def check_seats(*, guardian: User, session: ClassSession) -> None:
    """Let one more seat of ``session`` be taken, while the guardian's row is held.

    Raises TooManyLive, TooManyOfCourse. Children are anybody's to invent, so the guardian is counted.
    """
    mine = TrialBooking.objects.of(guardian.pk).to_come(timezone.now())
    if mine.count() >= MOST_SEATS * settings.LIMIT_FACTOR:
        raise TooManyLive(mine.newest_first()[0], MOST_SEATS)
    alike = mine.of_course(session.course_id)
    if alike.count() >= MOST_OF_A_COURSE * settings.LIMIT_FACTOR:
        raise TooManyOfCourse(alike.newest_first()[0], MOST_OF_A_COURSE)
