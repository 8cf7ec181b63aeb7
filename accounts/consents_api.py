"""What a guardian agreed to, by API: all of it to read, the optional to give."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.browser import holder_in
from accounts.models import User
from accounts.services.consents import agree_to, consents_of
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.consent.enums import Channel, ConsentPurpose
from privacy.consent.serializers import ConsentSerializer, GiveConsentSerializer


class Consents(APIView):
    """我同意过什么。"""

    @refuses("login_required")
    @extend_schema(operation_id="v1_consents_list", responses=ConsentSerializer(many=True))
    def get(self, request: Request) -> Response:
        """每一项最近一次的决定；没有决定过的不在其中。"""
        return Response(ConsentSerializer(consents_of(guardian=_guardian(request)), many=True).data)

    @refuses("login_required", "rate_limited")
    @extend_schema(request=GiveConsentSerializer, responses={201: ConsentSerializer})
    def post(self, request: Request) -> Response:
        """单独同意一项用途。文件在预约和登录时同意。"""
        guardian = _guardian(request)
        body = GiveConsentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        purpose = ConsentPurpose(body.validated_data["purpose"])
        kept = agree_to(guardian=guardian, purpose=purpose, channel=Channel.API)
        return Response(ConsentSerializer(kept).data, 201)


def _guardian(request: Request) -> User:
    guardian = holder_in(request._request)
    if guardian is None:
        raise Problem(401, "login_required")
    return guardian
