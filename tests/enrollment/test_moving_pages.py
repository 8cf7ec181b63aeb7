"""Moving and keeping by page, by API and by a message's link: what is shown, and what a refusal leaves."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Room
from enrollment.enums import BookingState, ChangeReason, SessionState
from enrollment.exceptions import StateChanged, TooLate
from enrollment.models import ClassSession, ManageLink, TrialBooking
from enrollment.services.answers import keep_trial
from enrollment.services.class_changes import change_class
from enrollment.services.links import make_link
from enrollment.services.moves import move_trial
from privacy.actors import SYSTEM
from privacy.audit.models import AuditEvent
from tests.enrollment.test_booking_page import page_of
from tests.enrollment.test_moving import aged, taken
from tests.families import a_guardian, a_seat, acting
from tests.places import a_campus, a_class, a_course, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def mine(client: Client, guardian: User) -> Client:
    """The guardian's own browser."""
    client.force_login(guardian)
    return client


def by_link(booking: TrialBooking) -> Client:
    """A browser that came by the link of a message."""
    holder = Client()
    holder.get("/" + make_link(booking=booking).split("/", 3)[3])
    return holder


def move_url(booking: TrialBooking) -> str:
    return f"{booking.get_absolute_url()}reschedule/"


def offered(page: str) -> list[str]:
    """The classes that can be chosen, in the order of the page."""
    return re.findall(r'<input type="radio" name="session" value="([\w-]+)"', page)


def test_the_page_lists_the_same_course_here_by_day_then_around_the_nearest_first(
    mine: Client, guardian: User
) -> None:
    booking = a_seat(a_class(), guardian)
    later, sooner = (a_class(starts_at=at(days=each, hour=10)) for each in (9, 4))
    near, far = sorted(
        (a_class(campus=a_campus(each), starts_at=at(days=3, hour=9)) for each in range(2, 8)),
        key=lambda one: _apart(one, booking.session),
    )[::5]
    a_class(course=a_course("reading-6-8", ages=(48, 90)))
    full = a_class(capacity=1, starts_at=at(days=5, hour=9))
    a_seat(full)

    page = mine.get(move_url(booking)).content.decode()

    names = offered(page)
    assert names[:2] == [sooner.public_id, later.public_id]
    assert names.index(near.public_id) < names.index(far.public_id)
    assert {full.public_id, booking.session.public_id} & set(names) == set()
    assert len(names) == 2 + 6
    assert "现在约的是" in page
    assert f"{sooner.local_date.month} 月 {sooner.local_date.day} 日" in page


def _apart(one: ClassSession, other: ClassSession) -> float:
    north = float(one.campus.latitude - other.campus.latitude)
    east = float(one.campus.longitude - other.campus.longitude) * 0.77
    return north**2 + east**2


def test_for_the_guardian_only_what_fits_the_child_that_day_and_for_a_link_no_such_thing(
    mine: Client, guardian: User
) -> None:
    first = a_class()
    booking = a_seat(first, guardian, child=aged(first.course.age_max_months, guardian, first))
    next_month = a_class(starts_at=first.starts_at + timedelta(days=31))
    fitting = a_class(starts_at=first.starts_at - timedelta(days=1))

    own = offered(mine.get(move_url(booking)).content.decode())
    linked = by_link(booking)

    assert own == [fitting.public_id]
    assert set(offered(linked.get(move_url(booking)).content.decode())) == {
        next_month.public_id,
        fitting.public_id,
    }
    refused = linked.post(move_url(booking), {"session": next_month.public_id})
    assert refused.status_code == 422
    assert "年龄和这节课不合适" in refused.content.decode()
    assert not re.search(r"\d 岁", re.search(r'role="alert"[^>]*>([^<]*)', refused.content.decode())[1])


