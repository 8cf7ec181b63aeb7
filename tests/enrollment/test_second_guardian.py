"""A second guardian: by invitation, under a consent of their own; each leaves alone, the last one takes all along."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.children import (
    MOST_CHILDREN,
    children_of,
    co_guardians_of,
    correct_child,
    find_child,
    id_of,
    sweep_children,
    withdraw,
)
from accounts.services.guardianships import (
    MOST_INVITATIONS,
    accept_invitation,
    family_of,
    find_invitation,
    invite_guardian,
    withdraw_invitation,
)
from enrollment.enums import BookingState
from enrollment.models import TrialBooking
from enrollment.services.children import ChildWish, remove_child
from kit.limiter import LimitReached
from privacy.audit.models import AuditEvent
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.models import ConsentRecord
from privacy.consent.services import agreed_for
from privacy.keystore.exceptions import Erased
from privacy.keystore.models import SubjectKey
from privacy.keystore.services import key_scope
from privacy.minors.exceptions import (
    ChildUnknown,
    GuardianshipRefused,
    InvitationOver,
    InvitationUnknown,
)
from privacy.minors.models import Child, GuardianInvitation, Guardianship
from privacy.minors.services import doubt_child
from tests.children import BORN, NICKNAME, a_child, an_invitation, joins, name_of, rules
from tests.families import a_guardian, a_seat, acting
from tests.places import a_class, a_course
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def first() -> User:
    return a_guardian()


@pytest.fixture
def child(first: User) -> uuid.UUID:
    return a_child(first)


@pytest.fixture
def second(first: User, child: uuid.UUID) -> User:
    guardian = a_guardian()
    assert joins(guardian, an_invitation(first, child)) == child
    return guardian


def seen_by(guardian: User) -> list[uuid.UUID]:
    return [view.id for view in children_of(guardian=guardian)]


def removed(guardian: User, child: uuid.UUID) -> bool:
    return remove_child(guardian=guardian, public_id=name_of(child), channel=Channel.WEB)


def seat(guardian: User, child: uuid.UUID, slug: str) -> TrialBooking:
    session = a_class(course=a_course(slug, ages=(0, 216)))
    agreements = {"terms": "1.0", "privacy": "1.0", **rules()}
    return a_seat(session, guardian, child=ChildWish(id=child), agreements=agreements)


def hours_on(hours: float) -> int:
    """Sweep as the clock will, so many hours from now; how many children were dropped."""
    return sweep_children(before=timezone.now() + timedelta(hours=hours) - timedelta(hours=1))


# Joining


@pytest.mark.clause("X2-8.1b", "L-PP-4.5-1a")
def test_the_invited_guardian_joins_under_a_consent_of_their_own(first: User, child: uuid.UUID) -> None:
    second = a_guardian()
    token = an_invitation(first, child)
    assert seen_by(second) == []
    assert joins(second, token) == child
    assert seen_by(first) == seen_by(second) == [child]
    decided = ConsentRecord.objects.filter(concerning_id=child).order_by("at")
    assert [(made.subject_id, made.state, made.acting_role) for made in decided] == [
        (first.pk, "given", "guardian"),
        (second.pk, "given", "guardian"),
    ]
    accepted = AuditEvent.objects.get(action="guardianship.accepted")
    assert (accepted.actor_id, accepted.subject_id) == (second.pk, second.pk)
    assert AuditEvent.objects.get(action="invitation.made").actor_id == first.pk
    assert co_guardians_of(child_id=child, guardian_id=first.pk) == [second.pk]
    assert co_guardians_of(child_id=child, guardian_id=second.pk) == [first.pk]
    assert family_of(guardian=first, child_id=child).others[0][3:7] == "****"


@pytest.mark.clause("L-PP-4.5-2.2c")
def test_each_guardian_reads_on_a_record_of_their_own_and_for_the_same_price(
    second: User, child: uuid.UUID
) -> None:
    reads = AuditEvent.objects.filter(action="child.read", actor_id=second.pk)
    known = reads.count()
    with key_scope(), counted(default=1, minors=1, keys=1):
        assert seen_by(second) == [child]
    assert [event.subject_id for event in reads.order_by("seq")[known:]] == [child]
    with counted(default=1, minors=1):
        assert co_guardians_of(child_id=child, guardian_id=second.pk)
    assert reads.count() == known + 1


def test_nothing_of_the_child_is_opened_before_the_yes(first: User, child: uuid.UUID) -> None:
    second = a_guardian()
    token = an_invitation(first, child)
    known = AuditEvent.objects.filter(action="child.read").count()
    with counted(default=2, minors=1):
        find_invitation(token=token)
    joins(second, token)
    assert AuditEvent.objects.filter(action="child.read").count() == known


@pytest.mark.parametrize(
    ("agreements", "error"),
    [
        ({}, AgreementsRequired),
        ({"terms": "1.0", "privacy": "1.0"}, AgreementsRequired),
        ({"children": "0.9"}, DocumentStale),
    ],
)
def test_without_a_yes_to_the_rules_in_force_nobody_joins(
    first: User, child: uuid.UUID, agreements: dict[str, str], error: type[Exception]
) -> None:
    second = a_guardian()
    token = an_invitation(first, child)
    with pytest.raises(error):
        accept_invitation(guardian=second, token=token, agreements=agreements, channel=Channel.WEB)
    assert not ConsentRecord.objects.filter(subject_id=second.pk).exists()
    assert not Guardianship.objects.filter(guardian_id=second.pk).exists()
    assert joins(second, token) == child


def test_accepting_twice_is_accepting_once(first: User, child: uuid.UUID) -> None:
    second = a_guardian()
    token = an_invitation(first, child)
    assert joins(second, token) == joins(second, token) == child
    assert ConsentRecord.objects.filter(subject_id=second.pk).count() == 1
    assert Guardianship.objects.filter(child_id=child).count() == 2
    again = an_invitation(first, child)
    assert joins(second, again) == child
    assert find_invitation(token=again)  # left for whom it was meant


def test_a_link_is_good_for_one_person_and_one_child(first: User, child: uuid.UUID) -> None:
    second, third = a_guardian(), a_guardian()
    a_child(first, "妹妹")
    token = an_invitation(first, child)
    joins(second, token)
    with pytest.raises(InvitationOver):
        joins(third, token)
    assert seen_by(third) == []
    assert seen_by(second) == [child]
    for wrong in ("", "x", token[:-1], token.upper(), "0" * 32):
        with pytest.raises(InvitationUnknown):
            joins(third, wrong)
    assert not ConsentRecord.objects.filter(subject_id=third.pk).exists()


def test_of_two_who_accept_at_the_same_time_one_joins(first: User, child: uuid.UUID) -> None:
    token, people = an_invitation(first, child), [a_guardian() for _ in range(5)]
    outcomes: list[object] = []

    def run(guardian: User) -> None:
        try:
            outcomes.append(joins(guardian, token))
        except InvitationOver:
            outcomes.append("over")
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[guardian]) for guardian in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [child, "over", "over", "over", "over"]
    assert Guardianship.objects.filter(child_id=child).count() == 2
    assert ConsentRecord.objects.filter(concerning_id=child, state="given").count() == 2


def test_ones_own_invitation_is_not_for_oneself(first: User, child: uuid.UUID) -> None:
    with pytest.raises(GuardianshipRefused) as refused:
        joins(first, an_invitation(first, child))
    assert "您自己发出的" in str(refused.value.hint)


def test_a_new_link_ends_the_one_before_and_so_does_withdrawing(first: User, child: uuid.UUID) -> None:
    second = a_guardian()
    lost, kept = an_invitation(first, child), an_invitation(first, child)
    with pytest.raises(InvitationOver):
        joins(second, lost)
    assert family_of(guardian=first, child_id=child).invited_until
    withdraw_invitation(guardian=first, public_id=name_of(child))
    withdraw_invitation(guardian=first, public_id=name_of(child))
    with pytest.raises(InvitationOver):
        joins(second, kept)
    assert family_of(guardian=first, child_id=child).invited_until is None
    assert AuditEvent.objects.filter(action="invitation.withdrawn").count() == 1


def test_a_link_ends_after_three_days(first: User, child: uuid.UUID) -> None:
    made = timezone.now() - timedelta(hours=72, seconds=1)
    GuardianInvitation.objects.create(
        child_id=child,
        invited_by=first.pk,
        token_hash=GuardianInvitation.hash_of("old"),
        created_at=made,
        expires_at=made + timedelta(hours=72),
    )
    with pytest.raises(InvitationOver):
        joins(a_guardian(), "old")
    assert joins(a_guardian(), an_invitation(first, child)) == child


def test_who_left_the_child_invites_nobody(first: User, second: User, child: uuid.UUID) -> None:
    token = an_invitation(second, child)
    removed(second, child)
    with pytest.raises(InvitationUnknown):
        joins(a_guardian(), token)
    token = an_invitation(first, child)
    doubt_child(guardian_id=first.pk, child_id=child, by=acting(first))
    with transaction.atomic():  # and then it broke off
        withdraw(guardian=first, child_id=child, channel=Channel.WEB)
    with pytest.raises(InvitationOver):
        joins(a_guardian(), token)


def test_a_child_has_so_many_guardians_and_a_guardian_so_many_children(
    first: User, second: User, child: uuid.UUID
) -> None:
    for _ in range(2):
        joins(a_guardian(), an_invitation(second, child))
    assert not family_of(guardian=first, child_id=child).may_invite
    with pytest.raises(GuardianshipRefused):
        an_invitation(first, child)
    full = a_guardian()
    for number in range(MOST_CHILDREN):
        a_child(full, "甲乙丙丁戊己庚辛壬癸"[number])
    with pytest.raises(GuardianshipRefused):
        joins(full, an_invitation(first, a_child(first, "妹妹")))


def test_inviting_over_and_over_is_slowed_down(first: User, child: uuid.UUID) -> None:
    for _ in range(MOST_INVITATIONS):
        an_invitation(first, child)
    with pytest.raises(LimitReached):
        an_invitation(first, child)
    assert GuardianInvitation.objects.unanswered().count() == 1


def test_nothing_matches_children_across_families(first: User, child: uuid.UUID) -> None:
    second = a_guardian()
    own = a_child(second)  # the same nickname and month
    assert own != child
    joins(second, an_invitation(first, child))
    assert set(seen_by(second)) == {own, child}
    assert seen_by(first) == [child]
    assert co_guardians_of(child_id=own, guardian_id=second.pk) == []


# Beside each other


def test_either_guardian_corrects_it_for_both(first: User, second: User, child: uuid.UUID) -> None:
    right = {"nickname": "大毛", "birth_month": BORN, "agreements": {}, "channel": Channel.WEB}
    correct_child(guardian=second, child_id=child, **right)
    assert find_child(guardian=first, child_id=child).nickname == "大毛"
    assert AuditEvent.objects.get(action="child.corrected").actor_id == second.pk


def test_a_third_guardian_finds_nothing_anywhere(first: User, second: User, child: uuid.UUID) -> None:
    third, name = a_guardian(), name_of(child)
    a_child(third, "自己的")
    open_link = an_invitation(first, child)
    doors: list[Callable[[], object]] = [
        lambda: find_child(guardian=third, child_id=child),
        lambda: id_of(guardian=third, public_id=name),
        lambda: invite_guardian(guardian=third, public_id=name),
        lambda: withdraw_invitation(guardian=third, public_id=name),
        lambda: family_of(guardian=third, child_id=child),
        lambda: remove_child(guardian=third, public_id=name, channel=Channel.WEB),
        lambda: seat(third, child, "another"),
    ]
    for door in doors:
        with pytest.raises(ChildUnknown):
            door()
    assert co_guardians_of(child_id=child, guardian_id=third.pk) == []
    assert find_invitation(token=open_link)
    assert not AuditEvent.objects.filter(action="child.read", actor_id=third.pk, subject_id=child).exists()


# Leaving


@pytest.mark.clause("LAW-41")
def test_one_leaves_and_the_other_keeps_the_child_and_books(
    first: User, second: User, child: uuid.UUID
) -> None:
    theirs, others = seat(first, child, "drama"), seat(second, child, "speech")
    assert not removed(first, child)
    assert seen_by(first) == []
    assert seen_by(second) == [child]
    with pytest.raises(ChildUnknown):
        find_child(guardian=first, child_id=child)
    theirs.refresh_from_db()
    others.refresh_from_db()
    assert (theirs.state, theirs.child_id) == (BookingState.BOOKED, None)
    assert (others.state, others.child_id) == (BookingState.BOOKED, child)
    assert seat(second, child, "reading").child_id == child
    assert Guardianship.objects.get(child_id=child).guardian_id == second.pk
    assert find_child(guardian=second, child_id=child).nickname == NICKNAME
    ended = AuditEvent.objects.get(action="guardianship.ended")
    assert (ended.actor_id, ended.subject_id) == (first.pk, first.pk)
    assert not AuditEvent.objects.filter(action="child.deleted").exists()
    assert hours_on(1.1) == 0
    assert seen_by(second) == [child]
    assert Child.objects.get(pk=child).in_doubt_since is None


@pytest.mark.clause("LAW-41")
def test_the_last_one_takes_the_child_and_its_keys_along(first: User, second: User, child: uuid.UUID) -> None:
    old = Child.objects.get(pk=child)
    assert not removed(second, child)
    an_invitation(first, child)
    assert removed(first, child)
    assert not Child.objects.exists()
    assert not Guardianship.objects.exists()
    assert not GuardianInvitation.objects.exists()
    assert set(SubjectKey.objects.filter(subject=child).values_list("state", flat=True)) == {"destroyed"}
    with pytest.raises(Erased):
        _ = old.nickname
    newest = ConsentRecord.objects.standing_about([child]).values_list("state", flat=True)
    assert list(newest) == ["withdrawn", "withdrawn"]


def test_two_who_leave_at_once_leave_nothing(first: User, second: User, child: uuid.UUID) -> None:
    outcomes: list[bool] = []

    def run(guardian: User, name: str = name_of(child)) -> None:
        try:
            outcomes.append(remove_child(guardian=guardian, public_id=name, channel=Channel.WEB))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[guardian]) for guardian in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True]
    assert not Child.objects.exists()
    assert set(SubjectKey.objects.filter(subject=child).values_list("state", flat=True)) == {"destroyed"}


@pytest.mark.parametrize("order", [1, -1])
def test_who_joins_while_the_last_one_leaves_has_the_child_or_has_agreed_to_nothing(
    first: User, child: uuid.UUID, order: int
) -> None:
    second, token, name = a_guardian(), an_invitation(first, child), name_of(child)

    def join() -> None:
        try:
            joins(second, token)
        except (InvitationOver, InvitationUnknown):
            pass
        finally:
            connections.close_all()

    def leave() -> None:
        try:
            remove_child(guardian=first, public_id=name, channel=Channel.WEB)
        finally:
            connections.close_all()

    threads = [Thread(target=join), Thread(target=leave)][::order]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    agreed = agreed_for(subject=second.pk)
    assert set(seen_by(second)) == agreed == set(Child.objects.values_list("pk", flat=True))
    assert seen_by(first) == []


def test_who_left_comes_back_by_a_new_link_only(first: User, child: uuid.UUID) -> None:
    second, token = a_guardian(), an_invitation(first, child)
    joins(second, token)
    removed(second, child)
    with pytest.raises(InvitationUnknown):
        joins(second, token)
    assert joins(second, an_invitation(first, child)) == child
    assert seen_by(second) == [child]


# Broken off between the databases


def killed_before_the_commit(guardian: User, token: str) -> None:
    """The guardianship is in the vault; the transaction with the consent never commits."""
    with pytest.raises(RuntimeError, match="killed"), transaction.atomic():
        joins(guardian, token)
        raise RuntimeError("killed before the commit")
    assert Guardianship.objects.filter(guardian_id=guardian.pk).exists()
    assert not ConsentRecord.objects.filter(subject_id=guardian.pk).exists()


def test_an_acceptance_that_broke_off_shows_nothing_and_is_swept(first: User, child: uuid.UUID) -> None:
    second, token = a_guardian(), an_invitation(first, child)
    hours_on(1.1)
    killed_before_the_commit(second, token)
    assert seen_by(second) == []
    assert co_guardians_of(child_id=child, guardian_id=first.pk) == []
    assert not AuditEvent.objects.filter(action="child.read", actor_id=second.pk).exists()
    with pytest.raises(ChildUnknown):
        id_of(guardian=second, public_id=name_of(child))
    assert hours_on(0.9) == 0
    assert Guardianship.objects.filter(guardian_id=second.pk).exists()
    assert hours_on(1.1) == 0
    assert not Guardianship.objects.filter(guardian_id=second.pk).exists()
    assert seen_by(first) == [child]
    assert Child.objects.get(pk=child).in_doubt_since is None
    ended = AuditEvent.objects.get(action="guardianship.ended")
    assert (ended.actor_kind, ended.subject_id) == ("system", second.pk)


def test_an_acceptance_that_broke_off_is_taken_up_again_by_the_same_person_alone(
    first: User, child: uuid.UUID
) -> None:
    second, token = a_guardian(), an_invitation(first, child)
    killed_before_the_commit(second, token)
    with pytest.raises(InvitationOver):
        joins(a_guardian(), token)
    assert joins(second, token) == child
    assert hours_on(1.1) == 0
    assert seen_by(second) == seen_by(first) == [child]


def test_a_new_link_serves_too_where_an_acceptance_broke_off(first: User, child: uuid.UUID) -> None:
    second = a_guardian()
    killed_before_the_commit(second, an_invitation(first, child))
    assert joins(second, an_invitation(first, child)) == child
    assert seen_by(second) == [child]


def test_leaving_that_broke_off_ends_it_for_the_one_and_not_for_the_other(
    first: User, second: User, child: uuid.UUID
) -> None:
    hours_on(1.1)
    doubt_child(guardian_id=second.pk, child_id=child, by=acting(second))
    with transaction.atomic():  # the newest decision about the child is a no, and only of one of them
        withdraw(guardian=second, child_id=child, channel=Channel.WEB)
    assert seen_by(second) == []
    assert seen_by(first) == [child]
    assert hours_on(1.1) == 0
    assert Guardianship.objects.get(child_id=child).guardian_id == first.pk
    assert seen_by(first) == [child]


def test_what_both_left_half_way_is_dropped_with_its_keys(
    first: User, second: User, child: uuid.UUID
) -> None:
    for guardian in (first, second):
        doubt_child(guardian_id=guardian.pk, child_id=child, by=acting(guardian))
        with transaction.atomic():
            withdraw(guardian=guardian, child_id=child, channel=Channel.WEB)
    assert hours_on(1.1) == 1
    assert not Child.objects.exists()
    assert set(SubjectKey.objects.filter(subject=child).values_list("state", flat=True)) == {"destroyed"}


def test_the_last_with_a_consent_leaves_and_a_broken_off_one_does_not_keep_the_child(
    first: User, child: uuid.UUID
) -> None:
    second = a_guardian()
    killed_before_the_commit(second, an_invitation(first, child))
    assert not removed(first, child)
    assert seen_by(second) == []
    assert hours_on(1.1) == 1
    assert not Child.objects.exists()
