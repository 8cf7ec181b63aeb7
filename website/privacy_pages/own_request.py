"""One request of one's own: how far it is, what we asked, what we answered, and taking it back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.browser import holder_in
from accounts.models import User
from accounts.services.guardians import guardian_actor
from kit.see_other import SeeOther
from privacy.rights.enums import Identity, RequestKind, RequestState
from privacy.rights.exceptions import RequestMoved, RequestRefused, RequestUnknown
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import answer
from privacy.rights.services.deciding import withdraw_request
from privacy.rights.services.proving import add_identity
from website.presenters import own_requests as shown
from website.privacy_forms import AnswerForm
from website.services.callers import awaits_guardian
from website.services.own_erasure import has_begun
from website.services.own_requests import dealings_of, history_of, own_request
from website.services.receipts import receipt_of
from website.step_up import for_asker, for_fresh, for_holder

_DONE = {  # what is said above the request after a step
    "filed": _("收到了。下面是它的进展，随时可以回来看。"),
    "answered": _("收到您的回答，期限接着算。"),
    "confirmed": _("确认好了，我们开始办。"),
    "withdrawn": _("撤回好了，这件事不再办理。哪天想办，重新提就行。"),
    "holds": _("这次请求已经停用了您的信息，不能单独撤回；想恢复，请重新同意或解除限制。"),
    "moved": _("就在刚才，工作人员已经处理了这个请求，下面是最新的进展。"),
    "corrected": _("改好了，改动也记录在这里。"),
}


@require_safe
@for_asker
def own_request_page(request: HttpRequest, found: DataSubjectRequest) -> HttpResponse:
    """How far it is; to whoever has no account any more, how far the erasure is."""
    if holder_in(request) is None:
        return SeeOther(reverse("website:erasure", args=[found.public_id]))
    return _page(request, found)


@require_POST
@for_holder
def answer_question(request: HttpRequest, holder: User, public_id: str) -> HttpResponse:
    """The answer to what we asked; somebody faster than it leaves the request as it is by then."""
    found, form = _found(holder, public_id), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        answer(request=found, answer=form.cleaned_data["answer"], by=guardian_actor(holder))
    except RequestMoved:
        return _back(public_id, "moved")
    except RequestRefused as refused:
        form.add_error("answer", str(refused.message))
        return _page(request, found, form, status=422)
    return _back(public_id, "answered")


@require_POST
@for_holder
def withdraw_own(request: HttpRequest, holder: User, public_id: str) -> HttpResponse:
    """Take the request back. Pressing twice takes it back once."""
    try:
        withdraw_request(request=_found(holder, public_id), by=guardian_actor(holder))
    except RequestMoved as moved:
        return _back(public_id, "withdrawn" if moved.state == "withdrawn" else "moved")
    except RequestRefused:
        return _back(public_id, "holds")
    return _back(public_id, "withdrawn")


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
@for_fresh
def confirm_own(request: HttpRequest, holder: User, public_id: str) -> HttpResponse:
    """The guardian, freshly proved, wants indeed what staff took down on the telephone for a ward."""
    found = _found(holder, public_id)
    if request.method != "POST":  # back from the page of the code
        return SeeOther(reverse("website:own-request", args=[public_id]))
    try:
        add_identity(request=found, identity=Identity.STEPPED_UP, by=guardian_actor(holder))
    except RequestMoved:
        return _back(public_id, "moved")
    return _back(public_id, "confirmed")


def _found(holder: User, public_id: str) -> DataSubjectRequest:
    try:
        return own_request(holder=holder, public_id=public_id)
    except RequestUnknown as error:
        raise Http404 from error


def _back(public_id: str, done: str) -> HttpResponse:
    return SeeOther(f"{reverse('website:own-request', args=[public_id])}?done={done}")


def _page(
    request: HttpRequest, found: DataSubjectRequest, form: AnswerForm | None = None, *, status: int = 200
) -> HttpResponse:
    pauses, replies = dealings_of(found)
    question = next((pause for pause in pauses if pause.answered_at is None), None)
    context = {
        "said": _DONE.get(request.GET.get("done", ""), ""),
        "found": found,
        "line": shown.own_line(found),
        "rights": shown.rights_of(found),
        "moments": list(shown.timeline(history_of(found))),
        "why_that_day": shown.why_that_day(found),
        "question": question,
        "answered": [pause for pause in pauses if pause.answered_at],
        "replies": replies,
        "form": form or AnswerForm(),
        "may_confirm": found.state == RequestState.VERIFYING and awaits_guardian(found),
        "may_withdraw": shown.may_withdraw(found),
        "has_package": found.kind == RequestKind.EXPORT,
        "erasing": has_begun(found),
        "receipt": receipt_of(found),
    }
    return render(request, "privacy/request.html", context, status=status)
