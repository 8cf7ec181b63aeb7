"""Parents who book while parts of the product die, and keep account of every answer they get."""

import http.client
import json
import threading
import urllib.error
from collections import Counter
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

from tests.enrollment.test_parallel import Caller
from tests.live import Live
from tests.people import new_phone
from tests.waiting import until

PACE = 0.05  # seconds between two tries of one parent


class GaveUp(Exception):
    """The crowd goes home, or nobody answered this parent; whatever was asked for is not needed any more."""


class Crowd:
    """Some parents, each booking for one new number after the other until the crowd goes home."""

    def __init__(self, product: Live, parents: int = 4) -> None:
        self.product = product
        self.booked: dict[str, dict[str, Any]] = {}
        """Number → the booking that was answered with 201."""
        self.answers: Counter[int] = Counter()
        self.unanswered: list[str] = []
        self.failures: list[BaseException] = []
        self._home_time = threading.Event()
        self._threads = [threading.Thread(target=self._book_on) for _ in range(parents)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._home_time.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, bookings: int, seconds: float = 60) -> None:
        """Until so many more bookings than now have been made."""
        goal = len(self.booked) + bookings
        until(lambda: self.failures or len(self.booked) >= goal, seconds=seconds, what=f"{goal} bookings")
        assert not self.failures, self.failures

    def _book_on(self) -> None:
        while not self._home_time.is_set():
            try:
                self._book(new_phone())
            except GaveUp:
                continue
            except BaseException as failure:  # a thread tells nobody else
                self.failures.append(failure)
                raise

    def _book(self, phone: str) -> None:
        caller = self._caller()
        status, asked = self._call(
            caller, "POST", "verification-codes/", {"phone": phone, "purpose": "booking"}
        )
        if status != 202:
            raise GaveUp  # whether a code is on its way is not known, so this number is left alone
        body = {
            "challenge": asked["challenge"],
            "code": self._code_for(phone),
            "city": "beijing",
            "agreements": self._insist(caller, "GET", "documents/", 200),
        }
        body["agreements"] = [
            {name: each[name] for name in ("document", "version")} for each in body["agreements"]
        ]
        # From here on the parent insists: what was answered with an error may have been done nevertheless.
        self.booked[phone] = self._insist(caller, "POST", "trial-bookings/", 201, body)

    def _caller(self) -> Caller:
        while True:
            try:
                return Caller(self.product)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._note(error)
                self._pause_or_go()

    def _insist(self, caller: Caller, method: str, path: str, wanted: int, body: Any = None) -> Any:
        return self._insist_on(caller, method, path, {wanted}, body)[1]

    def _insist_on(
        self, caller: Caller, method: str, path: str, wanted: Collection[int], body: Any = None
    ) -> tuple[int, Any]:
        """The first of the answers wanted; nothing but silence and a plain 503 may come before it."""
        for _ in range(int(60 / PACE)):
            status, answer = self._call(caller, method, path, body)
            if status in wanted:
                return status, answer
            if status not in {0, 503}:
                raise AssertionError(f"{method} {path}: {status} {answer}")
            threading.Event().wait(PACE)
        raise AssertionError(f"{method} {path}: no answer in a minute")

    def _call(self, caller: Caller, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        try:
            status, answer = caller.call(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self._note(error)
            return 0, None
        self.answers[status] += 1
        return status, answer

    def _code_for(self, phone: str) -> str:
        while True:
            try:
                codes = [row["code"] for row in self.product.messages(phone) if row["code"]]
            except urllib.error.HTTPError as error:
                self.answers[error.code] += 1
                codes = []
            except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
                self._note(error)
                codes = []
            if codes:
                return str(codes[0])
            self._pause_or_go()

    def _pause_or_go(self) -> None:
        if self._home_time.wait(PACE):
            raise GaveUp

    def _note(self, error: Exception) -> None:
        self.unanswered.append(repr(error))
