"""Trial bookings by API."""

from __future__ import annotations

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import ACCOUNT_ERRORS, agreed, as_problem, read
from accounts.browser import guardian_in
from accounts.door import attempt
from accounts.enums import CodePurpose
from enrollment.access import actor_in, booking_for
from enrollment.entry import book
from enrollment.enums import BookingChannel
from enrollment.exceptions import AlreadyBooked, IdempotencyConflict, TooLate, TooManyLive
from enrollment.models import TrialBooking
from enrollment.serializers import BookingPageSerializer, BookingSerializer, RequestTrialSerializer
from enrollment.services.bookings import MOST_LIVE, TrialRequest, cancel_trial
from kit.problem_json import Problem

_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="默认是 challenge")
_LONGEST_KEY = 200


class Pages(CursorPagination):
    """Newest first, twenty a page."""

    ordering = ("-created_at", "-pk")
    page_size = 20

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

    @extend_schema(operation_id="v1_trial_bookings_list", responses=BookingPageSerializer)
    def get(self, request: Request) -> Response:
        guardian = guardian_in(request._request)
        if guardian is None:
            raise Problem(401, "login_required")
        pages = Pages()
        page = pages.paginate_queryset(TrialBooking.objects.of(guardian.pk).newest_first(), request)
        return Response({"results": BookingSerializer(page, many=True).data, "next": pages.get_next_link()})

    @extend_schema(parameters=[_KEY], request=RequestTrialSerializer, responses={201: BookingSerializer})
    def post(self, request: Request) -> Response:
        body = read(RequestTrialSerializer(data=request.data))
        plain, tried = request._request, None
        if "challenge" in body:
            tried = attempt(
                plain, challenge=body["challenge"], code=body["code"], purpose=CodePurpose.BOOKING
            )
        wish = TrialRequest(
            city=body["city"],
            agreements=agreed(body.get("agreements")),
            channel=BookingChannel.API,
            key=_key(request) or body.get("challenge"),
        )
        try:
            booking = book(plain, wish, tried)
        except (*ACCOUNT_ERRORS, AlreadyBooked, IdempotencyConflict) as error:
            raise _as_problem(error, request) from error
        return Response(BookingSerializer(booking).data, 201)


class TrialBookingDetail(APIView):
    """一次试听预约。别人的预约等于不存在。"""

    @extend_schema(responses=BookingSerializer)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(BookingSerializer(booking_for(request._request, public_id)).data)


class CancelTrialBooking(APIView):
    """取消一次试听预约。"""

    @extend_schema(request=None, responses=BookingSerializer)
    def post(self, request: Request, public_id: str) -> Response:
        booking = booking_for(request._request, public_id)
        try:
            booking = cancel_trial(booking=booking, by=actor_in(request._request))
        except TooLate as error:
            raise Problem(409, "too_late") from error
        return Response(BookingSerializer(booking).data)


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _LONGEST_KEY:
        raise Problem(422, "invalid", errors={"Idempotency-Key": ["最长 200 个字符。"]})
    return key or None


def _as_problem(error: Exception, request: Request) -> Problem:
    if isinstance(error, TooManyLive):
        return Problem(
            409, "already_booked", detail=_("等来电的预约已经有 %d 个，取消一个就能再约。") % MOST_LIVE
        )
    if isinstance(error, AlreadyBooked):
        return Problem(409, "already_booked", booking=BookingSerializer(error.booking).data)
    if isinstance(error, IdempotencyConflict):
        return Problem(409, "idempotency_conflict")
    return as_problem(error, request)
