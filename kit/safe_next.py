"""Pages of our own, told from what only looks like one: where logging in leads, what a link may be."""

import re

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

# One leading slash, then no backslash, space or control character anywhere (browsers drop or turn them).
_OWN_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f-\x9f]*")
_LONGEST = 2000  # characters


def is_own_path(text: str) -> bool:
    """Whether it is a path on this site and browsers make nothing else of it."""
    return _OWN_PATH.fullmatch(text) is not None


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """The ``next`` the form or the address carries, if it is a path on this site, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if len(wanted) > _LONGEST or not is_own_path(wanted):
        return default
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return default
    return wanted
