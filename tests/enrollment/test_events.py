"""What happened to a booking stays as it happened, whoever would rather it had not."""

import os

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from enrollment.models import BookingEvent
from tests.people import book, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ATTACKS = (
    "UPDATE enrollment_bookingevent SET state = 'cancelled'",
    "DELETE FROM enrollment_bookingevent",
    "TRUNCATE enrollment_bookingevent",
)


@pytest.fixture(autouse=True)
def _one_event() -> None:
    book(Client(), new_phone())
    assert BookingEvent.objects.count() == 1


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_app_role_has_no_right_to_change_it(attack: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)

    assert BookingEvent.objects.get().state == "requested"


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_owner_meets_the_trigger(attack: str) -> None:
    owner = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    try:
        with pytest.raises(psycopg2.errors.RestrictViolation, match="append-only"), owner.cursor() as cursor:
            cursor.execute(attack)
    finally:
        owner.close()

    assert BookingEvent.objects.get().state == "requested"
