"""Two hundred parents want twenty seats at the same moment, over HTTP, from the product as it runs."""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest

from leap.services.home import Home
from leap.services.keyring import Keyring
from leap.services.postgres import Cluster
from tests.enrollment.test_parallel import Caller, at_once
from tests.live import Live, new_home
from tests.people import new_phone
from tests.waiting import until

pytestmark = pytest.mark.processes

PARENTS, SEATS = 200, 20
AT_ONCE = 16  # parents who prepare at the same time

# A class in a room of its own, of so many seats, so many days from now.
A_CLASS = """
    WITH wanted (seats, day) AS (VALUES (%s, now() + %s * interval '1 day')),
    place AS (
        SELECT campus.id FROM courses_campus campus JOIN courses_city city ON city.id = campus.city_id
        WHERE city.slug = 'beijing' ORDER BY campus.id LIMIT 1
    ),
    room AS (
        INSERT INTO courses_room (campus_id, name, seats, active)
        SELECT place.id, left(md5(random()::text), 20), wanted.seats, true FROM place, wanted RETURNING id
    )
    INSERT INTO enrollment_classsession (id, public_id, campus_id, course_id, room_id, starts_at, ends_at,
        booking_closes_at, capacity, overbook_allowance, unverified_cap, seats_taken, unverified_taken, state, changed_at)
    SELECT gen_random_uuid(), left(md5(random()::text), 22), place.id, (SELECT min(id) FROM courses_course), room.id,
        day, day + interval '1 hour', day, seats, 0, seats, 0, 0, 'open', now()
    FROM place, room, wanted RETURNING public_id
"""
UNSENT = "SELECT count(*) FROM messaging_message WHERE state IN ('queued', 'leased', 'sending')"
LEDGER = """
    SELECT seats_taken, (SELECT count(*) FROM enrollment_trialbooking b WHERE b.session_id = s.id AND b.state = 'booked'),
        (SELECT count(DISTINCT guardian_id) FROM enrollment_trialbooking b WHERE b.session_id = s.id)
    FROM enrollment_classsession s WHERE public_id = %s
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product of these tests' own, in whose database the second of them breaks something."""
    product = Live(new_home(), LEAP_DEMO_LIMITS="relaxed", LEAP_WORKER_THREADS="4")
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


@dataclass(frozen=True)
class Race:
    """What came of it: every answer, and what the database holds."""

    answers: list[tuple[int, Any]]
    seats_taken: int
    bookings: int
    families: int


def run(product: Live) -> Race:
    """Everybody has a code of their own and posts the same wish at once."""
    ((name,),) = product.rows(A_CLASS, SEATS, 3)
    product.rows(A_CLASS, PARENTS, 4)  # so that there is something else to offer
    wish = {"city": "beijing", "session": name, "agreements": Caller(product).documents()[:2]}

    def ask(phone: str) -> tuple[Caller, dict[str, Any]]:
        caller = Caller(product)
        status, asked = caller.call("POST", "verification-codes/", {"phone": phone, "purpose": "booking"})
        assert status == 202, asked
        return caller, {**wish, "challenge": asked["challenge"]}

    phones = [new_phone() for _ in range(PARENTS)]
    with ThreadPoolExecutor(AT_ONCE) as crew:
        parents = list(crew.map(ask, phones))
        until(lambda: product.rows(UNSENT) == [(0,)], seconds=120, what="every code sent")
        codes = list(crew.map(product.code_for, phones))
    posts = [
        lambda one=caller, body={**body, "code": code}: one.call("POST", "trial-bookings/", body)
        for (caller, body), code in zip(parents, codes, strict=True)
    ]
    answers = at_once(posts)
    ((seats_taken, bookings, families),) = product.rows(LEDGER, name)
    return Race(answers, seats_taken, bookings, families)


def check(race: Race) -> None:
    """Each seat sold once; whoever got none was told so, with at least one other class to book."""
    assert Counter(status for status, _ in race.answers) == {201: SEATS, 409: PARENTS - SEATS}
    refusals = [answer for status, answer in race.answers if status == 409]
    assert {refusal["code"] for refusal in refusals} == {"session_full"}
    assert {len(refusal["alternatives"]) for refusal in refusals} <= {1, 2, 3}
    assert all(other["bookable"] for refusal in refusals for other in refusal["alternatives"])
    assert len({answer["reference"] for status, answer in race.answers if status == 201}) == SEATS
    assert (race.seats_taken, race.bookings, race.families) == (SEATS, SEATS, SEATS)


def test_each_of_twenty_seats_is_sold_once(running: Live) -> None:
    check(run(running))


def test_without_the_check_the_same_race_oversells(running: Live) -> None:
    """Takes away the CHECK and nothing else. The look before the lock, the lock and the counting trigger stay:
    none of them keeps a seat from being sold twice, and the test above would not pass on them alone.
    """
    cluster = Cluster(Home(running.home))
    cluster.passwords = Keyring(Home(running.home)).passwords(data_exists=True)
    admin = psycopg2.connect(cluster.admin_urls()["DATABASE_ADMIN_URL"])
    try:
        with admin, admin.cursor() as cursor:
            cursor.execute("ALTER TABLE enrollment_classsession DROP CONSTRAINT no_overbooking")
    finally:
        admin.close()

    race = run(running)

    with pytest.raises(AssertionError):
        check(race)
    assert race.seats_taken == race.bookings > SEATS
    assert {status for status, _ in race.answers} == {201, 409}
