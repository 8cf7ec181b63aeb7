"""Web and worker killed at random moments while parents hold, book, move and cancel seats: the ledger stays true."""

import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.enrollment.test_parallel import Caller
from tests.live import Live, new_home
from tests.processes.crowd import Crowd, GaveUp
from tests.processes.test_bookings import PROMISE, WORKER_THREADS, handed_over, settled
from tests.processes.test_seats import A_CLASS
from tests.processes.watching import came_back, wait_for_all
from tests.waiting import until

pytestmark = pytest.mark.processes

ROUNDS, SOAK_ROUNDS = 3, 20
SMALL, LARGE = 3, 500  # seats
VICTIMS = (("web",), ("worker",), ("web", "worker"))
# Whom staff took in came with the demo.
MADE = """
    SELECT public_id, state, guardian_id::text FROM enrollment_trialbooking
    WHERE guardian_id IS NOT NULL AND channel <> 'staff' AND created_at > %s
"""
TOLD = """
    SELECT recipient_id::text, template, state, replace(id::text, '-', '') FROM messaging_message
    WHERE recipient_kind = 'guardian' AND created_at > %s
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product that nobody else uses: these tests do it harm."""
    product = Live(new_home(), LEAP_DEMO_LIMITS="relaxed")
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


@dataclass
class Seat:
    """What one parent was told became of the seat, the last answer last."""

    booked: str
    moved_to: str | None = None
    cancelled: bool = False

    @property
    def states(self) -> dict[str, str]:
        """The state of each booking of theirs, by its name."""
        last = "cancelled" if self.cancelled else "booked"
        return {self.booked: "rescheduled", self.moved_to: last} if self.moved_to else {self.booked: last}

    @property
    def told(self) -> Counter[str]:
        """The messages due to them."""
        moved, cancelled = int(bool(self.moved_to)), int(self.cancelled)
        return +Counter(trial_booked=1, trial_moved=moved, trial_cancelled=cancelled)


@dataclass
class SeatCrowd(Crowd):
    """Parents who hold a seat while they wait for the code, book it, and move it or let it go again."""

    product: Live
    sessions: list[str]
    chance: random.Random
    seats: list[Seat] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.product)

    def _book(self, phone: str) -> None:
        caller, session = self._caller(), self.chance.choice(self.sessions)
        wish = {"phone": phone, "purpose": "booking", "session": session}
        status, asked = self._call(caller, "POST", "verification-codes/", wish)
        if status != 202:
            raise GaveUp  # full, or nobody knows whether a code is on its way
        documents = self._insist(caller, "GET", "documents/", 200)
        body = {
            "challenge": asked["challenge"],
            "code": self._code_for(phone),
            "city": "beijing",
            "session": session,
            "agreements": [{name: each[name] for name in ("document", "version")} for each in documents],
        }
        # From here on the parent insists: what was answered with an error may have been done nevertheless.
        status, booking = self._insist_on(caller, "POST", "trial-bookings/", {201, 409}, body)
        if status == 409:
            assert booking["code"] == "session_full", booking
            raise GaveUp
        self.booked[phone] = booking
        self._think_again(caller, Seat(booking["id"]))

    def _think_again(self, caller: Caller, seat: Seat) -> None:
        try:
            if self.chance.random() < 0.5:
                elsewhere = {"session": self.chance.choice(self.sessions)}
                path = f"trial-bookings/{seat.booked}/reschedule/"
                status, answer = self._insist_on(caller, "POST", path, {200, 409}, elsewhere)
                if status == 200 and answer["id"] != seat.booked:
                    seat.moved_to = answer["id"]
            if self.chance.random() < 0.4:
                path = f"trial-bookings/{seat.moved_to or seat.booked}/cancel/"
                self._insist(caller, "POST", path, 200)
                seat.cancelled = True
        finally:
            self.seats.append(seat)


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def kill_in_rounds(product: Live, crowd: SeatCrowd, rounds: int, chance: random.Random) -> None:
    for number in range(rounds):
        crowd.wait_for_more(chance.randint(1, 4), seconds=120)
        moment = time.monotonic() + chance.uniform(0, 0.5)
        until(partial(_is_past, moment), what="the moment")
        dead = {name: product.kill(name) for name in VICTIMS[number % len(VICTIMS)]}
        for name, pid in dead.items():
            until(partial(came_back, product, name, pid), seconds=60, what=f"{name} again")
    crowd.wait_for_more(2, seconds=120)


def check(product: Live, crowd: SeatCrowd, since: datetime, said: str) -> None:
    """All that was answered is there, nothing else is, and everybody was told of it once."""
    proof = product.command("prove_invariants")
    assert proof.returncode == 0, f"{said}\n{proof.stdout}{proof.stderr}"
    assert not crowd.failures, said
    assert {status for status in crowd.answers if status >= 500} <= {503}, said
    rows = product.rows(MADE, since)
    made = {name: state for name, state, _ in rows}
    promised: dict[str, str] = {}
    for seat in crowd.seats:
        promised |= seat.states
    assert made == promised, said
    owner = {name: guardian for name, _, guardian in rows}
    messages = product.rows(TOLD, since)
    told: dict[str, Counter[str]] = {guardian: Counter() for guardian in owner.values()}
    for guardian, template, _, _ in messages:
        told[guardian][template] += 1
    assert told == {owner[seat.booked]: seat.told for seat in crowd.seats}, said
    check_sending(product, messages, said)


def check_sending(product: Live, messages: list[tuple[Any, ...]], said: str) -> None:
    """Each message went out once; what its worker died with is of unknown fate, and was left alone."""
    handed, states = handed_over(product), Counter(state for _, _, state, _ in messages)
    assert set(states) <= {"sent", "unknown"}, said
    assert states["unknown"] <= WORKER_THREADS * SOAK_ROUNDS, said
    assert [key for _, _, state, key in messages if state == "sent" and handed[key] != 1] == [], said
    assert max(handed.values()) == 1, said


def go_through(product: Live, rounds: int) -> None:
    seed = int(os.environ.get("SOAK_SEED", "0")) or random.randrange(10**6)
    chance = random.Random(seed)
    wait_for_all(product)
    ((since,),) = product.rows("SELECT now()")
    sessions = [
        name
        for seats, day in ((SMALL, 3), (SMALL, 4), (LARGE, 5))
        for ((name,),) in [product.rows(A_CLASS, seats, day)]
    ]
    with SeatCrowd(product, sessions, chance) as crowd:
        kill_in_rounds(product, crowd, rounds, chance)
    wait_for_all(product)
    until(lambda: settled(product), seconds=PROMISE + 20, what="every message at its end")
    said = f"seed {seed}, answers {dict(crowd.answers)}, {len(crowd.unanswered)} unanswered, {len(crowd.seats)} booked"
    check(product, crowd, since, said)
    sys.stdout.write(f"{said}\n")


def test_seats_outlive_whoever_serves_them(running: Live) -> None:
    go_through(running, ROUNDS)


@pytest.mark.soak
def test_seats_outlive_them_however_often_they_die(running: Live) -> None:
    go_through(running, SOAK_ROUNDS)
