"""The demo's desks have families to check in, whatever the hour and the day."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.services.guardians import guardian_actor
from courses.models import Campus
from enrollment.enums import BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import check_in_hours
from enrollment.services.attendance import check_in
from enrollment.services.classes import advance_classes
from enrollment.services.demo_classes import keep_classes_rolling
from enrollment.services.demo_desks import DESKS, desk_of, keep_desks_busy
from enrollment.tasks import roll_demo_classes
from messaging.models import Message
from privacy.actors import SYSTEM
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents
from tests.places import SHANGHAI

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SATURDAY = datetime(2026, 11, 28, 14, 2, tzinfo=SHANGHAI)  # three classes in the afternoon already


@pytest.fixture(autouse=True)
def only_the_desks() -> None:
    """Classes are made for two campuses instead of two hundred."""
    kept = [desk.pk for desk in map(desk_of, DESKS) if desk]
    Campus.objects.exclude(pk__in=kept).update(active=False)


def open_desks(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return keep_desks_busy()


@pytest.mark.parametrize(
    "at",
    [
        SATURDAY,
        SATURDAY.replace(hour=0, minute=0),
        SATURDAY.replace(hour=23, minute=58),
        datetime(2027, 1, 1, 9, tzinfo=SHANGHAI),  # a holiday
        datetime(2026, 11, 23, 9, tzinfo=SHANGHAI),  # the rest day of the desk in 北京
    ],
)
def test_each_desk_expects_families_who_can_be_checked_in_now(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        keep_classes_rolling(days=2)
        assert keep_desks_busy() == len(DESKS)
        bookings = list(TrialBooking.objects.with_places().filter(state=BookingState.BOOKED))
        assert len(bookings) == 6
        assert {booking.city.slug for booking in bookings} == set(DESKS)
        for booking in bookings:
            assert booking.session is not None
            opens, ends = check_in_hours(booking.session)
            assert booking.session.local_date == at.date()
            assert opens <= at < ends
            assert booking.session.ends_at > at
            check_in(booking=booking, by=SYSTEM)


def test_the_families_agreed_took_seats_and_are_told_nothing() -> None:
    open_desks(SATURDAY)

    assert not Message.objects.exists()
    assert {session.seats_taken for session in ClassSession.objects.all()} == {3}
    for booking in TrialBooking.objects.select_related("guardian"):
        assert agreed_documents(subject=booking.guardian_id) >= set(REQUIRED_TO_BOOK)
        assert [event.actor_kind for event in booking.events.all()] == [guardian_actor(booking.guardian).kind]


def test_once_a_day_and_the_same_families_the_next() -> None:
    assert open_desks(SATURDAY) == 2
    families = set(TrialBooking.objects.values_list("guardian", flat=True))

    assert open_desks(SATURDAY + timedelta(hours=6)) == 0
    assert [open_desks(SATURDAY + timedelta(days=day)) for day in range(1, 9)] == [2] * 8
    assert set(TrialBooking.objects.values_list("guardian", flat=True)) == families


def test_a_desk_without_a_free_room_is_left_as_it_is() -> None:
    desk = desk_of(DESKS[0])
    assert desk is not None
    desk.rooms.update(active=False)

    assert open_desks(SATURDAY) == 1
    assert not ClassSession.objects.at_campus(desk).exists()


def test_rolled_from_the_morning_on_and_only_where_nothing_is_sent(settings: object) -> None:
    for gateway, hour, there in (("vendor", 10, 0), ("memory", 3, 0), ("memory", 9, 6)):
        settings.SMS_GATEWAY = gateway
        with time_machine.travel(SATURDAY.replace(hour=hour), tick=False):
            roll_demo_classes()
        assert TrialBooking.objects.count() == there


def test_the_class_begins_and_ends_by_the_clock_like_any_other() -> None:
    open_desks(SATURDAY)
    with time_machine.travel(SATURDAY + timedelta(hours=2), tick=False):
        advance_classes()
        assert {session.state for session in ClassSession.objects.all()} == {SessionState.FINISHED}
        assert timezone.localdate() == SATURDAY.date()
