"""What a child's other guardians hear of its bookings: that there is one, and nothing else of the child.

A booking is its guardian's. The others get no link to it and no reference: they are told, and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from accounts.services.children import co_guardians_of
from enrollment.enums import ChangeReason
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.notices import moment_in_words
from kit.limiter import Limit, LimiterUnavailable, LimitReached, take
from kit.quiet_hours import next_waking
from messaging.recipients import Recipient
from messaging.services import queue_message

logger = logging.getLogger(__name__)

MOST_TOLD = 8  # messages a day about what a child's other guardians do


def tell_others_booked(bookings: Sequence[TrialBooking]) -> None:
    """Tell each of them once, however many of the children are theirs too."""
    for guardian_id, session in _others(bookings).items():
        _tell(guardian_id, "trial_booked_other", session, address=session.campus.address)


def tell_others_moved(bookings: Sequence[TrialBooking]) -> None:
    """The same when the family goes to another class instead."""
    for guardian_id, session in _others(bookings).items():
        _tell(guardian_id, "trial_moved_other", session, address=session.campus.address)


def tell_others_cancelled(bookings: Sequence[TrialBooking]) -> None:
    """The same when the seats are given back."""
    for guardian_id, session in _others(bookings).items():
        _tell(guardian_id, "trial_cancelled_other", session)


def tell_others_changed(bookings: Sequence[TrialBooking], *, reason: ChangeReason) -> None:
    """The same when staff hold the class at another time or place."""
    for guardian_id, session in _others(bookings).items():
        address = session.campus.address
        _tell(guardian_id, "class_changed_other", session, reason=str(reason.label), address=address)


def tell_others_called_off(bookings: Sequence[TrialBooking], *, reason: ChangeReason) -> None:
    """The same when staff call the class off."""
    for guardian_id, session in _others(bookings).items():
        _tell(guardian_id, "class_called_off_other", session, reason=str(reason.label))


def _others(bookings: Sequence[TrialBooking]) -> dict[UUID, ClassSession]:
    """The other guardians of the children named, each with the class that one of theirs goes to."""
    found: dict[UUID, ClassSession] = {}
    for booking in bookings:
        if booking.child_id is None or booking.session is None:
            continue
        for other in co_guardians_of(child_id=booking.child_id, guardian_id=booking.owner_id):
            found.setdefault(other, booking.session)
    return found


def _tell(guardian_id: UUID, template: str, session: ClassSession, **more: str) -> None:
    """Not at night: it is not they who act. Nor over and over: nobody is pestered through their child."""
    try:
        take([Limit(scope="tell other guardian", key=str(guardian_id), count=MOST_TOLD, seconds=86400)])
    except LimitReached:
        logger.info("a guardian was told enough for a day")
        return
    except LimiterUnavailable:  # rather one message too many than none
        logger.warning("a message to another guardian was not counted")
    queue_message(
        due_at=next_waking(timezone.now()),
        template=template,
        recipient=Recipient("guardian", guardian_id, subject=guardian_id),
        parameters={
            "when": moment_in_words(session.starts_at),
            "course": session.course.name,
            "campus": session.campus.name,
            **more,
        },
        purpose="trial",
    )
