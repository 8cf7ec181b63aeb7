"""When a request is due: which days count, to the second, whatever the calendar knows."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.workdays import last_known_year
from privacy.rights.clock import Waited, due_at
from privacy.rights.enums import AT_ONCE, RIGHTS, Clock, RequestKind, clock_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS, WORKDAYS = Clock.CALENDAR, Clock.WORKDAYS


def at(text: str) -> datetime:
    """A moment in Shanghai, as ``2026-11-23 09:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def ends(day: str) -> datetime:
    return at(f"{day} 23:59:59")


@pytest.mark.clause("L-PP-8-1", "X1-10a", "X2-5.8b", "LAW-77")
@pytest.mark.parametrize("kind", RIGHTS)
def test_rights_have_fifteen_workdays(kind: RequestKind) -> None:
    assert due_at(clock=clock_of([kind]), received_at=at("2026-09-18 10:00")) == ends("2026-10-15")


@pytest.mark.clause("X2-11.2", "L-UA-9-1", "LAW-78")
@pytest.mark.parametrize("kind", [kind for kind in RequestKind if kind not in RIGHTS])
def test_complaints_questions_and_whatever_else_have_fifteen_days(kind: RequestKind) -> None:
    assert due_at(clock=clock_of([kind]), received_at=at("2026-09-18 10:00")) == ends("2026-10-03")


def test_of_several_the_shorter_clock_holds() -> None:
    assert clock_of([RequestKind.ERASE, RequestKind.COMPLAINT]) == DAYS
    assert clock_of([RequestKind.ERASE, RequestKind.EXPORT]) == WORKDAYS
    assert all(clock_of([kind]) == DAYS for kind in AT_ONCE if kind not in RIGHTS)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (at("2026-11-22 00:00"), "2026-12-07"),
        (at("2026-11-22 23:59"), "2026-12-07"),
        (at("2026-11-23 00:00"), "2026-12-08"),
        # It is the next day in Shanghai already.
        (datetime(2026, 11, 22, 16, 0, tzinfo=ZoneInfo("UTC")), "2026-12-08"),
    ],
)
def test_the_day_of_receipt_is_shanghai_s_and_not_counted(received: datetime, due: str) -> None:
    assert due_at(clock=DAYS, received_at=received) == ends(due)


@pytest.mark.clause("X2-5.8b")
@pytest.mark.parametrize(
    ("since", "until", "days", "workdays"),
    [
        # Received on Sunday 22 November: without a wait due on Monday 7, on Friday 11 December.
        ("2026-11-24 09:00", "2026-11-24 17:00", "2026-12-07", "2026-12-11"),  # no whole day
        ("2026-11-24 09:00", "2026-11-25 23:00", "2026-12-07", "2026-12-11"),  # nor here
        ("2026-11-24 09:00", "2026-11-26 08:00", "2026-12-08", "2026-12-14"),  # all of the 25th
        ("2026-11-27 09:00", "2026-11-30 08:00", "2026-12-09", "2026-12-11"),  # a weekend
        ("2026-12-07 09:00", "2026-12-20 08:00", "2026-12-20", "2026-12-24"),  # asked on the last day
        ("2026-12-08 09:00", "2026-12-20 08:00", "2026-12-07", "2026-12-23"),  # a day too late to ask
        ("2026-12-14 09:00", "2026-12-24 08:00", "2026-12-07", "2026-12-11"),
    ],
)
def test_whole_days_of_waiting_for_the_person_do_not_count(
    since: str, until: str, days: str, workdays: str
) -> None:
    received, waited = at("2026-11-22 10:00"), [Waited(at(since), at(until))]
    assert due_at(clock=DAYS, received_at=received, waited=waited) == ends(days)
    assert due_at(clock=WORKDAYS, received_at=received, waited=waited, known_until=2026) == ends(workdays)


def test_what_is_overdue_by_one_wait_is_not_saved_by_the_next() -> None:
    waited = [
        Waited(at("2026-11-24 09:00"), at("2026-11-26 08:00")),  # due on 8 December
        Waited(at("2026-12-09 09:00"), at("2026-12-20 08:00")),
    ]
    assert due_at(clock=DAYS, received_at=at("2026-11-22 10:00"), waited=waited) == ends("2026-12-08")


RECEIVED = st.dates(date(2014, 1, 1), date(2026, 5, 1))


@st.composite
def _waits(draw: st.DrawFn) -> tuple[datetime, list[Waited]]:
    received = datetime.combine(draw(RECEIVED), datetime.min.time(), SHANGHAI) + timedelta(hours=10)
    spans, begun = [], received
    for _ in range(draw(st.integers(0, 3))):
        begun += timedelta(hours=draw(st.integers(0, 200)))
        until = begun + timedelta(hours=draw(st.integers(0, 30 * 24)))
        spans.append(Waited(begun, until))
        begun = until
    return received, spans


@pytest.mark.clause("LAW-77", "LAW-86")
@settings(max_examples=1000)
@given(_waits(), st.integers(2013, 2025))
def test_less_knowledge_never_makes_a_deadline_late(
    waits: tuple[datetime, list[Waited]], known_until: int
) -> None:
    received, waited = waits
    said = due_at(clock=WORKDAYS, received_at=received, waited=waited, known_until=known_until)
    truth = due_at(clock=WORKDAYS, received_at=received, waited=waited)
    assert said <= truth
    assert said >= due_at(clock=DAYS, received_at=received)


@pytest.mark.clause("LAW-77", "LAW-78")
@given(st.datetimes(datetime(2014, 1, 1), datetime(2040, 1, 1), timezones=st.just(SHANGHAI)))
def test_days_never_outlast_workdays(received: datetime) -> None:
    days = due_at(clock=DAYS, received_at=received)
    assert days <= due_at(clock=WORKDAYS, received_at=received)
    assert days.astimezone(SHANGHAI).date() - received.date() == timedelta(days=15)


def test_a_deadline_past_the_calendar_is_shortened() -> None:
    received = datetime(last_known_year() + 1, 6, 1, 12, tzinfo=SHANGHAI)
    exact = due_at(clock=WORKDAYS, received_at=at("2026-12-11 10:00"), known_until=2026)
    assert exact == ends("2026-12-29")
    assert due_at(clock=WORKDAYS, received_at=received) > due_at(clock=DAYS, received_at=received)
