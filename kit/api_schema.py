"""What the API's description says of every call: how to identify oneself, and each refusal it may give."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from kit.api import SessionWithCsrf
from kit.problem_json import CATALOGUE

_Method = TypeVar("_Method", bound=Callable[..., Any])

_ALWAYS = ("busy",)
_UNSAFE = ("csrf_failed",)
_WITH_BODY = ("malformed", "too_large", "unsupported_media_type", "invalid")
_OF_ONE_ROW = ("not_found",)
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457。code 给程序看，title 和 detail 给人看。",
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": list(CATALOGUE)},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "哪一栏有什么要改",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "alternatives": {
            "type": "array",
            "items": {"type": "object"},
            "description": "session_full：一到三节可换的课",
        },
        "booking": {"type": "object", "description": "already_booked：原来的预约"},
        "entry": {"type": "object", "description": "already_booked：原来的候补"},
        "documents": {
            "type": "array",
            "items": {"type": "object"},
            "description": "agreements_required 和 document_stale：要看的文件",
        },
    },
    "required": ["type", "status", "code", "title", "detail"],
}


def refuses(*codes: str) -> Callable[[_Method], _Method]:
    """Names the refusals a call gives for reasons of its own, for its description.

    Those that follow from its kind are described anyway: of a body, of CSRF, of one row, of a store that is
    away. Raises ValueError for a code that is not in the catalogue of `kit.problem_json`.
    """
    unknown = set(codes) - set(CATALOGUE)
    if unknown:
        raise ValueError(f"no such problem: {', '.join(sorted(unknown))}")

    def mark(method: _Method) -> _Method:
        method.refusals = codes  # type: ignore[attr-defined]  # our own attribute
        return method

    return mark


class DescribedSchema(AutoSchema):
    """The library's description of a call, with its refusals."""

    def get_operation(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **options)
        if operation is None:
            return None
        problem = ResolvedComponent(  # type: ignore[no-untyped-call]  # of the library
            name="Problem", type=ResolvedComponent.SCHEMA, schema=_PROBLEM, object="Problem"
        )
        self.registry.register_on_missing(problem)
        by_status: dict[int, list[str]] = defaultdict(list)
        for code in self._codes(operation):
            by_status[CATALOGUE[code][0]].append(code)
        for status, codes in sorted(by_status.items()):
            operation["responses"].setdefault(str(status), _refusal(codes, problem.ref))
        return operation

    def _codes(self, operation: dict[str, Any]) -> list[str]:
        codes = list(getattr(getattr(self.view, self.method.lower()), "refusals", ()))
        codes += _ALWAYS
        if self.method not in {"GET", "HEAD"} and self.view.get_authenticators():
            codes += _UNSAFE
        if "requestBody" in operation:
            codes += _WITH_BODY
        if "{" in self.path:
            codes += _OF_ONE_ROW
        return list(dict.fromkeys(codes))


def _refusal(codes: Sequence[str], problem: dict[str, str]) -> dict[str, Any]:
    return {
        "description": "；".join(f"{code}：{CATALOGUE[code][1]}" for code in codes),
        "content": {
            "application/problem+json": {"schema": {**problem, "properties": {"code": {"enum": list(codes)}}}}
        },
    }


class SessionWithCsrfScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # of the library
    """A cookie, and on unsafe calls the header that proves the call came from our page."""

    target_class = SessionWithCsrf
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": (
                "POST、PATCH 和 DELETE 还要带上请求头 X-CSRFToken，"
                f"值取自 Cookie {settings.CSRF_COOKIE_NAME}；打开任何一个网页或请求 GET me/ 都会得到它。"
            ),
        }
