"""Trial bookings by API."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import read
from accounts.browser import guardian_in
from accounts.door import attempt
from accounts.enums import CodePurpose
from accounts.services.children import id_of
from enrollment.access import actor_in, booking_for, own_children
from enrollment.api_problems import BOOKING_ERRORS, as_problem, shown
from enrollment.entry import book
from enrollment.enums import BookingChannel
from enrollment.models import TrialBooking
from enrollment.serializers import BookingPageSerializer, BookingSerializer, RequestTrialSerializer
from enrollment.services.bookings import TrialRequest, cancel_trial
from enrollment.services.children import ChildWish
from kit.api_schema import refuses
from kit.own_address import own_address
from kit.problem_json import Problem

_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="默认是 challenge")
_LONGEST_KEY = 200
_BOOKING_REFUSED = (
    *("code_invalid", "code_exhausted", "login_required", "agreements_required", "document_stale"),
    *("session_full", "already_booked", "idempotency_conflict", "rate_limited"),
)


class Pages(CursorPagination):
    """Newest first, twenty a page."""

    ordering = ("-created_at", "-pk")
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


class TrialBookings(APIView):
    """我的试听预约。"""

    @refuses("login_required", "not_found")
    @extend_schema(operation_id="v1_trial_bookings_list", responses=BookingPageSerializer)
    def get(self, request: Request) -> Response:
        guardian = guardian_in(request._request)
        if guardian is None:
            raise Problem(401, "login_required")
        pages = Pages()
        mine = TrialBooking.objects.of(guardian.pk).newest_first()
        page = pages.paginate_queryset(mine, request) or []
        context = {"children": own_children(request._request, page)}
        results = BookingSerializer(page, many=True, context=context).data
        return Response({"results": results, "next": pages.get_next_link()})

    @refuses(*_BOOKING_REFUSED)
    @extend_schema(parameters=[_KEY], request=RequestTrialSerializer, responses={201: BookingSerializer})
    def post(self, request: Request) -> Response:
        """预约一节免费试听；不选课次，就由所选城市的校区打电话来约。"""
        body = read(RequestTrialSerializer(data=request.data))
        plain, tried = request._request, None
        if "challenge" in body:
            tried = attempt(
                plain, challenge=body["challenge"], code=body["code"], purpose=CodePurpose.BOOKING
            )
        try:
            booking = book(plain, _wish(request, body), tried)
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return Response(shown(request, booking), 201)


class TrialBookingDetail(APIView):
    """一次试听预约。别人的预约等于不存在。"""

    @extend_schema(responses=BookingSerializer)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(shown(request, booking_for(request._request, public_id)))


class CancelTrialBooking(APIView):
    """取消一次试听预约，座位随即空出来。"""

    @refuses("too_late")
    @extend_schema(request=None, responses=BookingSerializer)
    def post(self, request: Request, public_id: str) -> Response:
        booking = booking_for(request._request, public_id)
        try:
            booking = cancel_trial(booking=booking, by=actor_in(request._request))
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return Response(shown(request, booking))


def _wish(request: Request, body: dict[str, Any]) -> TrialRequest:
    given = {entry["document"]: entry["version"] for entry in body.get("agreements", ())}
    return TrialRequest(
        city=body["city"],
        campus=body.get("campus"),
        session=body.get("session"),
        child=_child(request, body["child"]) if "child" in body else None,
        agreements=given,
        channel=BookingChannel.API,
        key=_key(request) or body.get("challenge"),
    )


def _child(request: Request, given: dict[str, Any]) -> ChildWish:
    """The child meant. One on file is known to its guardian alone, who has to be signed in to name it."""
    if "id" not in given:
        return ChildWish(nickname=given["nickname"], birth_month=given["birth_month"])
    guardian = guardian_in(request._request)
    if guardian is None:
        raise Problem(401, "login_required")
    return ChildWish(id=id_of(guardian=guardian, public_id=given["id"]))


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _LONGEST_KEY:
        raise Problem(422, "invalid", errors={"Idempotency-Key": ["最长 200 个字符。"]})
    return key or None
