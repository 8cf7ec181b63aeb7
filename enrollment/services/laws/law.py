"""What a law of the ledger is, and the words its queries share."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from enrollment.enums import ACTIVE, OVER, TAKES_A_SEAT, TRANSITIONS, WAITS, BookingState
from enrollment.policies import HOLD
from messaging.services import KEPT
from privacy.consent.services import REQUIRED_TO_BOOK


@dataclass(frozen=True)
class Law:
    """Something true of every committed moment. ``broken`` asks for the ids of the rows it does not hold for.

    The queries reckon from the rows themselves and trust no constraint, trigger or service: each would find
    what slipped past the one that should have refused it.
    """

    name: str
    words: str | Promise
    """The law as staff read it."""
    broken: str


# Whoever is being erased, and the names under which what the law keeps of the others stands.
ERASED = """(
            SELECT alias FROM erasure_erasuresubject
            UNION ALL SELECT subject_id FROM erasure_erasuresubject WHERE subject_id IS NOT NULL
        )"""

_BEGINNINGS = (BookingState.REQUESTED, BookingState.HELD, BookingState.BOOKED)

PARAMETERS: dict[str, object] = {
    "takes": sorted(TAKES_A_SEAT),
    "active": sorted(ACTIVE),
    "over": sorted(OVER),
    "unproved": [BookingState.REQUESTED, BookingState.HELD, BookingState.CANCELLED, BookingState.EXPIRED],
    "nobodys": [BookingState.HELD, BookingState.CANCELLED, BookingState.EXPIRED],
    "beginnings": list(_BEGINNINGS),
    "steps": [f"{since}>{to}" for since, follow in TRANSITIONS.items() for to in sorted(follow)],
    "waits": sorted(WAITS),
    "hold": HOLD,
    "required": sorted(REQUIRED_TO_BOOK),
    "messages_kept": KEPT,
    "reminders": ["reminder_day", "reminder_soon"],
}
"""For every query, by name: the closed lists and spans the rest of the code goes by."""
