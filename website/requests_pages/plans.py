"""The plan of a deletion: listed from the declarations, read, and approved exactly as it was read."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit.see_other import SeeOther
from privacy.rights.enums import RequestState
from privacy.rights.exceptions import NotEntitled, RequestMoved, RequestRefused, SecondPersonNeeded
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import who_planned
from privacy.rights.services.planning import (
    approve_listed,
    digest_listed,
    list_plan,
    plan_of,
    wants_plan,
)
from website.presenters.request_file import file_of
from website.requests_pages.access import for_those_who_work, looked_up
from website.requests_pages.one import moved
from website.services.request_desk import Officer, as_seen


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def plan(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """What would be done to which kind, and how much of it there is; POST lists it, or approves it."""
    row = looked_up(who, public_id)
    if not wants_plan(row):
        raise Http404
    if request.method != "POST":
        return _page(request, who, row)
    try:
        as_seen(row, request.POST.get("seen", ""), lambda held: _act(request, who, held))
    except RequestMoved:
        return moved(request, who, row)
    except RequestRefused as refused:
        return _page(request, who, row, str(refused.message))
    except SecondPersonNeeded:
        return _page(request, who, row, _("计划是您列的，要另一位同事批准。"))
    except NotEntitled as missing:
        raise PermissionDenied from missing
    return SeeOther(reverse("requests:one", args=[row.public_id]))


def _act(request: HttpRequest, who: Officer, held: DataSubjectRequest) -> None:
    act = approve_listed if held.state == RequestState.PLANNED else list_plan
    act(request=held, digest=request.POST.get("digest", ""), by=who.actor)


def _page(request: HttpRequest, who: Officer, row: DataSubjectRequest, refusal: str = "") -> HttpResponse:
    plan = plan_of(subject_id=row.subject_id, by=who.actor)
    mine = row.state == RequestState.PLANNED and who_planned(row) == who.id
    context = {
        "row": row,
        "plan": plan,
        "file": file_of(row, who=who, at=timezone.now()),
        "changed": row.state == RequestState.PLANNED and digest_listed(row) != plan.digest,
        "can_list": row.state == RequestState.ACCEPTED,
        "can_approve": row.state == RequestState.PLANNED and not mine,
        "mine": mine,
        "refusal": refusal,
    }
    return render(request, "staff/requests/plan.html", context, status=422 if refusal else 200)
