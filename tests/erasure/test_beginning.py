"""What happens the moment an erasure begins, and who may begin one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import transaction

from accounts.models import PhoneBinding, User
from accounts.services import children
from enrollment.enums import BookingState
from enrollment.models import TrialBooking
from kit.uuid7 import uuid7
from messaging.models import Message
from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record
from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.models import ErasureJob, RecipientNotice, Suppression
from privacy.erasure.services.asking import ask_and_begin
from privacy.erasure.services.beginning import begin
from privacy.erasure.services.people import ids_of
from privacy.erasure.services.planning import preview
from privacy.erasure.services.running import run, thaw_broken_off
from privacy.inventory.enums import Erase
from privacy.keystore import ledger
from privacy.keystore.services import Frozen, freeze_keys, is_buried, key_scope
from privacy.minors.exceptions import ChildInvalid, GuardianshipRefused
from privacy.minors.models import Child
from privacy.rights.enums import OnBehalf, RequestKind, RequestState
from privacy.rights.exceptions import NotTheirs, RequestMoved, UseBarred
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import approve_plan, plan
from tests.children import a_child, an_invitation, joins
from tests.erasure.erasing import asks_to_close, begun, erased
from tests.families import a_guardian, a_seat, acting
from tests.people import new_phone
from tests.places import a_class, at
from tests.restricting import restricts
from tests.rights.asking import an_officer, asks

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


@pytest.fixture(autouse=True)
def one_task() -> Iterator[None]:
    with key_scope():
        yield


@pytest.mark.clause("X2-5.4d")
def test_at_once_nobody_signs_in_seats_are_free_and_nothing_opens() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    seat = a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    binding = PhoneBinding.objects.get(user=guardian)

    job = begun(guardian)

    assert job.state == JobState.QUEUED
    assert not User.objects.get(pk=guardian.pk).is_active
    assert TrialBooking.objects.get(pk=seat.pk).state == BookingState.CANCELLED
    assert not Message.objects.filter(recipient_id=guardian.pk, state="queued").exists()
    with key_scope(), pytest.raises(Frozen):
        _ = PhoneBinding.objects.get(pk=binding.pk).phone
    assert Suppression.objects.get().number_mac == ledger.keyed("suppression", f"+86{phone}")
    assert set(RecipientNotice.objects.values_list("recipient", flat=True)) >= {"campus", "sms_vendor"}


@pytest.mark.clause("X2-5.5.2b")
def test_the_same_number_registers_anew_while_the_old_account_is_still_going() -> None:
    phone = new_phone()
    old = a_guardian(phone)
    job = begun(old)
    new = a_guardian(phone)

    assert run(job_id=job.pk)

    assert PhoneBinding.objects.get(user=new).phone == f"+86{phone}"
    assert not User.objects.filter(pk=old.pk).exists()


def test_it_does_not_begin_twice() -> None:
    guardian = a_guardian()
    second = asks_to_close(guardian)
    begun(guardian)
    with pytest.raises((ErasureRefused, RequestMoved)):
        begin(request=second, by=SYSTEM, reason=Reason.CLOSED)
    assert ErasureJob.objects.count() == 1


def test_what_else_they_asked_for_is_given_up() -> None:
    guardian = a_guardian()
    other = asks(RequestKind.ACCESS, guardian=guardian)
    begun(guardian)
    other.refresh_from_db()
    assert other.state == RequestState.WITHDRAWN


def test_a_guardian_decides_alone_only_what_nobody_has_to_approve() -> None:
    guardian = a_guardian()
    request = asks(RequestKind.ERASE, guardian=guardian)
    with pytest.raises(RequestMoved):
        begin(request=request, by=acting(guardian), reason=Reason.ASKED)
    with pytest.raises(LookupError):
        begin(request=request, by=acting(a_guardian()), reason=Reason.MINOR_ALONE)
    assert begin(request=request, by=acting(guardian), reason=Reason.MINOR_ALONE).state == JobState.QUEUED


def approved(guardian: User) -> tuple[DataSubjectRequest, Actor, str]:
    """A request somebody may begin, by whom, and the digest of what they read."""
    request = asks(RequestKind.ERASE, guardian=guardian)
    first, second = an_officer(), an_officer()
    with pytest.raises(RequestMoved):
        begin(request=request, by=second, reason=Reason.ASKED)
    plan(request=request, by=first)
    approve_plan(request=request, by=second)
    return request, second, preview(subject_id=guardian.pk, by=second).digest


def test_an_officer_begins_exactly_what_was_read() -> None:
    request, officer, read = approved(a_guardian())
    with pytest.raises(ErasureRefused):
        begin(request=request, by=officer, reason=Reason.ASKED, digest="0" * 40)
    job = begin(request=request, by=officer, reason=Reason.ASKED, digest=read)
    assert job.digest == read
    assert run(job_id=job.pk)


def test_a_row_more_stops_it_and_what_grows_by_looking_does_not() -> None:
    guardian = a_guardian()
    request, officer, read = approved(guardian)
    with transaction.atomic():
        record("guardian.seen", by=officer, subject=guardian.pk)
    assert preview(subject_id=guardian.pk, by=officer).digest == read
    a_child(guardian)
    with pytest.raises(ErasureRefused):
        begin(request=request, by=officer, reason=Reason.ASKED, digest=read)
    assert not ErasureJob.objects.exists()
    assert PhoneBinding.objects.get(user=guardian).phone


def test_another_declaration_of_what_goes_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    guardian = a_guardian()
    request, officer, read = approved(guardian)
    field = PhoneBinding._meta.get_field("phone")
    monkeypatch.setattr(field, "declaration", replace(field.declaration, erase=Erase.DELETE))
    with pytest.raises(ErasureRefused):
        begin(request=request, by=officer, reason=Reason.ASKED, digest=read)


def test_a_child_that_was_being_added_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    guardian = a_guardian()
    with monkeypatch.context() as patch:
        patch.setattr(children, "refuse_suspended", lambda guardian: None)
        job = begun(guardian)
        late = a_child(guardian)
    assert late not in ids_of(job)

    assert run(job_id=job.pk)

    assert not Child.objects.filter(pk=late).exists()
    assert is_buried(late, "minor")
    assert job.subjects.count() == 2


def test_who_is_on_the_way_out_adds_no_child_and_books_nothing() -> None:
    guardian, other = a_guardian(), a_guardian()
    invitation = an_invitation(other, a_child(other))
    session = a_class(starts_at=at(days=3, hour=9))
    seen = User.objects.get(pk=guardian.pk)
    assert seen.is_active
    begun(guardian)
    with pytest.raises(ChildInvalid):
        a_child(seen)
    seen.is_active = True  # as another request still has it
    with pytest.raises(UseBarred):
        a_seat(session, seen)
    seen.is_active = True
    with pytest.raises(GuardianshipRefused):
        joins(seen, invitation)


def test_a_member_of_staff_is_not_erased_this_way() -> None:
    officer = an_officer()
    assert officer.id is not None
    with pytest.raises(ErasureRefused):
        ask_and_begin(subject_id=officer.id, reason=Reason.ASKED, by=SYSTEM)
    with pytest.raises(ErasureRefused):
        ask_and_begin(subject_id=uuid7(), reason=Reason.ASKED, by=SYSTEM)


def test_only_who_it_is_about_and_who_works_here_see_the_plan() -> None:
    guardian = a_guardian()
    own = preview(subject_id=guardian.pk, by=acting(guardian))
    assert own.digest == preview(subject_id=guardian.pk, by=an_officer()).digest
    with pytest.raises(NotTheirs):
        preview(subject_id=guardian.pk, by=acting(a_guardian()))


def test_the_plan_says_what_goes_what_stays_and_what_is_unfinished() -> None:
    guardian = a_guardian()
    a_child(guardian)
    a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    open_request = asks(RequestKind.ACCESS, guardian=guardian)

    plan = preview(subject_id=guardian.pk, by=acting(guardian))

    titles = {line.title for line in plan.lines if line.goes}
    assert "孩子" in titles
    kept = [line for line in plan.lines if not line.goes]
    assert all(line.kept_until and line.source for line in kept)
    assert len(plan.ends) == 1
    assert open_request.reference in plan.unfinished[0]


@pytest.mark.parametrize("shared", [False, True])
def test_a_child_alone_goes_and_its_guardian_stays(shared: bool) -> None:
    guardian = a_guardian()
    child = a_child(guardian)
    seat = a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    if shared:
        joins(a_guardian(), an_invitation(guardian, child))
    request = asks(RequestKind.ERASE, guardian=guardian, on_behalf=OnBehalf.WARD, concerning_id=child)

    if shared:
        with pytest.raises(ErasureRefused):
            begin(request=request, by=acting(guardian), reason=Reason.GUARDIAN)
        return
    job = begin(request=request, by=acting(guardian), reason=Reason.GUARDIAN)
    assert run(job_id=job.pk)

    job.refresh_from_db()
    assert job.scope == Scope.CHILD
    assert not Child.objects.filter(pk=child).exists()
    assert User.objects.get(pk=guardian.pk).is_active
    assert TrialBooking.objects.get(pk=seat.pk).guardian_id == guardian.pk
    request.refresh_from_db()
    assert request.state == RequestState.FULFILLED
    assert request.subject_id == guardian.pk
    assert request.concerning_id != child


def test_a_shared_child_stays_with_its_other_guardian() -> None:
    leaving, staying = a_guardian(), a_guardian()
    child = a_child(leaving)
    joins(staying, an_invitation(leaving, child))

    erased(leaving)

    kept = Child.objects.get(pk=child)
    assert kept.nickname
    assert set(kept.guardianships.values_list("guardian_id", flat=True)) == {staying.pk}


def test_keys_frozen_for_an_erasure_that_broke_off_thaw() -> None:
    guardian, other = a_guardian(), a_guardian()
    begun(other)
    freeze_keys(guardian.pk)

    assert thaw_broken_off() == 1

    assert PhoneBinding.objects.get(user=guardian).phone
    with pytest.raises(Frozen):
        _ = PhoneBinding.objects.get(user=other).phone


def test_a_restricted_account_is_erased_too() -> None:
    guardian = a_guardian()
    restricts(guardian)
    job = erased(guardian)
    assert job.finished_at is not None
