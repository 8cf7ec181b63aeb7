"""Asks for pages as fast as they come, or one after the other, over connections that stay open.

Written on bare sockets: on two cores a client that parses headers would be measured along with the server.
"""

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

_PATIENCE = 30.0  # seconds for one answer
_IDLE = 2.0  # seconds; our server keeps a silent connection for five
_PIECE = 1 << 16  # bytes read at once


class BadAnswer(Exception):
    """The server answered something a measurement cannot be made of."""


class Caller:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.connect()

    def connect(self) -> None:
        """Begin anew: servers hang up on who has not asked for some seconds."""
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._asked_at = time.monotonic()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stay_connected(self) -> None:
        """Connect again if the server may have hung up meanwhile."""
        if time.monotonic() - self._asked_at > _IDLE:
            self.close()
            self.connect()

    def ask(self, request: bytes, *, status: int = 200) -> bytes:
        """The body of the answer to ``request``. Raises BadAnswer unless it has ``status`` and a length."""
        self._asked_at = time.monotonic()
        self._socket.sendall(request)
        answer = self._receive()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._receive()
        head = answer[:end].lower()
        if not head.startswith(b"http/1.1 %d " % status):
            raise BadAnswer(f"{_line(request)}: {_line(answer)}")
        mark = head.find(b"\r\ncontent-length:")
        if mark < 0 or b"\r\nconnection: close" in head:
            raise BadAnswer(f"{_line(request)}: no length, or the connection is not kept")
        length = int(head[mark + 17 :].split(b"\r\n", 1)[0])
        body = bytearray(answer[end + 4 :])
        while len(body) < length:
            body += self._receive()
        return bytes(body)

    def _receive(self) -> bytes:
        piece = self._socket.recv(_PIECE)
        if not piece:
            raise BadAnswer("the server hung up")
        return piece


def _line(message: bytes) -> str:
    return message.split(b"\r\n", 1)[0].decode(errors="replace")


def get(path: str, cookies: Mapping[str, str] | None = None) -> bytes:
    """A request as a browser would send it, for its first visit unless it brings cookies."""
    jar = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: text/html,application/json",
        "Accept-Encoding: gzip",
        "Accept-Language: zh-CN,zh",
        *([f"Cookie: {jar}"] if jar else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def rates(
    port: int, requests: Sequence[bytes], *, seconds: float, slices: int, connections: int = 8
) -> list[float]:
    """Answers a second to each request. All take turns, in slices of ``seconds``, on the same connections.

    The connections are shared because a server's processes divide them by chance: a request measured over
    others than its floor would differ from it for that alone.
    """
    callers = [Caller(port) for _ in range(connections)]
    answered = [0] * len(requests)
    spent = [0.0] * len(requests)
    try:
        for request in requests:  # each process renders, caches and connects before the clock runs
            _slice(callers, request, 0.2)
        for turn in range(slices):
            for position in range(len(requests)):
                index = (turn + position) % len(requests)
                started = time.perf_counter()
                answered[index] += _slice(callers, requests[index], seconds)
                spent[index] += time.perf_counter() - started
    finally:
        for caller in callers:
            caller.close()
    return [count / time_spent for count, time_spent in zip(answered, spent, strict=True)]


def _slice(callers: Sequence[Caller], request: bytes, seconds: float) -> int:
    """How many answers all callers together got; what one of them met is raised here."""
    end = time.perf_counter() + seconds
    counts, met = [0] * len(callers), list[BaseException]()

    def keep_asking(number: int) -> None:
        try:
            while time.perf_counter() < end:
                callers[number].ask(request)
                counts[number] += 1
        except BaseException as error:  # a thread tells nobody else
            met.append(error)

    threads = [threading.Thread(target=keep_asking, args=[number]) for number in range(len(callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if met:
        raise met[0]
    return sum(counts)


def times(pairs: Sequence[tuple[Caller, bytes]], *, rounds: int) -> list[list[float]]:
    """Seconds until each caller had its answer, asked in turn, one at a time, ``rounds`` times over."""
    taken: list[list[float]] = [[] for _ in pairs]
    for turn in range(rounds):
        for position in range(len(pairs)):
            index = (turn + position) % len(pairs)
            caller, request = pairs[index]
            caller.stay_connected()
            started = time.perf_counter()
            caller.ask(request)
            taken[index].append(time.perf_counter() - started)
    return taken
