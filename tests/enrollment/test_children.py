"""The child of a booking: only with a yes, of a fitting age, the same one each time, and gone when it is deleted."""

from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services.children import MOST_CHILDREN, children_of, find_child
from courses.models import Course
from enrollment.enums import BookingChannel, BookingState
from enrollment.exceptions import AgeUnsuitable, TooManyOfCourse
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_OF_A_COURSE
from enrollment.services.ages import check_age
from enrollment.services.bookings import request_trial
from enrollment.services.children import refuse_children, remove_child, settle_child
from enrollment.services.wishes import ChildWish, TrialRequest
from privacy.audit.models import AuditEvent
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.models import ConsentRecord
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.minors.models import Child
from tests.children import BORN, NICKNAME, a_child, a_guardian, name_of, rules
from tests.places import a_class, a_course, at

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

BOTH = {"terms": "1.0", "privacy": "1.0"}


@pytest.fixture
def guardian() -> User:
    return a_guardian()


def settle(guardian: User, session: ClassSession | None = None, **wish: Any) -> Any:
    agreements = wish.pop("agreements", None)
    with transaction.atomic():
        return settle_child(
            guardian=guardian,
            wish=ChildWish(**wish),
            agreements=rules() if agreements is None else agreements,
            session=session,
            channel=Channel.WEB,
        )


def typed(nickname: str = NICKNAME, born: date | None = BORN) -> dict[str, Any]:
    return {"nickname": nickname, "birth_month": born}


def book(guardian: User, session: ClassSession, child: ChildWish | None = None) -> TrialBooking:
    wish = TrialRequest(
        city=session.campus.city,
        campus=session.campus,
        session=session,
        child=child,
        agreements={**BOTH, **rules()},
        channel=BookingChannel.WEB,
    )
    return request_trial(guardian=guardian, request=wish)


def fitting(born: date = BORN) -> Course:
    """A course for whoever was born then, whenever this runs."""
    return a_course("for-all", ages=(0, 216))


# A yes, and for whom


@pytest.mark.clause("L-PP-4.5-1a", "X2-8.2a")
@pytest.mark.parametrize(
    ("agreements", "error"),
    [({}, AgreementsRequired), (BOTH, AgreementsRequired), ({"children": "0.1"}, DocumentStale)],
)
def test_without_a_yes_to_the_rules_nothing_of_a_child_is_kept(
    guardian: User, agreements: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        settle(guardian, **typed(), agreements=agreements)
    assert getattr(refused.value, "missing", ["children"]) == ["children"]
    assert not Child.objects.exists()
    assert not ConsentRecord.objects.exists()


def test_a_child_is_kept_with_one_consent_and_found_again(guardian: User) -> None:
    child = settle(guardian, **typed())
    assert settle(guardian, **typed(" 小豆包 ", date(2021, 5, 20))) == child
    assert settle(guardian, id=child, agreements={}) == child
    assert ConsentRecord.objects.filter(concerning_id=child).count() == 1
    assert Child.objects.count() == 1
    assert settle(guardian, **typed("妹妹")) != child
    assert settle(guardian, **typed(born=date(2021, 6, 1))) != child
    assert ConsentRecord.objects.filter(purpose="children", state="given").count() == 3


def test_nobody_elses_child_is_found_again_or_booked_for(guardian: User) -> None:
    theirs = a_child(a_guardian())
    assert settle(guardian, **typed()) != theirs
    with pytest.raises(ChildUnknown):
        settle(guardian, id=theirs)
    with pytest.raises(ChildUnknown):
        remove_child(guardian=guardian, public_id=name_of(theirs), channel=Channel.WEB)
    assert find_child(guardian=User.objects.exclude(pk=guardian.pk).get(), child_id=theirs)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (typed(""), "nickname"),
        (typed("13800001234"), "nickname"),
        (typed(born=None), "birth_month"),
        (typed(born=date(2999, 1, 1)), "birth_month"),
        (typed(born=date(1990, 1, 1)), "birth_month"),
    ],
)
def test_what_cannot_be_a_child_is_refused_with_a_sentence(
    guardian: User, wish: dict[str, Any], field: str
) -> None:
    with pytest.raises(ChildInvalid) as refused:
        settle(guardian, **wish)
    assert refused.value.field == field
    assert str(refused.value.hint)
    assert not Child.objects.exists()


def test_a_guardian_has_so_many_children_and_no_more(guardian: User) -> None:
    for number in range(MOST_CHILDREN):
        a_child(guardian, "甲乙丙丁戊己庚辛壬癸"[number])
    with pytest.raises(ChildInvalid, match="nickname"):
        a_child(guardian, "子")
    a_child(guardian, "甲")
    assert Child.objects.count() == MOST_CHILDREN


def test_the_same_child_typed_many_times_at_once_is_one(guardian: User) -> None:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(settle(guardian, **typed()))
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert Child.objects.count() == 1


@pytest.mark.clause("X2-8.2.2", "LAW-47")
def test_a_refusal_is_recorded_with_the_booking_and_keeps_nothing(guardian: User) -> None:
    with transaction.atomic():
        refuse_children(guardian=guardian, channel=Channel.API)
    kept = ConsentRecord.objects.get(subject_id=guardian.pk)
    assert (kept.purpose, kept.state, kept.channel, kept.concerning_id) == (
        "children",
        "refused",
        "api",
        None,
    )
    assert not Child.objects.exists()


# Of a fitting age, on the day of the class


def fits(born: date, session: ClassSession) -> bool:
    try:
        check_age(born, session)
    except AgeUnsuitable:
        return False
    return True


