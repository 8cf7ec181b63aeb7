"""The documents as public pages: the version in force, the archive, and a file to keep. The same for all."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kit.page_cache import cached_for
from privacy.consent.exceptions import DocumentUnknown
from privacy.consent.models import ConsentNotice
from privacy.consent.operator import operator
from privacy.consent.services import notice

_cached = cached_for(30)  # seconds


@require_safe
@_cached
def document(request: HttpRequest, document: str) -> HttpResponse:
    """The version in force."""
    return _page(request, _in_force(document), outdated=False)


@require_safe
@_cached
def version(request: HttpRequest, document: str, version: str) -> HttpResponse:
    """One version, whether in force, replaced or announced."""
    shown = get_object_or_404(ConsentNotice, document=document, version=version)
    newer = ConsentNotice.objects.of(document).filter(effective_at__gt=shown.effective_at)
    return _page(request, shown, outdated=newer.filter(effective_at__lte=timezone.localdate()).exists())


@require_safe
@_cached
def versions(request: HttpRequest, document: str) -> HttpResponse:
    """Every version ever published, the newest first, announced ones included."""
    in_force = _in_force(document)
    context = {
        "title": in_force.title,
        "in_force": in_force,
        "versions": list(ConsentNotice.objects.of(document).defer("html")),
    }
    return render(request, "consent/versions.html", context)


@require_safe
@_cached
def download(request: HttpRequest, document: str) -> HttpResponse:
    """The version in force as one file."""
    return _file(_in_force(document))


@require_safe
@_cached
def download_version(request: HttpRequest, document: str, version: str) -> HttpResponse:
    """Any version as one file."""
    return _file(get_object_or_404(ConsentNotice, document=document, version=version))


def _in_force(document: str) -> ConsentNotice:
    try:
        return notice(document)
    except DocumentUnknown as error:
        raise Http404 from error


def _today(shown: ConsentNotice) -> dict[str, str] | None:
    """How to reach us today, where the text tells it otherwise: published texts stay (PIPL 17)."""
    told = operator().told()
    return told if told != shown.told else None


def _page(request: HttpRequest, shown: ConsentNotice, *, outdated: bool) -> HttpResponse:
    context = {
        "notice": shown,
        "today": _today(shown),
        "outdated": outdated,
        "current_url": reverse("consent:document", args=(shown.document,)),
        "versions_url": reverse("consent:versions", args=(shown.document,)),
        "download_url": reverse("consent:download_version", args=(shown.document, shown.version)),
    }
    return render(request, "consent/document.html", context)


def _file(kept: ConsentNotice) -> HttpResponse:
    context = {"notice": kept, "operator": operator(), "today": _today(kept)}
    content = render_to_string("consent/download.html", context)
    name = f"{kept.document}-{kept.version}.html"
    return HttpResponse(content, headers={"Content-Disposition": f'attachment; filename="{name}"'})
