"""What law and holds keep: as it is or under the alias, said to the person, and gone by itself when its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import PhoneBinding, User
from enrollment.enums import BookingState
from enrollment.models import BookingEvent, TrialBooking
from privacy.consent.models import ConsentRecord
from privacy.erasure.enums import JobState, Why
from privacy.erasure.models import ErasureCertificate, ErasureJob
from privacy.erasure.services.certifying import render
from privacy.erasure.services.progress import certificate_of, progress_of
from privacy.erasure.services.running import run, wake
from privacy.keystore.services import Erased, Frozen, key_scope
from privacy.retention.models import LegalHold
from privacy.retention.services.holds import place, release
from privacy.rights.enums import RequestState
from tests.cleaning import everything_allowed as without_triggers
from tests.erasure.erasing import begun, erased
from tests.families import a_guardian, a_seat
from tests.places import a_class, at
from tests.rights.asking import an_officer, asks

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


@pytest.fixture(autouse=True)
def one_task() -> Iterator[None]:
    with key_scope():
        yield


def attended(guardian: User) -> TrialBooking:
    """A trial they came to, whose class is over."""
    booking = a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    now = timezone.now()
    TrialBooking.objects.filter(pk=booking.pk).update(state=BookingState.CHECKED_IN)
    TrialBooking.objects.filter(pk=booking.pk).update(state=BookingState.ATTENDED, closed_at=now)
    return booking


def a_hold(guardian: User, model: str, row: Any = None, *, may_tell: bool = True) -> LegalHold:
    """An authority wants it kept."""
    return place(
        subject_id=guardian.pk,
        authority="朝阳区人民法院",
        document="（2026）京 01 调 7 号",
        review_on=timezone.localdate() + timedelta(days=30),
        records=[(model, row)],
        by=an_officer(),
        may_tell=may_tell,
    )


@pytest.mark.clause("X2-5.4b")
def test_an_attended_trial_stays_under_the_alias_for_three_years_and_says_nothing_of_them() -> None:
    guardian = a_guardian()
    booking = attended(guardian)

    job = erased(guardian)

    kept = TrialBooking.objects.get(pk=booking.pk)
    alias = job.subjects.get().alias
    assert kept.guardian_id == alias
    assert (kept.child_id, kept.source, kept.rescheduled_from_id) == (None, "", None)
    assert kept.public_id != booking.public_id
    assert kept.reference != booking.reference
    assert BookingEvent.objects.filter(booking=kept).exists()
    assert not User.objects.get(pk=alias).has_usable_password()
    assert job.request is not None
    assert job.request.state == RequestState.PARTLY_FULFILLED
    rest = job.rests.get(model="enrollment.trialbooking")
    assert (rest.count, rest.why) == (1, Why.LAW)
    assert rest.until is not None
    assert abs((rest.until - timezone.localdate()).days - 1096) <= 1
    assert "电子商务法" in rest.source


def test_consents_and_deeds_stay_under_the_alias() -> None:
    guardian = a_guardian()
    a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    before = ConsentRecord.objects.filter(subject_id=guardian.pk).count()
    assert before

    job = erased(guardian)

    assert not ConsentRecord.objects.filter(subject_id=guardian.pk).exists()
    assert ConsentRecord.objects.filter(subject_id=job.subjects.get().alias).count() == before


def test_nobody_but_an_erasure_that_runs_moves_a_booking_to_another_name() -> None:
    guardian, other = a_guardian(), a_guardian()
    booking = attended(guardian)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrialBooking.objects.filter(pk=booking.pk).update(guardian=other)


@pytest.mark.clause("X2-5.5.1")
def test_a_hold_on_one_record_keeps_that_and_the_rest_goes() -> None:
    guardian = a_guardian()
    booking, other = attended(guardian), attended(guardian)
    hold = a_hold(guardian, "enrollment.TrialBooking", booking.pk)

    job = erased(guardian)

    assert job.state == JobState.WAITING
    assert TrialBooking.objects.get(pk=booking.pk).guardian_id == guardian.pk
    assert TrialBooking.objects.filter(pk=other.pk).exists()
    assert not PhoneBinding.objects.filter(user=guardian).exists()
    assert User.objects.filter(pk=guardian.pk, is_active=False).exists()
    assert job.request is not None
    told = progress_of(request=job.request)
    assert any(rest.why == Why.HOLD and "法院" in rest.source for rest in told.rests)
    assert job.request.state == RequestState.PARTLY_FULFILLED
    assert job.request.remains_until == hold.review_on

    assert wake() == 0, "the hold stands"
    release(hold_id=hold.pk, by=an_officer())
    assert wake() == 1
    assert run(job_id=job.pk)

    job.refresh_from_db()
    assert not User.objects.filter(pk=guardian.pk).exists()
    assert TrialBooking.objects.get(pk=booking.pk).guardian_id == job.subject_id
    assert job.subject_id != guardian.pk
    newest = certificate_of(request=job.request)
    assert newest is not None
    assert newest.version == 2
    assert ErasureCertificate.objects.filter(job=job).count() == 2
    assert "法院" not in newest.body


def test_what_a_hold_keeps_sealed_is_restricted_and_nothing_else_opens() -> None:
    guardian = a_guardian()
    binding = PhoneBinding.objects.get(user=guardian)
    a_hold(guardian, "accounts.PhoneBinding", binding.pk)

    erased(guardian)

    kept = PhoneBinding.objects.get(pk=binding.pk)
    assert kept.phone_index is None
    with key_scope(), pytest.raises(Frozen, match="restricted"):
        _ = PhoneBinding.objects.get(pk=binding.pk).phone


def test_an_authority_that_may_not_be_named_is_not() -> None:
    guardian = a_guardian()
    booking = attended(guardian)
    a_hold(guardian, "enrollment.TrialBooking", booking.pk, may_tell=False)

    job = erased(guardian)

    body = ErasureCertificate.objects.get(job=job).body
    assert "法院" not in body
    assert "hold" not in body
    assert all(rest.why == Why.LAW for rest in job.rests.all())


def test_what_waited_for_its_time_ends_by_itself() -> None:
    guardian = a_guardian()
    booking = attended(guardian)
    job = erased(guardian)
    assert wake() == 0
    yesterday = timezone.localdate() - timedelta(days=1)

    ErasureJob.objects.filter(pk=job.pk).update(remains_until=yesterday)
    assert wake() == 0, "nobody has purged anything yet"
    assert wake() == 0
    job.refresh_from_db()
    assert job.remains_until == timezone.localdate(), "asked again tomorrow"
    assert job.state == JobState.WAITING
    assert TrialBooking.objects.filter(pk=booking.pk).exists()

    _three_years_pass(job)
    assert wake() == 1
    assert run(job_id=job.pk)

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.request is not None
    assert job.request.state == RequestState.FULFILLED
    assert job.certificates.count() == 2


def _three_years_pass(job: ErasureJob) -> None:
    """The purges have taken what stood under the alias."""
    for table, column in (
        ("enrollment_bookingevent", ""),
        ("enrollment_trialbooking", "guardian_id"),
        ("audit_auditevent", "subject_id"),
        ("consent_consentrecord", "subject_id"),
    ):
        where = f" WHERE {column} = '{job.subject_id}'" if column else ""
        with without_triggers("DATABASE") as cursor:
            cursor.execute(f"DELETE FROM {table}{where}")  # noqa: S608  names of ours
    ErasureJob.objects.filter(pk=job.pk).update(remains_until=timezone.localdate() - timedelta(days=1))


def test_what_they_wrote_in_other_requests_opens_for_the_law_alone() -> None:
    guardian = a_guardian()
    other = asks(guardian=guardian, words="请看看")
    begin_to_end = begun(guardian)
    assert run(job_id=begin_to_end.pk)
    other.refresh_from_db()
    assert other.subject_id == begin_to_end.subjects.get().alias
    with key_scope(), pytest.raises((Frozen, Erased)):
        _ = type(other).objects.get(pk=other.pk).words


def test_what_a_late_hold_keeps_is_not_certified_as_deleted() -> None:
    guardian = a_guardian()
    a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    TrialBooking.objects.filter(guardian=guardian).update(
        state=BookingState.CANCELLED, closed_at=timezone.now()
    )
    job = begun(guardian)
    a_hold(guardian, "enrollment.trialbooking")

    assert run(job_id=job.pk)

    assert job.request is not None
    certificate = certificate_of(request=job.request)
    assert certificate is not None
    told = render(certificate)
    title = next(line["title"] for line in job.plan if line["model"] == "enrollment.trialbooking")
    assert title in {line["title"] for line in told["kept"]}
    assert title not in {line["title"] for line in told["deleted"]}
    assert told["deleted"]
