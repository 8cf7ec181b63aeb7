"""What visitors see when something is refused or breaks: a problem for the API, a page for everyone else."""

import logging
import sys

from django import db
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from kit.limiter import LimiterUnavailable, LimitReached
from kit.problem_json import is_api, problem_response
from kit.waiting import in_words

logger = logging.getLogger(__name__)

_STANDALONE = {500, 503}  # templates that ask nothing of any store
_BOOKINGS = ("/trial/", "/t/")  # addresses of bookings and of the links in messages
_STAFF = "/staff/"
_BUSY_RETRY_AFTER = 10  # seconds; a killed server is back within that


def refusal(
    request: HttpRequest,
    status: int,
    code: str,
    *,
    detail: str | None = None,
    retry_after: int | None = None,
    template: str | None = None,
) -> HttpResponse:
    """The answer for a request that ends here: ``code`` for the API, ``errors/<status>.html`` for a browser.

    ``retry_after`` is in seconds.
    """
    if is_api(request):
        return problem_response(status, code, detail=detail, retry_after=retry_after)
    context: dict[str, object] = {
        "detail": detail,
        "retry_after": retry_after,
        "retry_after_text": in_words(retry_after) if retry_after is not None else "",
    }
    page = _page(request, template or f"errors/{status}.html", context, whole=status not in _STANDALONE)
    response = HttpResponse(page, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def trouble(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """The answer when a store or a limit stopped the request; None when the exception is something else."""
    if isinstance(exception, LimitReached):
        return refusal(request, 429, "rate_limited", retry_after=exception.retry_after)
    if isinstance(exception, LimiterUnavailable) or _store_lost(exception):
        logger.error("a store did not answer", exc_info=exception)
        return refusal(request, 503, "busy", retry_after=_BUSY_RETRY_AFTER)
    return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Bodies too large, hosts not ours, sessions ended elsewhere, and whatever else cannot be read."""
    if isinstance(exception, RequestDataTooBig):
        return refusal(request, 413, "too_large")
    if isinstance(exception, SessionInterrupted):
        # The session's store takes a lost database for a session ended elsewhere.
        if busy := trouble(request, _beneath(exception)):
            return busy
        detail = _("您刚才在别的页面登录或退出了，请重新打开这一页再继续。")
        status, code = (401, "login_required") if is_api(request) else (400, "malformed")
        return refusal(request, status, code, detail=detail)
    return refusal(request, 400, "malformed")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Known, and not allowed. Staff are led back to their own pages, never to a family's."""
    of_staff = request.path.startswith(_STAFF)
    return refusal(request, 403, "forbidden", template="errors/staff_403.html" if of_staff else None)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not there, or not for this visitor: both read the same. Among bookings the page leads to the login."""
    template = None
    if request.path.startswith(_BOOKINGS):
        template = "errors/booking_404.html"
    elif request.path.startswith(_STAFF):
        template = "errors/staff_404.html"
    return refusal(request, 404, "not_found", template=template)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault. A store that went away while a middleware used it is 503 here too."""
    return trouble(request, sys.exception()) or refusal(request, 500, "server_error")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not prove it came from our page. Cookies are spoken of only where none came along."""
    detail = _("没有收到 Cookie，可能是被清掉或关掉了。") if reason == REASON_NO_CSRF_COOKIE else None
    template = "errors/staff_csrf.html" if request.path.startswith(_STAFF) else "errors/csrf.html"
    return refusal(request, 403, "csrf_failed", detail=detail, template=template)


def _beneath(exception: BaseException) -> BaseException:
    while exception.__context__ is not None and not isinstance(exception, db.DatabaseError):
        exception = exception.__context__
    return exception


def _store_lost(exception: BaseException | None) -> bool:
    # A server killed mid-answer surfaces as the bare class, not as one of its kinds; without a driver's
    # error behind it, the bare class is Django's own, for a row that is not there.
    driver = exception is not None and exception.__cause__ is not None
    return isinstance(exception, db.OperationalError | db.InterfaceError) or (
        type(exception) is db.DatabaseError and driver
    )


def _page(request: HttpRequest, template: str, context: dict[str, object], *, whole: bool) -> str:
    if whole:
        try:
            return render_to_string(template, context, request)
        except (db.Error, SuspiciousOperation):
            # The page's frame asked a lost store, or for a host that is not ours: do without the visitor.
            logger.warning("error page rendered without its request", exc_info=True)
    return render_to_string(template, context)
