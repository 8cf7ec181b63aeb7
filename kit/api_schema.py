"""How the API's description tells callers to identify themselves. Importing it is enough."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from kit.api import SessionWithCsrf


class SessionWithCsrfScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # of the library
    """A cookie, and on unsafe calls the header that proves the call came from our page."""

    target_class = SessionWithCsrf
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": (
                "POST、PATCH 和 DELETE 还要带上请求头 X-CSRFToken，"
                f"值取自 Cookie {settings.CSRF_COOKIE_NAME}；打开有表单的网页或请求 GET me/ 都会得到它。"
            ),
        }
