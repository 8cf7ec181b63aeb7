"""The lists bookings are written in: the database knows their values, migrations do not know their words."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from accounts.enums import UserKind
from accounts.models import User
from courses.models import City
from enrollment.enums import BookingChannel, BookingState
from enrollment.models import BookingEvent, TrialBooking
from enrollment.services.wishes import TrialRequest
from kit.closed_list import ClosedList
from privacy.consent.enums import Channel

pytestmark = pytest.mark.django_db(databases="__all__")


def booking(**values: object) -> TrialBooking:
    return TrialBooking.objects.create(
        **{
            "guardian": User.objects.create(kind=UserKind.GUARDIAN),
            "city": City.objects.bookable()[0],
            "channel": BookingChannel.WEB,
            "request_hash": "x",
            **values,
        }
    )


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        ({"channel": "pigeon"}, "booking_channel_known"),
        ({"state": "lost"}, "booking_state_known|closed_iff|begin"),
    ],
)
def test_the_database_refuses_unknown_words_in_a_booking(wrong: dict[str, str], law: str) -> None:
    with pytest.raises(IntegrityError, match=law), transaction.atomic():
        booking(**wrong)


@pytest.mark.parametrize(
    ("wrong", "law"),
    [({"state": "lost"}, "event_state_known"), ({"actor_kind": "robot"}, "event_actor_known")],
)
def test_the_database_refuses_unknown_words_in_a_step(wrong: dict[str, str], law: str) -> None:
    made = booking()
    with pytest.raises(IntegrityError, match=law), transaction.atomic():
        BookingEvent.objects.create(
            **{"booking": made, "state": BookingState.REQUESTED, "actor_kind": "guardian", **wrong}
        )


def test_every_way_in_is_a_way_to_consent() -> None:
    ways = {way: TrialRequest(city=City(), agreements={}, channel=way).consented_by for way in BookingChannel}
    assert ways == {
        BookingChannel.WEB: Channel.WEB,
        BookingChannel.API: Channel.API,
        BookingChannel.STAFF: Channel.STAFF,
    }


def test_a_reworded_label_makes_no_migration() -> None:
    labels = {"accounts", "messaging", "enrollment", "consent"}
    listed = [
        field
        for model in apps.get_models()
        if model._meta.app_label in labels
        for field in model._meta.local_fields
        if isinstance(field, models.CharField) and field.choices
    ]
    assert len(listed) >= 12
    for field in listed:
        named = field.deconstruct()[3]["choices"]
        assert issubclass(named.__self__, ClosedList), field
    assert booking().get_state_display() == str(BookingState.REQUESTED.label)
