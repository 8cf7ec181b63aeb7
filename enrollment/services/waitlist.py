"""The waiting list: joined by families whom a full class turned away, left, answered when a seat is free."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.services.children import find_child
from accounts.services.guardians import guardian_actor, refuse_suspended
from enrollment.enums import BookingChannel, BookingState, WaitlistState
from enrollment.exceptions import (
    AlreadyBooked,
    AlreadyWaiting,
    BookedByOther,
    Busy,
    HoldTooLate,
    NoOffer,
    SeatFree,
    SessionClosed,
    SessionElsewhere,
    TooManyWaiting,
)
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.policies import (
    MOST_CLASSES_WAITED,
    MOST_JOINED,
    MOST_OF_A_COURSE,
    MOST_WAITING,
    offer_until,
)
from enrollment.services.ages import check_age
from enrollment.services.caps import check_seats
from enrollment.services.notices import tell_booked
from enrollment.services.other_guardians import tell_others_booked
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import confirm_hold, end_entry, lock_classes, settle
from enrollment.services.steps import hold, note, take_step
from kit.constraints import broken
from kit.limiter import Limit, LimiterUnavailable, take
from kit.uuid7 import uuid7
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.rights.services.restricting import refuse_barred

logger = logging.getLogger(__name__)

_ONE_ENTRY = ("one_open_entry", "one_open_entry_unnamed")


@in_our_words()
@transaction.atomic
def join(
    *,
    guardian: User,
    sessions: Sequence[ClassSession],
    child_id: UUID | None = None,
    channel: BookingChannel,
    by: Actor,
) -> WaitlistEntry:
    """Wait for a seat in any of up to six full classes of one city, behind everybody who waits for them.

    Raises SeatFree, SessionClosed (also when too little time is left for an answer), SessionElsewhere,
    AgeUnsuitable, ChildUnknown, AlreadyBooked, BookedByOther, AlreadyWaiting, TooManyWaiting, TooManyLive,
    TooManyThisYear, UseBarred, LimitReached and Busy; then nothing is kept. ValueError for no class or too
    many.
    """
    if not 0 < len({session.pk for session in sessions}) <= MOST_CLASSES_WAITED:
        raise ValueError("a waiting list is for one class and up to six")
    if len({session.campus.city_id for session in sessions}) > 1:
        raise SessionElsewhere
    User.objects.select_for_update(no_key=True).get(pk=guardian.pk)
    refuse_barred(guardian.pk, child_id)
    _check_child(guardian, child_id, sessions)
    _check_standing(guardian, child_id, sessions)
    _count(guardian)
    held = lock_classes(session.pk for session in sessions).values()
    for session in held:
        _check_full(session)
    entry = _put_down(WaitlistEntry(guardian=guardian, child_id=child_id, channel=channel), held)
    detail: dict[str, str | int] = {"channel": channel.value, "classes": len(held)}
    record("waitlist.joined", by=by, subject=guardian.pk, target=entry, detail=detail)
    return entry


def _check_child(guardian: User, child_id: UUID | None, sessions: Iterable[ClassSession]) -> None:
    if child_id is None:
        return
    born = find_child(guardian=guardian, child_id=child_id).birth_month
    for session in sessions:
        check_age(born, session)


def _check_standing(guardian: User, child_id: UUID | None, sessions: Iterable[ClassSession]) -> None:
    """What the guardian may not, whatever the classes have free."""
    if earlier := _waiting_for(guardian.pk, child_id, [session.pk for session in sessions]):
        raise AlreadyWaiting(earlier)
    one_of_each = {session.course_id: session for session in sessions}
    alike = TrialBooking.objects.active().with_places().filter(course__in=one_of_each, child_id=child_id)
    if booking := (alike if child_id else alike.of(guardian.pk)).first():
        if booking.guardian_id == guardian.pk:
            raise AlreadyBooked(booking)
        raise BookedByOther(next(one for one in sessions if one.course_id == booking.course_id))
    mine = WaitlistEntry.objects.of(guardian.pk).open()
    if mine.count() >= MOST_WAITING * settings.LIMIT_FACTOR:
        raise TooManyWaiting(MOST_WAITING)
    for session in sessions:  # each place may keep a seat from all behind it for a day
        if mine.filter(choices__session=session).count() >= MOST_OF_A_COURSE * settings.LIMIT_FACTOR:
            raise TooManyWaiting(MOST_OF_A_COURSE)
    for session in one_of_each.values():
        check_seats(guardian=guardian, session=session)


def _count(guardian: User) -> None:
    """Joining and leaving over and over would fill the stores. Raises LimitReached."""
    try:
        take([Limit(scope="join waitlist", key=str(guardian.pk), count=MOST_JOINED, seconds=86400)])
    except LimiterUnavailable:  # whoever is proved gets on without Redis too
        logger.warning("an entry of the waiting list was not counted")


def _waiting_for(
    guardian_id: UUID, child_id: UUID | None, session_ids: Collection[UUID]
) -> WaitlistEntry | None:
    """The open entry of the child, or of the guardian where none is named, for one of the classes."""
    entries = WaitlistEntry.objects.open().filter(choices__session__in=session_ids, child_id=child_id)
    if child_id is None:
        entries = entries.of(guardian_id)
    return entries.filter(choices__state__in=(WaitlistState.WAITING, WaitlistState.OFFERED)).first()


def _check_full(session: ClassSession) -> None:
    """Whether a held class is one to wait for."""
    settle(session)
    now = timezone.now()
    if not session.takes_bookings(now):
        raise SessionClosed(session)
    if session.seats_left:
        raise SeatFree(session)
    if offer_until(session, now) is None:
        raise SessionClosed(session)


def _put_down(entry: WaitlistEntry, sessions: Iterable[ClassSession]) -> WaitlistEntry:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
            for session in sessions:
                WaitlistChoice.objects.create(entry=entry, session=session)
    except IntegrityError as error:
        if broken(error) not in _ONE_ENTRY:
            raise
        # By the child's other guardian, a moment ago.
        earlier = _waiting_for(entry.guardian_id, entry.child_id, [session.pk for session in sessions])
        raise (AlreadyWaiting(earlier) if earlier else Busy()) from error
    return entry


@in_our_words()
@transaction.atomic
def leave(*, entry: WaitlistEntry, by: Actor) -> WaitlistEntry:
    """Wait no longer, or decline the seat offered, which the next in line is offered at once.

    What is over stays as it is. Raises AlreadyBooked when the seat has been accepted, and Busy.
    """
    classes, row = _hold_entry(entry)
    if row.state == WaitlistState.WAITING:
        end_entry(row, WaitlistState.WITHDRAWN)
        record("waitlist.left", by=by, subject=row.guardian_id, target=row)
    elif row.state == WaitlistState.OFFERED:
        seat = _offer_to(row)
        take_step(seat, BookingState.CANCELLED, by=by, action="trial.offer_declined")
        settle(next(one for one in classes if one.pk == seat.session_id))
        row.refresh_from_db()
    elif row.state == WaitlistState.ACCEPTED:
        raise AlreadyBooked(_offer_to(row))
    return row


@in_our_words()
@transaction.atomic
def accept(*, entry: WaitlistEntry, by: Actor) -> TrialBooking:
    """Take the seat that is offered; accepted twice it is the same booking.

    Raises HoldTooLate when it was kept until a moment ago, NoOffer when there is none, UseBarred, and Busy.
    """
    guardian = User.objects.select_for_update(no_key=True).get(pk=entry.guardian_id)
    _, row = _hold_entry(entry)
    if not TrialBooking.objects.offered_to([row.pk]).exists():
        raise NoOffer(row)
    seat = _offer_to(row)
    if row.state == WaitlistState.ACCEPTED:
        return seat
    if row.state != WaitlistState.OFFERED:
        raise HoldTooLate(seat)
    refuse_suspended(guardian)
    refuse_barred(row.guardian_id, row.child_id)
    seat.state, seat.hold_expires_at, seat.class_changed_at = BookingState.BOOKED, None, None
    confirm_hold(seat)
    note(seat, by=by, action="trial.booked")
    tell_booked(seat)
    tell_others_booked([seat])
    return seat


def _hold_entry(entry: WaitlistEntry) -> tuple[list[ClassSession], WaitlistEntry]:
    """The classes an entry is for, and then the entry as it stands, held until the transaction ends."""
    chosen = WaitlistChoice.objects.filter(entry=entry).values_list("session", flat=True)
    classes = list(lock_classes(chosen).values())
    return classes, WaitlistEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)


def _offer_to(entry: WaitlistEntry) -> TrialBooking:
    """The one seat ever offered to an entry, whatever has become of it; held."""
    return hold(TrialBooking.objects.offered_to([entry.pk]).get().pk)


def position(entry: WaitlistEntry) -> int | None:
    """The entry's place in the line that is shortest for it: 1 is next. None where it no longer waits."""
    return min(places_of([entry.pk]).get(entry.pk, {}).values(), default=None)


