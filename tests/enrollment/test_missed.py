"""Who stayed away hears that we waited, and of other classes only if they agreed to be told."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services.consents import agree_to, withdraw_from
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.attendance import mark_came_late, mark_no_show
from kit.quiet_hours import is_waking, next_waking
from kit.uuid7 import uuid7
from messaging.gateways import memory
from messaging.models import Message
from messaging.services import sweep
from privacy.actors import Actor
from privacy.consent.enums import Channel, ConsentPurpose
from tests.enrollment.reminding import LATER, a_booking, fates, on, sent_to
from tests.families import a_guardian
from tests.places import a_class, a_course, at, begun

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

TEACHER = Actor("staff", UUID(int=7))
SMS = ConsentPurpose.MARKETING_SMS


@pytest.fixture(autouse=True)
def _empty_outbox() -> Iterator[None]:
    memory.outbox.clear()
    yield
    memory.outbox.clear()


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def session() -> ClassSession:
    """A class that has just begun, and three more of its course in the days to come."""
    for days in (3, 4, 5):
        a_class(starts_at=at(days=days, hour=10))
    a_class(starts_at=at(days=3, hour=16), course=a_course("puzzles-5-7"))
    return a_class(starts_at=begun(LATER))


@pytest.fixture
def booking(session: ClassSession, guardian: User) -> TrialBooking:
    return a_booking(session, guardian)


def agree(guardian: User) -> None:
    agree_to(guardian=guardian, purpose=SMS, channel=Channel.WEB)


def due() -> Message:
    return Message.objects.get(template__startswith="missed_you")


def texts(guardian: User) -> list[str]:
    with on(due().due_at + LATER):
        return sent_to(guardian)


def test_who_agreed_is_told_the_next_two_classes_of_the_course(booking: TrialBooking, guardian: User) -> None:
    agree(guardian)
    mark_no_show(booking=booking, by=TEACHER)

    (text,) = texts(guardian)

    for days in (3, 4):
        assert f"{at(days=days, hour=10):%-m月%-d日}周" in text
    assert f"{at(days=5, hour=10):%-m月%-d日}周" not in text
    assert "16:00" not in text
    assert f"/trial/?campus={booking.campus.slug}" in text
    assert text.endswith("拒收请回复R")
    assert due().category == "marketing"
    assert due().purpose == "marketing"


@pytest.mark.clause("LAW-82")
@pytest.mark.parametrize("took_back", [False, True])
def test_who_did_not_agree_or_no_longer_does_is_offered_nothing(
    booking: TrialBooking, guardian: User, took_back: bool
) -> None:
    if took_back:
        agree(guardian)
        withdraw_from(guardian=guardian, purpose=SMS, channel=Channel.WEB)
    mark_no_show(booking=booking, by=TEACHER)

    (text,) = texts(guardian)

    assert "没有等到您" in text
    assert booking.campus.phone in text
    assert "预约" not in text
    assert "http" not in text
    assert due().category == "service"


def test_other_consents_do_not_count_for_this_one(booking: TrialBooking, guardian: User) -> None:
    for other in (ConsentPurpose.MARKETING_CALL, ConsentPurpose.SURVEY, ConsentPurpose.PERSONALISED):
        agree_to(guardian=guardian, purpose=other, channel=Channel.WEB)
    agree(a_guardian())
    mark_no_show(booking=booking, by=TEACHER)

    assert due().category == "service"


def test_without_another_class_there_is_nothing_to_offer(guardian: User) -> None:
    agree(guardian)
    mark_no_show(booking=a_booking(a_class(starts_at=begun(LATER)), guardian), by=TEACHER)

    assert due().template == "missed_you"


def test_it_comes_a_quarter_of_an_hour_later_and_not_at_night(booking: TrialBooking, guardian: User) -> None:
    marked = timezone.now()
    with on(marked):
        mark_no_show(booking=booking, by=TEACHER)

    assert due().due_at == next_waking(marked + timedelta(minutes=15))
    assert is_waking(due().due_at)
    with on(marked + timedelta(minutes=14)):
        assert sent_to(guardian) == []


@pytest.mark.parametrize("agreed", [True, False])
def test_who_came_after_all_hears_nothing(booking: TrialBooking, guardian: User, agreed: bool) -> None:
    if agreed:
        agree(guardian)
    mark_no_show(booking=booking, by=TEACHER)
    mark_came_late(booking=booking, by=TEACHER)

    assert texts(guardian) == []
    assert fates(due().template) == [("void", "outdated")]


def test_marked_by_two_teachers_it_comes_once(booking: TrialBooking, guardian: User) -> None:
    mark_no_show(booking=booking, by=TEACHER)
    mark_no_show(booking=booking, by=Actor("staff", UUID(int=8)))

    assert len(texts(guardian)) == 1


def test_siblings_who_stayed_away_are_one_family(session: ClassSession, guardian: User) -> None:
    party = uuid7()
    for place in (1, 2):
        row = a_booking(session, guardian, party_id=party, party_place=place)
        mark_no_show(booking=row, by=TEACHER)

    assert len(texts(guardian)) == 1


@pytest.mark.clause("X2-2.2.5a")
def test_a_withdrawal_takes_back_what_waits_to_be_sent_in_the_same_step(
    booking: TrialBooking, guardian: User
) -> None:
    other = a_guardian()
    for one in (guardian, other):
        agree(one)
    mark_no_show(booking=booking, by=TEACHER)
    mark_no_show(booking=a_booking(booking.session, other), by=TEACHER)

    withdraw_from(guardian=guardian, purpose=SMS, channel=Channel.WEB)

    assert fates("missed_you_offer") == [("void", "no_consent"), ("queued", "")]


def test_an_offer_asks_for_the_consent_once_more_when_it_leaves(
    booking: TrialBooking, guardian: User
) -> None:
    agree(guardian)
    mark_no_show(booking=booking, by=TEACHER)
    # A yes taken back past the service, as by an import: nothing voided the message.
    from privacy.consent.choices import take_back

    take_back(subject=guardian.pk, purpose=SMS, channel=Channel.STAFF, by=TEACHER)
    assert fates("missed_you_offer") == [("queued", "")]

    assert texts(guardian) == []
    assert fates("missed_you_offer") == [("void", "no_consent")]
    assert sweep() == 0
