"""What one telephone, or one link of a message, cannot be used for."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from enrollment.enums import WaitlistState
from enrollment.exceptions import AgeUnsuitable, TooManyOfCourse, TooManyWaiting
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import MOST_MOVES, MOST_OF_A_COURSE
from enrollment.services.links import make_link
from enrollment.services.moves import move_trial
from enrollment.services.other_guardians import MOST_TOLD, tell_others_cancelled
from enrollment.services.settling import settle_due
from enrollment.services.waitlist import accept
from enrollment.services.wishes import ChildWish
from kit.limiter import LimitReached
from privacy.actors import ANONYMOUS
from privacy.consent.services import notice
from privacy.minors.models import Child
from tests.children import a_child, an_invitation, joins, name_of
from tests.families import a_guardian, a_seat, acting, written_to
from tests.places import a_class, a_course, at
from tests.waiters import (
    a_full_class,
    at_home,
    frees_a_seat,
    offered,
    runs_out,
    state_of,
    waits_for,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

NAMES = ("小豆包", "小汤圆", "小馒头", "小花卷", "小米粥", "小糖糕")


def children(guardian: User, session: ClassSession, number: int) -> list[UUID]:
    """So many children of five years."""
    born = date(session.local_date.year - 5, 1, 1)
    return [a_child(guardian, nickname=name, born=born) for name in NAMES[:number]]


def test_one_guardian_keeps_no_more_places_in_a_line_than_seats_may_be_had() -> None:
    session, guardian = a_full_class(), a_guardian()
    *first, last = children(guardian, session, MOST_OF_A_COURSE + 1)
    for child in first:
        waits_for(session, guardian=guardian, child=child)

    with pytest.raises(TooManyWaiting) as refusal:
        waits_for(session, guardian=guardian, child=last)

    assert refusal.value.most == MOST_OF_A_COURSE
    assert waits_for(a_full_class(), guardian=guardian, child=last)


def test_waiting_gets_nobody_more_seats_of_a_course_than_booking_does() -> None:
    session, guardian = a_full_class(capacity=2), a_guardian()
    another = a_class(starts_at=at(days=4, hour=9))
    wait, late, *booked = children(guardian, session, MOST_OF_A_COURSE + 1)
    entries = [waits_for(session, guardian=guardian, child=child) for child in (wait, late)]
    for child in booked:
        a_seat(another, guardian, child=ChildWish(id=child))

    frees_a_seat(session)
    frees_a_seat(session)

    assert [state_of(entry) for entry in entries] == [WaitlistState.OFFERED, WaitlistState.LAPSED]
    assert TrialBooking.objects.of(guardian.pk).active().count() == MOST_OF_A_COURSE


def test_waiting_gets_nobody_past_the_years_limit(settings: Any) -> None:
    settings.TRIALS_A_YEAR = 1
    session, guardian = a_full_class(capacity=2), a_guardian()
    first, second = [waits_for(session, guardian=guardian, child=c) for c in children(guardian, session, 2)]

    frees_a_seat(session)
    frees_a_seat(session)

    assert accept(entry=first, by=acting(guardian)).state == "booked"
    assert state_of(second) == WaitlistState.LAPSED


def test_moving_gets_nobody_more_seats_of_a_course_than_booking_does() -> None:
    wanted, guardian = a_class(course=a_course("wanted")), a_guardian()
    start = a_class(starts_at=at(days=4, hour=9))
    *there, here = children(guardian, wanted, MOST_OF_A_COURSE + 1)
    for child in there:
        a_seat(wanted, guardian, child=ChildWish(id=child))
    booking = a_seat(start, guardian, child=ChildWish(id=here))

    with pytest.raises(TooManyOfCourse):
        move_trial(booking=booking, session=wanted, by=acting(guardian))

    assert TrialBooking.objects.of_session(wanted).active().count() == MOST_OF_A_COURSE


def test_nobody_feels_their_way_to_a_childs_age_by_trying_to_move() -> None:
    session, guardian = a_class(), a_guardian()
    [child] = children(guardian, session, 1)
    booking = a_seat(session, guardian, child=ChildWish(id=child))
    for_others = a_class(course=a_course("eleven", ages=(132, 155)), starts_at=at(days=4, hour=9))

    for _ in range(MOST_MOVES[0][0]):
        with pytest.raises(AgeUnsuitable):
            move_trial(booking=booking, session=for_others, by=ANONYMOUS)

    with pytest.raises(LimitReached):
        move_trial(booking=booking, session=for_others, by=ANONYMOUS)


def test_a_link_to_one_booking_tells_nothing_of_another_that_bars_its_move() -> None:
    guardian, elsewhere = a_guardian(), a_course("elsewhere")
    opened = a_seat(a_class(), guardian)
    other = a_seat(a_class(course=elsewhere, starts_at=at(days=3, hour=9)), guardian)
    wanted = a_class(course=elsewhere, starts_at=at(days=4, hour=9))
    holder, own = Client(), Client()
    holder.get("/" + make_link(booking=opened).split("/", 3)[3])
    own.force_login(guardian)
    url, body = f"/api/v1/trial-bookings/{opened.public_id}/reschedule/", {"session": wanted.public_id}

    told = holder.post(url, body, content_type="application/json")
    mine = own.post(url, body, content_type="application/json")

    assert (told.status_code, told.json()["code"]) == (409, "already_booked")
    assert "booking" not in told.json()
    assert other.reference not in told.content.decode()
    assert mine.json()["booking"]["reference"] == other.reference


def test_no_child_is_kept_for_a_line_that_nobody_need_join() -> None:
    client, _ = at_home()
    session = a_class()
    body = {
        "sessions": [session.public_id],
        "child": {"nickname": NAMES[0], "birth_month": f"{session.local_date.year - 5}-01"},
        "agreements": [{"document": "children", "version": notice("children").version}],
    }

    answer = client.post("/api/v1/waitlist-entries/", body, content_type="application/json")

    assert answer.status_code == 422
    assert not Child.objects.exists()


def test_whoever_lets_another_guardian_in_is_told_what_they_will_hear() -> None:
    client, guardian = at_home()
    child = name_of(a_child(guardian))
    token = an_invitation(guardian, Child.objects.get(public_id=child).pk)

    asked = client.get(f"/account/children/{child}/invite/").content.decode()
    joining = Client().get(f"/account/children/join/{token}/").content.decode()

    for page in (asked, joining):
        assert "另一位会收到短信，写着什么课、几点、在哪个校区" in page


def test_who_lets_an_offer_run_out_keeps_nobody_waiting_for_a_second() -> None:
    session, guardian = a_full_class(), a_guardian()
    first, second = children(guardian, session, 2)
    mine = [waits_for(session, guardian=guardian, child=child) for child in (first, second)]
    theirs = waits_for(session)

    frees_a_seat(session)
    runs_out(offered(mine[0]))
    settle_due()

    assert [state_of(entry) for entry in (*mine, theirs)] == ["expired", "lapsed", "offered"]


def test_nobody_is_pestered_through_their_child() -> None:
    session, one, other = a_class(), a_guardian(), a_guardian()
    child = a_child(one, born=date(session.local_date.year - 5, 1, 1))
    joins(other, an_invitation(one, child))
    booked = [TrialBooking(guardian=one, child_id=child, session=session)]

    for _ in range(MOST_TOLD + 2):
        with transaction.atomic():
            tell_others_cancelled(booked)

    assert len(written_to(other)) == MOST_TOLD
