"""Families, staff and the clock doing whatever they may, all at once and at random, while somebody proves."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from django.db import connections
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from accounts.models import User, VerificationCode
from enrollment import exceptions
from enrollment.enums import ACTIVE, WAITS, BookingChannel, BookingState, ChangeReason, SessionState
from enrollment.models import ClassChange, ClassSession, TrialBooking, WaitlistEntry
from enrollment.services.answers import keep_trial
from enrollment.services.attendance import check_in, mark_came_late, mark_no_show, undo_check_in
from enrollment.services.bookings import request_trial, request_trial_by_proof
from enrollment.services.cancelling import cancel_party, cancel_trial
from enrollment.services.class_changes import call_off, change_class, set_seats, set_state
from enrollment.services.classes import advance_classes
from enrollment.services.holds import hold_seats, release_holds
from enrollment.services.invariants import prove
from enrollment.services.moves import move_trial
from enrollment.services.settling import settle_due
from enrollment.services.waitlist import accept, join, leave
from enrollment.services.wishes import ChildWish
from privacy.actors import Actor
from tests.children import a_child
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.people import new_phone
from tests.places import a_class, a_course, at

REFUSALS = tuple(
    kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)
)
Deed = Callable[["Model", Random], object]


@dataclass
class Family:
    """A guardian, the number, and the children they named."""

    guardian: User
    phone: str
    children: list[UUID]

    @property
    def by(self) -> Actor:
        return acting(self.guardian)

    @property
    def number(self) -> str:
        return f"+86{self.phone}"


class NothingToDo(Exception):
    """There was nothing of the kind that was to be done with."""


@dataclass
class Model:
    """A few small classes, wanted by more families than there are seats."""

    seed: int
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[BaseException] = field(default_factory=list)
    deadlocks: int = 0
    snapshots: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    """How many snapshots broke each law."""

    def __post_init__(self) -> None:
        self.staff = Actor(kind="staff", id=User.objects.create_superuser("model").pk)
        self.courses = [a_course(), a_course("test-model", ages=(48, 83))]
        self._days = count(2)
        self.classes = [self.plan(capacity=number % 2 + 1) for number in range(3)]
        soon = timezone.now() + timedelta(minutes=20)
        self.soon = a_class(starts_at=soon, capacity=3, closes_before=timedelta(0))
        self.begun = self._a_class_begun()
        self.families = [self._family(children=number % 3) for number in range(12)]
        self._over = threading.Event()

    def plan(self, capacity: int) -> ClassSession:
        """Another class, on a day of its own."""
        day = next(self._days)
        return a_class(starts_at=at(days=day, hour=10), capacity=capacity, course=self.courses[day % 2])

    def _a_class_begun(self) -> ClassSession:
        """Three families are expected in it, and it began a minute ago."""
        session = a_class(starts_at=at(days=1, hour=9), capacity=4)
        for _ in range(3):
            a_seat(session)
        now = timezone.now()
        begun = {"starts_at": now - timedelta(minutes=1), "booking_closes_at": now - timedelta(minutes=1)}
        ClassSession.objects.filter(pk=session.pk).update(
            **begun, ends_at=now + timedelta(hours=1), changed_at=now
        )
        ClassChange.objects.create(session=session, reason=ChangeReason.TIMETABLE, old={}, new={})
        return ClassSession.objects.get(pk=session.pk)

    def _family(self, children: int) -> Family:
        phone = new_phone()
        guardian = a_guardian(phone)
        request_trial(guardian=guardian, request=a_wish())  # by which they agree
        return Family(guardian, phone, [a_child(guardian, f"小豆{number}") for number in range(children)])

    def run(self, threads: int, deeds: int) -> None:
        """So many threads, each doing so many deeds at random, while another one proves and proves."""
        workers = [threading.Thread(target=self._work, args=(number, deeds)) for number in range(threads)]
        watcher = threading.Thread(target=self._watch)
        for thread in (watcher, *workers):
            thread.start()
        for thread in workers:
            thread.join()
        self._over.set()
        watcher.join()
        self._look()

    def _work(self, number: int, deeds: int) -> None:
        chance = Random(f"{self.seed}/{number}")
        try:
            for _ in range(deeds):
                deed = chance.choices(list(DEEDS), weights=list(DEEDS.values()))[0]
                self._try(deed, chance)
        finally:
            connections.close_all()

    def _try(self, deed: Deed, chance: Random) -> None:
        try:
            deed(self, chance)
            self.done[deed.__name__] += 1
        except NothingToDo:
            pass
        except REFUSALS as refusal:
            self.refused[type(refusal).__name__] += 1
            self.deadlocks += by_deadlock(refusal)
        except Exception as error:
            self.wrong.append(error)
            self.deadlocks += by_deadlock(error)

    def _watch(self) -> None:
        try:
            while not self._over.is_set():
                self._look()
        except Exception as error:
            self.wrong.append(error)
        finally:
            connections.close_all()

    def _look(self) -> None:
        self.snapshots += 1
        self.broken.update(prove().broken.keys())

    # What the deeds are done with.

    def family(self, chance: Random) -> Family:
        return chance.choice(self.families)

    def session(self, chance: Random) -> ClassSession:
        return ClassSession.objects.in_order().get(pk=chance.choice([*self.classes, self.soon]).pk)

    def open_classes(self) -> list[ClassSession]:
        return list(ClassSession.objects.in_order().filter(pk__in=[one.pk for one in self.classes]))

    def booking(self, chance: Random, **that: Any) -> TrialBooking:
        rows = TrialBooking.objects.filter(guardian__isnull=False, **that).with_places().order_by("pk")
        return self._one(chance, list(rows))

    def entry(self, chance: Random) -> WaitlistEntry:
        return self._one(chance, list(WaitlistEntry.objects.filter(state__in=WAITS).order_by("pk")))

    def _one(self, chance: Random, rows: list[Any]) -> Any:
        if not rows:
            raise NothingToDo
        return chance.choice(rows)

    def said(self) -> str:
        """The run in one line."""
        return (
            f"seed {self.seed}: {self.done.total()} deeds done {dict(self.done)}, refused {dict(self.refused)}, "
            f"{self.deadlocks} deadlocks, {self.snapshots} snapshots, broken {dict(self.broken)}"
        )


def by_deadlock(error: BaseException | None) -> bool:
    """Whether transactions met crosswise, in whatever words that was said."""
    while error is not None:
        if isinstance(error, DeadlockDetected):
            return True
        error = error.__cause__
    return False


def hold(model: Model, chance: Random) -> None:
    session = model.session(chance)
    places = [session] * chance.choice([1, 1, 2])
    browser = chance.choice("ab")
    hold_seats(
        phone=model.family(chance).number, sessions=places, channel=BookingChannel.WEB, browser=browser
    )


def confirm(model: Model, chance: Random) -> None:
    """The number is proved; where a seat was held for it, that one is booked."""
    held = TrialBooking.objects.filter(state=BookingState.HELD, phone_index__isnull=False)
    session = chance.choice([row.session for row in held.with_places()] or [model.session(chance)])
    proof = VerificationCode(phone=model.family(chance).number)
    request_trial_by_proof(proof=proof, request=a_wish(session))


def let_go(model: Model, chance: Random) -> None:
    release_holds(phone=model.family(chance).number)


def book(model: Model, chance: Random) -> None:
    family = model.family(chance)
    children = [ChildWish(id=child) for child in family.children[: chance.randint(0, 2)]]
    asked = {"child": children[0], "siblings": tuple(children[1:])} if children else {}
    request_trial(guardian=family.guardian, request=a_wish(model.session(chance), **asked))


def cancel(model: Model, chance: Random) -> None:
    booking = model.booking(chance, state__in=ACTIVE)
    how = cancel_party if chance.random() < 0.3 else cancel_trial
    how(booking=booking, by=acting(booking.guardian))


def move(model: Model, chance: Random) -> None:
    booking = model.booking(chance, state=BookingState.BOOKED)
    move_trial(booking=booking, session=model.session(chance), by=acting(booking.guardian))


def keep(model: Model, chance: Random) -> None:
    booking = model.booking(chance, state=BookingState.BOOKED)
    keep_trial(booking=booking, by=acting(booking.guardian))


def wait(model: Model, chance: Random) -> None:
    """For a class that is full, and maybe for another one too."""
    family = model.family(chance)
    full = [one for one in model.open_classes() if not one.seats_left]
    sessions = chance.sample(full, min(len(full), chance.choice([1, 1, 2])))
    if not sessions:
        raise NothingToDo
    child = chance.choice([*family.children, None])
    join(
        guardian=family.guardian, sessions=sessions, child_id=child, channel=BookingChannel.WEB, by=family.by
    )


def take_the_offer(model: Model, chance: Random) -> None:
    entry = model.entry(chance)
    accept(entry=entry, by=acting(entry.guardian))


def wait_no_longer(model: Model, chance: Random) -> None:
    entry = model.entry(chance)
    leave(entry=entry, by=acting(entry.guardian))


def let_time_pass(model: Model, chance: Random) -> None:
    """A seat held, or offered, has been so for long enough."""
    held = TrialBooking.objects.filter(state=BookingState.HELD).order_by("pk")
    row = model._one(chance, list(held))
    TrialBooking.objects.filter(pk=row.pk, state=BookingState.HELD).update(hold_expires_at=timezone.now())


def settle(model: Model, chance: Random) -> None:
    settle_due()


def advance(model: Model, chance: Random) -> None:
    advance_classes()


def attend(model: Model, chance: Random) -> None:
    how = chance.choice([check_in, undo_check_in, mark_no_show, mark_came_late])
    expected = [BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.NO_SHOW]
    where = chance.choice([model.begun, model.soon])
    how(booking=model.booking(chance, state__in=expected, session=where), by=model.staff)


def give_seats(model: Model, chance: Random) -> None:
    session = model.session(chance)
    set_seats(
        session=session,
        by=model.staff,
        capacity=chance.randint(1, 4),
        overbook_allowance=chance.choice([0, 0, 1]),
    )


def change(model: Model, chance: Random) -> None:
    session = model.session(chance)
    later = session.starts_at + timedelta(minutes=chance.choice([-15, 15]))
    change_class(session=session, by=model.staff, reason=ChangeReason.TIMETABLE, starts_at=later)


def open_or_close(model: Model, chance: Random) -> None:
    state = chance.choice([SessionState.OPEN, SessionState.OPEN, SessionState.CLOSED])
    set_state(session=model.session(chance), by=model.staff, state=state)


def take_off(model: Model, chance: Random) -> None:
    """One class goes, another one comes."""
    number = chance.randrange(len(model.classes))
    call_off(session=model.classes[number], by=model.staff, reason=ChangeReason.WEATHER)
    model.classes[number] = model.plan(capacity=chance.randint(1, 3))


DEEDS: dict[Deed, int] = {
    hold: 10, confirm: 8, let_go: 2, book: 14, cancel: 12, move: 14, keep: 2, wait: 24,
    take_the_offer: 6, wait_no_longer: 2, let_time_pass: 5, settle: 2, advance: 1, attend: 4,
    give_seats: 5, change: 2, open_or_close: 2, take_off: 1,
}  # fmt: skip
