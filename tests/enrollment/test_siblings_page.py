"""Siblings on the trial page and by the API: added one by one, nothing lost, each refusal at its child."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services.children import children_of
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.cancelling import cancel_trial
from enrollment.services.links import make_link
from privacy.consent.models import ConsentRecord
from privacy.minors.models import Child
from tests.children import a_child, name_of
from tests.enrollment.test_class_api import body, post, problem
from tests.enrollment.test_trial_classes import cards, fields
from tests.families import a_guardian, a_seat, acting
from tests.people import ask_code, filled, last_code, new_phone, texts_to
from tests.places import a_class, a_course, at
from tests.queries import counted
from tests.siblings import NAMES, a_party, born, party_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DOCUMENTS = [{"document": name, "version": "1.0"} for name in ("terms", "privacy", "children")]


def month(session: ClassSession, months: int = 60) -> str:
    return f"{born(months, session.local_date):%Y-%m}"


def press(client: Client, form: dict[str, Any], action: str) -> tuple[str, dict[str, str]]:
    """The page that comes back from a button of the form, and what a browser would post from it."""
    response = client.post("/trial/", {**form, "action": action})
    assert response.status_code == 200
    assert not response.context["form"].errors
    page = response.content.decode()
    return page, fields(page)


def agreed(client: Client, session: ClassSession) -> dict[str, str]:
    """The form with the child's fields open and the first child typed in."""
    phone = new_phone()
    form = {**filled(phone, ask_code(client, phone)), "session": session.public_id}
    _, form = press(client, form, "agree_children")
    return {**form, "child_nickname": NAMES[0], "child_birth_month": month(session)}


def with_two(client: Client, session: ClassSession) -> dict[str, str]:
    _, form = press(client, agreed(client, session), "add_sibling")
    return {**form, "sibling1_nickname": NAMES[1], "sibling1_birth_month": month(session)}


def names_of(booking: TrialBooking) -> list[str]:
    known = {child.id: child.nickname for child in children_of(guardian=booking.guardian)}
    return [known[row.child_id] for row in party_of(booking)]


# Adding and taking away


def test_the_page_opens_with_nobody_to_add(client: Client) -> None:
    page = client.get(f"/trial/?session={a_class().public_id}").content.decode()

    assert "再加一个孩子" not in page
    assert "sibling" not in page


def test_a_child_is_added_and_everything_typed_stays(client: Client) -> None:
    form = agreed(client, a_class())

    page, kept = press(client, form, "add_sibling")

    assert {name: kept[name] for name in form if name != "action"} == form
    assert "第 2 个孩子" in page
    assert re.search(r'name="sibling1_nickname"[^>]*autofocus', page)
    page, kept = press(client, {**kept, "sibling1_nickname": NAMES[1]}, "add_sibling")
    assert "第 3 个孩子" in page
    assert kept["sibling1_nickname"] == NAMES[1]
    assert "再加一个孩子" not in page


def test_a_child_taken_away_leaves_the_others(client: Client) -> None:
    _, form = press(client, with_two(client, a_class()), "add_sibling")
    form = {**form, "sibling2_nickname": NAMES[2]}

    page, kept = press(client, form, "drop_sibling1")

    assert kept["sibling1_nickname"] == NAMES[2]
    assert NAMES[1] not in page
    assert kept["child_nickname"] == NAMES[0]
    page, kept = press(client, kept, "drop_sibling1")
    assert "第 2 个孩子" not in page
    assert not [name for name in kept if name.startswith("sibling")]


def test_refusing_clears_all_of_them(client: Client) -> None:
    session = a_class()

    done = client.post("/trial/", {**with_two(client, session), "action": "refuse_children"})

    assert done.status_code == 303
    assert (TrialBooking.objects.get().child_id, TrialBooking.objects.get().party_id) == (None, None)
    assert not Child.objects.exists()


# Booking


def test_two_are_booked_with_one_message(client: Client) -> None:
    session = a_class()
    form = with_two(client, session)

    done = client.post("/trial/", form)

    first = TrialBooking.objects.get(party_place=1)
    assert done.status_code == 303
    assert done["Location"] == first.get_absolute_url()
    assert names_of(first) == list(NAMES[:2])
    assert ConsentRecord.objects.filter(purpose="children", state="given").count() == 2
    booked = [text for text in texts_to(form["phone"]) if "约好了" in text]
    assert len(booked) == 1
    again = client.post("/trial/", form)
    assert again["Location"] == first.get_absolute_url()
    assert TrialBooking.objects.count() == 2


