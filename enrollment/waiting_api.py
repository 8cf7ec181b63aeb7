"""The waiting list by API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import read
from accounts.browser import guardian_in
from accounts.models import User
from accounts.services.guardians import guardian_actor
from enrollment.access import entry_for, named_child
from enrollment.api_problems import BOOKING_ERRORS, as_problem, shown
from enrollment.enums import BookingChannel
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.serializers import BookingSerializer
from enrollment.services.waitlist import accept, leave, places_of
from enrollment.services.wishes import TrialRequest
from enrollment.waiting_entry import wait
from enrollment.waiting_serializers import EntryPageSerializer, EntrySerializer, JoinWaitlistSerializer
from kit.api_pages import TimePages
from kit.api_schema import refuses
from kit.problem_json import Problem

_REFUSED = (
    *("login_required", "agreements_required", "document_stale"),
    *("session_full", "already_booked", "forbidden", "rate_limited"),
)


class EntryPages(TimePages):
    """Newest first."""

    ordering = ("-joined_at", "-pk")


class WaitlistEntries(APIView):
    """我的候补。"""

    @refuses("login_required", "not_found")
    @extend_schema(operation_id="v1_waitlist_entries_list", responses=EntryPageSerializer)
    def get(self, request: Request) -> Response:
        pages = EntryPages()
        mine = WaitlistEntry.objects.of(_guardian(request).pk).newest_first()
        page = pages.paginate_queryset(mine, request) or []
        results = EntrySerializer(page, many=True, context=_around(page)).data
        return Response({"results": results, "next": pages.get_next_link()})

    @refuses(*_REFUSED)
    @extend_schema(request=JoinWaitlistSerializer, responses={201: EntrySerializer})
    def post(self, request: Request) -> Response:
        """候补一节或几节约满的课，有一节空出座位就发短信。要先登录，或刚刚验证过手机号。"""
        body = read(JoinWaitlistSerializer(data=request.data))
        try:
            entry = wait(request._request, body["sessions"], _wish(request, body), None)
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return Response(EntrySerializer(entry, context=_around([entry])).data, 201)


class OneWaitlistEntry(APIView):
    """我的一个候补。别人的候补等于不存在。"""

    @refuses("login_required", "already_booked")
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, public_id: str) -> Response:
        """退出候补；有座位留着等确认的，就让给下一位。"""
        guardian = _guardian(request)
        try:
            leave(entry=entry_for(request._request, public_id), by=guardian_actor(guardian))
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return Response(status=204)


class AcceptOffer(APIView):
    """要候补到的座位。"""

    @refuses("login_required", "not_ready", "expired", "forbidden")
    @extend_schema(request=None, responses=BookingSerializer)
    def post(self, request: Request, public_id: str) -> Response:
        guardian = _guardian(request)
        try:
            booking = accept(entry=entry_for(request._request, public_id), by=guardian_actor(guardian))
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return Response(shown(request, booking))


def _wish(request: Request, body: dict[str, Any]) -> TrialRequest:
    """Who asks, for which child; the classes stand beside it."""
    return TrialRequest(
        city=body["sessions"][0].campus.city,
        child=named_child(request._request, body["child"]) if "child" in body else None,
        agreements={given["document"]: given["version"] for given in body.get("agreements", ())},
        channel=BookingChannel.API,
    )


def _guardian(request: Request) -> User:
    guardian = guardian_in(request._request)
    if guardian is None:
        raise Problem(401, "login_required")
    return guardian


def _around(entries: Sequence[WaitlistEntry]) -> dict[str, Any]:
    """What lines and bookings say of the entries: two queries."""
    ids = [entry.pk for entry in entries]
    offers = TrialBooking.objects.offered_to(ids).unanswered().select_related("session")
    return {"places": places_of(ids), "offers": {offer.waitlist_entry_id: offer for offer in offers}}
