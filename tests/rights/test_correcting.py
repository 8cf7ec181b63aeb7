"""Corrections: before, after and what showed it; a child's in the vault, what is locked by name."""

from datetime import date
from uuid import UUID

import pytest

from accounts.models import User
from accounts.services.children import children_of
from enrollment.services.corrections import correct_child
from privacy.actors import Actor
from privacy.audit.models import AuditEvent
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired
from privacy.keystore.services import key_scope, let_own
from privacy.minors import services as minors
from privacy.minors.exceptions import ChildUnknown, NotTheGuardian
from privacy.minors.models import ChildCorrection
from privacy.rights.enums import RequestKind, RequestState
from privacy.rights.exceptions import FieldLocked, RequestMoved
from privacy.rights.models import Correction, DataSubjectRequest
from privacy.rights.services.correcting import correct, record_correction, why_locked
from privacy.rights.services.deciding import withdraw_request
from tests.children import BORN, NICKNAME, a_child
from tests.families import a_guardian, acting
from tests.restricting import restricts
from tests.rights.asking import a_clerk, asks, asks_at_the_door, theirs

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

MAY = date(2021, 3, 1)


def puts_right(guardian: User, child: UUID, nickname: str, born: date) -> None:
    correct_child(
        guardian=guardian,
        child_id=child,
        nickname=nickname,
        birth_month=born,
        agreements={},
        channel=Channel.WEB,
    )


@pytest.mark.clause("LAW-20")
@pytest.mark.clause("X1-6-2")
def test_a_child_s_correction_keeps_before_and_after_in_the_vault_alone() -> None:
    guardian = a_guardian()
    child = a_child(guardian)

    puts_right(guardian, child, "小土豆", MAY)

    [view] = children_of(guardian=guardian)
    assert (view.nickname, view.birth_month) == ("小土豆", MAY)
    kept = {row.field: (row.before, row.after, row.by_id) for row in ChildCorrection.objects.all()}
    assert kept == {
        "child.nickname": (NICKNAME, "小土豆", guardian.pk),
        "child.birth_month": (f"{BORN:%Y-%m}", "2021-03", guardian.pk),
    }
    request = DataSubjectRequest.objects.of(guardian.pk).get()
    here = Correction.objects.filter(request=request)
    assert {row.field for row in here} == {"child.nickname", "child.birth_month"}
    assert {(row.before, row.after) for row in here} == {(None, None)}
    assert (request.state, request.concerning_id) == (RequestState.FULFILLED, child)


def test_only_what_changed_is_written_down() -> None:
    guardian = a_guardian()
    child = a_child(guardian)

    puts_right(guardian, child, NICKNAME, MAY)
    puts_right(guardian, child, NICKNAME, MAY)

    assert [row.field for row in ChildCorrection.objects.all()] == ["child.birth_month"]
    assert Correction.objects.count() == 1


def test_anothers_child_stays_as_it_is() -> None:
    guardian, stranger = a_guardian(), a_guardian()
    child = a_child(guardian)

    with pytest.raises((ChildUnknown, AgreementsRequired)):
        puts_right(stranger, child, "别人", MAY)
    with pytest.raises(ChildUnknown):
        minors.correct_child(
            guardian_id=stranger.pk, child_id=child, nickname="别人", birth_month=MAY, by=acting(stranger)
        )
    with pytest.raises(NotTheGuardian):
        minors.correct_child(
            guardian_id=guardian.pk, child_id=child, nickname="别人", birth_month=MAY, by=acting(stranger)
        )
    assert not ChildCorrection.objects.exists()
    assert children_of(guardian=guardian)[0].nickname == NICKNAME


def test_whoever_restricted_still_corrects_what_is_theirs() -> None:
    guardian = a_guardian()
    child = a_child(guardian)
    restricts(guardian)

    with key_scope():
        let_own(guardian.pk)
        puts_right(guardian, child, "小土豆", BORN)
        assert children_of(guardian=guardian)[0].nickname == "小土豆"


@pytest.mark.clause("X1-6-2")
@pytest.mark.parametrize("field", ["user.id", "user.created_at", "binding.phone", "child.nickname"])
def test_what_is_locked_is_not_corrected_by_hand_and_says_why(field: str) -> None:
    request = asks(RequestKind.RECTIFY)

    with pytest.raises(FieldLocked) as locked:
        correct(request=request, field=field, before="旧", after="新", evidence="口述", by=a_clerk())

    assert locked.value.why
    assert not Correction.objects.exists()


def test_the_locked_are_named_for_pages() -> None:
    assert "不能改" in str(why_locked("user.id"))
    assert "验证码" in str(why_locked("binding.phone"))
    assert why_locked("booking.source") is None


@pytest.mark.clause("X1-6-2")
def test_staff_supplement_with_before_after_and_evidence() -> None:
    request, clerk = asks(RequestKind.RECTIFY), a_clerk()

    row = correct(
        request=request,
        field="booking.source",
        before="海报",
        after="朋友介绍",
        evidence="家长来电说明",
        by=clerk,
    )

    row = Correction.objects.get(pk=row.pk)
    assert (row.before, row.after, row.evidence) == ("海报", "朋友介绍", "家长来电说明")
    event = request.events.get(what="corrected")
    assert (event.note, event.actor_id) == ("booking.source", clerk.id)
    assert AuditEvent.objects.get(action="data.corrected").detail == {"field": "booking.source"}


def test_without_evidence_or_by_anybody_else_nothing_is_corrected() -> None:
    guardian = a_guardian()
    request = asks(RequestKind.RECTIFY, guardian=guardian)
    said = {"request": request, "field": "booking.source", "before": "旧", "after": "新"}

    with pytest.raises(ValueError, match="right"):
        correct(**said, evidence=" ", by=a_clerk())
    for by in (acting(guardian), Actor("anonymous")):
        with pytest.raises(PermissionError):
            correct(**said, evidence="口述", by=by)
    with pytest.raises(ValueError, match="staff"):
        correct(**{**said, "field": "nobody.knows"}, evidence="口述", by=a_clerk())
    assert not Correction.objects.exists()


def test_where_no_correction_is_asked_for_nothing_is_corrected() -> None:
    said = {"field": "booking.source", "before": "旧", "after": "新", "evidence": "口述", "by": a_clerk()}
    over = asks(RequestKind.RECTIFY)
    withdraw_request(request=over, by=theirs(over))

    for request in (over, asks(RequestKind.QUESTION), asks_at_the_door(RequestKind.RECTIFY)):
        with pytest.raises(RequestMoved):
            correct(request=request, **said)
    assert not Correction.objects.exists()


def test_a_child_s_values_never_leave_the_vault() -> None:
    request = asks(RequestKind.RECTIFY)
    with pytest.raises(ValueError, match="vault"):
        record_correction(
            request=request, field="child.nickname", before="旧", after="新", evidence="", by=a_clerk()
        )
