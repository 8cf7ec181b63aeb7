"""The waiting list by API: who may join, what is answered, and that everybody sees their own place alone."""

from typing import Any

import pytest
from django.test import Client

from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from privacy.consent.services import current_notices
from tests.children import a_child, name_of
from tests.families import a_guardian, a_seat, acting
from tests.people import last_code, new_phone
from tests.places import a_campus, a_class, a_course
from tests.queries import counted
from tests.waiters import a_full_class, at_home, frees_a_seat, offered, runs_out, state_of, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LIST = "/api/v1/waitlist-entries/"


def agreements() -> list[dict[str, str]]:
    return [
        {"document": notice.document, "version": notice.version}
        for notice in current_notices()
        if notice.document != "children"
    ]


def join(client: Client, *sessions: ClassSession, **more: Any) -> Any:
    body = {"sessions": [session.public_id for session in sessions], **more}
    return client.post(LIST, body, content_type="application/json")


def proved(client: Client) -> str:
    """The browser proves a number by a booking that is refused; the number."""
    phone = new_phone()
    asked = client.post(
        "/api/v1/verification-codes/", {"phone": phone, "purpose": "booking"}, content_type="application/json"
    ).json()
    full = a_full_class(course=a_course("for the proof"))
    body = {
        "challenge": asked["challenge"],
        "code": last_code(phone),
        "city": "beijing",
        "session": full.public_id,
        "agreements": agreements(),
    }
    refused = client.post("/api/v1/trial-bookings/", body, content_type="application/json")
    assert refused.status_code == 409, refused.content.decode()
    return phone


def test_whoever_is_signed_in_joins_with_their_agreements_standing() -> None:
    client, guardian = at_home()
    waits_for(session := a_full_class())

    answer = join(client, session)

    assert answer.status_code == 201, answer.content.decode()
    entry = WaitlistEntry.objects.get(guardian=guardian)
    assert answer.json() == {"id": entry.public_id, "state": "waiting", "position": 2, "offer": None}
    assert entry.channel == "api"


def test_a_number_proved_a_moment_ago_joins_and_is_signed_in(client: Client) -> None:
    proved(client)
    session = a_full_class()

    refused = join(client, session)
    answer = join(client, session, agreements=agreements())

    assert (refused.status_code, refused.json()["code"]) == (409, "agreements_required")
    assert answer.status_code == 201, answer.content.decode()
    assert client.get("/api/v1/me/").json()["authenticated"]


def test_nobody_joins_without_a_proof(client: Client) -> None:
    answer = join(client, a_full_class(), agreements=agreements())

    assert (answer.status_code, answer.json()["code"]) == (401, "login_required")
    assert client.get(LIST).status_code == 401
    assert not WaitlistEntry.objects.exists()


def test_a_class_with_a_free_seat_is_offered_for_booking_instead() -> None:
    client, _ = at_home()
    session = a_class()

    answer = join(client, a_full_class(), session)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["alternatives"][0]["id"] == session.public_id
    assert "直接约" in answer.json()["errors"]["sessions"][0]


def test_a_class_past_waiting_comes_with_others() -> None:
    client, _ = at_home()
    session, other = a_full_class(), a_class(campus=a_campus(2))
    ClassSession.objects.filter(pk=session.pk).update(state="closed")

    answer = join(client, session)

    assert (answer.status_code, answer.json()["code"]) == (409, "session_full")
    assert [one["id"] for one in answer.json()["alternatives"]] == [other.public_id]


def test_a_second_entry_for_a_class_leads_to_the_first() -> None:
    client, _ = at_home()
    session = a_full_class()
    first = join(client, session).json()

    again = join(client, session, agreements=agreements())

    assert (again.status_code, again.json()["code"]) == (409, "already_booked")
    assert again.json()["entry"] == {"id": first["id"]}


def test_a_trial_of_the_course_is_shown_instead_of_a_place_in_line() -> None:
    client, guardian = at_home()
    booking = a_seat(a_class(), guardian)

    answer = join(client, a_full_class())

    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    assert answer.json()["booking"]["id"] == booking.public_id


@pytest.mark.parametrize(
    "sessions",
    [[], ["nothing"], [1], ["x"] * 7, "x", None],
    ids=["none", "unknown", "number", "many", "text", "null"],
)
def test_classes_that_are_none_are_wrong_fields(sessions: object) -> None:
    client, _ = at_home()

    answer = client.post(LIST, {"sessions": sessions}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert any(field.startswith("sessions") for field in answer.json()["errors"])


def test_a_child_on_file_is_waited_for_and_another_familys_is_not_there() -> None:
    client, guardian = at_home()
    session = a_full_class()
    born = session.local_date.replace(year=session.local_date.year - 5, day=1)
    own, others = a_child(guardian, born=born), a_child(a_guardian(), born=born)

    refused = join(client, session, child={"id": name_of(others)})
    answer = join(client, session, child={"id": name_of(own)})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["child.id"])
    assert answer.status_code == 201, answer.content.decode()
    assert WaitlistEntry.objects.get(guardian=guardian).child_id == own
    assert str(own) not in answer.content.decode()


