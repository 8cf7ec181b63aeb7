"""Waiting for a full class on the trial page: what is offered there, and what its button does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict

from accounts.browser import guardian_in
from accounts.services.codes import Try
from enrollment.class_words import ClassCard, class_card
from enrollment.exceptions import AlreadyWaiting, SessionElsewhere
from enrollment.forms import is_name
from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.policies import MOST_CLASSES_WAITED, can_wait
from enrollment.services.alternatives import full_alike
from enrollment.services.classes import find_class
from enrollment.services.wishes import TrialRequest
from enrollment.waiting_entry import wait

Door = Callable[[HttpRequest, TrialRequest, Try | None], TrialBooking | WaitlistEntry]
JOIN = "join_waitlist"  # what the button is called
CLASS, ALSO = "wait_for", "wait_also"  # the fields of the form


@dataclass(frozen=True, kw_only=True)
class WaitOption:
    """The full class that was asked for, and others like it that would do as well."""

    card: ClassCard
    also: tuple[ClassCard, ...]
    chosen: frozenset[str]
    """Those of ``also`` that were ticked."""


def wait_option(asked: Mapping[str, str], at: datetime) -> WaitOption | None:
    """The class that can be waited for on a page that was asked for it; None where there is none."""
    session = _class_of(asked.get(CLASS) or asked.get("session", ""))
    if session is None or not can_wait(session, at):
        return None
    others = full_alike(session=session, at=at, limit=MOST_CLASSES_WAITED - 1)
    return WaitOption(
        card=class_card(session, at),
        also=tuple(class_card(other, at) for other in others if can_wait(other, at)),
        chosen=frozenset(asked.getlist(ALSO)) if isinstance(asked, QueryDict) else frozenset(),
    )


def waits(posted: QueryDict) -> Door:
    """What `TrialPost.book` is to do instead of booking."""
    return _Join(posted.getlist(ALSO)[: MOST_CLASSES_WAITED - 1])


@dataclass(frozen=True)
class _Join:
    """Joins the waiting list of the class wished for, and of those ``also`` named."""

    also: list[str]

    def __call__(self, request: HttpRequest, wish: TrialRequest, tried: Try | None) -> WaitlistEntry:
        """The entry; the earlier one, where this very browser's guardian waits already."""
        if wish.session is None:  # no page of ours posts that
            raise SessionElsewhere
        named = [wish.session, *map(_class_of, self.also)]
        sessions = {session.pk: session for session in named if session is not None}
        try:
            return wait(request, list(sessions.values()), wish, tried)
        except AlreadyWaiting as already:
            guardian = guardian_in(request)
            if guardian is None or guardian.pk != already.entry.guardian_id:
                raise
            return already.entry


def _class_of(name: str) -> ClassSession | None:
    return find_class(public_id=name) if is_name(name) else None
