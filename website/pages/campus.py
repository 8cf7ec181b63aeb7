"""A campus: where it is, when it is open, and the next classes with a free seat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.maps import map_link
from courses.models import Campus, Programme
from courses.services.hours import opening
from enrollment.models import ClassSession
from enrollment.services.free_seats import free_seats
from kit.page_cache import cached_for
from website.presenters.courses import CourseLine, course_line
from website.presenters.days import Day, days_from, days_of, first_free_day
from website.presenters.places import campus_card, hours_in_words
from website.presenters.sharing import Sharing

_AHEAD = timedelta(days=27)
_SOON = timedelta(days=7)
_GONE = 410


@require_safe
@cached_for(5, query=("day",))
def campus(request: HttpRequest, slug: str) -> HttpResponse:
    """One campus, its classes from the first day with a free seat or from the day asked for."""
    place = get_object_or_404(Campus.objects.select_related("city"), slug=slug)
    now = timezone.now()
    if not (place.active and place.city.active):
        return _gone(request, place, now)
    ahead = ClassSession.objects.ahead(now).at_campus(place)
    sessions = list(ahead.to_day(timezone.localdate(now) + _AHEAD).in_order())
    days = days_of(sessions, at=now)
    chosen = _chosen_day(request, days)
    if chosen is None and "day" in request.GET:
        return redirect(place)
    context = {
        **_about(place),
        **_timetable(days, chosen),
        "campus": place,
        "opening": opening(campus=place, at=now),
        "courses": _courses(sessions),
    }
    return render(request, "website/campus.html", context)


def _chosen_day(request: HttpRequest, days: Sequence[Day]) -> Day | None:
    """The day asked for, where it has classes."""
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    return next((day for day in days if day.date == asked and day.sessions), None)


def _timetable(days: Sequence[Day], chosen: Day | None) -> dict[str, object]:
    """The strip of days and the classes shown; with no seat free anywhere, from the first day on."""
    free = first_free_day(days)
    first = chosen or free or next((day for day in days if day.sessions), None)
    return {
        "days": days,
        "first": first,
        "shown": days_from(days, first.date) if first else [],
        "none_free": free is None,
        "all_full": all(day.full for day in days if day.sessions),
    }


def _about(place: Campus) -> dict[str, object]:
    """What the page says of the place whatever its classes are."""
    city, call = place.city, {"city": place.city.slug, "campus": place.slug}
    offer = _("%(district)s，%(address)s。看看哪天有空位，约一节免费试听课，不用先付钱。")
    return {
        "sharing": Sharing(
            title=_("%(name)s：选一节免费试听") % {"name": place.name},
            description=offer % {"district": place.district, "address": place.address},
        ),
        "back_words": _("%(city)s的校区") % {"city": city.name},
        "call_url": f"{reverse('enrollment:trial')}?{urlencode(call)}",
        "hours": hours_in_words(place),
        "how_to_come": place.how_to_come.splitlines(),
        "map_url": map_link(place),
    }


def _courses(sessions: Sequence[ClassSession]) -> list[tuple[Programme, list[CourseLine]]]:
    """The courses of the classes, each once under its programme, in the order of the catalogue."""
    courses = {session.course_id: session.course for session in sessions}.values()
    in_order = sorted(courses, key=lambda course: (course.programme.position, course.position))
    by_programme = groupby(in_order, key=lambda course: course.programme)
    return [(programme, [course_line(course) for course in group]) for programme, group in by_programme]


def _gone(request: HttpRequest, place: Campus, now: datetime) -> HttpResponse:
    """A campus that closed leads to the others of its city."""
    free = free_seats(at=now, until=now + _SOON, city=place.city)
    others = Campus.objects.open_to_parents().in_city(place.city)
    cards = [campus_card(other, free.get(other.pk), now) for other in others]
    context = {"campus": place, "cards": sorted(cards, key=lambda card: card.next_start is None)}
    return render(request, "website/campus_gone.html", context, status=_GONE)
