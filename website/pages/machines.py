"""What machines ask for: robots, the map of the site, the icon."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from courses.models import Campus, City, Programme
from kit.page_cache import cached_for
from privacy.consent.operator import operator

# The door without a login may be found; what lies behind a receipt number may not.
_CLOSED = ("/account/", "/api/", "/dev/", "/privacy/ask/*/", "/staff/", "/t/")
_ALWAYS = ("website:home", "website:cities", "enrollment:trial", "website:ask")
_ICON_KEPT = 86400  # seconds
_MAP_KEPT = 300  # seconds
_FLAWS_TAKEN_FOR = timedelta(days=180)  # less than a year, as the RFC recommends; it moves on by itself


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines should leave alone, and where the map is."""
    lines = ["User-agent: *", "Allow: /account/login/", *(f"Disallow: {address}" for address in _CLOSED)]
    lines += ["", f"Sitemap: {settings.PUBLIC_URL}{reverse('website:sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cached_for(_MAP_KEPT)
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a security flaw: the open door first, then the privacy department (RFC 9116)."""
    door = f"{settings.PUBLIC_URL}{reverse('website:ask')}?about=flaw"
    lines = [
        f"Contact: {door}",
        f"Contact: mailto:{operator().privacy_mail}",
        f"Expires: {(timezone.now() + _FLAWS_TAKEN_FOR).astimezone(UTC):%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: zh, en",
        f"Canonical: {settings.PUBLIC_URL}{reverse('website:security')}",
        f"Policy: {settings.PUBLIC_URL}{reverse('consent:document', args=['privacy'])}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cached_for(_MAP_KEPT)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page worth finding, with the day it changed last where that is known (sitemaps.org 0.9)."""
    pages: list[tuple[str, datetime | None]] = [
        *(
            (reverse(name), None)
            for name in ("website:home", "website:cities", "enrollment:trial", "website:ask")
        ),
        *((each.get_absolute_url(), each.changed_at) for each in Programme.objects.offered()),
        *((reverse("website:city", args=[each.slug]), None) for each in City.objects.bookable()),
        *((each.get_absolute_url(), each.changed_at) for each in Campus.objects.open_to_parents()),
    ]
    context = {"origin": settings.PUBLIC_URL, "pages": pages}
    return render(request, "website/sitemap.xml", context, content_type="application/xml; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=_ICON_KEPT)
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon that no page named."""
    return redirect(static("img/favicon.ico"))
