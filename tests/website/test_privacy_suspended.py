"""A suspended account books nothing, and keeps every right to what is held about it."""

import pytest
from django.test import Client

from accounts.models import User
from enrollment.models import TrialBooking, WaitlistEntry
from privacy.rights.enums import Bar
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.restricting import is_restricted
from privacy.rights.wording import BARRED
from tests.children import a_child
from tests.cleaning import empty_redis
from tests.families import a_guardian, a_seat
from tests.own_pages import comes_in, number_of
from tests.people import ask_code, filled
from tests.places import a_class
from tests.waiters import a_full_class

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME = "/account/privacy/"
OTHERS = ["/account/", "/account/bookings/", "/account/children/", "/account/children/add/"]


@pytest.fixture
def guardian() -> User:
    """Somebody whose account was suspended after they had booked."""
    mine = a_guardian()
    a_seat(a_class(), mine)
    a_child(mine)
    mine.is_active = False
    mine.save(update_fields=["is_active"])
    return mine


@pytest.fixture
def browser(guardian: User) -> Client:
    return comes_in(guardian)


def test_the_code_still_lets_them_in_and_leads_to_their_own_information(
    browser: Client, guardian: User
) -> None:
    assert browser.get("/account/login/")["Location"] == HOME
    assert browser.get("/account/login/?next=/account/bookings/")["Location"] == HOME

    page = browser.get(HOME).content.decode()

    assert "已停用" in page
    assert number_of(guardian)[-4:] in page


@pytest.mark.parametrize("path", OTHERS)
def test_nothing_else_of_the_account_opens(browser: Client, path: str) -> None:
    assert browser.get(path)["Location"].startswith("/account/login/")


def test_neither_their_booking_nor_the_api_knows_them(browser: Client, guardian: User) -> None:
    booking = TrialBooking.objects.of(guardian.pk).get()

    assert browser.get(f"/trial/{booking.public_id}/").status_code == 404
    assert browser.get("/api/v1/me/").json() == {"authenticated": False}
    assert browser.get("/api/v1/trial-bookings/").status_code == 401


def test_nor_does_a_code_of_the_booking_form_book_or_wait_for_them(guardian: User) -> None:
    phone, session = number_of(guardian), a_class()
    client, waiting, full = Client(), Client(), a_full_class()

    seat = {"session": session.public_id}
    line = {"session": full.public_id, "wait_for": full.public_id, "action": "join_waitlist"}

    booked = client.post("/trial/", {**filled(phone, ask_code(client, phone)), **seat})
    empty_redis()
    waits = waiting.post("/trial/", {**filled(phone, ask_code(waiting, phone)), **line})

    assert (booked.status_code, waits.status_code) == (403, 403)
    assert BARRED[Bar.SUSPENDED] in booked.content.decode()
    assert TrialBooking.objects.of(guardian.pk).count() == 1
    assert not WaitlistEntry.objects.of(guardian.pk).exists()
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["see/", "correct/", "correct/number/", "explain/", "export/", "restrict/", "withdraw/", "write/erase/"],
)
def test_every_right_is_there(browser: Client, path: str) -> None:
    assert browser.get(f"{HOME}{path}").status_code == 200


def test_they_take_restrict_delete_and_withdraw(browser: Client, guardian: User) -> None:
    package = browser.post(f"{HOME}export/")["Location"]
    assert browser.get(package).status_code == 200
    browser.post(f"{HOME}restrict/", {"action": "restrict"})
    assert is_restricted(guardian.pk)
    browser.post(f"{HOME}write/erase/", {"reason": "asked"})
    browser.post(f"{HOME}withdraw/")

    asked = set(DataSubjectRequest.objects.of(guardian.pk).values_list("kind", flat=True))
    assert asked == {"export", "restrict", "erase", "withdraw"}


def test_whoever_was_signed_in_when_it_happened_keeps_the_same() -> None:
    guardian = a_guardian()
    browser = comes_in(guardian)
    guardian.is_active = False
    guardian.save(update_fields=["is_active"])

    assert browser.get("/account/")["Location"].startswith("/account/login/")
    assert browser.get(f"{HOME}see/").status_code == 200


def test_suspended_staff_are_nobody(client: Client) -> None:
    staff = User.objects.create_superuser(username="gone", password="a long enough word")
    client.force_login(staff)
    staff.is_active = False
    staff.save(update_fields=["is_active"])

    assert client.get(HOME)["Location"].startswith("/account/login/")
    assert client.get("/staff/today/").status_code == 302
