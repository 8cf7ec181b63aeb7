"""Guardians with sealed numbers, their bookings, and the classes those were in."""

import base64
import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg2
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.enums import UserKind
from accounts.models import PhoneBinding, User
from accounts.services.roles import enrol_staff
from bench.copying import copy, superuser
from bench.seats import (
    A_CLASS,
    SHOWN,
    PastClass,
    Seat,
    coming,
    identifier,
    measured_campus,
    measured_city,
    past,
    past_classes,
)
from bench.shown import Shown
from courses.services.memberships import assign_campuses
from enrollment.enums import TAKES_A_SEAT, BookingChannel, BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.models.names import new_public_id
from leap.roles import CAMPUS, HEAD_OFFICE
from privacy.actors import SYSTEM
from privacy.inventory.enums import Klass
from privacy.keystore.blind_index import blind_index
from privacy.keystore.enums import Algorithm
from privacy.keystore.envelope import Place, new_key, seal_under, wrap
from privacy.keystore.models import SubjectKey

_PHONE = "binding.phone"
_GUARDIAN, _BINDING, _KEY, _BOOKING = range(2, 6)  # kinds of identifiers; 1 is a class
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_REFERENCES = len(_LETTERS) * 10**7
_STEP = 48_271  # prime to that number, so that references jump and never repeat
_ABOVE_THE_DEMO = 10_000  # the numbers below are those of the desk's demo families
_COUNT_SEATS = """
UPDATE enrollment_classsession AS class SET seats_taken = counted.taken
FROM (
    SELECT session_id, count(*) FILTER (WHERE state = ANY (%s)) AS taken
    FROM enrollment_trialbooking WHERE session_id IS NOT NULL GROUP BY session_id
) AS counted
WHERE class.id = counted.session_id AND class.seats_taken <> counted.taken
"""


def fill(*, bookings: int, shown: int = SHOWN) -> Shown:
    """Add so many bookings of as many guardians, ``shown`` of them where the measured pages look.

    Raises ValueError when too few classes are to come.
    """
    shown = min(shown, bookings)
    seats = list(islice(coming(here=True, seats=4), shown))
    if len(seats) < shown:
        raise ValueError(f"The classes to come have {len(seats)} seats, and the pages need {shown}.")
    seats += islice(coming(here=False, seats=2), (bookings - len(seats)) // 20)
    over = bookings - len(seats)
    seats += past(over)
    with superuser(os.environ["DATABASE_ADMIN_URL"]) as cursor:
        copy(
            cursor,
            ClassSession(capacity=8, state=SessionState.FINISHED),
            map(_class, past_classes(-(-over // A_CLASS))),
            "classes",
        )
        with superuser(os.environ["KEYS_DATABASE_ADMIN_URL"]) as keys:
            _add_guardians(cursor, keys, seats)
        copy(cursor, TrialBooking(channel=BookingChannel.WEB), _bookings(seats), "bookings")
        cursor.execute(_COUNT_SEATS, [sorted(TAKES_A_SEAT)])
    _settle()
    return _shown()


def _class(over: PastClass) -> dict[str, Any]:
    return {
        "id": over.id,
        "public_id": new_public_id(),
        "campus_id": over.room.campus_id,
        "course_id": over.course,
        "room_id": over.room.pk,
        "starts_at": over.starts_at,
        "ends_at": over.ends_at,
        "booking_closes_at": over.starts_at,
    }


def _guardian(number: int, seat: Seat) -> UUID:
    return identifier(_GUARDIAN, seat.booked_at, number)


def _add_guardians(cursor: Any, keys: Any, seats: Sequence[Seat]) -> None:
    """A guardian for each seat, with a key, and a number that opens with it."""
    users = ({"id": _guardian(*each), "created_at": each[1].booked_at} for each in enumerate(seats))
    copy(cursor, User(kind=UserKind.GUARDIAN), users, "guardians")
    epoch = max(settings.KEY_ENCRYPTION_KEYS)
    sealed: list[bytes] = []

    def made() -> Iterator[dict[str, Any]]:
        for number, seat in enumerate(seats):
            subject, key = _guardian(number, seat), new_key()
            place = Place(_PHONE, str(identifier(_BINDING, seat.booked_at, number)), subject, Klass.CORE)
            sealed.append(seal_under(key, 1, _phone(number).encode(), place, Algorithm.AES_256_GCM))
            kek = settings.KEY_ENCRYPTION_KEYS[epoch]
            wrapped = wrap(kek, key, subject=subject, klass=Klass.CORE, gen=1, epoch=epoch)
            yield {"id": identifier(_KEY, seat.booked_at, number), "subject": subject, "wrapped": wrapped}

    copy(keys, SubjectKey(klass=Klass.CORE, gen=1, kek_epoch=epoch), made(), "keys")
    bindings = (
        {
            "id": identifier(_BINDING, seat.booked_at, number),
            "user_id": _guardian(number, seat),
            "phone": sealed[number],
            "phone_index": blind_index(_PHONE, _phone(number)),
            "proved_at": seat.booked_at,
        }
        for number, seat in enumerate(seats)
    )
    copy(cursor, PhoneBinding(), bindings, "numbers")


def _phone(number: int) -> str:
    return f"+86138{number + _ABOVE_THE_DEMO:08d}"


def _bookings(seats: Sequence[Seat]) -> Iterator[dict[str, Any]]:
    for number, seat in enumerate(seats):
        letter, digits = divmod(number * _STEP % _REFERENCES, 10**7)
        name = blake2b(number.to_bytes(8), digest_size=16).digest()
        yield {
            "id": identifier(_BOOKING, seat.booked_at, number),
            "public_id": base64.urlsafe_b64encode(name).decode().rstrip("="),
            "reference": f"{_LETTERS[letter]}{digits // 10**6}-{digits % 10**6:06d}",
            "guardian_id": _guardian(number, seat),
            "session_id": seat.session,
            "campus_id": seat.campus,
            "city_id": seat.city,
            "course_id": seat.course,
            "state": seat.state,
            "verified_at": seat.booked_at,
            "created_at": seat.booked_at,
            "closed_at": seat.over_at,
        }


def _settle() -> None:
    """What the server's own housekeeping would have done within the hour: no measurement runs beside it."""
    for database in ("DATABASE", "KEYS_DATABASE"):
        opened = psycopg2.connect(os.environ[f"{database}_ADMIN_URL"])
        opened.autocommit = True
        try:
            with opened.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE)")
                cursor.execute("CHECKPOINT")
        finally:
            opened.close()


def _shown() -> Shown:
    city, campus = measured_city(), measured_campus()
    booking = TrialBooking.objects.newest_first().filter(campus=campus, state=BookingState.BOOKED)[:1].get()
    head_office = enrol_staff(username="bench-hq", password=None, role=HEAD_OFFICE, by=SYSTEM)
    desk = enrol_staff(username="bench-campus", password=None, role=CAMPUS, by=SYSTEM)
    assign_campuses(user=desk, campuses=[campus], by=SYSTEM)
    next_class = ClassSession.objects.upcoming(timezone.now()).at_campus(campus).in_order()[:1].get()
    return Shown(
        city=city.slug,
        campus=campus.slug,
        day=next_class.local_date.isoformat(),
        booking=booking.get_absolute_url(),
        parent=_session_of(booking.guardian),
        head_office=_session_of(head_office),
        at_the_desk=_session_of(desk),
    )


def _session_of(user: User) -> str:
    """The cookie of a browser in which that user is logged in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
