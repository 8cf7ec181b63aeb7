"""Taking a copy along: asked for, waited for, its password, its downloads, read in the browser."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.services.children import children_of, id_of
from accounts.services.guardians import guardian_actor
from kit.day_words import moment_in_words
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.minors.exceptions import ChildUnknown
from privacy.rights.enums import BUILDING, PackageState
from privacy.rights.exceptions import (
    PackageNotReady,
    PackageOver,
    PackageUnknown,
    RequestUnknown,
    TicketRefused,
)
from privacy.rights.models import ExportPackage
from privacy.rights.models.packages import MOST_DOWNLOADS
from privacy.rights.services.export.taking import fetch, open_ticket, page_of, password_of, progress_of
from website.services.own_requests import own_package, package_under_way
from website.services.own_rights import export_now
from website.step_up import for_fresh, for_holder, fresh, to_confirm

_AGAIN = 5  # seconds until the page of a copy on its way is asked for anew
_SAID = {
    "used": gettext_lazy("这个下载链接用过了，或者过了十分钟。再按一次“下载”就行。"),
    "over": gettext_lazy("这份副本已经下载满三次，或者过了七天，文件删除了。需要的话再要一份。"),
    "not_ready": gettext_lazy("还没做好，再等一等。"),
    "failed": gettext_lazy("这份没有做成，正在重新做。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def export(request: HttpRequest, holder: User) -> HttpResponse:
    """GET says what one gets; POST has the copy made, of everything or of one child."""
    child = request.GET.get("child", "")
    if (child or request.GET.get("who")) and not fresh(request):
        return to_confirm(request)
    if request.method != "POST":
        return _ask(request, holder)
    try:
        made = export_now(holder=holder, child_id=_child_id(holder, child), proved=fresh(request))
    except LimitReached as reached:
        return _ask(
            request, holder, said=_("今天要的有点多，%s再试。") % in_words(reached.retry_after), status=429
        )
    return SeeOther(_package_url(made.request.public_id))


def _ask(request: HttpRequest, holder: User, *, said: str = "", status: int = 200) -> HttpResponse:
    under_way = package_under_way(holder=holder)
    context = {
        "said": said,
        "under_way": _package_url(under_way.request.public_id) if under_way else "",
        "children": children_of(guardian=holder) if request.GET.get("who") else (),
        "child": request.GET.get("child", ""),
        "address": request.get_full_path(),
    }
    return render(request, "privacy/export.html", context, status=status)


@require_safe
@for_holder
def package(request: HttpRequest, holder: User, public_id: str) -> HttpResponse:
    """How far the copy is. While it is being made the page asks for itself anew, until told not to."""
    found, waits = _found(holder, public_id), "wait" not in request.GET
    progress = progress_of(package=found, by=guardian_actor(holder))
    building = progress.state in BUILDING
    context = {
        "said": _SAID.get(request.GET.get("said", ""), ""),
        "found": found.request,
        "building": building,
        "state": PackageState(progress.state).label,
        "ready": progress.state == PackageState.READY and progress.downloads_left > 0,
        "failed": progress.state == PackageState.FAILED,
        "percent": round(100 * progress.done / progress.steps),
        "left": progress.downloads_left,
        "most": MOST_DOWNLOADS,
        "until": moment_in_words(progress.expires_at) if progress.expires_at else "",
        "bytes": found.bytes,
        "rows": found.rows,
        "fresh": fresh(request),
        "waits": waits,
    }
    response = render(request, "privacy/package.html", context)
    if building and waits:
        response["Refresh"] = str(_AGAIN)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
@for_fresh
def password(request: HttpRequest, holder: User, public_id: str) -> HttpResponse:
    """The password of the zip, shown here and nowhere else. A GET, back from the code, only asks again."""
    found = _found(holder, public_id)
    if request.method != "POST":
        return SeeOther(_package_url(public_id))
    try:
        secret = password_of(package=found, by=guardian_actor(holder))
    except (PackageOver, PackageNotReady) as error:
        return _refused(public_id, error)
    return render(request, "privacy/password.html", {"password": secret, "found": found.request})


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
@for_fresh
def download(request: HttpRequest, holder: User, public_id: str) -> HttpResponse:
    """A ticket for one download, and on to it. A GET, back from the code, only asks again."""
    found = _found(holder, public_id)
    if request.method != "POST":
        return SeeOther(_package_url(public_id))
    try:
        token = open_ticket(package=found, by=guardian_actor(holder))
    except (PackageOver, PackageNotReady) as error:
        return _refused(public_id, error)
    return SeeOther(reverse("website:privacy-fetch", args=[public_id, token]))


@require_http_methods(["GET"])
@for_holder
def fetch_zip(request: HttpRequest, holder: User, public_id: str, token: str) -> HttpResponseBase:
    """The zip, once for each ticket."""
    found = _found(holder, public_id)
    try:
        chunks = fetch(token=token, by=guardian_actor(holder))
    except PackageUnknown as error:
        raise Http404 from error
    except (TicketRefused, PackageOver, PackageNotReady) as error:
        return _refused(public_id, error)
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.request.reference}.zip"'
    return response


@require_safe
@for_holder
@for_fresh
def read(request: HttpRequest, holder: User, public_id: str) -> HttpResponseBase:
    """The same in the browser, for who cannot open the zip."""
    try:
        chunks = page_of(package=_found(holder, public_id), by=guardian_actor(holder))
    except (PackageOver, PackageNotReady) as error:
        return _refused(public_id, error)
    return StreamingHttpResponse(chunks)


def _found(holder: User, public_id: str) -> ExportPackage:
    try:
        return own_package(holder=holder, public_id=public_id)
    except RequestUnknown as error:
        raise Http404 from error


def _refused(public_id: str, error: Exception) -> HttpResponse:
    said = {TicketRefused: "used", PackageOver: "over", PackageNotReady: "not_ready"}[type(error)]
    return SeeOther(f"{_package_url(public_id)}?{urlencode({'said': said})}")


def _child_id(holder: User, public_id: str) -> UUID | None:
    if not public_id:
        return None
    try:
        return id_of(guardian=holder, public_id=public_id)
    except ChildUnknown as error:
        raise Http404 from error


def _package_url(public_id: str) -> str:
    return reverse("website:privacy-package", args=[public_id])
