"""What the vault's database itself holds of several guardians: by invitation alone, answered once, four at most."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tasks import sweep_children as task
from kit.uuid7 import uuid7
from privacy.actors import SYSTEM, Actor
from privacy.minors import invitations, services
from privacy.minors.exceptions import ChildUnknown, NotTheGuardian
from privacy.minors.models import Child, GuardianInvitation, Guardianship
from tests.children import a_child, a_guardian, an_invitation, joins

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def child(guardian: User) -> uuid.UUID:
    return a_child(guardian)


def an_open_row(
    child: uuid.UUID, by: User, made: datetime | None = None, **changed: Any
) -> GuardianInvitation:
    made = made or timezone.now()
    values = {
        "child_id": child,
        "invited_by": by.pk,
        "token_hash": uuid7().hex,
        "created_at": made,
        "expires_at": made + timedelta(hours=72),
    }
    return GuardianInvitation.objects.create(**{**values, **changed})


def refused(law: str) -> Any:
    return pytest.raises(IntegrityError, match=law)


def test_nobody_becomes_a_second_guardian_uninvited(guardian: User, child: uuid.UUID) -> None:
    stranger = a_guardian()
    with refused("joins by invitation"), transaction.atomic(using="minors"):
        Guardianship.objects.create(child_id=child, guardian_id=stranger.pk)
    invitation = an_open_row(child, guardian)
    with refused("joins by invitation"), transaction.atomic(using="minors"):
        Guardianship.objects.create(child_id=child, guardian_id=stranger.pk)
    GuardianInvitation.objects.filter(pk=invitation.pk).update(
        accepted_by=stranger.pk, accepted_at=timezone.now()
    )
    with refused("joins by invitation"), transaction.atomic(using="minors"):
        Guardianship.objects.create(child_id=child, guardian_id=uuid7())
    Guardianship.objects.create(child_id=child, guardian_id=stranger.pk)


def test_only_a_guardian_of_that_child_invites(guardian: User, child: uuid.UUID) -> None:
    stranger = a_guardian()
    a_child(stranger)
    with refused("only a guardian of the child"), transaction.atomic(using="minors"):
        an_open_row(child, stranger)
    with pytest.raises(ChildUnknown):
        invitations.invite(guardian_id=stranger.pk, child_id=child, by=Actor("guardian", stranger.pk))
    for by in (Actor("guardian", stranger.pk), Actor("staff", guardian.pk), SYSTEM):
        own = {"guardian_id": guardian.pk, "by": by}
        with pytest.raises(NotTheGuardian):
            invitations.invite(child_id=child, **own)
        with pytest.raises(NotTheGuardian):
            invitations.withdraw(child_id=child, **own)
    assert not GuardianInvitation.objects.exists()


@pytest.mark.parametrize(
    ("changed", "law"),
    [
        ({"expires_at": timezone.now() + timedelta(days=30)}, "invitation_ends_in_time"),
        ({"expires_at": timezone.now() - timedelta(days=30)}, "invitation_ends_in_time"),
        ({"accepted_by": uuid.uuid4()}, "invitation_accepted_by_somebody"),
        ({"accepted_at": timezone.now()}, "invitation_accepted_by_somebody"),
        (
            {"accepted_by": uuid.uuid4(), "accepted_at": timezone.now(), "withdrawn_at": timezone.now()},
            "invitation_accepted_by_somebody",
        ),
    ],
)
def test_an_invitation_is_one_thing_or_the_other(
    guardian: User, child: uuid.UUID, changed: dict[str, Any], law: str
) -> None:
    with refused(law), transaction.atomic(using="minors"):
        an_open_row(child, guardian, **changed)


def test_an_invitation_is_answered_once_and_never_altered(guardian: User, child: uuid.UUID) -> None:
    with refused("invitation_not_ones_own"), transaction.atomic(using="minors"):
        an_open_row(child, guardian, accepted_by=guardian.pk, accepted_at=timezone.now())
    an_invitation(guardian, child)
    row = GuardianInvitation.objects.filter(child_id=child)
    with refused("one_open_invitation"), transaction.atomic(using="minors"):
        an_open_row(child, guardian)
    another = a_child(guardian, "妹妹")
    for altered in ({"expires_at": timezone.now()}, {"invited_by": uuid7()}, {"child_id": another}):
        with refused("answered once"), transaction.atomic(using="minors"):
            row.update(**altered)
    row.update(withdrawn_at=timezone.now())
    for later in ({"withdrawn_at": None}, {"accepted_by": uuid7(), "accepted_at": timezone.now()}):
        with refused("answered once"), transaction.atomic(using="minors"):
            row.update(**{"withdrawn_at": None, **later})


def test_what_ran_out_is_accepted_by_no_clock_but_the_databases(guardian: User, child: uuid.UUID) -> None:
    long_ago = timezone.now() - timedelta(hours=73)
    row = an_open_row(child, guardian, made=long_ago)
    with refused("answered once, in time"), transaction.atomic(using="minors"):
        GuardianInvitation.objects.filter(pk=row.pk).update(accepted_by=uuid7(), accepted_at=long_ago)


def test_a_child_has_four_guardians_at_most(guardian: User, child: uuid.UUID) -> None:
    for _ in range(3):
        joins(a_guardian(), an_invitation(guardian, child))
    fifth = a_guardian()
    an_open_row(child, guardian, accepted_by=fifth.pk, accepted_at=timezone.now())
    with refused("at most four"), transaction.atomic(using="minors"):
        Guardianship.objects.create(child_id=child, guardian_id=fifth.pk)


def test_of_the_token_nothing_but_a_digest_is_stored(guardian: User, child: uuid.UUID) -> None:
    token = an_invitation(guardian, child)
    assert len(token) == 32
    with connections["minors"].cursor() as cursor:
        cursor.execute("SELECT minors_guardianinvitation::text FROM minors_guardianinvitation")
        [(row,)] = cursor.fetchall()
    assert token not in row
    assert token not in repr(GuardianInvitation.objects.get().__dict__)


def test_answered_and_unanswered_ones_are_forgotten_a_week_after_their_end(
    guardian: User, child: uuid.UUID
) -> None:
    ended = timezone.now() - timedelta(days=7, hours=-1) - timedelta(hours=72)
    kept = an_open_row(child, guardian, made=ended, withdrawn_at=ended)
    an_open_row(child, guardian, made=ended - timedelta(hours=2), withdrawn_at=ended)
    an_open_row(child, guardian, made=ended - timedelta(hours=2))
    task()
    assert GuardianInvitation.objects.get() == kept


def test_who_leaves_takes_their_invitations_along(guardian: User, child: uuid.UUID) -> None:
    second = a_guardian()
    joins(second, an_invitation(guardian, child))
    an_invitation(second, child)
    services.leave_child(guardian_id=second.pk, child_id=child, by=Actor("guardian", second.pk))
    assert not GuardianInvitation.objects.naming([second.pk]).exists()
    with refused("joins by invitation"), transaction.atomic(using="minors"):
        Guardianship.objects.create(child_id=child, guardian_id=second.pk)
    assert Child.objects.get().pk == child
