"""What our guarantees cost: bookings a second beside a plain view that writes the same rows and asks nothing."""

import itertools
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load import Caller
from bench.product import Product
from bench.report import Line, at_least, heading, p95
from bench.shown import PLAIN_BOOKING

BAR = 0.6  # of the floor's throughput
BOOKINGS = "/api/v1/trial-bookings/"
SPREAD = 400  # classes
CONNECTIONS = 8
_CSRF = "b" * 32


@dataclass
class Run:
    """What one batch of bookings took: how many a second, and each one's seconds."""

    rate: float
    seconds: list[float]


def measure(product: Product, *, each: int, rounds: int) -> Iterator[str | Line]:
    """Lines of the table. In each round ``each`` bookings of a kind are made, ours and the floor's in turn."""
    told = product.told(["bench.families", str(each * rounds * 4), str(SPREAD)])
    families, (hot, *spread) = iter(told["families"]), told["classes"]
    with product.serving() as port:
        yield heading(
            f"Bookings by parents signed in, {CONNECTIONS} connections (bar: {BAR:.0%} of a rule-free view)",
            "a second", "plain", "share",
        )  # fmt: skip
        for what, classes in (("one hot class", [hot]), (f"spread over {SPREAD} classes", spread)):
            ours, floor = [], []
            for _ in range(rounds):
                for path, runs in ((BOOKINGS, ours), (PLAIN_BOOKING, floor)):
                    asked = [
                        _post(path, cookie, {"city": told["city"], "session": name, "agreements": []})
                        for cookie, name in zip(
                            itertools.islice(families, each), itertools.cycle(classes), strict=False
                        )
                    ]
                    runs.append(_run(port, asked))
            rates = [(mine.rate, plain.rate) for mine, plain in zip(ours, floor, strict=True)]
            yield at_least(BAR, what=what, rates=rates)
            yield _waits(ours, floor)


def _waits(ours: Sequence[Run], floor: Sequence[Run]) -> str:
    mine, plain = ([second for run in runs for second in run.seconds] for runs in (ours, floor))
    return (
        f"    p50 {median(mine) * 1000:.0f} ms, p95 {p95(mine) * 1000:.0f} ms; "
        f"plain p50 {median(plain) * 1000:.0f} ms, p95 {p95(plain) * 1000:.0f} ms"
    )


def _run(port: int, requests: Sequence[bytes]) -> Run:
    """Every request once, over some connections at the same time."""
    waiting, taken, met = iter(requests), list[float](), list[BaseException]()
    lock = threading.Lock()

    def keep_asking() -> None:
        with Caller(port) as caller:
            while not met:
                with lock:
                    request = next(waiting, None)
                if request is None:
                    return
                started = time.perf_counter()
                try:
                    caller.ask(request, status=201)
                except BaseException as error:  # a thread tells nobody else
                    met.append(error)
                    return
                taken.append(time.perf_counter() - started)

    threads = [threading.Thread(target=keep_asking) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if met:
        raise met[0]
    return Run(len(taken) / (time.perf_counter() - started), taken)


def _post(path: str, session: str, body: dict[str, object]) -> bytes:
    text = json.dumps(body)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: application/json",
        "Content-Type: application/json",
        f"Content-Length: {len(text)}",
        f"Cookie: session={session}; csrftoken={_CSRF}",
        f"X-CSRFToken: {_CSRF}",
    ]
    return "\r\n".join([*lines, "", text]).encode()
