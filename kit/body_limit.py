"""How much a request may carry and how long it may take to arrive, settled before anything reads it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from socket import SHUT_RD, socket
from threading import Timer
from typing import IO

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from gunicorn.http.errors import ParseException

_ARRIVED_WITHIN = 15.0  # seconds for the whole body: bytes that trickle in must not keep a thread
_PIECE = 4 * 1024  # bytes; between pieces we look at the clock
_DRAINED_AT_MOST = 16 * 1024 * 1024  # bytes
_DRAINING_AT_MOST = 5.0  # seconds


class BodyLimit:
    """Takes in the whole body, at most ``settings.BODY_LIMIT`` bytes; refuses NUL in the address.

    Raises RequestDataTooBig, BadRequest (a length that is no number, chunks that are none, a body that does
    not arrive in time) and Http404, which the error handlers answer: 413, 400, 404. After it no view waits
    for the network.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the query")
        self._take_in(request)
        return self.get_response(request)

    def _take_in(self, request: HttpRequest) -> None:
        said = request.META.get("CONTENT_LENGTH") or ""
        if said and not (said.isascii() and said.isdigit()):
            raise BadRequest("Content-Length is not a number")
        # A body sent in chunks has no length, which the framework would take for no body.
        if not said and not request.META.get("HTTP_TRANSFER_ENCODING"):
            return
        stream = request.META["wsgi.input"]
        with _cut_off(request.META.get("gunicorn.socket")):
            body = _read(stream, int(said) if said else None)
        request.META["CONTENT_LENGTH"] = str(len(body))
        request._stream = BytesIO(body)


def _read(stream: IO[bytes], length: int | None) -> bytes:
    limit: int = settings.BODY_LIMIT
    if length is None or length <= limit:
        try:
            body = _read_in_time(stream, limit + 1 if length is None else length)
        except (OSError, ParseException) as error:
            raise BadRequest("the body stopped arriving, or its chunks are none") from error
        if length is not None and len(body) < length:
            raise BadRequest("the body stopped arriving")
        if len(body) <= limit:
            return body
    _drain(stream, _DRAINED_AT_MOST if length is None else length)
    raise RequestDataTooBig("the body is over the limit")


def _read_in_time(stream: IO[bytes], length: int) -> bytes:
    deadline = time.monotonic() + _ARRIVED_WITHIN
    body = bytearray()
    while len(body) < length and (piece := stream.read(min(length - len(body), _PIECE))):
        body += piece
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(body)


def _drain(stream: IO[bytes], length: int) -> None:
    """Read on for a while, or the sender would still be sending when we close and never see our answer."""
    deadline = time.monotonic() + _DRAINING_AT_MOST
    left = min(length, _DRAINED_AT_MOST)
    with suppress(OSError, ParseException):  # gone already, or never made sense: nobody to answer
        while left > 0 and time.monotonic() < deadline:
            read = len(stream.read(min(left, _PIECE)))
            left = left - read if read else 0


@contextmanager
def _cut_off(connection: socket | None) -> Iterator[None]:
    """Close the reading half in time, where the server shows us its connection (gunicorn does).

    A timeout of the socket would bound each wait, and begin anew with every byte that trickles in. The
    writing half stays, so that the sender can be told.
    """
    if connection is None:
        yield
        return
    timer = Timer(_ARRIVED_WITHIN, _close_reading, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _close_reading(connection: socket) -> None:
    with suppress(OSError):  # closed meanwhile
        connection.shutdown(SHUT_RD)
