"""Agreements: one record a document, in the caller's transaction, never changed."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class in a lower-case name
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from privacy.actors import ANONYMOUS, Actor
from privacy.audit.models import AuditEvent
from privacy.consent.declarations import DECLARATIONS, declaration_shown, declaration_text
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose, ConsentState
from privacy.consent.exceptions import AgreementsRequired, ConsentError, DocumentStale, DocumentUnknown
from privacy.consent.models import ConsentRecord
from privacy.consent.services import has_agreed, notice, record_consents
from privacy.inventory.registry import keeps, personal_fields, subject_path

pytestmark = pytest.mark.django_db(databases=["default"])

BOTH = {"terms": "1.0", "privacy": "1.0"}


def agree(
    subject: uuid.UUID, agreements: dict[str, str] | None = None, **changes: Any
) -> list[ConsentRecord]:
    """Agree as a guardian does on the page, to terms and policy unless told otherwise."""
    values: dict[str, Any] = {
        "subject": subject,
        "agreements": BOTH if agreements is None else agreements,
        "channel": Channel.WEB,
        "acting_role": ActingRole.GUARDIAN_OR_AUTHORISED,
        "by": Actor("guardian", subject),
    }
    return record_consents(**values | changes)


def decide(subject: uuid.UUID, state: ConsentState, at: datetime | None = None) -> None:
    """A decision about the terms."""
    ConsentRecord.objects.create(
        subject_id=subject,
        notice=notice("terms"),
        purpose=ConsentPurpose.TERMS,
        state=state,
        at=at or timezone.now(),
        channel=Channel.WEB,
        acting_role=ActingRole.GUARDIAN_OR_AUTHORISED,
        declaration=declaration_shown(ActingRole.GUARDIAN_OR_AUTHORISED),
    )


@pytest.fixture
def subject() -> uuid.UUID:
    return uuid.uuid4()


@pytest.mark.clause("L-SITE-19")
def test_each_document_agreed_to_is_a_record_of_its_own(
    subject: uuid.UUID, time_machine: TimeMachineFixture
) -> None:
    moment = timezone.now()
    time_machine.move_to(moment, tick=False)
    agree(subject)
    kept = ConsentRecord.objects.filter(subject_id=subject).order_by("id")
    assert [
        (r.purpose, r.notice.version, r.notice.sha256, r.at, r.channel, r.acting_role, r.state) for r in kept
    ] == [
        (name, "1.0", notice(name).sha256, moment, "web", "guardian_or_authorised", "given")
        for name in ("terms", "privacy")
    ]


@pytest.mark.clause("L-PP-2-1.3b")
def test_a_record_names_the_declaration_that_was_shown(subject: uuid.UUID) -> None:
    record = agree(subject)[0]
    assert record.declaration == declaration_shown(ActingRole.GUARDIAN_OR_AUTHORISED)
    assert DECLARATIONS[record.declaration] == declaration_text(ActingRole.GUARDIAN_OR_AUTHORISED)
    assert "18" in DECLARATIONS[record.declaration]
    assert "监护人" in DECLARATIONS[record.declaration]


@pytest.mark.clause("L-UA-8-2")
@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ["terms", "privacy"]),
        ({"terms": "1.0"}, ["privacy"]),
        ({"privacy": "1.0"}, ["terms"]),
        ({"children": "1.0"}, ["terms", "privacy"]),
    ],
)
def test_agreeing_to_one_document_does_not_stand_for_another(
    subject: uuid.UUID, given: dict[str, str], missing: list[str]
) -> None:
    with pytest.raises(AgreementsRequired) as refused:
        agree(subject, given)
    assert refused.value.missing == missing
    assert not ConsentRecord.objects.exists()


def test_a_yes_to_the_childrens_rules_is_left_to_the_child_it_is_for(subject: uuid.UUID) -> None:
    agree(subject, {**BOTH, "children": "1.0"})
    assert not has_agreed(subject=subject, document="children")
    assert {record.purpose for record in ConsentRecord.objects.all()} == {"terms", "privacy"}


@pytest.mark.parametrize("version", ["0.9", "1.1", "", "1.0 "])
def test_a_version_that_is_not_in_force_has_to_be_read_again(subject: uuid.UUID, version: str) -> None:
    with pytest.raises(DocumentStale) as refused:
        agree(subject, {"terms": "1.0", "privacy": version})
    assert refused.value.document == "privacy"
    assert not ConsentRecord.objects.exists()
    assert not AuditEvent.objects.filter(action="consent.given").exists()


def test_an_unknown_document_is_refused_by_name(subject: uuid.UUID) -> None:
    with pytest.raises(DocumentUnknown) as refused:
        agree(subject, {**BOTH, "cookies": "1.0"})
    assert refused.value.document == "cookies"
    assert issubclass(DocumentUnknown, ConsentError)


@pytest.mark.clause("L-UA-0")
def test_a_transaction_that_fails_leaves_neither_consent_nor_audit(subject: uuid.UUID) -> None:
    with transaction.atomic():
        assert len(agree(subject)) == 2
        transaction.set_rollback(True)
    assert not ConsentRecord.objects.exists()
    assert not AuditEvent.objects.filter(action="consent.given").exists()


def test_every_consent_is_audited_with_who_acted(subject: uuid.UUID) -> None:
    records = agree(subject, channel=Channel.API, by=ANONYMOUS)
    events = AuditEvent.objects.filter(action="consent.given", subject_id=subject).order_by("seq")
    assert [(event.actor_kind, event.target, event.detail) for event in events] == [
        (
            "anonymous",
            f"consent.consentrecord/{record.pk}",
            {"document": record.purpose, "version": "1.0", "channel": "api"},
        )
        for record in records
    ]


def test_agreeing_costs_a_fixed_number_of_queries(
    subject: uuid.UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):  # savepoint, documents, records, two events, release
        agree(subject)


def test_who_never_decided_has_not_agreed(subject: uuid.UUID) -> None:
    agree(uuid.uuid4())
    assert has_agreed(subject=subject, document="terms") is False


def test_the_newest_decision_stands_and_history_stays(subject: uuid.UUID) -> None:
    agree(subject)
    assert has_agreed(subject=subject, document="terms") is True
    decide(subject, ConsentState.WITHDRAWN)
    assert has_agreed(subject=subject, document="terms") is False
    assert has_agreed(subject=subject, document="privacy") is True
    agree(subject)
    assert has_agreed(subject=subject, document="terms") is True
    assert ConsentRecord.objects.filter(subject_id=subject, purpose="terms").count() == 3


def test_decisions_of_one_moment_count_in_the_order_they_were_made(subject: uuid.UUID) -> None:
    moment = timezone.now()
    decide(subject, ConsentState.GIVEN, moment)
    decide(subject, ConsentState.REFUSED, moment)
    decide(subject, ConsentState.GIVEN, moment - timedelta(seconds=1))
    assert has_agreed(subject=subject, document="terms") is False


def test_purposes_are_those_of_the_contract() -> None:
    assert ConsentPurpose.values == [
        "terms",
        "privacy",
        "children",
        "marketing_sms",
        "marketing_call",
        "survey",
        "personalised",
    ]


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("purpose", "consent_purpose_known"),
        ("state", "consent_state_known"),
        ("channel", "consent_channel_known"),
        ("acting_role", "consent_role_known"),
    ],
)
def test_the_database_refuses_words_it_does_not_know(
    subject: uuid.UUID, column: str, constraint: str
) -> None:
    record = agree(subject)[0]
    record.pk, record._state.adding = uuid.uuid4(), True
    setattr(record, column, "x")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        record.save(force_insert=True)


@pytest.mark.clause("L-PP-0-3")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentrecord SET state = 'withdrawn'",
        "DELETE FROM consent_consentrecord",
        "TRUNCATE consent_consentrecord",
    ],
)
def test_the_app_role_cannot_change_a_consent(subject: uuid.UUID, statement: str) -> None:
    agree(subject)
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)
    assert has_agreed(subject=subject, document="terms")


@pytest.mark.clause("L-PP-0-3")
@pytest.mark.parametrize(
    "statement", ["UPDATE consent_consentrecord SET state = 'withdrawn'", "DELETE FROM consent_consentrecord"]
)
def test_not_even_the_owner_changes_a_consent(
    subject: uuid.UUID, statement: str, owner_cursor: Cursor
) -> None:
    owner_cursor.execute(
        "INSERT INTO consent_consentrecord"
        " (id, subject_id, notice_id, purpose, state, at, channel, acting_role, declaration)"
        " SELECT gen_random_uuid(), gen_random_uuid(), id, 'terms', 'given', now(), 'web',"
        " 'guardian_or_authorised', 'guardian_or_authorised.1' FROM consent_consentnotice LIMIT 1"
    )
    with pytest.raises(psycopg2.errors.RestrictViolation, match="append-only"):
        owner_cursor.execute(statement)


def test_a_record_leads_to_its_subject_and_is_kept_three_years() -> None:
    assert subject_path(ConsentRecord) == "subject_id"
    declared = [declaration for _, declaration in personal_fields(ConsentRecord)]
    assert {declaration.keep for declaration in declared} == {"consent_proof"}
    assert keeps["consent_proof"].floor.days == 3 * 365 + 1
    assert len({declaration.id for declaration in declared}) == len(declared) == 9