def test_asking_for_the_code_keeps_a_seat_for_each(client: Client) -> None:
    session, phone = a_class(capacity=4), new_phone()
    form = {"phone": phone, "session": session.public_id, "agree_children": "on", "more": "1"}

    sent = client.post("/trial/", {**form, "action": "send_code"})

    session.refresh_from_db()
    assert sent.status_code == 200
    assert session.seats_taken == 2
    typed = {"child_nickname": NAMES[0], "child_birth_month": month(session)}
    second = {"sibling1_nickname": NAMES[1], "sibling1_birth_month": month(session)}
    kept = fields(sent.content.decode())
    ticked = {"agree_terms": "on", "agree_privacy": "on"}
    done = client.post("/trial/", {**kept, **typed, **second, **ticked, "code": last_code(phone)})
    session.refresh_from_db()
    assert done.status_code == 303
    assert (session.seats_taken, session.unverified_taken) == (2, 0)


def test_children_on_file_are_ticked(client: Client) -> None:
    session, guardian = a_class(), a_guardian()
    ids = [a_child(guardian, name, born(60, session.local_date)) for name in NAMES[:3]]
    client.force_login(guardian)
    opened = fields(client.get(f"/trial/?session={session.public_id}").content.decode())
    form = {**opened, "agree_terms": "on", "agree_privacy": "on", "child": name_of(ids[0])}

    page, form = press(client, form, "add_sibling")
    boxes = re.findall(r'<input type="checkbox" name="siblings" value="([^"]+)"', page)
    done = client.post("/trial/", {**form, "siblings": boxes})

    assert boxes == [name_of(ids[1]), name_of(ids[2])]
    assert done.status_code == 303
    assert names_of(TrialBooking.objects.get(party_place=1)) == list(NAMES[:3])


def test_one_on_file_and_one_typed(client: Client) -> None:
    session, guardian = a_class(), a_guardian()
    known = a_child(guardian, NAMES[0], born(60, session.local_date))
    client.force_login(guardian)
    opened = fields(client.get(f"/trial/?session={session.public_id}").content.decode())
    form = {**opened, "agree_terms": "on", "agree_privacy": "on", "child": name_of(known)}

    page, form = press(client, form, "add_sibling")
    assert "按“同意，填写孩子信息”，就能填了" in page
    page, form = press(client, form, "agree_children")
    assert 'name="child_nickname"' not in page
    typed = {"sibling1_nickname": NAMES[1], "sibling1_birth_month": month(session)}
    done = client.post("/trial/", {**form, **typed})

    assert done.status_code == 303
    assert names_of(TrialBooking.objects.get(party_place=1)) == list(NAMES[:2])


# Refusals


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"sibling1_nickname": ""}, ["sibling1_nickname"]),
        ({"sibling1_birth_month": ""}, ["sibling1_birth_month"]),
        (
            {"sibling1_nickname": "", "sibling1_birth_month": ""},
            ["sibling1_nickname", "sibling1_birth_month"],
        ),
        ({"sibling1_nickname": "13800001234"}, ["sibling1_nickname"]),
        ({"sibling1_birth_month": "2999-01"}, ["sibling1_birth_month"]),
        ({"sibling1_nickname": NAMES[0]}, ["sibling1_nickname"]),
        ({"child_nickname": "", "child_birth_month": ""}, ["child_nickname"]),
        ({"agree_children": ""}, ["agree_children"]),
        ({"session": ""}, ["__all__"]),
        ({"session": "", "pick": "1"}, ["session"]),
    ],
)
def test_what_is_wrong_stands_beside_its_child(
    client: Client, changed: dict[str, str], wrong: list[str]
) -> None:
    form = {**with_two(client, a_class()), **changed}

    refused = client.post("/trial/", form)

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == wrong
    kept = fields(refused.content.decode())
    for name in ("child_nickname", "sibling1_nickname", "sibling1_birth_month"):
        assert kept[name] == form[name]
    assert not TrialBooking.objects.exists()
    assert not Child.objects.exists()


def test_more_than_three_do_not_come_together(client: Client) -> None:
    session, guardian = a_class(), a_guardian()
    ids = [name_of(a_child(guardian, name, born(60, session.local_date))) for name in NAMES]
    client.force_login(guardian)
    opened = fields(client.get(f"/trial/?session={session.public_id}").content.decode())
    form = {**opened, "agree_terms": "on", "agree_privacy": "on", "child": ids[0]}

    for ticked in (ids[1:], ids[:2]):
        refused = client.post("/trial/", {**form, "siblings": ticked})
        assert refused.status_code == 422
        assert list(refused.context["form"].errors) == ["siblings"]
    assert not TrialBooking.objects.exists()


