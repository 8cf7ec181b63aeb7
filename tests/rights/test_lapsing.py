"""Whoever does not come back within thirty days can ask anew; nothing of theirs hangs in the air."""

import pytest
import time_machine

from accounts.services.guardians import phone_of
from privacy.audit.models import AuditEvent
from privacy.rights.enums import Outcome, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import answer, ask_back
from privacy.rights.services.lapsing import lapse
from privacy.rights.services.steps import happened
from privacy.rights.tasks import lapse as lapse_task
from tests.families import a_guardian
from tests.people import texts_to
from tests.rights.asking import ACCESS, a_clerk, asks_at_the_door, course, now, outcomes, theirs
from tests.rights.test_clock import at
from tests.rights.test_reckoning import received

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_request_nobody_proved_lapses_after_thirty_days() -> None:
    request = received(at("2026-11-02 10:00"), ACCESS, RequestKind.ERASE, door=True)
    assert lapse(at=at("2026-12-02 09:59")) == 0
    assert now(request).state == "verifying"

    assert lapse(at=at("2026-12-02 10:00")) == 1

    assert (now(request).state, now(request).closed_at is not None) == ("lapsed", True)
    assert outcomes(request) == {"access": Outcome.DROPPED, "erase": Outcome.DROPPED}
    assert AuditEvent.objects.filter(action="request.lapsed", subject_id=request.subject_id).count() == 1


def test_again_nothing_lapses() -> None:
    request = received(at("2026-11-02 10:00"), ACCESS, door=True)
    with time_machine.travel(at("2026-12-03 00:04"), tick=False):
        lapse_task()
        lapse_task()
    assert course(request).count("lapsed") == 1


def test_the_thirty_days_begin_with_the_last_question() -> None:
    request = received(at("2026-11-02 10:00"), ACCESS)
    _asked(request, "2026-11-03 10:00")
    with time_machine.travel(at("2026-11-20 10:00"), tick=False):
        answer(request=request, answer="小的那个", by=theirs(request))
    _asked(request, "2026-11-21 10:00")
    with time_machine.travel(at("2026-12-10 10:00"), tick=False):
        happened(request, "looked", by=a_clerk())  # what we do meanwhile begins nothing
    assert lapse(at=at("2026-12-21 09:00")) == 0
    assert lapse(at=at("2026-12-21 11:00")) == 1
    assert not now(request).pauses.filter(answered_at=None).exists()


def test_what_waits_for_us_never_lapses() -> None:
    request = received(at("2026-11-02 10:00"), ACCESS)
    assert lapse(at=at("2028-11-02 10:00")) == 0
    assert now(request).state == "accepted"


def test_a_guardian_is_told_and_a_number_nobody_proved_is_not() -> None:
    guardian = a_guardian()
    with time_machine.travel(at("2026-11-02 10:00"), tick=False):
        stranger = asks_at_the_door(ACCESS, phone="+8613800009999")
    request = received(at("2026-11-02 10:00"), ACCESS, guardian=guardian)
    _asked(request, "2026-11-02 11:00")
    with time_machine.travel(at("2026-12-03 12:00"), tick=False):
        assert lapse(at=at("2026-12-03 12:00")) == 2
        told = texts_to(str(phone_of(guardian.pk)).removeprefix("+86"))
        assert any(request.reference in text and "已失效" in text for text in told)
        assert texts_to("13800009999") == []
    assert now(stranger).state == "lapsed"


def _asked(request: DataSubjectRequest, moment: str) -> None:
    with time_machine.travel(at(moment), tick=False):
        ask_back(request=request, question="是哪一个孩子？", by=a_clerk())
