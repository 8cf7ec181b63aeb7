"""What is over its time goes, in batches, and nothing else; much goes only after somebody saw how much."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from messaging.models import Message
from privacy.audit.models import AuditEvent
from privacy.retention.enums import RunState
from privacy.retention.exceptions import PeriodOutOfBounds
from privacy.retention.models import PurgeRun
from privacy.retention.rules import Rule
from privacy.retention.services import nightly
from privacy.retention.services.purging import FEW, purge
from tests.retention.old_messages import DAYS, OLD, OVER, left, with_purge, written

pytestmark = pytest.mark.django_db(databases="__all__")


def purged(rule: Rule = OLD, at: datetime | None = None, **options: Any) -> PurgeRun:
    return purge(rule, at or timezone.now(), pause=0, **options)


@pytest.mark.clause("L-PP-4.1-3f")
def test_what_is_over_its_time_goes_and_what_is_not_stays() -> None:
    written(7, days_ago=OVER)
    young = written(30, days_ago=DAYS - 1)

    run = purged(batch=3)

    assert (run.state, run.due, run.rows, run.batches, run.of_all) == ("done", 7, 7, 3, 37)
    assert set(Message.objects.values_list("pk", flat=True)) == set(young)


def test_the_day_counts_to_the_second() -> None:
    (key,) = written(1, days_ago=90)
    since = Message.objects.get(pk=key).created_at
    assert purged(at=since + timedelta(days=DAYS) - timedelta(seconds=1)).rows == 0
    assert purged(at=since + timedelta(days=DAYS)).rows == 1


@pytest.mark.clause("L-PP-4.1-3f")
def test_a_dry_run_takes_nothing_and_counts_what_the_real_one_takes() -> None:
    keys = written(12, days_ago=OVER)
    at = timezone.now()

    dry = purged(at=at, dry=True)

    assert (dry.state, dry.rows, left()) == (RunState.DONE, 0, 12)
    assert (len(dry.digest), set(dry.sample)) == (64, {str(key) for key in keys})
    real = purged(at=at)
    assert (real.rows, real.digest) == (dry.due, dry.digest)


def test_which_rows_a_rule_concerns_is_its_own() -> None:
    written(4, days_ago=OVER)
    assert purged(with_purge(OLD, which=lambda before: ~_all())).rows == 0


def _all() -> Any:
    from django.db.models import Q

    return Q(state="sent")


def test_a_rule_may_let_rows_go_its_own_way() -> None:
    keys = written(5, days_ago=OVER)
    seen: list[Any] = []

    def keep_them(batch: Any) -> int:
        seen.extend(batch)
        return 0

    run = purged(with_purge(OLD, purge=keep_them), batch=2)

    assert (run.rows, left()) == (0, 5)
    assert set(seen) == set(keys)


def test_a_run_has_a_ceiling_and_the_next_goes_on() -> None:
    written(9, days_ago=OVER)
    first = purged(most=4, batch=3)
    assert (first.state, first.rows, left()) == (RunState.CEILING, 4, 5)
    second = purged()
    assert (second.state, second.rows, left()) == (RunState.DONE, 5, 0)


def test_a_purge_is_on_record_and_one_of_nothing_is_not() -> None:
    written(2, days_ago=OVER)
    run = purged()
    purged()
    (event,) = AuditEvent.objects.filter(action="rows.purged")
    assert event.target == f"retention.purgerun/{run.pk}"
    assert event.detail == {"rule": "test.messages", "rows": 2, "held": 0}


# Much at once


@pytest.mark.clause("L-PP-4.1-3f")
def test_a_fifth_of_a_table_waits_until_somebody_saw_how_much() -> None:
    written(FEW + 1, days_ago=OVER)
    at = timezone.now()

    waiting = purged(at=at)

    assert (waiting.state, waiting.rows, left()) == (RunState.PAUSED, 0, FEW + 1)
    dry = purged(at=at, dry=True)
    real = purged(at=at)
    assert (real.state, real.rows, real.digest) == (RunState.DONE, dry.due, dry.digest)


def test_less_than_a_fifth_goes_without_a_report() -> None:
    written(FEW + 1, days_ago=OVER)
    written(5 * FEW, days_ago=1)
    assert purged().state == RunState.DONE


def test_a_report_of_the_day_before_is_none() -> None:
    written(FEW + 1, days_ago=OVER)
    dry = purged(dry=True)
    PurgeRun.objects.filter(pk=dry.pk).update(begun_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert purged().state == RunState.PAUSED


def test_what_came_due_after_the_report_waits_for_the_next() -> None:
    written(FEW + 1, days_ago=OVER)
    at = timezone.now()
    dry = purged(at=at, dry=True)
    written(3, days_ago=DAYS - 0.5)

    later = purged(at=at + timedelta(hours=20))

    assert (later.rows, left()) == (dry.due, 3)


def test_rows_that_turn_up_behind_a_report_stop_the_run() -> None:
    written(FEW + 1, days_ago=OVER)
    purged(dry=True)
    written(1, days_ago=100)
    assert (purged().state, left()) == (RunState.PAUSED, FEW + 2)


def test_a_report_of_another_rule_is_none() -> None:
    written(FEW + 1, days_ago=OVER)
    purged(with_purge(OLD, name="test.others"), dry=True)
    assert purged().state == RunState.PAUSED


# Trouble


def test_a_rule_that_fails_says_so_and_what_went_before_stays_gone() -> None:
    written(6, days_ago=OVER)

    def breaks(batch: Any) -> int:
        if left() < 6:
            raise ZeroDivisionError
        return Message.objects.filter(pk__in=batch).delete()[0]

    with pytest.raises(ZeroDivisionError):
        purged(with_purge(OLD, purge=breaks), batch=2)

    run = PurgeRun.objects.get()
    assert (run.state, run.failure, run.rows, left()) == (RunState.FAILED, "ZeroDivisionError", 2, 4)
    assert purged().rows == 4


def test_no_statement_takes_for_ever() -> None:
    written(1, days_ago=OVER)

    def asks(batch: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            timeouts.append(cursor.fetchone()[0])
        return 0

    timeouts: list[str] = []
    purged(with_purge(OLD, purge=asks))
    assert timeouts == ["20s"]


def test_a_run_whose_worker_died_is_called_failed_by_the_next() -> None:
    lost = PurgeRun.objects.create(
        rule=OLD.name, before=timezone.now(), beat_at=timezone.now() - timedelta(minutes=11)
    )
    purged()
    lost.refresh_from_db()
    assert (lost.state, lost.failure) == (RunState.FAILED, "WorkerLost")


@pytest.mark.clause("L-PP-4.1-3d")
def test_a_period_out_of_bounds_purges_nothing() -> None:
    written(1, days_ago=400)
    with override_settings(KEEP_DAYS={"messages": 91}), pytest.raises(PeriodOutOfBounds):
        purged()
    assert left() == 1


def test_a_shorter_period_within_bounds_is_heeded() -> None:
    written(1, days_ago=31)
    assert purged().rows == 0
    with override_settings(KEEP_DAYS={"messages": 30}):
        assert purged().rows == 1


def test_one_rule_that_fails_keeps_no_other_from_running() -> None:
    written(3, days_ago=OVER)

    def breaks(batch: Any) -> int:
        raise ZeroDivisionError

    broken = with_purge(OLD, name="test.broken", purge=breaks)
    first, second = nightly.purge_expired(at=timezone.now(), only=[broken, OLD])
    assert isinstance(first, tuple)
    assert isinstance(first[1], ZeroDivisionError)
    assert isinstance(second, PurgeRun)
    assert second.rows == 3


def test_reports_lose_their_ids_after_a_day_and_go_after_a_year() -> None:
    written(3, days_ago=OVER)
    run = purged(dry=True)
    now = timezone.now()
    assert nightly.tidy(at=now) == 0
    assert PurgeRun.objects.get().sample == run.sample
    assert nightly.tidy(at=now + timedelta(days=2)) == 0
    assert PurgeRun.objects.get().sample == []
    assert nightly.tidy(at=now + timedelta(days=367)) == 1
