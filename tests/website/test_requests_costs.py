"""What the pages of requests ask of each database: as much for one row as for three, on either side."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from leap.roles import PRIVACY_OFFICER
from privacy.actors import SYSTEM
from privacy.rights.enums import RefusalCode, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import answer, ask_back
from privacy.rights.services.refusing import propose_refusal
from privacy.rights.services.replying import reply
from tests.families import a_guardian, a_seat
from tests.own_pages import comes_in
from tests.places import a_class, a_course
from tests.queries import counted
from tests.rights.asking import LAW, REASON, an_officer, asks, theirs
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME, DESK = "/account/privacy/", "/staff/requests/"
KINDS = (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT, RequestKind.TRANSFER)


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def family(guardian: User) -> Client:
    return comes_in(guardian)


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER))


def dealt_with(request: DataSubjectRequest, times: int) -> None:
    """Asked back, answered and told something, so many times; as many refusals as it has rights."""
    for _ in range(times):
        ask_back(request=request, question="您说的是哪一次？", by=SYSTEM)
        answer(request=request, answer="上一次", by=theirs(request))
        reply(request=request, body="我们正在核对您说的那一次。", final=False, by=SYSTEM)
    for right in request.rights.all():
        propose_refusal(
            request=request,
            kind=right.kind,
            code=RefusalCode.LEGAL_DUTY,
            clause=LAW,
            reason=REASON,
            by=an_officer(),
        )


@pytest.mark.parametrize("times", [1, 3])
def test_my_privacy_costs_the_same_however_much_there_is(guardian: User, family: Client, times: int) -> None:
    for number in range(times):
        a_seat(a_class(course=a_course(f"course-{number}")), guardian)
        asks(RequestKind.QUESTION, guardian=guardian)
    family.get(HOME)

    with counted(default=43, minors=2, keys=1):
        assert family.get(HOME).status_code == 200


@pytest.mark.parametrize("times", [1, 3])
def test_the_list_of_one_s_own_requests_costs_the_same(guardian: User, family: Client, times: int) -> None:
    for _ in range(times):
        asks(RequestKind.QUESTION, RequestKind.EXPLAIN, guardian=guardian)
    family.get(f"{HOME}requests/")

    with counted(default=3):
        assert family.get(f"{HOME}requests/").status_code == 200


@pytest.mark.parametrize("times", [1, 3])
def test_one_s_own_request_costs_the_same(guardian: User, family: Client, times: int) -> None:
    request = asks(*KINDS[:times], guardian=guardian)
    dealt_with(request, times)
    address = f"{HOME}requests/{request.public_id}/"
    family.get(address)

    with counted(default=9, keys=1):
        assert family.get(address).status_code == 200


@pytest.mark.parametrize("times", [1, 3])
def test_the_inbox_costs_the_same(officer: Client, times: int) -> None:
    for number in range(times):
        request = asks(RequestKind.LEAK if number else RequestKind.QUESTION)
        DataSubjectRequest.objects.filter(pk=request.pk).update(
            due_at=timezone.now() + timedelta(days=number - 1)
        )
    officer.get(DESK)

    with counted(default=7):
        assert officer.get(DESK).status_code == 200


@pytest.mark.parametrize("times", [1, 3])
def test_a_request_at_the_desk_costs_the_same(officer: Client, guardian: User, times: int) -> None:
    request = asks(*KINDS[:times], guardian=guardian)
    dealt_with(request, times)
    address = f"{DESK}{request.public_id}/"
    officer.get(address)

    with counted(default=53, minors=2, keys=2):
        assert officer.get(address).status_code == 200
