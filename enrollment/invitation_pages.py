"""Pages by which another guardian is invited, and joins. A GET accepts nothing; all without JavaScript."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.browser import guardian_in
from accounts.models import User
from accounts.services import guardianships
from accounts.services.children import id_of
from enrollment.child_forms import JoinForm, rules_in_force
from enrollment.services.invitations import invite
from kit.day_words import moment_in_words
from kit.see_other import SeeOther
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.minors.exceptions import ChildUnknown, GuardianshipRefused, InvitationOver, InvitationUnknown
from privacy.minors.models import GuardianInvitation


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks and says what stands, POST makes a link or takes the open one back."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login(reverse("enrollment:children"))
    try:
        if request.method != "POST":
            return _asked(request, guardian, public_id)
        if request.POST.get("action") == "withdraw":
            guardianships.withdraw_invitation(guardian=guardian, public_id=public_id)
            return _to_child(public_id, "withdrawn")
        made = invite(guardian=guardian, public_id=public_id)
    except GuardianshipRefused as refused:
        return _asked(request, guardian, public_id, hint=str(refused.hint))
    except ChildUnknown as error:
        raise Http404 from error
    context = {"url": made.url, "until": moment_in_words(made.expires_at), "public_id": public_id}
    return render(request, "enrollment/invitation.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the invitation is; signed in, the rules to agree to. POST accepts."""
    guardian = guardian_in(request)
    try:
        invitation = guardianships.find_invitation(token=token, guardian=guardian)
        if guardian is None:
            return _to_login(request.path) if request.method == "POST" else _page(request, invitation)
        return _answered(request, guardian, invitation, token)
    except (InvitationUnknown, InvitationOver) as error:
        status = 404 if isinstance(error, InvitationUnknown) else 410
        return render(request, "enrollment/invitation_gone.html", status=status)


def _answered(
    request: HttpRequest, guardian: User, invitation: GuardianInvitation, token: str
) -> HttpResponse:
    if invitation.invited_by == guardian.pk:
        return _page(request, invitation, own=True)
    if request.method == "POST":
        return _accepted(request, guardian, invitation, token)
    if name := guardianships.child_joined(guardian=guardian, invitation=invitation):
        return _to_child(name)
    return _page(request, invitation, JoinForm(initial={"children_version": rules_in_force()}))


def _accepted(
    request: HttpRequest, guardian: User, invitation: GuardianInvitation, token: str
) -> HttpResponse:
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _page(request, invitation, form, status=422)
    try:
        guardianships.accept_invitation(
            guardian=guardian, token=token, agreements=form.agreements(), channel=Channel.WEB
        )
    except GuardianshipRefused as refused:
        form.add_error(None, str(refused.hint))
        return _page(request, invitation, form, status=403)
    except (AgreementsRequired, DocumentStale):
        form = JoinForm.asked_again()
        form.add_error("agree_children", _("规则刚刚更新，请看过新版本再勾选"))
        return _page(request, invitation, form, status=409)
    return _to_child(guardianships.child_joined(guardian=guardian, invitation=invitation) or "", "joined")


def _page(
    request: HttpRequest,
    invitation: GuardianInvitation,
    form: JoinForm | None = None,
    *,
    own: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Whoever proved a number is told whose invitation it is; nobody is told of which child."""
    context = {
        "form": form,
        "own": own,
        "inviter": guardianships.inviter_of(invitation=invitation) if form else "",
        "until": moment_in_words(invitation.expires_at),
        "login_url": f"{reverse('accounts:login')}?{urlencode({'next': request.path})}",
    }
    return render(request, "enrollment/join.html", context, status=status)


def _asked(request: HttpRequest, guardian: User, public_id: str, *, hint: str = "") -> HttpResponse:
    child_id = id_of(guardian=guardian, public_id=public_id)
    family = guardianships.family_of(guardian=guardian, child_id=child_id)
    until = moment_in_words(family.invited_until) if family.invited_until else ""
    context = {"until": until, "hint": hint, "public_id": public_id}
    return render(request, "enrollment/invitation_ask.html", context, status=403 if hint else 200)


def _to_child(public_id: str, done: str = "") -> HttpResponse:
    query = f"?{urlencode({'done': done})}" if done else ""
    return SeeOther(reverse("enrollment:child", args=[public_id]) + query)


def _to_login(back: str) -> HttpResponse:
    return redirect(f"{reverse('accounts:login')}?{urlencode({'next': back})}")
