"""The parent's pages: ask for a trial, see it, cancel it. Complete without JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import forget_browser, guardian_in, nonce, sign_out
from accounts.code_step import CodeStep, resume
from accounts.enums import CodePurpose
from accounts.services.children import find_child
from accounts.services.codes import forget_codes
from enrollment.access import actor_in, booking_for, keep_link, siblings_in
from enrollment.calendar import calendar_of, has_event, method_of
from enrollment.enums import LIVE
from enrollment.exceptions import Busy, TooLate
from enrollment.models import TrialBooking
from enrollment.offers import after_calling_off
from enrollment.presenters import details, news_in_words, summary
from enrollment.services.cancelling import cancel_party, cancel_trial
from enrollment.services.class_news import news_of
from enrollment.services.links import find_link
from enrollment.services.seats import BUSY_RETRY_AFTER
from enrollment.services.succession import newest
from enrollment.trial_page import address_of, context_of, opened_form
from enrollment.trial_post import TrialPost
from enrollment.visitor import visitor_in
from kit.icalendar import content_type
from kit.see_other import SeeOther
from privacy.minors.exceptions import ChildUnknown


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """The form. Every button of it posts to the same address and keeps what was typed."""
    if request.method != "POST":
        visitor = visitor_in(request)
        step = CodeStep() if visitor.phone else resume(request, CodePurpose.BOOKING)
        form = opened_form(visitor, request.GET, step.sent.number if step.sent else "")
        return _page(request, step, context_of(request, form, step, visitor, request.GET))
    if request.POST.get("action") == "other_number":
        sign_out(request)
        return SeeOther(address_of(request.POST, list_of=bool(request.POST.get("pick"))))
    post = TrialPost(request)
    if booking := post.act():
        return SeeOther(booking.get_absolute_url())
    context = context_of(request, post.form, post.step, post.visitor, post.data, post)
    return _page(request, post.step, context)


def _page(request: HttpRequest, step: CodeStep, context: dict[str, Any]) -> HttpResponse:
    return step.dress(request, render(request, "enrollment/trial.html", context, status=step.status))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def under_18(request: HttpRequest) -> HttpResponse:
    """Somebody under 18 stops here: what they typed is dropped, and a guardian goes on."""
    if request.method == "POST":
        response = SeeOther(reverse("enrollment:under-18"))
        if nonce(request):
            forget_codes(browser=nonce(request))
        forget_browser(request, response)
        return response
    return render(request, "enrollment/under_18.html")


@never_cache
@require_safe
def booking(request: HttpRequest, public_id: str) -> HttpResponse:
    """One booking, for those who may open it."""
    row = booking_for(request, public_id)
    now = timezone.now()
    now_in, news, fresh = newest(row), news_of(booking=row), row.is_fresh(now)
    siblings = siblings_in(request, row)
    context = {
        **details(row, now),
        "fresh": fresh,
        "nickname": _nickname(request, row),
        "news": news_in_words(news) if news else None,
        "instead": after_calling_off(row, now),
        "successor": summary(now_in) if now_in.pk != row.pk else None,
        "moved_from": summary(row.rescheduled_from) if fresh and row.rescheduled_from else None,
        "siblings": [{**summary(one), "nickname": _nickname(request, one)} for one in siblings],
    }
    return render(request, "enrollment/booking.html", context)


def _nickname(request: HttpRequest, row: TrialBooking) -> str:
    """What the child is called, for its guardian alone: who came by a link is not proved to be that."""
    guardian = guardian_in(request)
    if guardian is None or guardian.pk != row.guardian_id or row.child_id is None:
        return ""
    try:
        return find_child(guardian=guardian, child_id=row.child_id).nickname
    except ChildUnknown:  # deleted
        return ""


@never_cache
@require_safe
def calendar(request: HttpRequest, public_id: str) -> HttpResponse:
    """The class of a booking as a file for calendars; there is none before a class is fixed."""
    row = newest(booking_for(request, public_id))  # what is in a calendar already is brought up to date
    if not has_event(row):
        raise Http404
    response = HttpResponse(calendar_of(row), content_type=content_type(method_of(row)))
    response["Content-Disposition"] = f'inline; filename="trial-{row.reference}.ics"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks, POST acts: previews of links in chats fetch GETs."""
    asked, status, busy = booking_for(request, public_id), 200, ""
    row = newest(asked)
    if row.pk != asked.pk:  # asked on an old page: they look at what it has become before they decide
        return SeeOther(reverse("enrollment:cancel", args=[row.public_id]))
    siblings = siblings_in(request, row)
    if request.method == "POST":
        try:
            row = _give_back(request, row, together=bool(siblings) and "all" in request.POST)
        except TooLate as late:
            row, status = late.booking, 409
        except Busy:
            status, busy = 503, _("这会儿人多，没有取消成。过几秒再按一次就行。")
        else:
            return SeeOther(row.get_absolute_url())
    context = {**details(row, timezone.now()), "busy": busy, "nickname": _nickname(request, row)}
    context["together"] = sum(one.state in LIVE for one in siblings)
    response = render(request, "enrollment/cancel.html", context, status=status)
    if busy:
        response["Retry-After"] = str(BUSY_RETRY_AFTER)
    return response


def _give_back(request: HttpRequest, row: TrialBooking, *, together: bool) -> TrialBooking:
    by = actor_in(request)
    if not together:
        return cancel_trial(booking=row, by=by)
    cancel_party(booking=row, by=by)
    return row


@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a message leads to its booking's page."""
    row = find_link(token=token)
    if row is None:
        raise Http404
    keep_link(request, row)
    return redirect(row.booking)
