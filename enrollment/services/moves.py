"""Moving a booking to another class: the new seat is taken before the old one is anybody else's."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from enrollment.enums import BookingChannel, BookingState
from enrollment.exceptions import SessionClosed, SessionFull, StateChanged, TooLate, TooManyOfCourse
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_MOVES, MOST_OF_A_COURSE, can_move, can_move_until
from enrollment.services.ages import check_age_of
from enrollment.services.links import hand_on_links
from enrollment.services.notices import tell_moved
from enrollment.services.other_guardians import tell_others_moved
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import free_reference, lock_classes, settle, take_seat
from enrollment.services.steps import hold, note, take_step
from enrollment.services.succession import newest
from kit.limiter import Limit, LimiterUnavailable, take
from privacy.actors import Actor
from privacy.rights.services.restricting import refuse_barred

logger = logging.getLogger(__name__)


def move_trial(*, booking: TrialBooking, session: ClassSession, by: Actor) -> TrialBooking:
    """Give up a booked seat for one in ``session``, in one transaction; the successor, whose seat that is.

    What was moved there before, and what is there already, is returned as it stands. Caps on all seats do not
    bar it: their number stays; that on seats of one course does. Raises TooLate (staff are free of the time),
    StateChanged with the successor of a booking that was moved elsewhere, SessionFull, SessionClosed,
    AgeUnsuitable, AlreadyBooked, TooManyOfCourse, UseBarred, LimitReached and Busy; then everything is as it
    was.
    """
    with in_our_words(leaving=booking.session_id), transaction.atomic():
        # Nobody else moves a booking of theirs meanwhile, or takes a child out of one.
        User.objects.select_for_update(no_key=True).get(pk=booking.owner_id)
        row = TrialBooking.objects.with_places().get(pk=booking.pk)
        if there := _there_already(row, session):
            return there
        refuse_barred(row.guardian_id, row.child_id)
        _look_first(row, session, by)
        _check_course(row, session, by)
        _count(row, by)  # what is refused for a child's age too: nobody feels their way to it
        check_age_of(booking=row, session=session, by=by)
        classes = lock_classes(each for each in (row.session_id, session.pk) if each)
        row = hold(row.pk)
        _check(row, classes[session.pk], by)
        return _move(row, classes.pop(session.pk), by, leaving=classes.popitem()[1])


def _there_already(row: TrialBooking, session: ClassSession) -> TrialBooking | None:
    now_in = newest(row)
    if now_in.session_id == session.pk and now_in.state == BookingState.BOOKED:
        return now_in
    if now_in.pk != row.pk:
        raise StateChanged(now_in)
    return None


def _look_first(row: TrialBooking, session: ClassSession, by: Actor) -> None:
    """Turn away who cannot get a seat while nothing is locked and no child has been read."""
    session = ClassSession.objects.in_order().get(pk=session.pk)
    _check(row, session, by)
    run_out = TrialBooking.objects.of_session(session).run_out(timezone.now())
    if session.seats_left == 0 and not run_out.exists():
        raise SessionFull(session)


def _check_course(row: TrialBooking, session: ClassSession, by: Actor) -> None:
    """A seat that comes from another course is one more of this one. Raises TooManyOfCourse."""
    if by.kind == "staff" or row.course_id == session.course_id:
        return
    alike = TrialBooking.objects.of(row.owner_id).to_come(timezone.now()).of_course(session.course_id)
    if alike.count() >= MOST_OF_A_COURSE * settings.LIMIT_FACTOR:
        raise TooManyOfCourse(alike.newest_first()[0], MOST_OF_A_COURSE)


def _check(row: TrialBooking, session: ClassSession, by: Actor) -> None:
    at = timezone.now()
    if can_move_until(row) is None or not (by.kind == "staff" or can_move(row, at)):
        raise TooLate(row)
    if not session.takes_bookings(at):
        raise SessionClosed(session)


def _move(row: TrialBooking, session: ClassSession, by: Actor, *, leaving: ClassSession) -> TrialBooking:
    # One live trial of a course: the old row has to be out of the way before the new one is written.
    take_step(row, BookingState.RESCHEDULED, by=by, action="trial.moved")
    successor = _successor(row, session, by)
    take_seat(successor)
    note(successor, by=by, action="trial.moved_here")
    hand_on_links(booking=row, to=successor)
    tell_moved(successor)
    tell_others_moved([successor])
    settle(leaving)
    return successor


def _successor(row: TrialBooking, session: ClassSession, by: Actor) -> TrialBooking:
    # What staff booked passes those who wait; moving it is the family's own doing and does not.
    by_family_now = row.channel == BookingChannel.STAFF and by.kind != "staff"
    return TrialBooking(
        guardian=row.guardian,
        child_id=row.child_id,
        party_id=row.party_id,
        party_place=row.party_place,
        city=session.campus.city,
        campus=session.campus,
        course=session.course,
        session=session,
        state=BookingState.BOOKED,
        channel=BookingChannel.WEB if by_family_now else row.channel,
        source=row.source,
        verified_at=row.verified_at,
        rescheduled_from=row,
        revision=row.revision + 1,
        reference=free_reference(),
    )


def _count(row: TrialBooking, by: Actor) -> None:
    """Moving to and fro would cost a message each time. Raises LimitReached."""
    if by.kind == "staff":
        return
    key = str(row.guardian_id)
    try:
        take([Limit(scope="move", key=key, count=count, seconds=span) for count, span in MOST_MOVES])
    except LimiterUnavailable:  # whoever may move does so without Redis too
        logger.warning("a move was not counted")
