"""Reminders: at their time, once, and never of a class that is not as it says."""

import re
import threading
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from accounts.models import User
from enrollment.enums import BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.answers import keep_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.children import ChildWish
from enrollment.services.moves import move_trial
from enrollment.services.reminders import DAY, SOON, Reminder, queue_due
from kit.uuid7 import uuid7
from messaging.gateways import memory
from messaging.models import Message
from messaging.services import sweep
from tests.children import NICKNAME, a_child, name_of, rules
from tests.enrollment.reminding import LATER, a_booking, fates, on, sent_to, shift
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import SHANGHAI, a_class, at
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
AFTERNOON = at(days=3, hour=15)
VOID = ("void", "outdated")
SENT = ("sent", "")


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
    return a_class(starts_at=AFTERNOON)


@pytest.fixture
def booking(session: ClassSession, guardian: User) -> TrialBooking:
    return a_seat(session, guardian)


# When


@pytest.mark.parametrize(
    ("kind", "begins", "days_before", "due"),
    [
        (DAY, time(15), 1, time(15)),
        (DAY, time(8), 1, time(8)),
        (DAY, time(7, 30), 1, time(8)),
        (DAY, time(20, 59), 1, time(20, 59)),
        (DAY, time(21, 30), 0, time(8)),
        (SOON, time(15), 0, time(13)),
        (SOON, time(10), 0, time(8)),
        (SOON, time(9, 30), 0, time(8)),
        (SOON, time(8, 30), 0, time(8)),
        (SOON, time(8, 29), 1, time(20, 30)),
        (SOON, time(7), 1, time(20, 30)),
        (SOON, time(22, 59), 0, time(20, 59)),
        (SOON, time(23, 30), 0, time(20, 30)),
    ],
)
def test_a_reminder_that_would_come_at_night_comes_in_the_morning_or_the_evening_before(
    kind: Reminder, begins: time, days_before: int, due: time
) -> None:
    day = AFTERNOON.date()
    wanted = datetime.combine(day - timedelta(days=days_before), due, SHANGHAI)

    assert kind.due_at(datetime.combine(day, begins, SHANGHAI)) == wanted


def test_the_day_before_and_two_hours_before(booking: TrialBooking, guardian: User) -> None:
    memory.outbox.clear()
    for moment, planned in [
        (AFTERNOON - 24 * HOUR - MINUTE, 0),
        (AFTERNOON - 24 * HOUR, 1),
        (AFTERNOON - 23 * HOUR, 0),
        (AFTERNOON - 2 * HOUR - MINUTE, 0),
        (AFTERNOON - 2 * HOUR, 1),
        (AFTERNOON - HOUR, 0),
        (AFTERNOON + MINUTE, 0),
    ]:
        with on(moment):
            assert queue_due() == planned, moment
            sweep()

    _, day, soon = sent_to(guardian)
    when = f"{AFTERNOON:%-m月%-d日}周{'一二三四五六日'[AFTERNOON.weekday()]}15:00"
    assert when in day
    assert booking.session.course.name in day
    assert re.search(r"/t/[\w-]{32}/", day)
    assert when in soon
    assert booking.campus.address.replace(" ", "") in soon
    assert "地铁示例线" in soon
    assert re.search(r"/t/[\w-]{32}/", soon)


def test_at_night_nothing_is_planned_and_nothing_leaves(booking: TrialBooking) -> None:
    night = AFTERNOON - 17 * HOUR
    with on(night):
        assert queue_due() == 0
    with on(AFTERNOON - 19 * HOUR):
        assert queue_due() == 1
    with on(night):  # the worker was away in between
        sweep()
        assert fates("reminder_day") == [("queued", "")]
    with on(AFTERNOON - 7 * HOUR + LATER):
        sweep()
        assert fates("reminder_day") == [SENT]


@pytest.mark.parametrize(
    ("booked", "templates"),
    [
        (AFTERNOON - 25 * HOUR, ["reminder_day", "reminder_soon"]),
        (AFTERNOON - 24 * HOUR + MINUTE, ["reminder_soon"]),
        (AFTERNOON - 3 * HOUR - MINUTE, ["reminder_soon"]),
        (AFTERNOON - 3 * HOUR + MINUTE, []),
    ],
)
def test_who_booked_a_moment_ago_is_not_reminded(
    session: ClassSession, guardian: User, booked: datetime, templates: list[str]
) -> None:
    with on(booked):
        a_booking(session, guardian)
    for moment in (AFTERNOON - 24 * HOUR, AFTERNOON - 22 * HOUR, AFTERNOON - 2 * HOUR):
        if moment > booked:
            with on(moment):
                queue_due()

    assert list(Message.objects.order_by("pk").values_list("template", flat=True)) == templates


