"""What an authority wants kept is kept over every time limit, until somebody says that it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kit.uuid7 import uuid7
from messaging.models import Message
from privacy.actors import SYSTEM
from privacy.audit.models import AuditEvent
from privacy.retention.exceptions import HoldRefused
from privacy.retention.models import HeldRecord, LegalHold
from privacy.retention.services import holds, nightly
from privacy.retention.services.purging import purge
from tests.retention.old_messages import OFFICER, OLD, OVER, a_day, held, left, with_purge, written
from tests.rights.asking import asks, now

pytestmark = pytest.mark.django_db(databases="__all__")
MESSAGES = "messaging.Message"


@pytest.mark.clause("X2-5.5.1")
def test_a_held_row_stays_when_its_time_is_over_and_the_rest_goes() -> None:
    somebody = uuid7()
    kept, *_rest = written(4, days_ago=OVER, subject=somebody)
    hold = held(somebody, [(MESSAGES, kept)])

    run = purge(OLD, timezone.now(), pause=0)

    assert (run.due, run.held, run.rows) == (3, 1, 3)
    assert list(Message.objects.values_list("pk", flat=True)) == [kept]
    holds.release(hold_id=hold.pk, by=OFFICER)
    assert purge(OLD, timezone.now(), pause=0).rows == 1


def test_a_hold_of_all_rows_keeps_those_of_that_person_alone() -> None:
    somebody = uuid7()
    theirs = written(3, days_ago=OVER, subject=somebody)
    written(3, days_ago=OVER)
    held(somebody, [(MESSAGES, holds.ALL)])

    run = purge(OLD, timezone.now(), pause=0)

    assert (run.held, run.rows) == (3, 3)
    assert set(Message.objects.values_list("pk", flat=True)) == set(theirs)


def test_a_rule_that_does_not_say_whose_its_rows_are_is_held_all_the_same() -> None:
    somebody = uuid7()
    written(2, days_ago=OVER, subject=somebody)
    held(somebody, [(MESSAGES, holds.ALL)])
    assert purge(with_purge(OLD, subject=""), timezone.now(), pause=0).rows == 0


def test_a_held_row_keeps_the_row_it_hangs_on() -> None:
    request, other = asks(), asks()
    event = request.events.all()[0]
    held(request.subject_id, [("rights.RequestEvent", event.pk)])
    requests = with_purge(OLD, model="rights.DataSubjectRequest", since="received_at", subject="subject_id")

    run = purge(requests, timezone.now() + timedelta(days=100), pause=0)

    assert (run.held, run.rows) == (1, 1)
    assert now(request).pk == request.pk
    assert not type(other).objects.filter(pk=other.pk).exists()


def test_what_is_held_is_told_by_table() -> None:
    somebody = uuid7()
    first, second = written(2, days_ago=1, subject=somebody)
    assert holds.held_rows(somebody) == {}
    one = held(somebody, [(MESSAGES, first)])
    assert holds.held_rows(somebody) == {"messaging.message": frozenset({first})}
    assert holds.is_held(subject_id=somebody, model=MESSAGES, row_id=first)
    assert not holds.is_held(subject_id=somebody, model=MESSAGES, row_id=second)
    assert holds.is_held(subject_id=somebody, model=MESSAGES)
    assert not holds.is_held(subject_id=uuid7(), model=MESSAGES)
    held(somebody, [(MESSAGES, holds.ALL)])
    assert holds.held_rows(somebody) == {"messaging.message": holds.ALL}
    assert holds.is_held(subject_id=somebody, model=MESSAGES, row_id=second)
    holds.release(hold_id=one.pk, by=OFFICER)
    assert holds.held_rows(somebody) == {"messaging.message": holds.ALL}


@pytest.mark.clause("X2-5.5.1")
def test_a_hold_is_never_extended_and_never_ends_by_itself() -> None:
    somebody = uuid7()
    written(1, days_ago=OVER, subject=somebody)
    hold = held(somebody, [(MESSAGES, holds.ALL)], days=30)
    later = timezone.now() + timedelta(days=31)

    assert list(holds.review_due(on=a_day(29))) == []
    assert list(holds.review_due(on=a_day(30))) == [hold]
    assert nightly.remind_of_reviews(at=later) == 1
    assert purge(OLD, later, pause=0).rows == 0

    holds.review(hold_id=hold.pk, review_on=a_day(60), by=OFFICER)
    assert list(holds.review_due(on=a_day(31))) == []


def test_each_deed_is_on_record_with_who_did_it() -> None:
    somebody = uuid7()
    written(1, days_ago=1, subject=somebody)
    hold = held(somebody, [(MESSAGES, holds.ALL)])
    holds.review(hold_id=hold.pk, review_on=a_day(90), by=OFFICER)
    holds.release(hold_id=hold.pk, by=OFFICER)
    events = AuditEvent.objects.filter(subject_id=somebody, actor_id=OFFICER.id).order_by("seq")
    assert [event.action for event in events] == ["hold.placed", "hold.reviewed", "hold.released"]
    hold.refresh_from_db()
    assert (hold.placed_by, hold.released_by) == (OFFICER.id, OFFICER.id)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("authority", {"authority": "  "}),
        ("authority", {"authority": "院" * 81}),
        ("document", {"document": ""}),
        ("document", {"document": "号" * 81}),
        ("review_on", {"review_on": a_day(0)}),
        ("review_on", {"review_on": a_day(367)}),
        ("records", {"records": []}),
        ("records", {"records": [("messaging.Nothing", None)]}),
        ("records", {"records": [("courses.City", None)]}),
        ("records", {"records": [(MESSAGES, uuid7())]}),
        ("by", {"by": SYSTEM}),
    ],
)
def test_a_hold_names_authority_document_day_and_records(field: str, changed: dict[str, object]) -> None:
    asked = {
        "subject_id": uuid7(),
        "authority": "公安局",
        "document": "1 号",
        "review_on": a_day(30),
        "records": [(MESSAGES, holds.ALL)],
        "by": OFFICER,
    }
    with pytest.raises(HoldRefused) as refused:
        holds.place(**{**asked, **changed})
    assert refused.value.field == field
    assert LegalHold.objects.count() == HeldRecord.objects.count() == 0


def test_somebody_elses_row_is_not_held_in_their_name() -> None:
    (row,) = written(1, days_ago=1)
    with pytest.raises(HoldRefused):
        held(uuid7(), [(MESSAGES, row)])
    assert left() == 1


def test_what_is_over_is_neither_released_nor_reviewed_again() -> None:
    somebody = uuid7()
    hold = held(somebody, [(MESSAGES, holds.ALL)])
    holds.release(hold_id=hold.pk, by=OFFICER)
    with pytest.raises(HoldRefused):
        holds.release(hold_id=hold.pk, by=OFFICER)
    with pytest.raises(HoldRefused):
        holds.review(hold_id=hold.pk, review_on=a_day(9), by=OFFICER)
