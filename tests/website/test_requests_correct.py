"""An officer puts something right in words: written down first, granted after, kept from whoever may not."""

import pytest
from django.test import Client

from leap.roles import CAMPUS, PRIVACY_OFFICER
from privacy.rights.enums import Outcome, RequestKind
from privacy.rights.models import Correction, DataSubjectRequest
from tests.rights.asking import asks, outcomes
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SAID = {"field": "booking.source", "before": "海报", "after": "朋友介绍", "evidence": "家长来电说明"}


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER))


def address(request: DataSubjectRequest, part: str = "") -> str:
    return f"/staff/requests/{request.public_id}/{part}"


def seen(request: DataSubjectRequest) -> dict[str, str]:
    """How far the request had come, as its pages say it."""
    return {"seen": str(request.events.order_by("-at", "-pk")[0].pk)}


@pytest.mark.clause("X1-6-2")
@pytest.mark.clause("LAW-20")
def test_what_was_written_down_lets_the_right_be_granted(officer: Client) -> None:
    request = asks(RequestKind.RECTIFY)
    assert address(request, "correct/") in officer.get(address(request)).content.decode()
    officer.post(address(request, "grant/"), {"kind": "rectify", **seen(request)})
    assert outcomes(request) == {RequestKind.RECTIFY: Outcome.PENDING}

    shown = officer.get(address(request, "correct/")).content.decode()
    posted = officer.post(address(request, "correct/"), {**SAID, **seen(request)})
    officer.post(address(request, "grant/"), {"kind": "rectify", **seen(request)})

    assert "登记更正" in shown
    assert posted.status_code == 303, posted.content.decode()
    row = Correction.objects.get(request=request)
    assert (row.before, row.after, row.evidence) == ("海报", "朋友介绍", "家长来电说明")
    assert outcomes(request) == {RequestKind.RECTIFY: Outcome.GRANTED}


@pytest.mark.parametrize("left_out", ["before", "after", "evidence"])
def test_without_before_after_or_evidence_nothing_is_written(officer: Client, left_out: str) -> None:
    request = asks(RequestKind.RECTIFY)

    assert officer.post(address(request, "correct/"), {**SAID, left_out: " "}).status_code == 422
    assert not Correction.objects.exists()


@pytest.mark.parametrize("field", ["user.id", "binding.phone", "child.nickname", "nobody.knows"])
def test_what_is_locked_is_no_choice(officer: Client, field: str) -> None:
    request = asks(RequestKind.RECTIFY)

    assert officer.post(address(request, "correct/"), {**SAID, "field": field}).status_code == 422
    assert not Correction.objects.exists()


def test_staff_of_a_campus_do_not_get_in() -> None:
    request = asks(RequestKind.RECTIFY)
    desk = signed_in(a_member_of_staff(CAMPUS))

    assert desk.post(address(request, "correct/"), SAID).status_code == 403
    assert not Correction.objects.exists()
