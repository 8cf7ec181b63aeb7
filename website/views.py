"""Pages that belong to no single app: home, the list of cookies, robots."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from kit.cookies import registered
from website.content import PROGRAMMES

_CLOSED = ("/account/", "/api/", "/dev/", "/staff/", "/t/")
_ROBOTS = "\n".join(
    ["User-agent: *", "Allow: /account/login/", *(f"Disallow: {address}" for address in _CLOSED), ""]
)


@require_safe
@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    """What is on offer and the way to it. Reads no store."""
    return render(request, "website/home.html", {"programmes": PROGRAMMES})


@require_safe
@ensure_csrf_cookie
def cookies(request: HttpRequest) -> HttpResponse:
    """Every cookie this site may set, from the one register of them."""
    return render(request, "website/cookies.html", {"cookies": registered()})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines should leave alone."""
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")
