"""The vault: children are read and changed by their guardian alone, on record, and leave nothing behind."""

import os
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.children import children_of as wards_of
from accounts.services.children import sweep_children, withdraw
from accounts.tasks import sweep_children as task
from kit.uuid7 import uuid7
from privacy.actors import ANONYMOUS, SYSTEM, Actor
from privacy.audit.models import AuditEvent
from privacy.consent.enums import Channel
from privacy.consent.models import ConsentRecord
from privacy.keystore.exceptions import Erased
from privacy.keystore.models import SubjectKey
from privacy.keystore.services import destroy_keys, key_scope
from privacy.minors import services
from privacy.minors.exceptions import ChildInvalid, ChildUnknown, NotTheGuardian
from privacy.minors.models import Child, Guardianship
from tests.children import BORN, NICKNAME, a_child, a_guardian, as_superuser, name_of
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def guardian() -> User:
    return a_guardian()


def of(user: User) -> Actor:
    return Actor("guardian", user.pk)


def reads() -> list[tuple[uuid.UUID | None, uuid.UUID | None]]:
    """Who read whom, as it is on record."""
    return list(AuditEvent.objects.filter(action="child.read").values_list("actor_id", "subject_id"))


def stored(child_id: uuid.UUID) -> list[bytes]:
    with connections["minors"].cursor() as cursor:
        cursor.execute("SELECT nickname, birth_month FROM minors_child WHERE id = %s", [child_id])
        return [bytes(value) for value in cursor.fetchone()]


# Read


@pytest.mark.clause("L-PP-4.5-2.1a", "L-PP-4.5-2.1b")
def test_a_child_stands_sealed_in_a_database_of_its_own(guardian: User) -> None:
    child = a_child(guardian)
    [view] = services.children_of(guardian_id=guardian.pk, by=of(guardian))
    assert (view.id, view.nickname, view.birth_month) == (child, NICKNAME, BORN)
    for value in stored(child):
        assert NICKNAME.encode() not in value
        assert b"2021" not in value
    assert SubjectKey.objects.get(subject=child).klass == "minor"
    assert not {"minors_child", "minors_guardianship"} & set(
        connections["default"].introspection.table_names()
    )


def test_a_child_prints_without_what_it_holds(guardian: User) -> None:
    a_child(guardian)
    [view] = services.children_of(guardian_id=guardian.pk, by=of(guardian))
    row = Child.objects.get()
    for text in (repr(view), str(view), repr(row), str(row), f"{row.__dict__}"):
        assert NICKNAME not in text
        assert "2021" not in text.replace(str(row.created_at), "")


@pytest.mark.clause("L-PP-4.5-2.2b")
@pytest.mark.parametrize("who", ["another guardian", "staff", "the same, as staff", "the software", "nobody"])
def test_nobody_but_the_guardian_gets_in(guardian: User, who: str) -> None:
    child = a_child(guardian)
    by = {
        "another guardian": of(a_guardian()),
        "staff": Actor("staff", uuid7()),
        "the same, as staff": Actor("staff", guardian.pk),
        "the software": SYSTEM,
        "nobody": ANONYMOUS,
    }[who]
    own = {"guardian_id": guardian.pk, "by": by}
    right = {"nickname": "别名", "birth_month": BORN}
    doors: list[Callable[[], object]] = [
        lambda: services.children_of(**own),
        lambda: services.find_child(child_id=child, **own),
        lambda: services.correct_child(child_id=child, **right, **own),
        lambda: services.doubt_child(child_id=child, **own),
        lambda: services.leave_child(child_id=child, **own),
        lambda: services.keep_child(child_id=uuid7(), consent_id=uuid7(), **right, **own),
    ]
    for door in doors:
        with pytest.raises(NotTheGuardian):
            door()
    assert reads() == []
    assert Child.objects.get().pk == child


def test_a_strangers_child_does_not_exist(guardian: User) -> None:
    child, stranger = a_child(guardian), a_guardian()
    a_child(stranger, "自己的")
    before = stored(child)
    own = {"guardian_id": stranger.pk, "by": of(stranger)}
    assert services.find_child(child_id=child, **own) is None
    assert services.child_named(guardian_id=stranger.pk, public_id=name_of(child)) is None
    assert child not in services.names_of(guardian_id=stranger.pk)
    assert child not in {view.id for view in services.children_of(**own)}
    for act in (
        lambda: services.correct_child(child_id=child, nickname="别名", birth_month=BORN, **own),
        lambda: services.doubt_child(child_id=child, **own),
        lambda: services.leave_child(child_id=child, **own),
    ):
        with pytest.raises(ChildUnknown):
            act()
    assert stored(child) == before
    assert (stranger.pk, child) not in reads()


