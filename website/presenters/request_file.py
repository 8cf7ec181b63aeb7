"""One request as its page lays it out: what was asked, how each right stands, what passed, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.services.guardians import masked_phones_of
from accounts.services.roles import staff_names
from privacy.inventory.masking import masked_value
from privacy.keystore.services import keys_restricted
from privacy.rights.enums import (
    CLOSED,
    ERASING,
    OPEN_TO_ALL,
    RIGHTS,
    TRANSITIONS,
    WAITING_FOR_THEM,
    Identity,
    OnBehalf,
    Outcome,
    RefusalCode,
    RequestKind,
    RequestState,
)
from privacy.rights.models import DataSubjectRequest, Pause, Refusal, Reply, RequestedRight
from privacy.rights.services.proving import is_proved_enough
from website.presenters.requests import STATES, event_line, facts_of, line
from website.presenters.requests import Line as InList
from website.services.callers import awaits_guardian
from website.services.request_desk import Officer, mark_of
from website.services.runs import can_run


@dataclass(frozen=True)
class Right:
    """One right of the request, and the refusal that somebody proposed or approved."""

    row: RequestedRight
    name: str
    outcome: str
    refusal: Refusal | None
    ground: str
    proposed_by: str
    mine: bool
    """Whether whoever reads this proposed it: then somebody else approves."""
    can_run: bool
    """Whether a function does it."""

    @property
    def is_open(self) -> bool:
        return self.row.outcome == Outcome.PENDING

    @property
    def awaits_approval(self) -> bool:
        return self.refusal is not None and self.refusal.approved_at is None

    @property
    def by_plan(self) -> bool:
        return self.row.kind in ERASING

    @property
    def by_words(self) -> bool:
        """Whether the reply itself is what was asked for."""
        return self.row.kind in OPEN_TO_ALL

    @property
    def can_refuse(self) -> bool:
        return self.row.kind in RIGHTS


@dataclass(frozen=True)
class File:
    """A request as one of the officers sees it; without words for who does not work with it."""

    request: DataSubjectRequest
    heading: InList
    state: str
    seen: str
    facts: list[tuple[str, str]]
    number: str
    rights: list[Right]
    pauses: list[Pause]
    replies: list[Reply]
    history: list[tuple[datetime, str, str]]
    handled_by: str
    handled_by_me: bool
    left_alone: bool
    """Whether what was written is restricted: the person is gone, and it is read for what the law names."""

    @property
    def is_open(self) -> bool:
        return self.request.state not in CLOSED

    @property
    def waits_for_them(self) -> bool:
        return self.request.state in WAITING_FOR_THEM

    @property
    def open_rights(self) -> list[Right]:
        return [right for right in self.rights if right.is_open]

    @property
    def is_decided(self) -> bool:
        """Whether each right has its outcome, so that a final reply can be given."""
        return bool(self.rights) and not self.open_rights

    @property
    def can_accept(self) -> bool:
        """Whether it goes on by hand: proved, without an answer, or with its plan taken back."""
        waits = (RequestState.VERIFYING, RequestState.NEED_INFO, RequestState.PLANNED)
        return self.request.state in waits and is_proved_enough(self.request) and not self.awaits_guardian

    @property
    def awaits_guardian(self) -> bool:
        """Whether it was taken down on the telephone for a ward, and the account has not confirmed it."""
        return self.request.state in WAITING_FOR_THEM and awaits_guardian(self.request)

    @property
    def can_plan(self) -> bool:
        """Whether it can be known whose data an erasure would be about."""
        if self.request.on_behalf == OnBehalf.WARD:
            return self.request.known and self.request.concerning_id is not None
        return self.request.known or self.request.on_behalf == OnBehalf.DECEASED

    @property
    def can_ask(self) -> bool:
        return RequestState.NEED_INFO in TRANSITIONS[RequestState(self.request.state)]

    @property
    def can_answer(self) -> bool:
        return self.request.state in (RequestState.ACCEPTED, RequestState.PARTLY_FULFILLED)

    @property
    def needs_proof(self) -> bool:
        return self.request.identity in (Identity.UNKNOWN, Identity.NUMBER_PROVED)

    @property
    def question(self) -> Pause | None:
        """What they were asked and have not answered."""
        return next((pause for pause in self.pauses if pause.answered_at is None), None)


def file_of(request: DataSubjectRequest, *, who: Officer, at: datetime) -> File:
    """The request with all that hangs on it; as many queries whatever its length."""
    left_alone = who.works and keys_restricted(request.pk)
    rights = list(request.rights.select_related("refusal").order_by("pk"))
    events = list(request.events.order_by("at", "pk"))
    names = staff_names(
        {event.actor_id for event in events if event.actor_kind == "staff" and event.actor_id}
    )
    return File(
        request=request,
        heading=line(request, at),
        state=str(STATES[request.state]),
        seen=mark_of(request),
        facts=facts_of(request),
        number=_number_of(request) if who.works else "",
        rights=[_right(row, who, names) for row in rights],
        pauses=list(request.pauses.all()) if who.works and not left_alone else [],
        replies=list(request.replies.all()) if who.works and not left_alone else [],
        history=[event_line(event, {str(key): name for key, name in names.items()}) for event in events],
        handled_by=names.get(request.handled_by, "") if request.handled_by else "",
        handled_by_me=request.handled_by == who.id,
        left_alone=left_alone,
    )


def _right(row: RequestedRight, who: Officer, names: dict[UUID, str]) -> Right:
    refusal = getattr(row, "refusal", None)
    return Right(
        row=row,
        can_run=can_run(row.request, row.kind),
        name=str(RequestKind(row.kind).label),
        outcome=str(Outcome(row.outcome).label),
        refusal=refusal,
        ground=str(RefusalCode(refusal.code).label) if refusal else "",
        proposed_by=names.get(refusal.proposed_by, "") if refusal else "",
        mine=bool(refusal and refusal.proposed_by == who.id),
    )


def _number_of(request: DataSubjectRequest) -> str:
    """The number on file, or the one that was left, through its mask."""
    if request.known:
        return masked_phones_of([request.subject_id]).get(request.subject_id, "")
    return masked_value(request, "phone")


def pending(rights: Iterable[Right]) -> list[str]:
    """The kinds that have no outcome and no proposed refusal."""
    return [right.row.kind for right in rights if right.is_open and right.refusal is None]
