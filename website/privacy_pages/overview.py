"""The first page of one's own information: what is held, agreed to, asked for, and what can be done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.services.consents import consents_of
from accounts.services.guardians import guardian_actor, masked_phone_of
from privacy.rights.services.holdings import counts, excluded, reading
from privacy.rights.services.restricting import why_barred
from website.presenters.own_consents import consent_lines
from website.presenters.own_holdings import drawers
from website.presenters.own_requests import own_line
from website.services.own_requests import own_requests
from website.step_up import for_holder

_NEWEST = 5

_DONE = {  # what is said above everything after a step
    "restricted": _("好了。从现在起，您家的信息只是保存着，不再使用。"),
    "restricted_by_staff": _("这次限制是工作人员加的，要解除请写给我们。"),
    "lifted": _("恢复好了，现在又可以约课、收提醒了。"),
    "agreed": _("谢谢您。重新同意好了，一切照常。"),
    "erasure_begun": _("删除已经开始了，停不下来。想继续用的话，删完以后用同一个号码重新注册。"),
    "too_often": _("今天操作得有点多，没有办成，明天再试；着急请打页面下方的电话。"),
    "number": _("换好了。以后用新号码登录，两个号码都收到了提醒。"),
}


@require_safe
@for_holder
def privacy(request: HttpRequest, holder: User) -> HttpResponse:
    """Counts without values, so that nobody who looks over a shoulder reads anything."""
    asked = own_requests(holder=holder, most=_NEWEST + 1)
    begun = reading(subject_id=holder.pk, by=guardian_actor(holder))
    context = {
        "said": _DONE.get(request.GET.get("done", ""), ""),
        "phone_masked": masked_phone_of(holder.pk),
        "suspended": not holder.is_active,
        "bar": why_barred(holder.pk),
        "drawers": drawers(counts(reading=begun)),
        "consents": consent_lines(consents_of(guardian=holder)),
        "requests": [own_line(one) for one in asked[:_NEWEST]],
        "more_requests": len(asked) > _NEWEST,
    }
    return render(request, "privacy/overview.html", context)


@require_safe
@for_holder
def explain(request: HttpRequest, holder: User) -> HttpResponse:
    """Where what is held comes from, what for and under which rule."""
    begun = reading(subject_id=holder.pk, by=guardian_actor(holder))
    context = {"holdings": counts(reading=begun), "withheld": excluded()}
    return render(request, "privacy/explain.html", context)


@require_safe
@for_holder
def requests(request: HttpRequest, holder: User) -> HttpResponse:
    """Everything that was ever asked for and is still on record."""
    asked = own_requests(holder=holder, most=200)
    return render(request, "privacy/requests.html", {"requests": [own_line(one) for one in asked]})
