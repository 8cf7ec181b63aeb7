"""The guardian's page of children: see, add, correct, delete. Complete without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import guardian_in
from accounts.models import User
from accounts.services import children as wards
from accounts.services.guardianships import family_of
from enrollment.child_forms import ChildForm, rules_in_force
from enrollment.services.children import count_change, refuse_children, remove_child
from enrollment.services.corrections import correct_child
from kit.day_words import moment_in_words
from kit.limiter import LimitReached
from kit.months import in_years
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.consent.enums import Channel, Document
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.services import has_agreed
from privacy.minors.ages import months_between
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.minors.services import ChildView

_DONE = {  # what is said above the list after a step
    "added": gettext_lazy("记好了。约课的时候，选一下就行。"),
    "corrected": gettext_lazy("改好了，这次更正也记在“我的隐私”里。"),
    "deleted": gettext_lazy("删掉了，密钥也销毁了。"),
    "left": gettext_lazy("好了，您这边不再有这个孩子的信息。另一位监护人那边的还在。"),
    "joined": gettext_lazy("加入好了。现在您也能看、能改，约课时选一下就行。"),
    "withdrawn": gettext_lazy("邀请收回了，那个链接打不开了。"),
    "refused": gettext_lazy("好的，什么都没有保存。不填孩子的信息，一样可以约课。"),
}


@never_cache
@require_safe
def children(request: HttpRequest) -> HttpResponse:
    """My children."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login()
    known = [_shown(child) for child in wards.children_of(guardian=guardian)]
    said = _DONE.get(request.GET.get("done", ""), "")
    return render(request, "enrollment/children.html", {"children": known, "said": said})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Put a child down, or decline to: then what was typed is gone, and the refusal on record."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login()
    if request.method != "POST":
        return _form(request, ChildForm(initial={"children_version": rules_in_force()}))
    if request.POST.get("action") == "refuse_children":
        refuse_children(guardian=guardian, channel=Channel.WEB)
        return _to_list("refused")
    form, status = _tried(ChildForm(request.POST), lambda form: _add(guardian, form))
    return _form(request, form, status=status) if status else _to_list("added")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put right what is known of a child."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login()
    child = _child(guardian, public_id)
    agreed = has_agreed(subject=guardian.pk, document=Document.CHILDREN, child_id=child.id)
    if request.method != "POST":
        known = {
            "child_nickname": child.nickname,
            "child_birth_month": f"{child.birth_month:%Y-%m}",
            "children_version": rules_in_force(),
        }
        return _form(request, ChildForm(initial=known, agreed=agreed), (guardian, child))
    form, status = _tried(
        ChildForm(request.POST, agreed=agreed), lambda form: _correct(guardian, child, form)
    )
    return _form(request, form, (guardian, child), status=status) if status else _to_list("corrected")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks, POST deletes."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login()
    if request.method == "POST":
        try:
            gone = remove_child(guardian=guardian, public_id=public_id, channel=Channel.WEB)
        except ChildUnknown as error:
            raise Http404 from error
        return _to_list("deleted" if gone else "left")
    child = _child(guardian, public_id)
    others = family_of(guardian=guardian, child_id=child.id).others
    context = {"child": _shown(child), "others": others}
    return render(request, "enrollment/child_delete.html", context)


def _tried(form: ChildForm, save: Callable[[ChildForm], None]) -> tuple[ChildForm, int]:
    """The form with what was wrong on it, and the status that says so; 0 when it was saved."""
    if not form.is_valid():
        return form, 422
    try:
        save(form)
    except ChildInvalid as wrong:
        form.add_error(f"child_{wrong.field}", str(wrong.hint))
        return form, 422
    except LimitReached as reached:
        form.add_error(None, _("今天改的次数有点多，%s再试。") % in_words(reached.retry_after))
        return form, 429
    except ChildUnknown as error:
        raise Http404 from error
    except (AgreementsRequired, DocumentStale):
        form = form.asked_again()
        form.add_error("agree_children", _("规则刚刚更新，请看过新版本再勾选"))
        return form, 409
    return form, 0


def _add(guardian: User, form: ChildForm) -> None:
    count_change(guardian=guardian)
    wards.add_child(guardian=guardian, channel=Channel.WEB, **form.values())


def _correct(guardian: User, child: ChildView, form: ChildForm) -> None:
    count_change(guardian=guardian)
    correct_child(guardian=guardian, child_id=child.id, channel=Channel.WEB, **form.values())


def _child(guardian: User, public_id: str) -> ChildView:
    try:
        child_id = wards.id_of(guardian=guardian, public_id=public_id)
        return wards.find_child(guardian=guardian, child_id=child_id)
    except ChildUnknown as error:
        raise Http404 from error


def _form(
    request: HttpRequest, form: ChildForm, of: tuple[User, ChildView] | None = None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "said": _DONE.get(request.GET.get("done", ""), "")}
    if of is not None:
        guardian, child = of
        family = family_of(guardian=guardian, child_id=child.id)
        until = family.invited_until
        context |= {
            "child": _shown(child),
            "others": family.others,
            "may_invite": family.may_invite,
            "invited_until": moment_in_words(until) if until else "",
            "invite_url": reverse("enrollment:invite", args=[child.public_id]),
        }
    return render(request, "enrollment/child.html", context, status=status)


def _shown(child: ChildView) -> dict[str, str]:
    return {
        "nickname": child.nickname,
        "born": _("%(year)d 年 %(month)d 月")
        % {"year": child.birth_month.year, "month": child.birth_month.month},
        "age": in_years(months_between(child.birth_month, timezone.localdate())),
        "url": reverse("enrollment:child", args=[child.public_id]),
        "delete_url": reverse("enrollment:child-delete", args=[child.public_id]),
    }


def _to_list(done: str) -> HttpResponse:
    return SeeOther(f"{reverse('enrollment:children')}?{urlencode({'done': done})}")


def _to_login() -> HttpResponse:
    return redirect(f"{reverse('accounts:login')}?{urlencode({'next': reverse('enrollment:children')})}")
