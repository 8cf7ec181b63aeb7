"""Finding a city, and what a city has."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.models import Campus, City, Programme
from courses.services.find import find_cities
from enrollment.services.classes import free_classes
from enrollment.services.free_seats import free_seats, nearest_cities
from kit.page_cache import cached_for
from website.forms import CitySearch
from website.presenters.classes import class_row
from website.presenters.places import by_letter, campus_card, suggestions
from website.presenters.sharing import Sharing

_SOON = timedelta(days=7)
_NEXT_CLASSES = 5
_GONE = 410


@require_safe
@cached_for(30, query=("q", "programme"))
def cities(request: HttpRequest) -> HttpResponse:
    """All cities by letter, and a search by name, pinyin or initials that leads on when it finds just one."""
    form = CitySearch(request.GET)
    typed = form.typed()
    programme = _programme(request)
    everywhere = list(City.objects.bookable())
    found = find_cities(q=typed) if typed else []
    if len(found) == 1:
        return redirect(_city_address(found[0], programme))
    context = {
        "sharing": Sharing(
            title=_("选一座城市，约免费试听"),
            description=_("按城市名、拼音或首字母找到您的城市，看看哪个校区、哪天还有试听课的空位。"),
        ),
        "form": form,
        "typed": typed,
        "found": found,
        "suggestions": [] if found or not typed else suggestions(everywhere, typed),
        "common": [city for city in everywhere if city.common],
        "letters": by_letter(everywhere),
        "programme": programme,
    }
    return render(request, "website/cities.html", context)


@require_safe
@cached_for(5, query=("programme",))
def city(request: HttpRequest, slug: str) -> HttpResponse:
    """The campuses of a city with what they have free, and where else to look when they have nothing."""
    place = get_object_or_404(City, slug=slug)
    now = timezone.now()
    if not place.active:
        context = {"city": place, "neighbours": nearest_cities(city=place, at=now)}
        return render(request, "website/city_gone.html", context, status=_GONE)
    programme = _programme(request)
    free = free_seats(at=now, until=now + _SOON, city=place, programme=programme)
    campuses = Campus.objects.open_to_parents().in_city(place)
    cards = [campus_card(campus, free.get(campus.pk), now) for campus in campuses]
    next_classes = free_classes(at=now, city=place, programme=programme, limit=_NEXT_CLASSES) if free else []
    context = {
        "sharing": _sharing(place, programme),
        "city": place,
        "cards": sorted(cards, key=lambda card: card.next_start is None),
        "rows": [class_row(session, now) for session in next_classes],
        "programme": programme,
        "programmes": list(Programme.objects.offered()),
        "neighbours": [] if free else nearest_cities(city=place, at=now),
    }
    return render(request, "website/city.html", context)


def _sharing(city: City, programme: Programme | None) -> Sharing:
    words = {"city": city.name, "what": programme.name if programme else _("儿童课程")}
    return Sharing(
        title=_("%(city)s %(what)s免费试听") % words,
        description=_("%(city)s的校区、地址和最近有空位的%(what)s试听课。第一节免费，一个手机号就能约。")
        % words,
    )


def _programme(request: HttpRequest) -> Programme | None:
    """The programme that lists are narrowed to; an unknown one narrows nothing."""
    slug = request.GET.get("programme", "")
    return Programme.objects.offered().filter(slug=slug).first() if slug else None


def _city_address(city: City, programme: Programme | None) -> str:
    address = reverse("website:city", args=[city.slug])
    return f"{address}?{urlencode({'programme': programme.slug})}" if programme else address