@pytest.mark.parametrize(
    ("before", "templates"),
    [
        (3 * HOUR + MINUTE, {"reminder_day"}),
        (3 * HOUR - MINUTE, set()),
        (2 * HOUR, {"reminder_soon"}),
        (20 * MINUTE, {"reminder_soon"}),
        (10 * MINUTE, set()),
        (-MINUTE, set()),
    ],
)
def test_whoever_planned_nothing_for_a_day_sends_only_what_still_makes_sense(
    booking: TrialBooking, before: timedelta, templates: set[str]
) -> None:
    with on(AFTERNOON - before):
        queue_due()

    assert (
        set(Message.objects.exclude(template="trial_booked").values_list("template", flat=True)) == templates
    )


def test_a_reminder_that_waited_too_long_in_the_outbox_is_not_sent(booking: TrialBooking) -> None:
    with on(AFTERNOON - 24 * HOUR):
        queue_due()
    with on(AFTERNOON - 3 * HOUR + MINUTE):
        sweep()
    with on(AFTERNOON - 2 * HOUR):
        queue_due()
    with on(AFTERNOON):
        sweep()

    assert fates("reminder_day") == fates("reminder_soon") == [VOID]


# Of what


def test_no_class_that_has_begun_is_reminded_of(booking: TrialBooking, session: ClassSession) -> None:
    ClassSession.objects.filter(pk=session.pk).update(state=SessionState.STARTED)
    with on(AFTERNOON - 24 * HOUR):
        assert queue_due() == 0


def test_no_booking_given_back_is_reminded_of(booking: TrialBooking, guardian: User) -> None:
    cancel_trial(booking=booking, by=acting(guardian))
    with on(AFTERNOON - 24 * HOUR):
        assert queue_due() == 0


def test_a_class_closed_to_booking_takes_place(booking: TrialBooking, session: ClassSession) -> None:
    ClassSession.objects.filter(pk=session.pk).update(state=SessionState.CLOSED)
    with on(AFTERNOON - 24 * HOUR):
        assert queue_due() == 1


def test_who_cancels_between_planning_and_sending_hears_nothing(
    booking: TrialBooking, guardian: User
) -> None:
    with on(AFTERNOON - 24 * HOUR):
        queue_due()
        cancel_trial(booking=booking, by=acting(guardian))
        told = sent_to(guardian)

    assert fates("reminder_day") == [VOID]
    assert not [text for text in told if "说一声" in text]


def test_who_moves_is_reminded_of_the_class_moved_to_alone(booking: TrialBooking, guardian: User) -> None:
    other = a_class(starts_at=AFTERNOON + 24 * HOUR)
    with on(AFTERNOON - 24 * HOUR):
        queue_due()
        move_trial(booking=booking, session=other, by=acting(guardian))
        sweep()
    with on(AFTERNOON):
        assert queue_due() == 1
        texts = sent_to(guardian)

    assert fates("reminder_day") == [VOID, SENT]
    assert f"{other.starts_at.astimezone(SHANGHAI):%-d日}" in texts[-1]


def test_a_changed_time_voids_the_old_reminder_and_is_reminded_of_once(
    booking: TrialBooking, session: ClassSession
) -> None:
    with on(AFTERNOON - 24 * HOUR):
        queue_due()
        shift(session, 2 * HOUR)
        sweep()
        assert queue_due() == 0
    for _ in range(2):
        with on(AFTERNOON - 22 * HOUR):
            queue_due()
            sweep()

    assert fates("reminder_day") == [VOID, SENT]
    times = Message.objects.filter(template="reminder_day").order_by("pk").values_list("about_at", flat=True)
    assert list(times) == [AFTERNOON, AFTERNOON + 2 * HOUR]


