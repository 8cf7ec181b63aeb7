"""A phone goes to its messages and comes back to a page it threw away: nothing is lost."""

import pytest
from django.test import Client

from tests.people import ask_code, filled, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def book(client: Client, phone: str, challenge: str):
    form = filled(phone, challenge)
    return client.post("/trial/", form)


def test_page_opened_again_goes_on_with_the_code_that_was_sent(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)

    page = client.get("/trial/")

    assert page.context["form"]["phone"].value() == f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    assert page.context["sent"].resend_in > 0
    assert book(client, phone, page.context["challenge"]).status_code == 303


def test_page_reloaded_after_sending_says_nothing_is_wrong_and_the_code_still_books(client: Client) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)

    reloaded = client.post("/trial/", {"phone": phone, "action": "send_code"})

    assert reloaded.status_code == 429
    assert not reloaded.context["form"].errors
    assert "收到的那条可以用" in reloaded.context["status_message"]
    assert reloaded.context["challenge"] == challenge
    assert book(client, phone, challenge).status_code == 303


def test_tab_opened_before_the_code_was_sent_books_with_it(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)

    assert book(client, phone, challenge="").status_code == 303


def test_code_of_another_browser_is_not_taken_up(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)
    stranger = Client()

    page = stranger.get("/trial/")

    assert not page.context["challenge"]
    assert phone[7:] not in page.content.decode()
    assert book(stranger, phone, challenge="").status_code == 422


def test_login_page_goes_on_too(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone, page="/account/login/")

    page = client.get("/account/login/")

    assert page.context["challenge"]
    assert page.context["sent"].number.endswith(phone[7:])
