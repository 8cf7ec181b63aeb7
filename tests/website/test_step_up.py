"""Stepping up: who is signed in shows once more that they hold the number on file, and goes on."""

import pytest
from django.test import Client

from accounts.models import User
from tests.families import a_guardian
from tests.own_pages import an_hour_passes, comes_in, number_of
from tests.people import last_code, texts_to

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CONFIRM = "/account/privacy/confirm/?next=/account/privacy/see/"
SEE = "/account/privacy/see/"


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def browser(guardian: User) -> Client:
    """Signed in an hour ago."""
    client = comes_in(guardian)
    an_hour_passes(client)
    return client


def sends(browser: Client, **typed: str) -> str:
    """Ask for the code; the challenge that came back."""
    answer = browser.post(CONFIRM, {"action": "send_code", "next": SEE, **typed})
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.context["challenge"])


def test_whoever_has_just_logged_in_is_not_asked_again(guardian: User) -> None:
    assert comes_in(guardian).get(SEE).status_code == 200


def test_an_hour_later_a_code_comes_first_and_then_where_one_was_going(
    browser: Client, guardian: User
) -> None:
    assert browser.get(SEE)["Location"] == "/account/privacy/confirm/?next=%2Faccount%2Fprivacy%2Fsee%2F"

    challenge = sends(browser)
    answer = browser.post(
        CONFIRM, {"code": last_code(number_of(guardian)), "challenge": challenge, "next": SEE}
    )

    assert (answer.status_code, answer["Location"]) == (303, SEE)
    assert browser.get(SEE).status_code == 200


def test_a_copy_of_the_session_s_cookie_is_not_proved_along(guardian: User) -> None:
    browser, thief = comes_in(guardian), Client()
    thief.cookies["session"] = browser.cookies["session"].value

    assert thief.get("/account/privacy/").status_code == 200
    assert thief.get(SEE)["Location"].startswith("/account/privacy/confirm/")
    thief.cookies["browser"] = "A" * 22
    assert thief.post("/account/privacy/export/?who=child")["Location"].startswith("/account/privacy/confirm")
    assert browser.get(SEE).status_code == 200


def test_the_code_goes_to_the_number_on_file_whatever_is_posted(browser: Client, guardian: User) -> None:
    other = a_guardian()

    sends(browser, phone=number_of(other))

    assert texts_to(number_of(other)) == []
    assert last_code(number_of(guardian))


def test_the_number_is_never_shown_whole(browser: Client, guardian: User) -> None:
    phone = number_of(guardian)
    pages = [browser.get(CONFIRM), browser.post(CONFIRM, {"action": "send_code", "next": SEE})]
    pages.append(browser.post(CONFIRM, {"action": "send_code", "next": SEE}))  # too soon: said, not sent

    for page in pages:
        words = page.content.decode()
        assert phone not in words.replace(" ", "")
        assert f"{phone[:3]}****{phone[-4:]}" in words
    assert [page.status_code for page in pages] == [200, 200, 429]


def test_a_wrong_code_opens_nothing(browser: Client, guardian: User) -> None:
    challenge = sends(browser)
    right = last_code(number_of(guardian))
    wrong = f"{(int(right) + 1) % 10**6:06d}"

    answer = browser.post(CONFIRM, {"code": wrong, "challenge": challenge, "next": SEE})

    assert answer.status_code == 422
    assert "验证码不正确" in answer.content.decode()
    assert browser.get(SEE).status_code == 303


def test_a_code_of_another_purpose_opens_nothing(browser: Client, guardian: User) -> None:
    phone = number_of(guardian)
    sent = browser.post("/account/privacy/correct/number/", {"phone": phone, "action": "send_code"})
    assert sent.status_code == 303  # not even there without a fresh proof

    login = Client().post("/account/login/", {"phone": phone, "action": "send_code"})
    code = last_code(phone)
    answer = browser.post(CONFIRM, {"code": code, "challenge": login.context["challenge"], "next": SEE})

    assert answer.status_code == 422
    assert browser.get(SEE).status_code == 303


def test_the_proof_of_one_account_is_none_of_another(guardian: User) -> None:
    client, other = comes_in(guardian), a_guardian()
    client.force_login(other)

    assert client.get(SEE)["Location"].startswith("/account/privacy/confirm/")


def test_nobody_is_led_off_the_site(browser: Client, guardian: User) -> None:
    challenge = sends(browser)

    answer = browser.post(
        CONFIRM,
        {"code": last_code(number_of(guardian)), "challenge": challenge, "next": "https://evil.example/"},
    )

    assert answer["Location"] == "/account/privacy/"
