"""The product's addresses, and the floor: what the same middleware costs around a view that does nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench import plain_booking
from bench.shown import FLOOR, PLAIN_BOOKING
from leap import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def fixed(request: HttpRequest) -> HttpResponse:
    """The same short text for everybody."""
    return HttpResponse("fixed")


urlpatterns = [
    path(FLOOR.lstrip("/"), fixed),
    path(PLAIN_BOOKING.lstrip("/"), plain_booking.book),
    *urls.urlpatterns,
]
