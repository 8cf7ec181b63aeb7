"""Classes by API, and seats in them: found, booked, refused with something else, and nobody else's to see."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from enrollment.api import Pages
from enrollment.class_api import ClassSessions
from enrollment.enums import SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_OF_A_COURSE
from enrollment.services.cancelling import cancel_trial
from enrollment.services.links import make_link
from enrollment.services.wishes import ChildWish
from privacy.minors.services import children_of
from tests.enrollment.test_trial_api import documents, post, problem, proved
from tests.families import a_guardian, a_seat, acting
from tests.people import new_phone
from tests.places import a_campus, a_class, a_course, at
from tests.queries import counted

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()["results"]]


def sessions(client: Client, **query: Any) -> list[str]:
    return ids(client.get("/api/v1/class-sessions/", query))


EVERY_DOCUMENT = {"terms": "1.0", "privacy": "1.0", "children": "1.0"}


def born_for(session: ClassSession) -> date:
    """A birth month that fits the course."""
    day = session.local_date or session.starts_at.date()
    return date(day.year - session.course.age_min_months // 12 - 1, day.month, 1)


def signed_in(client: Client) -> User:
    guardian = a_guardian()
    client.force_login(guardian, "django.contrib.auth.backends.ModelBackend")
    return guardian


def body(client: Client, session: ClassSession, /, **changed: Any) -> dict[str, Any]:
    place = {"city": session.campus.city.slug, "session": session.public_id}
    return {**place, "agreements": documents(client), **changed}


def test_the_next_page_is_ours_whatever_host_was_asked(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://leap.example", ["*"]
    monkeypatch.setattr(ClassSessions, "page_size", 1)
    monkeypatch.setattr(Pages, "page_size", 1)
    guardian = signed_in(client)
    for number in range(2):
        a_seat(a_class(course=a_course(f"course-{number}")), guardian)

    for page in ("class-sessions", "trial-bookings"):
        address = f"/api/v1/{page}/"
        answer = client.get(address, headers={"host": "elsewhere.example"}).json()
        assert answer["next"].startswith(f"https://leap.example{address}?cursor="), page


def test_only_lists_of_classes_are_kept_by_others(client: Client) -> None:
    assert client.get("/api/v1/class-sessions/")["Cache-Control"] == "public, max-age=5"
    for query, status in (("city=atlantis", 422), ("cursor=nothing", 404)):
        refused = client.get(f"/api/v1/class-sessions/?{query}")
        assert refused.status_code == status
        assert "public" not in refused.headers.get("Cache-Control", "")


def test_a_family_is_told_how_many_seats_of_a_course_it_may_have(client: Client) -> None:
    session, guardian = a_class(), signed_in(client)
    for number in range(MOST_OF_A_COURSE):
        a_seat(session, guardian, child=ChildWish(nickname=f"豆{number}", birth_month=born_for(session)),
               agreements=EVERY_DOCUMENT)  # fmt: skip

    answer = post(client, "trial-bookings/", body(client, session))

    assert problem(answer) == (409, "already_booked")
    assert answer.json()["detail"] == f"{session.course.name}已经约了 3 节，一个号码最多同时约这么多。"
    assert "booking" not in answer.json()


def test_what_is_said_of_a_class(client: Client) -> None:
    session = a_class(capacity=3, starts_at=at(days=2, hour=15))
    a_seat(session)

    (said,) = client.get("/api/v1/class-sessions/").json()["results"]

    assert said == {
        "id": session.public_id,
        "starts_at": at(days=2, hour=15).isoformat(),
        "ends_at": (at(days=2, hour=15) + timedelta(minutes=session.course.minutes)).isoformat(),
        "seats_left": 2,
        "bookable": True,
        "city": "beijing",
        "campus": {
            "slug": session.campus.slug,
            "name": session.campus.name,
            "address": session.campus.address,
        },
        "course": {
            "slug": session.course.slug,
            "name": session.course.name,
            "programme": "drama",
            "age_months": [session.course.age_min_months, session.course.age_max_months],
        },
    }


def test_only_what_can_be_booked_unless_the_full_ones_are_asked_for(client: Client) -> None:
    free, full = a_class(), a_class(capacity=1, starts_at=at(days=3, hour=9))
    a_seat(full)
    for state in (SessionState.CLOSED, SessionState.CANCELLED, SessionState.DRAFT):
        a_class(state=state)
    a_class(starts_at=timezone.now() + timedelta(minutes=10))

    assert sessions(client) == [free.public_id]
    assert sessions(client, full="0") == [free.public_id]
    assert sessions(client, full="1") == [free.public_id, full.public_id]
    listed = client.get("/api/v1/class-sessions/?full=1").json()["results"]
    assert [(one["seats_left"], one["bookable"]) for one in listed] == [(8, True), (0, False)]


def test_every_filter(client: Client) -> None:
    here = a_class(starts_at=at(days=2, hour=0))
    late = a_class(starts_at=at(days=3, hour=23), campus=a_campus(2))
    teens = a_class(starts_at=at(days=4, hour=9), course=a_course("teens", ages=(150, 190)))
    away = a_class(starts_at=at(days=5, hour=9), campus=a_campus(1, "shanghai"))
    names = {one.pk: one.public_id for one in (here, late, teens, away)}

    def found(**query: Any) -> list[Any]:
        shown = sessions(client, **query)
        return [one for one in (here, late, teens, away) if names[one.pk] in shown]

    day = [timezone.localdate() + timedelta(days=days) for days in range(6)]
    assert found(city="shanghai") == [away]
    assert found(campus=late.campus.slug) == [late]
    assert found(course="teens") == [teens]
    assert found(**{"from": day[3].isoformat()}) == [late, teens, away]
    assert found(to=day[3].isoformat()) == [here, late]
    assert found(**{"from": day[2].isoformat(), "to": day[2].isoformat()}) == [here]
    least, most = here.course.age_min_months, here.course.age_max_months
    assert found(age_months=least) == found(age_months=most) == [here, late, away]
    assert found(age_months=150) == [teens]
    assert found(city="beijing", age_months=most, to=day[2].isoformat()) == [here]
    assert found(city="", campus="", course="", to="", age_months="") == [here, late, teens, away]


@pytest.mark.parametrize(
    "wrong",
    [
        {"city": "atlantis"},
        {"campus": "nowhere"},
        {"course": "alchemy"},
        {"from": "tomorrow"},
        {"from": "2026-02-30"},
        {"to": "20260101T000000"},
        {"age_months": "-1"},
        {"age_months": "4.5"},
        {"age_months": "9" * 5000},
        {"full": "perhaps"},
        {"cursor": "x" * 30},
    ],
)
def test_a_filter_nobody_can_mean_is_named(client: Client, wrong: dict[str, str]) -> None:
    answer = client.get("/api/v1/class-sessions/", wrong)

    assert problem(answer) == (422, "invalid")
    assert set(answer.json()["errors"]) == set(wrong)


@pytest.mark.parametrize("cursor", ["nothing", "%00", "a" * 22])
def test_a_forged_cursor_leads_nowhere(client: Client, cursor: str) -> None:
    assert problem(client.get("/api/v1/class-sessions/", {"cursor": cursor})) == (404, "not_found")


def test_pages_of_classes_follow_each_other_though_many_begin_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrollment.class_api.ClassSessions.page_size", 2)
    made = [a_class(starts_at=at(days=2, hour=15)) for _ in range(4)] + [
        a_class(starts_at=at(days=1, hour=9))
    ]
    made.sort(key=lambda one: (one.starts_at, one.pk))
    seen, following = [], "/api/v1/class-sessions/?city=beijing"
    for _ in range(3):
        page = client.get(following)
        seen += ids(page)
        following = page.json()["next"]

    assert seen == [one.public_id for one in made]
    assert following is None


def test_the_list_is_the_same_for_everybody_and_may_be_kept_for_a_moment(client: Client) -> None:
    a_class()
    anonymous = client.get("/api/v1/class-sessions/")
    signed_in(client)

    assert client.get("/api/v1/class-sessions/").json() == anonymous.json()
    assert "public" in anonymous["Cache-Control"]
    assert not anonymous.cookies


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_classes_is_one_query(client: Client, rows: int) -> None:
    for number in range(rows):
        a_class(campus=a_campus(1 + number), course=a_course(f"course-{number}"))

    with counted(default=1):
        assert len(sessions(client)) == rows
    with counted(default=2):
        assert len(sessions(client, city="beijing", full="1")) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_bookings_is_one_query_beside_the_session_and_one_for_the_children(
    client: Client, rows: int
) -> None:
    guardian = signed_in(client)
    for number in range(rows):
        a_seat(a_class(campus=a_campus(1 + number), course=a_course(f"course-{number}")), guardian)

    with counted(default=3):
        assert len(ids(client.get("/api/v1/trial-bookings/"))) == rows


def test_the_whole_way_into_a_class_by_api(client: Client) -> None:
    session = a_class(capacity=2, starts_at=at(days=2, hour=15))

    made = post(client, "trial-bookings/", body(client, session, **proved(client, new_phone())))

    booking = made.json()
    assert made.status_code == 201, made.content
    assert (booking["status"], booking["child"]) == ("booked", None)
    assert booking["can_move_until"] == booking["can_cancel_until"]
    assert booking["session"]["id"] == session.public_id
    assert booking["session"]["seats_left"] == 1
    assert booking["campus"]["slug"] == session.campus.slug
    assert booking["can_cancel_until"] == at(days=2, hour=13).isoformat()
    assert booking["ics_url"] == booking["url"].removesuffix("/") + ".ics"
    assert client.get(f"/api/v1/trial-bookings/{booking['id']}/").json() == booking
    assert client.get("/api/v1/trial-bookings/").json()["results"] == [booking]
    cancelled = post(client, f"trial-bookings/{booking['id']}/cancel/", {}).json()
    assert (cancelled["status"], cancelled["can_cancel_until"]) == ("cancelled", None)
    assert cancelled["session"]["seats_left"] == 2


def test_no_inner_id_leaves(client: Client) -> None:
    session = a_class()
    made = post(client, "trial-bookings/", body(client, session, **proved(client, new_phone())))

    row = TrialBooking.objects.get()
    text = made.content.decode() + client.get("/api/v1/class-sessions/").content.decode()
    for inner in (row.pk, row.owner_id, session.pk):
        assert str(inner) not in text
        assert inner.hex not in text


def test_a_full_class_answers_with_others_and_the_proof_lasts_for_one_of_them(client: Client) -> None:
    session, other = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9))
    a_seat(session)

    refused = post(client, "trial-bookings/", body(client, session, **proved(client, new_phone())))

    assert problem(refused) == (409, "session_full")
    (offered,) = refused.json()["alternatives"]
    assert offered == client.get("/api/v1/class-sessions/").json()["results"][0]
    assert User.objects.count() == 1  # nobody was made for a seat that was not there
    again = post(client, "trial-bookings/", body(client, session, session=offered["id"]))
    assert again.status_code == 201
    assert again.json()["session"]["id"] == other.public_id


def test_one_to_three_alternatives(client: Client) -> None:
    signed_in(client)
    session = a_class(state=SessionState.CLOSED)
    for count in (1, 2, 3, 3):
        a_class(starts_at=at(days=3, hour=9) + timedelta(minutes=TrialBooking.objects.count()))
        answer = post(client, "trial-bookings/", body(client, session))
        assert problem(answer) == (409, "session_full")
        assert len(answer.json()["alternatives"]) == count


def test_a_second_trial_of_a_course_is_already_booked_and_shows_the_first(client: Client) -> None:
    guardian = signed_in(client)
    first = a_seat(a_class(), guardian)

    again = post(client, "trial-bookings/", body(client, a_class(starts_at=at(days=4, hour=9))))

    assert problem(again) == (409, "already_booked")
    assert again.json()["booking"] == client.get(f"/api/v1/trial-bookings/{first.public_id}/").json()


def test_too_late_to_cancel(client: Client) -> None:
    booking = a_seat(a_class(), signed_in(client))

    with time_machine.travel(booking.session.starts_at - timedelta(hours=1), tick=False):
        refused = post(client, f"trial-bookings/{booking.public_id}/cancel/", {})

    assert problem(refused) == (409, "too_late")
    booking.refresh_from_db()
    assert booking.state == "booked"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"session": "nothing"}, "session"),
        ({"session": None}, "session"),
        ({"session": ["a"]}, "session"),
        ({"session": {"id": 1}}, "session"),
        ({"campus": "nowhere"}, "campus"),
        ({"city": "shanghai"}, "session"),
        ({"campus": "shanghai"}, "session"),
        ({"child": {}}, "child"),
        ({"child": "豆豆"}, "child"),
        ({"child": {"nickname": "豆豆"}}, "child"),
        ({"child": {"nickname": "豆豆", "birth_month": "2021-13"}}, "child.birth_month"),
        ({"child": {"nickname": "13800138000", "birth_month": "2021-05"}}, "child.nickname"),
        ({"child": {"id": "nobody"}}, "child.id"),
    ],
)
def test_bodies_that_cannot_be_meant(client: Client, changed: dict[str, Any], named: str) -> None:
    signed_in(client)
    if changed.get("campus") == "shanghai":
        changed = {"campus": a_campus(1, "shanghai").slug}

    refused = post(client, "trial-bookings/", body(client, a_class(), **changed))

    assert problem(refused) == (422, "invalid")
    assert [name.split(".non_field")[0] for name in refused.json()["errors"]] == [named]
    assert not TrialBooking.objects.exists()


def test_a_draft_is_nothing_that_can_be_asked_for(client: Client) -> None:
    signed_in(client)

    refused = post(client, "trial-bookings/", body(client, a_class(state=SessionState.DRAFT)))

    assert problem(refused) == (422, "invalid")


def months_before(session: ClassSession, months: int) -> str:
    day = session.local_date
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1).strftime("%Y-%m")


def test_a_child_is_named_to_its_guardian_alone(client: Client) -> None:
    guardian = signed_in(client)
    session = a_class()
    typed = {"nickname": "豆豆", "birth_month": months_before(session, session.course.age_min_months)}

    made = post(client, "trial-bookings/", body(client, session, child=typed))

    assert made.status_code == 201, made.content
    (child,) = children_of(guardian_id=guardian.pk, by=acting(guardian))
    assert made.json()["child"] == {"id": child.public_id}
    assert "豆豆" not in made.content.decode()
    row = TrialBooking.objects.get()
    assert row.child_id == child.id
    assert str(child.id) not in made.content.decode()
    with counted(default=3, minors=1):
        assert len(ids(client.get("/api/v1/trial-bookings/"))) == 1
    by_link = Client()
    by_link.get(make_link(booking=row).removeprefix("http://127.0.0.1:8000"))
    seen = by_link.get(f"/api/v1/trial-bookings/{row.public_id}/")
    assert (seen.status_code, seen.json()["child"]) == (200, None)
    another = a_class(course=a_course("another", ages=(0, 200)))
    again = post(client, "trial-bookings/", body(client, another, child={"id": child.public_id}))
    assert again.json()["child"] == {"id": child.public_id}


def test_a_child_too_young_on_the_day_of_the_class_is_told_the_ages(client: Client) -> None:
    signed_in(client)
    session = a_class()
    typed = {"nickname": "豆豆", "birth_month": months_before(session, session.course.age_min_months - 1)}

    refused = post(client, "trial-bookings/", body(client, session, child=typed))

    assert problem(refused) == (422, "invalid")
    assert "适合" in refused.json()["errors"]["child.birth_month"][0]


def test_somebody_elses_child_cannot_be_named(client: Client) -> None:
    other = Client()
    signed_in(other)
    session = a_class()
    typed = {"nickname": "豆豆", "birth_month": months_before(session, session.course.age_min_months)}
    theirs = post(other, "trial-bookings/", body(other, session, child=typed)).json()["child"]

    anonymous = post(client, "trial-bookings/", body(client, session, child=theirs))
    signed_in(client)
    stranger = post(client, "trial-bookings/", body(client, session, child=theirs))

    assert problem(anonymous) == (401, "login_required")
    assert problem(stranger) == (422, "invalid")
    assert set(stranger.json()["errors"]) == {"child.id"}


def test_somebody_elses_booking_of_a_class_is_404_in_every_way(client: Client) -> None:
    theirs = a_seat(a_class())
    cancelled = a_seat(a_class())
    cancel_trial(booking=cancelled, by=acting(cancelled.guardian))
    stranger = Client()
    mine = a_seat(a_class(), signed_in(stranger))
    staff = Client()
    staff.force_login(User.objects.create_superuser("head", "paper-puppet-theatre-7"))

    for asker in (client, stranger, staff):
        for booking in (theirs, cancelled):
            name = booking.public_id
            assert problem(asker.get(f"/api/v1/trial-bookings/{name}/")) == (404, "not_found")
            assert problem(post(asker, f"trial-bookings/{name}/cancel/", {})) == (404, "not_found")
            for page in (f"/trial/{name}/", f"/trial/{name}/cancel/", f"/trial/{name}.ics"):
                assert asker.get(page).status_code == 404, page
    assert ids(stranger.get("/api/v1/trial-bookings/")) == [mine.public_id]
    theirs.refresh_from_db()
    assert theirs.state == "booked"


def test_a_class_held_by_others_for_too_long_is_busy_and_nothing_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrollment.services.seats.LOCK_WAIT", 0.05)
    session = a_class()
    signed_in(client)
    asked = body(client, session)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM enrollment_classsession FOR NO KEY UPDATE")
        refused = post(client, "trial-bookings/", asked, **{"Idempotency-Key": "again"})
    finally:
        other.rollback()
        other.close()

    assert problem(refused) == (503, "busy")
    assert refused["Retry-After"] == "3"
    assert not TrialBooking.objects.exists()
    assert post(client, "trial-bookings/", asked, **{"Idempotency-Key": "again"}).status_code == 201
