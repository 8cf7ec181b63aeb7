"""What officers do to a request with one press: take, accept, grant, approve. Each only as it was seen."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit.see_other import SeeOther
from privacy.rights.exceptions import (
    NotEntitled,
    RequestMoved,
    RequestRefused,
    RequestUnknown,
    SecondPersonNeeded,
)
from privacy.rights.models import DataSubjectRequest, Refusal
from privacy.rights.services.deciding import grant, take
from privacy.rights.services.refusing import approve_refusal, decline_refusal
from website.requests_pages.access import for_those_who_work, looked_up
from website.requests_pages.one import moved, page_of
from website.services.callers import accept_call
from website.services.request_desk import Officer, as_seen
from website.services.runs import run

Deed = Callable[[DataSubjectRequest], object]
Answer = Callable[[HttpRequest, Officer, DataSubjectRequest], Deed]


def _press(deed: Answer) -> Callable[..., HttpResponse]:
    """The page of one button: done, and back to the request; or the request as it stands, and why not."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @for_those_who_work
    def pressed(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
        row = looked_up(who, public_id)
        if request.method == "POST":
            try:
                as_seen(row, request.POST.get("seen", ""), deed(request, who, row))
            except RequestMoved:
                return moved(request, who, row)
            except RequestRefused as refused:
                return page_of(request, who, row, refusal=str(refused.message), status=422)
            except RequestUnknown:  # the child named is no longer in this guardian's care
                words = _("请求里说的孩子已经不由这位监护人照看了，问清楚再办。")
                return page_of(request, who, row, refusal=words, status=409)
            except SecondPersonNeeded:
                words = _("提出的人不能自己批准，要另一位同事来。")
                return page_of(request, who, row, refusal=words, status=403)
            except NotEntitled as missing:
                raise PermissionDenied from missing
        return SeeOther(reverse("requests:one", args=[row.public_id]))

    return pressed


def _kind(request: HttpRequest) -> str:
    return request.POST.get("kind", "")


def _refusal(request: HttpRequest, row: DataSubjectRequest) -> Refusal:
    """The refusal of the right that the form names. Raises Http404."""
    right = row.rights.filter(kind=_kind(request), refusal__isnull=False).select_related("refusal").first()
    if right is None:
        raise Http404
    return right.refusal


taken = _press(lambda request, who, row: lambda held: take(request=held, by=who.actor))
accepted = _press(lambda request, who, row: lambda held: accept_call(request=held, by=who.actor))
granted = _press(
    lambda request, who, row: (
        lambda held: grant(request=held, kind=_kind(request), by=who.actor, partly="partly" in request.POST)
    )
)
agreed = _press(
    lambda request, who, row: lambda held: approve_refusal(refusal=_refusal(request, held), by=who.actor)
)
declined = _press(
    lambda request, who, row: lambda held: decline_refusal(refusal=_refusal(request, held), by=who.actor)
)
done = _press(lambda request, who, row: lambda held: run(request=held, kind=_kind(request), by=who.actor))
