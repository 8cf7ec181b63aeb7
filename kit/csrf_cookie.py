"""Whoever is shown a page can post next: every page brings the CSRF cookie to a browser that lacks it."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token


class CsrfCookie:
    """Stands inside Django's CSRF middleware, which sets the cookie it asks for.

    Outside every kept page, so that those are the same for everybody. A browser that brings the cookie along
    is not given it again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "CSRF_COOKIE" not in request.META and response.get("Content-Type", "").startswith("text/html"):
            rotate_token(request)  # not get_token, which would also mask it for a form that isn't there
        return response
