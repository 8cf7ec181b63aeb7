"""Waiting for other people's locks, with an end."""

from django.db import OperationalError, connection
from psycopg2 import errors


def wait_at_most(seconds: float) -> None:
    """From here to its end, the transaction waits so long for each lock and then fails."""
    if not connection.in_atomic_block:
        raise RuntimeError("a wait is bounded within a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{round(seconds * 1000)}ms"])


def waited_in_vain(error: OperationalError) -> bool:
    """Whether the statement failed because a lock was not to be had in time, or by waiting ever."""
    return isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected)
