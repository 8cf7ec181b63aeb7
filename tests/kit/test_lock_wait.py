"""Waiting for a lock ends, and says why."""

import os

import psycopg2
import pytest
from django.db import OperationalError, connection, transaction

from kit.lock_wait import wait_at_most, waited_in_vain

pytestmark = pytest.mark.django_db(transaction=True)


def advisory_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7)")


def test_a_lock_somebody_holds_is_given_up_after_a_while() -> None:
    other = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(7)")
        with pytest.raises(OperationalError) as given_up, transaction.atomic():
            wait_at_most(0.05)
            advisory_lock()
    finally:
        other.close()

    assert waited_in_vain(given_up.value)
    with transaction.atomic():  # the bound ended with its transaction
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)
        advisory_lock()


def test_other_trouble_is_no_waiting() -> None:
    with pytest.raises(OperationalError) as trouble, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")

    assert not waited_in_vain(trouble.value)


def test_only_a_transaction_can_be_bounded() -> None:
    with pytest.raises(RuntimeError, match="within a transaction"):
        wait_at_most(1)
