"""Trial bookings by API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import read
from accounts.browser import guardian_in
from accounts.door import attempt
from accounts.enums import CodePurpose
from enrollment.access import actor_in, booking_for, named_child, own_children, own_parties
from enrollment.api_problems import BOOKING_ERRORS, as_problem, shown
from enrollment.entry import book
from enrollment.enums import BookingChannel
from enrollment.exceptions import AgeUnsuitable
from enrollment.models import TrialBooking
from enrollment.move_refusals import why_not_moved
from enrollment.serializers import (
    BookingPageSerializer,
    BookingSerializer,
    MoveSerializer,
    RequestTrialSerializer,
)
from enrollment.services.cancelling import cancel_trial
from enrollment.services.moves import move_trial
from enrollment.services.wishes import ChildWish, TrialRequest
from kit.api_pages import TimePages
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.minors.exceptions import ChildUnknown

_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="默认是 challenge")
_LONGEST_KEY = 200
_BOOKING_REFUSED = (
    *("code_invalid", "code_exhausted", "login_required", "agreements_required", "document_stale"),
    *("session_full", "already_booked", "idempotency_conflict", "forbidden", "rate_limited"),
)


class Pages(TimePages):
    """Newest first."""

    ordering = ("-created_at", "-pk")


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
        plain = request._request
        context = {"children": own_children(plain, page), "parties": own_parties(plain, page)}
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


class RescheduleTrialBooking(APIView):
    """把预约改到另一节课：新座位约到了，原来的才让出来。答复的是改后的预约，编号是新的。"""

    @refuses("too_late", "session_full", "already_booked", "forbidden", "invalid", "rate_limited")
    @extend_schema(request=MoveSerializer, responses=BookingSerializer)
    def post(self, request: Request, public_id: str) -> Response:
        booking = booking_for(request._request, public_id)
        session = read(MoveSerializer(data=request.data))["session"]
        try:
            booking = move_trial(booking=booking, session=session, by=actor_in(request._request))
        except AgeUnsuitable as error:
            unfit = why_not_moved(error).words
            raise Problem(422, "invalid", errors={"session": [unfit]}) from error
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return Response(shown(request, booking))


def _wish(request: Request, body: dict[str, Any]) -> TrialRequest:
    given = {entry["document"]: entry["version"] for entry in body.get("agreements", ())}
    children = _children(request, body)
    return TrialRequest(
        city=body["city"],
        campus=body.get("campus"),
        session=body.get("session"),
        child=children[0] if children else None,
        siblings=tuple(children[1:]),
        agreements=given,
        channel=BookingChannel.API,
        key=_key(request) or body.get("challenge"),
    )


def _children(request: Request, body: dict[str, Any]) -> list[ChildWish]:
    """All who are to come, in the order of their places. Raises Problem and ChildUnknown."""
    wishes = []
    for place, given in enumerate([body["child"], *body.get("siblings", ())] if "child" in body else (), 1):
        try:
            wishes.append(named_child(request._request, given))
        except ChildUnknown as unknown:
            unknown.place = place
            raise
    return wishes


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _LONGEST_KEY:
        raise Problem(422, "invalid", errors={"Idempotency-Key": ["最长 200 个字符。"]})
    return key or None
