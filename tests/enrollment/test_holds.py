"""A seat kept while the code is on its way: one a number, for five minutes, never for longer than promised."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollment.enums import BookingChannel, BookingState, SessionState
from enrollment.exceptions import HoldsFull, HoldTooLate, SessionClosed, SessionFull
from enrollment.models import BookingEvent, ClassSession, TrialBooking
from enrollment.policies import HOLD
from enrollment.services.bookings import request_trial
from enrollment.services.holds import held_seats, hold_seats, kept_seats, release_holds, seat
from enrollment.services.seats import confirm_hold, lock_class
from enrollment.services.settling import settle_due
from messaging.models import Message
from privacy.audit.models import AuditEvent
from privacy.keystore.blind_index import blind_index
from tests.families import a_guardian, a_seat, a_wish
from tests.holding import a_hold, end_of, fill, run_out, seats
from tests.people import new_phone
from tests.places import a_campus, a_class, at

pytestmark = pytest.mark.django_db(databases="__all__")


def e164(phone: str) -> str:
    return f"+86{phone}"


def draft(session: ClassSession, phone: str, **changed: object) -> TrialBooking:
    """A booking of the number's owner, ready to be seated."""
    return TrialBooking(
        guardian=a_guardian(phone),
        city=session.campus.city,
        campus=session.campus,
        course=session.course,
        session=lock_class(session.pk),
        state=BookingState.BOOKED,
        channel="api",
        verified_at=timezone.now(),
        **changed,
    )


def test_a_hold_takes_a_seat_for_five_minutes_and_knows_nobody() -> None:
    session, phone = a_class(), new_phone()

    hold = a_hold(session, phone, source="poster-bj-01")

    hold.refresh_from_db()
    assert seats(session) == (1, 1)
    assert (hold.state, hold.guardian, hold.verified_at, hold.child_id) == ("held", None, None, None)
    assert timedelta(0) <= timezone.now() + HOLD - end_of(hold) < timedelta(seconds=5)
    assert (hold.campus, hold.city, hold.source) == (session.campus, session.campus.city, "poster-bj-01")
    assert hold.phone_index == blind_index("booking.phone", e164(phone))
    assert phone not in str(vars(hold))
    assert not Message.objects.exists()


def test_a_hold_and_its_end_are_on_record_as_nobodys() -> None:
    session, phone = a_class(), new_phone()

    hold = a_hold(session, phone)
    assert release_holds(phone=e164(phone)) == 1

    said = BookingEvent.objects.filter(booking=hold).values_list("state", "actor_kind")
    assert list(said) == [("held", "anonymous"), ("cancelled", "anonymous")]
    record = AuditEvent.objects.filter(action__in=["trial.held", "trial.hold_released"])
    assert {(event.actor_kind, event.subject_id) for event in record} == {("anonymous", None)}
    assert record.count() == 2


def test_nothing_is_kept_of_the_number_once_the_hold_has_ended() -> None:
    session = a_class()
    phones = [new_phone() for _ in range(3)]
    released, expired, confirmed = (a_hold(session, phone) for phone in phones)
    release_holds(phone=e164(phones[0]))
    run_out(expired)
    settle_due()
    seat(draft(session, phones[2]), phone=e164(phones[2]))

    ended = TrialBooking.objects.filter(pk__in=[released.pk, expired.pk, confirmed.pk])
    assert set(ended.values_list("state", "phone_index", "hold_expires_at")) == {
        ("cancelled", None, None),
        ("expired", None, None),
        ("booked", None, None),
    }


def test_asking_again_does_not_renew() -> None:
    session, phone = a_class(), new_phone()
    first = a_hold(session, phone)
    soon = timezone.now() + timedelta(minutes=1)
    TrialBooking.objects.filter(pk=first.pk).update(hold_expires_at=soon)

    again = a_hold(session, phone)

    assert (again.pk, again.hold_expires_at) == (first.pk, soon)
    assert seats(session) == (1, 1)
    assert BookingEvent.objects.count() == 1


