"""A whole number in the back office: with a reason, on record, and for nobody else."""

import pytest
from django.test import Client

from accounts.models import User
from enrollment.models import TrialBooking
from privacy.audit.models import AuditEvent
from tests.people import book, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def phone() -> str:
    number = new_phone()
    book(Client(), number)
    return number


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_superuser("head", "paper-puppet-theatre-7")
    client.force_login(user)
    return user


def page() -> str:
    return f"/staff/enrollment/trialbooking/{TrialBooking.objects.get().pk}/number/"


def spoken(phone: str) -> str:
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}"


def test_number_is_masked_until_somebody_says_why(client: Client, staff: User, phone: str) -> None:
    booking = TrialBooking.objects.get()
    masked = client.get(f"/staff/enrollment/trialbooking/{booking.pk}/change/").content.decode()
    asked = client.get(page()).content.decode()
    refused = client.post(page(), {"reason": "curiosity"}).content.decode()

    for seen in (masked, asked, refused):
        assert spoken(phone) not in seen
        assert phone not in seen
    assert f"{phone[:3]}****{phone[-4:]}" in masked
    assert not AuditEvent.objects.filter(action="number.revealed").exists()


@pytest.mark.clause("L-UA-3.2")
def test_reason_shows_the_number_and_stays_on_record(client: Client, staff: User, phone: str) -> None:
    response = client.post(page(), {"reason": "call_back"})

    assert spoken(phone) in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    event = AuditEvent.objects.get(action="number.revealed")
    assert (event.actor_id, event.subject_id) == (staff.pk, TrialBooking.objects.get().guardian_id)
    assert event.detail == {"reason": "call_back"}


def test_guardian_and_stranger_are_sent_to_the_staffs_door(client: Client, phone: str) -> None:
    client.force_login(TrialBooking.objects.get().guardian)

    for visitor in (client, Client()):
        response = visitor.post(page(), {"reason": "call_back"})
        assert response.status_code == 302
        assert response["Location"].startswith("/staff/login/")


def test_number_page_of_no_booking_is_not_found(client: Client, staff: User, phone: str) -> None:
    missing = page().replace(str(TrialBooking.objects.get().pk), "018f0000-0000-7000-8000-000000000000")

    assert client.get(missing).status_code == 404
