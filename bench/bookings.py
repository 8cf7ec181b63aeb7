"""What our guarantees cost: bookings a second beside a view that writes the same rows and asks nothing."""

import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
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
    """Lines of the table. In each round ``each`` bookings of a kind are made, ours and plain ones."""
    told = product.told(["bench.families", str(each * rounds * 4), str(SPREAD)])
    families, (hot, *spread) = iter(told["families"]), told["classes"]
    yield heading(
        f"Bookings by parents signed in, {CONNECTIONS} connections (bar: {BAR:.0%} of a rule-free view)",
        *("a second", "plain", "share"),
    )
    with product.serving() as port:
        for what, classes in (("one hot class", [hot]), (f"spread over {SPREAD} classes", spread)):
            batches = [list(itertools.islice(families, each)) for _ in range(2 * rounds)]
            asked = [
                _batch(path, cookies, told["city"], classes)
                for path, cookies in zip(itertools.cycle((BOOKINGS, PLAIN_BOOKING)), batches, strict=False)
            ]
            runs = [_run(port, batch) for batch in asked]
            ours, floor = runs[::2], runs[1::2]
            rates = [(mine.rate, plain.rate) for mine, plain in zip(ours, floor, strict=True)]
            yield at_least(BAR, what=what, rates=rates)
            yield _waits(ours, floor)
        yield _newcomers(product, port, hot, told["city"], each, median(run.rate for run in floor))
    yield _outbox(product)


def _batch(path: str, cookies: Sequence[str], city: str, classes: Sequence[str]) -> list[bytes]:
    """A booking for each of the sessions whose cookies are given, over the classes in turn."""
    bodies = ({"city": city, "session": name, "agreements": []} for name in itertools.cycle(classes))
    return [_post(path, f"session={cookie}", body) for cookie, body in zip(cookies, bodies, strict=False)]


def _newcomers(product: Product, port: int, hot: str, city: str, each: int, floor: float) -> str:
    """Parents nobody knows yet, with the code they were sent: an account, two consents and a booking each."""
    told = product.told(["bench.newcomers", str(each)])
    asked = [
        _post(
            BOOKINGS,
            f"browser={one['browser']}",
            {
                "challenge": one["challenge"], "code": one["code"],
                "city": city, "session": hot, "agreements": told["agreements"],
            },
        )
        for one in told["newcomers"]
    ]  # fmt: skip
    run = _run(port, asked)
    return (
        f"  new parents, code and account included: {run.rate:,.0f} a second, {run.rate / floor:.0%} of the "
        f"plain booking; p50 {median(run.seconds) * 1000:.0f} ms, p95 {p95(run.seconds) * 1000:.0f} ms"
    )


def _outbox(product: Product) -> str:
    """How fast one worker sends what those bookings had to tell."""
    with product.working():
        told = product.told(["bench.outbox"])
    return f"  outbox, one worker: {told['sent']:,} messages, {told['sent'] / told['seconds']:,.0f} a second"


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


def _post(path: str, cookie: str, body: Mapping[str, object]) -> bytes:
    text = json.dumps(body)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: application/json",
        "Content-Type: application/json",
        f"Content-Length: {len(text)}",
        f"Cookie: {cookie}; csrftoken={_CSRF}",
        f"X-CSRFToken: {_CSRF}",
    ]
    return "\r\n".join([*lines, "", text]).encode()
