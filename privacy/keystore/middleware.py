"""One key scope per request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from privacy.keystore.scope import key_scope


class KeyScope:
    """Remembers opened keys until the response is made; the next request reads the key store anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with key_scope():
            return self.get_response(request)
