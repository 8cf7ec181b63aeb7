"""Officers are told five, two and no workdays before, once each; and when the calendar ends."""

import logging
from datetime import date, datetime

import pytest
import time_machine
from django.core.checks import CheckMessage
from django.core.checks.registry import registry

from kit.uuid7 import uuid7
from kit.workdays import last_known_year
from privacy.audit.models import AuditEvent
from privacy.rights.checks import calendar_goes_on
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.alerts import calendar_alarm, calendar_warning, warn_due
from privacy.rights.services.asking_back import answer, ask_back
from privacy.rights.services.deciding import grant, withdraw_request
from privacy.rights.services.replying import reply
from privacy.rights.tasks import mind_the_calendar, warn
from tests.rights.asking import ACCESS, ERASE, QUESTION, a_clerk, asks, course, now, theirs
from tests.rights.test_clock import at
from tests.rights.test_reckoning import received
from website.services.request_desk import Officer, tally

pytestmark = pytest.mark.django_db(databases="__all__")


def warnings(request: DataSubjectRequest) -> list[str]:
    return [event.note for event in request.events.all() if event.what == "warned"]


def each_hour(*days: str) -> list[int]:
    """What the task finds on each of these days, at one minute past midnight and in the evening."""
    moments = [at(f"{day} {clock}") for day in days for clock in ("00:01", "22:30")]
    return [warn_due(at=moment) for moment in moments]


class TestWarnings:
    @pytest.mark.clause("L-UA-9-1", "X1-10a")
    def test_five_two_and_no_workdays_before_once_each(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)  # due on Monday 23 November
        assert each_hour("2026-11-13", "2026-11-15") == [0, 0, 0, 0]
        assert each_hour("2026-11-16", "2026-11-17", "2026-11-18") == [1, 0, 0, 0, 0, 0]
        assert each_hour("2026-11-19", "2026-11-20", "2026-11-22") == [1, 0, 0, 0, 0, 0]
        assert each_hour("2026-11-23", "2026-11-24", "2026-12-24") == [1, 0, 0, 0, 0, 0]

        assert warnings(request) == ["t-5", "t-2", "t-0"]
        assert now(request).warned == 0
        told = AuditEvent.objects.filter(action="request.warned", subject_id=request.subject_id)
        assert [event.detail for event in told.order_by("at", "pk")] == [
            {"left": 5},
            {"left": 2},
            {"left": 0},
        ]

    def test_a_day_on_which_nobody_works_is_warned_of_before(self) -> None:
        request = received(at("2026-09-18 10:00"), QUESTION)  # due on Saturday 3 October, in the holiday
        assert each_hour("2026-09-21", "2026-09-22", "2026-09-27") == [0, 0, 1, 0, 0, 0]
        assert each_hour("2026-09-28", "2026-09-29", "2026-09-30") == [1, 0, 0, 0, 1, 0]
        assert warnings(request) == ["t-5", "t-2", "t-0"]

    def test_a_worker_away_for_long_warns_once_of_the_last_stage(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        assert warn_due(at=at("2026-12-24 08:00")) == 1
        assert warnings(request) == ["t-0"]

    def test_two_deliveries_of_the_task_warn_once(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        with time_machine.travel(at("2026-11-16 08:00"), tick=False):
            warn()
            warn()
        assert warnings(request) == ["t-5"]

    def test_nobody_is_warned_while_the_person_is_asked(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        with time_machine.travel(at("2026-11-12 10:00"), tick=False):
            ask_back(request=request, question="是哪一个孩子？", by=a_clerk())
        assert warn_due(at=at("2026-11-23 08:00")) == 0
        with time_machine.travel(at("2026-11-23 10:00"), tick=False):
            answer(request=request, answer="小的那个", by=theirs(request))
        assert warn_due(at=at("2026-11-23 11:00")) == 0  # due on 8 December by now
        assert warn_due(at=at("2026-12-01 08:00")) == 1

    def test_nobody_is_warned_of_what_is_over(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        withdraw_request(request=request, by=theirs(request))
        assert warn_due(at=at("2026-11-23 08:00")) == 0
        assert "warned" not in course(request)

    def test_the_rest_of_a_partly_granted_request_is_warned_of_and_late_by_its_own_day(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS, ERASE)
        each_hour("2026-11-23")
        with time_machine.travel(at("2026-11-23 10:00"), tick=False):
            grant(request=request, kind=ACCESS, by=a_clerk())
            said = "要看的已经可以看了，删除还要等退款办完。"
            rest = date(2026, 12, 18)
            reply(request=request, body=said, final=True, by=a_clerk(), remains_until=rest)

        assert each_hour("2026-12-10", "2026-12-11", "2026-12-16", "2026-12-18") == [0, 0, 1, 0, 1, 0, 1, 0]
        overdue = DataSubjectRequest.objects.overdue
        assert not overdue(at("2026-12-18 23:00")).exists()
        assert overdue(at("2026-12-19 00:00")).get() == request
        board = Officer(id=uuid7(), works=True, sees_all=True)
        assert [tally(board, at(f"{day} 12:00")).overdue for day in ("2026-12-18", "2026-12-19")] == [0, 1]

    def test_the_log_tells_numbers_and_nobody(self, caplog: pytest.LogCaptureFixture) -> None:
        request = asks(ACCESS, words="我的电话是 13800138000")
        with caplog.at_level(logging.WARNING):
            warn_due(at=request.due_at)
        (line,) = caplog.records
        assert (line.getMessage(), line.__dict__["count"]) == ("requests with 0 workdays left", 1)
        assert str(request.pk) not in str(line.__dict__)
        assert request.reference not in str(line.__dict__)


LAST = last_known_year()


class TestTheCalendarEnds:
    @pytest.mark.clause("LAW-86")
    def test_december_is_alarmed_when_the_next_year_is_missing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            assert calendar_alarm(today=date(LAST, 12, 1)) == LAST + 1
        (line,) = caplog.records
        assert line.getMessage().startswith(f"holidays of {LAST + 1} missing")
        assert str(LAST + 1) in calendar_warning(today=date(LAST, 12, 1))

    def test_before_december_and_with_the_year_at_hand_all_is_quiet(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        for today in (date(LAST, 11, 30), date(LAST - 1, 12, 31)):
            assert calendar_alarm(today=today) is None
            assert calendar_warning(today=today) == ""
        assert not caplog.records

    def test_only_a_deploy_check_asks(self) -> None:
        assert calendar_goes_on in registry.get_checks(include_deployment_checks=True)
        assert calendar_goes_on not in registry.get_checks()

    @pytest.mark.clause("LAW-86")
    def test_the_deploy_check_and_the_task_say_the_same(self, caplog: pytest.LogCaptureFixture) -> None:
        assert _checked_on(at(f"{LAST}-11-30 23:59")) == []
        (found,) = _checked_on(at(f"{LAST}-12-01 00:00"))
        assert (found.id, str(LAST + 1) in found.msg) == ("rights.W001", True)
        with time_machine.travel(at(f"{LAST}-12-01 08:30"), tick=False):
            mind_the_calendar()
        assert [line.levelname for line in caplog.records] == ["ERROR"]


def _checked_on(moment: datetime) -> list[CheckMessage]:
    with time_machine.travel(moment, tick=False):
        return calendar_goes_on(None)
