"""Seats held for numbers not yet proved, as staff see them: that there is one, and nothing of whose."""

import pytest
from django.test import Client

from enrollment.models import TrialBooking
from leap.roles import CAMPUS
from tests.holding import a_hold, run_out
from tests.people import new_phone
from tests.places import a_campus, a_class, at
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

BOOKINGS = "/staff/enrollment/trialbooking/"


@pytest.fixture
def desk() -> Client:
    return signed_in(a_member_of_staff(CAMPUS, a_campus(city="nanjing")))


@pytest.fixture
def hold() -> TrialBooking:
    return a_hold(a_class(campus=a_campus(city="nanjing"), starts_at=at(days=1, hour=10)), new_phone())


def test_the_list_and_the_page_say_that_the_number_is_being_proved(desk: Client, hold: TrialBooking) -> None:
    for page in (BOOKINGS, f"{BOOKINGS}?state__exact=held", f"{BOOKINGS}{hold.pk}/change/"):
        said = desk.get(page).content.decode()
        assert hold.reference in said
        assert "号码验证中" in said
        assert str(hold.phone_index) not in said
        assert "看完整号码" not in said


def test_there_is_no_number_to_reveal(desk: Client, hold: TrialBooking) -> None:
    page = f"{BOOKINGS}{hold.pk}/number/"

    assert desk.get(page).status_code == 404
    assert desk.post(page, {"reason": "call_back"}).status_code == 404


def test_nobody_is_expected_at_the_door(desk: Client, hold: TrialBooking) -> None:
    assert hold.session is not None
    said = desk.get(f"/staff/today/?day={hold.session.local_date}").content.decode()

    assert hold.session.course.name in said
    assert hold.reference not in said
    assert "还没有人约这节课" in said


def test_once_it_has_run_out_there_is_nothing_to_prove_any_more(desk: Client, hold: TrialBooking) -> None:
    run_out(hold)
    a_hold(TrialBooking.objects.get(pk=hold.pk).session)  # the next claim

    said = desk.get(f"{BOOKINGS}?state__exact=expired").content.decode()

    assert hold.reference in said
    assert "号码验证中" not in said
