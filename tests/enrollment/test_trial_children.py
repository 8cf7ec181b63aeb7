"""The child in the trial form: asked for after a notice, refused without a price, matched at the class's date."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.services.children import add_child, children_of
from enrollment.models import TrialBooking
from privacy.consent.enums import Channel
from privacy.consent.models import ConsentRecord
from privacy.consent.services import current_notices
from privacy.minors.models import Child
from tests.enrollment.test_trial_classes import fields, signed_in
from tests.families import a_guardian
from tests.people import ask_code, book, filled, new_phone
from tests.places import a_class, a_course

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def born(months_ago: int, on: date) -> str:
    """The month in which a child was born that is so many months old on ``on``, as a form says it."""
    years, month = divmod(on.year * 12 + on.month - 1 - months_ago, 12)
    return f"{years:04d}-{month + 1:02d}"


def of_age(session: Any) -> dict[str, str]:
    """A child of the age that the class is for, with the rules ticked."""
    months = session.course.age_min_months + 6
    return {
        "child_nickname": "小豆包",
        "child_birth_month": born(months, session.local_date),
        "agree_children": "on",
    }


def test_the_notice_stands_before_every_field_of_the_child_and_offers_two_ways(client: Client) -> None:
    page = client.get("/trial/").content.decode()

    notice = page.index("children-notice")
    agree, refuse = page.index('value="agree_children"'), page.index('value="refuse_children"')
    assert notice < agree < refuse
    assert 'name="child_nickname"' not in page
    classes = {tag.rpartition('class="')[2].split('"')[0] for tag in (page[:agree], page[:refuse])}
    assert classes == {"button button-quiet"}


def test_agreeing_shows_the_fields_ticked_by_that_act_and_keeps_everything(client: Client) -> None:
    session, phone = a_class(), new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "session": session.public_id, "channel": "p-1"}

    response = client.post("/trial/", {**form, "action": "agree_children"})

    page = response.content.decode()
    kept = fields(page)
    assert response.status_code == 200
    assert not response.context["form"].errors
    assert page.index("children-notice") < page.index('name="child_nickname"')
    assert kept["agree_children"] == "on"
    assert "我是这个孩子的监护人" in page
    assert {name: kept[name] for name in form} == form
    done = client.post("/trial/", {**kept, **of_age(session)})
    assert done.status_code == 303
    child = Child.objects.get()
    assert TrialBooking.objects.get().child_id == child.pk
    assert ConsentRecord.objects.filter(purpose="children", concerning_id=child.pk, state="given").exists()


def test_refusing_drops_what_was_typed_records_it_and_books(client: Client) -> None:
    session, phone = a_class(), new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "session": session.public_id, **of_age(session)}

    done = client.post("/trial/", {**form, "action": "refuse_children"})

    booking = TrialBooking.objects.get()
    assert done["Location"] == booking.get_absolute_url()
    assert (booking.state, booking.child_id) == ("booked", None)
    assert not Child.objects.exists()
    refused = ConsentRecord.objects.get(subject_id=booking.owner_id, purpose="children")
    assert refused.state == "refused"


def test_refusing_before_the_rest_is_there_keeps_the_rest_and_is_recorded_with_the_booking(
    client: Client,
) -> None:
    session, phone = a_class(), new_phone()
    typed = {"phone": phone, "session": session.public_id, "city": "beijing", "agree_terms": "on"}

    response = client.post("/trial/", {**typed, **of_age(session), "action": "refuse_children"})

    page = response.content.decode()
    assert response.status_code == 200
    assert not response.context["form"].errors
    assert "小豆包" not in page
    assert {name: fields(page)[name] for name in typed} == typed
    assert not ConsentRecord.objects.exists()
    sent = client.post("/trial/", {**fields(page), "action": "send_code"}).content.decode()
    done = client.post("/trial/", {**fields(sent), **filled(phone, fields(sent)["challenge"])})
    assert done.status_code == 303
    assert ConsentRecord.objects.get(purpose="children").state == "refused"


def test_a_mind_changed_after_refusing_may_still_name_the_child(client: Client) -> None:
    session, phone = a_class(), new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "session": session.public_id, "refuses_children": "1"}

    page = client.post("/trial/", {**form, "action": "agree_children"}).content.decode()
    done = client.post("/trial/", {**fields(page), **of_age(session)})

    assert "refuses_children" not in fields(page)
    assert done.status_code == 303
    assert [record.state for record in ConsentRecord.objects.filter(purpose="children")] == ["given"]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"agree_children": ""}, ["agree_children"]),
        ({"child_nickname": ""}, ["child_nickname"]),
        ({"child_birth_month": ""}, ["child_birth_month"]),
        ({"child_birth_month": "2999-01"}, ["child_birth_month"]),
        ({"child_birth_month": "x"}, ["child_birth_month"]),
        ({"child_birth_month": "1999-01"}, ["child_birth_month"]),
        ({"child_nickname": "13800001234"}, ["child_nickname"]),
        ({"child_nickname": "长" * 13}, ["child_nickname"]),
    ],
)
def test_what_is_wrong_about_the_child_is_said_beside_it_and_nothing_is_kept_but_on_the_page(
    client: Client, changed: dict[str, str], wrong: list[str]
) -> None:
    session = a_class()
    form = {"session": session.public_id, **of_age(session), **changed}

    response = book(client, new_phone(), **form)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == wrong
    for name in ("child_nickname", "child_birth_month"):
        assert fields(response.content.decode())[name] == form[name]
    assert not Child.objects.exists()
    assert not TrialBooking.objects.exists()


@pytest.mark.parametrize("off", [-1, 1])
def test_age_is_that_on_the_day_of_the_class_and_the_reason_is_shown(client: Client, off: int) -> None:
    course = a_course()
    session = a_class(course=course)
    edge = course.age_min_months if off < 0 else course.age_max_months
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = {**filled(phone, challenge), "session": session.public_id, **of_age(session)}

    wrong = client.post("/trial/", {**form, "child_birth_month": born(edge + off, session.local_date)})
    right = client.post("/trial/", {**form, "child_birth_month": born(edge, session.local_date)})

    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["child_birth_month"]
    assert "，这节课适合" in page
    assert fields(page)["child_nickname"] == "小豆包"
    assert right.status_code == 303


def test_a_child_on_file_is_chosen_by_its_guardian(client: Client) -> None:
    session = a_class()
    signed_in(client)
    guardian = TrialBooking.objects.get().guardian
    _keep(guardian, of_age(session))
    page = client.get(f"/trial/?session={session.public_id}").content.decode()
    [child] = children_of(guardian=guardian)

    done = client.post("/trial/", {**fields(page), "child": child.public_id})

    assert "小豆包" in page
    assert str(child.id) not in page
    assert done.status_code == 303
    assert TrialBooking.objects.get(session=session).child_id == child.id


def test_nobody_chooses_anothers_child(client: Client) -> None:
    session, stranger = a_class(), a_guardian()
    _keep(stranger, of_age(session))
    [theirs] = children_of(guardian=stranger)
    signed_in(client)
    _keep(TrialBooking.objects.get().guardian, {**of_age(session), "child_nickname": "小汤圆"})
    page = client.get(f"/trial/?session={session.public_id}").content.decode()

    refused = client.post("/trial/", {**fields(page), "child": theirs.public_id})

    assert "小豆包" not in page
    assert refused.status_code == 422
    assert not TrialBooking.objects.filter(session=session).exists()
    assert "小豆包" not in Client().get(f"/trial/?session={session.public_id}").content.decode()


def _keep(guardian: Any, typed: dict[str, str]) -> None:
    year, month = typed["child_birth_month"].split("-")
    add_child(
        guardian=guardian,
        nickname=typed["child_nickname"],
        birth_month=date(int(year), int(month), 1),
        agreements={notice.document: notice.version for notice in current_notices()},
        channel=Channel.WEB,
    )