def test_posting_leads_to_the_new_booking_which_says_what_moved(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    other = a_class(starts_at=at(days=4, hour=10))

    response = mine.post(move_url(booking), {"session": other.public_id})

    successor = TrialBooking.objects.get(rescheduled_from=booking)
    assert (response.status_code, response["Location"]) == (303, successor.get_absolute_url())
    page = page_of(mine, successor)
    assert "改好了，" in page
    assert f"{booking.session.local_date.month} 月 {booking.session.local_date.day} 日" in page
    assert successor.reference in page


def test_the_old_pages_lead_to_the_new_ones(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    newest = booking
    for days in (4, 5):
        session = a_class(starts_at=at(days=days, hour=10))
        newest = move_trial(booking=newest, session=session, by=acting(guardian))
    old, new = booking.get_absolute_url(), newest.get_absolute_url()

    page = mine.get(old).content.decode()

    assert f'href="{new}"' in page
    assert newest.reference in page
    assert "取消这次预约" not in page
    for path in ("reschedule/", "keep/", "cancel/"):
        assert mine.get(old + path)["Location"] == new + path
    assert mine.post(old + "cancel/")["Location"] == new + "cancel/"
    assert mine.post(old + "keep/")["Location"] == new
    newest.refresh_from_db()
    assert newest.state == BookingState.BOOKED


def test_a_second_tab_is_told_where_the_booking_is_and_can_go_on(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    one, other = (a_class(starts_at=at(days=each, hour=10)) for each in (4, 5))
    mine.post(move_url(booking), {"session": one.public_id})

    again = mine.post(move_url(booking), {"session": one.public_id})
    second = mine.post(move_url(booking), {"session": other.public_id})

    successor = TrialBooking.objects.get(rescheduled_from=booking)
    assert again["Location"] == successor.get_absolute_url()
    assert second.status_code == 409
    page = second.content.decode()
    assert (
        f"{one.local_date.month} 月 {one.local_date.day} 日"
        in re.search(r'role="alert"[^>]*>([^<]*)', page)[1]
    )
    assert f'action="{move_url(successor)}"' in page
    assert taken(one, other) == [1, 0]


def test_a_class_just_filled_is_said_and_the_list_is_fresh(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    wanted, left = a_class(capacity=1, starts_at=at(days=4, hour=10)), a_class(starts_at=at(days=5, hour=10))
    assert wanted.public_id in offered(mine.get(move_url(booking)).content.decode())
    a_seat(wanted)

    response = mine.post(move_url(booking), {"session": wanted.public_id})

    page = response.content.decode()
    assert response.status_code == 409
    assert "刚刚被约满" in page
    assert "您原来的座位还在" in page
    assert offered(page) == [left.public_id]


@pytest.mark.parametrize("session", ["", "nonsense", "A" * 22])
def test_nothing_chosen_is_said(mine: Client, guardian: User, session: str) -> None:
    booking = a_seat(a_class(), guardian)
    a_class(starts_at=at(days=4, hour=10))

    response = mine.post(move_url(booking), {"session": session})

    assert response.status_code == 422
    assert "请先选一节" in response.content.decode()


def test_where_nothing_is_free_the_ways_left_are_named(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)

    page = mine.get(move_url(booking)).content.decode()

    assert offered(page) == []
    assert booking.session.campus.phone in page
    assert f"{booking.get_absolute_url()}cancel/" in page


def test_too_late_says_so_with_the_campus_number(mine: Client, guardian: User) -> None:
    booking, other = a_seat(a_class(), guardian), a_class(starts_at=at(days=4, hour=10))

    with time_machine.travel(booking.session.starts_at - timedelta(hours=1), tick=False):
        mine.force_login(guardian)
        asked = mine.get(move_url(booking))
        late = mine.post(move_url(booking), {"session": other.public_id})

    assert (asked.status_code, late.status_code) == (200, 409)
    for page in (asked, late):
        assert booking.session.campus.phone in page.content.decode()
        assert offered(page.content.decode()) == []


def test_a_links_holder_moves_and_goes_on_with_the_same_link() -> None:
    booking = a_seat(a_class())
    other = a_class(starts_at=at(days=9, hour=10))
    path = "/" + make_link(booking=booking).split("/", 3)[3]
    holder, late = Client(), Client()
    holder.get(path)

    moved_to = holder.post(move_url(booking), {"session": other.public_id})["Location"]

    assert holder.get(moved_to).status_code == 200
    assert holder.get(booking.get_absolute_url()).status_code == 200
    assert late.get(path)["Location"] == moved_to
    assert set(ManageLink.objects.values_list("expires_at", flat=True)) == {other.ends_at + timedelta(days=1)}
    with time_machine.travel(other.ends_at - timedelta(hours=2), tick=False):
        assert Client().get(path)["Location"] == moved_to


def test_a_link_opens_no_other_booking_of_the_family(guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    another = a_seat(a_class(course=a_course("reading-6-8", ages=(48, 90))), guardian)
    free = a_class(starts_at=at(days=9, hour=10))
    holder = by_link(booking)

    for path in ("", "reschedule/", "keep/", "cancel/"):
        assert holder.get(another.get_absolute_url() + path).status_code == 404
    assert holder.post(move_url(another), {"session": free.public_id}).status_code == 404


def test_coming_is_noted_once_with_a_record(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    keep = f"{booking.get_absolute_url()}keep/"
    assert "那天来得了吗" in mine.get(keep).content.decode()
    booking.refresh_from_db()
    assert booking.coming_at is None

    first, second = mine.post(keep), mine.post(keep)

    assert first["Location"] == second["Location"] == booking.get_absolute_url()
    assert "您说过会来" in page_of(mine, booking)
    assert AuditEvent.objects.filter(action="trial.coming").count() == 1


def test_nobody_says_they_come_to_what_has_begun_or_is_off(guardian: User) -> None:
    begun, off = a_seat(a_class(), guardian), a_seat(a_class())
    moved = a_seat(a_class())
    successor = move_trial(
        booking=moved, session=a_class(starts_at=at(days=4, hour=9)), by=acting(moved.guardian)
    )
    TrialBooking.objects.filter(pk=off.pk).update(state=BookingState.CANCELLED, closed_at=timezone.now())

    with time_machine.travel(begun.session.starts_at, tick=False), pytest.raises(TooLate):
        keep_trial(booking=begun, by=acting(guardian))
    with pytest.raises(TooLate):
        keep_trial(booking=off, by=SYSTEM)
    with pytest.raises(StateChanged) as led:
        keep_trial(booking=moved, by=SYSTEM)
    assert led.value.booking == successor


def a_changed_booking(guardian: User) -> TrialBooking:
    session = a_class(starts_at=timezone.now() + timedelta(hours=5))
    booking = a_seat(session, guardian)
    room = Room.objects.create(campus=session.campus, name="彩虹教室", seats=8)
    starts = session.starts_at - timedelta(hours=4)
    change_class(session=session, by=SYSTEM, reason=ChangeReason.ROOM, room=room, starts_at=starts)
    booking.refresh_from_db()
    return booking


@pytest.mark.clause("L-UA-4.4")
def test_a_changed_class_is_told_old_and_new_and_answered_even_after_the_cut_off(
    mine: Client, guardian: User
) -> None:
    booking = a_changed_booking(guardian)
    other = a_class(starts_at=at(days=4, hour=10))

    page = page_of(mine, booking)

    assert "这节课有变动" in page
    assert str(ChangeReason.ROOM.label) in page
    assert "彩虹教室" in page
    old, new = (f"{timezone.localtime(each):%H:%M}–" for each in _starts(booking))
    assert re.search(f"原来 [^<]*{old}", page)
    assert re.search(f"现在 [^<]*{new}", page)
    assert page.count("取消这次预约") == 1
    assert mine.post(move_url(booking), {"session": other.public_id}).status_code == 303


def _starts(booking: TrialBooking) -> tuple[Any, Any]:
    now = booking.session.starts_at
    return now + timedelta(hours=4), now


@pytest.mark.clause("L-UA-4.4")
def test_keeping_a_changed_class_ends_the_asking_and_brings_the_cut_off_back(
    mine: Client, guardian: User
) -> None:
    booking = a_changed_booking(guardian)

    mine.post(f"{booking.get_absolute_url()}keep/")

    page = page_of(mine, booking)
    assert "这节课有变动" not in page
    assert "您说过会来" in page
    assert "网上不能改期和取消了" in page


def test_cancelling_offers_another_time_first(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)

    page = mine.get(f"{booking.get_absolute_url()}cancel/").content.decode()

    assert page.index("reschedule/") < page.index("确定取消")


def api(booking: TrialBooking) -> str:
    return f"/api/v1/trial-bookings/{booking.public_id}/reschedule/"


def posted(client: Client, booking: TrialBooking, body: Any) -> Any:
    return client.post(api(booking), body, content_type="application/json")


def test_the_api_moves_and_names_the_cut_off(mine: Client, guardian: User) -> None:
    booking, other = a_seat(a_class(), guardian), a_class(starts_at=at(days=4, hour=10))
    shown = mine.get(f"/api/v1/trial-bookings/{booking.public_id}/").json()
    assert shown["can_move_until"] == shown["can_cancel_until"] is not None

    answer = posted(mine, booking, {"session": other.public_id})

    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["session"]["id"]) == ("booked", other.public_id)
    assert body["id"] != booking.public_id
    old = mine.get(f"/api/v1/trial-bookings/{booking.public_id}/").json()
    assert (old["status"], old["can_move_until"]) == ("rescheduled", None)


def test_the_api_refuses_in_its_words(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    full, free = a_class(capacity=1, starts_at=at(days=4, hour=10)), a_class(starts_at=at(days=5, hour=10))
    a_seat(full)

    answers = [
        posted(mine, booking, {"session": full.public_id}),
        posted(mine, booking, {"session": "A" * 22}),
        posted(mine, booking, {}),
        posted(Client(), booking, {"session": free.public_id}),
        posted(mine, a_seat(a_class()), {"session": free.public_id}),
    ]

    assert [answer.status_code for answer in answers] == [409, 422, 422, 404, 404]
    full_said = answers[0].json()
    assert full_said["code"] == "session_full"
    assert [one["id"] for one in full_said["alternatives"]] == [free.public_id]


def test_the_api_says_too_late_and_what_was_moved_before(mine: Client, guardian: User) -> None:
    booking, other = a_seat(a_class(), guardian), a_class(starts_at=at(days=4, hour=10))
    third = a_class(starts_at=at(days=5, hour=10))
    successor = move_trial(booking=booking, session=other, by=acting(guardian))
    TrialBooking.objects.filter(pk=successor.pk).update(state=BookingState.CHECKED_IN)

    moved = posted(mine, booking, {"session": third.public_id})
    late = posted(mine, successor, {"session": third.public_id})

    assert (moved.status_code, moved.json()["code"]) == (409, "too_late")
    assert moved.json()["booking"]["id"] == successor.public_id
    assert (late.status_code, late.json()["code"]) == (409, "too_late")


def test_the_api_says_an_unfit_age_beside_the_class(mine: Client, guardian: User) -> None:
    first = a_class()
    booking = a_seat(first, guardian, child=aged(first.course.age_max_months, guardian, first))
    next_month = a_class(starts_at=first.starts_at + timedelta(days=31))

    answer = posted(mine, booking, {"session": next_month.public_id})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["session"])


def test_a_draft_is_no_class(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)
    draft = a_class(starts_at=at(days=4, hour=10), state=SessionState.DRAFT)

    assert mine.post(move_url(booking), {"session": draft.public_id}).status_code == 422
    assert posted(mine, booking, {"session": draft.public_id}).status_code == 422
