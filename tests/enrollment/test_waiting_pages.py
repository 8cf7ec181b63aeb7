"""The pages of the waiting list: joined from the trial page, looked at, left, and answered."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.services.links import make_link
from enrollment.services.settling import settle_due
from enrollment.services.waitlist import accept, leave
from privacy.actors import SYSTEM
from tests.children import signed_in
from tests.enrollment.test_trial_classes import cards, fields
from tests.families import a_guardian, a_seat, written_to
from tests.people import PRIVACY_AND_TERMS, ask_code, last_code, new_phone
from tests.places import a_campus, a_class, a_course, at
from tests.queries import counted
from tests.waiters import a_full_class, at_home, frees_a_seat, offered, runs_out, state_of, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def text(response: Any) -> str:
    """What a page says, without its tags."""
    page = response.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)))


def trial(session: ClassSession) -> str:
    return f"/trial/?session={session.public_id}"


def ready(client: Client, session: ClassSession, phone: str) -> dict[str, str]:
    """The form of a full class's page with everything filled in but the button."""
    page = fields(client.get(trial(session)).content.decode())
    challenge = ask_code(client, phone)
    return {**page, "phone": phone, "challenge": challenge, "code": last_code(phone), **PRIVACY_AND_TERMS}


# On the trial page


def test_a_full_class_shows_what_else_there_is_and_then_its_waiting_list(client: Client) -> None:
    session, other = a_full_class(), a_class(starts_at=at(days=4, hour=9))
    alike = a_full_class(campus=a_campus(2))
    a_full_class(campus=a_campus(city="shanghai"))
    a_full_class(course=a_course("another"))

    page = client.get(trial(session)).content.decode()

    assert cards(page) == [other.public_id]
    assert page.index('name="session"') < page.index('name="wait_for"') < page.index('name="phone"')
    assert re.findall(r'name="wait_also" value="([^"]+)"', page) == [alike.public_id]
    assert page.count('value="join_waitlist"') == 1
    assert page.index('name="code"') < page.index('value="join_waitlist"')  # after all there is to fill in


def test_where_nothing_can_be_waited_for_nothing_is_said_of_waiting(client: Client) -> None:
    late = a_full_class()
    ClassSession.objects.filter(pk=late.pk).update(booking_closes_at=timezone.now() + timedelta(minutes=20))

    for address in [trial(late), trial(a_class()), "/trial/?city=beijing", "/trial/"]:
        assert "join_waitlist" not in client.get(address).content.decode()


def test_somebody_new_joins_with_number_code_and_agreements(client: Client) -> None:
    session, alike = a_full_class(), a_full_class(campus=a_campus(2))
    waits_for(session)
    form = ready(client, session, phone := new_phone())

    answer = client.post("/trial/", {**form, "wait_also": alike.public_id, "action": "join_waitlist"})

    entry = WaitlistEntry.objects.latest("joined_at")
    assert (answer.status_code, answer["Location"]) == (303, f"/trial/waitlist/{entry.public_id}/")
    assert set(entry.choices.values_list("session", flat=True)) == {session.pk, alike.pk}
    shown = text(client.get(answer["Location"]))
    assert "您排第 1 位" in shown
    assert "第 2 位" in shown
    assert session.campus.name in shown
    assert alike.campus.name in shown
    assert phone not in shown


def test_whoever_is_signed_in_joins_with_one_tap() -> None:
    client, guardian = at_home()
    session = a_full_class()
    page = client.get(trial(session)).content.decode()

    answer = client.post("/trial/", {**fields(page), "action": "join_waitlist"})

    assert page.index('value="join_waitlist"') < page.rindex("提交预约")
    assert answer.status_code == 303
    assert WaitlistEntry.objects.get().guardian == guardian


