"""The parent's pages: ask for a trial, see it, cancel it. Complete without JavaScript."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import forget_browser, nonce, sign_out
from accounts.code_step import CodeStep, again, ask, resume
from accounts.enums import CodePurpose
from accounts.services.codes import forget_codes
from enrollment.access import actor_in, booking_for, keep_link
from enrollment.exceptions import TooLate
from enrollment.forms import TrialForm
from enrollment.presenters import details, summary
from enrollment.services.bookings import cancel_trial
from enrollment.services.links import find_link
from enrollment.trial_post import TrialPost, known_phone
from kit.see_other import SeeOther
from privacy.consent.services import current_versions


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """The form. Sending a code and booking post to the same address and keep what was typed."""
    if request.method != "POST":
        known = known_phone(request) is not None
        step = CodeStep() if known else resume(request, CodePurpose.BOOKING)
        return _page(request, TrialForm(initial=_initial(request, step), known=known), step)
    if request.POST.get("action") == "other_number":
        sign_out(request)
        return SeeOther(f"{request.path}?{urlencode({'city': request.POST.get('city', '')[:60]})}")
    if request.POST.get("action") == "send_code":
        form = TrialForm(request.POST)
        return _page(request, form, ask(request, form, CodePurpose.BOOKING))
    post = TrialPost(request)
    if booking := post.book():
        return SeeOther(booking.get_absolute_url())
    return _page(request, post.form, post.step or again(request), post)


def _initial(request: HttpRequest, step: CodeStep) -> dict[str, str]:
    return {
        "phone": step.sent.number if step.sent else "",
        "city": request.GET.get("city", "")[:60],
        **{f"{document}_version": version for document, version in current_versions().items()},
    }


def _page(
    request: HttpRequest,
    form: TrialForm,
    step: CodeStep,
    post: TrialPost | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "challenge": step.challenge,
        "sent": step.sent,
        "status_message": step.status_message,
        "proved": None if "phone" in form.fields else known_phone(request),
        "wait": step.retry_after,
        "earlier": summary(post.earlier) if post and post.earlier else None,
        "too_many_live": post is not None and post.too_many_live,
    }
    response = render(request, "enrollment/trial.html", context, status=step.status)
    return step.dress(request, response)


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
    context = {**details(row), "fresh": row.is_fresh(timezone.now())}
    return render(request, "enrollment/booking.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks, POST acts: previews of links in chats fetch GETs."""
    row = booking_for(request, public_id)
    if request.method == "POST":
        try:
            row = cancel_trial(booking=row, by=actor_in(request))
        except TooLate:
            return render(
                request, "enrollment/cancel.html", {**details(row), "can_cancel": False}, status=409
            )
        return SeeOther(row.get_absolute_url())
    return render(request, "enrollment/cancel.html", details(row))


@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a message leads to its booking's page."""
    row = find_link(token=token)
    if row is None:
        raise Http404
    keep_link(request, row)
    return redirect(row.booking)
