"""A programme: what speaks for it, and its courses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.models import Course, Programme
from kit.page_cache import cached_for
from website.content import PUPPETS
from website.presenters.courses import course_line
from website.presenters.sharing import Sharing


@require_safe
@cached_for(30)
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme on offer."""
    row = get_object_or_404(Programme.objects.offered(), slug=slug)
    courses = list(Course.objects.offered().filter(programme=row))
    context = {
        "sharing": Sharing(
            title=_("%(name)s：%(motto)s") % {"name": row.name, "motto": row.motto},
            description=_("%(name)s的课适合多大的孩子、一节课做什么。第一节免费试听。") % {"name": row.name},
        ),
        "programme": row,
        "puppet_seed": PUPPETS.get(row.slug, row.slug),
        "about": row.about.splitlines(),
        "points": list(row.selling_points.all()),
        "courses": [course_line(course) for course in courses],
        "changed_at": max([row.changed_at, *(course.changed_at for course in courses)]),
        "others": list(Programme.objects.offered().exclude(pk=row.pk)),
    }
    return render(request, "website/programme.html", context)
