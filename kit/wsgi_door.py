"""What the framework would take on trust from a request's headers, taken away before it sees them."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kit.client_address import comes_from_trusted_proxy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_MEDIA_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100})\s*(?:;|\Z)", re.IGNORECASE)
_BOUNDARY = re.compile(r";\s*boundary=(?:\"([^\"]*)\"|([^\s;\"]*))", re.IGNORECASE)
_BOUNDARY_ALLOWED = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")  # RFC 2046, 5.1.1


def at_the_door(application: "WSGIApplication") -> "WSGIApplication":
    """``application``, handed only headers that cannot mislead it: see `plain_content_type`.

    X-Forwarded-Proto reaches it from trusted proxies alone: by it the framework tells https from http.
    """

    def guarded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = plain_content_type(environ["CONTENT_TYPE"])
        if not comes_from_trusted_proxy(environ):
            environ.pop("HTTP_X_FORWARDED_PROTO", None)
        return application(environ, start_response)

    return guarded


def plain_content_type(said: str) -> str:
    """The media type and, of a multipart body, its boundary; empty when ``said`` holds no media type.

    Everything here is UTF-8. Any other charset would have query and form decoded by a codec of the sender's
    choice: some raise before there is anything to catch it (hex, idna), some make NUL and half characters
    out of harmless bytes (utf-7).
    """
    found = _MEDIA_TYPE.match(said)
    if found is None:
        return ""
    media_type = found[1].lower()
    if not media_type.startswith("multipart/"):
        return media_type
    boundary = _BOUNDARY.search(said)
    text = (boundary[1] or boundary[2] or "") if boundary else ""
    return f'{media_type}; boundary="{text}"' if _BOUNDARY_ALLOWED.fullmatch(text) else media_type