def test_pressed_twice_it_is_one_place_and_one_page() -> None:
    client, _ = at_home()
    form = {**fields(client.get(trial(a_full_class())).content.decode()), "action": "join_waitlist"}

    answers = [client.post("/trial/", form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_after_losing_the_last_seat_it_is_one_tap_without_a_second_code(client: Client) -> None:
    session = a_class(capacity=2)
    a_class(starts_at=at(days=4, hour=9))
    a_seat(session)
    phone = new_phone()
    challenge = ask_code(client, phone)
    a_seat(session)
    form = {"phone": phone, "challenge": challenge, "code": last_code(phone), "city": "beijing"}

    lost = client.post("/trial/", {**form, **PRIVACY_AND_TERMS, "session": session.public_id})
    again = {**fields(lost.content.decode()), **PRIVACY_AND_TERMS, "action": "join_waitlist"}
    answer = client.post("/trial/", again)

    assert lost.status_code == 409
    assert "候补这节课" in lost.content.decode()
    assert answer.status_code == 303, text(answer)
    assert WaitlistEntry.objects.get().choices.get().session == session


def test_asking_for_the_code_leaves_the_same_classes_to_choose_from(client: Client) -> None:
    session, other = a_full_class(), a_class(starts_at=at(days=4, hour=9))
    a_class(starts_at=at(days=2, hour=9), course=a_course("another"))
    page = client.get(trial(session)).content.decode()

    answer = client.post("/trial/", {**fields(page), "phone": new_phone(), "action": "send_code"})

    assert cards(answer.content.decode()) == cards(page)
    assert cards(page)[0] == other.public_id
    assert "这节课已经约满了" in text(answer)


def test_what_is_missing_is_said_and_the_ticks_stay(client: Client) -> None:
    session, alike = a_full_class(), a_full_class(campus=a_campus(2))
    form = {**ready(client, session, new_phone()), "code": "", "wait_also": alike.public_id}

    answer = client.post("/trial/", {**form, "action": "join_waitlist"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{alike.public_id}" checked' in page
    assert fields(page)["wait_for"] == session.public_id
    assert not WaitlistEntry.objects.exists()


def test_a_seat_that_came_free_meanwhile_is_offered_for_booking() -> None:
    client, _ = at_home()
    session = a_full_class()
    form = fields(client.get(trial(session)).content.decode())
    frees_a_seat(session)

    answer = client.post("/trial/", {**form, "action": "join_waitlist"})
    booked = client.post("/trial/", fields(answer.content.decode()))

    assert answer.status_code == 422
    assert "空出一个座位" in text(answer)
    assert booked.status_code == 303
    assert TrialBooking.objects.get(state="booked").session == session


def test_a_form_of_nobodys_page_changes_nothing() -> None:
    client, _ = at_home()

    for name in ("", "nothing", "../x", a_full_class(campus=a_campus(city="shanghai")).public_id):
        answer = client.post("/trial/", {"city": "beijing", "wait_for": name, "action": "join_waitlist"})
        assert answer.status_code == 422
    assert not WaitlistEntry.objects.exists()


# One's place


@pytest.mark.parametrize(
    ("state", "says", "leads"),
    [
        ("waiting", "您排第 1 位", "leave/"),
        ("offered", "有座位了，给您留着", "accept/"),
        ("accepted", "候补到了，座位是您的", "看这次预约"),
        ("expired", "座位没有留住", "看看别的时间"),
        ("ran out", "座位没有留住", "看看别的时间"),
        ("withdrawn", "已经退出候补", "看看别的时间"),
        ("lapsed", "没有等到座位", "看看别的时间"),
    ],
)
def test_every_state_has_words_and_a_way_on(state: str, says: str, leads: str) -> None:
    guardian = a_guardian()
    entry = waits_for(session := a_full_class(), guardian=guardian)
    if state in {"offered", "accepted", "expired", "ran out"}:
        frees_a_seat(session)
    if state == "accepted":
        accept(entry=entry, by=SYSTEM)
    elif state in {"expired", "ran out"}:
        runs_out(offered(entry))
        if state == "expired":
            settle_due()
    elif state == "withdrawn":
        leave(entry=entry, by=SYSTEM)
    elif state == "lapsed":
        WaitlistEntry.objects.filter(pk=entry.pk).update(state="lapsed", closed_at=timezone.now())

    answer = signed_in(guardian).get(entry.get_absolute_url())

    assert answer.status_code == 200
    assert f"<h1>{says}</h1>" in answer.content.decode()
    assert leads in answer.content.decode()
    assert session.course.name in text(answer)


def test_leaving_is_asked_first_and_then_done() -> None:
    guardian = a_guardian()
    entry = waits_for(a_full_class(), guardian=guardian)
    client, page = signed_in(guardian), f"/trial/waitlist/{entry.public_id}/leave/"

    asked = client.get(page)
    assert state_of(entry) == "waiting"
    done = client.post(page)

    assert "不等了吗" in text(asked)
    assert (done.status_code, done["Location"]) == (303, entry.get_absolute_url())
    assert state_of(entry) == "withdrawn"
    assert "已经结束" in text(client.get(page))


def test_pages_of_an_entry_are_its_guardians_alone(client: Client) -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)
    seat = offered(entry)
    stranger = signed_in(a_guardian())
    own, of_seat = entry.get_absolute_url(), seat.get_absolute_url()

    for browser in (client, stranger):
        for address in (own, f"{own}leave/", f"{of_seat}accept/", f"{of_seat}decline/"):
            assert browser.get(address).status_code == 404
            assert browser.post(address).status_code in {404, 405}
    assert (state_of(entry), offered(entry).state) == ("offered", "held")


# The answer


def by_link(booking: TrialBooking) -> Client:
    """A browser that came by the link in the message, with nobody signed in."""
    client = Client()
    address = make_link(booking=booking).removeprefix("http://127.0.0.1:8000")
    assert client.get(address).status_code == 302
    return client


def test_the_link_in_the_message_leads_to_a_page_that_takes_the_seat() -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)
    seat = offered(entry)
    client = by_link(seat)

    page = client.get(seat.get_absolute_url()).content.decode()
    answer = client.post(f"{seat.get_absolute_url()}accept/")

    assert "要这个座位" in page
    assert "给您留到" in page
    assert (answer.status_code, answer["Location"]) == (303, seat.get_absolute_url())
    assert "约好了" in text(client.get(answer["Location"]))
    assert state_of(entry) == "accepted"


def test_looking_at_the_address_takes_and_gives_nothing() -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)
    seat = offered(entry)
    client = by_link(seat)

    assert client.get(f"{seat.get_absolute_url()}accept/").status_code == 302
    assert "不要这个座位了吗" in text(client.get(f"{seat.get_absolute_url()}decline/"))
    assert state_of(entry) == "offered"


@pytest.mark.parametrize("link", [True, False])
def test_declined_the_seat_goes_on_and_a_page_says_so(link: bool) -> None:
    guardian = a_guardian()
    session = a_full_class()
    entry, behind = waits_for(session, guardian=guardian), waits_for(session)
    frees_a_seat(session)
    seat = offered(entry)
    client = by_link(seat) if link else signed_in(guardian)

    answer = client.post(f"{seat.get_absolute_url()}decline/")

    assert answer["Location"] == (seat if link else entry).get_absolute_url()
    assert client.get(answer["Location"]).status_code == 200
    assert (state_of(entry), state_of(behind)) == ("withdrawn", "offered")
    assert len(written_to(guardian)) == 1


def test_an_offer_that_ran_out_is_gone_and_leads_on() -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)
    seat = offered(entry)
    runs_out(seat)
    client = by_link(seat)

    answer = client.post(f"{seat.get_absolute_url()}accept/")

    assert answer.status_code == 410
    assert "没有留住" in text(answer)
    assert "/trial/?campus=" in answer.content.decode()


