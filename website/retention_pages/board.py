"""The board: what goes when, what is going, what keeps it, what proves it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kit.few_pages import FewPages
from website.presenters.erasures import proofs
from website.retention_board import board_of
from website.retention_pages.access import for_keepers
from website.services.retention_desk import Keeper, certificates_for

_A_PAGE = 30


@require_safe
@for_keepers
def board(request: HttpRequest, who: Keeper) -> HttpResponse:
    """Everything on one page, what somebody has to look at first."""
    context = {"who": who, "board": board_of(who=who, at=timezone.now())}
    return render(request, "staff/retention/board.html", context)


@require_safe
@for_keepers
def certificates(request: HttpRequest, who: Keeper) -> HttpResponse:
    """The certificates, the newest first, each checked as the page is made."""
    page = FewPages(certificates_for(who), _A_PAGE).get_page(request.GET.get("page"))
    return render(request, "staff/retention/certificates.html", {"page": page, "proofs": proofs(page)})
