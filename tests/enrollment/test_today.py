"""The page of the day: who comes to which class, checked in on a phone."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Campus, Room
from enrollment.enums import BookingChannel, BookingState, ChangeReason, SessionState
from enrollment.models import ClassSession
from enrollment.services.answers import keep_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.class_changes import change_class
from enrollment.services.classes import advance_classes
from enrollment.services.waitlist import join
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE
from privacy.actors import Actor
from privacy.audit.models import AuditEvent
from tests.families import a_guardian, a_seat, a_wish, acting, request_trial
from tests.people import new_phone
from tests.places import a_campus, a_class, at, put_back
from tests.queries import counted
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

TODAY = "/staff/today/"
STEPS = ("check-in", "undo", "no-show", "came-late")


@pytest.fixture
def campus() -> Campus:
    return a_campus(city="nanjing")


@pytest.fixture
def session(campus: Campus) -> ClassSession:
    return a_class(campus=campus, starts_at=at(days=2, hour=15))


@pytest.fixture
def staff(campus: Campus) -> User:
    return a_member_of_staff(CAMPUS, campus)


@pytest.fixture
def desk(staff: User) -> Client:
    return signed_in(staff)


def on_the_day(session: ClassSession, minutes_before: int = 20) -> time_machine.travel:
    return time_machine.travel(session.starts_at - timedelta(minutes=minutes_before), tick=True)


def shown(client: Client, query: str = "") -> str:
    return client.get(f"{TODAY}{query}").content.decode()


def test_day_shows_its_classes_with_those_expected(desk: Client, session: ClassSession) -> None:
    phone = new_phone()
    booking = a_seat(session, a_guardian(phone))
    with on_the_day(session):
        page = shown(desk)

    assert session.course.name in page
    assert "15:00" in page
    assert booking.reference in page
    assert f"尾号 {phone[-4:]}" in page
    assert "已到 <strong>0</strong> / 1" in page
    assert phone not in page


def test_check_in_is_recorded_and_leads_back_to_the_row(
    desk: Client, staff: User, session: ClassSession
) -> None:
    booking = a_seat(session)
    with on_the_day(session):
        answer = desk.post(f"{TODAY}{booking.public_id}/check-in/", {"day": str(session.local_date)})
        page = shown(desk)

    booking.refresh_from_db()
    assert booking.state == BookingState.CHECKED_IN
    assert answer.status_code == 303
    assert answer["Location"] == f"{TODAY}?day={session.local_date}&campus=#b-{booking.public_id}"
    assert f'id="b-{booking.public_id}"' in page
    assert "已到 <strong>1</strong> / 1" in page
    assert AuditEvent.objects.get(action="trial.checked_in").actor_id == staff.pk


def test_check_in_is_undone(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    with on_the_day(session):
        desk.post(f"{TODAY}{booking.public_id}/check-in/")
        assert "撤回签到" in shown(desk)
        desk.post(f"{TODAY}{booking.public_id}/undo/")
        assert "已到 <strong>0</strong> / 1" in shown(desk)

    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED
    assert AuditEvent.objects.filter(action="trial.check_in_undone").exists()


def test_who_stays_away_is_noted_once_the_class_has_begun_and_may_still_come(
    desk: Client, session: ClassSession
) -> None:
    booking = a_seat(session)
    with on_the_day(session):
        assert "没有来" not in shown(desk)
        early = desk.post(f"{TODAY}{booking.public_id}/no-show/")
    assert early.status_code == 409
    assert "15:00 开始" in early.content.decode()

    put_back(session)
    with on_the_day(session, minutes_before=-20):
        assert f"{TODAY}{booking.public_id}/no-show/" in shown(desk)
        noted = desk.post(f"{TODAY}{booking.public_id}/no-show/", {"day": str(session.local_date)})
        page = shown(desk)
        assert noted["Location"] == f"{TODAY}?day={session.local_date}&campus=#b-{booking.public_id}"
        assert "已到 <strong>0</strong> / 1" in page
        assert f"{TODAY}{booking.public_id}/check-in/" not in page
        desk.post(f"{TODAY}{booking.public_id}/came-late/")
        assert "已到 <strong>1</strong> / 1" in shown(desk)

    booking.refresh_from_db()
    assert booking.state == BookingState.ATTENDED
    assert AuditEvent.objects.filter(action__in=["trial.no_show", "trial.came_late"]).count() == 2


def test_a_class_nobody_took_attendance_of_says_so(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    with time_machine.travel(session.ends_at, tick=True):
        advance_classes()
        for page in (shown(desk), signed_in(booking.guardian).get("/account/bookings/").content.decode()):
            assert "还没有登记" in page
            assert "已约好" not in page
        own = signed_in(booking.guardian).get(booking.get_absolute_url()).content.decode()
        assert "这节课已经过去，校区还没有登记" in own
        assert "再约一节免费试听" in own


def test_who_was_slower_sees_what_the_other_did(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    cancel_trial(booking=booking, by=acting(booking.guardian))
    with on_the_day(session):
        answer = desk.post(f"{TODAY}{booking.public_id}/check-in/")

    assert answer.status_code == 409
    assert f"{booking.reference} 刚刚被别人处理了，现在是：已取消。" in answer.content.decode()
    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED


def test_two_of_the_desk_check_the_same_family_in(
    campus: Campus, desk: Client, session: ClassSession
) -> None:
    booking = a_seat(session)
    other = signed_in(a_member_of_staff(CAMPUS, campus))
    with on_the_day(session):
        answers = [one.post(f"{TODAY}{booking.public_id}/check-in/") for one in (desk, other)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert AuditEvent.objects.filter(action="trial.checked_in").count() == 1


def test_before_the_hours_of_check_in_the_page_says_when(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    with on_the_day(session, minutes_before=180):
        page = shown(desk)
        answer = desk.post(f"{TODAY}{booking.public_id}/check-in/")

    assert "14:00 开始签到" in page
    assert f"{booking.public_id}/check-in/" not in page
    assert answer.status_code == 409
    assert "14:00 开始" in answer.content.decode()
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


@pytest.mark.parametrize("days", [-1, 1])
def test_other_days_are_only_looked_at(desk: Client, session: ClassSession, days: int) -> None:
    booking = a_seat(session)
    with time_machine.travel(session.starts_at - timedelta(days=days), tick=True):
        assert booking.reference not in shown(desk)
        page = shown(desk, f"?day={session.local_date}")
        answer = desk.post(f"{TODAY}{booking.public_id}/check-in/", {"day": str(session.local_date)})

    assert booking.reference in page
    assert f"{booking.public_id}/check-in/" not in page
    assert answer.status_code == 409


def test_search_finds_by_the_end_of_the_number_or_the_reference(desk: Client, session: ClassSession) -> None:
    phone = new_phone()
    wanted, other = a_seat(session, a_guardian(phone)), a_seat(session)
    with on_the_day(session):
        for words in (
            phone[-4:],
            wanted.reference,
            wanted.reference.lower().replace("-", " "),
            "　" + phone[-4:],
        ):
            page = shown(desk, f"?q={words}")
            assert wanted.reference in page, words
            assert other.reference not in page, words
        nobody = shown(desk, "?q=Z9-999999")

    assert "名单里没有“Z9-999999”" in nobody
    assert wanted.reference not in nobody


def test_day_without_classes_says_so(desk: Client, session: ClassSession) -> None:
    assert "今天没有试听" in shown(desk)
    assert "这一天没有试听" in shown(desk, f"?day={timezone.localdate() + timedelta(days=1)}")


@pytest.mark.parametrize("day", ["2026-02-31", "gestern", "9" * 80])
def test_a_day_that_is_none_is_today(desk: Client, day: str) -> None:
    assert "今天没有试听" in shown(desk, f"?day={day}")


def test_drafts_and_classes_called_off_are_not_held(
    campus: Campus, desk: Client, session: ClassSession
) -> None:
    for state in (SessionState.DRAFT, SessionState.CANCELLED):
        a_class(campus=campus, starts_at=at(days=2, hour=10), state=state)
    with on_the_day(session):
        page = shown(desk)

    assert "10:00" not in page
    assert "还没有人约这节课" in page


def test_cancelled_and_held_seats_are_not_expected(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    cancel_trial(booking=booking, by=acting(booking.guardian))
    with on_the_day(session):
        page = shown(desk)

    assert booking.reference not in page
    assert "已到 <strong>0</strong> / 0" in page


def test_requests_waiting_for_a_call_are_counted_within_the_scope(campus: Campus, desk: Client) -> None:
    request_trial(guardian=a_guardian(), request=a_wish(city=campus.city))
    request_trial(guardian=a_guardian(), request=a_wish(city=a_campus(city="xiamen").city))

    page = shown(desk)

    assert "<strong>1</strong> 位家长在等电话" in page
    assert "/staff/enrollment/trialbooking/?state__exact=requested" in page


def test_head_office_chooses_a_campus_first(campus: Campus, session: ClassSession) -> None:
    booking = a_seat(session)
    office = signed_in(a_member_of_staff(HEAD_OFFICE))
    with on_the_day(session):
        first = shown(office)
        chosen = shown(office, f"?campus={campus.slug}")

    assert "先选一个校区" in first
    assert booking.reference not in first
    assert booking.reference in chosen


def test_staff_of_several_campuses_see_them_together(campus: Campus, session: ClassSession) -> None:
    second = a_campus(2, city="nanjing")
    there = a_class(campus=second, starts_at=session.starts_at)
    bookings = [a_seat(session), a_seat(there)]
    both = signed_in(a_member_of_staff(CAMPUS, campus, second))
    with on_the_day(session):
        together = shown(both)
        narrowed = shown(both, f"?campus={second.slug}")

    assert all(booking.reference in together for booking in bookings)
    assert campus.name in together
    assert bookings[0].reference not in narrowed


@pytest.mark.clause("L-SITE-22")
def test_another_campus_neither_sees_nor_takes_a_step(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    other = signed_in(a_member_of_staff(CAMPUS, a_campus(city="xiamen")))
    with on_the_day(session):
        pages = [
            shown(other, query) for query in ("", f"?campus={session.campus.slug}", f"?q={booking.reference}")
        ]
        answers = [other.post(f"{TODAY}{booking.public_id}/{step}/") for step in STEPS]
        missing = desk.post(f"{TODAY}{'x' * 22}/check-in/")

    for page in pages:
        assert f"b-{booking.public_id}" not in page
        assert session.campus.name not in page
    assert [answer.status_code for answer in (*answers, missing)] == [404] * (len(STEPS) + 1)
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_others_come_by_the_door_and_other_staff_not_at_all(session: ClassSession) -> None:
    booking = a_seat(session)
    for visitor in (Client(), signed_in(booking.guardian)):
        for answer in (visitor.get(TODAY), visitor.post(f"{TODAY}{booking.public_id}/check-in/")):
            assert answer.status_code == 302
            assert answer["Location"] == "/staff/login/?next=/staff/today/"
    assert signed_in(a_member_of_staff(AUDITOR)).get(TODAY).status_code == 403
    assert signed_in(a_member_of_staff(AUDITOR)).post(f"{TODAY}{booking.public_id}/undo/").status_code == 403


def test_who_works_for_no_campus_is_told(session: ClassSession) -> None:
    a_seat(session)
    with on_the_day(session):
        assert "还没有给您分配校区" in shown(signed_in(a_member_of_staff(CAMPUS)))


def test_reload_after_a_refusal_leads_back(desk: Client, session: ClassSession) -> None:
    answer = desk.get(f"{TODAY}{a_seat(session).public_id}/check-in/")

    assert (answer.status_code, answer["Location"]) == (303, TODAY)


def test_form_of_another_site_takes_no_step(staff: User, session: ClassSession) -> None:
    booking = a_seat(session)
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    with on_the_day(session):
        assert client.post(f"{TODAY}{booking.public_id}/check-in/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_however_many_come(staff: User, session: ClassSession, count: int) -> None:
    for _ in range(count):
        a_seat(session)
    with on_the_day(session):
        client = signed_in(staff)
        # session, user, two of rights, memberships, campuses, classes, bookings, numbers, requests waiting
        with counted(default=12, keys=1):
            page = client.get(TODAY)

    assert page.content.decode().count("desk-who") == count


def test_who_comes_what_changed_and_who_waits_is_on_the_page(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus, starts_at=at(days=2, hour=15), capacity=2)
    comes, silent = a_seat(session), a_seat(session)
    somebody = a_guardian()
    join(guardian=somebody, sessions=[session], channel=BookingChannel.WEB, by=acting(somebody))
    room = Room.objects.create(campus=campus, name="二楼小厅", seats=8)
    by = Actor("staff", a_member_of_staff(CAMPUS, campus).pk)
    change_class(session=session, by=by, reason=ChangeReason.TEACHER, starts_at=at(days=2, hour=16))
    change_class(session=session, by=by, reason=ChangeReason.ROOM, room=room)
    keep_trial(booking=comes, by=acting(comes.guardian))

    page = shown(desk, f"?day={session.local_date}")

    assert page.count("家长说会来") == 1
    assert page.count("改课后还没回复") == 1
    assert "候补 1 家" in page
    assert "二楼小厅" in page
    assert "教室安排有变" in page
    assert silent.reference in page


def test_nothing_of_a_child_is_on_the_page(desk: Client, session: ClassSession) -> None:
    booking = a_seat(session)
    with on_the_day(session):
        page = shown(desk)

    assert booking.reference in page
    assert "孩子" not in page
    assert not {"child", "nickname", "birth"} & set(page.replace('"', " ").split())
