"""Whatever is killed while parents book: every booking stands once, and so does every message."""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.enrollment.test_parallel import Caller
from tests.live import Live, new_home
from tests.people import new_phone
from tests.processes.crowd import Crowd
from tests.processes.watching import came_back, wait_for_all
from tests.waiting import until

pytestmark = pytest.mark.processes

ON_THE_WAY = ("queued", "leased", "sending")
LEASE = 30  # seconds, as messaging says
PROMISE = 40  # seconds in which a message goes out though its worker died before sending it
WORKER_THREADS = 2


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product that nobody else uses: these tests do it harm."""
    product = Live(new_home(), LEAP_DEMO_LIMITS="relaxed")
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


@dataclass
class Books:
    """What the app database holds, by id."""

    guardians: set[str]
    numbers: list[str]
    bookings: dict[str, str]
    messages: dict[str, tuple[str, str]]

    @classmethod
    def of(cls, product: Live) -> "Books":
        bindings = product.rows("SELECT phone_index FROM accounts_phonebinding WHERE released_at IS NULL")
        messages = product.rows("SELECT replace(id::text, '-', ''), template, state FROM messaging_message")
        return cls(
            guardians={
                str(key) for (key,) in product.rows("SELECT id FROM accounts_user WHERE NOT is_staff")
            },
            numbers=[index for (index,) in bindings],
            bookings=dict(product.rows("SELECT public_id, reference FROM enrollment_trialbooking")),
            messages={key: (template, state) for key, template, state in messages},
        )


def settled(product: Live) -> bool:
    """Whether no message is on its way any more."""
    waiting = "SELECT count(*) FROM messaging_message WHERE state IN %s"
    return product.rows(waiting, ON_THE_WAY)[0][0] == 0


def handed_over(product: Live) -> Counter[str]:
    """How often each message was handed to the gateway, which writes its id alone."""
    lines = (product.home / "log" / "worker.log").read_text(encoding="utf-8").splitlines()
    return Counter(line.removeprefix("sent ") for line in lines if line.startswith("sent "))


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_nothing_is_lost_or_doubled_when_one_is_killed_amid_bookings(running: Live, name: str) -> None:
    wait_for_all(running)
    until(lambda: settled(running), seconds=PROMISE, what="the messages of before")
    before = Books.of(running)

    with Crowd(running) as crowd:
        crowd.wait_for_more(4)
        dead = running.kill(name)
        until(lambda: came_back(running, name, dead), seconds=30, what=f"{name} again")
        crowd.wait_for_more(4)
    wait_for_all(running)
    until(lambda: settled(running), seconds=PROMISE + 5, what="every message at its end")

    assert not crowd.failures
    # An answer, or a plain 503; only a dead web server answers nothing.
    assert {status for status in crowd.answers if status >= 500} <= {503}, crowd.answers
    assert name == "web" or not crowd.unanswered, crowd.unanswered
    after = Books.of(running)
    check_people(before, after, crowd)
    check_messages(running, before, after, crowd)


def check_people(before: Books, after: Books, crowd: Crowd) -> None:
    """One guardian, one number and one booking for each parent who was told so, and no others."""
    made = {key: ref for key, ref in after.bookings.items() if key not in before.bookings}
    assert made == {booking["id"]: booking["reference"] for booking in crowd.booked.values()}
    assert len(made) == len(crowd.booked)
    assert len(after.guardians) - len(before.guardians) == len(crowd.booked)
    assert len(after.numbers) == len(set(after.numbers)) == len(after.guardians)


def check_messages(product: Live, before: Books, after: Books, crowd: Crowd) -> None:
    """Each message was handed over once; one whose worker died while sending is of unknown fate, and was not
    handed over again.
    """
    new = {key: message for key, message in after.messages.items() if key not in before.messages}
    states = Counter(state for _, state in new.values())
    handed = handed_over(product)
    assert set(states) <= {"sent", "unknown"}, states
    assert states["unknown"] <= WORKER_THREADS, states
    sent = [key for key, (_, state) in new.items() if state == "sent"]
    assert [key for key in sent if handed[key] != 1] == []
    assert max(handed.values()) == 1
    confirmations = [key for key, (template, _) in new.items() if template == "trial_requested"]
    assert len(confirmations) == len(crowd.booked)
    for phone, booking in crowd.booked.items():
        texts = [row["text"] for row in product.messages(phone)]
        assert sum(f"预约号{booking['reference']}。" in text for text in texts) == 1, texts


def test_a_message_whose_worker_died_before_sending_goes_out(running: Live) -> None:
    wait_for_all(running)
    until(lambda: settled(running), seconds=PROMISE, what="the messages of before")
    phone, worker = new_phone(), running.pid("worker")
    os.kill(worker, signal.SIGSTOP)  # so that the message is still there to be taken by somebody who dies
    try:
        status, _ = Caller(running).call(
            "POST", "verification-codes/", {"phone": phone, "purpose": "booking"}
        )
        taken = running.rows(
            "UPDATE messaging_message SET state = 'leased', attempts = attempts + 1,"
            " leased_until = now() + %s * interval '1 second' WHERE state = 'queued' RETURNING id::text",
            LEASE,
        )
    finally:
        os.kill(worker, signal.SIGCONT)
    assert status == 202
    assert len(taken) == 1
    ((key,),) = taken
    state = "SELECT state FROM messaging_message WHERE id = %s"

    took = until(lambda: running.rows(state, key) == [("sent",)], seconds=PROMISE, what="the message sent")

    assert took > LEASE - 5  # nobody took it from a holder who might have lived
    assert len(running.messages(phone)) == 1
    assert handed_over(running)[key.replace("-", "")] == 1
