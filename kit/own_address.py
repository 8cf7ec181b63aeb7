"""Addresses of this site: told from others, and as answers name them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from kit.safe_next import is_own_path


def is_ours(address: str) -> bool:
    """Whether it stays on this site: a path of it, or whole with the very host of ``PUBLIC_URL``."""
    return is_own_path(address) or urlsplit(address).netloc == urlsplit(settings.PUBLIC_URL).netloc


def own_address(request: HttpRequest) -> str:
    """The whole address of what was asked for. Who keeps answers for others keeps no host a stranger sent."""
    return str(settings.PUBLIC_URL) + request.get_full_path()
