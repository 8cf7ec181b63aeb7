"""Each state machine stands twice, in its enum and in a trigger: they say the same, pair by pair."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

import enrollment.enums
import messaging.enums
import privacy.rights.enums
from accounts.models import User
from courses.models import City
from enrollment.enums import OVER, BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from kit.uuid7 import uuid7
from messaging.enums import MessageState
from messaging.models import Message
from privacy.consent.enums import Channel
from privacy.rights.enums import CLOSED, PackageState, RequestState
from privacy.rights.models import DataSubjectRequest, ExportPackage
from tests.places import a_class

pytestmark = pytest.mark.django_db(databases="__all__")


@dataclass(frozen=True)
class Machine:
    """A table with a state, where a row may begin, and what else a row of a state must hold."""

    table: str
    states: type[models.TextChoices]
    steps: Mapping[str, Collection[str]]
    begins: Sequence[str]
    begin: Callable[[str], UUID]
    rest: Callable[[str], str]


def booking_in(state: str) -> UUID:
    a_class(starts_at=timezone.now() - timedelta(minutes=20))
    return TrialBooking.objects.create(
        guardian=User.objects.create(),
        city=City.objects.earliest("position"),
        session=None if state == BookingState.REQUESTED else ClassSession.objects.get(),
        state=state,
        channel=Channel.WEB,
        verified_at=timezone.now(),
        hold_expires_at=timezone.now() + timedelta(hours=1) if state == BookingState.HELD else None,
    ).pk


def rest_of_booking(state: str) -> str:
    closed = "now()" if state in OVER else "NULL"
    ends = "now() + interval '1 hour'" if state == BookingState.HELD else "NULL"
    own = (
        "session_id"
        if state == BookingState.REQUESTED
        else "coalesce(session_id, (SELECT id FROM enrollment_classsession))"
    )
    return f"closed_at = {closed}, hold_expires_at = {ends}, session_id = {own}"


def class_in(state: str) -> UUID:
    return a_class(state=SessionState(state)).pk


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


def request_in(state: str) -> UUID:
    return DataSubjectRequest.objects.create(
        subject_id=uuid7(),
        kind="export",
        entrance="door",
        state=state,
        clock="workdays",
        due_at=timezone.now(),
        calendar_until=2026,
        closed_at=timezone.now() if state in CLOSED else None,
    ).pk


def package_in(state: str) -> UUID:
    request = request_in("accepted")
    return ExportPackage.objects.create(request_id=request, state=state, password="abc").pk


MACHINES = (
    Machine(
        "enrollment_trialbooking",
        BookingState,
        enrollment.enums.TRANSITIONS,
        (BookingState.REQUESTED, BookingState.HELD, BookingState.BOOKED),
        booking_in,
        rest_of_booking,
    ),
    Machine(
        "enrollment_classsession",
        SessionState,
        enrollment.enums.SESSION_TRANSITIONS,
        (SessionState.DRAFT,),
        class_in,
        lambda state: "capacity = capacity",
    ),
    Machine(
        "messaging_message",
        MessageState,
        messaging.enums.TRANSITIONS,
        MessageState.values,
        message_in,
        lambda state: "leased_until = now()",
    ),
    Machine(
        "rights_datasubjectrequest",
        RequestState,
        privacy.rights.enums.TRANSITIONS,
        (RequestState.RECEIVED,),
        request_in,
        lambda state: f"closed_at = {'now()' if state in CLOSED else 'NULL'}",
    ),
    Machine(
        "rights_exportpackage",
        PackageState,
        privacy.rights.enums.PACKAGE_STEPS,
        (PackageState.QUEUED,),
        package_in,
        lambda state: "ready_at = now(), expires_at = now() + interval '7 days'",
    ),
)
PAIRS = [(machine, old, new) for machine in MACHINES for old, new in product(machine.states.values, repeat=2)]


def way_to(machine: Machine, state: str) -> list[str]:
    """From where a row may begin to ``state``, by as few steps as can be."""
    ways: list[list[str]] = [[begin] for begin in machine.begins]
    for way in ways:
        if way[-1] == state:
            return way
        ways += [[*way, after] for after in sorted(machine.steps[way[-1]]) if after not in way]
    raise AssertionError(f"{machine.table}: nothing leads to {state}")


def move(machine: Machine, row: UUID, new: str) -> int:
    """Moves a row by SQL, past every service, as the app role; how many rows moved."""
    with connection.cursor() as cursor:
        statement = f"UPDATE {machine.table} SET state = %s, {machine.rest(new)} WHERE id = %s"  # noqa: S608
        cursor.execute(statement, [new, row])
        return cursor.rowcount


def step(machine: Machine, old: str, new: str) -> int:
    """Leads a row to ``old``, every step of the way a legal one, and tries the next."""
    begin, *way = way_to(machine, old)
    row = machine.begin(begin)
    for between in way:
        assert move(machine, row, between) == 1
    return move(machine, row, new)


@pytest.mark.parametrize(
    ("machine", "old", "new"), PAIRS, ids=[f"{m.table}: {old} to {new}" for m, old, new in PAIRS]
)
def test_the_database_takes_the_steps_of_the_enum_and_no_others(machine: Machine, old: str, new: str) -> None:
    if new == old or new in machine.steps[old]:
        with transaction.atomic():
            assert step(machine, old, new) == 1
            transaction.set_rollback(True)  # what is asked at the commit, such as a successor, is not asked
        return
    with pytest.raises(IntegrityError, match=f"cannot go from {old} to {new}"), transaction.atomic():
        step(machine, old, new)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.table)
def test_every_state_says_what_may_follow(machine: Machine) -> None:
    assert set(machine.steps) == set(machine.states.values)
    assert any(new not in machine.steps[old] for kind, old, new in PAIRS if kind is machine and old != new)
