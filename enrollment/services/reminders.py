"""Who is to be reminded of a class by now: found by the clock, told once. Nothing is queued any earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from enrollment.enums import BookingState, SessionState
from enrollment.models import BookingEvent, TrialBooking, TrialBookingQuerySet
from enrollment.policies import DAY_REMINDER_AT_LEAST
from enrollment.services.reminder_notices import remind_of_the_day, remind_of_the_way
from kit.quiet_hours import evening_before, is_waking, next_waking
from messaging.services import told

MOST = 2_000  # a run and kind; the next run goes on
_BATCH = 100  # a transaction
_NIGHT = timedelta(hours=12)  # as much earlier as the quiet hours can make a reminder due, and more


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One kind: how long before the class it is due, and when there is no more sense in it."""

    template: str
    tell: Callable[..., bool]
    before: timedelta
    before_if_put_off: timedelta
    """What must be left when the night puts it off to the morning; else it comes the evening before."""
    at_least: timedelta
    """Never later than this, however long nobody planned."""
    told_before: timedelta | None = None
    """Who was told of the class later than this knows; by default, later than it was due."""

    def due_at(self, starts_at: datetime) -> datetime:
        """When a class of that time is to be reminded of: people are awake then."""
        moment = starts_at - self.before
        awake = next_waking(moment)
        return awake if starts_at - awake >= self.before_if_put_off else evening_before(moment)

    def is_due(self, *, starts_at: datetime, told_at: datetime, at: datetime) -> bool:
        """Whether ``at`` is the time for who was last told of the class at ``told_at``."""
        due = self.due_at(starts_at)
        known_by = starts_at - self.told_before if self.told_before else due
        return due <= at < starts_at - self.at_least and told_at <= known_by


DAY = Reminder(
    template="reminder_day",
    tell=remind_of_the_day,
    before=timedelta(hours=24),
    before_if_put_off=timedelta(hours=6),
    at_least=DAY_REMINDER_AT_LEAST,
)
SOON = Reminder(
    template="reminder_soon",
    tell=remind_of_the_way,
    before=timedelta(hours=2),
    before_if_put_off=timedelta(minutes=30),
    at_least=timedelta(minutes=15),
    told_before=timedelta(hours=3),
)


def queue_due() -> int:
    """Queue every reminder that is due; how many. At night none is.

    What somebody else holds is left for the next minute.
    """
    at = timezone.now()
    if not is_waking(at):
        return 0
    return sum(_queue(kind, batch, at) for kind in (DAY, SOON) for batch in _batches(kind, at))


def _batches(kind: Reminder, at: datetime) -> Iterator[dict[UUID, datetime]]:
    """Bookings with the time of their class, by which they are known again once they are held."""
    rows = to_remind(kind, at).annotate(told_at=_TOLD_AT).values_list("pk", "session__starts_at", "told_at")
    due = (
        (pk, starts_at)
        for pk, starts_at, told_at in rows.iterator(_BATCH)
        if kind.is_due(starts_at=starts_at, told_at=told_at, at=at)
    )
    found = list(islice(due, MOST))
    for first in range(0, len(found), _BATCH):
        yield dict(found[first : first + _BATCH])


@transaction.atomic
def _queue(kind: Reminder, batch: Mapping[UUID, datetime], at: datetime) -> int:
    rows = to_remind(kind, at).filter(pk__in=batch).with_places()
    held = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk")
    return sum(
        kind.tell(booking, due_at=at)
        for booking in held
        if booking.session is not None and booking.session.starts_at == batch[booking.pk]
    )


def to_remind(kind: Reminder, at: datetime) -> TrialBookingQuerySet:
    """Seats in classes near enough of which nobody was reminded, one a family and class, soonest first."""
    booked: TrialBookingQuerySet = (
        TrialBooking.objects.filter(**_BOOKED)
        .in_use()
        .filter(
            session__state__in=(SessionState.OPEN, SessionState.CLOSED),
            session__starts_at__gt=at + kind.at_least,
            session__starts_at__lte=at + kind.before + _NIGHT,
        )
    )
    fresh = booked.exclude(told(template=kind.template, about_id="pk", about_at="session__starts_at"))
    # Looked for in parties alone, which are few: as a condition of its own the planner would join for all.
    alone = Q(party_id=None)
    is_first = ~Exists(_siblings(party_place__lt=OuterRef("party_place"), **_BOOKED))
    told_by_another = Exists(_siblings().filter(_told_before_it_was_off(kind)))
    one_a_family = fresh.filter(alone | is_first & ~told_by_another)
    return one_a_family.order_by("session__starts_at", "pk")


_BOOKED: dict[str, Any] = {"state": BookingState.BOOKED, "lapsed_at": None}
_STEPS = BookingEvent.objects.filter(booking=OuterRef("pk"), state=BookingState.BOOKED).order_by()
_BOOKED_AT = Subquery(_STEPS.values("booking").annotate(first=Min("at")).values("first"))
# When the family was last told of this class by another message.
_TOLD_AT = Greatest(Coalesce(_BOOKED_AT, F("created_at")), F("class_changed_at"))


def _siblings(**which: Any) -> TrialBookingQuerySet:
    """Others of a booking's party in the same class."""
    party = TrialBooking.objects.filter(party_id=OuterRef("party_id"), session=OuterRef("session"), **which)
    rest: TrialBookingQuerySet = party.exclude(pk=OuterRef("pk"))
    return rest


def _told_before_it_was_off(kind: Reminder) -> Exists:
    """The family was reminded by the seat of another child, which has been given back since."""
    return told(template=kind.template, about_id="pk", about_at="session__starts_at", void=False)