def test_an_offer_is_in_the_list_and_accepted_it_is_a_booking() -> None:
    client, guardian = at_home()
    session = a_full_class()
    name = join(client, session).json()["id"]
    early = client.post(f"{LIST}{name}/accept/")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")

    frees_a_seat(session)
    entry = WaitlistEntry.objects.get(guardian=guardian)
    seat = offered(entry)
    shown = client.get(LIST).json()

    assert shown["next"] is None
    (row,) = shown["results"]
    assert (row["state"], row["position"]) == ("offered", None)
    assert row["offer"]["booking"] == seat.public_id
    assert row["offer"]["session"] == session.public_id
    assert row["offer"]["expires_at"].endswith("+08:00")
    first, again = (client.post(f"{LIST}{name}/accept/") for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert (first.json()["id"], first.json()["status"]) == (seat.public_id, "booked")
    assert again.json()["id"] == first.json()["id"]
    assert client.get(LIST).json()["results"][0] == {
        "id": name, "state": "accepted", "position": None, "offer": None
    }  # fmt: skip
    kept = client.delete(f"{LIST}{name}/")
    assert (kept.status_code, kept.json()["code"]) == (409, "already_booked")


def test_too_late_is_expired() -> None:
    client, guardian = at_home()
    session = a_full_class()
    name = join(client, session).json()["id"]
    frees_a_seat(session)
    entry = WaitlistEntry.objects.get(guardian=guardian)
    runs_out(offered(entry))

    answer = client.post(f"{LIST}{name}/accept/")

    assert (answer.status_code, answer.json()["code"]) == (410, "expired")


def test_leaving_is_answered_alike_twice_and_declining_passes_the_seat_on() -> None:
    client, guardian = at_home()
    session = a_full_class()
    name = join(client, session).json()["id"]
    behind = waits_for(session)
    frees_a_seat(session)

    assert [client.delete(f"{LIST}{name}/").status_code for _ in range(2)] == [204, 204]

    assert state_of(WaitlistEntry.objects.get(guardian=guardian)) == "withdrawn"
    assert state_of(behind) == "offered"


def test_everybody_elses_entry_is_not_there(client: Client) -> None:
    session = a_full_class()
    entry = waits_for(session)
    frees_a_seat(session)
    stranger, _ = at_home()
    addresses = [("delete", f"{LIST}{entry.public_id}/"), ("post", f"{LIST}{entry.public_id}/accept/")]

    for method, address in addresses:
        answer = getattr(stranger, method)(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert getattr(client, method)(address).status_code == 401
    assert stranger.get(LIST).json()["results"] == []
    assert state_of(entry) == "offered"
    assert TrialBooking.objects.get(waitlist_entry=entry).state == "held"


def test_every_change_needs_the_csrf_token() -> None:
    guardian = a_guardian()
    entry = waits_for(a_full_class(), guardian=guardian)
    client = Client(enforce_csrf_checks=True)
    client.force_login(guardian)

    for method, address in [("post", LIST), ("delete", f"{LIST}{entry.public_id}/"), ("post", f"{LIST}{entry.public_id}/accept/")]:  # fmt: skip
        answer = getattr(client, method)(address, {}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert state_of(entry) == "waiting"


@pytest.mark.parametrize("entries", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(entries: int) -> None:
    client, guardian = at_home()
    sessions = [a_full_class() for _ in range(entries)]
    for session in sessions:
        waits_for(session, guardian=guardian)
    frees_a_seat(sessions[0])

    with counted(default=5):
        answer = client.get(LIST)

    assert len(answer.json()["results"]) == entries


def test_the_list_has_pages_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrollment.waiting_api.EntryPages.page_size", 2)
    client, guardian = at_home()
    names = [waits_for(a_full_class(), guardian=guardian).public_id for _ in range(3)]

    first = client.get(LIST).json()
    second = client.get(first["next"].removeprefix("http://127.0.0.1:8000")).json()

    shown = [row["id"] for row in [*first["results"], *second["results"]]]
    assert shown == names[::-1]
    assert second["next"] is None
    assert acting(guardian).kind == "guardian"
