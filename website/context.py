"""What every page knows: the site's own words, our address. Reads no session."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from website.services.content import site_content


def site(request: HttpRequest) -> dict[str, object]:
    """``site`` (`SiteContent`), ``origin``: our address without a slash.

    The first is read where a template names it, and then at most twice a minute.
    """
    return {
        "site": SimpleLazyObject(site_content),
        "origin": settings.PUBLIC_URL,
    }
