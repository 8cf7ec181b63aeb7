"""Deadlines move when the calendar knows more and when we waited for the person, each time on record."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections

from kit.workdays import last_known_year
from privacy.audit.models import AuditEvent
from privacy.rights.clock import due_at
from privacy.rights.enums import Clock, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import answer, ask_back
from privacy.rights.services.deciding import withdraw_request
from privacy.rights.services.proving import prove_number
from privacy.rights.services.reckoning import reckon_again
from privacy.rights.tasks import reckon
from tests.rights.asking import ACCESS, QUESTION, a_clerk, asks, asks_at_the_door, course, now, theirs
from tests.rights.test_clock import at, ends

pytestmark = pytest.mark.django_db(databases="__all__")
RECEIVED, LATER = at("2026-09-18 10:00"), at("2026-09-25 03:00")


def as_reckoned_by(known_until: int, request: DataSubjectRequest) -> DataSubjectRequest:
    """The request as a release would have written it whose calendar ended with that year."""
    due = due_at(clock=Clock(request.clock), received_at=request.received_at, known_until=known_until)
    DataSubjectRequest.objects.filter(pk=request.pk).update(due_at=due, calendar_until=known_until)
    return now(request)


def received(moment: datetime, *kinds: RequestKind, door: bool = False, **asked: Any) -> DataSubjectRequest:
    with time_machine.travel(moment, tick=False):
        return (asks_at_the_door if door else asks)(*kinds, **asked)


def notes(request: DataSubjectRequest) -> list[str]:
    moved = ("waited", "reckoned")
    return [f"{event.what} {event.note}" for event in request.events.all() if event.what in moved]


def deeds(request: DataSubjectRequest) -> list[dict[str, object]]:
    actions = ("request.waited", "request.reckoned")
    found = AuditEvent.objects.filter(action__in=actions, subject_id=request.subject_id)
    return [{"action": event.action, **event.detail} for event in found]


class TestTheCalendarKnowsMore:
    @pytest.mark.clause("LAW-86")
    def test_open_deadlines_move_on_record(self) -> None:
        request = as_reckoned_by(2025, received(RECEIVED, ACCESS))
        assert request.due_at == ends("2026-10-06")  # Monday to Friday, less three days

        assert reckon_again(at=LATER) == 1

        moved = now(request)
        assert (moved.due_at, moved.calendar_until) == (ends("2026-10-15"), last_known_year())
        assert notes(request) == ["reckoned 2026-10-06 2026-10-15"]
        assert deeds(request) == [
            {"action": "request.reckoned", "days": 9, "calendar_until": last_known_year()}
        ]

    def test_again_nothing_moves(self) -> None:
        request = as_reckoned_by(2025, received(RECEIVED, ACCESS))
        reckon_again(at=LATER)
        before = course(request)

        assert reckon_again(at=LATER) == 0
        with time_machine.travel(LATER, tick=False):
            reckon()
        assert course(request) == before

    def test_a_deadline_that_was_too_late_moves_forward(self) -> None:
        request = received(RECEIVED, ACCESS)
        DataSubjectRequest.objects.filter(pk=request.pk).update(due_at=ends("2026-10-20"))
        assert reckon_again(at=LATER) == 1
        assert now(request).due_at == ends("2026-10-15")
        assert notes(request) == ["reckoned 2026-10-20 2026-10-15"]

    def test_a_later_deadline_is_warned_of_anew(self) -> None:
        request = as_reckoned_by(2025, received(RECEIVED, ACCESS))
        DataSubjectRequest.objects.filter(pk=request.pk).update(warned=2)
        reckon_again(at=LATER)
        assert now(request).warned is None

    def test_days_of_the_calendar_know_no_holidays(self) -> None:
        request = as_reckoned_by(2025, received(RECEIVED, QUESTION))
        assert reckon_again(at=LATER) == 0
        assert (now(request).due_at, now(request).calendar_until) == (ends("2026-10-03"), last_known_year())
        assert notes(request) == []

    def test_what_is_over_stays_as_it_was(self) -> None:
        request = received(RECEIVED, ACCESS)
        withdraw_request(request=request, by=theirs(request))
        request = as_reckoned_by(2025, request)
        assert reckon_again(at=LATER) == 0
        assert now(request).due_at == ends("2026-10-06")

    def test_an_older_calendar_than_the_request_s_is_not_asked(self) -> None:
        request = received(RECEIVED, ACCESS)
        rows = DataSubjectRequest.objects.filter(pk=request.pk)
        rows.update(due_at=ends("2026-10-22"), calendar_until=last_known_year() + 1)
        assert reckon_again(at=LATER) == 0
        assert now(request).due_at == ends("2026-10-22")

    @pytest.mark.django_db(transaction=True, databases="__all__")
    def test_two_deliveries_at_the_same_moment_move_it_once(self) -> None:
        request = as_reckoned_by(2025, received(RECEIVED, ACCESS))
        gate = threading.Barrier(4)
        moved: list[int] = []

        def work() -> None:
            try:
                gate.wait()
                moved.append(reckon_again(at=LATER))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(moved) == [0, 0, 0, 1]
        assert notes(request) == ["reckoned 2026-10-06 2026-10-15"]


class TestWeWaitedForThePerson:
    @pytest.mark.clause("X2-5.8b")
    def test_the_days_of_a_question_are_not_counted_and_stand_in_its_history(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        assert request.due_at == ends("2026-11-23")
        with time_machine.travel(at("2026-11-10 15:00"), tick=False):
            ask_back(request=request, question="是哪一个孩子？", by=a_clerk())
        with time_machine.travel(at("2026-11-13 09:00"), tick=False):
            answer(request=request, answer="小的那个", by=theirs(request))

        assert now(request).due_at == ends("2026-11-25")  # the 11th and 12th
        assert notes(request) == ["waited 2026-11-23 2026-11-25"]
        assert [deed["days"] for deed in deeds(request)] == [2]
        events = {event.what: event.at for event in request.events.all()}
        assert (events["need_info"], events["answered"]) == (at("2026-11-10 15:00"), at("2026-11-13 09:00"))

    @pytest.mark.clause("X2-5.8b")
    def test_the_days_of_a_missing_proof_are_not_counted(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS, door=True)
        with time_machine.travel(at("2026-11-12 09:00"), tick=False):
            prove_number(request=request, subject_id=asks().subject_id, by=theirs(request))
        assert now(request).due_at == ends("2026-12-02")  # seven workdays, the 3rd to the 11th
        assert notes(request) == ["waited 2026-11-23 2026-12-02"]

    def test_while_we_wait_the_deadline_goes_along_and_is_written_down_once(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        with time_machine.travel(at("2026-11-10 15:00"), tick=False):
            ask_back(request=request, question="是哪一个孩子？", by=a_clerk())
        for day in range(11, 31):
            reckon_again(at=at(f"2026-11-{day} 00:02"))
        assert now(request).due_at == ends("2026-12-10")
        assert not DataSubjectRequest.objects.overdue(at("2026-11-30 12:00")).exists()
        assert notes(request) == []

        with time_machine.travel(at("2026-11-30 15:00"), tick=False):
            answer(request=request, answer="小的那个", by=theirs(request))
        assert notes(request) == ["waited 2026-11-23 2026-12-10"]
        assert reckon_again(at=at("2026-12-01 00:02")) == 0

    def test_asking_after_the_day_makes_nothing_good(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        with time_machine.travel(at("2026-11-24 09:00"), tick=False):
            ask_back(request=request, question="是哪一个孩子？", by=a_clerk())
        assert reckon_again(at=at("2026-12-02 00:02")) == 0
        late = DataSubjectRequest.objects.overdue(at("2026-12-02 12:00"))
        assert (late.get().pk, late.get().state) == (request.pk, RequestState.NEED_INFO)

    def test_nothing_else_stops_the_clock(self) -> None:
        request = received(at("2026-11-02 10:00"), ACCESS)
        assert reckon_again(at=request.received_at + timedelta(days=40)) == 0
        assert now(request).due_at == ends("2026-11-23")
