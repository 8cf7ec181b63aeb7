"""Asking for a code to book with: the seat chosen is kept while the code is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AskForCode, code_sent, read
from accounts.browser import ensure_nonce
from accounts.enums import CodePurpose
from accounts.exceptions import SmsUnavailable
from accounts.serializers import AskForCodeSerializer, SentCodeSerializer
from enrollment.api_problems import BOOKING_ERRORS, as_problem
from enrollment.enums import BookingChannel
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.asking import send_code_and_hold
from enrollment.services.holds import kept_until
from kit.api_schema import refuses
from kit.client_address import client_address
from kit.problem_json import Problem


class AskForSeatSerializer(AskForCodeSerializer):
    """With ``session`` the code is one to book that class with."""

    session = serializers.SlugRelatedField(
        slug_field="public_id",
        queryset=ClassSession.objects.shown(),
        required=False,
        help_text="purpose 是 booking 时可填：这节课的一个座位留五分钟",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Seats are kept for those who book."""
        if "session" in attrs and attrs["purpose"] != CodePurpose.BOOKING:
            raise serializers.ValidationError({"session": [_("只有 purpose 是 booking 时才能填。")]})
        return attrs


class HoldSerializer(serializers.Serializer[dict[str, object]]):
    """The class whose seat is kept, and until when."""

    session = serializers.CharField()
    expires_at = serializers.DateTimeField()


class SentCodeAndHoldSerializer(SentCodeSerializer):
    """``hold`` is left out where no seat is kept: then it is sure once the booking is made."""

    hold = HoldSerializer(required=False)


class AskForCodeAndHold(AskForCode):
    """获取验证码。号码有没有账号，回答都一样；写了 session，就先替这个号码留座位。"""

    @refuses("phone_invalid", "session_full", "rate_limited", "sms_unavailable")
    @extend_schema(request=AskForSeatSerializer, responses={202: SentCodeAndHoldSerializer})
    def post(self, request: Request) -> Response:
        body = read(AskForSeatSerializer(data=request.data))
        if "session" not in body:
            return super().post(request)
        try:
            sent, held = send_code_and_hold(
                phone=body["phone"],
                sessions=[body["session"]],
                channel=BookingChannel.API,
                browser=ensure_nonce(request._request),
                address=client_address(request._request),
            )
        except SmsUnavailable as error:
            raise Problem(503, "sms_unavailable", retry_after=60) from error
        except BOOKING_ERRORS as error:
            raise as_problem(error, request) from error
        return code_sent(request, sent, **_hold(held))


def _hold(held: Sequence[TrialBooking]) -> dict[str, object]:
    until = kept_until(held)
    if until is None:
        return {}
    session = held[0].session
    expires_at = timezone.localtime(until).isoformat()
    return {"hold": {"session": session.public_id if session else "", "expires_at": expires_at}}
