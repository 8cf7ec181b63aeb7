"""The trial page while a code is on its way: until when the seat is kept, and what else there is."""

import os
import re
from typing import Any

import psycopg2
import pytest
from django.test import Client
from django.utils import timezone

from enrollment.models import ClassSession, TrialBooking
from enrollment.services import holds
from enrollment.services import seats as ledger
from messaging.models import Message
from tests.cleaning import empty_redis
from tests.enrollment.test_trial_classes import cards, fields
from tests.families import a_seat
from tests.holding import a_hold, end_of, fill, run_out, seats
from tests.people import PRIVACY_AND_TERMS, last_code, new_phone
from tests.places import a_class, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def address(session: ClassSession) -> str:
    return f"/trial/?session={session.public_id}"


def ask(client: Client, session: ClassSession, phone: str, **typed: str) -> Any:
    posted = {"phone": phone, "city": "beijing", "session": session.public_id, "action": "send_code"}
    return client.post(address(session), {**posted, **typed})


def kept_line(page: str) -> str:
    """What the page says of the seat that is kept, without its marks; empty if it says nothing."""
    found = re.search(r"<p[^>]* data-kept=.*?</p>", page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[0]) if found else ""


def until(hold: TrialBooking) -> str:
    return f"{timezone.localtime(end_of(hold)):%H:%M}"


def test_the_page_says_until_when_the_seat_is_kept_and_books_it(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()

    page = ask(client, session, phone)

    hold = TrialBooking.objects.get()
    said = page.content.decode()
    assert page.status_code == 200
    assert f"座位给您留到 {until(hold)}" in kept_line(said)
    assert said.index("data-kept") < said.index('name="code"')
    assert "座位已留给您" in said
    assert "约满" not in said
    done = client.post(address(session), {**fields(said), "code": last_code(phone), **PRIVACY_AND_TERMS})
    assert done["Location"] == hold.get_absolute_url()
    assert seats(session) == (1, 0)


def test_reload_and_back_show_the_hold_still_running(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()
    ask(client, session, phone)
    hold = TrialBooking.objects.get()

    page = client.get(address(session)).content.decode()

    assert f"座位给您留到 {until(hold)}" in kept_line(page)
    assert f'name="session" value="{session.public_id}"' in page
    again = client.post(address(session), {**fields(page), "code": "000000", **PRIVACY_AND_TERMS})
    assert again.status_code == 422
    assert f"座位给您留到 {until(hold)}" in kept_line(again.content.decode())
    assert seats(session) == (1, 1)


def test_nobody_else_sees_it(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()
    ask(client, session, phone)

    for page in (
        Client().get(address(session)).content.decode(),
        ask(Client(), session, phone).content.decode(),
    ):
        assert kept_line(page) == ""
        assert "这节课已经约满了" in page


def test_pressed_again_too_soon_keeps_the_seat_and_the_code(client: Client) -> None:
    session, phone = a_class(), new_phone()
    ask(client, session, phone)
    hold = TrialBooking.objects.get()

    page = ask(client, session, phone)

    assert page.status_code == 429
    assert f"座位给您留到 {until(hold)}" in kept_line(page.content.decode())
    hold.refresh_from_db()
    assert hold.state == "held"


def test_full_is_said_before_a_message_is_sent_and_everything_typed_stays(client: Client) -> None:
    session, other, phone = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9)), new_phone()
    a_seat(session)
    before = Message.objects.count()
    typed = {"child_nickname": "小满", "child_birth_month": "2021-05", **PRIVACY_AND_TERMS}

    page = ask(client, session, phone, channel="poster-bj-01", **typed)

    said = page.content.decode()
    assert page.status_code == 409
    assert cards(said)[0] == other.public_id
    assert "短信还没有发" in said
    assert Message.objects.count() == before
    kept = fields(said)
    assert kept["phone"] == phone
    assert (kept["child_nickname"], kept["channel"]) == ("小满", "poster-bj-01")
    assert kept["agree_terms"] == "on"
    moved = client.post("/trial/", {**kept, "session": other.public_id, "action": "send_code"})
    assert moved.status_code == 200
    assert seats(other) == (1, 1)


def test_with_a_code_in_hand_a_full_class_needs_no_other_one(client: Client) -> None:
    first, full, phone = a_class(), a_class(starts_at=at(days=3, hour=9), capacity=1), new_phone()
    page = ask(client, first, phone).content.decode()
    a_seat(full)

    refused = ask(client, full, phone, challenge=fields(page)["challenge"])

    said = refused.content.decode()
    assert refused.status_code == 409
    assert "不用再收短信" in said
    assert "短信还没有发" not in said
    assert seats(first) == (1, 1)


def test_where_holds_are_used_up_the_page_says_what_that_means(client: Client) -> None:
    session, phone = a_class(capacity=2), new_phone()
    a_hold(session)

    page = ask(client, session, phone)

    said = page.content.decode()
    assert page.status_code == 200
    assert kept_line(said) == ""
    assert "填好验证码提交成功，座位才算约上" in said
    done = client.post(address(session), {**fields(said), "code": last_code(phone), **PRIVACY_AND_TERMS})
    assert done.status_code == 303


def test_a_hold_that_ran_out_in_a_full_class_ends_with_others_and_no_second_message(client: Client) -> None:
    session, other, phone = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9)), new_phone()
    page = ask(client, session, phone).content.decode()
    run_out(TrialBooking.objects.get())
    a_seat(session)

    late = client.post(address(session), {**fields(page), "code": last_code(phone), **PRIVACY_AND_TERMS})

    said = late.content.decode()
    assert late.status_code == 409
    assert cards(said)[0] == other.public_id
    assert kept_line(said) == ""
    done = client.post("/trial/", {**fields(said), "session": other.public_id, **PRIVACY_AND_TERMS})
    assert done.status_code == 303


