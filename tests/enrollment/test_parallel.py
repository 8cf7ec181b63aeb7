"""Many posts at once, over real HTTP, against every real part."""

import http.cookiejar
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from typing import Any

import pytest

from tests.live import Live
from tests.people import new_phone

pytestmark = pytest.mark.processes


class Caller:
    """One browser, which speaks JSON."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.call("GET", "me/")

    def call(self, method: str, path: str, body: Any = None, cookies: str | None = None) -> tuple[int, Any]:
        """Status and parsed answer. With ``cookies`` those are sent instead of, and kept apart from, our own."""
        jar = {cookie.name: cookie.value or "" for cookie in self.cookies}
        headers = {"Content-Type": "application/json", "X-CSRFToken": jar.get("csrftoken", "")}
        opener = self.opener
        if cookies is not None:
            headers["Cookie"], opener = cookies, urllib.request.build_opener()
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.live.url}/api/v1/{path}", data, headers, method=method)
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)

    def documents(self) -> list[dict[str, str]]:
        given = self.call("GET", "documents/")[1]
        return [{"document": each["document"], "version": each["version"]} for each in given]

    def asks(self, phone: str, purpose: str = "booking") -> dict[str, str]:
        status, asked = self.call("POST", "verification-codes/", {"phone": phone, "purpose": purpose})
        assert status == 202, asked
        return {"challenge": asked["challenge"], "code": self.live.code_for(phone)}

    def header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)


def at_once(work: list[Any]) -> list[Any]:
    """Run all of ``work`` at the same time; what they returned."""
    results: list[Any] = []
    gate = threading.Barrier(len(work))

    def run(job: Any) -> None:
        gate.wait()
        results.append(job())

    threads = [threading.Thread(target=run, args=(job,)) for job in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twenty_parallel_posts_of_one_right_code_make_one_account_and_one_booking(live: Live) -> None:
    caller, phone = Caller(live), new_phone()
    body = {**caller.asks(phone), "city": "beijing", "agreements": caller.documents()}
    cookies = caller.header()

    answers = at_once([lambda: caller.call("POST", "trial-bookings/", body, cookies)] * 20)

    made = {answer["id"] for status, answer in answers if status == 201}
    assert len(made) == 1
    assert {status for status, _ in answers} <= {201, 422}
    live.forget_limits()
    caller = Caller(live)
    caller.call("POST", "login/", caller.asks(phone, "login"))
    listed = caller.call("GET", "trial-bookings/")[1]["results"]
    assert {booking["id"] for booking in listed} == made


def test_sixty_parallel_wrong_guesses_count_five_and_the_right_code_comes_too_late(live: Live) -> None:
    caller, phone = Caller(live), new_phone()
    right = caller.asks(phone)
    wrong = [f"{(int(right['code']) + 1 + offset) % 10**6:06d}" for offset in range(60)]
    rest = {"city": "beijing", "agreements": caller.documents()}
    cookies = caller.header()

    def guess(code: str) -> Any:
        return lambda: caller.call("POST", "trial-bookings/", {**right, "code": code, **rest}, cookies)

    answers = at_once([guess(code) for code in wrong])
    live.forget_limits()
    late = caller.call("POST", "trial-bookings/", {**right, **rest}, cookies)

    codes = Counter(answer["code"] for _, answer in answers)
    assert set(codes) <= {"code_invalid", "code_exhausted"}
    assert codes.total() == 60
    assert (late[0], late[1]["code"]) == (422, "code_exhausted")


@pytest.mark.parametrize("tries", [1, 4])
def test_signed_in_and_by_code_at_once_make_one_live_request_a_city(live: Live, tries: int) -> None:
    for _ in range(5):
        live.forget_limits()
        signed_in, by_code, phone = Caller(live), Caller(live), new_phone()
        documents = signed_in.documents()
        entered = signed_in.call(
            "POST", "login/", {**signed_in.asks(phone, "login"), "agreements": documents}
        )
        assert entered[0] == 200, entered
        live.forget_limits()
        wish = {"city": "beijing", "agreements": documents}
        coded = {**by_code.asks(phone), **wish}
        first, second = signed_in.header(), by_code.header()

        answers = at_once(
            [lambda: signed_in.call("POST", "trial-bookings/", wish, first)] * tries  # noqa: B023  run at once
            + [lambda: by_code.call("POST", "trial-bookings/", coded, second)] * tries  # noqa: B023
        )

        assert {status for status, _ in answers} <= {201, 409, 422}, answers
        assert 201 in {status for status, _ in answers}
        listed = signed_in.call("GET", "trial-bookings/")[1]["results"]
        assert [(booking["city"], booking["status"]) for booking in listed] == [("beijing", "requested")]


def test_swarm_of_new_parents_gets_a_booking_each(live: Live) -> None:
    callers = [(Caller(live), new_phone()) for _ in range(10)]
    bodies = [
        {**caller.asks(phone), "city": "beijing", "agreements": caller.documents()}
        for caller, phone in callers
    ]

    def book(caller: Caller, body: dict[str, Any]) -> Any:
        return lambda: caller.call("POST", "trial-bookings/", body)

    answers = at_once([book(caller, body) for (caller, _), body in zip(callers, bodies, strict=True)])

    assert [status for status, _ in answers] == [201] * 10
    assert len({answer["id"] for _, answer in answers}) == 10