def test_who_was_just_told_of_a_change_is_not_reminded_as_well(
    booking: TrialBooking, session: ClassSession
) -> None:
    with on(AFTERNOON - 20 * HOUR):
        TrialBooking.objects.filter(pk=booking.pk).update(class_changed_at=AFTERNOON - 20 * HOUR)
        assert queue_due() == 0


def test_a_cancel_that_commits_first_wins_over_a_message_on_its_way(
    booking: TrialBooking, guardian: User
) -> None:
    with on(AFTERNOON - 24 * HOUR):
        queue_due()

        def work() -> None:
            sweep()
            connections.close_all()

        sender = threading.Thread(target=work)
        with transaction.atomic():
            cancel_trial(booking=booking, by=acting(guardian))
            sender.start()
            until(somebody_waits, what="the sender at the booking's row")
        sender.join()

    assert fates("reminder_day") == [VOID]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


# Once


def test_two_planners_and_two_senders_at_once_tell_everybody_once(session: ClassSession) -> None:
    classes = [a_class(starts_at=AFTERNOON, capacity=12) for _ in range(10)]
    for one in classes:
        for _ in range(12):
            a_booking(one, a_guardian(), child_id=None)
    barrier = threading.Barrier(4)
    planned: list[int] = []

    def work() -> None:
        barrier.wait()
        for _ in range(3):
            planned.append(queue_due())
            sweep()
        connections.close_all()

    with on(AFTERNOON - 24 * HOUR):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sweep()

    assert sum(planned) == 120
    assert fates("reminder_day") == [SENT] * 120
    assert len({sent.reference for sent in memory.outbox}) == len(memory.outbox) == 120
    assert len({sent.to for sent in memory.outbox}) == 120


def a_party(session: ClassSession, guardian: User) -> list[TrialBooking]:
    party = uuid7()
    return [a_booking(session, guardian, party_id=party, party_place=place) for place in (1, 2, 3)]


def test_siblings_are_one_family_and_get_one_reminder(session: ClassSession, guardian: User) -> None:
    first, *_ = a_party(session, guardian)
    with on(AFTERNOON - 24 * HOUR):
        assert queue_due() == 1
        assert queue_due() == 0

    assert Message.objects.get().about_id == first.pk


def test_the_sibling_who_still_comes_is_reminded(session: ClassSession, guardian: User) -> None:
    first, second, _ = a_party(session, guardian)
    TrialBooking.objects.filter(pk=first.pk).update(state=BookingState.CANCELLED, closed_at=AFTERNOON)
    with on(AFTERNOON - 24 * HOUR):
        assert queue_due() == 1

    assert Message.objects.get().about_id == second.pk


@pytest.mark.parametrize(("sent_before", "again"), [(True, 0), (False, 1)])
def test_a_family_already_told_is_not_told_again_by_another_seat(
    session: ClassSession, guardian: User, sent_before: bool, again: int
) -> None:
    first, *_ = a_party(session, guardian)
    with on(AFTERNOON - 24 * HOUR):
        queue_due()
        if sent_before:
            sweep()
        TrialBooking.objects.filter(pk=first.pk).update(state=BookingState.CANCELLED, closed_at=AFTERNOON)
        sweep()
        assert queue_due() == again


# What it leads to, and what it does not say


def test_the_reminders_link_asks_whether_they_come(booking: TrialBooking, guardian: User) -> None:
    with on(AFTERNOON - 24 * HOUR):
        queue_due()
        link = re.search(r"(/t/[\w-]+/)", sent_to(guardian)[-1])[1]
        page = Client().get(link, follow=True).content.decode()
        assert all(answer in page for answer in ("我会来", "改期", "来不了"))
        keep_trial(booking=TrialBooking.objects.get(pk=booking.pk), by=acting(guardian))

    assert TrialBooking.objects.get(pk=booking.pk).coming_at == AFTERNOON - 24 * HOUR


def test_no_reminder_says_anything_of_the_child(session: ClassSession) -> None:
    guardian = a_guardian()
    child = a_child(guardian)
    a_seat(session, guardian, child=ChildWish(id=child), agreements={**a_wish().agreements, **rules()})
    for before in (24 * HOUR, 2 * HOUR):
        with on(AFTERNOON - before):
            queue_due()
            sweep()

    texts = sent_to(guardian)
    assert len(texts) == 3
    said = "".join(texts)
    for secret in (NICKNAME, "2021", str(child), child.hex, name_of(child)):
        assert secret not in said
