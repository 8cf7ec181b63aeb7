"""How far an erasure is, on a page that looks again by itself while one is under way."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from privacy.erasure.enums import JobState
from website.presenters.erasures import progress
from website.requests_pages.access import for_officers
from website.services.erasing_desk import erasure_of
from website.services.request_desk import Officer, requests_for

_EVERY = 5  # seconds


@require_safe
@for_officers
def erasure(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """The steps and nothing of anybody: so looking on leaves no line in the record every few seconds."""
    row = requests_for(who).filter(public_id=public_id).first()
    job = erasure_of(row) if row else None
    if row is None or job is None:
        raise Http404
    context = {"who": who, "row": row, "erasure": progress(job, timezone.now())}
    answer = render(request, "staff/requests/erasing.html", context)
    if job.state in (JobState.QUEUED, JobState.RUNNING):
        answer["Refresh"] = str(_EVERY)
    return answer
