"""A hold that its person may not hear of is told nowhere: not in the copy, the plan, the answer, the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from privacy.audit.models import AuditEvent
from privacy.erasure.models import ErasureCertificate
from privacy.erasure.services.planning import preview
from privacy.keystore.models import SubjectKey
from privacy.retention.models import LegalHold
from privacy.retention.services.holds import place, release, review
from privacy.rights.services.holdings import counts, reading
from privacy.rights.services.restricting import mend_restrictions
from tests.erasure.erasing import erased
from tests.families import a_guardian, a_seat, acting
from tests.places import a_class, at
from tests.rights.asking import an_officer

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
HOLDS = ("retention.legalhold", "retention.heldrecord")


def a_hold(guardian: User, *, may_tell: bool = True, model: str = "enrollment.TrialBooking") -> LegalHold:
    return place(
        subject_id=guardian.pk,
        authority="朝阳区人民法院",
        document="（2026）京 01 调 7 号",
        review_on=timezone.localdate() + timedelta(days=30),
        records=[(model, None)],
        by=an_officer(),
        may_tell=may_tell,
    )


def told(guardian: User) -> set[str]:
    seen = reading(subject_id=guardian.pk, by=acting(guardian))
    return {holding.area.name for holding in counts(reading=seen)}


@pytest.mark.parametrize("may_tell", [True, False])
def test_the_person_reads_of_it_only_if_they_may(may_tell: bool) -> None:
    guardian = a_guardian()
    hold = a_hold(guardian, may_tell=may_tell)
    review(hold_id=hold.pk, review_on=timezone.localdate() + timedelta(days=60), by=an_officer())
    release(hold_id=hold.pk, by=an_officer())

    deeds = AuditEvent.objects.filter(subject_id=guardian.pk, action__startswith="hold.")
    assert (HOLDS[0] in told(guardian)) is may_tell
    assert deeds.count() == (3 if may_tell else 0)
    assert AuditEvent.objects.filter(target=f"retention.legalhold/{hold.pk}").count() == 3


@pytest.mark.parametrize("may_tell", [True, False])
def test_neither_plan_nor_answer_nor_certificate_says_it(may_tell: bool) -> None:
    guardian = a_guardian()
    a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    a_hold(guardian, may_tell=may_tell)

    lines = preview(subject_id=guardian.pk, by=acting(guardian)).lines
    assert any("机关" in line.source for line in lines) is may_tell
    assert any(line.model in HOLDS for line in lines) is may_tell

    job = erased(guardian)
    assert job.request is not None
    said = ErasureCertificate.objects.get(job=job).body + job.request.replies.get().body
    assert ("法院" in said) is may_tell
    assert not [word for word in ("机关", "依法保存", "解除") if not may_tell and word in said]
    assert (job.request.remains_until is not None) is may_tell


def test_what_a_hold_keeps_stays_restricted_whoever_mends_restrictions() -> None:
    guardian = a_guardian()
    a_hold(guardian, model="accounts.PhoneBinding")
    erased(guardian)

    mend_restrictions()

    states = SubjectKey.objects.filter(subject=guardian.pk).exclude(state="destroyed")
    assert set(states.values_list("state", flat=True)) == {"restricted"}
