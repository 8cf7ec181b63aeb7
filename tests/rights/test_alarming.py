"""What cannot wait reaches the officer at once; misuse signs out everywhere."""

import logging

import pytest
from django.test import Client
from django.utils import timezone

from privacy.actors import ANONYMOUS
from privacy.rights.enums import AT_ONCE, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.proving import prove_number
from tests.children import signed_in
from tests.families import a_guardian, written_to
from tests.rights.asking import ACCESS, QUESTION, asks, asks_at_the_door, course
from website.services.request_desk import in_order

pytestmark = pytest.mark.django_db(databases="__all__")


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me/").json()["authenticated"] is True


@pytest.mark.clause("X1-10b")
@pytest.mark.clause("X2-5.4a")
@pytest.mark.parametrize("kind", AT_ONCE)
def test_it_comes_first_and_is_said_aloud(kind: RequestKind, caplog: pytest.LogCaptureFixture) -> None:
    asks(ACCESS)
    with caplog.at_level(logging.ERROR, logger="privacy.rights"):
        request = asks_at_the_door(kind, words="我的号码是 13800001234", phone="+8613800001234")
    assert in_order(DataSubjectRequest.objects.open(), timezone.now()).first() == request
    assert "alarmed" in course(request)
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.reference for record in said] == [request.reference]
    assert "13800001234" not in str(vars(said[0]))


def test_what_can_wait_raises_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="privacy.rights"):
        request = asks_at_the_door(QUESTION)
    assert not caplog.records
    assert "alarmed" not in course(request)


@pytest.mark.clause("L-UA-3.3")
def test_misuse_signs_out_everywhere_and_says_so() -> None:
    guardian, other = a_guardian(), a_guardian()
    phone, laptop, theirs = signed_in(guardian), signed_in(guardian), signed_in(other)
    assert is_in(phone)
    assert is_in(laptop)

    request = asks(RequestKind.MISUSE, guardian=guardian)

    assert not is_in(phone)
    assert not is_in(laptop)
    assert is_in(theirs)
    assert "signed_out" in course(request)
    assert [request.reference in text for text in written_to(guardian)] == [True]


def test_nobody_is_signed_out_by_a_number_that_somebody_typed() -> None:
    guardian = a_guardian("13800007777")
    phone = signed_in(guardian)
    request = asks_at_the_door(RequestKind.MISUSE, phone="+8613800007777")
    assert is_in(phone)

    prove_number(request=request, subject_id=guardian.pk, by=ANONYMOUS)

    assert not is_in(phone)


def test_another_alarm_signs_nobody_out() -> None:
    guardian = a_guardian()
    phone = signed_in(guardian)
    asks(RequestKind.LEAK, guardian=guardian)
    assert is_in(phone)
