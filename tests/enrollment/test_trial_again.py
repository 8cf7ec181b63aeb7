"""What the trial page says once more: its own address, a number already proved, the way on from what is lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from enrollment.models import TrialBooking
from tests.enrollment.test_trial_children import born, of_age
from tests.enrollment.test_trial_classes import cards, fields, signed_in
from tests.families import a_seat
from tests.people import PRIVACY_AND_TERMS, ask_code, filled, new_phone
from tests.places import a_campus, a_class, a_course, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def address_of(page: str) -> str:
    """Where the form posts to, which is also the address its page goes by."""
    return unescape(re.search(r'<form class="form" method="post" action="([^"]*)"', page)[1])


def test_a_page_thrown_away_while_the_message_is_read_comes_back_with_class_and_number(
    client: Client,
) -> None:
    session, phone = a_class(), new_phone()
    opened = client.get(f"/trial/?session={session.public_id}&channel=p-1").content.decode()

    asked = client.post(
        address_of(opened), {**fields(opened), "phone": phone, "action": "send_code"}
    ).content.decode()
    again = client.get(address_of(asked)).content.decode()

    kept = fields(again)
    assert kept["session"] == session.public_id
    assert kept["channel"] == "p-1"
    assert kept["phone"].replace(" ", "") == phone
    ready = {**kept, **filled(phone, kept["challenge"]), "city": kept["city"]}
    assert client.post(address_of(again), ready).status_code == 303
    assert TrialBooking.objects.get().session == session


def test_a_class_chosen_from_a_list_stands_in_the_address_with_the_list(client: Client) -> None:
    first, second = a_class(), a_class(starts_at=at(days=3, hour=10))
    opened = client.get("/trial/?city=beijing").content.decode()
    typed = {**fields(opened), "session": second.public_id, "phone": new_phone(), "action": "send_code"}

    asked = client.post(address_of(opened), typed).content.decode()
    again = client.get(address_of(asked)).content.decode()

    assert cards(again) == [first.public_id, second.public_id]
    assert fields(again)["session"] == second.public_id


@pytest.mark.parametrize("wrong", ["//elsewhere.example", '"><script>', "a b", "x" * 70])
def test_only_names_of_ours_get_into_the_address(client: Client, wrong: str) -> None:
    page = client.get("/trial/", {"session": wrong, "city": wrong, "campus": wrong, "channel": wrong})

    assert address_of(page.content.decode()) == "/trial/"


def test_a_number_proved_before_the_seat_was_lost_is_not_asked_for_again(client: Client) -> None:
    lost, other, phone = a_class(capacity=1), a_class(starts_at=at(days=3, hour=10)), new_phone()
    form = {**filled(phone, ask_code(client, phone)), "session": lost.public_id}
    a_seat(lost)

    refused = client.post("/trial/", form)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "手机号已验证" in page
    assert "获取验证码" not in page
    assert {name: fields(page)[name] for name in ("phone", "code")} == {"phone": phone, "code": form["code"]}
    assert cards(client.get(address_of(page)).content.decode()) == [other.public_id]
    ready = {**fields(page), "session": other.public_id, **PRIVACY_AND_TERMS}
    assert client.post(address_of(page), ready).status_code == 303
    assert client.post(address_of(page), ready).status_code == 303
    assert TrialBooking.objects.filter(session=other).count() == 1


def test_another_number_than_the_one_signed_in_is_never_taken_for_it(client: Client) -> None:
    lost, phone = a_class(capacity=1), new_phone()
    mine = signed_in(client)
    form = {**filled(phone, ask_code(client, phone)), "session": lost.public_id}
    a_seat(lost)

    page = client.post("/trial/", form).content.decode()

    assert f"{mine[:3]}****{mine[-4:]}" not in page
    assert fields(page)["phone"].replace(" ", "") == phone


def test_a_child_of_another_age_is_offered_classes_that_fit_it_on_their_day(client: Client) -> None:
    course, grown = a_course(), a_course("puzzles-7-9", ages=(84, 119))
    session, phone = a_class(course=course), new_phone()
    fits = a_class(course=grown, starts_at=at(days=4, hour=10))
    unfit = a_class(course=course, starts_at=at(days=3, hour=10))
    months = born(course.age_max_months + 1, session.local_date)
    form = {**filled(phone, ask_code(client, phone)), "session": session.public_id, **of_age(session)}

    refused = client.post("/trial/", {**form, "child_birth_month": months})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert cards(page) == [session.public_id, fits.public_id]
    assert unfit.public_id not in page
    assert fields(page)["session"] == session.public_id
    assert page.count("上课那天孩子") == 2  # once as a link of the summary
    assert page.count('<a href="#id_child_birth_month">上课那天孩子') == 1
    done = client.post(
        address_of(page), {**fields(page), "child_birth_month": months, "session": fits.public_id}
    )
    assert done.status_code == 303
    assert TrialBooking.objects.get().session == fits


def test_agreeing_leads_to_the_nickname_and_folds_the_notice_and_refusing_folds_it_too(
    client: Client,
) -> None:
    agreed = client.post("/trial/", {"action": "agree_children"}).content.decode()
    refused = client.post("/trial/", {"action": "refuse_children"}).content.decode()

    [focused] = re.findall(r"<[^>]* autofocus[^>]*>", agreed)
    assert 'name="child_nickname"' in focused
    for page in (agreed, refused):
        folded = re.search(r'<details class="told">.*?</details>', page, re.DOTALL)[0]
        assert "children-notice" in folded
    assert "好的，不填孩子的信息" in refused


def test_the_line_above_the_button_names_the_campus(client: Client) -> None:
    campus = a_campus(2)
    a_class(campus=campus)

    page = client.get(f"/trial/?campus={campus.slug}").content.decode()

    assert f"{campus.name}，校区打电话来约时间" in re.search(r'<p class="again">.*?</p>', page)[0]


@pytest.mark.parametrize("by_campus", [True, False])
def test_more_classes_than_the_page_holds_are_a_tap_away(client: Client, by_campus: bool) -> None:
    campus = a_campus()
    asked = f"campus={campus.slug}" if by_campus else "city=beijing"
    for day in range(1, 7):
        a_class(campus=campus, starts_at=at(days=day, hour=10))
    assert "看更多时间" not in client.get(f"/trial/?{asked}").content.decode()

    a_class(campus=campus, starts_at=at(days=8, hour=10))

    there = campus.get_absolute_url() if by_campus else "/cities/beijing/"
    assert f'href="{there}">看更多时间' in client.get(f"/trial/?{asked}").content.decode()


def test_a_class_that_is_unknown_is_said_to_be_so_with_the_way_on(client: Client) -> None:
    response = client.get("/trial/?session=" + "x" * 22)

    page = response.content.decode()
    assert response.status_code == 200
    assert "没有找到这节课，可能已经撤下了。在下面选好城市" in page
    assert 'name="city"' in page


def test_a_class_that_can_no_longer_be_given_back_says_so_before_it_is_booked(client: Client) -> None:
    from django.utils import timezone

    soon, later = a_class(starts_at=timezone.now() + timedelta(hours=1)), a_class()

    assert "不能在网上改期或取消" in client.get(f"/trial/?session={soon.public_id}").content.decode()
    assert "不能在网上改期或取消" not in client.get(f"/trial/?session={later.public_id}").content.decode()


def test_an_old_link_to_a_full_class_does_not_say_just_now(client: Client) -> None:
    full = a_class(capacity=1)
    a_seat(full)

    page = client.get(f"/trial/?session={full.public_id}").content.decode()

    assert "这节课已经约满了" in page
    assert "刚刚" not in page
