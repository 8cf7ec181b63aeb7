"""Purges in the product whose environment this runs in: `-m bench.purges ours 1000000`, or `plain`."""

import contextlib
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django
import psycopg2

_FILL = """
INSERT INTO messaging_message (id, template, category, purpose, recipient_kind, recipient_id, subject_id,
    parameters, state, attempts, due_at, created_at, gateway, failure)
SELECT uuidv7(age - now()), 'trial_booked', 'service', 'messages', 'guardian', gen_random_uuid(),
    gen_random_uuid(), decode('01010001' || repeat('00', 80), 'hex'), 'sent', 1, age, age, '', ''
FROM (
    SELECT now() - interval '1 day' * (%(days)s + 30 - 30.0 * n / %(rows)s) AS age
    FROM generate_series(1, %(rows)s) AS n
) AS ages
"""
_PLAIN = """
DELETE FROM messaging_message WHERE id IN (
    SELECT id FROM messaging_message WHERE created_at <= now() - interval '90 days'
    LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


def _connect() -> Any:
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    return connection


def _fill(rows: int, days: int) -> None:
    with contextlib.closing(_connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_FILL, {"rows": rows, "days": days})
        cursor.execute("ANALYZE messaging_message")


def _insert_meanwhile(over: Any, told: Any) -> None:
    """One row after another; how many, and the longest that one took."""
    count, longest = 0, 0.0
    with contextlib.closing(_connect()) as connection, connection.cursor() as cursor:
        while not over.is_set():
            begun = time.perf_counter()
            cursor.execute(_FILL, {"rows": 1, "days": 0})
            count, longest = count + 1, max(longest, time.perf_counter() - begun)
            time.sleep(0.005)
    told.put((count, longest))


def _plain(rows: int) -> int:
    from privacy.retention.services.purging import BATCH

    gone = 0
    with contextlib.closing(_connect()) as connection, connection.cursor() as cursor:
        while gone < rows:
            cursor.execute(_PLAIN, [BATCH])
            gone += cursor.rowcount
    return gone


def _look_first() -> None:
    from django.utils import timezone

    from privacy.retention.rules import rules
    from privacy.retention.services.purging import purge

    purge(rules["messages"], timezone.now(), dry=True)


def _ours(rows: int) -> int:
    from django.utils import timezone

    from privacy.retention.rules import rules
    from privacy.retention.services.purging import purge

    return purge(rules["messages"], timezone.now(), most=rows, pause=0).rows


def _timed(work: Callable[[int], int], rows: int) -> dict[str, float]:
    over, told = multiprocessing.Event(), multiprocessing.Queue()  # type: ignore[var-annotated]  # two numbers
    beside = multiprocessing.Process(target=_insert_meanwhile, args=(over, told))
    beside.start()
    begun = time.perf_counter()
    gone = work(rows)
    seconds = time.perf_counter() - begun
    over.set()
    inserts, longest = told.get()
    beside.join()
    return {"rows": gone, "seconds": seconds, "inserts": inserts, "longest": longest}


if __name__ == "__main__":
    django.setup()
    how, many = sys.argv[1], int(sys.argv[2])
    _fill(many, days=100)
    _look_first()
    sys.stdout.write(json.dumps(_timed({"plain": _plain, "ours": _ours}[how], many)))
