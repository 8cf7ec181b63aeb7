"""Whoever had the use of their data restricted: nothing new is begun, staff do not meet them, messages stay away."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client, RequestFactory
from rest_framework.request import Request

from accounts.models import User
from courses.models import Campus
from enrollment.api_problems import BOOKING_ERRORS, as_problem
from enrollment.enums import ChangeReason
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.services.class_changes import change_class
from enrollment.services.links import make_link
from enrollment.services.reminders import queue_due
from enrollment.services.waitlist import accept
from enrollment.trial_refusals import REFUSED, refusal_of
from leap.roles import CAMPUS, HEAD_OFFICE
from messaging.models import Message
from messaging.services import sweep
from privacy.actors import ANONYMOUS
from privacy.consent.services import current_notices
from privacy.rights.enums import Bar, RequestKind
from privacy.rights.exceptions import UseBarred
from privacy.rights.services.restricting import restrict, stand_still
from privacy.rights.wording import BARRED
from tests.children import NICKNAME, a_child, an_invitation, joins, name_of, signed_in
from tests.families import a_guardian, a_seat, acting
from tests.people import PRIVACY_AND_TERMS, ask_code, filled, last_code, new_phone, texts_to
from tests.places import a_campus, a_class, a_course, at
from tests.restricting import asks_for_ward, restricts, withdraws
from tests.rights.asking import an_officer, asks
from tests.staff import a_member_of_staff, with_every_right
from tests.staff import signed_in as staff_in
from tests.waiters import a_full_class, at_home, frees_a_seat, offered, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

BOOKINGS, WAITING = "/staff/enrollment/trialbooking/", "/staff/enrollment/waitlistentry/"
STOPS = {Bar.RESTRICTED: restricts, Bar.WITHDRAWN: withdraws}
EACH_BAR = pytest.mark.parametrize("bar", list(STOPS))


def agreements() -> list[dict[str, str]]:
    return [
        {"document": notice.document, "version": notice.version}
        for notice in current_notices()
        if notice.document != "children"
    ]


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def says(answer: Any, bar: Bar) -> None:
    """The page, or the API, refuses with the words and the way on."""
    assert answer.status_code == 403, answer.content.decode()
    if answer["Content-Type"].startswith("application/problem+json"):
        assert (answer.json()["code"], answer.json()["detail"]) == ("forbidden", BARRED[bar])
    else:
        assert BARRED[bar] in answer.content.decode()


@pytest.mark.parametrize("bar", list(Bar))
def test_page_and_api_both_know_the_refusal(bar: Bar) -> None:
    error, plain = UseBarred(bar, BARRED[bar]), RequestFactory().post("/")
    plain.user = AnonymousUser()

    assert isinstance(error, REFUSED)
    assert isinstance(error, BOOKING_ERRORS)
    problem, refusal = as_problem(error, Request(plain)), refusal_of(error)
    assert (problem.status_code, refusal.status, refusal.words) == (403, 403, BARRED[bar])


@EACH_BAR
def test_signed_in_nothing_is_booked_and_it_is_said_why(bar: Bar) -> None:
    client, guardian = at_home()
    session = a_class()
    STOPS[bar](guardian)

    page = client.post(
        "/trial/",
        {"city": "beijing", "session": session.public_id, **PRIVACY_AND_TERMS},
    )
    called = client.post("/trial/", {"city": "beijing", **PRIVACY_AND_TERMS})
    api = post(client, "trial-bookings/", city="beijing", session=session.public_id, agreements=agreements())

    for answer in (page, called, api):
        says(answer, bar)
    assert not TrialBooking.objects.exists()


@EACH_BAR
def test_by_a_code_nothing_is_booked_and_whoever_proved_the_number_is_let_in(bar: Bar) -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    STOPS[bar](guardian)
    client = Client()

    refused = client.post("/trial/", filled(phone, ask_code(client, phone)))

    says(refused, bar)
    assert not TrialBooking.objects.exists()
    assert client.get("/api/v1/me/").json()["authenticated"]


def test_asking_for_a_code_tells_nobody_about_it() -> None:
    known, unknown = new_phone(), new_phone()
    restricts(a_guardian(known))
    session = a_class()

    answers = [
        post(Client(), "verification-codes/", phone=phone, purpose="booking", session=session.public_id)
        for phone in (known, unknown)
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert set(answers[0].json()) == set(answers[1].json())
    assert last_code(known)


@EACH_BAR
def test_nobody_waits_in_line(bar: Bar) -> None:
    client, guardian = at_home()
    session = a_full_class()
    STOPS[bar](guardian)

    api = post(client, "waitlist-entries/", sessions=[session.public_id], agreements=agreements())
    page = client.post(
        "/trial/",
        {
            "city": "beijing",
            "session": session.public_id,
            "wait_for": session.public_id,
            "action": "join_waitlist",
            **PRIVACY_AND_TERMS,
        },
    )

    says(api, bar)
    says(page, bar)
    assert not WaitlistEntry.objects.exists()


def test_a_seat_on_offer_is_not_taken() -> None:
    client, guardian = at_home()
    session = a_full_class()
    entry = waits_for(session, guardian=guardian)
    frees_a_seat(session)
    offer = offered(entry)
    with transaction.atomic():  # as if the offer had come a moment after
        stand_still(
            request=asks(RequestKind.RESTRICT, guardian=guardian), subjects=[guardian.pk], by=acting(guardian)
        )

    says(post(client, f"waitlist-entries/{entry.public_id}/accept/"), Bar.RESTRICTED)
    says(client.post(f"/trial/{offer.public_id}/accept/"), Bar.RESTRICTED)
    offer.refresh_from_db()
    assert offer.state == "held"


def test_nor_by_whoever_is_suspended() -> None:
    client, guardian = at_home()
    session = a_full_class()
    entry = waits_for(session, guardian=guardian)
    frees_a_seat(session)
    offer = offered(entry)
    User.objects.filter(pk=guardian.pk).update(is_active=False)

    with pytest.raises(UseBarred, match=Bar.SUSPENDED):
        accept(entry=entry, by=ANONYMOUS)
    assert client.post(f"/trial/{offer.public_id}/accept/").status_code == 404
    offer.refresh_from_db()
    assert offer.state == "held"


def test_a_booked_trial_is_not_moved_but_may_be_cancelled() -> None:
    client, guardian = at_home()
    booking, other = a_seat(a_class(), guardian), a_class(starts_at=at(days=3, hour=10))
    by_link = Client()
    by_link.get(make_link(booking=booking).partition("example.cn")[2] or make_link(booking=booking))
    restricts(guardian)

    says(client.post(f"/trial/{booking.public_id}/reschedule/", {"session": other.public_id}), Bar.RESTRICTED)
    says(
        post(client, f"trial-bookings/{booking.public_id}/reschedule/", session=other.public_id),
        Bar.RESTRICTED,
    )
    booking.refresh_from_db()
    assert booking.state == "booked"
    cancelled = post(client, f"trial-bookings/{booking.public_id}/cancel/")
    assert cancelled.json()["status"] == "cancelled"


def test_neither_child_nor_guardian_is_added() -> None:
    client, guardian = at_home()
    child = a_child(guardian)
    invited, token = a_guardian(), an_invitation(guardian, child)
    restricts(guardian)
    invites = client.post(f"/account/children/{name_of(child)}/invite/").content.decode()
    adds = client.post(
        "/account/children/add/",
        {"child_nickname": "小米粒", "child_birth_month": "2021-03", "agree_children": "on"},
    ).content.decode()

    assert BARRED[Bar.RESTRICTED] in invites
    assert BARRED[Bar.RESTRICTED] in adds
    assert signed_in(invited).get(f"/account/children/join/{token}/").status_code == 410


def test_whoever_restricted_joins_no_child() -> None:
    client, invited = at_home()
    first = a_guardian()
    token = an_invitation(first, a_child(first))
    restricts(invited)

    answer = client.post(f"/account/children/join/{token}/", {"agree_children": "on"})

    assert BARRED[Bar.RESTRICTED] in answer.content.decode()


def test_a_child_that_an_officer_restricted_is_booked_for_by_neither_guardian() -> None:
    client, second = at_home()
    first = a_guardian()
    child = a_child(first)
    joins(second, an_invitation(first, child))
    restrict(request=asks_for_ward(first, child), by=an_officer())
    session = a_class()

    named = post(
        client,
        "trial-bookings/",
        city="beijing",
        session=session.public_id,
        child={"id": name_of(child)},
        agreements=agreements(),
    )
    says(named, Bar.RESTRICTED)
    assert a_seat(session, second)  # for themselves they book as ever
    assert NICKNAME in client.get("/account/children/").content.decode()


def test_their_own_pages_are_theirs_as_before() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    child = a_child(guardian)
    booking = a_seat(a_class(), guardian)
    client = signed_in(guardian)
    link = make_link(booking=booking)
    restricts(guardian)

    for page in ("/account/", "/account/bookings/", f"/trial/{booking.public_id}/", "/trial/"):
        assert client.get(page).status_code == 200, page
    assert f"{phone[:3]}****{phone[-4:]}" in client.get("/api/v1/me/").json()["phone_masked"].replace(" ", "")
    assert NICKNAME in client.get("/account/children/").content.decode()
    corrected = client.patch(
        f"/api/v1/children/{name_of(child)}/", {"nickname": "小土豆"}, content_type="application/json"
    )
    assert corrected.status_code == 200, corrected.content.decode()
    visitor = Client()
    shown = visitor.get("/t/" + link.rsplit("/t/")[1], follow=True)
    assert shown.status_code == 200
    assert phone[-4:] not in shown.content.decode()


class Rows:
    """A guardian who restricted, and one who did not, with a trial and a place in line each, at one campus."""

    def __init__(self, campus: Campus) -> None:
        session = a_class(campus=campus, starts_at=at(days=2, hour=15))
        full = a_full_class(campus=campus, course=a_course("other"), starts_at=at(days=2, hour=17))
        self.session = session
        self.gone, self.here = a_guardian(new_phone()), a_guardian(new_phone())
        self.hidden, self.shown = a_seat(session, self.gone), a_seat(session, self.here)
        self.call = a_seat_by_call(self.gone, campus)
        self.entry_shown = waits_for(full, guardian=self.here)
        self.entry_hidden = waits_for(full, guardian=self.gone)
        request = asks(RequestKind.RESTRICT, guardian=self.gone)
        with transaction.atomic():  # the places in line left as they are, to be looked for
            stand_still(request=request, subjects=[self.gone.pk], by=acting(self.gone))


def a_seat_by_call(guardian: User, campus: Campus) -> TrialBooking:
    """A wish to be called, which a campus of that city sees."""
    return a_seat(None, guardian, city=campus.city)


@pytest.fixture
def campus() -> Campus:
    return a_campus(city="nanjing")


@pytest.fixture
def rows(campus: Campus) -> Rows:
    return Rows(campus)


@pytest.fixture(params=["desk", "head office", "every right"])
def staff(request: pytest.FixtureRequest, campus: Campus) -> Client:
    if request.param == "desk":
        return staff_in(a_member_of_staff(CAMPUS, campus))
    user = a_member_of_staff(HEAD_OFFICE)
    if request.param == "every right":
        user = with_every_right(a_member_of_staff(CAMPUS, campus))
    return staff_in(user)


@pytest.mark.clause("LAW-18")
@pytest.mark.clause("LAW-21")
def test_no_list_of_staff_shows_them(rows: Rows, staff: Client) -> None:
    listed = staff.get(BOOKINGS).content.decode()
    assert rows.shown.reference in listed
    assert rows.hidden.reference not in listed
    assert rows.call.reference not in listed
    searched = staff.get(f"{BOOKINGS}?q={rows.hidden.reference}").content.decode()
    assert f"{rows.hidden.pk}" not in searched
    waiting = staff.get(WAITING).content.decode()
    assert f"{rows.entry_shown.pk}" in waiting
    assert f"{rows.entry_hidden.pk}" not in waiting


@pytest.mark.clause("LAW-18")
def test_no_address_of_staff_reaches_them(rows: Rows, staff: Client) -> None:
    for page in (f"{BOOKINGS}{{}}/change/", f"{BOOKINGS}{{}}/number/"):
        assert staff.get(page.format(rows.hidden.pk)).status_code == 404, page
    assert staff.get(f"{BOOKINGS}{rows.shown.pk}/change/").status_code == 200
    told = staff.post(f"{BOOKINGS}{rows.hidden.pk}/number/", {"reason": "confirm"})
    assert told.status_code in {403, 404}
    assert staff.get(f"{WAITING}{rows.entry_hidden.pk}/change/").status_code == 404
    assert staff.get(f"{WAITING}{rows.entry_shown.pk}/change/").status_code == 200


@pytest.mark.clause("LAW-18")
def test_the_page_of_the_day_neither_shows_nor_takes_them(rows: Rows, campus: Campus) -> None:
    desk = staff_in(a_member_of_staff(CAMPUS, campus))
    with time_machine.travel(rows.session.starts_at - timedelta(minutes=20), tick=True):
        board = desk.get("/staff/today/").content.decode()
        steps = ("check-in", "undo", "no-show", "came-late")
        answers = [desk.post(f"/staff/today/{rows.hidden.public_id}/{step}/") for step in steps]
        control = desk.post(f"/staff/today/{rows.shown.public_id}/check-in/")

    assert rows.shown.reference in board
    assert rows.hidden.reference not in board
    assert {answer.status_code for answer in answers} == {404}
    assert control.status_code == 303
    rows.hidden.refresh_from_db()
    assert rows.hidden.state == "booked"


def test_reminders_and_news_of_a_class_pass_them_by(rows: Rows) -> None:
    Message.objects.all().delete()
    with time_machine.travel(rows.session.starts_at - timedelta(hours=23), tick=True):
        queue_due()
        change_class(
            session=rows.session,
            starts_at=rows.session.starts_at + timedelta(minutes=30),
            reason=next(iter(ChangeReason)),
            by=acting(rows.here),
        )

    assert Message.objects.filter(subject_id=rows.here.pk).count() >= 2
    assert not Message.objects.filter(subject_id=rows.gone.pk).exists()


def test_what_was_queued_before_becomes_void_and_their_requests_news_arrives() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    a_seat(a_class(), guardian)
    waiting = Message.objects.get(subject_id=guardian.pk)
    request = asks(RequestKind.RESTRICT, guardian=guardian)
    restrict(request=request, by=an_officer())  # for a caller, who is told by message

    with time_machine.travel(at(days=1, hour=10), tick=True):
        sweep()

    waiting.refresh_from_db()
    assert (waiting.state, waiting.failure) == ("void", "restricted")
    [news] = texts_to(phone)
    assert request.reference in news
