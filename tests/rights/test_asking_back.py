"""Questions to the person: the clock waits while they are asked, and not a day longer."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from privacy.actors import ANONYMOUS, Actor
from privacy.rights.exceptions import NotEntitled, RequestMoved, RequestRefused, RequestUnknown
from privacy.rights.models import DataSubjectRequest, Pause, RequestEvent
from privacy.rights.services.asking_back import answer, ask_back
from privacy.rights.services.deciding import accept
from tests.families import a_guardian
from tests.rights.asking import (
    ACCESS,
    ERASE,
    QUESTION,
    a_clerk,
    asks,
    asks_at_the_door,
    course,
    now,
    theirs,
)

pytestmark = pytest.mark.django_db(databases="__all__")
WHICH = "您想更正的是哪一次预约？"


def day_of(at: datetime) -> int:
    return timezone.localtime(at).toordinal()


def test_a_question_stops_the_clock_and_the_answer_starts_it() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=9), tick=False):
        request = asks(QUESTION)
        ask_back(request=request, question=WHICH, by=a_clerk())
    due = now(request).due_at
    assert now(request).state == "need_info"

    row = answer(request=request, answer="上周六那一次。", by=theirs(request))

    assert row.state == "accepted"
    assert day_of(now(request).due_at) - day_of(due) == 8  # neither the day of the question nor of the answer
    pause = Pause.objects.get()
    assert (pause.question, pause.answer) == (WHICH, "上周六那一次。")
    assert [what for what in course(request) if what in ("answered", "accepted")][-2:] == [
        "answered",
        "accepted",
    ]


@pytest.mark.clause("X2-5.8b")
def test_who_stops_waiting_starts_the_clock_too_and_it_is_on_record() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=5), tick=False):
        request = asks(QUESTION)
        ask_back(request=request, question=WHICH, by=a_clerk())
    due = now(request).due_at
    accept(request=request, by=a_clerk())
    assert day_of(now(request).due_at) - day_of(due) == 4
    assert Pause.objects.get().answered_at is not None
    assert [what for what in course(request) if what in ("need_info", "accepted")][-2:] == [
        "need_info",
        "accepted",
    ]


def test_a_question_answered_the_same_day_gives_no_day_away() -> None:
    request = asks(QUESTION)
    due = now(request).due_at
    ask_back(request=request, question=WHICH, by=a_clerk())
    answer(request=request, answer="上周六那一次。", by=theirs(request))
    assert now(request).due_at == due


def test_somebody_not_yet_proved_goes_on_being_asked_for_proof() -> None:
    request = asks_at_the_door(ERASE)
    ask_back(request=request, question="您是用哪个号码预约的？", by=a_clerk())
    row = answer(request=request, answer="现在这个。", by=ANONYMOUS)
    assert row.state == "verifying"


def test_one_question_at_a_time_and_as_many_as_it_takes() -> None:
    request = asks(ACCESS)
    ask_back(request=request, question=WHICH, by=a_clerk())
    with pytest.raises(RequestMoved):
        ask_back(request=request, question="还有一件事？", by=a_clerk())
    answer(request=request, answer="上周六那一次。", by=theirs(request))
    ask_back(request=request, question="还有一件事？", by=a_clerk())
    assert Pause.objects.count() == 2


@pytest.mark.parametrize("question", ["", "   ", "您想【】的是哪些信息？", "问" * 2001])
def test_a_question_asks_something(question: str) -> None:
    with pytest.raises(RequestRefused, match="question"):
        ask_back(request=asks(ACCESS), question=question, by=a_clerk())


@pytest.mark.parametrize("words", ["", "  ", "答" * 2001])
def test_an_answer_says_something(words: str) -> None:
    request = asks(ACCESS)
    ask_back(request=request, question=WHICH, by=a_clerk())
    with pytest.raises(RequestRefused, match="answer"):
        answer(request=request, answer=words, by=theirs(request))


def test_nobody_else_answers_nor_asks() -> None:
    request = asks(ACCESS)
    with pytest.raises(NotEntitled):
        ask_back(request=request, question=WHICH, by=theirs(request))
    ask_back(request=request, question=WHICH, by=a_clerk())
    for somebody in (Actor("guardian", a_guardian().pk), ANONYMOUS):
        with pytest.raises(RequestUnknown):
            answer(request=request, answer="上周六那一次。", by=somebody)
    assert now(request).state == "need_info"


def test_nobody_answers_what_nobody_asks() -> None:
    request = asks(ACCESS)
    with pytest.raises(RequestMoved):
        answer(request=request, answer="上周六那一次。", by=theirs(request))


def test_neither_question_nor_answer_stands_in_clear_anywhere_else() -> None:
    request = asks(ACCESS)
    ask_back(request=request, question=WHICH, by=a_clerk())
    answer(request=request, answer="上周六那一次。", by=theirs(request))
    notes = RequestEvent.objects.filter(request=request).values_list("note", flat=True)
    assert not [note for note in notes if "哪一次" in note or "周六" in note]
    assert DataSubjectRequest.objects.get(pk=request.pk).words is None