def test_a_booking_that_nobody_waited_for_has_nothing_to_accept() -> None:
    client, guardian = at_home()
    booking = a_seat(a_class(), guardian)

    for word in ("accept", "decline"):
        answer = client.post(f"{booking.get_absolute_url()}{word}/")
        assert (answer.status_code, answer["Location"]) == (302, booking.get_absolute_url())
    booking.refresh_from_db()
    assert booking.state == "booked"


# Lists


def test_open_entries_stand_above_ones_bookings() -> None:
    client, guardian = at_home()
    over = waits_for(a_full_class(), guardian=guardian)
    leave(entry=over, by=SYSTEM)
    waiting = waits_for(a_full_class(), guardian=guardian)
    session = a_full_class(course=a_course("another"))
    seated = waits_for(session, guardian=guardian)
    a_seat(a_class(course=a_course("third")), guardian)
    frees_a_seat(session)

    page = client.get("/account/bookings/").content.decode()

    for entry in (waiting, seated):
        assert page.count(entry.get_absolute_url()) == 1
    assert over.get_absolute_url() not in page
    assert page.index(waiting.get_absolute_url()) < page.index("还没上的")
    assert offered(seated).get_absolute_url() not in page  # its entry leads there


@pytest.mark.parametrize("entries", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(entries: int) -> None:
    client, guardian = at_home()
    for _ in range(entries):
        waits_for(a_full_class(), guardian=guardian)

    with counted(default=8):
        client.get("/account/bookings/")


def test_a_full_class_in_a_list_leads_to_its_waiting_list(client: Client) -> None:
    session, late = a_full_class(), a_full_class()
    ClassSession.objects.filter(pk=late.pk).update(booking_closes_at=timezone.now() + timedelta(minutes=20))
    a_class()

    page = client.get(session.campus.get_absolute_url()).content.decode()

    assert f"/trial/?session={session.public_id}" in page
    assert "约满了，可候补" in page
    assert late.public_id not in page
