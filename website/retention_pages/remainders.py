"""Reading what an erasure left, for a purpose that the law names: asked first, on record, then shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.services.remaining import Remains, read_remainder
from privacy.rights.enums import LegalPurpose
from privacy.rights.services.holdings import Area, reading, rows
from website.retention_forms import RemainderForm
from website.retention_pages.access import for_readers
from website.services.retention_desk import Keeper

_MOST_ROWS = 50  # shown of one kind


@dataclass(frozen=True)
class Shown:
    """One kind of remainder as a table."""

    area: Area
    count: int
    table: list[list[str]]


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def remainders(request: HttpRequest, who: Keeper) -> HttpResponse:
    """The question; posted, the answer on the same page. Neither number nor answer stands in an address."""
    form = RemainderForm(request.POST or None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            with read_remainder(
                phone=given["phone"],
                purpose=LegalPurpose(given["purpose"]),
                authority=given["authority"],
                by=who.actor,
            ) as remains:
                found = [(one, _tables(one, who)) for one in remains]
                return render(request, "staff/retention/remains.html", {"found": found})
        except ErasureUnknown:
            form.add_error("phone", _("用这个号码没有删除过账号，或者余留已经期满。这次查找已经记录。"))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "staff/retention/remainders.html", {"form": form}, status=status)


def _tables(remains: Remains, who: Keeper) -> list[Shown]:
    read = reading(subject_id=remains.alias, by=who.actor)
    return [
        Shown(
            area=holding.area,
            count=holding.count,
            table=[
                [values[field.id] for field in holding.area.fields]
                for values in islice(rows(holding.area, reading=read), _MOST_ROWS)
            ],
        )
        for holding in remains.holdings
    ]
