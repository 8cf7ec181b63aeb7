"""What the page of the day shows: classes by the clock, who is expected in each, and who has come."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.services.guardians import masked_phones_of
from courses.models import Campus
from courses.policies import CampusScope
from enrollment.enums import BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import check_in_hours, no_show_hours
from enrollment.services.class_changes import waiting_in
from enrollment.services.class_history import ChangeLine, latest_changes
from enrollment.state_words import state_in_words

_CAME = frozenset({BookingState.CHECKED_IN, BookingState.ATTENDED})
_NOT_HELD = (SessionState.DRAFT, SessionState.CANCELLED)
_TOGETHER = 5  # campuses whose classes still read as one list
_TAIL = 4  # digits of a number, by which its owner says who they are


@dataclass(frozen=True)
class Asked:
    """Which day, which campus and whom somebody looks for; made of the page's address or a form's fields."""

    day: date
    campus: str = ""
    words: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        """A day that is none is today."""
        try:
            day = parse_date(query.get("day", ""))
        except ValueError:  # well formed, and in no calendar
            day = None
        words = unicodedata.normalize("NFKC", query.get("q", "")[:40]).strip().upper()
        return cls(day or timezone.localdate(), query.get("campus", "")[:60], words)

    @property
    def query(self) -> str:
        """The address of the same day and campus, without the words looked for."""
        return urlencode({"day": self.day.isoformat(), "campus": self.campus})

    def finds(self, row: Expected) -> bool:
        bare = self.words.replace("-", "").replace(" ", "")
        return not bare or bare in (row.tail, row.booking.reference.replace("-", ""))


@dataclass(frozen=True)
class Step:
    """What the desk can say of a family, by the name of its address; ``quiet`` if it is the lesser thing."""

    address: str
    words: str
    quiet: bool = True


@dataclass(frozen=True)
class Expected:
    """One booking at the door: its number to say, the end of the phone number, where it stands."""

    booking: TrialBooking
    state_text: str
    tail: str
    came: bool
    answer: str
    """What the family itself has said, or has yet to say of a change; empty once it is here."""
    steps: list[Step]
    """Those open now, the likeliest first."""


@dataclass(frozen=True)
class ClassOfTheDay:
    """One class, with those expected whom the search finds, and how many have come of how many."""

    session: ClassSession
    rows: list[Expected]
    came: int
    expected: int
    opens_at: datetime | None
    """From when families are checked in; None once that has begun."""
    waiting: int = 0
    """Families that wait for a seat."""
    change: ChangeLine | None = None
    """The last thing staff changed of it."""


@dataclass(frozen=True)
class Board:
    """The page of one day, for the campuses of one member of staff."""

    asked: Asked
    today: date
    campuses: list[Campus]
    """Those to choose from."""
    shown: list[Campus]
    """Those whose classes are on the page."""
    classes: list[ClassOfTheDay]
    waiting: int

    @property
    def must_choose(self) -> bool:
        return bool(self.campuses) and not self.shown

    @property
    def days(self) -> list[tuple[str, date]]:
        """The day before, today and the day after, by name."""
        names = (_("昨天"), _("今天"), _("明天"))
        return [(name, self.today + timedelta(days=n - 1)) for n, name in enumerate(names)]


def board_of(*, scope: CampusScope, asked: Asked, at: datetime) -> Board:
    """The page as it stands at ``at``. As many queries whatever the number of classes and bookings."""
    campuses = list(
        Campus.objects.within(scope.campus_ids).select_related("city").order_by("city__position", "name")
    )
    shown = [one for one in campuses if one.slug == asked.campus]
    if not shown and len(campuses) <= _TOGETHER:
        shown = campuses
    return Board(
        asked=asked,
        today=timezone.localdate(at),
        campuses=campuses,
        shown=shown,
        classes=_classes(shown, asked, at),
        waiting=TrialBooking.objects.within(scope.campus_ids, scope.city_ids).requested().count(),
    )


def _classes(campuses: list[Campus], asked: Asked, at: datetime) -> list[ClassOfTheDay]:
    ids = [campus.pk for campus in campuses]
    held = ClassSession.objects.within(ids).from_day(asked.day).to_day(asked.day).in_order()
    sessions = held.exclude(state__in=_NOT_HELD).select_related("campus", "course", "room", "teacher")
    by_class: dict[UUID, list[TrialBooking]] = {session.pk: [] for session in sessions}
    bookings = list(TrialBooking.objects.within(ids).expected_in(by_class))
    for booking in bookings:
        if booking.session_id:
            by_class[booking.session_id].append(booking)
    numbers = masked_phones_of(booking.owner_id for booking in bookings)
    waiting, changes = waiting_in(by_class), latest_changes(by_class)
    classes = [
        replace(
            _class(session, by_class[session.pk], numbers, asked, at),
            waiting=waiting.get(session.pk, 0),
            change=changes.get(session.pk),
        )
        for session in sessions
    ]
    return [one for one in classes if one.rows or not asked.words]


def _class(
    session: ClassSession,
    bookings: list[TrialBooking],
    numbers: Mapping[UUID, str],
    asked: Asked,
    at: datetime,
) -> ClassOfTheDay:
    opens = check_in_hours(session)[0]
    rows = [_expected(one, numbers.get(one.owner_id, ""), session, at) for one in bookings]
    return ClassOfTheDay(
        session=session,
        rows=[row for row in rows if asked.finds(row)],
        came=sum(row.came for row in rows),
        expected=len(rows),
        opens_at=opens if at < opens else None,
    )


def _expected(booking: TrialBooking, number: str, session: ClassSession, at: datetime) -> Expected:
    return Expected(
        booking=booking,
        state_text=state_in_words(booking),
        tail=number[-_TAIL:],
        came=booking.state in _CAME,
        answer=_answer(booking),
        steps=list(_steps(BookingState(booking.state), session, at)),
    )


def _answer(booking: TrialBooking) -> str:
    if booking.state != BookingState.BOOKED:
        return ""
    if booking.class_changed_at:
        return _("改课后还没回复")
    return _("家长说会来") if booking.coming_at else ""


def _steps(state: BookingState, session: ClassSession, at: datetime) -> Iterator[Step]:
    opens, ends = check_in_hours(session)
    if not opens <= at < ends:
        return
    if state == BookingState.BOOKED:
        yield Step("desk:check-in", _("签到"), quiet=False)
        if at >= no_show_hours(session)[0]:
            yield Step("desk:no-show", _("没有来"))
    elif state == BookingState.CHECKED_IN:
        yield Step("desk:undo", _("撤回签到"))
    elif state == BookingState.NO_SHOW:
        yield Step("desk:came-late", _("来了"))
