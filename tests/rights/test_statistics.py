"""Numbers by month: what came in, and what became of it in time."""

from datetime import date

import pytest
import time_machine

from privacy.rights.enums import RefusalCode, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import grant, withdraw_request
from privacy.rights.services.refusing import approve_refusal, propose_refusal
from privacy.rights.services.replying import fulfil, reply
from privacy.rights.services.statistics import Month, Tally, by_month
from tests.queries import counted
from tests.rights.asking import ACCESS, ERASE, LAW, QUESTION, REASON, a_clerk, an_officer, now, theirs
from tests.rights.test_clock import at
from tests.rights.test_reckoning import received

pytestmark = pytest.mark.django_db(databases="__all__")
SAID = "已经按您说的办好了，都在“我的隐私”里。"
NOW = at("2026-11-30 12:00")


def month(number: int, year: int = 2026) -> Month:
    return by_month(year, at=NOW)[number - 1]


def answered(request: DataSubjectRequest, moment: str) -> DataSubjectRequest:
    with time_machine.travel(at(moment), tick=False):
        fulfil(request=request, body=SAID)
    return now(request)


def test_every_month_is_there_and_empty_ones_are_empty() -> None:
    assert [(one.month, one.total) for one in by_month(2026, at=NOW)] == [
        (number, Tally()) for number in range(1, 13)
    ]


@pytest.mark.clause("X1-10a", "L-UA-9-1")
def test_late_is_what_was_closed_late_and_what_is_late_by_now() -> None:
    answered(received(at("2026-10-08 10:00"), ACCESS), "2026-10-28 23:59")  # its last minute
    answered(received(at("2026-10-08 10:00"), ACCESS), "2026-10-29 00:00")
    received(at("2026-10-09 10:00"), ACCESS)  # still owed
    received(at("2026-10-10 10:00"), QUESTION)
    received(at("2026-11-29 10:00"), ACCESS)  # there is time

    october = month(10)
    assert october.by_kind == {
        RequestKind.ACCESS: Tally(received=3, closed=2, on_time=1, late=2),
        RequestKind.QUESTION: Tally(received=1, late=1),
    }
    assert october.total == Tally(received=4, closed=2, on_time=1, late=3)
    assert month(11).total == Tally(received=1)


def test_refused_and_withdrawn_ones_are_closed() -> None:
    refused = received(at("2026-11-02 10:00"), ERASE)
    with time_machine.travel(at("2026-11-03 10:00"), tick=False):
        code = RefusalCode.STATUTORY_PERIOD
        refusal = propose_refusal(
            request=refused, kind=ERASE, code=code, clause=LAW, reason=REASON, by=a_clerk()
        )
        approve_refusal(refusal=refusal, by=an_officer())
        reply(request=refused, body=SAID, final=True, by=a_clerk())
        withdrawn = received(at("2026-11-02 10:00"), ERASE)
        withdraw_request(request=withdrawn, by=theirs(withdrawn))
    assert month(11).total == Tally(received=2, closed=2, on_time=2, refused=1)


def test_a_rest_is_on_time_until_the_day_promised_for_it() -> None:
    request = received(at("2026-10-09 10:00"), ACCESS, ERASE)
    with time_machine.travel(at("2026-10-20 10:00"), tick=False):
        grant(request=request, kind=ACCESS, by=a_clerk())
        reply(request=request, body=SAID, final=True, by=a_clerk(), remains_until=date(2026, 12, 18))
    assert month(10).total == Tally(received=1, closed=1, on_time=1)
    late = by_month(2026, at=at("2026-12-19 00:00"))[9].total
    assert late == Tally(received=1, closed=1, late=1)


def test_months_are_shanghai_s() -> None:
    received(at("2026-01-01 00:00"), ACCESS)  # still 2025 in London
    received(at("2025-12-31 23:59"), ACCESS)
    received(at("2026-10-31 23:59"), ACCESS)
    assert (month(1).total.received, month(10).total.received) == (1, 1)
    assert month(12, year=2025).total.received == 1


def test_one_query_however_many_there_are() -> None:
    for days in range(3):
        received(at(f"2026-11-0{days + 1} 10:00"), ACCESS)
        with counted(default=1):
            by_month(2026, at=NOW)
