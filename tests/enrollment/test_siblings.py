"""Siblings in one booking: a seat for each, or none at all."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from accounts.services.children import children_of
from enrollment.enums import BookingChannel
from enrollment.exceptions import (
    AgeUnsuitable,
    AlreadyBooked,
    IdempotencyConflict,
    SessionFull,
    TooLate,
    TooManyLive,
    TooManyOfCourse,
)
from enrollment.models import BookingEvent, ClassSession, ManageLink, TrialBooking
from enrollment.services import seats
from enrollment.services.cancelling import cancel_party, cancel_trial
from enrollment.services.holds import hold_seats, kept_seats
from enrollment.services.wishes import ChildWish, TrialRequest
from messaging.models import Message
from messaging.services import text_of
from privacy.audit.models import AuditEvent
from privacy.audit.services import name_of
from privacy.consent.models import ConsentRecord
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.minors.models import Child
from tests.children import a_child
from tests.enrollment.test_seats_parallel import at_once, queued_for, without_the_check
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.people import new_phone
from tests.places import a_class, a_course, at
from tests.siblings import NAMES, a_party, born, party_of, typed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


BOTH = {"terms": "1.0", "privacy": "1.0", "children": "1.0"}


def taken(session: ClassSession) -> int:
    session.refresh_from_db()
    return session.seats_taken


# One booking each, and together


def test_each_has_a_seat_a_consent_and_a_record_and_the_family_one_message() -> None:
    session = a_class()

    first = a_party(session, 3)

    party = party_of(first)
    assert [row.party_place for row in party] == [1, 2, 3]
    assert {row.state for row in party} == {"booked"}
    assert first.pk == party[0].pk
    assert taken(session) == 3
    assert len({row.child_id for row in party} - {None}) == 3
    for row in party:
        assert ConsentRecord.objects.filter(concerning_id=row.child_id, state="given").count() == 1
        assert [event.state for event in row.events.all()] == ["booked"]
        assert AuditEvent.objects.filter(action="trial.booked", target=name_of(row)).count() == 1
    message = Message.objects.get()
    assert message.template == "trial_booked_party"
    words, _ = text_of(message)
    assert "3个座位" in words
    assert party[0].reference in words
    assert not [name for name in NAMES if name in words]
    assert ManageLink.objects.get().booking_id == party[0].pk


def test_one_alone_is_in_no_party() -> None:
    booking = a_seat(a_class())

    assert (booking.party_id, booking.party_place) == (None, 1)
    assert Message.objects.get().template == "trial_booked"


def test_a_child_on_file_and_one_typed_come_together() -> None:
    session, guardian = a_class(), a_guardian()
    known = a_child(guardian, NAMES[0], born(60, session.local_date))

    first = a_party(session, guardian=guardian, child=ChildWish(id=known))

    assert party_of(first)[0].child_id == known
    assert [child.nickname for child in children_of(guardian=guardian)] == list(NAMES[:2])


def test_a_request_says_what_cannot_be() -> None:
    session = a_class()
    one, two, three, four = (typed(session, place) for place in (1, 2, 3, 4))

    for wrong in (
        {"siblings": (two,)},
        {"child": one, "siblings": (two,), "session": None},
        {"child": one, "siblings": (two, three, four)},
    ):
        with pytest.raises(ValueError, match="come"):
            replace(a_wish(session), **wrong)


# All or none


def nothing_happened(session: ClassSession, before: int) -> None:
    assert taken(session) == before
    assert not TrialBooking.objects.filter(party_id__isnull=False).exists()
    assert not Child.objects.exists()
    assert not ConsentRecord.objects.filter(purpose="children").exists()


def test_with_one_seat_left_two_siblings_change_nothing_and_learn_where_two_are_free() -> None:
    session = a_class(capacity=2)
    a_seat(session)
    one_left = a_class(capacity=1, starts_at=at(days=3, hour=9))
    two_left = a_class(capacity=2, starts_at=at(days=4, hour=9))
    Message.objects.all().delete()

    with pytest.raises(SessionFull) as refusal:
        a_party(session)

    assert refusal.value.seats == 2
    assert refusal.value.alternatives == [two_left]
    assert one_left not in refusal.value.alternatives
    nothing_happened(session, 1)
    assert not Message.objects.exists()


def test_a_seat_lost_at_the_last_moment_takes_the_others_back() -> None:
    """Both families saw two free seats; one of them waited for the class while a seat went."""
    session = a_class(capacity=3)
    one, two = a_guardian(), a_guardian()

    outcomes = queued_for(session, [lambda: a_party(session, 2, one), lambda: a_party(session, 2, two)])

    assert Counter(type(each) for each in outcomes) == {TrialBooking: 1, SessionFull: 1}
    assert taken(session) == 2 == TrialBooking.objects.count() == BookingEvent.objects.count()
    assert Message.objects.count() == 1


@pytest.mark.parametrize("ages", [(40, 60), (60, 40)])
def test_a_sibling_of_another_age_is_named_by_its_place_alone(ages: tuple[int, int]) -> None:
    session = a_class()
    first, second = (typed(session, place, months) for place, months in enumerate(ages, 1))

    with pytest.raises(AgeUnsuitable) as refusal:
        a_party(session, child=first, siblings=(second,))

    assert (refusal.value.place, refusal.value.months) == (ages.index(40) + 1, 40)
    assert refusal.value.ages == list(ages)
    assert not [name for name in NAMES if name in str(refusal.value)]
    nothing_happened(session, 0)


def test_the_same_child_has_no_two_seats() -> None:
    session, guardian = a_class(), a_guardian()
    months = born(60, session.local_date)
    known = a_child(guardian, NAMES[0], months)
    twice = ChildWish(id=known)
    again = ChildWish(nickname=f" {NAMES[0]} ", birth_month=months)

    for first, second in ((twice, twice), (twice, again), (again, again)):
        with pytest.raises(ChildInvalid) as refusal:
            a_party(session, guardian=guardian, child=first, siblings=(second,))
        assert refusal.value.place == 2

    assert taken(session) == 0
    assert Child.objects.count() == 1


def test_twins_with_names_of_their_own_have_two_seats() -> None:
    session = a_class()

    assert len(party_of(a_party(session))) == 2


def test_somebody_elses_child_comes_with_nobody() -> None:
    session = a_class()
    theirs = a_child(a_guardian(), NAMES[2], born(60, session.local_date))

    with pytest.raises(ChildUnknown) as refusal:
        a_party(session, siblings=(ChildWish(id=theirs),))

    assert refusal.value.place == 2
    assert not TrialBooking.objects.exists()


def test_a_sibling_who_has_a_trial_of_the_course_keeps_the_others_out_too() -> None:
    session, guardian = a_class(), a_guardian()
    standing = a_seat(
        a_class(starts_at=at(days=5, hour=9)), guardian, child=typed(session, 2), agreements=BOTH
    )

    with pytest.raises(AlreadyBooked) as refusal:
        a_party(session, guardian=guardian)

    assert (refusal.value.booking.pk, refusal.value.place) == (standing.pk, 2)
    assert taken(session) == 0


# How many


def test_every_seat_counts_toward_the_caps() -> None:
    guardian, session = a_guardian(), a_class()
    a_seat(a_class(starts_at=at(days=5, hour=9)), guardian)

    with pytest.raises(TooManyOfCourse):
        a_party(session, 3, guardian)
    a_party(session, 2, guardian)
    with pytest.raises(TooManyLive):
        for number in range(5):
            course = a_course(f"course-{number}", ages=(0, 200))
            a_party(a_class(course=course, starts_at=at(days=6 + number, hour=9)), 2, guardian)

    assert TrialBooking.objects.count() == 3 + 3 * 2


# Asked again


def test_the_key_names_the_whole_party() -> None:
    guardian, session = a_guardian(), a_class()

    first = a_party(session, 3, guardian, key="k")
    again = a_party(session, 3, guardian, key="k")

    assert again.pk == first.pk
    assert [row.idempotency_key is not None for row in party_of(first)] == [True, False, False]
    assert TrialBooking.objects.count() == 3
    assert Message.objects.count() == 1
    for other in ({"seats": 2}, {"siblings": (ChildWish(id=party_of(first)[1].child_id), typed(session, 3))}):
        with pytest.raises(IdempotencyConflict):
            a_party(session, guardian=guardian, key="k", **other)


def test_what_was_typed_of_a_child_is_in_no_digest() -> None:
    session = a_class()

    def digest(*names: str) -> str:
        wishes = [ChildWish(nickname=name, birth_month=born(60, session.local_date)) for name in names]
        wish: TrialRequest = a_wish(session, child=wishes[0], siblings=tuple(wishes[1:]))
        return wish.digest

    assert digest("甲甲", "乙乙") == digest("丙丙", "丁丁")
    assert digest("甲甲", "乙乙") != digest("甲甲")


# At the same moment


@pytest.fixture
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is, is nothing these tests ask about."""
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)


