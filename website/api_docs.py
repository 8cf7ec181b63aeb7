"""The API described: as OpenAPI for programs, as a page for those who write them."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from kit.api_description import describe
from kit.page_cache import cached_for
from kit.problem_json import CATALOGUE

_PREFIX = "/api/v1/"
_KEPT = 300  # seconds; it changes with the software alone


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of every call; made once a process."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # of the library
    return document


@require_safe
@cached_for(_KEPT)
def schema(request: HttpRequest) -> HttpResponse:
    """The document itself."""
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})


@require_safe
@cached_for(_KEPT)
def docs(request: HttpRequest) -> HttpResponse:
    """The same for reading, whole without a script."""
    context = {
        "groups": describe(openapi(), prefix=_PREFIX),
        "problems": [(status, code, title, detail) for code, (status, title, detail) in CATALOGUE.items()],
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
    return render(request, "website/api_docs.html", context)
