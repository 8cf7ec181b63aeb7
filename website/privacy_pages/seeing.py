"""What we hold: each kind with its count, then the values, of oneself or of a child."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.services.children import children_of, find_child, id_of
from accounts.services.guardians import guardian_actor
from privacy.minors.exceptions import ChildUnknown
from privacy.minors.services import ChildView
from privacy.rights.services.holdings import Area, Reading, area_named, counts, excluded, reading, rows
from website.step_up import for_fresh, for_holder

_FIRST = 5  # rows of each kind on the page of all kinds
_A_PAGE = 20
_MOST_PAGES = 500

Told = list[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """One kind, and some of its rows as title and value."""

    name: str
    title: str
    count: int
    why: str
    rows: list[Told]

    @property
    def more(self) -> int:
        """How many are not among the rows."""
        return self.count - len(self.rows)


@require_safe
@for_holder
@for_fresh
def see(request: HttpRequest, holder: User) -> HttpResponse:
    """Everything held of whoever is signed in, or of one of their children; the first rows of each kind."""
    ward = _ward(request, holder)
    begun = reading(subject_id=holder.pk, by=guardian_actor(holder))
    context = {
        "kinds": [
            _shown(each.area, each.count, begun, ward) for each in counts(reading=begun, ward=_id(ward))
        ],
        "child": ward,
        "children": children_of(guardian=holder),
        "withheld": excluded() if ward is None else (),
    }
    return render(request, "privacy/see.html", context)


@require_safe
@for_holder
@for_fresh
def see_kind(request: HttpRequest, holder: User, name: str) -> HttpResponse:
    """All rows of one kind, by pages."""
    ward, page = _ward(request, holder), _page_number(request)
    begun = reading(subject_id=holder.pk, by=guardian_actor(holder))
    try:
        area = area_named(name, of_child=ward is not None)
    except KeyError as error:
        raise Http404 from error
    start = (page - 1) * _A_PAGE
    found = list(_told(area, begun, ward, start, start + _A_PAGE + 1))
    if page > 1 and not found:
        raise Http404
    context = {
        "title": area.title,
        "rows": found[:_A_PAGE],
        "child": ward,
        "page": page,
        "more": len(found) > _A_PAGE,
    }
    return render(request, "privacy/see_kind.html", context)


def _shown(area: Area, count: int, begun: Reading, ward: ChildView | None) -> Shown:
    return Shown(
        name=area.name,
        title=str(area.title),
        count=count,
        why="；".join(area.purposes),
        rows=list(_told(area, begun, ward, 0, _FIRST)),
    )


def _told(area: Area, begun: Reading, ward: ChildView | None, start: int, stop: int) -> Iterator[Told]:
    """Rows as title and value; what is not filled in is left out."""
    titles = {field.id: str(field.title) for field in area.fields}
    for row in islice(rows(area, reading=begun, ward=_id(ward)), start, stop):
        yield [(titles[name], value) for name, value in row.items() if value]


def _id(ward: ChildView | None) -> UUID | None:
    return ward.id if ward else None


def _ward(request: HttpRequest, holder: User) -> ChildView | None:
    """The child named in the address; somebody else's is none."""
    public_id = request.GET.get("child", "")
    if not public_id:
        return None
    try:
        return find_child(guardian=holder, child_id=id_of(guardian=holder, public_id=public_id))
    except ChildUnknown as error:
        raise Http404 from error


def _page_number(request: HttpRequest) -> int:
    wanted = request.GET.get("page", "1")
    number = (
        int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= len(str(_MOST_PAGES)) else 1
    )
    return min(max(number, 1), _MOST_PAGES)
