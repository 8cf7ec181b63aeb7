"""The plan of an erasure: listed from the declarations, read, approved exactly as it was read, and begun."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit.see_other import SeeOther
from privacy.rights.enums import OnBehalf, RequestState
from privacy.rights.exceptions import NotEntitled, RequestMoved, RequestRefused, SecondPersonNeeded
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import who_planned
from privacy.rights.services.planning import digest_listed
from website.presenters.request_file import file_of
from website.requests_pages.access import for_those_who_work, looked_up
from website.requests_pages.one import moved
from website.retention_forms import PersonForm
from website.services.erasing_desk import approve_and_begin, list_erasure, listed, wants_erasure
from website.services.holding_desk import find_account
from website.services.request_desk import Officer, as_seen

_SALT = "the account of somebody who died"
_LASTS = 1_800  # seconds: for so long the page knows which account was named
_TO_APPROVE = (RequestState.PLANNED, RequestState.APPROVED)


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def plan(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """What would go, what would stay and until when; POST lists it, or approves it and begins."""
    row = looked_up(who, public_id)
    if not wants_erasure(row):
        raise Http404
    of = _account_named(request)
    if row.on_behalf == OnBehalf.DECEASED and of is None:
        return _whose(request, who, row)
    if request.method != "POST" or "digest" not in request.POST:
        return _page(request, who, row, of)
    try:
        as_seen(row, request.POST.get("seen", ""), lambda held: _act(request, who, held, of))
    except RequestMoved:
        return moved(request, who, row)
    except RequestRefused as refused:
        return _page(request, who, row, of, str(refused.message))
    except SecondPersonNeeded:
        return _page(request, who, row, of, _("计划是您列的，要另一位同事批准。"))
    except NotEntitled as missing:
        raise PermissionDenied from missing
    begun = row.state in _TO_APPROVE
    return SeeOther(reverse("requests:erasure" if begun else "requests:one", args=[row.public_id]))


def _act(request: HttpRequest, who: Officer, held: DataSubjectRequest, of: UUID | None) -> None:
    act = approve_and_begin if held.state in _TO_APPROVE else list_erasure
    act(request=held, digest=request.POST.get("digest", ""), by=who.actor, of=of)


def _account_named(request: HttpRequest) -> UUID | None:
    """The account that the page before this one found, as it signed it."""
    try:
        return UUID(signing.loads(request.POST.get("of", ""), salt=_SALT, max_age=_LASTS))
    except (signing.BadSignature, ValueError):
        return None


def _whose(request: HttpRequest, who: Officer, row: DataSubjectRequest) -> HttpResponse:
    """Ask for the number that was theirs: each of the two officers types it, so that both have read it."""
    form = PersonForm(request.POST if "phone" in request.POST else None)
    form.fields["phone"].help_text = _("逝者当时留的完整手机号。列计划的和批准的各填一次，要对得上")
    if form.is_bound and form.is_valid():
        found = find_account(phone=form.cleaned_data["phone"], by=who.actor)
        if found is not None:
            return _page(request, who, row, found)
        form.add_error("phone", _("这个号码现在没有账号。问清楚号码，没有账号就没有要删的。"))
    context = {"row": row, "form": form, "seen": ""}
    return render(request, "staff/requests/plan_whose.html", context, status=422 if form.is_bound else 200)


def _page(
    request: HttpRequest, who: Officer, row: DataSubjectRequest, of: UUID | None, refusal: str = ""
) -> HttpResponse:
    try:
        plan = listed(request=row, by=who.actor, of=of)
    except RequestRefused as refused:
        raise Http404 from refused
    row.refresh_from_db()
    mine = row.state == RequestState.PLANNED and who_planned(row) == who.id
    context = {
        "row": row,
        "plan": plan.preview,
        "unfinished": [words for words in plan.preview.unfinished if row.reference not in words],
        "digest": plan.digest,
        "of": signing.dumps(str(of), salt=_SALT) if of else "",
        "file": file_of(row, who=who, at=timezone.now()),
        "changed": row.state in _TO_APPROVE and digest_listed(row) != plan.digest,
        "can_list": row.state == RequestState.ACCEPTED,
        "can_approve": row.state in _TO_APPROVE and not mine,
        "mine": mine,
        "refusal": refusal,
    }
    return render(request, "staff/requests/plan.html", context, status=422 if refusal else 200)
