"""The bench fills what a product would have filled, asks as a browser would, and judges by its bars."""

import re
import subprocess
import sys

import pytest
from django.db import connection
from django.db.models import Count, F, Q

from accounts.services.guardians import masked_phone_of
from accounts.services.roles import load_roles
from bench import pages
from bench.load import BadAnswer, Caller, get, rates, times
from bench.report import at_least, at_most
from bench.rows import fill
from bench.seats import measured_campus, measured_city
from bench.shown import Shown
from courses.models import Campus
from enrollment.enums import TAKES_A_SEAT
from enrollment.models import ClassSession, TrialBooking
from leap.roles import ROLES
from tests.live import Live
from tests.places import a_class, at

SHOWN, BOOKINGS = 20, 160
everywhere = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def filled(transactional_db: None) -> Shown:
    """Classes to come in the measured city and in another, and bookings as the bench makes them."""
    load_roles(roles=ROLES)
    elsewhere = Campus.objects.exclude(city=measured_city())[:1].get()
    for campus in (measured_campus(), elsewhere):
        for day in (1, 2, 3):
            a_class(campus=campus, starts_at=at(days=day, hour=10))
            a_class(campus=campus, starts_at=at(days=day, hour=15))
    return fill(bookings=BOOKINGS, shown=SHOWN)


@everywhere
def test_each_booking_is_of_a_guardian_of_its_own_whose_number_opens(filled: Shown) -> None:
    guardians = set(TrialBooking.objects.values_list("guardian", flat=True))

    assert len(guardians) == TrialBooking.objects.count() == BOOKINGS
    assert {masked_phone_of(guardian) for guardian in list(guardians)[:5]} <= {
        f"138****{number:04d}" for number in range(BOOKINGS)
    }


@everywhere
def test_seats_are_counted_as_the_trigger_would_have(filled: Shown) -> None:
    taken = Count("bookings", filter=Q(bookings__state__in=TAKES_A_SEAT))
    wrong = ClassSession.objects.annotate(counted=taken).exclude(counted=F("seats_taken"))

    assert ClassSession.objects.filter(seats_taken__gt=0).count() > BOOKINGS // 6
    assert list(wrong) == []


@everywhere
def test_bookings_stand_where_their_classes_do(filled: Shown) -> None:
    there = Q(campus=F("session__campus"), course=F("session__course"), city=F("session__campus__city"))

    assert TrialBooking.objects.filter(there, guardian__kind="guardian").count() == BOOKINGS


@everywhere
def test_what_pages_show_of_a_city_does_not_grow_with_its_past(filled: Shown) -> None:
    here = TrialBooking.objects.filter(city__slug=filled.city)

    assert here.filter(state="booked").count() == SHOWN
    assert here.exclude(state="booked").exists()
    assert TrialBooking.objects.exclude(city__slug=filled.city).filter(state="booked").exists()


@everywhere
def test_filling_leaves_every_index_in_place(filled: Shown) -> None:
    declared = {index.name for model in (ClassSession, TrialBooking) for index in model._meta.indexes}
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes")
        standing = {name for (name,) in cursor.fetchall()}

    assert declared <= standing


@everywhere
def test_too_few_classes_to_come_are_said() -> None:
    with pytest.raises(ValueError, match="classes to come"):
        fill(bookings=BOOKINGS)


@pytest.mark.processes
def test_a_running_product_is_measured(live: Live) -> None:
    page, floor = rates(live.port, [get("/"), get("/healthz")], seconds=0.1, slices=2, connections=2)
    with Caller(live.port) as caller:
        (seconds,) = times([(caller, get("/"))], rounds=3)

    assert page > 0
    assert floor > 0
    assert len(seconds) == 3


@pytest.mark.processes
def test_only_a_page_that_is_there_is_measured(live: Live) -> None:
    with Caller(live.port) as caller, pytest.raises(BadAnswer, match="404"):
        caller.ask(get("/nothing-here/"))


@pytest.mark.soak
def test_the_whole_of_it_runs_and_says_what_it_found() -> None:
    tiny = ["--bookings", "60", "--seconds", "0.2", "--asks", "10", "--rounds", "1"]
    done = subprocess.run([sys.executable, "-m", "bench", *tiny], capture_output=True, text=True, check=False)

    assert done.returncode in {0, 1}, done.stdout + done.stderr  # so small, its figures mean nothing
    assert re.search(r"\d+ of 15 bars met", done.stdout), done.stdout


def test_a_rate_below_its_share_of_the_floor_is_missed() -> None:
    assert at_least(pages.BAR, what="", rates=[(50, 100), (10, 100), (60, 100)]).met
    assert not at_least(pages.BAR, what="", rates=[(49, 100), (10, 100), (60, 100)]).met


def test_a_time_above_its_multiple_of_the_floor_is_missed() -> None:
    floor = [0.01] * 100

    assert at_most(1.3, what="", seconds=[0.013] * 100, floor=floor).met
    assert not at_most(1.3, what="", seconds=[0.0131] * 100, floor=floor).met
    # Of a hundred answers four may be slow, and six may not.
    assert at_most(1.3, what="", seconds=[0.01] * 96 + [9.0] * 4, floor=floor).met
    assert not at_most(1.3, what="", seconds=[0.01] * 94 + [9.0] * 6, floor=floor).met
