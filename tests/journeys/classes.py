"""Classes of the running product that a journey may take seats in without getting in another's way."""

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.live import Live

SHANGHAI = ZoneInfo("Asia/Shanghai")
_used = set[str]()


@dataclass(frozen=True)
class Class:
    """What a journey has to know of a class."""

    name: str
    campus: str
    starts_at: datetime
    seats: int = 8
    course: str = ""
    ages: tuple[int, int] = (0, 0)

    @property
    def trial(self) -> str:
        """Where it is booked."""
        return f"/trial/?session={self.name}"

    @property
    def birth_month(self) -> str:
        """Of a child who is of the right age on its day."""
        months = self.starts_at.year * 12 + self.starts_at.month - 1 - sum(self.ages) // 2
        return f"{months // 12}-{months % 12 + 1:02d}"


def _classes(live: Live) -> Iterator[Class]:
    """Every class with a free seat, the soonest first."""
    page: str | None = "/api/v1/class-sessions/"
    while page:
        connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=30)
        connection.request("GET", page)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        for row in answer["results"]:
            yield Class(
                row["id"],
                row["campus"]["slug"],
                datetime.fromisoformat(row["starts_at"]),
                row["seats_left"],
                row["course"]["slug"],
                tuple(row["course"]["age_months"]),
            )
        page = answer["next"] and answer["next"].removeprefix(live.url)


def _for_one_journey(live: Live, fits: Callable[[Class], bool]) -> Class:
    """The next class of a campus that no other journey uses, if it fits."""
    soon, seen = datetime.now(SHANGHAI) + timedelta(hours=4), set(_used)
    for each in _classes(live):
        if each.campus not in seen and each.starts_at > soon and fits(each):
            _used.add(each.campus)
            return each
        seen.add(each.campus)
    raise AssertionError("no class of the demo fits")


def a_class_with_room(live: Live, other_than: str = "") -> Class:
    """One in which several seats are free, of another course than the one named."""
    return _for_one_journey(live, lambda each: each.seats > 3 and each.course != other_than)


def a_class_tomorrow(live: Live) -> Class:
    """One with several seats that begins within two days, on holidays too, when the demo has none."""
    return _at_the_last_campus(live, timedelta(hours=30), seats=8)


def a_last_seat(live: Live) -> Class:
    """One with a single seat."""
    return _for_one_journey(live, lambda each: each.seats == 1)


def a_class_about_to_begin(live: Live, username: str) -> Class:
    """A class in forty minutes, in a room of its own, at the campus where that member of staff works."""
    ((campus, slug),) = live.rows(
        "SELECT c.id, c.slug FROM courses_campus c JOIN courses_campusmembership m ON m.campus_id = c.id "
        "JOIN accounts_user u ON u.id = m.user_id WHERE u.username = %s",
        username,
    )
    return _made(live, campus, slug, datetime.now(SHANGHAI) + timedelta(minutes=40), seats=8)


def a_single_seat(live: Live) -> Class:
    """A class of one seat in three days, in a room of its own."""
    return _at_the_last_campus(live, timedelta(days=3), seats=1)


def _at_the_last_campus(live: Live, ahead: timedelta, *, seats: int) -> Class:
    ((campus, slug),) = live.rows("SELECT id, slug FROM courses_campus WHERE active ORDER BY id DESC LIMIT 1")
    return _made(live, campus, slug, datetime.now(SHANGHAI) + ahead, seats=seats)


def _made(live: Live, campus: int, slug: str, starts: datetime, *, seats: int) -> Class:
    ((room,),) = live.rows(
        "INSERT INTO courses_room (campus_id, name, seats, active) VALUES (%s, %s, %s, true) RETURNING id",
        campus,
        token_urlsafe(8),
        seats,
    )
    name = token_urlsafe(16)
    live.rows(
        "INSERT INTO enrollment_classsession (id, public_id, campus_id, course_id, room_id, starts_at, ends_at, "
        "booking_closes_at, capacity, overbook_allowance, unverified_cap, seats_taken, unverified_taken, state, "
        "changed_at) SELECT %s, %s, %s, id, %s, %s, %s, %s, %s, 0, %s, 0, 0, 'open', now() "
        "FROM courses_course ORDER BY id LIMIT 1",
        str(uuid4()),
        name,
        campus,
        room,
        starts,
        starts + timedelta(minutes=60),
        starts,
        seats,
        -(-seats // 2),
    )
    return Class(name, slug, starts, seats)
