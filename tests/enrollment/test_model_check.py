"""The seat ledger under everything at once: random deeds on parallel connections, every law at every look."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest

from enrollment import policies
from enrollment.services import holds, seats
from tests.cleaning import empty_databases
from tests.enrollment.model import DEEDS, Model
from tests.enrollment.test_seats_parallel import without_the_check

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

THREADS = 6
SOAK_DEEDS = 3000  # of each thread


@pytest.fixture(autouse=True)
def _around_the_clock(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
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
    check(run(seed=7, deeds=80))


@pytest.mark.soak
def test_every_law_holds_at_every_moment_for_long() -> None:
    model = run(seed := int(os.environ.get("SOAK_SEED", "0")) or random.randrange(10**6), SOAK_DEEDS)

    check(model)
    assert set(model.done) == {deed.__name__ for deed in DEEDS}, model.said()
    assert model.snapshots > 100, model.said()
    print(model.said(), seed)  # noqa: T201  for whoever looks at the long run
