"""Pages about the site itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit.cookies import registered
from kit.page_cache import cached_for


@require_safe
@cached_for(30)
def cookies(request: HttpRequest) -> HttpResponse:
    """Every cookie this site may set, from the one register of them."""
    return render(request, "website/cookies.html", {"cookies": registered()})
