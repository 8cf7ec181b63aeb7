"""What every page knows: the site's own words, who runs it, our address. Reads no session."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from privacy.consent.operator import operator
from website.services.content import site_content


def site(request: HttpRequest) -> dict[str, object]:
    """``site`` (`SiteContent`), ``operator`` (`Operator`), ``origin``: our address without a slash.

    Both are read where a template first names them, and then at most twice a minute.
    """
    return {
        "site": SimpleLazyObject(site_content),
        "operator": SimpleLazyObject(operator),
        "origin": settings.PUBLIC_URL,
    }
