"""Requests for those who work with them: which each may see, finding one, what is due; looks on record."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from accounts.services.guardians import find_guardian
from accounts.services.roles import staff_names
from kit.phone import PhoneInvalid, normalise
from privacy.actors import Actor
from privacy.audit.services import record, record_reads
from privacy.rights.enums import WAITING_FOR_THEM, OnBehalf
from privacy.rights.exceptions import RequestMoved, RequestUnknown
from privacy.rights.models import DataSubjectRequest
from privacy.rights.models.owed import OWED, overdue
from privacy.rights.services.deciding import look_at
from privacy.rights.services.steps import held

# `change` is to work with requests and read what was written; `view` is to see those of everybody, and not
# only those that concern a child. An auditor has the second alone: history and numbers, and no words.
WORKS = "rights.change_datasubjectrequest"
SEES_ALL = "rights.view_datasubjectrequest"
SOON = timedelta(days=7)  # about five workdays: the first warning
_FOUND_AT_ONCE = 20  # requests of one number


@dataclass(frozen=True, slots=True)
class Officer:
    """A member of staff as far as requests go."""

    id: UUID
    works: bool
    """Reads words and acts; without it they see the course of things alone."""
    sees_all: bool
    """Without it they see what concerns a child."""

    @property
    def actor(self) -> Actor:
        return Actor(kind="staff", id=self.id)


def officer(user: User) -> Officer | None:
    """What ``user`` may do with requests, or None for somebody who has nothing to do with them."""
    works, sees_all = user.has_perm(WORKS), user.has_perm(SEES_ALL)
    allowed = user.is_active and user.is_staff and (works or sees_all)
    return Officer(UUID(str(user.pk)), works, sees_all) if allowed else None


def requests_for(who: Officer) -> QuerySet[DataSubjectRequest]:
    """Every request that they may see."""
    rows = DataSubjectRequest.objects.all()
    return rows if who.sees_all else rows.filter(on_behalf=OnBehalf.WARD)


def request_named(who: Officer, public_id: str) -> DataSubjectRequest:
    """The request of that name, and the look at it on record before anything of it is shown.

    Raises RequestUnknown for one that is not there and for one that is not theirs to see alike.
    """
    request = requests_for(who).filter(public_id=public_id).first()
    if request is None:
        raise RequestUnknown
    record_reads("request.read", by=who.actor, of=[(request.subject_id, request)])
    return request


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests there are, of those that somebody sees."""

    open: int
    at_once: int
    overdue: int
    soon: int
    waiting: int


def tally(who: Officer, at: datetime) -> Tally:
    """Open ones, and of these what needs somebody now. One query."""
    today, ours = timezone.localdate(at), OWED & ~Q(state__in=WAITING_FOR_THEM)
    rest = Q(remains_until__gte=today, remains_until__lt=today + SOON)
    soon = Q(remains_until=None, due_at__gte=at, due_at__lt=at + SOON)
    counted = requests_for(who).aggregate(
        open=Count("pk", filter=OWED),
        at_once=Count("pk", filter=OWED & Q(at_once=True)),
        overdue=Count("pk", filter=overdue(at)),
        soon=Count("pk", filter=ours & (soon | rest)),
        waiting=Count("pk", filter=Q(state__in=WAITING_FOR_THEM)),
    )
    return Tally(**counted)


def in_order(rows: QuerySet[DataSubjectRequest], at: datetime) -> QuerySet[DataSubjectRequest]:
    """What has to be seen at once, then what is overdue, then what is due first; what is over last."""
    rank = Case(
        When(~OWED, then=Value(3)),
        When(at_once=True, then=Value(0)),
        When(overdue(at), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank).order_by("rank", "due_at", "pk")


@transaction.atomic
def find_requests(*, who: Officer, words: str) -> list[DataSubjectRequest]:
    """Requests by their reference, or by a whole number through its blind index; the search is on record."""
    bare = unicodedata.normalize("NFKC", words[:40]).strip().upper()
    rows = requests_for(who)
    found, subject = rows.filter(reference=_reference(bare)), None
    if phone := _phone(bare):
        guardian = find_guardian(phone=phone)
        subject = guardian.pk if guardian else None
        found = rows.filter(subject_id=subject, known=True) if subject else rows.none()
    listed = list(found.order_by("-received_at", "-pk")[:_FOUND_AT_ONCE])
    record("request.searched", by=who.actor, subject=subject, detail={"found": len(listed)})
    return listed


def _reference(bare: str) -> str:
    """As references are written, whichever way it was typed."""
    letters = "".join(letter for letter in bare if letter.isalnum())
    return f"Q-{letters.removeprefix('Q')}"


def _phone(bare: str) -> str | None:
    try:
        return normalise(bare)
    except PhoneInvalid:
        return None


@transaction.atomic
def as_seen(
    request: DataSubjectRequest, seen: str, act: Callable[[DataSubjectRequest], object]
) -> DataSubjectRequest:
    """Do something to the request, if nothing happened to it since the page that showed ``seen``.

    It is held meanwhile. Raises RequestMoved where somebody was faster, and whatever ``act`` raises.
    """
    row = held(request.pk)
    if seen != mark_of(row):
        raise RequestMoved(row.state)
    act(row)
    return row


def mark_of(request: DataSubjectRequest) -> str:
    """How far a request has come, for a form to bring back: what the clock does by itself is no step."""
    last = request.events.exclude(what__in=("warned", "reckoned")).order_by("at", "pk").last()
    return str(last.pk) if last else ""


def open_beside(*, request: DataSubjectRequest, who: Officer) -> str:
    """The name of a colleague who has the request open just now, or nothing; that ``who`` has, is noted."""
    other = look_at(request=request, by=who.actor)
    return staff_names([other]).get(other, "") if other else ""
