"""Classes and bookings in the back office."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Campus, CampusMembership, Room, Teacher
from courses.scoped_admin import LawfulAdmin
from enrollment.enums import SESSION_TRANSITIONS, ChangeReason, SessionState
from enrollment.models import ClassChange, ClassSession
from enrollment.services.class_changes import change_class
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE, MINORS_OFFICER, PRIVACY_OFFICER
from privacy.actors import SYSTEM
from privacy.audit.model_admin import ReadOnlyAdmin
from privacy.audit.models import AuditEvent
from tests.families import a_guardian, a_seat, a_wish, request_trial, written_to
from tests.people import new_phone
from tests.places import a_campus, a_class, a_course, at
from tests.queries import counted
from tests.staff import a_member_of_staff, signed_in
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CLASSES = "/staff/enrollment/classsession/"
BOOKINGS = "/staff/enrollment/trialbooking/"
CHANGES = "/staff/enrollment/classchange/"


@pytest.fixture
def campus() -> Campus:
    return a_campus(city="nanjing")


@pytest.fixture
def desk(campus: Campus) -> Client:
    return signed_in(a_member_of_staff(CAMPUS, campus))


@pytest.fixture
def room(campus: Campus) -> Room:
    return Room.objects.create(campus=campus, name="排练厅", seats=8)


def typed(room: Room, **changed: Any) -> dict[str, Any]:
    """The form of a class as a browser posts it: three days ahead at ten, the rest left empty."""
    starts_at = timezone.localtime(changed.pop("starts_at", at(days=3, hour=10)))
    return {
        "course": a_course().pk,
        "room": room.pk,
        "teacher": "",
        **split("starts_at", starts_at),
        **split("ends_at", None),
        "capacity": "",
        "overbook_allowance": "0",
        **split("booking_opens_at", None),
        **split("booking_closes_at", None),
        "state": "draft",
        **changed,
    }


def split(name: str, moment: Any) -> dict[str, str]:
    moment = timezone.localtime(moment) if moment else None
    return {
        f"{name}_0": f"{moment:%Y-%m-%d}" if moment else "",
        f"{name}_1": f"{moment:%H:%M:%S}" if moment else "",
    }


def as_it_stands(session: ClassSession, **changed: Any) -> dict[str, Any]:
    """The form of a class as its page shows it."""
    return {
        "course": session.course_id,
        "room": session.room_id,
        "teacher": session.teacher_id or "",
        **split("starts_at", session.starts_at),
        **split("ends_at", session.ends_at),
        "capacity": session.capacity,
        "overbook_allowance": session.overbook_allowance,
        **split("booking_opens_at", session.booking_opens_at),
        **split("booking_closes_at", session.booking_closes_at),
        "state": session.state,
        **changed,
    }


def change(client: Client, session: ClassSession, **changed: Any) -> Any:
    return client.post(f"{CLASSES}{session.pk}/change/", as_it_stands(session, **changed))


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def test_class_is_planned_with_what_follows_filled_in(desk: Client, room: Room, campus: Campus) -> None:
    answer = desk.post(f"{CLASSES}add/", typed(room))

    assert answer.status_code == 302, errors(answer)
    session = ClassSession.objects.get()
    assert (session.campus, session.capacity, session.state) == (campus, 8, SessionState.DRAFT)
    assert session.ends_at - session.starts_at == timedelta(minutes=session.course.minutes)
    assert session.starts_at - session.booking_closes_at == timedelta(minutes=30)
    assert session.unverified_cap == 4
    assert AuditEvent.objects.filter(action="classsession.added").exists()


def test_room_that_is_taken_is_a_sentence_beside_the_field(desk: Client, room: Room) -> None:
    desk.post(f"{CLASSES}add/", typed(room))

    again = desk.post(f"{CLASSES}add/", typed(room, starts_at=at(days=3, hour=10, minute=30)))

    assert errors(again) == {"room": ["这间教室在这段时间已经有课，请换教室或时间。"]}
    assert again.context["adminform"].form["starts_at"].value()[1] == "10:30:00"
    assert ClassSession.objects.count() == 1
    assert AuditEvent.objects.filter(action="classsession.added").count() == 1


def test_teacher_who_teaches_elsewhere_is_a_sentence(desk: Client, room: Room, campus: Campus) -> None:
    teacher = Teacher.objects.create(campus=campus, stage_name="竹熊老师")
    second = Room.objects.create(campus=campus, name="第二间", seats=8)
    desk.post(f"{CLASSES}add/", typed(room, teacher=teacher.pk))

    again = desk.post(f"{CLASSES}add/", typed(second, teacher=teacher.pk))

    assert errors(again) == {"teacher": ["这位老师在这段时间已经有课，请换老师或时间。"]}


def test_teacher_of_another_campus_is_a_sentence(campus: Campus, room: Room) -> None:
    elsewhere = a_campus(2, city="nanjing")
    teacher = Teacher.objects.create(campus=elsewhere, stage_name="海豚老师")
    both = signed_in(a_member_of_staff(CAMPUS, campus, elsewhere))

    answer = both.post(f"{CLASSES}add/", typed(room, teacher=teacher.pk))

    assert errors(answer) == {"teacher": ["老师和教室不在同一个校区。"]}


def test_capacity_below_the_taken_is_a_sentence(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus, capacity=3)
    a_seat(session)
    a_seat(session)

    assert errors(change(desk, session, capacity=1)) == {"capacity": ["已经约出去的座位比这多，不能再减。"]}
    assert change(desk, session, capacity=2).status_code == 302
    session.refresh_from_db()
    assert (session.capacity, session.seats_taken) == (2, 2)


def test_more_seats_than_the_room_has_are_refused(desk: Client, room: Room) -> None:
    assert errors(desk.post(f"{CLASSES}add/", typed(room, capacity=9))) == {
        "capacity": ["这间教室只有 8 个座位。"]
    }


@pytest.mark.parametrize(
    ("field", "days", "hour"),
    [("ends_at", 3, 9), ("booking_closes_at", 3, 11), ("starts_at", -1, 10)],
)
def test_times_that_cannot_be_are_sentences(
    desk: Client, room: Room, field: str, days: int, hour: int
) -> None:
    changed = split(field, at(days=days, hour=hour))

    assert list(errors(desk.post(f"{CLASSES}add/", typed(room) | changed))) == [field]


def test_page_of_a_class_offers_the_states_that_may_follow(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus, state=SessionState.OPEN)
    page = desk.get(f"{CLASSES}{session.pk}/change/")
    offered = [value for value, _label in page.context["adminform"].form.fields["state"].choices]

    assert offered == ["open", "closed", "cancelled"]
    assert "state" in errors(change(desk, session, state="finished"))
    assert change(desk, session, state="closed").status_code == 302
    session.refresh_from_db()
    assert session.state == SessionState.CLOSED


@pytest.mark.parametrize("state", sorted(one for one in SessionState if not SESSION_TRANSITIONS[one]))
def test_class_that_is_over_is_only_looked_at(desk: Client, campus: Campus, state: SessionState) -> None:
    session = a_class(campus=campus, state=state)

    assert desk.get(f"{CLASSES}{session.pk}/change/").status_code == 200
    assert change(desk, session, capacity=2).status_code == 403


def test_counters_survive_a_change_of_a_class_with_bookings(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    a_seat(session)  # after the row in hand was read
    teacher = Teacher.objects.create(campus=campus, stage_name="竹熊老师")

    assert change(desk, session, teacher=teacher.pk, reason="teacher").status_code == 302
    session.refresh_from_db()
    assert (session.teacher, session.seats_taken) == (teacher, 1)


def test_a_change_families_hear_of_asks_for_its_reason(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    booking = a_seat(session)
    later = session.starts_at + timedelta(hours=1)

    page = desk.get(f"{CLASSES}{session.pk}/change/").content.decode()
    without = change(desk, session, **split("starts_at", later))

    assert "有 1 个家庭约了这节课" in page
    assert "请选一个原因" in errors(without)["reason"][0]
    assert change(desk, session, **split("starts_at", later), reason="teacher").status_code == 302
    session.refresh_from_db()
    assert session.starts_at == later
    assert session.ends_at - later == timedelta(minutes=session.course.minutes)
    assert later - session.booking_closes_at == timedelta(minutes=30)
    assert [text for text in written_to(booking.guardian) if "老师临时有事" in text]
    after = desk.get(f"{CLASSES}{session.pk}/change/").content.decode()
    assert "变动记录" in after
    assert "老师临时有事" in after


def test_the_course_families_booked_stays(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    a_seat(session)

    wrong = change(desk, session, course=a_course("other").pk, reason="timetable")

    assert "课程不能改" in errors(wrong)["course"][0]


def test_a_page_opened_before_somebody_elses_change_undoes_nothing(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    seen = desk.get(f"{CLASSES}{session.pk}/change/").context["adminform"].form["seen"].value()
    teacher = Teacher.objects.create(campus=campus, stage_name="竹熊老师")
    assert change(desk, session, teacher=teacher.pk, seen=seen).status_code == 302

    late = change(desk, session, capacity=5, seen=seen)  # its page still says: no teacher

    assert "别的同事改过这节课" in errors(late)["__all__"][0]
    session.refresh_from_db()
    assert (session.teacher, session.capacity) == (teacher, 8)


def test_class_moves_to_a_room_of_another_campus_of_theirs(campus: Campus) -> None:
    elsewhere, beyond = a_campus(2, city="nanjing"), a_campus(3, city="nanjing")
    rooms = [Room.objects.create(campus=one, name="排练厅", seats=8) for one in (elsewhere, beyond)]
    session = a_class(campus=campus)
    booking = a_seat(session)
    both = signed_in(a_member_of_staff(CAMPUS, campus, elsewhere))

    assert "room" in errors(change(both, session, room=rooms[1].pk, reason="campus"))
    assert "reason" in errors(change(both, session, room=rooms[0].pk))
    assert change(both, session, room=rooms[0].pk, reason="campus").status_code == 302

    booking.refresh_from_db()
    session.refresh_from_db()
    assert (session.campus, booking.campus) == (elsewhere, elsewhere)
    assert booking.class_changed_at


@pytest.mark.parametrize("minutes", [-5, 5])
def test_class_that_has_begun_keeps_its_time(desk: Client, campus: Campus, minutes: int) -> None:
    session = a_class(campus=campus)
    begun = timezone.now() - timedelta(minutes=10)
    ClassSession.objects.update(
        starts_at=begun, booking_closes_at=begun, ends_at=begun + timedelta(hours=1), state="started"
    )
    session.refresh_from_db()

    wrong = change(desk, session, **split("ends_at", session.ends_at + timedelta(minutes=minutes)))

    assert "这节课已经开始" in errors(wrong)["__all__"][0]


def call_off_page(session: ClassSession) -> str:
    return f"{CLASSES}{session.pk}/call-off/"


def test_calling_off_says_who_hears_of_it_and_asks_why(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    booking = a_seat(session)

    form = desk.get(call_off_page(session))
    without = desk.post(call_off_page(session))
    session.refresh_from_db()

    assert "<strong>1 个家庭</strong>" in form.content.decode()
    assert call_off_page(session) in desk.get(f"{CLASSES}{session.pk}/change/").content.decode()
    assert (without.status_code, session.state) == (200, SessionState.OPEN)
    assert "取消课次" in errors(change(desk, session, state="cancelled"))["state"][0]

    done = desk.post(call_off_page(session), {"reason": "weather"})

    booking.refresh_from_db()
    session.refresh_from_db()
    assert done.status_code == 303
    assert (booking.state, session.state, session.seats_taken) == ("cancelled", SessionState.CANCELLED, 0)
    assert [text for text in written_to(booking.guardian) if "天气原因" in text]
    assert desk.get(call_off_page(session)).status_code == 403
    assert "天气原因" in desk.get(f"{CLASSES}{session.pk}/change/").content.decode()


def test_class_that_has_begun_is_not_called_off(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    begun = timezone.now() - timedelta(minutes=1)
    ClassSession.objects.update(starts_at=begun, booking_closes_at=begun)

    late = desk.post(call_off_page(session), {"reason": "weather"})

    assert late.status_code == 409
    assert "不能再改" in late.content.decode()


def test_class_without_families_is_closed_opened_and_called_off_on_its_page(
    desk: Client, campus: Campus
) -> None:
    session = a_class(campus=campus)
    for state in ("closed", "open", "cancelled"):
        assert change(desk, session, state=state).status_code == 302
        session.refresh_from_db()
        assert session.state == state


def test_changes_are_for_staff_of_the_campus_alone(desk: Client, campus: Campus) -> None:
    elsewhere = a_class(campus=a_campus(city="xiamen"))
    a_seat(elsewhere)
    change_class(
        session=elsewhere,
        by=SYSTEM,
        reason=ChangeReason.TIMETABLE,
        starts_at=elsewhere.starts_at + timedelta(hours=1),
    )
    (made,) = ClassChange.objects.all()

    assert desk.get(call_off_page(elsewhere)).status_code == 404
    assert desk.post(call_off_page(elsewhere), {"reason": "weather"}).status_code == 404
    assert desk.get(f"{CHANGES}{made.pk}/change/").status_code == 404
    assert not desk.get(CHANGES).context["cl"].result_list
    there = signed_in(a_member_of_staff(CAMPUS, elsewhere.campus))
    assert list(there.get(CHANGES).context["cl"].result_list) == [made]
    page = there.get(f"{CHANGES}{made.pk}/change/")
    assert "15:00" in page.content.decode()
    assert there.post(f"{CHANGES}{made.pk}/change/", {"reason": "few"}).status_code == 403
    assert there.post(f"{CHANGES}{made.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("role", [PRIVACY_OFFICER, MINORS_OFFICER, AUDITOR])
def test_who_plans_no_classes_calls_none_off(campus: Campus, role: str) -> None:
    session = a_class(campus=campus)
    client = signed_in(a_member_of_staff(role, campus))

    assert client.post(call_off_page(session), {"reason": "weather"}).status_code in (403, 404)
    assert client.get(CHANGES).status_code == 403


def test_allowing_more_than_there_are_seats_is_on_record(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus, capacity=1)
    Room.objects.update(seats=9)
    a_seat(session)

    assert change(desk, session, overbook_allowance=1).status_code == 302

    deed = AuditEvent.objects.get(action="class.seats_set")
    assert deed.detail == {
        "capacity": 1, "capacity_was": 1, "overbook_allowance": 1, "overbook_allowance_was": 0
    }  # fmt: skip
    assert "1 / 1 + 1" in desk.get(CLASSES).content.decode()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_a_family_that_books_while_the_class_is_called_off_hears_of_it(desk: Client, campus: Campus) -> None:
    session = a_class(campus=campus)
    with ThreadPoolExecutor(1) as elsewhere, transaction.atomic():
        booking = a_seat(session)
        answer = elsewhere.submit(in_a_thread, desk.post, call_off_page(session), {"reason": "weather"})
        until(somebody_waits_for_a_lock, seconds=10, what="the desk at the lock")

    assert answer.result().status_code == 303
    booking.refresh_from_db()
    session.refresh_from_db()
    assert (booking.state, session.state, session.seats_taken) == ("cancelled", SessionState.CANCELLED, 0)
    assert [text for text in written_to(booking.guardian) if "天气原因" in text]


def in_a_thread(call: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    finally:
        connections.close_all()


def test_class_is_never_deleted(desk: Client, campus: Campus) -> None:
    assert desk.post(f"{CLASSES}{a_class(campus=campus).pk}/delete/", {"post": "yes"}).status_code == 403


def test_list_of_classes_begins_today(desk: Client, campus: Campus) -> None:
    coming = a_class(campus=campus)
    past = a_class(campus=campus, starts_at=at(days=-2, hour=10))

    listed = {
        query: desk.get(f"{CLASSES}?{query}").context["cl"].result_list
        for query in ("", "day=past", "day=all")
    }

    assert set(listed[""]) == {coming}
    assert set(listed["day=past"]) == {past}
    assert set(listed["day=all"]) == {coming, past}


def test_list_of_bookings_masks_numbers(desk: Client, campus: Campus) -> None:
    phone = new_phone()
    booking = a_seat(a_class(campus=campus), a_guardian(phone))

    page = desk.get(BOOKINGS).content.decode()

    assert booking.reference in page
    assert f"{phone[:3]}****{phone[-4:]}" in page
    assert phone not in page


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_bookings_asks_as_often_however_long(campus: Campus, count: int) -> None:
    session = a_class(campus=campus)
    for _ in range(count):
        a_seat(session)
    client = signed_in(a_member_of_staff(CAMPUS, campus))
    # session, user, two of rights, memberships; choices of campus and city; count, rows, numbers
    with counted(default=10, keys=1):
        page = client.get(BOOKINGS)

    assert len(page.context["cl"].result_list) == count


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_classes_asks_as_often_however_long(campus: Campus, count: int) -> None:
    for hour in range(count):
        a_class(campus=campus, starts_at=at(days=2, hour=10 + hour))
    client = signed_in(a_member_of_staff(CAMPUS, campus))
    with counted(default=10):
        page = client.get(CLASSES)

    assert len(page.context["cl"].result_list) == count


def test_bookings_are_filtered_by_day_and_state(desk: Client, campus: Campus) -> None:
    seat = a_seat(a_class(campus=campus, starts_at=at(days=1, hour=15)))
    call = request_trial(guardian=a_guardian(), request=a_wish(city=campus.city))

    listed = {
        query: set(desk.get(f"{BOOKINGS}?{query}").context["cl"].result_list)
        for query in ("", "day=tomorrow", "day=past", "state__exact=requested", f"q={seat.reference.lower()}")
    }

    assert listed == {
        "": {seat, call},
        "day=tomorrow": {seat},
        "day=past": set(),
        "state__exact=requested": {call},
        f"q={seat.reference.lower()}": {seat},
    }


def test_booking_is_never_changed_or_deleted_here(desk: Client, campus: Campus) -> None:
    booking = a_seat(a_class(campus=campus))
    for address, data in (("change", {"state": "cancelled"}), ("delete", {"post": "yes"})):
        assert desk.post(f"{BOOKINGS}{booking.pk}/{address}/", data).status_code == 403
    assert desk.get(f"{BOOKINGS}add/").status_code == 403


def test_campus_sees_a_number_of_its_own_with_a_reason(desk: Client, campus: Campus) -> None:
    phone = new_phone()
    booking = a_seat(a_class(campus=campus), a_guardian(phone))
    page = f"{BOOKINGS}{booking.pk}/number/"

    assert phone[3:7] not in desk.get(page).content.decode()
    assert (
        f"{phone[:3]} {phone[3:7]} {phone[7:]}" in desk.post(page, {"reason": "call_back"}).content.decode()
    )
    assert AuditEvent.objects.get(action="number.revealed").subject_id == booking.guardian_id


@pytest.mark.clause("L-UA-3.2")
@pytest.mark.parametrize("role", [PRIVACY_OFFICER, MINORS_OFFICER, AUDITOR])
def test_who_calls_nobody_sees_no_number(campus: Campus, role: str) -> None:
    booking = a_seat(a_class(campus=campus))
    client = signed_in(a_member_of_staff(role, campus))

    assert client.post(f"{BOOKINGS}{booking.pk}/number/", {"reason": "call_back"}).status_code == 403
    assert client.get(BOOKINGS).status_code == 403
    assert not AuditEvent.objects.filter(action="number.revealed").exists()


@pytest.mark.parametrize("page", ["", "cancel/"])
def test_a_familys_own_page_opens_for_nobody_else(campus: Campus, page: str) -> None:
    booking = a_seat(a_class(campus=campus))
    strangers: list[User] = [
        a_guardian(),
        a_member_of_staff(CAMPUS, campus),
        a_member_of_staff(CAMPUS, a_campus(city="xiamen")),
        a_member_of_staff(HEAD_OFFICE),
    ]

    for client in (Client(), *map(signed_in, strangers)):
        assert client.get(f"/trial/{booking.public_id}/{page}").status_code == 404
    assert signed_in(booking.guardian).get(f"/trial/{booking.public_id}/{page}").status_code == 200


def test_a_class_beyond_the_calendar_is_a_sentence(desk: Client, room: Room) -> None:
    far = "离现在一年多了，年份可能填错了。"
    for year in ("9999-12-31", "0001-01-01"):
        for name in ("starts_at", "ends_at", "booking_opens_at", "booking_closes_at"):
            wrong = {f"{name}_0": year, f"{name}_1": "23:59:00" if year[0] == "9" else "00:00:00"}
            said = errors(desk.post(f"{CLASSES}add/", typed(room, **wrong)))
            assert far in said[name], (name, year)
    assert not ClassSession.objects.exists()


def test_two_of_one_name_are_a_sentence(campus: Campus) -> None:
    office = signed_in(a_member_of_staff(HEAD_OFFICE))
    somebody = a_member_of_staff(CAMPUS, campus)
    twice = {
        "room": ({"campus": campus.pk, "name": "排练厅", "seats": 8}, "name", "一间同名的教室"),
        "teacher": ({"campus": campus.pk, "stage_name": "竹熊老师"}, "stage_name", "叫这个艺名"),
        "campusmembership": ({"campus": campus.pk, "user": somebody.pk}, "campus", "已经在这个校区"),
    }
    CampusMembership.objects.all().delete()
    for model, (values, field, words) in twice.items():
        first, second = (office.post(f"/staff/courses/{model}/add/", values) for _ in range(2))
        assert first.status_code == 302, model
        assert words in errors(second)[field][0]


@pytest.mark.parametrize(
    "asked",
    [
        *("enrollment/trialbooking/?child_id__isnull=0", "enrollment/trialbooking/?child_id__gt=0"),
        *("enrollment/trialbooking/?guardian_id__gt=0", "enrollment/trialbooking/?guardian__isnull=0"),
        *("enrollment/trialbooking/?idempotency_key__startswith=a", "enrollment/trialbooking/?state__gt=a"),
        *("enrollment/trialbooking/?public_id__regex=(((", "enrollment/classsession/?unverified_cap__gt=1"),
        *("courses/teacher/?active__regex=(((", "audit/auditevent/?subject_id__isnull=0"),
        *("audit/auditevent/?at__gte=2020-01-01", "courses/campusmembership/?user__password__startswith=a"),
    ],
)
def test_a_list_is_asked_by_its_own_filters_alone(asked: str) -> None:
    everything = signed_in(User.objects.create_superuser("everywhere", "paper-puppet-theatre-7"))

    assert everything.get(f"/staff/{asked}").status_code == 400


def test_every_filter_of_every_list_still_works() -> None:
    everything = signed_in(User.objects.create_superuser("everywhere", "paper-puppet-theatre-7"))
    a_seat(a_class())
    tried = 0
    for model, page in admin.site._registry.items():
        address = f"/staff/{model._meta.app_label}/{model._meta.model_name}/"
        listed = everything.get(address)
        if "cl" not in (listed.context or {}):
            continue
        for query in re.findall(r'href="(\?[a-z_]+=[^"]*)"', listed.content.decode()):
            tried += 1
            answer = everything.get(address + html.unescape(query))
            assert answer.status_code == 200, (page, query)
    assert tried > 30


@pytest.mark.parametrize(
    "asked", ["year=99999999999999999", "year=9999", "year=1", "year=x", "month=99999999999"]
)
def test_days_beyond_the_calendar_are_asked_for_in_vain(asked: str) -> None:
    auditor = signed_in(a_member_of_staff(AUDITOR))

    answer = auditor.get(f"/staff/audit/auditevent/?at__{asked}")

    assert (answer.status_code, answer["Location"]) == (302, "/staff/audit/auditevent/?e=1")
    assert auditor.get("/staff/audit/auditevent/?e=1").status_code == 200
    assert (
        auditor.get(
            f"/staff/audit/auditevent/?at__year={timezone.now():%Y&at__month=%m&at__day=%d}"
        ).status_code
        == 200
    )


def test_the_record_says_who_may_work_where_and_what_changed(campus: Campus) -> None:
    office, somebody = signed_in(a_member_of_staff(HEAD_OFFICE)), a_member_of_staff(CAMPUS)
    office.post("/staff/courses/campusmembership/add/", {"campus": campus.pk, "user": somebody.pk})
    member = CampusMembership.objects.get(user=somebody)
    page = f"/staff/courses/campusmembership/{member.pk}/"
    assert office.post(f"{page}change/", {"campus": a_campus().pk, "user": somebody.pk}).status_code == 403
    office.post(f"{page}delete/", {"post": "yes"})
    room = Room.objects.create(campus=campus, name="排练厅", seats=8)
    office.post(
        f"/staff/courses/room/{room.pk}/change/",
        {"campus": campus.pk, "name": "舞台", "seats": 9, "active": "on"},
    )

    deeds = AuditEvent.objects.order_by("seq").values_list("action", "subject_id", "detail")
    assert [deed for deed in deeds if deed[0].startswith("campusmembership.")] == [
        ("campusmembership.added", somebody.pk, {"campus": campus.pk}),
        ("campusmembership.deleted", somebody.pk, {"campus": campus.pk}),
    ]
    assert ("room.changed", None, {"name": "changed", "seats": "changed"}) in deeds


def test_every_law_of_a_row_changed_here_has_its_sentence() -> None:
    unreachable = {"session_state_known", "city_initial_is_a_capital", "city_county_lies_within_a_city"}
    silent = {
        constraint.name
        for page in admin.site._registry.values()
        if isinstance(page, LawfulAdmin) and not isinstance(page, ReadOnlyAdmin) and page.model is not User
        for model in (page.model, *(inline.model for inline in page.inlines))
        for constraint in model._meta.constraints
        if constraint.name not in page.laws
    }

    assert silent <= unreachable
