"""Asking for a code with a class chosen: while it is on its way, the class keeps a seat for its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils import timezone

from accounts.enums import CodePurpose
from accounts.exceptions import SmsUnavailable
from accounts.services.codes import SentCode, check_sending, send_code
from enrollment.enums import BookingChannel
from enrollment.exceptions import HoldsFull, SessionClosed, SessionFull
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.holds import held_seats, keep_seats, release_seats
from enrollment.services.refusing import in_our_words
from kit.limiter import LimitReached


def send_code_and_hold(
    *,
    phone: str,
    sessions: Sequence[ClassSession],
    channel: BookingChannel,
    browser: str,
    address: str,
    source: str = "",
) -> tuple[SentCode, list[TrialBooking]]:
    """Hold a seat in each class for ``phone`` (E.164), then send the code to book by.

    Nothing is held where numbers not yet proved hold all they may: the seat is sure once this one is proved.

    Raises SessionFull and SessionClosed, which send nothing and count as no sending, and Busy; LimitReached
    and SmsUnavailable, which leave as it was what was held before.
    """
    with in_our_words():
        _look(sessions, phone, browser)
    check_sending(phone=phone, address=address)
    try:
        kept, added = keep_seats(
            phone=phone, sessions=sessions, channel=channel, source=source, browser=browser
        )
    except HoldsFull:
        kept, added = [], []
    try:
        sent = send_code(phone=phone, purpose=CodePurpose.BOOKING, browser=browser, address=address)
    except (LimitReached, SmsUnavailable):
        release_seats(added)
        raise
    return sent, [*kept, *added]


def _look(sessions: Sequence[ClassSession], phone: str, browser: str) -> None:
    """Refuse what is plainly full, with nothing locked: most of those who come too late go from here."""
    at = timezone.now()
    kept = Counter(row.session_id for row in held_seats(phone=phone, browser=browser))
    for session_id, wanted in Counter(session.pk for session in sessions).items():
        session = ClassSession.objects.in_order().get(pk=session_id)
        if not session.takes_bookings(at):
            raise SessionClosed(session)
        free = session.seats_left + TrialBooking.objects.of_session(session).run_out(at).count()
        if free + kept[session_id] < wanted:
            raise SessionFull(session, seats=wanted)
