"""How many requests came in each month and what became of them: a table, a chart, a file of numbers."""

from __future__ import annotations

import csv
from io import StringIO

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from privacy.rights.services.statistics import MONTHS, by_month
from website.presenters.request_numbers import chart_of, lines_of, titles
from website.requests_pages.access import for_officers
from website.services.request_desk import Officer

_FIRST = 2020


@require_safe
@for_officers
def numbers(request: HttpRequest, who: Officer) -> HttpResponse:
    """The months of a year."""
    now = timezone.localtime()
    year = _year(request.GET.get("year", ""), now.year)
    months = by_month(year, at=now)
    context = {
        "year": year,
        "next_year": year + 1 if year < now.year else None,
        "months": [(month, lines_of(month)) for month in months if month.total.received],
        "chart": chart_of(months),
        "titles": titles()[1:],
    }
    return render(request, "staff/requests/numbers.html", context)


@require_safe
@for_officers
def month_file(request: HttpRequest, who: Officer, year: int, month: int) -> HttpResponse:
    """One month as CSV with a byte order mark, as spreadsheets here expect it."""
    if year < _FIRST or year > timezone.localdate().year or month not in MONTHS:
        raise Http404
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(titles())
    sheet.writerows(lines_of(by_month(year, at=timezone.now())[month - 1]))
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="requests-{year}-{month:02d}.csv"'
    return answer


def _year(typed: str, this: int) -> int:
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == len(str(this)) else this
    return year if _FIRST <= year <= this else this
