"""Closing one's account: what ends, what the law keeps and until when, what is unfinished; then at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.browser import holder_in
from accounts.models import User
from accounts.services.guardians import guardian_actor
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.erasure.enums import Scope
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.services.planning import preview
from privacy.rights.exceptions import RequestMoved
from privacy.rights.models import DataSubjectRequest
from website.browser import erased_here, leave_erased
from website.presenters.own_erasures import in_two
from website.presenters.unfinished import unfinished
from website.services.own_erasure import close_now, closing_of
from website.step_up import for_holder, fresh, to_confirm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponseBase:
    """The page for whoever is signed in; where the account is gone already, how that goes."""
    gone = erased_here(request)
    if gone and holder_in(request) is None:
        return _to_course(gone[-1])
    return _close(request)


@for_holder
def _close(request: HttpRequest, holder: User) -> HttpResponse:
    """GET says what happens; POST, with a code proved just before, does it."""
    if request.method != "POST":
        return _page(request, holder)
    if not fresh(request):
        return to_confirm(request)
    try:
        return _left(request, close_now(holder=holder))
    except (ErasureRefused, RequestMoved) as error:
        if under_way := closing_of(holder=holder):  # the other tap of two came first
            return _left(request, under_way)
        said = error.message if isinstance(error, ErasureRefused) else _("就在刚才有了变化，请再看一遍。")
        return _page(request, holder, refused=str(said), status=409)
    except LimitReached as reached:
        said = _("今天提交的有点多，%s再试；着急请打页面下方的电话。") % in_words(reached.retry_after)
        return _page(request, holder, refused=said, status=429)


def _left(request: HttpRequest, made: DataSubjectRequest) -> HttpResponse:
    leave_erased(request, made.public_id)
    return _to_course(made.public_id)


def _to_course(public_id: str) -> HttpResponse:
    return SeeOther(reverse("website:erasure", args=[public_id]))


def _page(request: HttpRequest, holder: User, *, refused: str = "", status: int = 200) -> HttpResponse:
    plan = preview(subject_id=holder.pk, by=guardian_actor(holder), scope=Scope.PERSON)
    gone, kept = in_two(plan.lines)
    context = {
        "refused": refused,
        "unfinished": unfinished(holder, timezone.now()),
        "ends": plan.ends,
        "gone": gone,
        **_counts(sum(count for _title, count in gone), sum(rest.count for rest in kept)),
        "kept": kept,
        "fresh": fresh(request),
        "confirm_url": f"{reverse('website:confirm')}?{urlencode({'next': reverse('website:close')})}",
    }
    return render(request, "privacy/close.html", context, status=status)


def _counts(gone: int, kept: int) -> dict[str, int]:
    total = gone + kept
    return {"total": total, "gone_count": gone, "kept_count": kept, "gone_width": 100 * gone // max(total, 1)}
