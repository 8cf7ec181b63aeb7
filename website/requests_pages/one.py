"""One request: what was asked, by whom, how long there is, what we hold, what happened, what can be done."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from privacy.keystore.services import Frozen
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.holdings import area_named, counts, reading, rows
from website.presenters.erasures import progress
from website.presenters.request_file import file_of
from website.requests_pages.access import for_officers, for_those_who_work, looked_up
from website.services.erasing_desk import erasure_of, is_erased
from website.services.request_desk import Officer, open_beside

_MOST_ROWS = 50  # shown of one kind


@require_safe
@for_officers
def one(request: HttpRequest, who: Officer, public_id: str) -> HttpResponse:
    """The request with everything needed on one page."""
    return page_of(request, who, looked_up(who, public_id))


def page_of(
    request: HttpRequest, who: Officer, row: DataSubjectRequest, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    """The page as it stands now; ``refusal`` says why what was pressed did not happen."""
    job, erased = erasure_of(row), is_erased(row.subject_id)
    context = {
        "who": who,
        "file": file_of(row, who=who, at=timezone.now()),
        "beside": open_beside(request=row, who=who) if who.works else "",
        "holdings": [] if erased else _held_of(row, who),
        "erased": erased,
        "erasure": progress(job, timezone.now()) if job else None,
        "refusal": refusal,
    }
    return render(request, "staff/requests/one.html", context, status=status)


def moved(request: HttpRequest, who: Officer, row: DataSubjectRequest) -> HttpResponse:
    """Somebody was faster: the page as it truly stands."""
    row.refresh_from_db()
    words = _("刚刚有人先动了这件请求。您这一下没有生效，请看清现在的样子再办。")
    return page_of(request, who, row, refusal=words, status=409)


@require_safe
@for_those_who_work
def found(request: HttpRequest, who: Officer, public_id: str, area: str) -> HttpResponse:
    """What we hold of one kind, through the mask. The look is on record."""
    row = looked_up(who, public_id)
    if not row.known or is_erased(row.subject_id):
        raise Http404
    try:
        kind = area_named(area)
    except KeyError as unknown:
        raise Http404 from unknown
    context = {"row": row, "area": kind, "table": [], "more": False, "left_alone": False}
    try:
        table = []
        for number, values in enumerate(rows(kind, reading=reading(subject_id=row.subject_id, by=who.actor))):
            if number == _MOST_ROWS:
                context["more"] = True
                break
            table.append([values[field.id] for field in kind.fields])
        context["table"] = table
    except Frozen:
        context["left_alone"] = True
    return render(request, "staff/requests/values.html", context)


def _held_of(row: DataSubjectRequest, who: Officer) -> list[tuple[str, str, int]]:
    """(name, title, how many) of each kind that we hold of the person, if we know who it is."""
    if not (who.works and row.known):
        return []
    held = counts(reading=reading(subject_id=row.subject_id, by=who.actor))
    return [(one.area.name, str(one.area.title), one.count) for one in held]
