"""The headers every response carries, whatever made it: page, file, error, redirect."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",  # nothing inline, nothing evaluated, nothing from elsewhere
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Never to others: addresses may hold a token. Not `no-referrer`, which makes browsers post `Origin: null`
    # and so fails the CSRF check over https.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FIRST_ERROR_STATUS = 400


class SecurityHeaders:
    """Adds the headers above, and ``Cache-Control: no-store`` to whatever is about one person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in _ALWAYS.items():
            response[name] = value
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response["Strict-Transport-Security"] = (
                f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
            )
        _keep_out_of_caches(request, response)
        return response


def _keep_out_of_caches(request: HttpRequest, response: HttpResponseBase) -> None:
    own = response.get("Cache-Control", "")
    if response.cookies and "public" in own:
        response["Cache-Control"] = "no-store"  # a shared cache would hand one visitor's cookie to the next
    elif not own and _about_one_person(request, response):
        response["Cache-Control"] = "no-store"


def _about_one_person(request: HttpRequest, response: HttpResponseBase) -> bool:
    return bool(
        response.cookies
        or response.status_code >= _FIRST_ERROR_STATUS
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or request.path_info.startswith(tuple(settings.PRIVATE_PATHS))
    )
