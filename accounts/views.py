"""Coming in by code, and leaving."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.browser import holder_in, note_proved, sign_in, sign_out
from accounts.code_step import CodeStep, again, ask, resume
from accounts.enums import CodePurpose
from accounts.forms import AgreementsForm, LoginForm
from accounts.login_post import LoginPost
from accounts.models import User
from kit.safe_next import safe_next
from kit.see_other import SeeOther

_OWN_DATA = "/account/privacy/"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The form. A number without an account is asked for the agreements first, without a second message."""
    home = safe_next(request, default="/account/")
    if request.method != "POST":
        if signed_in := holder_in(request):
            return SeeOther(_home_of(signed_in, home))
        step = resume(request, CodePurpose.LOGIN)
        typed = {"phone": step.sent.number} if step.sent else {}
        return _page(request, LoginForm(initial=typed), step, home)
    if request.POST.get("action") == "send_code":
        form = LoginForm(request.POST)
        return _page(request, form, ask(request, form, CodePurpose.LOGIN), home)
    post = LoginPost(request)
    if user := post.log_in():
        sign_in(request, user)
        if post.proof:
            note_proved(request, user, post.proof)
        return SeeOther(_home_of(user, home))
    return _page(request, post.form, post.step or again(request), home, agreements=post.agreements)


def _home_of(user: User, wanted: str) -> str:
    """Where they go on: whoever is suspended has only the pages of their own information left."""
    allowed = user.is_active or wanted.startswith(_OWN_DATA)
    return wanted if allowed else _OWN_DATA


def _page(
    request: HttpRequest,
    form: LoginForm,
    step: CodeStep,
    home: str,
    *,
    agreements: AgreementsForm | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "challenge": step.challenge,
        "sent": step.sent,
        "status_message": step.status_message,
        "agreements": agreements,
        "wait": step.retry_after,
        "next": home,
    }
    response = render(request, "accounts/login.html", context, status=step.status)
    return step.dress(request, response)


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Leave; a GET does nothing, for previews of links fetch GETs."""
    sign_out(request)
    return SeeOther(f"{reverse('accounts:login')}?out=1")
