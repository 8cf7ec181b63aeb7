"""The waiting list in the back office: who sees whom wait, and that nobody changes it there."""

import pytest
from django.test import Client

from courses.models import Campus
from enrollment.models import WaitlistEntry
from leap.roles import CAMPUS, HEAD_OFFICE
from tests.families import a_guardian
from tests.people import new_phone
from tests.places import a_campus, at
from tests.queries import counted
from tests.staff import a_member_of_staff, signed_in
from tests.waiters import a_full_class, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LIST = "/staff/enrollment/waitlistentry/"


def page_of(entry: WaitlistEntry) -> str:
    return f"{LIST}{entry.pk}/change/"


def desk(campus: Campus) -> Client:
    return signed_in(a_member_of_staff(CAMPUS, campus))


def test_a_campus_sees_who_waits_for_its_classes_and_of_theirs_its_own_alone() -> None:
    here, there = a_campus(1), a_campus(2)
    ours = a_full_class(campus=here)
    theirs = a_full_class(campus=there, starts_at=at(days=3, hour=10))
    both, other = waits_for(ours, theirs), waits_for(theirs)

    shown = desk(here).get(LIST).content.decode()
    single = desk(here).get(page_of(both)).content.decode()

    assert page_of(both) in shown
    assert page_of(other) not in shown
    assert desk(here).get(page_of(other)).status_code == 404
    for page in (shown, single):
        assert here.name in page
        assert "10:00" not in page
    everything = signed_in(a_member_of_staff(HEAD_OFFICE)).get(LIST).content.decode()
    assert page_of(both) in everything
    assert page_of(other) in everything
    assert there.name in everything


def test_numbers_are_masked_and_children_are_not_there() -> None:
    phone = new_phone()
    session = a_full_class()
    entry = waits_for(session, guardian=a_guardian(phone))

    for page in (LIST, page_of(entry)):
        shown = desk(session.campus).get(page).content.decode()
        assert f"{phone[:3]}****{phone[-4:]}" in shown
        assert phone not in shown
        assert "child" not in shown


def test_nothing_is_changed_there() -> None:
    session = a_full_class()
    entry = waits_for(session)
    client = desk(session.campus)

    assert client.post(page_of(entry), {"state": "offered"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    entry.refresh_from_db()
    assert entry.state == "waiting"


@pytest.mark.parametrize("entries", [1, 3])
def test_a_page_of_them_costs_the_same_however_long(entries: int) -> None:
    session = a_full_class()
    for _ in range(entries):
        waits_for(session)
    client = desk(session.campus)
    client.get(LIST)

    with counted(default=9, keys=1):
        client.get(LIST)
