"""How far an erasure is, and its certificate: for whoever asked for it, and for whoever has the receipt."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.browser import holder_in
from kit.client_address import client_address
from kit.see_other import SeeOther
from privacy.erasure.services import certifying
from privacy.erasure.services.progress import certificate_of
from privacy.rights.exceptions import RequestUnknown
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.door import request_behind
from website.presenters.certificates import certificate_page
from website.presenters.own_erasures import course_of
from website.services.receipts import receipt_of
from website.step_up import for_asker

_AGAIN = 5  # seconds until the page of an erasure under way is asked for anew


@require_safe
@for_asker
def erasure(request: HttpRequest, found: DataSubjectRequest) -> HttpResponse:
    """How far it is. While it runs the page asks for itself anew, until told not to."""
    course, holder = course_of(found), holder_in(request)
    if course is None:
        if holder is None:
            raise Http404
        return SeeOther(reverse("website:own-request", args=[found.public_id]))
    receipt, waits = receipt_of(found), "wait" not in request.GET
    context = {
        "found": found,
        "course": course,
        "holder": holder,
        "certificate_url": reverse("website:certificate", args=[found.public_id]) if course.certified else "",
        "receipt": receipt,
        "follow_url": reverse("website:follow", args=[receipt]) if receipt else "",
        "waits": waits,
    }
    response = render(request, "privacy/erasure.html", context)
    if course.running and waits:
        response["Refresh"] = str(_AGAIN)
    return response


@require_safe
@for_asker
def certificate(request: HttpRequest, found: DataSubjectRequest) -> HttpResponse:
    """The certificate as a page, to read and to print."""
    return _certificate(
        request,
        found,
        back=reverse("website:erasure", args=[found.public_id]),
        file=reverse("website:certificate-file", args=[found.public_id]),
    )


@require_safe
@for_asker
def certificate_file(request: HttpRequest, found: DataSubjectRequest) -> HttpResponse:
    """The certificate as it was signed, to keep and to verify."""
    return _file(found)


@never_cache
@require_safe
def followed_certificate(request: HttpRequest, receipt: str) -> HttpResponse:
    """The same page for whoever has the receipt number."""
    back = reverse("website:follow", args=[receipt])
    return _certificate(request, _behind(request, receipt), back=back, file=f"{back}certificate.json")


@never_cache
@require_safe
def followed_file(request: HttpRequest, receipt: str) -> HttpResponse:
    """The same file."""
    return _file(_behind(request, receipt))


def _behind(request: HttpRequest, receipt: str) -> DataSubjectRequest:
    try:
        return request_behind(receipt=receipt, address=client_address(request))
    except RequestUnknown as error:
        raise Http404 from error


def _certificate(request: HttpRequest, found: DataSubjectRequest, *, back: str, file: str) -> HttpResponse:
    issued = certificate_of(request=found)
    if issued is None:
        raise Http404
    context = {"found": found, "shown": certificate_page(issued), "back_url": back, "file_url": file}
    return render(request, "privacy/certificate.html", context)


def _file(found: DataSubjectRequest) -> HttpResponse:
    issued = certificate_of(request=found)
    if issued is None:
        raise Http404
    response = HttpResponse(certifying.file_of(issued), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{certifying.render(issued)["file_name"]}"'
    return response