def parties_for_the_last_seats(session: ClassSession) -> list[Any]:
    """Six families with two children each, who all saw seats for two."""

    def asks() -> Callable[[], TrialBooking]:
        guardian = a_guardian()
        return lambda: a_party(session, 2, guardian)

    return queued_for(session, [asks() for _ in range(6)])


@pytest.mark.usefixtures("_patience")
@pytest.mark.parametrize(("capacity", "sold"), [(2, 1), (3, 1), (5, 2)])
def test_parallel_families_get_two_seats_or_none(capacity: int, sold: int) -> None:
    session = a_class(capacity=capacity)

    outcomes = parties_for_the_last_seats(session)

    assert Counter(type(each) for each in outcomes) == {TrialBooking: sold, SessionFull: 6 - sold}
    assert taken(session) == 2 * sold == TrialBooking.objects.filter(state="booked").count()
    parties = TrialBooking.objects.values_list("party_id", flat=True)
    assert set(Counter(parties).values()) == {2}
    assert Message.objects.count() == sold


@pytest.mark.usefixtures("_patience")
def test_the_same_race_without_the_check_oversells() -> None:
    with without_the_check():
        session = a_class(capacity=2)
        parties_for_the_last_seats(session)

        assert taken(session) == 12


@pytest.mark.usefixtures("_patience")
def test_the_same_party_sent_at_once_is_booked_once() -> None:
    guardian, session = a_guardian(), a_class()

    outcomes = at_once([lambda: a_party(session, 2, guardian, key="k")] * 4)

    assert {each.pk for each in outcomes} == {outcomes[0].pk}
    assert TrialBooking.objects.count() == 2 == Child.objects.count()