def test_another_class_moves_the_hold() -> None:
    first, second, phone = a_class(), a_class(starts_at=at(days=3, hour=9)), new_phone()
    left = a_hold(first, phone)

    moved = a_hold(second, phone)

    left.refresh_from_db()
    assert (left.state, left.phone_index) == ("cancelled", None)
    assert (seats(first), seats(second)) == ((0, 0), (1, 1))
    assert moved.phone_index is not None
    assert TrialBooking.objects.held_for([moved.phone_index], timezone.now()).count() == 1


@pytest.mark.parametrize("error", [SessionFull, HoldsFull, SessionClosed])
def test_what_is_held_stays_where_the_other_class_cannot_be_had(error: type[Exception]) -> None:
    first, second, phone = a_class(), a_class(starts_at=at(days=3, hour=9), capacity=2), new_phone()
    kept = a_hold(first, phone)
    if error is SessionFull:
        a_seat(second), a_seat(second)
    elif error is HoldsFull:
        a_hold(second)
    else:
        ClassSession.objects.filter(pk=second.pk).update(state=SessionState.CLOSED)

    with pytest.raises(error):
        a_hold(second, phone)

    kept.refresh_from_db()
    assert kept.state == "held"
    assert seats(first) == (1, 1)


def test_a_full_class_is_refused_with_others() -> None:
    session, other = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9))
    a_seat(session)

    with pytest.raises(SessionFull) as refused:
        a_hold(session)

    assert refused.value.alternatives == [other]
    assert not TrialBooking.objects.filter(state="held").exists()


def test_a_thousand_numbers_hold_half_of_the_seats_and_proved_ones_have_the_rest() -> None:
    session = a_class(capacity=8)
    held = 0
    for number in range(1000):
        try:
            a_hold(session, f"139{number:08d}")
            held += 1
        except HoldsFull:
            continue

    assert held == 4
    assert seats(session) == (4, 4)
    for _ in range(4):
        a_seat(session)
    with pytest.raises(SessionFull):
        a_hold(session)
    with pytest.raises(SessionFull):
        a_seat(session)


@pytest.mark.parametrize("claim", [a_hold, a_seat])
def test_a_hold_that_has_run_out_blocks_no_longer_than_the_next_claim(claim) -> None:
    session = a_class(capacity=1)
    old = a_hold(session)
    with pytest.raises(SessionFull):
        claim(session)

    run_out(old)

    assert claim(session).session == session
    old.refresh_from_db()
    assert (old.state, old.guardian) == ("expired", None)
    assert seats(session)[0] == 1


def test_holds_that_have_run_out_do_not_count_against_those_who_come_next() -> None:
    session = a_class(capacity=4)
    run_out(a_hold(session), a_hold(session))

    assert a_hold(session).state == "held"
    assert seats(session) == (1, 1)


def test_one_that_has_run_out_is_held_anew() -> None:
    session, phone = a_class(), new_phone()
    old = a_hold(session, phone)
    run_out(old)

    new = a_hold(session, phone)

    assert new.pk != old.pk
    assert end_of(new) > timezone.now()


def test_a_hold_ends_with_the_booking_time_of_its_class() -> None:
    session = a_class(starts_at=timezone.now() + timedelta(minutes=32))

    assert a_hold(session).hold_expires_at == session.booking_closes_at


def test_proving_the_number_makes_the_hold_the_booking() -> None:
    session, phone = a_class(capacity=1), new_phone()
    hold = a_hold(session, phone)
    names = (hold.pk, hold.public_id, hold.reference)

    booked = seat(draft(session, phone, idempotency_key="k"), phone=e164(phone))

    booked.refresh_from_db()
    assert (booked.pk, booked.public_id, booked.reference) == names
    assert (booked.state, booked.phone_index, booked.idempotency_key) == ("booked", None, "k")
    assert booked.guardian is not None
    assert seats(session) == (1, 0)


def test_a_hold_of_another_number_is_not_taken() -> None:
    session, phone = a_class(), new_phone()
    other = a_hold(session)

    booked = seat(draft(session, phone), phone=e164(phone))

    assert booked.pk != other.pk
    assert seats(session) == (2, 1)


