"""The product as if no page were ever kept: what a list costs when it is rendered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kit.page_cache import forget_pages


class Forgetful:
    """Drops every kept page before each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forget_pages()
        return self.get_response(request)
