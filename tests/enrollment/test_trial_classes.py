"""Booking a class on the trial page: what an address pre-selects, what a refusal keeps and offers instead."""

import re
from datetime import date, timedelta

import pytest
from django.db import connections
from django.test import Client

from courses.models import City
from enrollment.enums import SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.wishes import ChildWish
from privacy.consent.models import ConsentRecord
from tests.families import a_guardian, a_seat
from tests.people import PRIVACY_AND_TERMS, ask_code, book, filled, last_code, new_phone, texts_to
from tests.places import a_campus, a_class, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def fields(page: str) -> dict[str, str]:
    """What a browser would post from the page's form, buttons aside: hidden, typed, ticked and chosen."""
    form = re.search(r'<form class="form".*?</form>', page, re.DOTALL)[0]
    posted: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)[1]
        if name and (kind not in {"radio", "checkbox"} or " checked" in tag):
            posted[name[1]] = value[1] if value else "on" if kind == "checkbox" else ""
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        posted[name] = chosen[1] if chosen else ""
    posted.pop("csrfmiddlewaretoken")
    return posted


def cards(page: str) -> list[str]:
    """The classes that can be chosen, by name, in the order of the page."""
    return re.findall(r'<input type="radio" name="session" value="([^"]+)"', page)


def signed_in(client: Client) -> str:
    """A guardian signed in by an earlier booking elsewhere; the number."""
    phone = new_phone()
    assert book(client, phone, city="shanghai").status_code == 303
    return phone


@pytest.mark.clause("L-SITE-13")
def test_an_address_with_a_class_shows_it_and_books_it(client: Client) -> None:
    session = a_class(campus=a_campus(3), starts_at=at(days=2, hour=15))
    address = f"/trial/?session={session.public_id}&channel=poster-bj-01"
    page = client.get(address).content.decode()
    phone = new_phone()

    assert session.course.name in page
    assert session.campus.address in page
    assert "15:00–16:00" in page
    assert "星期" in page
    assert "还有 8 个座位" in page
    assert f'href="{session.campus.get_absolute_url()}">换一节' in page
    asked = client.post("/trial/", {**fields(page), "phone": phone, "action": "send_code"})
    ready = {**fields(asked.content.decode()), "code": last_code(phone), **PRIVACY_AND_TERMS}
    done = client.post("/trial/", ready)

    booking = TrialBooking.objects.get()
    assert done["Location"] == booking.get_absolute_url()
    assert (booking.state, booking.session, booking.campus) == ("booked", session, session.campus)
    assert booking.source == "poster-bj-01"


def test_the_city_of_a_class_fills_itself_in(client: Client) -> None:
    session = a_class(campus=a_campus(1, "shanghai"))

    assert book(client, new_phone(), city="", session=session.public_id).status_code == 303

    assert TrialBooking.objects.get().city.slug == "shanghai"


@pytest.mark.parametrize("channel", ["a b", "x" * 41, "<script>", "-x", "海报", ""])
def test_a_channel_that_is_none_of_ours_is_passed_over(client: Client, channel: str) -> None:
    page = client.get("/trial/", {"channel": channel})

    assert page.status_code == 200
    assert 'name="channel"' not in page.content.decode()
    assert book(client, new_phone(), channel=channel).status_code == 303
    assert TrialBooking.objects.get().source == ""


def test_a_city_or_a_campus_in_the_address_offers_its_next_free_classes_and_a_call(client: Client) -> None:
    here, there = a_campus(1), a_campus(2)
    late = a_class(campus=here, starts_at=at(days=5, hour=10))
    soon = a_class(campus=here, starts_at=at(days=1, hour=10))
    beside = a_class(campus=there, starts_at=at(days=3, hour=10))
    full = a_class(campus=here, capacity=1)
    a_seat(full)

    city = client.get("/trial/?city=beijing").content.decode()
    campus = client.get(f"/trial/?campus={here.slug}").content.decode()

    assert cards(city) == [soon.public_id, beside.public_id, late.public_id]
    assert cards(campus) == [soon.public_id, late.public_id]
    assert fields(city)["session"] == ""
    assert "先不选，请校区打电话来约" in city
    assert fields(campus)["campus"] == here.slug


def test_a_city_has_at_most_six_classes_on_the_page(client: Client) -> None:
    for day in range(1, 9):
        a_class(starts_at=at(days=day, hour=10))

    assert len(cards(client.get("/trial/?city=beijing").content.decode())) == 6


