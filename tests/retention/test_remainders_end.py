"""What an erasure had to leave goes by itself: bookings, the empty account under them, certificate, number."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import models
from django.utils import timezone

from accounts.enums import UserKind
from accounts.models import User
from kit.uuid7 import uuid7
from privacy.audit.models import AuditEvent
from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.models import ErasureCertificate, ErasureJob, ErasureSubject, Suppression
from privacy.retention.models import LegalHold
from privacy.retention.rules import rules
from privacy.retention.services import holds
from privacy.retention.services.purging import purge
from tests.cleaning import everything_allowed
from tests.families import a_guardian
from tests.retention.old_messages import OFFICER, held

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
LAW = timedelta(days=3 * 365 + 1)


def purged(name: str, at: datetime | None = None) -> int:
    return purge(rules[name], at or timezone.now(), pause=0).rows


def an_erasure(*, days_ago: float, state: str = JobState.DONE, until: date | None = None) -> ErasureJob:
    at = timezone.now() - timedelta(days=days_ago)
    alias = uuid7()
    job = ErasureJob.objects.create(
        scope=Scope.PERSON,
        reason=Reason.CLOSED,
        subject_id=alias,
        state=state,
        begun_at=at,
        unreadable_at=at,
        finished_at=at,
    )
    ErasureSubject.objects.create(job=job, kind="guardian", subject_id=None, alias=alias)
    ErasureCertificate.objects.create(job=job, version=1, body="{}", signature="x")
    Suppression.objects.create(number_mac="x", alias=alias, at=at, until=until)
    return job


def count(*kinds: type[models.Model]) -> list[int]:
    return [kind._base_manager.count() for kind in kinds]


@pytest.mark.clause("L-PP-4.1-3f")
def test_certificate_and_number_go_three_years_after_the_end() -> None:
    an_erasure(days_ago=LAW.days + 1)
    young = an_erasure(days_ago=LAW.days - 1)
    assert purged("erasure.done") == 1
    assert purged("erasure.numbers") == 1
    assert count(ErasureJob, ErasureSubject, ErasureCertificate, Suppression) == [1, 1, 1, 1]
    assert ErasureJob.objects.get() == young


def test_an_erasure_that_waits_for_a_rest_stays_and_so_does_its_number() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    an_erasure(days_ago=LAW.days + 1, state=JobState.WAITING, until=tomorrow)
    assert purged("erasure.done") == purged("erasure.numbers") == 0
    assert purged("erasure.numbers", timezone.now() + timedelta(days=2)) == 1


def a_shell() -> UUID:
    return User.objects.create(kind=UserKind.GUARDIAN, is_active=False, password="!").pk


def test_an_account_of_nobody_goes_once_nothing_stands_on_it() -> None:
    shell, living = a_shell(), a_guardian()
    suspended = a_guardian()
    User.objects.filter(pk=suspended.pk).update(is_active=False)
    assert purged("bookings.shells") == 1
    assert not User.objects.filter(pk=shell).exists()
    assert User.objects.filter(pk__in=[living.pk, suspended.pk]).count() == 2


@pytest.mark.clause("X2-5.5.1")
def test_a_hold_that_was_released_goes_three_years_later_and_one_that_stands_never() -> None:
    old, standing = uuid7(), uuid7()
    hold = held(old, [("messaging.Message", holds.ALL)])
    held(standing, [("messaging.Message", holds.ALL)])
    holds.release(hold_id=hold.pk, by=OFFICER)
    assert purged("holds.released", timezone.now() + LAW - timedelta(minutes=1)) == 0
    assert purged("holds.released", timezone.now() + LAW) == 1
    assert [hold.subject_id for hold in LegalHold.objects.all()] == [standing]


@pytest.mark.clause("L-PP-4.1-3f")
def test_deeds_on_record_go_after_three_years_around_what_is_held() -> None:
    held_one, other = a_guardian(), a_guardian()
    held(held_one.pk, [("audit.AuditEvent", holds.ALL)])
    old = timezone.now() - LAW - timedelta(days=1)
    with everything_allowed("DATABASE") as cursor:
        cursor.execute("UPDATE audit_auditevent SET at = %s WHERE action <> 'hold.placed'", [old])
    theirs = AuditEvent.objects.filter(subject_id=held_one.pk).count()
    due = AuditEvent.objects.filter(subject_id=other.pk).count()

    run = purge(rules["audit.deeds"], timezone.now(), pause=0)

    assert (run.rows, run.due) == (due, due)
    assert AuditEvent.objects.filter(subject_id=held_one.pk).count() == theirs
    assert not AuditEvent.objects.filter(subject_id=other.pk).exists()
