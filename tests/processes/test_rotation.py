"""Keys are rotated beside the running product: everybody is served, known and found meanwhile and after."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.enrollment.test_parallel import Caller
from tests.live import ROOT, Live, new_home
from tests.people import new_phone

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def running() -> Iterator[Live]:
    """A product of these tests' own: its keys change."""
    product = Live(new_home(), LEAP_DEMO_LIMITS="relaxed")
    product.start()
    yield product
    assert product.stop() == 0, product.said()
    shutil.rmtree(product.home.parent)


def sign_in(product: Live, phone: str) -> Caller:
    caller = Caller(product)
    body = {**caller.asks(phone, "login"), "agreements": caller.documents()[:2]}
    status, answer = caller.call("POST", "login/", body)
    assert (status, answer["phone_masked"]) == (200, f"{phone[:3]}****{phone[-4:]}"), answer
    return caller


class Visitors:
    """Signed-in people who look at their own data over and over, and new ones who ask for codes."""

    def __init__(self, product: Live, known: dict[str, Caller]) -> None:
        self._product, self._known, self._over = product, known, threading.Event()
        self.answers: list[tuple[int, Any]] = []
        self.wrong: list[object] = []
        self._threads = [threading.Thread(target=self._look), threading.Thread(target=self._ask)]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _look(self) -> None:
        while not self._over.is_set():
            for phone, caller in self._known.items():
                status, answer = caller.call("GET", "me/")
                self.answers.append((status, answer))
                if (status, answer.get("phone_masked")) != (200, f"{phone[:3]}****{phone[-4:]}"):
                    self.wrong.append(answer)

    def _ask(self) -> None:
        caller = Caller(self._product)
        while not self._over.is_set():
            status, answer = caller.call(
                "POST", "verification-codes/", {"phone": new_phone(), "purpose": "login"}
            )
            self.answers.append((status, answer))
            if status != 202:
                self.wrong.append(answer)


def killed_at_its_first_word(product: Live, *arguments: str) -> None:
    command = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", *arguments],
        cwd=ROOT, env=product.environment, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert command.stdout is not None
    assert command.stdout.readline()
    command.kill()
    command.wait()
    command.stdout.close()


@pytest.mark.parametrize("which", ["--epoch", "--index", "--data"])
def test_nobody_notices_a_rotation(running: Live, which: str) -> None:
    known = {phone: sign_in(running, phone) for phone in (new_phone(), new_phone())}
    ((before,),) = running.rows("SELECT count(*) FROM accounts_user WHERE kind = 'guardian'")
    with Visitors(running, known) as visitors:
        killed_at_its_first_word(running, which)
        done = running.command("rotate_keys", which)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "(100 %)" in done.stdout

    assert visitors.wrong == []
    assert len(visitors.answers) > 20
    for phone in known:
        sign_in(running, phone)
    assert running.rows("SELECT count(*) FROM accounts_user WHERE kind = 'guardian'") == [(before,)]
    newcomer = new_phone()
    assert sign_in(running, newcomer).call("GET", "me/")[0] == 200


def test_a_second_start_finds_the_keys_it_left(running: Live) -> None:
    phone = new_phone()
    sign_in(running, phone)
    assert running.command("rotate_keys").returncode == 0
    assert running.stop() == 0
    running.log.unlink()
    running.start()
    sign_in(running, phone)
