"""Calendars to subscribe to. Who knows the address may read it, so it is found by nothing else."""

from __future__ import annotations

from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from enrollment.feed_calendar import METHOD, feed_of
from enrollment.services.feeds import classes_in_feed, find_feed
from kit.icalendar import content_type

_FRESH = 300  # seconds; calendars ask every few hours at the most


@require_safe
def teacher(request: HttpRequest, token: str) -> HttpResponseBase:
    """The classes of a teacher, as their calendar takes them; unchanged, it is not sent again."""
    whose = find_feed(token=token)
    if whose is None:
        raise Http404
    file = feed_of(whose, classes_in_feed(teacher=whose, at=timezone.now()))
    response = HttpResponse(file, content_type=content_type(METHOD))
    response["ETag"] = etag = f'"{sha256(file).hexdigest()[:32]}"'
    patch_cache_control(response, private=True, max_age=_FRESH)
    return get_conditional_response(request, etag=etag, response=response) or response
