"""What is written once: under an alias by an erasure that runs, gone after three years, and changed by nobody else."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class in a lower-case name

from accounts.models import User
from kit.uuid7 import uuid7
from privacy.actors import SYSTEM, Actor
from privacy.audit.models import AuditEvent
from privacy.audit.services import record
from privacy.consent.enums import ActingRole, Channel
from privacy.consent.models import ConsentRecord
from privacy.consent.services import current_versions, record_consents
from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.models import ErasureJob, ErasureSubject
from privacy.retention.models import HeldRecord, LegalHold
from privacy.retention.rules import rules
from privacy.retention.services.purging import purge as carry_out
from tests.cleaning import everything_allowed
from tests.families import a_guardian
from tests.rights.asking import an_officer

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__")]

THREE_YEARS = timedelta(days=3 * 366 + 1)


def an_erasure(subject: UUID, state: JobState = JobState.RUNNING) -> tuple[ErasureJob, UUID]:
    """One that names somebody, and the alias."""
    job = ErasureJob.objects.create(subject_id=subject, scope=Scope.PERSON, reason=Reason.CLOSED, state=state)
    person = ErasureSubject.objects.create(job=job, kind="guardian", subject_id=subject)
    return job, person.alias


def unlink(job: UUID, old: UUID, new: UUID) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT privacy_unlink(%s, %s, %s)", [job, old, new])
        return int(cursor.fetchone()[0])


def purge(table: str, most: int = 100) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT privacy_purge(%s, now(), %s)", [table, most])
        return int(cursor.fetchone()[0])


def older(table: str, by: timedelta = THREE_YEARS) -> None:
    """All rows, by so much: the software cannot, so the superuser does."""
    with everything_allowed("DATABASE") as cursor:
        cursor.execute(f"UPDATE {table} SET at = at - %s", [by])  # noqa: S608  one of two


def deed(subject: User, by: Actor | None = None) -> AuditEvent:
    with transaction.atomic():
        return record("guardian.seen", by=by or SYSTEM, subject=subject.pk, target=subject)


def agreed(guardian: User) -> None:
    """To the terms and the policy."""
    with transaction.atomic():
        record_consents(
            subject=guardian.pk,
            agreements=current_versions(),
            channel=Channel.WEB,
            acting_role=ActingRole.GUARDIAN_OR_AUTHORISED,
            by=Actor("guardian", guardian.pk),
        )


def test_an_erasure_puts_every_deed_under_its_alias_and_leaves_the_others() -> None:
    gone, stays = a_guardian(), a_guardian()
    own = deed(gone)
    with transaction.atomic():
        as_actor = record(
            "child.kept", by=Actor("guardian", gone.pk), subject=stays.pk, detail={"who": gone.pk}
        )
        other = record("guardian.seen", by=Actor("guardian", stays.pk), subject=stays.pk, target=stays)
    before = AuditEvent.objects.filter(pk=other.pk).values().get()
    job, alias = an_erasure(gone.pk)

    assert unlink(job.pk, gone.pk, alias) == 2
    assert unlink(job.pk, gone.pk, alias) == 0

    own.refresh_from_db()
    as_actor.refresh_from_db()
    assert (own.subject_id, own.target, own.action) == (alias, f"accounts.user/{alias}", "guardian.seen")
    assert (as_actor.actor_id, as_actor.subject_id) == (alias, stays.pk)
    assert as_actor.detail == {"who": str(alias)}
    assert AuditEvent.objects.filter(pk=other.pk).values().get() == before


def test_decisions_lose_who_took_them_and_for_whom() -> None:
    guardian = a_guardian()
    agreed(guardian)
    made = ConsentRecord.objects.count()
    job, alias = an_erasure(guardian.pk)

    assert unlink(job.pk, guardian.pk, alias) >= made
    assert set(ConsentRecord.objects.values_list("subject_id", flat=True)) == {alias}


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.WAITING])
def test_only_an_erasure_that_runs_unlinks(state: JobState) -> None:
    guardian = a_guardian()
    deed(guardian)
    job, alias = an_erasure(guardian.pk, state)

    with pytest.raises(IntegrityError, match="no running erasure"):
        unlink(job.pk, guardian.pk, alias)


@pytest.mark.parametrize("wrong", ["job", "person", "alias"])
def test_it_unlinks_whom_it_names_under_the_name_it_gives(wrong: str) -> None:
    guardian, stranger = a_guardian(), a_guardian()
    event = deed(stranger)
    job, alias = an_erasure(guardian.pk)
    said = {"job": job.pk, "person": guardian.pk, "alias": alias}
    said[wrong] = stranger.pk if wrong == "person" else uuid7()

    with pytest.raises(IntegrityError, match="no running erasure"):
        unlink(said["job"], said["person"], said["alias"])
    assert AuditEvent.objects.get(pk=event.pk).subject_id == stranger.pk


def test_nobodys_deeds_are_put_down_to_somebody_who_is_here() -> None:
    gone, innocent = a_guardian(), a_guardian()
    event = deed(gone)
    job, _ = an_erasure(gone.pk)
    ErasureSubject.objects.filter(job=job).update(alias=innocent.pk)

    with pytest.raises(IntegrityError, match="no running erasure"):
        unlink(job.pk, gone.pk, innocent.pk)
    assert AuditEvent.objects.get(pk=event.pk).subject_id == gone.pk


def test_what_staff_did_stays_theirs_whatever_erasure_names_them() -> None:
    officer, stays = an_officer(), a_guardian()
    event = deed(stays, officer)
    assert officer.id is not None
    job, alias = an_erasure(officer.id)

    unlink(job.pk, officer.id, alias)

    assert AuditEvent.objects.get(pk=event.pk).actor_id == officer.id


@pytest.mark.parametrize("setting", ["unlink", "purge", "follow"])
def test_saying_the_word_opens_nothing_to_the_app(setting: str) -> None:
    deed(a_guardian())
    older("audit_auditevent")

    for attack in (f"UPDATE audit_auditevent SET subject_id = '{uuid7()}'", "DELETE FROM audit_auditevent"):  # noqa: S608
        with (
            pytest.raises(DatabaseError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT set_config('leap.appended', %s, true)", [setting])
            cursor.execute(attack)
        assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_the_word_is_unsaid_when_a_function_has_ended() -> None:
    guardian = a_guardian()
    job, alias = an_erasure(guardian.pk)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT privacy_unlink(%s, %s, %s)", [job.pk, guardian.pk, alias])
        cursor.execute("SELECT privacy_purge('audit_auditevent', now(), 1)")
        cursor.execute("SELECT current_setting('leap.appended')")
        assert cursor.fetchone() == ("",)


def test_deeds_go_after_three_years_and_not_before() -> None:
    deed(a_guardian())
    older("audit_auditevent", timedelta(days=3 * 365 - 1))
    assert purge("audit_auditevent") == 0

    older("audit_auditevent", timedelta(days=4))
    deed(a_guardian())
    assert purge("audit_auditevent") == 1
    assert AuditEvent.objects.count() == 1


def test_a_purge_takes_no_more_than_it_is_asked() -> None:
    for _ in range(3):
        deed(a_guardian())
    older("audit_auditevent")

    assert [purge("audit_auditevent", most=2), purge("audit_auditevent", most=2)] == [2, 1]


def test_what_an_authority_holds_stays() -> None:
    held, free = a_guardian(), a_guardian()
    deed(held)
    deed(free)
    hold = LegalHold.objects.create(
        subject_id=held.pk, authority="法院", document="1", placed_by=uuid7(), review_on=timezone.localdate()
    )
    HeldRecord.objects.create(hold=hold, model="audit.auditevent")
    older("audit_auditevent")

    assert purge("audit_auditevent") == 1
    assert AuditEvent.objects.get().subject_id == held.pk


@pytest.mark.parametrize("table", ["accounts_user", "enrollment_bookingevent"])
def test_nothing_else_is_purged_this_way(table: str) -> None:
    with pytest.raises(IntegrityError, match="not purged this way"):
        purge(table)


def _said(subject: UUID, state: str, purpose: str = "marketing_sms") -> ConsentRecord:
    like = ConsentRecord.objects.first()
    assert like is not None
    return ConsentRecord.objects.create(
        subject_id=subject, notice=like.notice, purpose=purpose, state=state, at=timezone.now(),
        channel=like.channel, acting_role=like.acting_role, declaration=like.declaration,
    )  # fmt: skip


@pytest.fixture
def somebody() -> UUID:
    guardian = a_guardian()
    agreed(guardian)
    return guardian.pk


Steps = Callable[[UUID], None]


def _given(who: UUID) -> None:
    _said(who, "given")


def _taken_back(who: UUID) -> None:
    _said(who, "given")
    _said(who, "withdrawn")


def _given_again(who: UUID) -> None:
    _said(who, "given")
    _said(who, "withdrawn")
    _said(who, "given")


@pytest.mark.parametrize(("steps", "left"), [(_given, 1), (_taken_back, 0), (_given_again, 1)])
def test_a_yes_that_stands_stays_and_what_is_over_goes(somebody: UUID, steps: Steps, left: int) -> None:
    steps(somebody)
    older("consent_consentrecord")

    purge("consent_consentrecord")
    assert ConsentRecord.objects.filter(purpose="marketing_sms").count() == left
    assert ConsentRecord.objects.filter(purpose="terms").count() == 1


def test_a_yes_withdrawn_lately_is_proof_still(somebody: UUID) -> None:
    _said(somebody, "given")
    older("consent_consentrecord")
    _said(somebody, "withdrawn")

    purge("consent_consentrecord")
    assert ConsentRecord.objects.filter(purpose="marketing_sms").count() == 2


def test_a_yes_of_somebody_erased_goes_three_years_after(somebody: UUID) -> None:
    _, alias = an_erasure(uuid7())
    ErasureSubject.objects.filter(alias=alias).update(alias=somebody)
    older("consent_consentrecord")
    assert purge("consent_consentrecord") == 0

    ErasureJob.objects.update(begun_at=timezone.now() - THREE_YEARS)
    assert purge("consent_consentrecord") == ConsentRecord.objects.count() + 2


def test_a_dry_run_counts_what_a_real_one_takes(somebody: UUID) -> None:
    for steps in (_given, _taken_back):
        steps(somebody)
    other = a_guardian()
    agreed(other)
    _said(other.pk, "refused", "survey")
    older("consent_consentrecord")

    rule, now = rules["consent.decisions"], timezone.now()
    dry, real = carry_out(rule, now, dry=True), carry_out(rule, now)
    assert (dry.due, real.rows) == (4, 4)
    assert ConsentRecord.objects.count() == 4


# The law of the rows themselves, met by the owner of the tables


def _one(cursor: Cursor, ago: str) -> None:
    cursor.execute(
        "INSERT INTO audit_auditevent (actor_kind, action, target, detail) VALUES ('system', 'a.done', '', '{}')"
    )
    cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER append_only_rows")
    cursor.execute("UPDATE audit_auditevent SET at = now() - %s::interval", [ago])
    cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER append_only_rows")


@pytest.mark.parametrize(
    ("word", "statement", "ago"),
    [
        ("unlink", "UPDATE audit_auditevent SET action = 'b.done'", "5 years"),
        ("unlink", "UPDATE audit_auditevent SET subject_id = gen_random_uuid(), at = now()", "5 years"),
        ("unlink", "DELETE FROM audit_auditevent", "5 years"),
        ("purge", "UPDATE audit_auditevent SET subject_id = gen_random_uuid()", "5 years"),
        ("purge", "DELETE FROM audit_auditevent", "3 years"),
        ("follow", "DELETE FROM audit_auditevent", "5 years"),
        ("", "DELETE FROM audit_auditevent", "5 years"),
    ],
)
def test_each_word_opens_what_it_says_and_no_more(
    owner_cursor: Cursor, word: str, statement: str, ago: str
) -> None:
    _one(owner_cursor, ago)
    owner_cursor.execute("SELECT set_config('leap.appended', %s, true)", [word])
    with pytest.raises(psycopg2.errors.RestrictViolation, match="append-only"):
        owner_cursor.execute(statement)


@pytest.mark.parametrize(
    ("word", "statement"),
    [
        ("unlink", "UPDATE audit_auditevent SET subject_id = gen_random_uuid()"),
        ("purge", "DELETE FROM audit_auditevent"),
    ],
)
def test_and_it_opens_that(owner_cursor: Cursor, word: str, statement: str) -> None:
    _one(owner_cursor, "3 years 2 days")
    owner_cursor.execute("SELECT set_config('leap.appended', %s, true)", [word])
    owner_cursor.execute(statement)
    assert owner_cursor.rowcount == 1


def test_steps_of_bookings_follow_and_are_not_purged(owner_cursor: Cursor) -> None:
    owner_cursor.execute(
        "SELECT tgargs FROM pg_trigger WHERE tgrelid = 'enrollment_bookingevent'::regclass AND tgname = 'append_only_rows'"
    )
    assert bytes(owner_cursor.fetchone()[0]) == b"follows\x00"
