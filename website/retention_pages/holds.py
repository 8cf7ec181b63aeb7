"""Legal holds: the list, placing one, saying that one still has to stand, releasing one."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.core import signing
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kit.few_pages import FewPages
from kit.see_other import SeeOther
from privacy.retention.exceptions import HoldRefused
from privacy.retention.models import LegalHold
from privacy.retention.services import holds
from website.presenters.holds import HoldLine, hold_lines
from website.retention_forms import HoldForm, PersonForm, ReviewForm
from website.retention_pages.access import for_holders
from website.services.holding_desk import Person, find_person, look_at_holds, person, place_holds
from website.services.retention_desk import Keeper, hold_named, released_holds, standing_holds

_A_PAGE = 30
_SALT = "whose records are to be held"
_LASTS = 1_800  # seconds: for so long the second page of placing a hold knows of whom the first spoke


@require_safe
@for_holders
def listed(request: HttpRequest, who: Keeper) -> HttpResponse:
    """Those that stand, whose review comes first, and the last that were released."""
    page: Page[LegalHold] = FewPages(standing_holds(), _A_PAGE).get_page(request.GET.get("page"))
    shown, ended = list(page), released_holds()
    look_at_holds(holds=shown, by=who.actor)
    today = timezone.localdate()
    context = {"page": page, "lines": hold_lines(shown, today), "ended": hold_lines(ended, today)}
    return render(request, "staff/retention/holds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_holders
def place(request: HttpRequest, who: Keeper) -> HttpResponse:
    """First whose records, then which and why. The number stands in no address."""
    if "person" in request.POST:
        return _placed(request, who)
    form = PersonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        found = find_person(phone=form.cleaned_data["phone"], by=who.actor)
        if found is not None:
            token = signing.dumps(str(found.subject_id), salt=_SALT)
            return _what(request, found, HoldForm(person=found, initial={"person": token, "may_tell": True}))
        form.add_error("phone", _("这个号码现在没有账号。已经删除的人，余留按期保存，不能再加。"))
    return render(request, "staff/retention/place.html", {"form": form}, status=422 if form.is_bound else 200)


def _placed(request: HttpRequest, who: Keeper) -> HttpResponse:
    try:
        subject = UUID(signing.loads(request.POST["person"], salt=_SALT, max_age=_LASTS))
    except (signing.BadSignature, ValueError):
        return SeeOther(reverse("retention:place"))
    of = person(subject_id=subject, by=who.actor)
    form = HoldForm(request.POST, person=of)
    if not form.is_valid():
        return _what(request, of, form)
    given = form.cleaned_data
    try:
        place_holds(
            person=of,
            chosen=given["records"],
            authority=given["authority"],
            document=given["document"],
            review_on=given["review_on"],
            may_tell=given["may_tell"],
            by=who.actor,
        )
    except HoldRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _what(request, of, form)
    return SeeOther(reverse("retention:holds"))


def _what(request: HttpRequest, of: Person, form: HoldForm) -> HttpResponse:
    context = {"form": form, "of": of}
    return render(request, "staff/retention/place_what.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_holders
def review(request: HttpRequest, who: Keeper, public_id: str) -> HttpResponse:
    """That it still has to stand, until another day."""
    line = _line(who, public_id)
    form = ReviewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            holds.review(hold_id=line.hold.pk, review_on=form.cleaned_data["review_on"], by=who.actor)
            return SeeOther(reverse("retention:holds"))
        except HoldRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    context = {"form": form, "line": line}
    return render(request, "staff/retention/review.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_holders
def release(request: HttpRequest, who: Keeper, public_id: str) -> HttpResponse:
    """What happens once it ends, and a button that ends it."""
    line = _line(who, public_id)
    if request.method != "POST":
        return render(request, "staff/retention/release.html", {"line": line})
    with suppress(HoldRefused):  # a colleague was faster: it is released, as was asked
        holds.release(hold_id=line.hold.pk, by=who.actor)
    return SeeOther(reverse("retention:holds"))


def _line(who: Keeper, public_id: str) -> HoldLine:
    """The standing hold of that name; the look is on record. Raises Http404."""
    hold = hold_named(public_id)
    if hold is None:
        raise Http404
    look_at_holds(holds=[hold], by=who.actor)
    return hold_lines([hold], timezone.localdate())[0]