@pytest.mark.clause("L-PP-4.5-2.2c")
def test_every_look_is_on_record_whatever_becomes_of_the_transaction(guardian: User) -> None:
    first, second = a_child(guardian), a_child(guardian, "大毛")
    known = len(reads())
    with pytest.raises(RuntimeError, match="broke off"), transaction.atomic():
        services.children_of(guardian_id=guardian.pk, by=of(guardian))
        raise RuntimeError("broke off")
    assert reads()[known:] == [(guardian.pk, first), (guardian.pk, second)]
    services.find_child(guardian_id=guardian.pk, child_id=second, by=of(guardian))
    assert reads()[known + 2 :] == [(guardian.pk, second)]


@pytest.mark.clause("L-PP-4.5-2.2c")
def test_no_record_no_look(guardian: User) -> None:
    child = a_child(guardian)
    known = len(reads())
    url = os.environ["DATABASE_ADMIN_URL"]
    as_superuser(url, "REVOKE INSERT ON audit_auditevent FROM APP")
    try:
        for look in (
            lambda: services.children_of(guardian_id=guardian.pk, by=of(guardian)),
            lambda: services.find_child(guardian_id=guardian.pk, child_id=child, by=of(guardian)),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                look()
    finally:
        as_superuser(url, "GRANT INSERT ON audit_auditevent TO APP")
    assert len(reads()) == known


def test_who_has_no_children_is_not_recorded_as_reading_any(guardian: User) -> None:
    assert services.children_of(guardian_id=guardian.pk, by=of(guardian)) == []
    assert reads() == []


@pytest.mark.parametrize("how_many", [1, 3])
def test_a_look_costs_the_same_for_one_and_for_three(guardian: User, how_many: int) -> None:
    for name in ("一一", "二二", "三三")[:how_many]:
        a_child(guardian, name)
    # The records of the look are one insert on a connection of their own; default is asked about consents.
    with key_scope(), counted(default=1, minors=1, keys=1):
        assert len(wards_of(guardian=guardian)) == how_many


# Kept


@pytest.mark.clause("L-PP-4.5-1a")
def test_the_database_keeps_no_child_without_consent_or_guardian(guardian: User) -> None:
    child = Child.objects.get(pk=a_child(guardian))
    for consent, complaint in (({}, "null value"), ({"consent_id": child.consent_id}, "duplicate key")):
        another = Child(nickname="x", birth_month=BORN, **consent)
        with pytest.raises(IntegrityError, match=complaint), transaction.atomic(using="minors"):
            another.save(force_insert=True)
            Guardianship.objects.create(child=another, guardian_id=guardian.pk)
    with pytest.raises(IntegrityError, match="a child has a guardian"), transaction.atomic(using="minors"):
        Child(nickname="x", birth_month=BORN, consent_id=uuid7()).save(force_insert=True)
    with pytest.raises(IntegrityError, match="a child has a guardian"), transaction.atomic(using="minors"):
        Guardianship.objects.all().delete()
    with pytest.raises(IntegrityError, match="a_guardian_once"), transaction.atomic(using="minors"):
        Guardianship.objects.create(child=child, guardian_id=guardian.pk)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(using="minors"):
        Guardianship.objects.update(guardian_id=uuid7())


def test_a_child_is_kept_on_record_within_the_callers_transaction(guardian: User) -> None:
    with pytest.raises(RuntimeError, match="within the transaction"):
        services.keep_child(
            child_id=uuid7(),
            guardian_id=guardian.pk,
            nickname=NICKNAME,
            birth_month=BORN,
            consent_id=uuid7(),
            by=of(guardian),
        )
    assert not Child.objects.exists()
    child = a_child(guardian)
    kept = AuditEvent.objects.get(action="child.kept")
    consent = ConsentRecord.objects.get(concerning_id=child)
    assert (kept.actor_id, kept.subject_id, kept.target) == (guardian.pk, child, f"minors.child/{child}")
    assert kept.detail == {"consent": str(consent.pk)}
    assert Child.objects.get().consent_id == consent.pk


def test_what_cannot_be_kept_is_refused_by_the_vault_itself(guardian: User) -> None:
    for right in (
        {"nickname": "13800001234", "birth_month": BORN},
        {"nickname": NICKNAME, "birth_month": timezone.localdate() + timedelta(days=40)},
        {"nickname": NICKNAME, "birth_month": date(2000, 1, 1)},
    ):
        with pytest.raises(ChildInvalid), transaction.atomic():
            services.keep_child(
                child_id=uuid7(), guardian_id=guardian.pk, consent_id=uuid7(), by=of(guardian), **right
            )
    assert not Child.objects.exists()


def test_a_correction_is_on_record_and_read_again(guardian: User) -> None:
    child = a_child(guardian)
    right = date(2022, 6, 1)
    services.correct_child(
        guardian_id=guardian.pk, child_id=child, nickname=" 二宝 ", birth_month=right, by=of(guardian)
    )
    view = services.find_child(guardian_id=guardian.pk, child_id=child, by=of(guardian))
    assert view
    assert (view.nickname, view.birth_month) == ("二宝", right)
    assert AuditEvent.objects.get(action="child.corrected").subject_id == child


# Gone


@pytest.mark.clause("LAW-41")
def test_a_deleted_child_is_gone_and_its_old_bytes_open_no_more(guardian: User) -> None:
    child, sister = a_child(guardian), a_child(guardian, "妹妹")
    old = Child.objects.get(pk=child)
    services.leave_child(guardian_id=guardian.pk, child_id=child, by=of(guardian))
    with pytest.raises(Erased):
        _ = old.nickname
    assert set(SubjectKey.objects.filter(subject=child).values_list("state", flat=True)) == {"destroyed"}
    assert not SubjectKey.objects.filter(subject=child, wrapped__isnull=False).exists()
    assert [view.id for view in services.children_of(guardian_id=guardian.pk, by=of(guardian))] == [sister]
    assert not Guardianship.objects.filter(child_id=child).exists()
    assert AuditEvent.objects.get(action="child.deleted").subject_id == child
    with pytest.raises(ChildUnknown):
        services.leave_child(guardian_id=guardian.pk, child_id=child, by=of(guardian))


def hours_on(hours: float) -> int:
    """Sweep as the clock will, so many hours from now; how many were dropped."""
    return sweep_children(before=timezone.now() + timedelta(hours=hours) - timedelta(hours=1))


def test_a_child_whose_consent_never_committed_is_shown_to_nobody_and_swept(guardian: User) -> None:
    with pytest.raises(RuntimeError, match="killed"), transaction.atomic():
        child = a_child(guardian)
        raise RuntimeError("killed before the commit")
    old = Child.objects.get(pk=child)
    assert wards_of(guardian=guardian) == []
    assert hours_on(0.9) == 0
    assert Child.objects.filter(pk=child).exists()
    assert hours_on(1.1) == 1
    assert not Child.objects.exists()
    assert not Guardianship.objects.exists()
    with pytest.raises(Erased):
        _ = old.nickname
    dropped = AuditEvent.objects.get(action="child.dropped")
    assert (dropped.actor_kind, dropped.subject_id) == ("system", child)
    # Typed again, it is another child, with a consent of its own.
    again = a_child(guardian)
    assert again != child
    assert hours_on(1.1) == 0


def test_the_child_typed_again_before_the_sweep_is_not_the_one_without_consent(guardian: User) -> None:
    with pytest.raises(RuntimeError, match="killed"), transaction.atomic():
        lost = a_child(guardian)
        raise RuntimeError("killed before the commit")
    kept = a_child(guardian)
    assert kept != lost
    assert hours_on(1.1) == 1
    assert [view.id for view in wards_of(guardian=guardian)] == [kept]


def test_a_child_with_consent_is_looked_at_once(guardian: User) -> None:
    child = a_child(guardian)
    assert hours_on(1.1) == 0
    assert Child.objects.get(pk=child).in_doubt_since is None
    assert services.children_in_doubt(before=timezone.now() + timedelta(days=1), most=9) == []


@pytest.mark.parametrize("keys_gone", [False, True])
def test_a_deletion_that_broke_off_is_finished(guardian: User, keys_gone: bool) -> None:
    child = a_child(guardian)
    hours_on(1.1)
    services.doubt_child(guardian_id=guardian.pk, child_id=child, by=of(guardian))
    with transaction.atomic():
        withdraw(guardian=guardian, child_id=child, channel=Channel.WEB)
    if keys_gone:
        destroy_keys(child)
        assert services.children_of(guardian_id=guardian.pk, by=of(guardian)) == []
    assert wards_of(guardian=guardian) == []
    assert hours_on(1.1) == 1
    assert not Child.objects.exists()


def test_a_deletion_that_was_never_begun_in_earnest_leaves_the_child(guardian: User) -> None:
    child = a_child(guardian)
    services.doubt_child(guardian_id=guardian.pk, child_id=child, by=of(guardian))
    assert hours_on(1.1) == 0
    assert [view.id for view in wards_of(guardian=guardian)] == [child]


def test_the_clock_sweeps_what_is_an_hour_old(guardian: User) -> None:
    with pytest.raises(RuntimeError, match="killed"), transaction.atomic():
        a_child(guardian)
        raise RuntimeError("killed")
    task()
    assert Child.objects.exists()
    Child.objects.update(in_doubt_since=timezone.now() - timedelta(minutes=61))
    task()
    assert not Child.objects.exists()


@pytest.mark.parametrize(("months", "fits"), [(47, False), (48, True), (83, True), (84, False)])
def test_the_software_learns_whether_a_child_is_of_age_and_nothing_more(
    guardian: User, months: int, fits: bool
) -> None:
    child, year = a_child(guardian), BORN.year + (BORN.month - 1 + months) // 12
    on = date(year, (BORN.month - 1 + months) % 12 + 1, 28)
    asked = {"guardian_id": guardian.pk, "child_id": child, "on": on, "ages": (48, 83)}

    assert services.is_of_age(by=SYSTEM, **asked) is fits
    assert reads()[-1] == (None, child)
    for by in (of(guardian), ANONYMOUS, Actor("staff", guardian.pk)):
        with pytest.raises(NotTheGuardian):
            services.is_of_age(by=by, **asked)