def test_a_hold_that_has_run_out_is_never_confirmed() -> None:
    session, phone = a_class(), new_phone()
    hold = a_hold(session, phone)
    run_out(hold, ago=timedelta(microseconds=1))
    made_out = TrialBooking.objects.with_places().get(pk=hold.pk)
    made_out.guardian, made_out.verified_at = a_guardian(), timezone.now()
    made_out.state, made_out.hold_expires_at, made_out.phone_index = "booked", None, None

    with pytest.raises(HoldTooLate):
        confirm_hold(made_out)

    hold.refresh_from_db()
    assert hold.state == "held"


def test_too_late_for_the_hold_takes_a_seat_that_is_free() -> None:
    session, phone = a_class(capacity=1), new_phone()
    hold = a_hold(session, phone)
    run_out(hold)

    booked = seat(draft(session, phone), phone=e164(phone))

    hold.refresh_from_db()
    assert (booked.state, hold.state) == ("booked", "expired")
    assert booked.pk != hold.pk
    assert seats(session) == (1, 0)


def test_siblings_are_held_for_together_or_not_at_all() -> None:
    session, phone = a_class(capacity=6), new_phone()
    a_hold(session), a_hold(session)

    with pytest.raises(HoldsFull):
        a_hold(session, phone, sessions=[session] * 2)

    assert seats(session) == (2, 2)
    ClassSession.objects.filter(pk=session.pk).update(unverified_cap=5)
    a_hold(session, phone, sessions=[session] * 2)
    party = held_seats(phone=e164(phone), browser="one")
    assert [row.party_place for row in party] == [1, 2]
    assert len({row.party_id for row in party}) == 1
    assert party[0].party_id
    assert seats(session) == (4, 4)


def test_one_child_more_keeps_the_seat_there_is() -> None:
    session, phone = a_class(), new_phone()
    first = a_hold(session, phone)

    both = hold_seats(phone=e164(phone), sessions=[session] * 2, channel=BookingChannel.WEB, browser="one")

    assert both[0].pk == first.pk
    assert both[0].party_id == both[1].party_id is not None
    assert seats(session) == (2, 2)
    a_hold(session, phone)
    assert seats(session) == (1, 1)


def test_only_the_browser_that_asked_sees_the_hold() -> None:
    session, phone = a_class(), new_phone()
    a_hold(session, phone, browser="one")

    assert len(held_seats(phone=e164(phone), browser="one")) == 1
    assert held_seats(phone=e164(phone), browser="another") == []
    assert held_seats(phone=e164(new_phone()), browser="one") == []


def test_another_browser_is_answered_as_for_a_number_without_a_hold() -> None:
    roomy, phone = a_class(), new_phone()
    soon = timezone.now() + timedelta(minutes=1)
    TrialBooking.objects.filter(pk=a_hold(roomy, phone).pk).update(hold_expires_at=soon)
    capped, full = (a_class(starts_at=at(days=3, hour=hour), capacity=2) for hour in (9, 11))
    other = new_phone()
    a_hold(capped, other)
    third = new_phone()
    a_seat(full)
    a_hold(full, third)

    fresh = a_hold(roomy, phone, browser="another")
    assert timezone.now() + HOLD - end_of(fresh) < timedelta(seconds=5)
    assert seats(roomy) == (1, 1)
    with pytest.raises(HoldsFull):
        a_hold(capped, other, browser="another")
    with pytest.raises(SessionFull):
        a_hold(full, third, browser="another")
    assert kept_seats(phone=e164(other), session=capped) == 1
    assert kept_seats(phone=e164(third), session=full) == 1


def test_a_guardian_signed_in_meanwhile_has_the_seat_kept_for_their_number() -> None:
    session, phone = a_class(capacity=1, campus=a_campus(2)), new_phone()
    hold, guardian = a_hold(session, phone), a_guardian(phone)

    booking = request_trial(guardian=guardian, request=a_wish(session))

    assert booking.pk == hold.pk
    assert list(BookingEvent.objects.filter(booking=hold).values_list("state", flat=True)) == [
        "held",
        "booked",
    ]
    assert Message.objects.filter(template="trial_booked").count() == 1
    fill(session)
    with pytest.raises(SessionFull):
        a_seat(session)
