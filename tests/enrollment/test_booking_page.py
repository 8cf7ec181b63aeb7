"""The page of a booking: every state in words, to whom it opens, and what it never shows."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from enrollment.enums import BookingChannel, BookingState, ChangeReason
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.services.cancelling import cancel_trial
from enrollment.services.class_changes import call_off
from enrollment.services.links import make_link
from enrollment.services.moves import move_trial
from enrollment.state_words import state_in_words
from kit.day_words import date_in_words
from privacy.actors import SYSTEM
from tests.enrollment.test_trial_children import of_age
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.people import book, new_phone
from tests.places import a_campus, a_class, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

# The legal way from a booked seat to states it can be brought into.
WAYS = {
    BookingState.BOOKED: (),
    BookingState.CHECKED_IN: (BookingState.CHECKED_IN,),
    BookingState.ATTENDED: (BookingState.CHECKED_IN, BookingState.ATTENDED),
    BookingState.NO_SHOW: (BookingState.NO_SHOW,),
    BookingState.CANCELLED: (BookingState.CANCELLED,),
}
OVER = {BookingState.ATTENDED, BookingState.NO_SHOW, BookingState.CANCELLED, BookingState.RESCHEDULED}


def a_booking_in(state: BookingState, guardian: User) -> TrialBooking:
    """The guardian's booking of a class, in ``state``, on the way the database allows."""
    if state in (BookingState.HELD, BookingState.EXPIRED):
        return an_offer(guardian, expired=state == BookingState.EXPIRED)
    if state == BookingState.RESCHEDULED:
        booking = a_seat(a_class(), guardian)
        move_trial(booking=booking, session=a_class(starts_at=at(days=4, hour=10)), by=acting(guardian))
        booking.refresh_from_db()
        return booking
    if state == BookingState.NO_SHOW:  # nobody is absent from a class that has not begun
        booking = a_seat(a_class(starts_at=timezone.now() + timedelta(minutes=40)), guardian)
        begun = timezone.now() - timedelta(minutes=5)
        ClassSession.objects.update(starts_at=begun, booking_closes_at=begun)
    else:
        booking = a_seat(a_class(), guardian)
    for step in WAYS[state]:
        closed = timezone.now() if step in OVER else None
        TrialBooking.objects.filter(pk=booking.pk).update(state=step, closed_at=closed)
    booking.refresh_from_db()
    return booking


def an_offer(guardian: User, *, expired: bool = False) -> TrialBooking:
    """A seat kept for the guardian, who waited for it."""
    session = a_class(capacity=1)
    first = a_seat(session)
    entry = WaitlistEntry.objects.create(guardian=guardian, channel=BookingChannel.WEB)
    WaitlistChoice.objects.create(entry=entry, session=session)
    cancel_trial(booking=first, by=acting(first.guardian))
    offer = TrialBooking.objects.get(waitlist_entry=entry)
    if expired:
        row = TrialBooking.objects.filter(pk=offer.pk)
        row.update(state=BookingState.EXPIRED, hold_expires_at=None, closed_at=timezone.now())
        offer.refresh_from_db()
    return offer


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def mine(client: Client, guardian: User) -> Client:
    """The guardian's own browser."""
    client.force_login(guardian)
    return client


