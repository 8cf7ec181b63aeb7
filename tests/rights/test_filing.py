"""Taking a request in."""

import pytest
from django.db import IntegrityError, transaction

from kit.uuid7 import uuid7
from privacy.actors import ANONYMOUS, SYSTEM, Actor
from privacy.rights.enums import Entrance, Identity, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.steps import held, step

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_guardian_s_request_is_accepted_at_once() -> None:
    who = uuid7()
    filed = file_request(
        asked=Asked(kinds=[RequestKind.EXPORT], words="请给我一份"),
        subject_id=who,
        entrance=Entrance.ACCOUNT,
        identity=Identity.SIGNED_IN,
        by=Actor("guardian", who),
    )
    row = DataSubjectRequest.objects.of(who).get()
    assert (row.state, row.words, filed.receipt) == (RequestState.ACCEPTED, "请给我一份", None)
    assert [event.what for event in row.events.all()] == ["received", "accepted"]


def test_a_stranger_gets_a_receipt_and_is_asked_for_proof() -> None:
    filed = file_request(
        asked=Asked(kinds=[RequestKind.ERASE]),
        subject_id=None,
        entrance=Entrance.DOOR,
        identity=Identity.UNKNOWN,
        by=ANONYMOUS,
    )
    assert filed.receipt
    assert (filed.request.state, filed.request.known) == (RequestState.VERIFYING, False)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_nothing_is_answered_without_the_remedies() -> None:
    filed = file_request(
        asked=Asked(kinds=[RequestKind.QUESTION]),
        subject_id=None,
        entrance=Entrance.DOOR,
        identity=Identity.UNKNOWN,
        by=ANONYMOUS,
    )
    with pytest.raises(IntegrityError, match="remedies"), transaction.atomic():
        step(held(filed.request.pk), RequestState.FULFILLED, by=SYSTEM)
