"""Whoever plans and sends reminders may die at any moment: every family is told once, and none twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from enrollment.models import TrialBooking
from messaging.models import Message
from messaging.services import LEASE, sweep
from tests.enrollment.reminding import LATER, a_booking, on
from tests.families import a_guardian
from tests.places import a_class, at
from tests.waiting import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True, databases="__all__")]

ROUNDS = 3
FAMILIES = 60
BEGINS = at(days=3, hour=15)
# A worker whose clock stands at the moment given, and who says what it hands over, as the demo's does.
WORK = """
import sys, time_machine
import django
django.setup()
from django.conf import settings
settings.SMS_GATEWAY = "console"
from datetime import datetime
from enrollment.services.reminders import queue_due
from messaging.services import sweep
print("begun", flush=True)
with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=False):
    queue_due()
    sweep(seconds=60)
print("done", flush=True)
"""


def worker(moment: datetime) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORK, moment.isoformat()], stdout=subprocess.PIPE, text=True
    )


def said(ended: subprocess.Popen[str]) -> list[str]:
    assert ended.stdout is not None
    with ended.stdout as output:
        lines = output.read().splitlines()
    ended.wait()
    return lines


def at_random(seconds: float) -> None:
    ends = time.monotonic() + seconds
    until(lambda: time.monotonic() > ends, what="a random moment")


def test_killed_at_any_moment_nothing_is_lost_or_doubled() -> None:
    for _ in range(FAMILIES // 12):
        session = a_class(starts_at=BEGINS, capacity=12)
        for _ in range(12):
            a_booking(session, a_guardian(), child_id=None)
    handed_over = Counter[str]()
    moment = BEGINS - timedelta(hours=24)
    chance = random.Random(int(os.environ.get("SOAK_SEED", "0")) or None)
    for _ in range(ROUNDS):
        running = [worker(moment) for _ in range(2)]
        for each in running:
            assert each.stdout is not None
            assert each.stdout.readline() == "begun\n"
        at_random(chance.uniform(0, 0.5))
        for each in running:
            each.send_signal(signal.SIGKILL)
            handed_over.update(line for line in said(each) if line.startswith("sent "))
        moment += LEASE + LATER

    last = worker(moment)
    lines = said(last)
    assert lines[-1] == "done"
    handed_over.update(line for line in lines if line.startswith("sent "))

    with on(moment + LEASE + LATER):
        sweep()
    reminders = Message.objects.filter(template="reminder_day")
    assert reminders.count() == TrialBooking.objects.count() == FAMILIES
    assert set(handed_over.values()) == {1}
    states = Counter(reminders.values_list("state", flat=True))
    # One in the hands of each that died may have been heard or not: it is counted, and never sent again.
    assert set(states) <= {"sent", "unknown"}, states
    assert states["unknown"] <= 2 * ROUNDS
    assert len(handed_over) >= states["sent"]
