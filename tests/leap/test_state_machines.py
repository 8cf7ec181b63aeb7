"""Each state machine stands twice, in its enum and in a trigger: they say the same, pair by pair."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

import enrollment.enums
import messaging.enums
from accounts.models import User
from courses.models import City
from enrollment.enums import BookingState
from enrollment.models import TrialBooking
from kit.uuid7 import uuid7
from messaging.enums import MessageState
from messaging.models import Message
from privacy.consent.enums import Channel

pytestmark = pytest.mark.django_db(databases="__all__")


@dataclass(frozen=True)
class Machine:
    """A table with a state, a row of it in any state, and what else a state's row must hold."""

    table: str
    states: type[models.TextChoices]
    steps: Mapping[str, frozenset[str]]
    stand: Callable[[str], UUID]
    rest: Callable[[str], str]


def booking_in(state: str) -> UUID:
    closed = None if state == BookingState.REQUESTED else timezone.now()
    guardian, city = User.objects.create(), City.objects.earliest("position")
    return TrialBooking.objects.create(
        guardian=guardian, city=city, state=state, channel=Channel.WEB, closed_at=closed
    ).pk


def message_in(state: str) -> UUID:
    who = uuid7()
    return Message.objects.create(
        template="trial_cancelled",
        category="service",
        purpose="trial",
        recipient_kind="guardian",
        recipient_id=who,
        subject_id=who,
        parameters="{}",
        state=state,
        due_at=timezone.now(),
        leased_until=timezone.now(),
    ).pk


MACHINES = (
    Machine(
        "enrollment_trialbooking",
        BookingState,
        enrollment.enums.TRANSITIONS,
        booking_in,
        lambda state: "closed_at = " + ("NULL" if state == BookingState.REQUESTED else "now()"),
    ),
    Machine(
        "messaging_message",
        MessageState,
        messaging.enums.TRANSITIONS,
        message_in,
        lambda state: "leased_until = now()",
    ),
)
PAIRS = [(machine, old, new) for machine in MACHINES for old, new in product(machine.states.values, repeat=2)]


def step(machine: Machine, old: str, new: str) -> int:
    """Moves a row by SQL, past every service, as the app role; how many rows moved."""
    row = machine.stand(old)
    with connection.cursor() as cursor:
        statement = f"UPDATE {machine.table} SET state = %s, {machine.rest(new)} WHERE id = %s"  # noqa: S608
        cursor.execute(statement, [new, row])
        return cursor.rowcount


@pytest.mark.parametrize(
    ("machine", "old", "new"), PAIRS, ids=[f"{m.table}: {old} to {new}" for m, old, new in PAIRS]
)
def test_the_database_takes_the_steps_of_the_enum_and_no_others(machine: Machine, old: str, new: str) -> None:
    if new == old or new in machine.steps[old]:
        assert step(machine, old, new) == 1
        return
    with pytest.raises(IntegrityError, match=f"cannot go from {old} to {new}"), transaction.atomic():
        step(machine, old, new)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.table)
def test_every_state_says_what_may_follow(machine: Machine) -> None:
    assert set(machine.steps) == set(machine.states.values)
    assert any(new not in machine.steps[old] for kind, old, new in PAIRS if kind is machine and old != new)
