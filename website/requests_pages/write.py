"""What officers write on a page of its own: a question, a reply, a refusal, a check of identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit.see_other import SeeOther
from privacy.rights.enums import Identity, Outcome, RefusalCode, RequestKind
from privacy.rights.exceptions import NotEntitled, RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.correcting import correct
from privacy.rights.services.deciding import TransferConditions, grant_transfer
from privacy.rights.services.proving import add_identity
from privacy.rights.services.refusing import propose_refusal
from privacy.rights.services.replying import reply
from privacy.rights.wording import GRANTED, GROUNDS, NOT_GRANTED, QUESTIONS
from website.presenters.request_file import File, file_of, pending
from website.requests_forms import (
    AskBackForm,
    CorrectForm,
    GroundForm,
    PapersForm,
    RefuseForm,
    ReplyForm,
    SeenForm,
    TransferForm,
)
from website.requests_pages.access import for_those_who_work, looked_up
from website.services.request_desk import Officer, as_seen

SomeForm = TypeVar("SomeForm", bound=SeenForm)


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def ask(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """A question to the person; a question of ours to begin with may be named in the address."""
    row = looked_up(who, public_id)
    begin = {"question": QUESTIONS.get(request.GET.get("with", ""), "")}
    form = AskBackForm(request.POST or None, initial=begin)

    def act(held: DataSubjectRequest) -> object:
        return ask_back(request=held, question=form.cleaned_data["question"], by=who.actor)

    return _answered(request, who, row, form, act, "ask", {"templates": list(QUESTIONS)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def answer(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """A reply, begun with a template of ours; the final one ends the request and names the remedies."""
    row = looked_up(who, public_id)
    file = file_of(row, who=who, at=timezone.now())
    kinds = [right.row.kind for right in file.rights if right.row.outcome != Outcome.REFUSED]
    chosen = request.GET.get("with", "") or (kinds[0] if len(kinds) == 1 else "")
    begin = {"body": GRANTED[RequestKind(chosen)] if chosen in kinds else "" if kinds else NOT_GRANTED}
    form = ReplyForm(request.POST or None, initial={**begin, "final": file.is_decided})

    def act(held: DataSubjectRequest) -> object:
        given = form.cleaned_data
        return reply(
            request=held,
            body=given["body"],
            final=given["final"],
            remains_until=given["remains_until"],
            by=who.actor,
        )

    templates = [(kind, RequestKind(kind).label) for kind in kinds]
    return _answered(request, who, row, form, act, "reply", {"templates": templates, "file": file})


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def refuse(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """Propose not to grant a right: code, clause, reason. A colleague approves it."""
    row = looked_up(who, public_id)
    file = file_of(row, who=who, at=timezone.now())
    code = request.GET.get("code", "")
    ground = GROUNDS[RefusalCode(code)] if code in RefusalCode.values else None
    begin = {"code": code, "reason": ground.begins, "clause": ground.clauses[0]} if ground else {}
    kinds = [right.row.kind for right in file.open_rights]
    form = RefuseForm(
        request.POST or None, initial={**begin, "kind": request.GET.get("kind", "")}, kinds=kinds
    )

    def act(held: DataSubjectRequest) -> object:
        given = form.cleaned_data
        return propose_refusal(
            request=held,
            kind=given["kind"],
            code=given["code"],
            clause=given["clause"],
            reason=given["reason"],
            by=who.actor,
        )

    context = {"ground": ground, "grounds": GroundForm(initial={"code": code}), "file": file}
    return _answered(request, who, row, form, act, "refuse", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def put_right(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """Write down what was wrong, what is right, and what showed it; the right is then granted by a press."""
    row = looked_up(who, public_id)
    form = CorrectForm(request.POST or None)

    def act(held: DataSubjectRequest) -> object:
        given = {name: form.cleaned_data[name] for name in ("field", "before", "after", "evidence")}
        return correct(request=held, by=who.actor, **given)

    return _answered(request, who, row, form, act, "correct", {})


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def papers(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """Note that papers showed who asks; none is kept."""
    row = looked_up(who, public_id)
    form = PapersForm(request.POST or None)

    def act(held: DataSubjectRequest) -> object:
        return add_identity(request=held, identity=Identity.PAPERS, by=who.actor)

    return _answered(request, who, row, form, act, "papers", {})


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def transfer(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """The four conditions of a transfer, each judged by a person."""
    row = looked_up(who, public_id)
    form = TransferForm(request.POST or None)

    def act(held: DataSubjectRequest) -> object:
        met = {name: form.cleaned_data[name] for name in TransferForm.CONDITIONS}
        return grant_transfer(request=held, conditions=TransferConditions(**met), by=who.actor)

    return _answered(request, who, row, form, act, "transfer", {})


def _answered(
    request: HttpRequest,
    who: Officer,
    row: DataSubjectRequest,
    form: SomeForm,
    act: Callable[[DataSubjectRequest], object],
    page: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Show the form, or do what it says and lead back to the request.

    Where somebody was faster, what was typed stays, beside a word about it; pressed once more it counts.
    """
    seen, status = form["seen"].value(), 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            as_seen(row, form.cleaned_data["seen"], act)
            return SeeOther(reverse("requests:one", args=[row.public_id]))
        except RequestMoved:
            row.refresh_from_db()
            form.add_error(
                None, _("刚刚有人先动了这件请求，这一下没有生效。先打开请求看清现在的样子，要办就再按一次。")
            )
            seen, status, context = "", 409, {**context, "file": None}
        except RequestRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        except NotEntitled as missing:
            raise PermissionDenied from missing
    file: File = context.get("file") or file_of(row, who=who, at=timezone.now())
    shown = {**context, "form": form, "file": file, "row": row, "open_kinds": pending(file.rights)}
    return render(request, f"staff/requests/{page}.html", {**shown, "seen": seen or file.seen}, status=status)
