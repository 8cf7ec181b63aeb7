"""What was promised to a phone arrives, once, whichever process dies on the way."""

import http.client
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from tests.live import Live, new_home
from tests.processes.watching import wait_for_all
from tests.waiting import until

pytestmark = pytest.mark.processes
TOKEN = "k" * 32  # double submit: the cookie and the header say the same
PROMISE = 40  # seconds in which a message goes out though its worker died before sending it
_numbers = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product that nobody else uses: these tests do it harm."""
    product = Live(new_home(), LEAP_DEMO_LIMITS="relaxed")
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


def new_phone() -> str:
    return f"139{next(_numbers):08d}"


def ask_code(product: Live, phone: str) -> int:
    """Asks for a code as the API does; the status, 0 when nobody answered."""
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=15)
    headers = {"Content-Type": "application/json", "Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
    try:
        connection.request(
            "POST", "/api/v1/verification-codes/", json.dumps({"phone": phone, "purpose": "booking"}), headers
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def arrived(product: Live, phone: str) -> int:
    """How many messages a phone got, as far as anybody can say just now."""
    try:
        return len(product.messages(phone))
    except (OSError, http.client.HTTPException):  # the database or the web server is on its way back
        return 0


def sent(product: Live) -> Counter[str]:
    """How often each message was handed to the gateway."""
    lines = (product.home / "log" / "worker.log").read_text(encoding="utf-8").splitlines()
    return Counter(line.removeprefix("sent ") for line in lines if line.startswith("sent "))


@pytest.mark.parametrize("others", [[], ["redis"], ["postgres"], ["beat"], ["web"]], ids="+".join)
def test_a_message_outlives_the_worker_that_was_to_send_it(running: Live, others: list[str]) -> None:
    wait_for_all(running)
    phone = new_phone()
    os.kill(running.pid("worker"), signal.SIGSTOP)  # it may take the nudge, and will never act on it
    assert ask_code(running, phone) == 202
    for name in ["worker", *others]:
        running.kill(name)

    until(lambda: arrived(running, phone), seconds=PROMISE, what="the message")

    wait_for_all(running)
    assert len(running.messages(phone)) == 1
    assert set(sent(running).values()) == {1}


@pytest.mark.soak
def test_nothing_is_lost_or_doubled_however_often_they_die(running: Live) -> None:
    """SOAK_SECONDS (600) of messages to new numbers, a process killed every few seconds."""
    seed = int(os.environ.get("SOAK_SEED", "0")) or random.randrange(10**6)
    chance = random.Random(seed)
    until_then = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "600"))
    next_kill, kills, answers = 0.0, Counter[str](), Counter[int]()
    promised: list[str] = []
    while time.monotonic() < until_then:
        if time.monotonic() > next_kill:
            name = chance.choice(["postgres", "redis", "web", "worker", "beat"])
            try:
                running.kill(name)
            except (ProcessLookupError, FileNotFoundError):
                continue  # it had just died
            kills[name] += 1
            next_kill = time.monotonic() + chance.uniform(0.5, 8)
        phone = new_phone()
        answers[status := ask_code(running, phone)] += 1
        if status == 202:
            promised.append(phone)
        elif status == 0:
            until(running.ready, seconds=60, what="the web server again")

    wait_for_all(running, seconds=120)
    said = f"seed {seed}, kills {dict(kills)}, answers {dict(answers)}"
    for phone in promised:
        until(partial(arrived, running, phone), seconds=120, what=f"the message to {phone}; {said}")
    assert {len(running.messages(phone)) for phone in promised} == {1}, said
    assert set(sent(running).values()) == {1}, said
    assert set(answers) <= {0, 202, 503}, said
    assert promised, said
    sys.stdout.write(f"{said}, promised {len(promised)}\n")
