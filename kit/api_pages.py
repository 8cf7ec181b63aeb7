"""Pages of an API's lists that grow at one end, by a cursor."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from kit.own_address import own_address


class TimePages(CursorPagination):
    """Twenty a page. Whoever uses it names an ``ordering`` that begins with a time."""

    page_size = 20

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """One page; the next one is found under our own address."""
        page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        self.base_url = own_address(request._request)
        return page

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor as it came back from a caller. Raises NotFound for one that is not ours."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                position = parse_datetime(str(cursor.position))
            except ValueError as error:
                raise NotFound from error
            if position is None or is_naive(position):
                raise NotFound
        return cursor