def page_of(client: Client, booking: TrialBooking) -> str:
    response = client.get(booking.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


STATES = {
    BookingState.HELD: "候补到座位了，给您留着",
    BookingState.BOOKED: "约好了，",
    BookingState.CHECKED_IN: "已经签到",
    BookingState.ATTENDED: "这节课上过了",
    BookingState.NO_SHOW: "那天没有等到您",
    BookingState.CANCELLED: "这次预约已经取消",
    BookingState.RESCHEDULED: "改到别的时间了",
    BookingState.EXPIRED: "座位没有留住",
}


@pytest.mark.parametrize(("state", "words"), STATES.items(), ids=STATES)
def test_every_state_is_said_in_words_with_a_way_on(
    mine: Client, guardian: User, state: BookingState, words: str
) -> None:
    booking = a_booking_in(state, guardian)

    page = page_of(mine, booking)

    heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]
    assert words in heading
    assert heading.strip() in re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
    assert booking.reference in page
    assert state_in_words(booking) in page
    settled = state in OVER | {BookingState.EXPIRED}
    assert ("再约一节免费试听" in page) == (settled and state != BookingState.RESCHEDULED)
    assert ("看改后的预约" in page) == (state == BookingState.RESCHEDULED)
    assert ("怎么来，带什么" in page) != settled
    assert ("取消这次预约" in page) == (state == BookingState.BOOKED)


def test_a_request_says_what_comes_next_and_shows_no_class(mine: Client, guardian: User) -> None:
    from enrollment.services.bookings import request_trial

    page = page_of(mine, request_trial(guardian=guardian, request=a_wish()))

    assert "收到了，等校区来电" in page
    assert "说定之前不占座位" in page
    assert ".ics" not in page
    assert "取消这次预约" in page


@pytest.mark.clause("L-SITE-20")
def test_when_and_where_stand_in_words_with_all_it_takes_to_come(mine: Client, guardian: User) -> None:
    session = a_class(starts_at=at(days=3, hour=15))
    booking = a_seat(session, guardian)

    page = page_of(mine, booking)

    weekday = "一二三四五六日"[session.local_date.weekday()]
    assert f"{session.local_date.month} 月 {session.local_date.day} 日 星期{weekday} 15:00–16:00" in page
    for words in (session.campus.name, session.campus.address, session.course.bring, session.campus.phone):
        assert words in page
    for line in session.campus.how_to_come.splitlines():
        assert line in page
    assert f'href="tel:{session.campus.phone}"' in page
    assert f'href="{booking.get_absolute_url().rstrip("/")}.ics"' in page
    assert "免费试听：" in re.search(r'id="to-copy">(.*?)</p>', page, re.DOTALL)[1]


@pytest.mark.clause("L-PP-3-4")
def test_the_map_is_a_plain_link_marked_as_leading_off(mine: Client, guardian: User) -> None:
    booking = a_seat(a_class(), guardian)

    link = re.search(r'<a[^>]*href="(https://[^"]+)"[^>]*>(.*?)</a>', page_of(mine, booking), re.DOTALL)

    assert "noopener" in link[0]
    assert "离开本站" in link[2]
    assert f"{booking.campus.longitude}%2C{booking.campus.latitude}" in link[1]


@pytest.mark.parametrize(("days", "words"), [(1, "明天 15:00 见"), (2, "后天 15:00 见"), (13, "")])
def test_the_nearest_days_are_called_by_name_and_others_by_date(
    mine: Client, guardian: User, days: int, words: str
) -> None:
    booking = a_seat(a_class(starts_at=at(days=days, hour=15)), guardian)

    headline = re.search(r"<h1>(.*?)</h1>", page_of(mine, booking))
    assert headline[1].endswith(words or f"{date_in_words(booking.session.local_date)} 15:00 见")


def test_time_goes_on_until_the_class_is_past(mine: Client, guardian: User) -> None:
    session = a_class()
    booking = a_seat(session, guardian)
    address = booking.get_absolute_url()

    def at_that_time(after_start: timedelta) -> str:
        with time_machine.travel(session.starts_at + after_start, tick=False):
            mine.force_login(guardian)
            return page_of(mine, booking)

    too_late = at_that_time(-timedelta(minutes=30))
    assert "网上不能改期和取消了" in too_late
    assert session.campus.phone in too_late
    assert f"{address}cancel/" not in too_late
    assert "这节课正在上" in at_that_time(timedelta(minutes=5))
    over = at_that_time(timedelta(hours=5))
    assert "这节课已经过去，校区还没有登记" in over
    assert "再约一节免费试听" in over


