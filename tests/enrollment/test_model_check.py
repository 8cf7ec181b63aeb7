"""The seat ledger under everything at once: random deeds on parallel connections, every law at every look."""

import os
import random
import sys
from typing import Any

import pytest
from django.db import OperationalError
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from enrollment import policies
from enrollment.exceptions import Busy
from enrollment.services import holds, seats
from tests.enrollment.model import DEEDS, Model, by_deadlock
from tests.enrollment.test_seats_parallel import without_the_check

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

THREADS = 6
SOAK_DEEDS = 3000  # of each thread


@pytest.fixture(autouse=True)
def _around_the_clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Whatever the hour and however busy the machine: nobody sleeps, and nobody is tired of waiting."""
    monkeypatch.setattr(policies, "next_waking", lambda at: at)
    for module in (seats, holds):
        monkeypatch.setattr(module, "LOCK_WAIT", 60.0)
    settings.LIMIT_FACTOR = 1000


def run(seed: int, deeds: int) -> Model:
    model = Model(seed)
    model.run(THREADS, deeds)
    return model


def check(model: Model) -> None:
    """No law was broken at any moment, nobody met crosswise, and whoever was refused was told why."""
    assert model.wrong == [], model.said()
    assert model.broken == {}, model.said()
    assert model.deadlocks == 0, model.said()
    assert model.snapshots > 1


def test_every_law_holds_at_every_moment() -> None:
    check(run(seed=7, deeds=50))


def test_without_the_check_the_proof_finds_what_is_sold_twice() -> None:
    """Takes away the CHECK alone; every look, lock and trigger stands. The proof does not rely on them."""
    with without_the_check():
        model = run(seed=7, deeds=15)

    assert model.broken["no_class_oversold"], model.said()
    with pytest.raises(AssertionError):
        check(model)


def test_a_deadlock_is_seen_behind_our_words() -> None:
    """Whoever met others crosswise is told that the class is busy, as whoever waited in vain."""
    for cause, seen in ((DeadlockDetected(), True), (LockNotAvailable(), False)):
        said = Busy()
        said.__cause__ = OperationalError()
        said.__cause__.__cause__ = cause
        assert by_deadlock(said) is seen


@pytest.mark.soak
def test_every_law_holds_at_every_moment_for_long() -> None:
    seed = int(os.environ.get("SOAK_SEED", "0")) or random.randrange(10**6)
    model = run(seed, SOAK_DEEDS)

    check(model)
    assert set(model.done) == {deed.__name__ for deed in DEEDS}, model.said()
    assert model.snapshots > 100, model.said()
    sys.stdout.write(f"{model.said()}\n")
