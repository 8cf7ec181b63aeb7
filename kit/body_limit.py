"""How much a request may carry, checked before anything reads it."""

import time
from collections.abc import Callable
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

_CHUNK = 64 * 1024  # bytes
_DRAINED_AT_MOST = 16 * 1024 * 1024  # bytes
_DRAINING_AT_MOST = 5.0  # seconds


class BodyLimit:
    """Refuses bodies over ``settings.BODY_LIMIT`` bytes, lengths that are no number, and NUL in the address.

    Raises RequestDataTooBig, BadRequest and Http404, which the error handlers answer: 413, 400, 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the query")
        _bound(request)
        return self.get_response(request)


def _bound(request: HttpRequest) -> None:
    said = request.META.get("CONTENT_LENGTH") or ""
    if said and not (said.isascii() and said.isdigit()):
        raise BadRequest("Content-Length is not a number")
    stream = request.META.get("wsgi.input")
    if said and int(said) > settings.BODY_LIMIT:
        _drain(stream, int(said))
        raise RequestDataTooBig("the body is over the limit")
    if not said and request.META.get("HTTP_TRANSFER_ENCODING") and stream is not None:
        _measure(request, stream)


def _measure(request: HttpRequest, stream: IO[bytes]) -> None:
    """A body sent in chunks has no length, which the framework takes for no body: read it, bounded."""
    body = stream.read(settings.BODY_LIMIT + 1)
    if len(body) > settings.BODY_LIMIT:
        _drain(stream, _DRAINED_AT_MOST)
        raise RequestDataTooBig("the body is over the limit")
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)


def _drain(stream: IO[bytes] | None, length: int) -> None:
    """Read on for a while, or the client would still be sending when we close and never see our answer."""
    deadline = time.monotonic() + _DRAINING_AT_MOST
    left = min(length, _DRAINED_AT_MOST)
    while stream is not None and left > 0 and time.monotonic() < deadline:
        read = len(stream.read(min(left, _CHUNK)))
        left = left - read if read else 0
