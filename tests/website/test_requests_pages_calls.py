"""Requests taken down on the telephone: a code read out, the same page for known and unknown numbers."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kit.uuid7 import uuid7
from leap.roles import PRIVACY_OFFICER
from privacy.actors import Actor
from privacy.rights.enums import Entrance, Identity, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import ask_back
from tests.cleaning import empty_redis
from tests.families import a_guardian
from tests.own_pages import an_hour_passes, comes_in
from tests.people import last_code, new_phone
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
ADDRESS = "/staff/requests/new/"


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER))


def typed(phone: str, **changed: object) -> dict[str, object]:
    return {
        "kinds": ["access"],
        "on_behalf": "self",
        "words": "想看信息",
        "phone": phone,
        "once": "a",
        **changed,
    }


def take_down(client: Client, phone: str, **changed: object) -> object:
    """Send a code, have it read out, post it; the answer."""
    form = typed(phone, **changed)
    asked = client.post(ADDRESS, {**form, "action": "send_code"})
    assert asked.status_code == 200, asked.content.decode()
    challenge = asked.context["challenge"]
    return client.post(ADDRESS, {**form, "challenge": challenge, "code": last_code(phone)})


def without_names(page: str) -> str:
    """A page without what differs from one request to the next."""
    page = re.sub(r"Q-\d{7}|[A-Z2-9]{5}(-[A-Z2-9]{5}){3}|/requests/[\w-]{22}/", "…", page)
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_known_and_unknown_numbers_get_the_same_pages(officer: Client) -> None:
    known, unknown = new_phone(), new_phone()
    guardian = a_guardian(known)
    pages = []
    for number, once in ((known, "a"), (unknown, "b")):
        sent = officer.post(ADDRESS, {**typed(number), "action": "send_code"})
        done = officer.post(
            ADDRESS,
            {**typed(number, once=once), "challenge": sent.context["challenge"], "code": last_code(number)},
        )
        assert (sent.status_code, done.status_code) == (200, 200)
        pages.append(without_names(done.content.decode()))

    assert pages[0] == pages[1]
    request = DataSubjectRequest.objects.get(known=True)
    assert request.subject_id == guardian.pk
    assert (request.entrance, request.identity) == (Entrance.STAFF, Identity.NUMBER_PROVED)
    assert request.state == RequestState.ACCEPTED


def test_a_wrong_code_takes_nothing_down_and_keeps_what_was_typed(officer: Client) -> None:
    phone = new_phone()
    sent = officer.post(ADDRESS, {**typed(phone), "action": "send_code"})
    code = last_code(phone)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answer = officer.post(ADDRESS, {**typed(phone), "challenge": sent.context["challenge"], "code": wrong})

    assert answer.status_code == 422
    assert "想看信息" in answer.content.decode()
    assert not DataSubjectRequest.objects.exists()


def test_the_same_form_posted_twice_is_one_request_with_one_receipt(officer: Client) -> None:
    phone = new_phone()
    sent = officer.post(ADDRESS, {**typed(phone), "action": "send_code"})
    form = {**typed(phone), "challenge": sent.context["challenge"], "code": last_code(phone)}
    first, second = officer.post(ADDRESS, form), officer.post(ADDRESS, form)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.context["filed"].receipt == second.context["filed"].receipt
    assert DataSubjectRequest.objects.count() == 1


def test_for_a_ward_the_guardian_confirms_in_the_account(officer: Client) -> None:
    phone = new_phone()
    a_guardian(phone)
    answer = take_down(officer, phone, on_behalf="ward")

    assert answer.status_code == 200
    request = DataSubjectRequest.objects.get()
    assert (request.state, request.known) == (RequestState.VERIFYING, True)
    shown = officer.get(f"/staff/requests/{request.public_id}/")
    assert "等监护人登录账号确认" in shown.content.decode()
    pressed = officer.post(
        f"/staff/requests/{request.public_id}/accept/", {"seen": shown.context["file"].seen}
    )
    assert pressed.status_code == 422
    request.refresh_from_db()
    assert request.state == RequestState.VERIFYING


def test_the_guardian_confirms_it_signed_in_and_freshly_proved(officer: Client) -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    family, stranger = comes_in(guardian), comes_in(a_guardian())
    take_down(officer, phone, on_behalf="ward")
    request = DataSubjectRequest.objects.get()
    own = f"/account/privacy/requests/{request.public_id}/"

    assert stranger.post(f"{own}confirm/").status_code == 404
    assert "是我要办的" in family.get(own).content.decode()
    an_hour_passes(family)
    assert family.post(f"{own}confirm/")["Location"].startswith("/account/privacy/confirm/")
    request.refresh_from_db()
    assert request.state == RequestState.VERIFYING
    empty_redis()  # a minute later
    assert comes_in(guardian).post(f"{own}confirm/").status_code == 303
    request.refresh_from_db()
    assert (request.state, request.identity) == (RequestState.ACCEPTED, Identity.STEPPED_UP)


def test_an_answer_or_a_code_at_the_door_is_no_confirmation(officer: Client) -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    answer = officer.post(ADDRESS, {**typed(phone, on_behalf="ward"), "action": "unproved"})
    page, door = f"/privacy/ask/{answer.context['filed'].receipt}/", Client()
    challenge = door.post(page, {"action": "send_code", "phone": phone}).context["challenge"]
    code = {"phone": phone, "challenge": challenge, "code": last_code(phone)}
    assert door.post(page, {"action": "prove", **code}).status_code == 303
    request = DataSubjectRequest.objects.get()
    assert (request.state, request.identity) == (RequestState.VERIFYING, Identity.NUMBER_PROVED)
    assert request.known

    ask_back(request=request, question="是哪一个孩子的信息？", by=Actor("staff", uuid7()))
    family = Client()
    family.force_login(guardian)
    said = family.post(f"/account/privacy/requests/{request.public_id}/answer/", {"answer": "小豆包的"})

    assert said["Location"].endswith("?done=answered")
    request.refresh_from_db()
    assert request.state == RequestState.VERIFYING


def test_without_a_code_it_is_taken_down_and_waits(officer: Client) -> None:
    phone = new_phone()
    a_guardian(phone)
    answer = officer.post(ADDRESS, {**typed(phone), "action": "unproved"})

    assert answer.status_code == 200
    request = DataSubjectRequest.objects.get()
    assert (request.state, request.known) == (RequestState.VERIFYING, False)


def test_a_question_needs_neither_number_nor_code_and_a_right_needs_one(officer: Client) -> None:
    asked = officer.post(ADDRESS, {**typed("", kinds=["question"]), "action": "unproved"})
    right = officer.post(ADDRESS, {**typed("", once="c"), "action": "unproved"})
    nothing = officer.post(ADDRESS, {"action": "send_code"})

    assert asked.status_code == 200
    assert right.status_code == 422
    assert nothing.status_code == 422
    assert DataSubjectRequest.objects.get().kind == "question"
