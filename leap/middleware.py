"""The outermost and the innermost layer of every request: one log line around it, stores lost inside it."""

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kit.security_log import note
from leap.errors import trouble
from leap.logging import request_id

logger = logging.getLogger("leap.request")
behaviour = logging.getLogger("leap.behaviour")
_REFUSALS = {401: "not_signed_in", 403: "refused"}  # limits say it themselves


class RequestLog:
    """One line a request: method, route, status, milliseconds. Never its path, query or address.

    The route is the URL pattern, so neither tokens nor ids are in it. ``X-Request-Id`` names the line to
    whoever reports trouble.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        name = secrets.token_hex(8)
        token = request_id.set(name)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = name
            said = {
                "method": request.method,
                "route": request.resolver_match.route if request.resolver_match else None,
                "status": response.status_code,
                "ms": round((time.monotonic() - started) * 1000),
            }
            logger.info("request", extra=said)
            behaviour.info("request", extra=said)
            if event := _REFUSALS.get(response.status_code):
                note(event, **said)
        finally:
            request_id.reset(token)
        return response


class StoreTrouble:
    """A database or limiter that does not answer is 503 in plain words, not a fault of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return trouble(request, exception)
