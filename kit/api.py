"""What every API call passes first: who asks (session and CSRF) and what was sent (strict JSON)."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import CSRFCheck, SessionAuthentication
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from kit.problem_json import Problem

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's text holds neither
_LARGEST = 2**63  # what a bigint holds


class SessionWithCsrf(SessionAuthentication):
    """The session cookie, with CSRF proved on every unsafe call, signed in or not.

    The framework's own class lets anonymous callers off, which would leave logging in and sending codes open.
    """

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, None] | None:
        self.enforce_csrf(request)
        user = getattr(request._request, "user", None)
        # Suspended people too: who may do what is asked where it is done, and their own data stays theirs.
        return (user, None) if user is not None and user.is_authenticated else None

    def enforce_csrf(self, request: Request) -> None:
        # The plain request: the framework's own would parse the body to look for a form's token.
        check = CSRFCheck(_unused)
        check.process_request(request._request)
        if check.process_view(request._request, _unused, (), {}) is not None:
            raise Problem(403, "csrf_failed")

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class JSONRegardless(DefaultContentNegotiation):
    """A caller whose Accept header names nothing we make still gets JSON (RFC 9110, 12.5.1)."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        try:
            chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
        return chosen


class StrictJSONParser(BaseParser):
    """One JSON object and nothing ambiguous; an empty body counts as an empty object.

    Refused as ``malformed``: other top levels, NaN and infinities, integers beyond 64 bits, a name given
    twice, nesting without end, text that is not UTF-8, NUL and lone surrogates.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(settings.BODY_LIMIT + 1)
        if len(body) > settings.BODY_LIMIT:
            raise Problem(413, "too_large")
        if not body.strip():
            return {}
        try:
            parsed = json.loads(
                body.decode(),
                parse_constant=_refuse,
                parse_int=_integer,
                parse_float=_float,
                object_pairs_hook=_object,
            )
        except (ValueError, RecursionError) as error:
            raise Problem(400, "malformed") from error
        if not isinstance(parsed, dict):
            raise Problem(400, "malformed", detail=_("最外层应该是一个对象，像 {…} 这样。"))
        _check_storable(parsed)
        return parsed


def _unused(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _refuse(constant: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _integer(digits: str) -> int:
    number = int(digits)
    if not -_LARGEST <= number < _LARGEST:
        raise ValueError("integer beyond 64 bits")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name given twice")
    return members


def _check_storable(parsed: dict[str, Any]) -> None:
    rest: list[Any] = [parsed]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest += [*value, *value.values()]
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str) and _UNSTORABLE.search(value):
            raise Problem(400, "malformed")