# Held before


def held(session: ClassSession, phone: str, count: int) -> list[TrialBooking]:
    return hold_seats(phone=f"+86{phone}", sessions=[session] * count, channel=BookingChannel.WEB)


def test_seats_held_for_the_number_become_the_partys() -> None:
    session, phone = a_class(capacity=4), new_phone()
    holds = held(session, phone, 2)
    guardian = a_guardian(phone)
    a_seat(session)
    a_seat(session)

    first = a_party(session, 2, guardian)

    assert [row.pk for row in party_of(first)] == [hold.pk for hold in holds]
    assert {row.guardian_id for row in party_of(first)} == {guardian.pk}
    assert taken(session) == 4
    assert kept_seats(phone=f"+86{phone}", session=session) == 0
    assert [event.state for event in first.events.order_by("at")] == ["held", "booked"]


def test_a_third_child_takes_a_free_seat_beside_two_held() -> None:
    session, phone = a_class(capacity=4), new_phone()
    a_seat(session)
    holds = held(session, phone, 2)

    first = a_party(session, 3, a_guardian(phone))

    assert [row.pk for row in party_of(first)][:2] == [hold.pk for hold in holds]
    assert taken(session) == 4


def test_a_third_child_without_a_seat_leaves_the_holds_as_they_are() -> None:
    session, phone = a_class(capacity=4), new_phone()
    held(session, phone, 2)
    a_seat(session)
    a_seat(session)

    with pytest.raises(SessionFull):
        a_party(session, 3, a_guardian(phone))

    assert taken(session) == 4
    assert kept_seats(phone=f"+86{phone}", session=session) == 2
    assert not Child.objects.exists()


# Given back


def test_one_is_cancelled_by_itself() -> None:
    session, guardian = a_class(), a_guardian()
    first = a_party(session, 2, guardian)

    Message.objects.all().delete()

    cancel_trial(booking=first, by=acting(guardian))

    assert [row.state for row in party_of(first)] == ["cancelled", "booked"]
    assert taken(session) == 1
    said = text_of(Message.objects.get())[0]
    assert "另外1个座位还给您留着" in said  # the reference was told as that of both


def test_the_party_is_cancelled_in_one_go_and_said_once() -> None:
    session, guardian = a_class(), a_guardian()
    first, second, third = party_of(a_party(session, 3, guardian))
    cancel_trial(booking=second, by=acting(guardian))
    Message.objects.all().delete()

    rows = cancel_party(booking=third, by=acting(guardian))

    assert {row.pk for row in rows} == {first.pk, third.pk}
    assert {row.state for row in party_of(first)} == {"cancelled"}
    assert taken(session) == 0
    message = Message.objects.get()
    assert "2个座位" in text_of(message)[0]
    assert cancel_party(booking=third, by=acting(guardian)) == []
    assert Message.objects.count() == 1


def test_one_alone_is_its_own_party() -> None:
    session, guardian = a_class(), a_guardian()
    booking, other = a_seat(session, guardian), a_seat(session)

    cancel_party(booking=booking, by=acting(guardian))

    booking.refresh_from_db()
    other.refresh_from_db()
    assert (booking.state, other.state) == ("cancelled", "booked")


def test_too_late_for_one_is_too_late_for_all() -> None:
    session, guardian = a_class(), a_guardian()
    first = a_party(session, 2, guardian)

    with override_settings(CANCEL_HOURS=24 * 30), pytest.raises(TooLate):
        cancel_party(booking=first, by=acting(guardian))

    assert {row.state for row in party_of(first)} == {"booked"}