def test_a_number_proved_and_refused_still_finds_its_seat(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()
    page = ask(client, session, phone).content.decode()

    refused = client.post(
        address(session),
        {
            **fields(page),
            "code": last_code(phone),
            "terms_version": "0.1",
            "privacy_version": "0.1",
            **PRIVACY_AND_TERMS,
        },
    )

    said = refused.content.decode()
    assert refused.status_code == 409
    assert "座位已留给您" in said
    done = client.post(address(session), {**fields(said), **PRIVACY_AND_TERMS})
    assert done.status_code == 303
    assert seats(session) == (1, 0)


def test_without_a_class_the_page_says_nothing_of_seats(client: Client) -> None:
    page = client.post("/trial/", {"phone": new_phone(), "city": "beijing", "action": "send_code"})

    assert page.status_code == 200
    assert kept_line(page.content.decode()) == ""
    assert not TrialBooking.objects.exists()


def test_choosing_another_class_and_asking_again_moves_the_seat(client: Client) -> None:
    first, second, phone = a_class(), a_class(starts_at=at(days=3, hour=9)), new_phone()
    ask(client, first, phone)
    empty_redis()

    page = ask(client, second, phone)

    assert "座位给您留到" in kept_line(page.content.decode())
    assert (seats(first), seats(second)) == ((0, 0), (1, 1))


def test_siblings_are_kept_a_seat_each_or_told_that_there_are_not_so_many(client: Client) -> None:
    session, other, phone = a_class(), a_class(starts_at=at(days=3, hour=9)), new_phone()
    typed = {
        "agree_children": "on",
        "child_nickname": "小满",
        "child_birth_month": "2021-05",
        "more": "1",
        "sibling1_nickname": "小寒",
        "sibling1_birth_month": "2020-01",
    }

    page = ask(client, session, phone, **typed)

    assert "2 个座位给您留到" in kept_line(page.content.decode())
    assert seats(session) == (2, 2)
    fill(session, leaving=1)
    refused = ask(Client(), session, new_phone(), **typed)
    assert refused.status_code == 409
    assert cards(refused.content.decode()) == [other.public_id]
    assert seats(session) == (2, 2)


def test_busy_says_so_and_sends_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ledger, holds):
        monkeypatch.setattr(module, "LOCK_WAIT", 0.05)
    session, phone = a_class(), new_phone()
    gate = psycopg2.connect(os.environ["DATABASE_URL"])
    with gate.cursor() as cursor:
        cursor.execute("SELECT 1 FROM enrollment_classsession WHERE id = %s FOR UPDATE", [str(session.pk)])
    try:
        page = ask(client, session, phone)
    finally:
        gate.close()

    assert (page.status_code, page["Retry-After"]) == (503, "3")
    assert not Message.objects.exists()
    assert ask(client, session, phone).status_code == 200
