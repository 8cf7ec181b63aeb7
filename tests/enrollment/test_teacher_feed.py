"""A teacher's calendar: its address, shown once and taken back, and what is in it and what never is."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from courses.models import Campus, Room, Teacher
from enrollment.enums import BookingChannel, BookingState, ChangeReason, SessionState
from enrollment.models import ClassSession, TeacherFeed, TrialBooking
from enrollment.models.names import new_reference
from enrollment.services.class_changes import call_off, change_class
from enrollment.services.feeds import make_feed
from leap.logging import redact
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE
from privacy.actors import SYSTEM
from privacy.audit.models import AuditEvent
from tests.children import a_child
from tests.enrollment.test_calendar import event, unfolded
from tests.families import a_guardian, a_seat
from tests.people import new_phone
from tests.places import a_campus, a_class, at, put_back
from tests.queries import counted
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

FEEDS = "/staff/enrollment/teacherfeed/"


@pytest.fixture
def campus() -> Campus:
    return a_campus(city="nanjing")


@pytest.fixture
def teacher(campus: Campus) -> Teacher:
    return Teacher.objects.create(campus=campus, stage_name="竹熊老师")


@pytest.fixture
def address(teacher: Teacher) -> str:
    return "/" + make_feed(teacher=teacher, by=SYSTEM)[1].split("/", 3)[3]


def read(address: str, **headers: str) -> bytes:
    answer = Client().get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content


def test_the_classes_of_a_teacher_are_in_it_and_nobody_elses(
    teacher: Teacher, campus: Campus, address: str
) -> None:
    session = a_class(campus=campus, teacher=teacher, starts_at=at(days=2, hour=15))
    a_seat(session)
    draft = a_class(campus=campus, teacher=teacher, starts_at=at(days=3, hour=15), state=SessionState.DRAFT)
    others = a_class(campus=campus, starts_at=at(days=3, hour=10))
    far = a_class(campus=campus, teacher=teacher, starts_at=at(days=91, hour=10))
    long_ago = put_back(a_class(campus=campus, teacher=teacher, starts_at=at(days=4, hour=9)), days=36)
    lately = put_back(a_class(campus=campus, teacher=teacher, starts_at=at(days=5, hour=9)), days=30)

    file = read(address)

    lines = unfolded(file)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert "TZID:Asia/Shanghai" in lines
    assert "X-WR-CALNAME:竹熊老师的课" in lines
    shown = {line.removeprefix("UID:") for line in lines if line.startswith("UID:")}
    assert shown == {f"{one.public_id}@class.leap" for one in (session, lately)}
    assert not {draft, others, far, long_ago} & {session, lately}
    TrialBooking.objects.update(session=session)
    ClassSession.objects.exclude(pk=session.pk).update(teacher=None)
    said = event(read(address))
    assert said["DTSTART;TZID=Asia/Shanghai"] == f"{session.local_date:%Y%m%d}T150000"
    assert session.course.name in said["SUMMARY"]
    assert (campus.name in said["LOCATION"], session.room.name in said["LOCATION"]) == (True, True)
    assert "已约 1 / 8" in said["DESCRIPTION"]
    assert (said["STATUS"], said["SEQUENCE"]) == ("CONFIRMED", "0")


def test_the_event_stays_the_same_one_and_grows_with_every_change(
    teacher: Teacher, campus: Campus, address: str
) -> None:
    session = a_class(campus=campus, teacher=teacher)
    room = Room.objects.create(campus=campus, name="另一间", seats=8)
    a_seat(session)
    seen = [event(read(address))]

    later = session.starts_at + timedelta(hours=1)
    change_class(session=session, by=SYSTEM, reason=ChangeReason.TEACHER, starts_at=later)
    seen.append(event(read(address)))
    change_class(session=session, by=SYSTEM, reason=ChangeReason.ROOM, room=room)
    seen.append(event(read(address)))
    call_off(session=session, by=SYSTEM, reason=ChangeReason.TEACHER)
    seen.append(event(read(address)))

    assert {one["UID"] for one in seen} == {f"{session.public_id}@class.leap"}
    assert [one["SEQUENCE"] for one in seen] == ["0", "1", "2", "3"]
    assert [one["STATUS"] for one in seen] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert "已约 0 / 8" in seen[-1]["DESCRIPTION"]


@pytest.mark.clause("LAW-12")
def test_no_family_and_no_child_is_in_it(teacher: Teacher, campus: Campus, address: str) -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    session = a_class(campus=campus, teacher=teacher)
    child = a_child(guardian, "小豆包")
    named = TrialBooking.objects.create(
        guardian=guardian,
        city=campus.city,
        session=session,
        child_id=child,
        party_id=uuid4(),
        state=BookingState.BOOKED,
        channel=BookingChannel.WEB,
        source="poster-nj-01",
        verified_at=timezone.now(),
        reference=new_reference(),
    )
    other = a_seat(session)

    text = read(address).decode()
    whole = text.replace("\r\n ", "")

    leaks = ["小豆包", phone, phone[-4:], "poster-nj-01", str(child), str(guardian.pk)]
    for booking in (named, other):
        leaks += [booking.reference, booking.public_id, str(booking.pk), str(booking.guardian_id)]
    for leak in leaks:
        assert leak not in re.sub(r"\d{8}T\d{6}Z?", "", whole), leak
    assert "/trial/" not in whole


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_as_often_however_many_classes(
    teacher: Teacher, campus: Campus, address: str, count: int
) -> None:
    for hour in range(count):
        session = a_class(campus=campus, teacher=teacher, starts_at=at(days=2, hour=10 + hour))
        change_class(
            session=session,
            by=SYSTEM,
            reason=ChangeReason.TEACHER,
            ends_at=session.starts_at + timedelta(minutes=55),
        )
    with counted(default=2):
        file = read(address)

    assert file.count(b"BEGIN:VEVENT") == count


def test_what_has_not_changed_is_not_sent_again(teacher: Teacher, campus: Campus, address: str) -> None:
    session = a_class(campus=campus, teacher=teacher)
    first = Client().get(address)

    same = Client().get(address, headers={"if-none-match": first["ETag"]})
    a_seat(session)
    changed = Client().get(address, headers={"if-none-match": first["ETag"]})

    assert first["Content-Type"].startswith("text/calendar; charset=utf-8")
    assert "private" in first["Cache-Control"]
    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200
    assert not first.cookies


def test_only_its_address_opens_it(teacher: Teacher, address: str) -> None:
    token = address.rsplit("/", maxsplit=1)[-1].removesuffix(".ics")

    assert len(token) == 32
    assert not TeacherFeed.objects.filter(token_hash__contains=token).exists()
    assert Client().get(address.replace(token, token[::-1])).status_code == 404
    assert Client().get(f"/feeds/teacher/{TeacherFeed.objects.get().token_hash}.ics").status_code == 404
    assert Client().post(address).status_code == 405
    assert token not in redact(f"GET {address} HTTP/1.1")

    Teacher.objects.filter(pk=teacher.pk).update(active=False)
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("role", [CAMPUS, HEAD_OFFICE])
def test_the_address_is_shown_once_and_a_new_one_ends_the_old(
    teacher: Teacher, campus: Campus, role: str
) -> None:
    desk = signed_in(a_member_of_staff(role, campus))

    shown = [desk.post(f"{FEEDS}add/", {"teacher": teacher.pk}) for _ in range(2)]

    found = [re.search(r"/feeds/teacher/[\w-]{32}\.ics", page.content.decode()) for page in shown]
    first, second = [match[0] for match in found if match]
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    feed = TeacherFeed.objects.get()
    for page in (FEEDS, f"{FEEDS}{feed.pk}/change/"):
        assert "feeds/teacher" not in desk.get(page).content.decode()
    assert AuditEvent.objects.filter(action="teacher_feed.made").count() == 2

    assert desk.post(f"{FEEDS}{feed.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Client().get(second).status_code == 404
    assert AuditEvent.objects.filter(action="teacherfeed.deleted").exists()


def test_only_staff_of_the_campus_give_it(teacher: Teacher, campus: Campus) -> None:
    elsewhere = signed_in(a_member_of_staff(CAMPUS, a_campus(city="xiamen")))
    auditor = signed_in(a_member_of_staff(AUDITOR, campus))
    feed, _address = make_feed(teacher=teacher, by=SYSTEM)

    assert (
        "teacher" in elsewhere.post(f"{FEEDS}add/", {"teacher": teacher.pk}).context["adminform"].form.errors
    )
    assert not elsewhere.get(FEEDS).context["cl"].result_list
    assert elsewhere.get(f"{FEEDS}{feed.pk}/change/").status_code == 404
    assert elsewhere.post(f"{FEEDS}{feed.pk}/delete/", {"post": "yes"}).status_code == 404
    assert auditor.post(f"{FEEDS}add/", {"teacher": teacher.pk}).status_code == 403
    assert TeacherFeed.objects.get().token_hash == feed.token_hash