def test_a_call_instead_of_a_class_is_a_request_to_the_campus(client: Client) -> None:
    a_class(campus=a_campus(2))
    page = client.get(f"/trial/?campus={a_campus(2).slug}").content.decode()
    phone = new_phone()
    challenge = ask_code(client, phone)

    done = client.post("/trial/", {**fields(page), **filled(phone, challenge)})

    booking = TrialBooking.objects.get()
    assert done.status_code == 303
    assert (booking.state, booking.session, booking.campus) == ("requested", None, a_campus(2))


def test_a_class_chosen_from_the_list_is_booked(client: Client) -> None:
    session = a_class(campus=a_campus(2))
    page = client.get("/trial/?city=beijing").content.decode()
    phone = new_phone()
    challenge = ask_code(client, phone)

    done = client.post("/trial/", {**fields(page), **filled(phone, challenge), "session": session.public_id})

    assert done.status_code == 303
    assert TrialBooking.objects.get().session == session


def test_the_city_chosen_shows_its_classes_at_a_press_and_gives_way_to_another(client: Client) -> None:
    session = a_class()
    phone = new_phone()
    typed = {"phone": phone, "agree_terms": "on", "city": "beijing"}

    shown = client.post("/trial/", {**typed, "action": "show_classes"})
    page = shown.content.decode()
    changed = client.post("/trial/", {**fields(page), "action": "change_city"}).content.decode()

    assert shown.status_code == 200
    assert cards(page) == [session.public_id]
    assert (fields(page)["phone"], fields(page)["agree_terms"]) == (phone, "on")
    assert cards(changed) == []
    assert fields(changed)["city"] == "beijing"
    assert (fields(changed)["phone"], fields(changed)["agree_terms"]) == (phone, "on")
    assert not shown.context["form"].errors


def _cancelled() -> ClassSession:
    return a_class(state=SessionState.CANCELLED)


def _closed() -> ClassSession:
    return a_class(state=SessionState.CLOSED)


def _past_its_cut_off() -> ClassSession:
    return a_class(closes_before=timedelta(days=3))


def _full() -> ClassSession:
    session = a_class(capacity=1)
    a_seat(session)
    return session


LOST = {
    "cancelled": (_cancelled, "取消了"),
    "closed": (_closed, "停止预约"),
    "past its cut-off": (_past_its_cut_off, "停止预约"),
    "full": (_full, "约满了"),
}


@pytest.mark.parametrize(("make", "words"), LOST.values(), ids=LOST)
def test_an_address_of_a_lost_class_says_so_and_offers_others(client: Client, make, words: str) -> None:
    lost, other = make(), a_class(starts_at=at(days=4, hour=10))

    response = client.get(f"/trial/?session={lost.public_id}")

    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert cards(page) == [other.public_id]
    assert "session" not in fields(page)
    phone = new_phone()
    challenge = ask_code(client, phone)
    chosen = {**fields(page), **filled(phone, challenge), "session": other.public_id}
    assert client.post("/trial/", chosen).status_code == 303


@pytest.mark.parametrize(
    "query", ["session=AAAAAAAAAAAAAAAAAAAAAA", "session=%3Cb%3E", "campus=nowhere", "city=x"]
)
def test_an_address_of_what_never_was_is_the_form_all_the_same(client: Client, query: str) -> None:
    response = client.get(f"/trial/?{query}")

    assert response.status_code == 200
    assert 'name="city"' in response.content.decode()


@pytest.mark.parametrize(("make", "words"), LOST.values(), ids=LOST)
def test_a_lost_class_is_answered_409_with_everything_kept_and_others_to_choose(
    client: Client, make, words: str
) -> None:
    lost, other = make(), a_class(campus=a_campus(2), starts_at=at(days=4, hour=10))
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "session": lost.public_id, "channel": "poster-1"}

    refused = client.post("/trial/", form)
    page = refused.content.decode()
    kept = fields(page)

    assert refused.status_code == 409
    assert words in page
    assert "data-summary" in page
    assert cards(page) == [other.public_id]
    for name in ("phone", "code", "challenge", "city", "agree_terms", "agree_privacy", "channel"):
        assert kept[name] == form[name], name
    assert f'手机号已验证 <span aria-hidden="true">✓</span> <strong>{phone[:3]}****{phone[-4:]}' in page
    assert "session" not in kept
    sent = len(texts_to(phone))

    done = client.post("/trial/", {**kept, "session": other.public_id})

    booking = TrialBooking.objects.get(guardian__phone_bindings__isnull=False, session=other)
    assert done["Location"] == booking.get_absolute_url()
    assert booking.source == "poster-1"
    assert len(texts_to(phone)) == sent + 1  # the confirmation, and no second code


