"""Asking in one's own words, for oneself, for a child or for a relative who has died."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import stay_signed_in
from accounts.models import User
from accounts.services.children import children_of, id_of
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.erasure.enums import Reason
from privacy.erasure.exceptions import ErasureRefused
from privacy.minors.exceptions import ChildUnknown
from privacy.rights.enums import OnBehalf, RequestKind
from privacy.rights.models import DataSubjectRequest
from website.browser import leave_erased
from website.privacy_forms import WordsForm
from website.privacy_pages.writing import WRITINGS, Writing
from website.services.own_erasure import ask_to_erase, ended_account, has_begun
from website.services.own_requests import ask_for
from website.step_up import for_holder, fresh, to_confirm

_REASON = {OnBehalf.SELF: Reason.ASKED, OnBehalf.WARD: Reason.GUARDIAN, OnBehalf.DECEASED: Reason.ASKED}
_TO_SAY = ("complaint", "question", "leak", "misuse", "unlawful", "suggestion")


@dataclass
class Asking:
    """One visit to such a page: what is asked for, by whom and for whom."""

    request: HttpRequest
    holder: User
    slug: str
    writing: Writing
    on_behalf: OnBehalf
    proved: bool
    status: int = 200
    stale: bool = False
    """The code was proved too long ago by the time it was posted."""
    form: WordsForm = field(init=False)

    def __post_init__(self) -> None:
        posted = self.request.POST if self.request.method == "POST" else None
        children = [(child.public_id, child.nickname) for child in self._wards()]
        self.form = WordsForm(
            posted,
            initial={"once": secrets.token_urlsafe(16)},
            label=str(self.writing.label),
            hint=str(self.writing.hint),
            needed=self.writing.needed,
            reasons=self.writing.reasons,
            on_behalf=self.on_behalf,
            children=children,
        )

    @property
    def must_prove(self) -> bool:
        """Whether a fresh code is wanting."""
        return not self.proved and (self.writing.fresh or self.on_behalf == OnBehalf.WARD)

    def ask(self) -> DataSubjectRequest | None:
        """The request; None with the reason on the form."""
        self.status = 422
        if not self.form.is_valid():
            return None
        if self.must_prove:
            # Ten minutes are over while somebody wrote: nothing they wrote is lost.
            self.form.add_error(None, _("离上次确认过了十分钟，再确认一次是您本人就能提交。"))
            self.status, self.stale = 409, True
            return None
        try:
            return self._asked()
        except ErasureRefused as refused:
            self.form.add_error(None, str(refused.message))
            self.status = 409
            return None
        except LimitReached as reached:
            self.form.add_error(None, _("今天提交的有点多，%s再试。") % in_words(reached.retry_after))
            self.status = 429
            return None

    def _asked(self) -> DataSubjectRequest:
        typed = self.form.cleaned_data
        if self.writing.kind == RequestKind.ERASE:
            return ask_to_erase(
                holder=self.holder,
                reason=Reason(typed.get("reason") or _REASON[self.on_behalf]),
                words=self.form.text(),
                on_behalf=self.on_behalf,
                concerning_id=self._child_id(),
                once=typed["once"],
            )
        return ask_for(
            holder=self.holder,
            kind=self.writing.kind,
            proved=self.proved,
            words=self.form.text(),
            on_behalf=self.on_behalf,
            concerning_id=self._child_id(),
            once=typed["once"],
        )

    def _wards(self) -> Any:
        return children_of(guardian=self.holder) if self.on_behalf == OnBehalf.WARD and self.proved else ()

    def _child_id(self) -> Any:
        if self.on_behalf != OnBehalf.WARD:
            return None
        try:
            return id_of(guardian=self.holder, public_id=self.form.cleaned_data["child"])
        except ChildUnknown as error:
            raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def write(request: HttpRequest, holder: User, slug: str) -> HttpResponse:
    """The page of one kind. For a child, and for what cannot be undone, a fresh code comes first."""
    writing = WRITINGS.get(slug)
    on_behalf = request.GET.get("for", OnBehalf.SELF)
    if writing is None or on_behalf not in OnBehalf.values:
        raise Http404
    if on_behalf != OnBehalf.SELF and not writing.for_others:
        raise Http404
    asking = Asking(request, holder, slug, writing, OnBehalf(on_behalf), fresh(request))
    if request.method != "POST":
        return to_confirm(request) if asking.must_prove else _page(asking)
    if filed := asking.ask():
        if filed.kind == RequestKind.MISUSE:  # which signs them out everywhere, and whoever else is in
            stay_signed_in(request, holder)
        if filed.kind == RequestKind.ERASE and has_begun(filed):
            if ended_account(filed):
                leave_erased(request, filed.public_id)
            return SeeOther(reverse("website:erasure", args=[filed.public_id]))
        return SeeOther(reverse("website:own-request", args=[filed.public_id]) + "?done=filed")
    return _page(asking)


def _children_in(form: Any) -> list[Any]:
    """The children to choose from, without the line that asks to choose."""
    return list(form.fields["child"].choices)[1:]


def _page(asking: Asking) -> HttpResponse:
    context = {
        "form": asking.form,
        "writing": asking.writing,
        "on_behalf": asking.on_behalf,
        "childless": asking.on_behalf == OnBehalf.WARD and not _children_in(asking.form),
        "address": asking.request.get_full_path(),
        "page_url": reverse("website:privacy-write", args=[asking.slug]),
        "stale": asking.stale,
    }
    return render(asking.request, "privacy/write.html", context, status=asking.status)


@require_safe
@for_holder
def say(request: HttpRequest, holder: User) -> HttpResponse:
    """What is no right of its own: which page to write it on."""
    return render(request, "privacy/say.html", {"writings": [(slug, WRITINGS[slug]) for slug in _TO_SAY]})