def test_cancelling_frees_the_seat_until_the_cut_off_and_then_says_call(mine: Client, guardian: User) -> None:
    session = a_class(capacity=1)
    booking = a_seat(session, guardian)
    cancel = f"{booking.get_absolute_url()}cancel/"

    with time_machine.travel(session.starts_at - timedelta(hours=1), tick=False):
        mine.force_login(guardian)
        asked, late = mine.get(cancel), mine.post(cancel)
    assert asked.status_code == 200
    assert late.status_code == 409
    for page in (asked, late):
        assert session.campus.phone in page.content.decode()
        assert "确定取消" not in page.content.decode()

    mine.force_login(guardian)
    assert mine.post(cancel)["Location"] == booking.get_absolute_url()
    session.refresh_from_db()
    assert session.seats_left == 1
    assert "已经取消" in page_of(mine, booking)


def test_a_class_called_off_is_said_with_the_reason_and_a_way_on(mine: Client, guardian: User) -> None:
    session = a_class()
    booking = a_seat(session, guardian)
    call_off(session=session, by=SYSTEM, reason=ChangeReason.WEATHER)

    page = page_of(mine, booking)

    assert "这节课取消了" in page
    assert str(ChangeReason.WEATHER.label) in page
    assert "再约一节免费试听" in page
    assert "reschedule/" not in page


@pytest.mark.clause("LAW-12")
def test_the_nickname_is_for_the_guardian_signed_in_and_never_for_a_link(client: Client) -> None:
    session = a_class()
    address = book(client, new_phone(), session=session.public_id, **of_age(session))["Location"]
    holder, stranger = Client(), Client()

    own = client.get(address).content.decode()
    link = make_link(booking=TrialBooking.objects.get())
    by_link = holder.get(holder.get("/" + link.split("/", 3)[3])["Location"])

    assert "小豆包" in own
    assert by_link.status_code == 200
    assert session.course.name in by_link.content.decode()
    assert "小豆包" not in by_link.content.decode()
    assert stranger.get(address).status_code == 404
    assert holder.get(f"{address.rstrip('/')}.ics").status_code == 200
    assert holder.get("/account/bookings/").status_code == 302


@pytest.mark.parametrize("path", ["", "cancel/", "reschedule/", "keep/"])
def test_another_guardian_and_a_passer_by_find_nothing(client: Client, path: str) -> None:
    theirs = a_seat(a_class())
    stranger = a_guardian()
    a_seat(a_class(starts_at=at(days=3, hour=10)), stranger)
    client.force_login(stranger)

    for browser in (client, Client()):
        assert browser.get(theirs.get_absolute_url() + path).status_code == 404
        assert browser.post(theirs.get_absolute_url() + (path or "cancel/")).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == BookingState.BOOKED


def test_a_request_to_a_campus_names_it_once_and_does_not_ask_which(mine: Client, guardian: User) -> None:
    from enrollment.services.bookings import request_trial

    campus = a_campus(2)

    page = page_of(mine, request_trial(guardian=guardian, request=a_wish(campus=campus)))

    assert f"<dt>校区</dt><dd>{campus.name}</dd>" in page
    assert "去哪个校区" not in page
    assert "和您商量哪天上" in page


def test_hours_stay_together_the_address_is_whole_and_paper_calls_the_day_by_its_date(
    mine: Client, guardian: User
) -> None:
    session = a_class(starts_at=at(days=1, hour=15))

    page = page_of(mine, a_seat(session, guardian))

    day = f"{session.local_date.month} 月 {session.local_date.day} 日"
    campus = session.campus
    assert '<span class="no-break">15:00–16:00</span>' in page
    assert page.count(f"{campus.city.name}{campus.district}{campus.address}") == 3
    paper = re.search(r'<p class="print-only[^>]*>(.*?)</p>', page)[1]
    assert day in paper
    assert "明天" not in paper
    assert '<div class="no-print"><h1>' in page
