"""Processes killed while somebody is erased: the next one goes on, and the end is the same."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.live import Live, new_home
from tests.processes.watching import came_back, wait_for_all
from tests.waiting import until

pytestmark = pytest.mark.processes
MESSAGES = 1500
JOB = "SELECT state, unreadable_at IS NOT NULL FROM erasure_erasurejob WHERE id = %s"
STEPS = "SELECT name, state FROM erasure_erasurestep WHERE job_id = %s ORDER BY position"
# As the page does it: somebody with many messages closes their account.
CLOSE = f"""
import json
from bench.copies import a_guardian
from bench.erasures import _begun
who = a_guardian({MESSAGES})
print("made", json.dumps([str(who), str(_begun(who).pk)]))
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product that nobody else uses: these tests do it harm."""
    product = Live(new_home())
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


def told(product: Live, program: str) -> Any:
    done = product.command("shell", "--no-imports", "--command", program)
    assert done.returncode == 0, done.stderr
    [said] = [line for line in done.stdout.splitlines() if line.startswith("made ")]
    return json.loads(said.removeprefix("made "))


def is_over(product: Live, job: str) -> bool:
    [(state, unreadable)] = product.rows(JOB, job)
    return unreadable and state in ("waiting", "done")


def reached(product: Live, job: str, step: str) -> bool:
    """Whether a step is done, or all of it is."""
    return dict(product.rows(STEPS, job)).get(step) == "done" or is_over(product, job)


def forget_lease(product: Live, job: str) -> None:
    """As if its minute were over, so that the test need not wait for it."""
    product.rows("UPDATE erasure_erasurejob SET leased_until = now() WHERE id = %s", job)


def gone(product: Live, who: str, job: str) -> None:
    """Nothing leads to them any more, each row was counted once, and there is one certificate of a version."""
    assert {state for _, state in product.rows(STEPS, job)} == {"done"}
    assert product.rows("SELECT count(*) FROM messaging_message WHERE subject_id = %s", who) == [(0,)]
    assert product.rows("SELECT count(*) FROM accounts_user WHERE id = %s", who) == [(0,)]
    assert product.rows("SELECT count(*) FROM audit_auditevent WHERE %s IN (subject_id, actor_id)", who) == [
        (0,)
    ]
    [(counted,)] = product.rows(
        "SELECT sum(rows) FROM erasure_stepdone WHERE job_id = %s AND step LIKE 'rows%%'", job
    )
    assert counted == MESSAGES + 1, "the messages and the number, each once"
    versions = product.rows("SELECT version FROM erasure_erasurecertificate WHERE job_id = %s", job)
    assert versions == [(1,)]


@pytest.mark.parametrize("step", ["bury", "keys", "rows", "unlink", "check"])
def test_the_next_worker_goes_on_where_the_killed_one_was(running: Live, step: str) -> None:
    who, job = told(running, CLOSE)
    until(partial(reached, running, job, step), seconds=90, what=step)
    dead = running.kill("worker")
    until(partial(came_back, running, "worker", dead), seconds=60, what="another worker")
    forget_lease(running, job)

    until(partial(is_over, running, job), seconds=120, what="the end")

    gone(running, who, job)


@pytest.mark.parametrize("store", ["postgres", "redis"])
def test_a_store_that_dies_holds_it_up_and_no_more(running: Live, store: str) -> None:
    who, job = told(running, CLOSE)
    running.kill(store)
    wait_for_all(running, 120)

    until(partial(is_over, running, job), seconds=180, what="the end")

    gone(running, who, job)
