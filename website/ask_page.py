"""What the page behind a receipt number shows: how far it is, and of what was written only what it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from kit.day_words import date_in_words
from privacy.rights.enums import CLOSED, OPEN_TO_ALL, OnBehalf, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest, Reply
from website.presenters.own_erasures import Course, course_of
from website.presenters.own_requests import Moment, look_of, may_withdraw, timeline, what_next, why_that_day

_TOLD_FOR = timedelta(minutes=30)
_Needs = Literal["", "login", "prove"]


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A request as its receipt number shows it."""

    receipt: str
    """Only on the page that first tells it."""
    reference: str
    title: str
    state: str
    look: str
    received: str
    due: str
    next: str
    why: str
    closed: str
    waits_for_proof: bool
    can_withdraw: bool
    question: str
    replies: Sequence[Reply]
    needs: _Needs
    """What it takes, beyond the receipt number, to read what we wrote; empty where nothing is kept back."""
    steps: Sequence[Moment]
    course: Course | None
    """How far the erasure is that it led to."""


def followed(request: DataSubjectRequest, *, receipt: str = "", proved_phone: str | None) -> Followed:
    """Lay the request out for whoever holds its receipt number, which is told for half an hour only.

    ``proved_phone``: the number proved in this browser within ten minutes, or None. What was written about an
    account's data is for the account alone; to somebody without one it opens by a code to their number.
    """
    state, course = RequestState(request.state), course_of(request)
    kinds = [RequestKind(right.kind) for right in request.rights.all()]
    needs = _needs(request, kinds, proved_phone) if _something_written(request) else ""
    if needs == "login" and course and course.closed:
        needs = ""  # there is no account to log in to; what is written from then on holds nobody's data
    over = state in CLOSED
    return Followed(
        receipt=receipt if timezone.now() - request.received_at < _TOLD_FOR else "",
        reference=request.reference,
        title=_title(request, kinds),
        state=str(state.label),
        look=look_of(request),
        received=date_in_words(timezone.localdate(request.received_at)),
        due=date_in_words(timezone.localdate(request.due_at)),
        next=what_next(request),
        why="" if over else why_that_day(request),
        closed=date_in_words(timezone.localdate(request.closed_at)) if request.closed_at else "",
        waits_for_proof=state == RequestState.VERIFYING and not request.known,
        can_withdraw=may_withdraw(request) and not request.known,
        question="" if needs else _question(request),
        replies=[] if needs else _replies(request, course),
        needs=needs,
        steps=list(timeline(request.events.all())),
        course=course,
    )


def _replies(request: DataSubjectRequest, course: Course | None) -> list[Reply]:
    """Of an account that is gone, what was written since: what was written before was for the account."""
    written = request.replies.all()
    return list(written.filter(at__gte=course.begun_at) if course and request.known else written)


def _title(request: DataSubjectRequest, kinds: Sequence[RequestKind]) -> str:
    named = "、".join(str(kind.label) for kind in kinds)
    if request.on_behalf == OnBehalf.WARD:
        return _("%s（替孩子办）") % named
    return _("%s（替去世的亲属办）") % named if request.on_behalf == OnBehalf.DECEASED else named


def _something_written(request: DataSubjectRequest) -> bool:
    return request.state == RequestState.NEED_INFO or request.replies.exists()


def _needs(request: DataSubjectRequest, kinds: Sequence[RequestKind], proved_phone: str | None) -> _Needs:
    if all(kind in OPEN_TO_ALL for kind in kinds):
        return ""
    if request.known:
        return "login"
    return "" if request.phone is None or proved_phone == request.phone else "prove"


def _question(request: DataSubjectRequest) -> str:
    asked = (
        request.pauses.filter(answered_at=None).first() if request.state == RequestState.NEED_INFO else None
    )
    return str(asked.question) if asked else ""