def test_the_only_free_class_in_another_city_can_be_chosen_too(client: Client) -> None:
    lost = _full()
    far = a_class(campus=a_campus(1, "shanghai"))
    phone = new_phone()
    challenge = ask_code(client, phone)
    page = client.post("/trial/", {**filled(phone, challenge), "session": lost.public_id}).content.decode()

    done = client.post("/trial/", {**fields(page), "session": far.public_id})

    assert done.status_code == 303
    assert TrialBooking.objects.get(session=far).city.slug == "shanghai"


def test_a_class_of_a_closed_city_leads_to_others_that_can_be_booked(client: Client) -> None:
    lost, free = a_class(), a_class(campus=a_campus(city="shanghai"))
    City.objects.filter(pk=lost.campus.city_id).update(active=False)
    page = client.get(f"/trial/?session={lost.public_id}").content.decode()

    assert "这节课在网上已经停止预约" in page
    assert cards(page) == [free.public_id]
    assert fields(page)["city"] == "shanghai"
    phone = new_phone()
    challenge = ask_code(client, phone)
    answer = client.post("/trial/", {**fields(page), **filled(phone, challenge), "session": free.public_id,
                                     "city": "shanghai"})  # fmt: skip
    assert answer.status_code == 303


def test_a_phone_that_has_seats_enough_of_a_course_is_told_so(client: Client) -> None:
    phone = signed_in(client)
    assert phone
    guardian = TrialBooking.objects.get().guardian
    session = a_class()
    agreed = {"terms": "1.0", "privacy": "1.0", "children": "1.0"}
    born = date(session.starts_at.year - session.course.age_min_months // 12 - 1, session.starts_at.month, 1)
    for name in ("一一", "二二", "三三"):
        a_seat(session, guardian, child=ChildWish(nickname=name, birth_month=born), agreements=agreed)

    answer = client.post(
        "/trial/", fields(client.get(f"/trial/?session={session.public_id}").content.decode())
    )

    assert answer.status_code == 409
    words = f"{session.course.name}已经约了 3 节，一个号码最多同时约这么多。上完或取消一节，就能再约。"
    assert words in answer.content.decode()
    assert "去看我的预约" in answer.content.decode()


def test_nothing_chosen_among_the_others_is_asked_for_and_never_guessed(client: Client) -> None:
    lost, other = _full(), a_class(starts_at=at(days=4, hour=10))
    phone = new_phone()
    challenge = ask_code(client, phone)
    page = client.post("/trial/", {**filled(phone, challenge), "session": lost.public_id}).content.decode()

    again = client.post("/trial/", fields(page))

    assert again.status_code == 422
    assert list(again.context["form"].errors) == ["session"]
    assert other.public_id in cards(again.content.decode())
    assert "session" not in fields(again.content.decode())
    assert not TrialBooking.objects.filter(session=other).exists()


def test_no_code_is_sent_for_a_full_class_and_the_others_are_shown_at_once(client: Client) -> None:
    lost, other = _full(), a_class(starts_at=at(days=4, hour=10))

    response = client.post(
        "/trial/", {"phone": new_phone(), "session": lost.public_id, "action": "send_code"}
    )

    assert response.status_code == 409
    assert not response.context["challenge"]
    assert cards(response.content.decode()) == [other.public_id]


@pytest.mark.parametrize("wrong", ["city", "campus"])
def test_a_class_that_is_not_where_the_form_says_is_refused_beside_it(client: Client, wrong: str) -> None:
    session = a_class()
    elsewhere = {"city": "shanghai"} if wrong == "city" else {"campus": a_campus(7).slug}

    response = book(client, new_phone(), session=session.public_id, **elsewhere)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["session"]
    assert "对不上" in response.content.decode()
    assert not TrialBooking.objects.exists()


def test_a_campus_of_another_city_is_refused(client: Client) -> None:
    response = book(client, new_phone(), campus=a_campus(1, "shanghai").slug)

    assert response.status_code == 422
    assert not TrialBooking.objects.exists()


def test_a_class_held_by_others_for_too_long_is_503_with_everything_kept(client: Client) -> None:
    session = a_class()
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "session": session.public_id}
    other = connections["default"].copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM enrollment_classsession WHERE id = %s FOR UPDATE", [session.pk])
        busy = client.post("/trial/", form)
    other.rollback()
    other.close()

    kept = fields(busy.content.decode())
    assert busy.status_code == 503
    assert int(busy["Retry-After"]) > 0
    for name in ("phone", "code", "challenge", "city", "agree_terms", "agree_privacy", "session"):
        assert kept[name] == form[name], name
    assert client.post("/trial/", kept).status_code == 303


