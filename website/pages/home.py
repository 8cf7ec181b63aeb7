"""Home: what is on offer and the way to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.models import Programme
from kit.page_cache import cached_for
from privacy.consent.operator import operator
from website.content import PUPPETS
from website.presenters.sharing import Sharing


@require_safe
@cached_for(30)
def home(request: HttpRequest) -> HttpResponse:
    """The first page most parents see."""
    context = {
        "sharing": Sharing(
            title=_("先玩一节，再做决定"),
            description=_("%s，戏剧、益智、口才、美育、读物五种课，第一节免费试听。选好城市和时间就能约。")
            % operator().brand,
        ),
        "programmes": [
            {"programme": each, "puppet": PUPPETS.get(each.slug, each.slug)}
            for each in Programme.objects.offered()
        ],
    }
    return render(request, "website/home.html", context)