def test_a_sibling_too_young_is_named_and_classes_for_both_are_offered(client: Client) -> None:
    session = a_class(starts_at=at(days=2, hour=15))
    for_both = a_class(course=a_course("for-both", ages=(30, 90)), starts_at=at(days=3, hour=9))
    too_small = a_class(course=a_course("for-both", ages=(30, 90)), starts_at=at(days=4, hour=9), capacity=1)
    form = {**with_two(client, session), "sibling1_birth_month": month(session, 40)}

    refused = client.post("/trial/", form)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["sibling1_birth_month"]
    assert "第 2 个孩子 3 岁 4 个月" in page
    assert "几个孩子都适合" in page
    assert cards(page) == [session.public_id, for_both.public_id]
    assert too_small.public_id not in page
    done = client.post("/trial/", {**fields(page), "session": for_both.public_id})
    assert done.status_code == 303
    assert TrialBooking.objects.filter(session=for_both).count() == 2


def test_one_on_file_too_young_is_called_by_name_on_its_guardians_page(client: Client) -> None:
    session, guardian = a_class(), a_guardian()
    ids = [a_child(guardian, NAMES[0], born(60, session.local_date))]
    ids.append(a_child(guardian, NAMES[1], born(30, session.local_date)))
    client.force_login(guardian)
    opened = fields(client.get(f"/trial/?session={session.public_id}").content.decode())
    form = {**opened, "agree_terms": "on", "agree_privacy": "on", "child": name_of(ids[0])}

    refused = client.post("/trial/", {**form, "siblings": [name_of(ids[1])]})

    errors = refused.context["form"].errors
    assert list(errors) == ["siblings"]
    assert f"{NAMES[1]}：" in errors["siblings"][0]
    assert "分开约" in errors["siblings"][0]


def test_too_few_seats_change_nothing_and_lead_on(client: Client) -> None:
    session = a_class(capacity=2)
    other = a_class(starts_at=at(days=4, hour=9))
    form = with_two(client, session)
    a_seat(session)

    refused = client.post("/trial/", form)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "只剩 1 个座位，不够 2 个孩子一起来" in page
    assert fields(page)["sibling1_nickname"] == NAMES[1]
    assert cards(page) == [other.public_id]
    assert TrialBooking.objects.count() == 1
    assert not Child.objects.exists()
    assert client.post("/trial/", {**fields(page), "session": other.public_id}).status_code == 303


# Afterwards


@pytest.fixture
def guardian(client: Client) -> User:
    signed = a_guardian()
    client.force_login(signed)
    return signed


def test_the_page_of_one_names_the_others_to_the_guardian_alone(client: Client, guardian: User) -> None:
    first, second = party_of(a_party(a_class(), 2, guardian))

    page = client.get(first.get_absolute_url()).content.decode()
    by_link = Client()
    by_link.get(make_link(booking=first).removeprefix("http://127.0.0.1:8000"))
    seen = by_link.get(first.get_absolute_url()).content.decode()

    assert second.get_absolute_url() in page
    assert NAMES[1] in page
    assert first.reference in seen
    for secret in (second.public_id, second.reference, *NAMES):
        assert secret not in seen
    assert by_link.get(second.get_absolute_url()).status_code == 404


def test_one_or_all_are_cancelled_and_by_a_link_one_alone(client: Client, guardian: User) -> None:
    one, two, three = party_of(a_party(a_class(), 3, guardian))
    asked = client.get(f"/trial/{one.public_id}/cancel/").content.decode()
    assert "只取消这一个" in asked
    by_link = Client()
    by_link.get(make_link(booking=three).removeprefix("http://127.0.0.1:8000"))

    assert "只取消这一个" not in by_link.get(f"/trial/{three.public_id}/cancel/").content.decode()
    by_link.post(f"/trial/{three.public_id}/cancel/", {"all": "1"})
    assert [row.state for row in party_of(one)] == ["booked", "booked", "cancelled"]
    client.post(f"/trial/{two.public_id}/cancel/", {"all": "1"})
    assert {row.state for row in party_of(one)} == {"cancelled"}


# By the API


def child(session: ClassSession, place: int, months: int = 60) -> dict[str, str]:
    return {"nickname": NAMES[place - 1], "birth_month": month(session, months)}


