"""Consent for a child: the guardian's alone, one record a child, refused and withdrawn on record too."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.actors import Actor
from privacy.audit.models import AuditEvent
from privacy.consent.declarations import DECLARATIONS
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose, ConsentState
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.models import ConsentRecord
from privacy.consent.services import (
    agree_for_child,
    agreed_documents,
    agreed_for,
    has_agreed,
    notice,
    record_consents,
    refuse_for_children,
    who_agreed,
    withdraw_for_child,
)

pytestmark = pytest.mark.django_db(databases=["default"])


@pytest.fixture
def subject() -> uuid.UUID:
    return uuid7()


def yes(subject: uuid.UUID, child: uuid.UUID, **changes: Any) -> ConsentRecord:
    by = Actor("guardian", subject)
    values: dict[str, Any] = {"agreements": {"children": "1.0"}, "channel": Channel.WEB, "by": by}
    return agree_for_child(subject=subject, child_id=child, **values | changes)


def no(subject: uuid.UUID) -> ConsentRecord:
    return refuse_for_children(subject=subject, channel=Channel.WEB, by=Actor("guardian", subject))


def back(subject: uuid.UUID, child: uuid.UUID) -> None:
    withdraw_for_child(subject=subject, child_id=child, channel=Channel.WEB, by=Actor("guardian", subject))


@pytest.mark.clause("X2-8.1b")
def test_each_child_has_a_record_of_its_own(subject: uuid.UUID) -> None:
    first, second = uuid7(), uuid7()
    records = [yes(subject, first), yes(subject, second)]
    assert [(r.concerning_id, r.purpose, r.state, r.acting_role) for r in records] == [
        (child, "children", "given", "guardian") for child in (first, second)
    ]
    assert {r.notice.version for r in records} == {"1.0"}
    assert DECLARATIONS[records[0].declaration] == "我是这个孩子的监护人"
    for child in (first, second):
        assert has_agreed(subject=subject, document="children", child_id=child)
    assert not has_agreed(subject=subject, document="children", child_id=uuid7())
    assert not has_agreed(subject=subject, document="children")
    given = AuditEvent.objects.filter(action="consent.given", subject_id=subject)
    assert [event.target for event in given.order_by("seq")] == [
        f"consent.consentrecord/{record.pk}" for record in records
    ]


def test_a_yes_that_stands_is_not_recorded_twice(subject: uuid.UUID) -> None:
    child = uuid7()
    assert yes(subject, child).pk == yes(subject, child).pk
    assert ConsentRecord.objects.count() == 1


@pytest.mark.clause("X2-8.2a")
@pytest.mark.parametrize(
    ("agreements", "error"),
    [
        ({}, AgreementsRequired),
        ({"terms": "1.0", "privacy": "1.0"}, AgreementsRequired),
        ({"children": "0.9"}, DocumentStale),
        ({"children": ""}, DocumentStale),
    ],
)
def test_nothing_else_stands_for_a_yes_to_the_rules_in_force(
    subject: uuid.UUID, agreements: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        yes(subject, uuid7(), agreements=agreements)
    assert not ConsentRecord.objects.exists()


@pytest.mark.clause("X2-8.2.2", "LAW-34")
def test_a_refusal_is_on_record_and_names_no_child(subject: uuid.UUID) -> None:
    child = uuid7()
    yes(subject, child)
    refused = no(subject)
    assert (refused.state, refused.purpose, refused.concerning_id) == ("refused", "children", None)
    assert AuditEvent.objects.get(action="consent.refused").subject_id == subject
    # It is about what was about to be typed; what is kept with a yes of its own stays.
    assert has_agreed(subject=subject, document="children", child_id=child)


def test_a_no_that_stands_is_not_recorded_twice(subject: uuid.UUID) -> None:
    record_consents(
        subject=subject,
        agreements={"terms": "1.0", "privacy": "1.0"},
        channel=Channel.WEB,
        acting_role=ActingRole.GUARDIAN_OR_AUTHORISED,
        by=Actor("guardian", subject),
    )
    assert no(subject).pk == no(subject).pk
    yes(subject, uuid7())
    again = no(subject)

    assert ConsentRecord.objects.filter(state="refused").count() == 2
    assert no(subject).pk == again.pk
    assert AuditEvent.objects.filter(action="consent.refused").count() == 2


def test_a_yes_is_taken_back_for_its_child_alone_and_can_be_given_again(subject: uuid.UUID) -> None:
    first, second = uuid7(), uuid7()
    yes(subject, first)
    yes(subject, second)
    back(subject, first)
    back(subject, first)
    assert agreed_for(subject=subject, children=[first, second, uuid7()]) == {second}
    assert ConsentRecord.objects.filter(state="withdrawn").count() == 1
    assert AuditEvent.objects.filter(action="consent.withdrawn").count() == 1
    yes(subject, first)
    assert agreed_for(subject=subject) == {first, second}
    assert agreed_for(subject=subject, children=[]) == agreed_for(subject=uuid7()) == set()


def test_each_guardian_decides_for_themselves(subject: uuid.UUID) -> None:
    child, other, another = uuid7(), uuid7(), uuid7()
    yes(subject, child)
    yes(other, child)
    yes(other, another)
    back(other, child)
    assert has_agreed(subject=subject, document="children", child_id=child)
    assert agreed_for(subject=subject) == {child}
    assert agreed_for(subject=other) == {another}
    assert who_agreed(children=[child, another, uuid7()]) == {child: {subject}, another: {other}}
    back(subject, child)
    assert who_agreed(children=[child]) == {}


def test_what_stands_for_the_documents_is_not_touched_by_decisions_about_children(subject: uuid.UUID) -> None:
    record_consents(
        subject=subject,
        agreements={"terms": "1.0", "privacy": "1.0"},
        channel=Channel.WEB,
        acting_role=ActingRole.GUARDIAN_OR_AUTHORISED,
        by=Actor("guardian", subject),
    )
    child = uuid7()
    yes(subject, child)
    no(subject)
    back(subject, child)
    assert agreed_documents(subject=subject) == {"terms", "privacy"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": ConsentPurpose.CHILDREN},
        {"purpose": ConsentPurpose.CHILDREN, "state": ConsentState.WITHDRAWN},
        {"purpose": ConsentPurpose.TERMS, "concerning_id": uuid.uuid4()},
        {
            "purpose": ConsentPurpose.CHILDREN,
            "concerning_id": uuid.uuid4(),
            "acting_role": ActingRole.GUARDIAN_OR_AUTHORISED,
        },
    ],
)
def test_the_database_refuses_a_yes_for_no_child_and_a_yes_of_no_guardian(wrong: dict[str, Any]) -> None:
    values: dict[str, Any] = {
        "subject_id": uuid.uuid4(),
        "notice": notice("children"),
        "state": ConsentState.GIVEN,
        "at": timezone.now(),
        "channel": Channel.WEB,
        "acting_role": ActingRole.GUARDIAN,
        "declaration": "guardian.1",
    }
    with pytest.raises(IntegrityError, match="consent_for_a_child_names_it"), transaction.atomic():
        ConsentRecord.objects.create(**values | wrong)
