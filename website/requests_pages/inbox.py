"""The inbox of requests: what needs somebody first, and finding one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kit.see_other import SeeOther
from website.presenters.requests import grouped
from website.requests_board import Asked, inbox_of
from website.requests_forms import FindForm, KindForm
from website.requests_pages.access import for_officers, for_those_who_work
from website.services.request_desk import Officer, find_requests


@require_safe
@for_officers
def inbox(request: HttpRequest, who: Officer) -> HttpResponse:
    """What has to be seen at once, what is overdue, then what is due first."""
    inbox = inbox_of(
        who=who, asked=Asked.read(request.GET), number=request.GET.get("page"), at=timezone.now()
    )
    context = {
        "who": who,
        "inbox": inbox,
        "find": FindForm(),
        "only": KindForm(initial={"kind": inbox.asked.kind}),
    }
    return render(request, "staff/requests/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def find(request: HttpRequest, who: Officer) -> HttpResponse:
    """Look for a request. Posted, so that a number stands in no address and no history."""
    if request.method != "POST":
        return SeeOther(reverse("requests:inbox"))
    form = FindForm(request.POST)
    if not form.is_valid():
        return render(request, "staff/requests/found.html", {"find": form, "groups": []}, status=422)
    found = find_requests(who=who, words=form.cleaned_data["q"])
    if len(found) == 1:
        return SeeOther(reverse("requests:one", args=[found[0].public_id]))
    context = {"find": FindForm(), "searched": True, "groups": grouped(found, timezone.now())}
    return render(request, "staff/requests/found.html", context)
