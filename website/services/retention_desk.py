"""What officers see of keeping and deleting: who may what, what goes when, which erasures and holds stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from privacy.actors import Actor
from privacy.erasure.enums import JobState, Reason, RunKind
from privacy.erasure.models import (
    ErasureCertificate,
    ErasureJob,
    ErasureRest,
    ErasureStep,
    RecipientNotice,
    ResidueRun,
)
from privacy.retention.models import HeldRecord, LegalHold, PurgeRun
from privacy.rights.enums import OnBehalf
from website.services.request_desk import SEES_ALL, WORKS

BOARD = "retention.view_purgerun"
TRIES = "retention.add_purgerun"
HOLDS = "retention.place_hold"
READS = "erasure.read_remainder"
_SHOWN = 20  # rows of one part of the board; beyond it says how many more there are
_NIGHTS = 14


@dataclass(frozen=True, slots=True)
class Keeper:
    """A member of staff as far as keeping and deleting go."""

    id: UUID
    sees_all: bool
    """Without it they see the erasures that concern a child."""
    works: bool
    """Whether they work with requests: only then do recipients get told by them."""
    tries: bool
    holds: bool
    reads: bool

    @property
    def actor(self) -> Actor:
        return Actor(kind="staff", id=self.id)


def keeper(user: User) -> Keeper | None:
    """What ``user`` may do here, or None for somebody who has nothing to do with it."""
    if not (user.is_active and user.is_staff and user.has_perm(BOARD)):
        return None
    return Keeper(
        id=UUID(str(user.pk)),
        sees_all=user.has_perm(SEES_ALL),
        works=user.has_perm(WORKS),
        tries=user.has_perm(TRIES),
        holds=user.has_perm(HOLDS),
        reads=user.has_perm(READS),
    )


def _visible(who: Keeper, path: str = "") -> Q:
    """Which erasures they may see, as a condition on what ``path`` leads from."""
    return Q() if who.sees_all else Q(**{f"{path}request__on_behalf": OnBehalf.WARD})


def _theirs(who: Keeper, path: str = "") -> Q:
    """Those of people: the nightly canary stands among the searches, and would drown them."""
    return _visible(who, path) & ~Q(**{f"{path}reason": Reason.CANARY})


def erasures_for(who: Keeper) -> QuerySet[ErasureJob]:
    """Every erasure of people that they may see, with its request."""
    return ErasureJob.objects.filter(_theirs(who)).select_related("request")


def erasures_under_way(who: Keeper) -> list[ErasureJob]:
    """Those a worker still has something to do for, a canary's too, the oldest first, with their steps."""
    steps = Prefetch("steps", ErasureStep.objects.order_by("position"))
    rows = ErasureJob.objects.filter(_visible(who), state__in=(JobState.QUEUED, JobState.RUNNING))
    return list(rows.select_related("request").order_by("begun_at").prefetch_related(steps)[:_SHOWN])


@dataclass(frozen=True, slots=True)
class Erased:
    """How many erasures there are of each kind, of those that somebody sees."""

    under_way: int
    waiting: int
    done: int
    """Finished within thirty days."""


def erased(who: Keeper, at: datetime) -> Erased:
    """One query."""
    lately = Q(state=JobState.DONE, finished_at__gte=at - timedelta(days=30))
    counted = erasures_for(who).aggregate(
        under_way=Count("pk", filter=Q(state__in=(JobState.QUEUED, JobState.RUNNING))),
        waiting=Count("pk", filter=Q(state=JobState.WAITING)),
        done=Count("pk", filter=lately),
    )
    return Erased(**counted)


def rests_next(who: Keeper) -> list[ErasureRest]:
    """What erasures left, whose time is over first; what a hold keeps has no day and comes last."""
    waiting = Q(job__state=JobState.WAITING) & _theirs(who, "job__")
    rests = ErasureRest.objects.filter(waiting).select_related("job__request")
    return list(rests.order_by("until", "pk")[:_SHOWN])


def notices_due(who: Keeper) -> list[RecipientNotice]:
    """Recipients who have to delete too and were not told yet, the oldest first."""
    due = RecipientNotice.objects.filter(_theirs(who, "job__"), told_at=None)
    return list(due.select_related("job__request").order_by("pk")[:_SHOWN])


def certificates_for(who: Keeper) -> QuerySet[ErasureCertificate]:
    """The statements of erasures that they may see, the newest first."""
    rows = ErasureCertificate.objects.filter(_theirs(who, "job__"))
    return rows.select_related("job__request").order_by("-issued_at", "-pk")


@dataclass(frozen=True, slots=True)
class Lately:
    """The last purge of a rule, and the last one that only counted."""

    real: PurgeRun | None = None
    dry: PurgeRun | None = None


def last_runs() -> dict[str, Lately]:
    """By the rule's name. One query."""
    newest = PurgeRun.objects.order_by("rule", "dry", "-begun_at").distinct("rule", "dry")
    found: dict[str, dict[str, PurgeRun]] = {}
    for run in newest:
        found.setdefault(run.rule, {})["dry" if run.dry else "real"] = run
    return {rule: Lately(**runs) for rule, runs in found.items()}


def last_searches() -> dict[str, ResidueRun]:
    """The last search for leftovers of each kind that came to its end."""
    ended = ResidueRun.objects.filter(ended_at__isnull=False)
    return {run.kind: run for run in ended.order_by("kind", "-begun_at").distinct("kind")}


def nights(at: datetime) -> list[tuple[date, ResidueRun | None]]:
    """The canaries of the last fortnight, by the day on which they began, the oldest first."""
    today = timezone.localdate(at)
    days = [today - timedelta(days=ago) for ago in range(_NIGHTS - 1, -1, -1)]
    runs = ResidueRun.objects.filter(kind=RunKind.CANARY, begun_at__gte=at - timedelta(days=_NIGHTS))
    by_day = {timezone.localdate(run.begun_at): run for run in runs.order_by("begun_at")}
    return [(day, by_day.get(day)) for day in days]


def standing_holds() -> QuerySet[LegalHold]:
    """Holds that keep something, whose review comes first, each with what it keeps."""
    records = Prefetch("records", HeldRecord.objects.order_by("model"))
    return LegalHold.objects.filter(released_at=None).prefetch_related(records).order_by("review_on", "pk")


def released_holds() -> Sequence[LegalHold]:
    """The last of those that ended."""
    return list(LegalHold.objects.filter(released_at__isnull=False).order_by("-released_at")[:_SHOWN])


def holds_tally(on: date) -> tuple[int, int]:
    """How many stand, and how many of these are due for review by that day. One query."""
    counted = LegalHold.objects.filter(released_at=None).aggregate(
        standing=Count("pk"), due=Count("pk", filter=Q(review_on__lte=on))
    )
    return counted["standing"], counted["due"]


def hold_named(public_id: str) -> LegalHold | None:
    """The standing hold of that name in addresses, with what it keeps."""
    return standing_holds().filter(public_id=public_id).first()


def may_see_notice(who: Keeper, notice_id: UUID) -> bool:
    """Whether the notice belongs to an erasure that they may see."""
    return RecipientNotice.objects.filter(_theirs(who, "job__"), pk=notice_id).exists()
