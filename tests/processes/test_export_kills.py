"""The worker killed while it collects, writes and packs a copy: the next one goes on, nothing is doubled."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.live import Live, new_home
from tests.processes.watching import came_back
from tests.waiting import until

pytestmark = pytest.mark.processes
MESSAGES = 1500
STATES = ("collecting", "writing", "packing")
ROWS = "SELECT state, rows, attempts FROM rights_exportpackage WHERE id = %s"

# A guardian with many messages, put down as the bench does it, who asks for a copy.
ASK = f"""
import json
from bench.copies import a_guardian
from privacy.actors import Actor
from privacy.rights.enums import Entrance, Identity, RequestKind
from privacy.rights.services.export.making import request_export
from privacy.rights.services.filing import Asked, file_request
who = a_guardian({MESSAGES})
filed = file_request(
    asked=Asked(kinds=[RequestKind.EXPORT]), subject_id=who, entrance=Entrance.ACCOUNT,
    identity=Identity.STEPPED_UP, by=Actor("guardian", who),
)
print("made", json.dumps([str(who), str(request_export(request=filed.request).pk)]))
"""
# What is in it, as its owner opens it.
OPEN = """
import hashlib, io, json, pyzipper
from privacy.actors import Actor
from privacy.rights.models import ExportPackage
from privacy.rights.services.export.taking import fetch, open_ticket, password_of
package = ExportPackage.objects.get(pk="{package}")
by = Actor("guardian", package.request.subject_id)
password = password_of(package=package, by=by)
chunks = fetch(token=open_ticket(package=package, by=by), by=by)
with pyzipper.AESZipFile(io.BytesIO(b"".join(chunks))) as archive:
    archive.setpassword(password.encode())
    members = {{name: archive.read(name) for name in archive.namelist()}}
hashes = json.loads(members["manifest.json"])["members"]
rows = json.loads(members["data/messaging.message.json"])
print("made", json.dumps({{
    "whole": all(hashlib.sha256(members[name]).hexdigest() == said["sha256"] for name, said in hashes.items()),
    "rows": len(rows),
    "texts": len({{json.dumps(row, sort_keys=True) for row in rows}}),
}}))
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


def state(product: Live, package: str) -> str:
    [(found, _, _)] = product.rows(ROWS, package)
    return str(found)


def forget_lease(product: Live, package: str) -> None:
    """As if its seconds were over, so that the test need not wait for them."""
    product.rows("UPDATE rights_exportpackage SET leased_until = now() WHERE id = %s", package)


def reached(product: Live, package: str, point: str) -> bool:
    """Whether the making has come to ``point``, or was too fast for us and is past it."""
    return state(product, package) in (*STATES[STATES.index(point) :], "ready")


@pytest.mark.parametrize("point", STATES)
def test_a_killed_worker_s_copy_is_finished_by_the_next(running: Live, point: str) -> None:
    _, package = told(running, ASK)
    until(partial(reached, running, package, point), seconds=90, what=point)
    dead = running.kill("worker")
    interrupted = state(running, package)
    assert interrupted != "ready", "it was made before it could be killed"
    until(partial(came_back, running, "worker", dead), seconds=30, what="another worker")
    forget_lease(running, package)

    until(lambda: state(running, package) == "ready", seconds=120, what="the copy")

    [(_, rows, attempts)] = running.rows(ROWS, package)
    assert attempts == 2
    found = told(running, OPEN.format(package=package))
    assert found == {"whole": True, "rows": MESSAGES, "texts": MESSAGES}
    steps = running.rows(
        "SELECT area, count(*), sum(rows) FROM rights_exportstep WHERE package_id = %s GROUP BY area", package
    )
    assert {count for _, count, _ in steps} == {1}
    assert sum(each for _, _, each in steps) == rows
    finals = running.rows(
        "SELECT count(*) FROM rights_reply JOIN rights_exportpackage USING (request_id)"
        " WHERE rights_exportpackage.id = %s AND is_final",
        package,
    )
    assert finals == [(1,)]


def asleep(product: Live, worker: int) -> bool:
    """Whether the worker was stopped outside a transaction, whose locks it would keep in its sleep; else it runs."""
    os.kill(worker, signal.SIGSTOP)
    inside = product.rows(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = current_user AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
    if inside == [(0,)]:
        return True
    os.kill(worker, signal.SIGCONT)
    return False


def test_a_worker_that_only_slept_does_no_harm(running: Live) -> None:
    """Stopped past its lease and woken: it finds itself overtaken, and replaces nothing."""
    _, package = told(running, ASK)
    until(partial(reached, running, package, "writing"), seconds=90, what="writing")
    sleeper = running.pid("worker")
    until(partial(asleep, running, sleeper), seconds=30, what="a worker asleep between two transactions")
    try:
        forget_lease(running, package)
        made = running.command(
            "shell",
            "--no-imports",
            "--command",
            f"from privacy.rights.services.export.making import make; make(package_id='{package}')",
        )
        assert made.returncode == 0, made.stderr
    finally:
        os.kill(sleeper, signal.SIGCONT)
    until(lambda: state(running, package) == "ready", seconds=60, what="the copy")
    assert told(running, OPEN.format(package=package)) == {"whole": True, "rows": MESSAGES, "texts": MESSAGES}
