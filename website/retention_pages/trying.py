"""Two presses of the board: count what a purge would take, and note that a recipient was told."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kit.see_other import SeeOther
from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.services.recipients import recipient_told
from privacy.retention.services.purging import engine_rules, purge
from website.retention_pages.access import for_those_who_tell, for_those_who_try
from website.services.retention_desk import Keeper, may_see_notice


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_try
def tried(request: HttpRequest, who: Keeper) -> HttpResponse:
    """Count what the rule named would take now; nothing goes, and the count stands on the board."""
    if request.method != "POST":
        return SeeOther(reverse("retention:board"))
    name = request.POST.get("rule", "")
    rule = next((rule for rule in engine_rules() if rule.name == name), None)
    if rule is None:
        raise Http404
    purge(rule, timezone.now(), dry=True, by=who.actor)
    return SeeOther(f"{reverse('retention:board')}#rule-{rule.name}")


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_tell
def told(request: HttpRequest, who: Keeper, notice_id: UUID) -> HttpResponse:
    """Note that the recipient was told, and back to where it was pressed."""
    if request.method != "POST":
        return SeeOther(reverse("retention:board"))
    if not may_see_notice(who, notice_id):
        raise Http404
    try:
        notice = recipient_told(notice_id=notice_id, by=who.actor)
    except ErasureUnknown as unknown:
        raise Http404 from unknown
    if notice.job.request and "back" not in request.POST:
        return SeeOther(reverse("requests:one", args=[notice.job.request.public_id]))
    return SeeOther(f"{reverse('retention:board')}#notices")
