"""The calendar file of a booking, read back as RFC 5545 says, and who gets it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from enrollment.calendar import calendar_of
from enrollment.enums import BookingState, SessionState
from enrollment.models import TrialBooking
from enrollment.services.cancelling import cancel_trial
from enrollment.services.moves import move_trial
from kit.coordinates import to_wgs84
from tests.enrollment.test_booking_page import a_booking_in
from tests.families import a_guardian, a_seat, acting
from tests.people import book, new_phone
from tests.places import a_class, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def unfolded(file: bytes) -> list[str]:
    """Content lines (3.1)."""
    assert file.endswith(b"\r\n")
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    assert b"\n" not in file.replace(b"\r\n", b"")
    return file.decode().replace("\r\n ", "").split("\r\n")[:-1]


def event(file: bytes) -> dict[str, str]:
    """The properties of the event, alarms left out, TEXT values unescaped."""
    lines = unfolded(file)
    own = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    if "BEGIN:VALARM" in own:
        own = own[: own.index("BEGIN:VALARM")]
    pairs = (line.partition(":") for line in own)
    return {
        name: re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value) for name, _, value in pairs
    }


def test_the_event_is_the_class_at_the_campus_hour() -> None:
    session = a_class(starts_at=at(days=2, hour=15))
    booking = a_seat(session)

    said = event(calendar_of(booking))

    zone = ZoneInfo("Asia/Shanghai")
    start = datetime.strptime(said["DTSTART;TZID=Asia/Shanghai"], "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    end = datetime.strptime(said["DTEND;TZID=Asia/Shanghai"], "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    assert (start, end) == (session.starts_at, session.ends_at)
    assert session.course.name in said["SUMMARY"]
    assert session.campus.whole_address in said["LOCATION"]
    assert booking.reference in said["DESCRIPTION"]
    assert session.course.bring in said["DESCRIPTION"]
    assert said["URL"].endswith(booking.get_absolute_url())
    assert (said["STATUS"], said["SEQUENCE"]) == ("CONFIRMED", "0")


def test_the_place_is_given_in_the_worlds_coordinates() -> None:
    booking = a_seat(a_class())
    north, east = map(float, event(calendar_of(booking))["GEO"].split(";"))

    apart = (abs(north - float(booking.campus.latitude)), abs(east - float(booking.campus.longitude)))
    assert 0.0005 < max(apart) < 0.01


@pytest.mark.parametrize(
    ("chinese", "world"),
    [((39.908823, 116.397470), (39.907420, 116.391228)), ((31.239704, 121.499718), (31.241719, 121.495283))],
)
def test_coordinates_come_out_where_the_place_is(
    chinese: tuple[float, float], world: tuple[float, float]
) -> None:
    assert to_wgs84(*chinese) == pytest.approx(world, abs=0.00005)


def test_there_are_two_alarms_and_a_zone_and_every_block_is_closed() -> None:
    lines = unfolded(calendar_of(a_seat(a_class())))

    assert [line for line in lines if line.startswith("TRIGGER")] == ["TRIGGER:-P1D", "TRIGGER:-PT2H"]
    assert "TZID:Asia/Shanghai" in lines
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    opened: list[str] = []
    for line in lines:
        if line.startswith("BEGIN:"):
            opened.append(line[6:])
        elif line.startswith("END:"):
            assert opened.pop() == line[4:]
    assert opened == []


def test_text_with_commas_and_semicolons_comes_back_as_it_was() -> None:
    session = a_class()
    session.course.bring = "水杯, 画笔; 反斜杠 \\ 和" + "长" * 60
    session.campus.how_to_come = "A 口\nB 口"
    booking = a_seat(session)
    booking.session = session

    said = event(calendar_of(booking))["DESCRIPTION"]

    assert session.course.bring in said
    assert "A 口\nB 口" in said


def test_cancelling_takes_the_same_event_out(client: Client) -> None:
    guardian = a_guardian()
    booking = a_seat(a_class(), guardian)
    client.force_login(guardian)
    address = booking.get_absolute_url().rstrip("/") + ".ics"
    before = event(client.get(address).content)

    cancel_trial(booking=booking, by=acting(guardian))

    response = client.get(address)
    after = event(response.content)
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["STATUS"] == "CANCELLED"
    assert "METHOD:CANCEL" in unfolded(response.content)
    assert "BEGIN:VALARM" not in unfolded(response.content)


def test_moving_changes_the_event_and_the_old_address_says_so_too(client: Client) -> None:
    guardian = a_guardian()
    first = a_seat(a_class(), guardian)
    client.force_login(guardian)
    before = event(client.get(ics_of(first)).content)

    second = moved(first, days=4)
    third = moved(second, days=5)

    for address in map(ics_of, (first, second, third)):
        after = event(client.get(address).content)
        assert after["UID"] == before["UID"]
        assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 2
        assert after["DTSTART;TZID=Asia/Shanghai"] == f"{third.session.local_date:%Y%m%d}T100000"
        assert after["URL"].endswith(third.get_absolute_url())

    cancel_trial(booking=third, by=acting(guardian))

    off = client.get(ics_of(first))
    assert event(off.content)["UID"] == before["UID"]
    assert int(event(off.content)["SEQUENCE"]) == int(before["SEQUENCE"]) + 3
    assert "METHOD:CANCEL" in unfolded(off.content)


def ics_of(booking: TrialBooking) -> str:
    return booking.get_absolute_url().rstrip("/") + ".ics"


def moved(booking: TrialBooking, *, days: int) -> TrialBooking:
    session = a_class(starts_at=at(days=days, hour=10))
    return move_trial(booking=booking, session=session, by=acting(booking.guardian))


def test_a_class_called_off_takes_the_event_out() -> None:
    booking = a_seat(a_class())
    booking.session.state = SessionState.CANCELLED

    assert event(calendar_of(booking))["STATUS"] == "CANCELLED"


def test_the_file_says_nothing_of_number_or_child_and_is_served_as_a_calendar(client: Client) -> None:
    session, phone = a_class(), new_phone()
    years, month = divmod(
        session.local_date.year * 12 + session.local_date.month - 1 - session.course.age_min_months - 2, 12
    )
    child = {
        "child_nickname": "小豆包",
        "child_birth_month": f"{years}-{month + 1:02d}",
        "agree_children": "on",
    }
    page = book(client, phone, session=session.public_id, **child)["Location"]

    response = client.get(page.rstrip("/") + ".ics")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar; charset=utf-8")
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    text = "".join(unfolded(response.content))
    assert "小豆包" not in text
    assert phone not in text
    undated = re.sub(r"\d{8}T\d{6}Z?", "", text)
    assert phone[-4:] not in undated.replace(TrialBooking.objects.get().reference, "")


def test_strangers_get_none(client: Client) -> None:
    theirs = a_seat(a_class()).get_absolute_url().rstrip("/") + ".ics"
    book(client, new_phone())

    assert Client().get(theirs).status_code == 404
    assert client.get(theirs).status_code == 404
    assert client.get("/trial/AAAAAAAAAAAAAAAAAAAAAA.ics").status_code == 404
    assert client.post(theirs).status_code == 405


def test_a_request_without_a_class_has_none(client: Client) -> None:
    page = book(client, new_phone())["Location"]

    assert client.get(page).status_code == 200
    assert client.get(page.rstrip("/") + ".ics").status_code == 404


@pytest.mark.parametrize("state", [BookingState.EXPIRED, BookingState.HELD])
def test_a_seat_that_is_not_theirs_has_none(client: Client, state: BookingState) -> None:
    guardian = a_guardian()
    booking = a_booking_in(state, guardian)
    client.force_login(guardian)

    assert client.get(ics_of(booking)).status_code == 404


def test_a_class_in_the_night_keeps_its_day() -> None:
    session = a_class(starts_at=at(days=2, hour=7), closes_before=timedelta(minutes=1))

    said = event(calendar_of(a_seat(session)))

    assert said["DTSTART;TZID=Asia/Shanghai"] == f"{session.local_date:%Y%m%d}T070000"
