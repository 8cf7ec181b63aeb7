"""Redis gone: pages read, proved numbers still book, and no code is sent."""

import pytest
from django.test import Client

from accounts.models import VerificationCode
from enrollment.models import TrialBooking
from messaging.models import Message
from tests.people import PRIVACY_AND_TERMS, ask_code, book, last_code, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def no_redis(settings):
    def lose() -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"

    return lose


def test_asking_for_a_code_says_so_in_plain_words_and_keeps_what_was_typed(client: Client, no_redis) -> None:
    no_redis()
    phone = new_phone()

    page = client.post("/trial/", {"phone": phone, "city": "beijing", "action": "send_code"})
    problem = client.post(
        "/api/v1/verification-codes/", {"phone": phone, "purpose": "booking"}, content_type="application/json"
    )

    assert page.status_code == 503
    assert page.context["form"]["phone"].value() == phone
    assert page.context["form"]["city"].value() == "beijing"
    assert (problem.status_code, problem.json()["code"]) == (503, "sms_unavailable")
    assert not VerificationCode.objects.exists()


def test_guardian_who_is_signed_in_still_books_and_the_message_waits(client: Client, no_redis) -> None:
    book(client, new_phone())
    no_redis()

    response = client.post("/trial/", {"city": "shanghai", **PRIVACY_AND_TERMS})

    assert response.status_code == 303
    assert TrialBooking.objects.filter(city__slug="shanghai").exists()
    assert Message.objects.filter(state="queued", template="trial_requested").exists()


def test_code_that_was_sent_before_still_books(client: Client, no_redis) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    code = last_code(phone)
    no_redis()

    response = client.post(
        "/trial/",
        {"phone": phone, "code": code, "challenge": challenge, "city": "beijing", **PRIVACY_AND_TERMS},
    )

    assert response.status_code == 303


@pytest.mark.parametrize("path", ["/", "/trial/", "/legal/terms/", "/account/login/"])
def test_pages_read(client: Client, no_redis, path: str) -> None:
    no_redis()

    assert client.get(path).status_code == 200
