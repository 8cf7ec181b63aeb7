"""How often things may be tried, booked and asked for: the refusal says when to come back, and of what."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Session, User
from accounts.services.codes import TRIES
from courses.models import City
from enrollment.models import TrialBooking
from enrollment.services.bookings import MOST_BOOKINGS, MOST_LIVE
from messaging.models import Message
from tests.accounts.test_codes import wrong
from tests.enrollment.test_trial_api import documents, post, problem, proved
from tests.people import PRIVACY_AND_TERMS, ask_code, book, last_code, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def three_wrong_tries(settings) -> Callable[[], None]:
    """From when it is called on, an address has three wrong tries (of 300), and no new codes."""

    def narrow() -> None:
        settings.LIMIT_FACTOR = 0.01

    return narrow


def form_of(client: Client, page: str) -> tuple[dict[str, str], str]:
    """A filled form with the right code in it, and that code."""
    phone = new_phone()
    challenge = ask_code(client, phone, page)
    code = last_code(phone)
    form = {"phone": phone, "code": code, "challenge": challenge, "city": "beijing", **PRIVACY_AND_TERMS}
    return form, code


@pytest.mark.parametrize("page", ["/trial/", "/account/login/"])
def test_too_many_wrong_codes_speak_of_trying_and_not_of_sending(
    client: Client, three_wrong_tries: Callable[[], None], page: str
) -> None:
    form, code = form_of(client, page)
    three_wrong_tries()
    for _ in range(3):
        assert client.post(page, {**form, "code": wrong(code)}).status_code == 422

    refused = client.post(page, form)

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 900
    words = "".join(text for texts in refused.context["form"].errors.values() for text in texts)
    assert "试" in words
    assert "分钟后" in words
    assert "发" not in words
    assert refused.context["form"]["phone"].value() == form["phone"]
    assert not User.objects.exists()


@pytest.mark.parametrize(("path", "purpose"), [("trial-bookings/", "booking"), ("login/", "login")])
def test_too_many_wrong_codes_by_api(
    client: Client, three_wrong_tries: Callable[[], None], path: str, purpose: str
) -> None:
    body = {**proved(client, new_phone(), purpose), "agreements": documents(client)}
    body |= {"city": "beijing"} if purpose == "booking" else {}
    three_wrong_tries()
    for _ in range(3):
        tried = post(client, path, {**body, "code": wrong(body["code"])})
        assert problem(tried) == (422, "code_invalid")

    refused = post(client, path, body)

    assert problem(refused) == (429, "rate_limited")
    assert 0 < int(refused["Retry-After"]) <= 900
    assert "发" not in refused.json()["title"] + refused.json()["detail"]
    assert not User.objects.exists()


def test_right_codes_count_nothing_and_five_wrong_ones_shut_nobody_out(client: Client) -> None:
    form, code = form_of(client, "/trial/")
    for _ in range(TRIES):
        assert client.post("/trial/", {**form, "code": wrong(code)}).status_code == 422

    assert book(Client(), new_phone()).status_code == 303


def cities(number: int) -> list[str]:
    return list(City.objects.bookable().exclude(slug="beijing").values_list("slug", flat=True)[:number])


def book_and_cancel(client: Client, times: int) -> None:
    """So often that the guardian, who is signed in, has no live request left."""
    for _ in range(times):
        made = client.post("/trial/", {"city": "beijing", **PRIVACY_AND_TERMS})
        assert made.status_code == 303, made.content.decode()
        client.post(made["Location"] + "cancel/")


def test_booking_over_and_over_is_refused_with_when_to_come_back(client: Client) -> None:
    (an_hour, seconds), *_ = MOST_BOOKINGS
    client.post(book(client, new_phone())["Location"] + "cancel/")
    book_and_cancel(client, an_hour - 1)
    rows, messages = TrialBooking.objects.count(), Message.objects.count()

    page = client.post("/trial/", {"city": "shanghai", **PRIVACY_AND_TERMS})
    answer = post(client, "trial-bookings/", {"city": "shanghai", "agreements": documents(client)})

    assert page.status_code == 429
    assert 0 < int(page["Retry-After"]) <= seconds
    assert page.context["form"]["city"].value() == "shanghai"
    assert problem(answer) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= seconds
    assert (TrialBooking.objects.count(), Message.objects.count()) == (rows, messages)
    assert rows == an_hour


def test_somebody_elses_bookings_count_for_nobody_else(client: Client) -> None:
    (an_hour, _), *_ = MOST_BOOKINGS
    client.post(book(client, new_phone())["Location"] + "cancel/")
    book_and_cancel(client, an_hour - 1)

    assert book(Client(), new_phone()).status_code == 303


def test_guardian_waits_for_no_more_calls_than_the_most(client: Client) -> None:
    book(client, new_phone())
    for city in cities(MOST_LIVE - 1):
        assert client.post("/trial/", {"city": city, **PRIVACY_AND_TERMS}).status_code == 303
    another = cities(MOST_LIVE)[-1]

    page = client.post("/trial/", {"city": another, **PRIVACY_AND_TERMS})
    answer = post(client, "trial-bookings/", {"city": another, "agreements": documents(client)})

    assert page.status_code == 409
    assert page.context["too_many_live"]
    assert "取消一个" in page.content.decode()
    assert problem(answer) == (409, "already_booked")
    assert TrialBooking.objects.live().count() == MOST_LIVE


def test_booking_cancelled_makes_room(client: Client) -> None:
    first = book(client, new_phone())["Location"]
    for city in cities(MOST_LIVE - 1):
        client.post("/trial/", {"city": city, **PRIVACY_AND_TERMS})
    client.post(first + "cancel/")

    assert client.post("/trial/", {"city": "beijing", **PRIVACY_AND_TERMS}).status_code == 303


@pytest.mark.parametrize("purpose", ["booking", "login"])
def test_refused_sending_starts_no_session_and_names_no_browser(purpose: str) -> None:
    phone = new_phone()
    page = {"booking": "/trial/", "login": "/account/login/"}[purpose]
    ask_code(Client(), phone, page)
    before = Session.objects.count()

    pages = [Client().post(page, {"phone": phone, "action": "send_code"}) for _ in range(3)]
    answers = [post(Client(), "verification-codes/", {"phone": phone, "purpose": purpose}) for _ in range(3)]

    assert {response.status_code for response in [*pages, *answers]} == {429}
    assert Session.objects.count() == before
    assert all(set(response.cookies) <= {"csrftoken"} for response in [*pages, *answers])


def test_asking_for_codes_starts_no_session_either() -> None:
    ask_code(Client(), new_phone())
    post(Client(), "verification-codes/", {"phone": new_phone(), "purpose": "login"})

    assert not Session.objects.exists()