def asked(client: Client, session: ClassSession, /, **changed: Any) -> dict[str, Any]:
    wish = {"child": child(session, 1), "siblings": [child(session, 2)], "agreements": DOCUMENTS}
    return body(client, session, **{**wish, **changed})


def test_the_api_answers_with_the_first_and_the_names_of_all(client: Client, guardian: User) -> None:
    session = a_class()

    made = post(client, "trial-bookings/", asked(client, session))

    first, second = party_of(TrialBooking.objects.get(party_place=1))
    assert made.status_code == 201, made.content
    assert made.json()["id"] == first.public_id
    assert made.json()["party"] == [first.public_id, second.public_id]
    assert str(first.party_id) not in made.content.decode()
    assert client.get(f"/api/v1/trial-bookings/{second.public_id}/").json()["party"] == made.json()["party"]
    alone = a_seat(a_class(course=a_course("other"), starts_at=at(days=5, hour=9)), guardian)
    assert client.get(f"/api/v1/trial-bookings/{alone.public_id}/").json()["party"] == []
    by_link = Client()
    by_link.get(make_link(booking=first).removeprefix("http://127.0.0.1:8000"))
    assert by_link.get(f"/api/v1/trial-bookings/{first.public_id}/").json()["party"] == []


def test_lists_ask_once_for_all_parties(client: Client, guardian: User) -> None:
    a_party(a_class(), 2, guardian)
    with counted(default=4, minors=1):
        client.get("/api/v1/trial-bookings/")
    for number in range(2):
        course = a_course(f"course-{number}", ages=(0, 200))
        a_party(a_class(course=course, starts_at=at(days=5 + number, hour=9)), 2, guardian)

    with counted(default=4, minors=1):
        results = client.get("/api/v1/trial-bookings/").json()["results"]
    assert [len(row["party"]) for row in results] == [2] * 6


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"child": None}, "child"),
        ({"session": None}, "session"),
        ({"siblings": [{"nickname": "小汤圆", "birth_month": "2021-05"}] * 3}, "siblings"),
        ({"siblings": [{"nickname": "小汤圆"}]}, "siblings.0"),
        ({"siblings": [{"nickname": "13800001234", "birth_month": "2021-05"}]}, "siblings.0.nickname"),
        ({"siblings": [{"id": "nobody"}]}, "siblings.0.id"),
        ({"siblings": "小汤圆"}, "siblings"),
    ],
)
@pytest.mark.usefixtures("guardian")
def test_bodies_that_cannot_be_meant(client: Client, changed: dict[str, Any], named: str) -> None:
    wish = {name: value for name, value in asked(client, a_class(), **changed).items() if value is not None}

    refused = post(client, "trial-bookings/", wish)

    assert problem(refused) == (422, "invalid")
    assert [name.split(".non_field")[0] for name in refused.json()["errors"]] == [named]
    assert not TrialBooking.objects.exists()


@pytest.mark.usefixtures("guardian")
def test_the_api_names_a_child_by_its_place_and_never_by_its_name(client: Client) -> None:
    session = a_class()
    young = asked(client, session, siblings=[child(session, 2), child(session, 3, 40)])
    twice = asked(client, session, siblings=[child(session, 1)])

    for wish, named in ((young, "siblings.1.birth_month"), (twice, "siblings.0.nickname")):
        refused = post(client, "trial-bookings/", wish)
        assert problem(refused) == (422, "invalid")
        assert list(refused.json()["errors"]) == [named]
        assert not [name for name in NAMES if name in refused.content.decode()]
    assert not TrialBooking.objects.exists()


@pytest.mark.usefixtures("guardian")
def test_the_api_says_how_many_seats_are_missing(client: Client) -> None:
    session, other = a_class(capacity=2), a_class(starts_at=at(days=4, hour=9))
    a_seat(session)

    refused = post(client, "trial-bookings/", asked(client, session))

    assert problem(refused) == (409, "session_full")
    assert "只剩 1 个座位" in refused.json()["detail"]
    assert [one["id"] for one in refused.json()["alternatives"]] == [other.public_id]


def test_a_sibling_given_back_leaves_the_answer_whole(client: Client, guardian: User) -> None:
    first, second = party_of(a_party(a_class(), 2, guardian))

    cancel_trial(booking=second, by=acting(guardian))

    party = client.get(f"/api/v1/trial-bookings/{first.public_id}/").json()["party"]
    assert party == [first.public_id, second.public_id]