def test_the_same_course_again_leads_to_the_booking_there_is(client: Client) -> None:
    first, second = a_class(), a_class(starts_at=at(days=3, hour=10))
    phone = signed_in(client)
    assert client.post("/trial/", {"city": "beijing", "session": first.public_id}).status_code == 303

    again = client.post("/trial/", {"city": "beijing", "session": second.public_id})

    page = again.content.decode()
    assert again.status_code == 409
    assert TrialBooking.objects.get(session=first).get_absolute_url() in page
    assert first.course.name in page
    assert not TrialBooking.objects.filter(session=second).exists()
    assert phone not in page


@pytest.mark.clause("L-SITE-14")
def test_one_line_says_it_all_once_more_above_the_button(client: Client) -> None:
    session = a_class()

    page = client.get(f"/trial/?session={session.public_id}").content.decode()
    typed = client.post(
        "/trial/", {**fields(page), "phone": "13800001234", "action": "send_code"}
    ).content.decode()

    line = re.search(r'<p class="again">.*?</p>\s*<button class="button"', typed, re.DOTALL)[0]
    for words in (session.course.name, "15:00", session.campus.name, "13800001234", "免费"):
        assert words in line


def test_a_parent_who_is_known_needs_one_press(client: Client) -> None:
    session = a_class()
    phone = signed_in(client)
    page = client.get(f"/trial/?session={session.public_id}").content.decode()
    consents = ConsentRecord.objects.count()

    posted = fields(page)
    done = client.post("/trial/", posted)

    assert {"phone", "code", "agree_terms", "agree_privacy"}.isdisjoint(posted)
    assert f"{phone[:3]}****{phone[-4:]}" in page
    assert done.status_code == 303
    assert TrialBooking.objects.get(session=session).state == "booked"
    assert ConsentRecord.objects.count() == consents  # what stands is not given again
    assert client.post("/trial/", posted)["Location"] == done["Location"]
    assert TrialBooking.objects.filter(session=session).count() == 1


def test_a_guardian_without_the_agreements_in_force_is_asked_for_them(client: Client) -> None:
    session, guardian = a_class(), a_guardian()
    client.force_login(guardian)

    page = client.get(f"/trial/?session={session.public_id}").content.decode()
    without = client.post("/trial/", fields(page))
    ticked = client.post("/trial/", {**fields(page), **PRIVACY_AND_TERMS})

    assert 'name="agree_terms"' in page
    assert without.status_code == 422
    assert ticked.status_code == 303


def test_other_number_keeps_what_the_address_said(client: Client) -> None:
    session = a_class()
    signed_in(client)

    left = client.post(
        "/trial/",
        {"action": "other_number", "city": "beijing", "session": session.public_id, "channel": "p-1"},
    )

    page = client.get(left["Location"]).content.decode()
    assert fields(page)["session"] == session.public_id
    assert fields(page)["channel"] == "p-1"


@pytest.mark.parametrize("wrong", [{"code": "000000"}, {"agree_terms": ""}, {"phone": "138"}])
def test_a_mistake_keeps_the_class_chosen_and_the_others_to_choose(client: Client, wrong) -> None:
    first, second = a_class(), a_class(campus=a_campus(2), starts_at=at(days=3, hour=10))
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "pick": "1", "session": second.public_id, "channel": "poster-1"}

    page = client.post("/trial/", {**form, **wrong})

    kept = fields(page.content.decode())
    assert page.status_code == 422
    assert cards(page.content.decode()) == [first.public_id, second.public_id]
    for name in {*form} - {*wrong}:
        assert kept[name] == form[name], name
    assert client.post("/trial/", form).status_code == 303