@given(
    st.dates(date(2012, 1, 1), date(2026, 1, 1)),
    st.integers(0, 120),
    st.integers(0, 36),
    st.integers(-3, 3),
    st.integers(1, 28),
    st.booleans(),
)
@settings(max_examples=200)
def test_both_limits_are_included_whatever_the_day(
    birthday: date, least: int, more: int, off: int, day: int, at_the_lower: bool
) -> None:
    course = Course(age_min_months=least, age_max_months=least + more)
    months = (least if at_the_lower else least + more) + off
    year, month = divmod(birthday.year * 12 + birthday.month - 1 + months, 12)
    session = ClassSession(course=course, local_date=date(year, month + 1, day))
    assert fits(birthday.replace(day=1), session) is (least <= months <= least + more)


def test_who_was_born_on_a_leap_day_is_as_old_as_the_month() -> None:
    course = Course(age_min_months=48, age_max_months=59)
    for day, expected in (
        (date(2024, 1, 31), False),
        (date(2024, 2, 1), True),
        (date(2024, 2, 29), True),
        (date(2025, 1, 31), True),
        (date(2025, 2, 1), False),
    ):
        assert fits(date(2020, 2, 1), ClassSession(course=course, local_date=day)) is expected, day


def test_the_day_of_the_class_counts_in_shanghai_and_not_today(guardian: User) -> None:
    starts = at(days=2, hour=0, minute=30)  # still the day before in Greenwich
    first = starts.date().replace(day=1)
    session = a_class(course=a_course("four", ages=(48, 48)), starts_at=starts)
    session.refresh_from_db()
    assert session.local_date == starts.date()
    born = first.replace(year=first.year - 4)
    child = settle(guardian, session, **typed(born=born))
    with pytest.raises(AgeUnsuitable) as refused:
        settle(guardian, session, **typed("太小", (born + timedelta(days=32)).replace(day=1)))
    assert refused.value.months == 47
    assert {view.id for view in children_of(guardian=guardian)} == {child}
    older = a_child(guardian, "太大", (born - timedelta(days=1)).replace(day=1))
    with pytest.raises(AgeUnsuitable):
        settle(guardian, session, id=older, agreements={})


# Gone


@pytest.mark.clause("LAW-41")
def test_a_removed_child_leaves_the_seats_and_takes_its_name(guardian: User) -> None:
    session = a_class(course=fitting())
    booking = book(guardian, session, ChildWish(**typed()))
    child = booking.child_id
    assert child
    other = a_class(course=a_course("drama-4-6", ages=(0, 216)))
    untouched = book(guardian, other, ChildWish(**typed("妹妹")))
    remove_child(guardian=guardian, public_id=name_of(child), channel=Channel.WEB)
    booking.refresh_from_db()
    untouched.refresh_from_db()
    session.refresh_from_db()
    assert (booking.state, booking.child_id, session.seats_taken) == (BookingState.BOOKED, None, 1)
    assert untouched.child_id is not None
    assert not Child.objects.filter(pk=child).exists()
    decided = ConsentRecord.objects.filter(concerning_id=child).order_by("at", "id")
    assert [record.state for record in decided] == ["given", "withdrawn"]
    unnamed = AuditEvent.objects.get(action="trial.unnamed")
    assert unnamed.target == f"enrollment.trialbooking/{booking.pk}"
    with pytest.raises(ChildUnknown):
        remove_child(guardian=guardian, public_id="x", channel=Channel.WEB)


def test_two_seats_in_one_course_stay_two_when_both_children_go(guardian: User) -> None:
    course = fitting()
    bookings = [
        book(guardian, a_class(course=course, starts_at=at(days=3 + number, hour=10)), child)
        for number, child in enumerate((ChildWish(**typed()), ChildWish(**typed("妹妹")), None))
    ]
    children = {booking.child_id for booking in bookings if booking.child_id}
    for child in children:
        remove_child(guardian=guardian, public_id=name_of(child), channel=Channel.WEB)
    after = [TrialBooking.objects.get(pk=booking.pk) for booking in bookings]
    assert {booking.state for booking in after} == {BookingState.BOOKED}
    assert not {booking.child_id for booking in after} & children
    assert not Child.objects.exists()


def test_invented_children_do_not_empty_a_class(guardian: User) -> None:
    session = a_class(course=fitting())
    for name in ("一一", "二二", "三三"):
        book(guardian, session, ChildWish(**typed(name)))

    for child in (ChildWish(**typed("四四")), None):
        with pytest.raises(TooManyOfCourse) as refusal:
            book(guardian, session, child)
        assert refusal.value.most == MOST_OF_A_COURSE == 3
    with pytest.raises(TooManyOfCourse):
        book(guardian, a_class(course=fitting(), starts_at=at(days=3, hour=10)))
    assert TrialBooking.objects.count() == 3
    assert Child.objects.count() == 3
    assert book(guardian, a_class(course=a_course("another"))).state == BookingState.BOOKED


def test_a_child_deleted_and_added_again_does_not_try_a_course_for_ever(guardian: User) -> None:
    with pytest.raises(TooManyOfCourse):
        for hour in range(9, 9 + MOST_OF_A_COURSE + 1):
            session = a_class(course=fitting(), starts_at=at(days=3, hour=hour))
            booking = book(guardian, session, ChildWish(**typed()))
            remove_child(guardian=guardian, public_id=name_of(booking.child_id), channel=Channel.WEB)

    assert TrialBooking.objects.active().count() == MOST_OF_A_COURSE


def test_what_was_over_forgets_the_child_too(guardian: User) -> None:
    booking = book(guardian, a_class(course=fitting()), ChildWish(**typed()))
    child = name_of(booking.child_id)
    TrialBooking.objects.filter(pk=booking.pk).update(state="cancelled", closed_at=booking.created_at)
    remove_child(guardian=guardian, public_id=child, channel=Channel.WEB)
    assert TrialBooking.objects.get(pk=booking.pk).child_id is None