def places_of(entry_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, int]]:
    """The places of entries in the lines they wait in, by entry and class; one query."""
    earlier = Q(joined_at__lt=OuterRef("joined_at")) | Q(
        joined_at=OuterRef("joined_at"), entry__lt=OuterRef("entry")
    )
    line = WaitlistChoice.objects.waiting().filter(earlier, session=OuterRef("session"))
    before = line.order_by().values("session").annotate(families=Count("pk")).values("families")
    waiting = WaitlistChoice.objects.waiting().filter(entry__in=list(entry_ids))
    places: dict[UUID, dict[UUID, int]] = {}
    rows = waiting.annotate(before=Coalesce(Subquery(before), 0)).values_list("entry", "session", "before")
    for entry_id, session_id, families in rows:
        places.setdefault(entry_id, {})[session_id] = families + 1
    return places


def forget_child(*, guardian: User, child_id: UUID) -> None:
    """Let the guardian's entries for a child go on without it, in the caller's transaction.

    Where they wait for the class without a child already, nobody's id stands in.
    """
    rows = WaitlistEntry.objects.of(guardian.pk).filter(child_id=child_id).order_by("joined_at", "pk")
    for entry in rows.select_for_update(no_key=True):
        try:
            with transaction.atomic():
                _name(entry, None)
        except IntegrityError as error:
            if broken(error) not in _ONE_ENTRY:
                raise
            _name(entry, uuid7())
        record("waitlist.unnamed", by=guardian_actor(guardian), subject=guardian.pk, target=entry)


def _name(entry: WaitlistEntry, child_id: UUID | None) -> None:
    WaitlistChoice.objects.filter(entry=entry).update(child_id=child_id)
    WaitlistEntry.objects.filter(pk=entry.pk).update(child_id=child_id)
