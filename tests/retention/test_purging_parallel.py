"""Two workers at one rule take different rows; one that dies loses nothing; a hold that comes late is heeded."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from messaging.models import Message
from privacy.retention.models import PurgeRun
from privacy.retention.rules import Rule
from privacy.retention.services import holds
from privacy.retention.services.due import DueRows
from privacy.retention.services.purging import due_before, purge
from tests.retention.old_messages import OLD, OVER, held, left, with_purge, written
from tests.waiting import until

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def apart(work: Callable[[], object]) -> threading.Thread:
    """The work, on connections of its own, begun."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def purging(rule: Rule, **options: Any) -> threading.Thread:
    return apart(lambda: purge(rule, timezone.now(), pause=0, **options))


def _delete(batch: Sequence[UUID | int]) -> int:
    return Message.objects.filter(pk__in=[str(key) for key in batch]).delete()[0]


def test_two_workers_take_different_rows() -> None:
    keys = written(90, days_ago=OVER)
    taken: list[UUID | int] = []
    both = threading.Barrier(2, timeout=20)

    def meet_then_delete(batch: Sequence[UUID | int]) -> int:
        taken.extend(batch)
        if len(taken) <= 20:  # each holds its first ten rows until the other holds its own
            both.wait()
        return _delete(batch)

    rule = with_purge(OLD, purge=meet_then_delete)
    workers = [purging(rule, batch=10), purging(rule, batch=10)]
    for worker in workers:
        worker.join(60)

    assert Counter(taken) == Counter(keys)
    assert left() == 0
    assert sorted(run.rows for run in PurgeRun.objects.all())[0] >= 10
    assert sum(run.rows for run in PurgeRun.objects.all()) == 90


def test_rows_somebody_is_at_are_passed_over_and_wait_for_the_next_run() -> None:
    busy, *_rest = written(6, days_ago=OVER)
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=busy)
        worker = purging(OLD)
        worker.join(30)
        assert not worker.is_alive()
    assert list(Message.objects.values_list("pk", flat=True)) == [busy]
    assert purge(OLD, timezone.now(), pause=0).rows == 1


def test_a_worker_that_dies_in_a_batch_has_taken_nothing_of_it() -> None:
    written(6, days_ago=OVER)
    begun, rule = threading.Event(), with_purge(OLD)

    def dies() -> None:
        with transaction.atomic():
            DueRows(rule, due_before(rule, timezone.now())).take(4)
            begun.set()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def swallowing() -> None:
        with pytest.raises(Exception, match=r"terminat|closed"):
            dies()

    apart(swallowing).join(30)

    assert begun.is_set()
    assert left() == 6
    assert purge(OLD, timezone.now(), pause=0).rows == 6


def test_a_hold_waits_for_the_batch_under_way_and_keeps_the_next() -> None:
    somebody = UUID(int=7)
    keys = written(4, days_ago=OVER, subject=somebody)
    waiting: list[bool] = []

    def place_meanwhile(batch: Sequence[UUID | int]) -> int:
        if not waiting:
            placing.append(apart(lambda: held(somebody, [("messaging.Message", holds.ALL)])))
            waiting.append(bool(until(_somebody_waits_for_the_lock, what="a hold that waits")))
        return _delete(batch)

    placing: list[threading.Thread] = []
    purge(with_purge(OLD, purge=place_meanwhile), timezone.now(), batch=1, pause=0.5)
    placing[0].join(30)

    assert left() == len(keys) - 1
    assert holds.held_rows(somebody) == {"messaging.message": holds.ALL}


def _somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])
