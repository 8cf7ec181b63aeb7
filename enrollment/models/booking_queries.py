"""Bookings as pages and services ask for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import Count, Q

from enrollment.enums import EXPECTED, LIVE, OVER, TAKES_A_SEAT, BookingState, SessionState
from enrollment.models.booking_laws import UNSETTLED
from enrollment.models.classes import ClassSession
from privacy.rights.services.restricting import restricted_ids

if TYPE_CHECKING:
    from enrollment.models.bookings import TrialBooking  # noqa: F401  in quotes below


# Staff who see a campus also see its city's requests that name no campus yet.
_OF_THE_WHOLE_CITY = Q(campus=None, state=BookingState.REQUESTED)


@dataclass(frozen=True, kw_only=True)
class SeatsHad:
    """Seats in classes to come, those of one course among them, and all had in a span of time."""

    to_come: int
    of_course: int
    year: int
    """Booked or offered within the span, neither cancelled nor moved, whether or not the family came."""


class TrialBookingQuerySet(models.QuerySet["TrialBooking"]):
    def of(self, user_id: UUID) -> TrialBookingQuerySet:
        return self.filter(guardian_id=user_id)

    def live(self) -> TrialBookingQuerySet:
        """A call or a class is still to come."""
        return self.filter(state__in=LIVE, lapsed_at=None)

    def active(self) -> TrialBookingQuerySet:
        """A seat is held or taken, and what it is for has not been settled."""
        return self.filter(UNSETTLED)

    def requested(self) -> TrialBookingQuerySet:
        """Those that wait for a call."""
        return self.filter(state=BookingState.REQUESTED)

    def to_come(self, at: datetime) -> TrialBookingQuerySet:
        """Active ones whose class is not over at ``at``."""
        return self.active().filter(session__ends_at__gt=at)

    def ahead(self, at: datetime) -> TrialBookingQuerySet:
        """What a family still has before it at ``at``: a call, or a class that is not over."""
        return self.live().filter(Q(session=None) | Q(session__ends_at__gt=at))

    def behind(self, at: datetime) -> TrialBookingQuerySet:
        """All the rest: settled, lapsed, or with a class that is over."""
        over = Q(state__in=OVER) | Q(lapsed_at__isnull=False) | Q(session__ends_at__lte=at)
        return self.filter(over)

    def came_to_the_end(self) -> TrialBookingQuerySet:
        """Checked in to a class that is over."""
        return self.filter(state=BookingState.CHECKED_IN, session__state=SessionState.FINISHED)

    def held_for(self, phone_indexes: Sequence[str], at: datetime) -> TrialBookingQuerySet:
        """Seats kept at ``at`` for a number nobody has proved yet, by its blind indexes."""
        return self.filter(phone_index__in=phone_indexes, state=BookingState.HELD, hold_expires_at__gt=at)

    def count_had(self, at: datetime, *, course_id: int, since: datetime) -> SeatsHad:
        """How many seats these are at ``at``; one query."""
        ahead = UNSETTLED & Q(session__ends_at__gt=at)
        counted = self.aggregate(
            to_come=Count("pk", filter=ahead),
            of_course=Count("pk", filter=ahead & Q(course=course_id)),
            year=Count("pk", filter=Q(state__in=TAKES_A_SEAT, created_at__gt=since)),
        )
        return SeatsHad(**counted)

    def of_parties(self, party_ids: Collection[UUID]) -> TrialBookingQuerySet:
        """Of siblings booked together, the first named first; what was moved or ran out is left out."""
        gone = (BookingState.RESCHEDULED, BookingState.EXPIRED)
        return self.filter(party_id__in=party_ids).exclude(state__in=gone).order_by("party_place", "pk")

    def offered_to(self, entry_ids: Iterable[UUID]) -> TrialBookingQuerySet:
        """The seats offered to entries of the waiting list: one to each at the most, ever."""
        return self.filter(waitlist_entry__in=list(entry_ids))

    def unanswered(self) -> TrialBookingQuerySet:
        """Offers that wait for an answer, those that have run out and not been let go included."""
        return self.filter(waitlist_entry__isnull=False, state=BookingState.HELD)

    def without_offers(self) -> TrialBookingQuerySet:
        """All but seats that wait for an answer: lists show those as places on the waiting list."""
        return self.exclude(waitlist_entry__isnull=False, state=BookingState.HELD)

    def run_out(self, at: datetime) -> TrialBookingQuerySet:
        """Held for longer than promised."""
        return self.filter(state=BookingState.HELD, hold_expires_at__lte=at)

    def left_unmarked(self) -> TrialBookingQuerySet:
        """Booked in a class that is over, and nobody has noted who came."""
        booked = self.filter(state=BookingState.BOOKED, lapsed_at=None)
        return booked.filter(session__state=SessionState.FINISHED)

    def of_session(self, session: ClassSession) -> TrialBookingQuerySet:
        return self.filter(session=session)

    def of_course(self, course_id: int) -> TrialBookingQuerySet:
        return self.filter(course=course_id)

    def expected_in(self, session_ids: Iterable[UUID]) -> TrialBookingQuerySet:
        """Whom the classes expect at the door: a seat held for a number nobody has proved yet is nobody's."""
        return self.filter(session__in=list(session_ids), state__in=EXPECTED).order_by("created_at", "pk")

    def in_use(self) -> TrialBookingQuerySet:
        """Without those whose guardian, or whose child, had the use of what is kept restricted (PIPL 44)."""
        left_alone = restricted_ids()
        return self.exclude(guardian_id__in=left_alone).exclude(child_id__in=left_alone)

    def within(
        self, campus_ids: Collection[int] | None, city_ids: Collection[int] = ()
    ) -> TrialBookingQuerySet:
        """Those of the campuses, and the cities' requests without a campus; all of them for None.

        As staff may know them: without those of whom the use is restricted.
        """
        known = self.in_use()
        if campus_ids is None:
            return known
        return known.filter(Q(campus_id__in=campus_ids) | _OF_THE_WHOLE_CITY & Q(city_id__in=city_ids))

    def with_places(self) -> TrialBookingQuerySet:
        """With all that a page says of when and where."""
        return self.select_related(
            "city", "campus", "course__programme", "session__campus__city", "session__course__programme"
        )

    def soonest_first(self) -> TrialBookingQuerySet:
        """By the time of the class; those that wait for a call come last."""
        return self.with_places().order_by("session__starts_at", "-created_at", "-pk")

    def newest_first(self) -> TrialBookingQuerySet:
        return self.with_places().order_by("-created_at", "-pk")
