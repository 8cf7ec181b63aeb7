"""Any process killed without warning comes back, and the product with it."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import redis

from tests.live import Live, new_home
from tests.processes.watching import came_back
from tests.waiting import until

pytestmark = pytest.mark.processes
CHILDREN = ("postgres", "redis", "web", "worker", "beat")


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product that nobody else uses: these tests do it harm."""
    product = Live(new_home())
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


def queue(product: Live) -> "redis.Redis":
    return redis.Redis.from_url(product.settings()["REDIS_URL"], decode_responses=True)


def is_worked_off(product: Live) -> bool:
    """Whether the worker has taken and finished every task there is."""
    with queue(product) as client:
        return not client.llen("celery") and not client.hlen("unacked")


def nudge(product: Live) -> None:
    """Queues a task as the beat does, without waiting for the beat."""
    program = "from leap.celery import app; app.send_task('messaging.tasks.sweep')"
    done = product.command("shell", "--no-imports", "--command", program)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_process_comes_back(running: Live, name: str) -> None:
    dead = running.kill(name)

    until(lambda: came_back(running, name, dead), seconds=30, what=f"{name} again")
    running.wait_ready()

    assert f"{name}: ended (signal 9), starting again" in running.said()


def test_all_killed_at_once_come_back(running: Live) -> None:
    dead = {name: running.kill(name) for name in CHILDREN}

    for name, pid in dead.items():
        until(partial(came_back, running, name, pid), seconds=60, what=f"{name} again")
    running.wait_ready(seconds=60)


def test_the_worker_works_on_after_redis_was_killed(running: Live) -> None:
    worker = running.pid("worker")
    for _ in range(2):
        dead = running.kill("redis")
        until(partial(came_back, running, "redis", dead), seconds=30, what="redis again")
        running.wait_ready()
        nudge(running)
        until(lambda: is_worked_off(running), seconds=30, what="the queue worked off")

    assert running.pid("worker") == worker


def test_the_worker_finds_a_redis_that_was_gone_for_long(running: Live) -> None:
    """Stopped, not killed: connections hang instead of breaking."""
    pid = running.pid("redis")
    os.kill(pid, signal.SIGSTOP)
    until(lambda: running.ready().get("redis") == "down", seconds=30, what="redis missed")
    os.kill(pid, signal.SIGCONT)

    running.wait_ready()
    nudge(running)
    until(lambda: is_worked_off(running), seconds=60, what="the queue worked off")


def test_a_web_worker_alone_is_replaced(running: Live) -> None:
    def workers() -> set[int]:
        children = Path(f"/proc/{running.pid('web')}/task/{running.pid('web')}/children")
        return {int(pid) for pid in children.read_text(encoding="utf-8").split()}

    before = workers()
    os.kill(next(iter(before)), signal.SIGKILL)

    until(lambda: len(workers()) == len(before) and workers() != before, seconds=30, what="a new web worker")
    running.wait_ready()


def test_a_database_that_is_gone_is_503_and_the_rest_is_said(running: Live) -> None:
    pid = running.pid("postgres")
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: running.ready().get("status") == "degraded", seconds=30, what="databases missed")
        state = running.ready()
    finally:
        os.kill(pid, signal.SIGCONT)

    assert state["redis"] == "ok"
    assert json.dumps(state).count("down") >= 1
    running.wait_ready()
