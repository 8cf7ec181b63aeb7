"""What a guardian agreed to, by API: all of it to read, the optional to give and to take back."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.browser import guardian_in
from accounts.models import User
from accounts.services.consents import agree_to, consents_of, withdraw_from
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.consent.choices import OPTIONAL
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


class WithdrawConsent(APIView):
    """撤回对一项用途的同意，立刻生效。"""

    @refuses("login_required", "forbidden")
    @extend_schema(request=None, responses=ConsentSerializer)
    def post(self, request: Request, purpose: str) -> Response:
        """撤回对一项用途的同意，立刻生效；没有同意过的，记下您不同意。"""
        guardian = _guardian(request)
        if purpose not in ConsentPurpose.values:
            raise NotFound
        if purpose not in OPTIONAL:
            raise Problem(
                403, "forbidden", detail=_("撤回对文件的同意要和账号、孩子的信息一起办，请联系我们。")
            )
        kept = withdraw_from(guardian=guardian, purpose=ConsentPurpose(purpose), channel=Channel.API)
        return Response(ConsentSerializer(kept).data)


def _guardian(request: Request) -> User:
    guardian = guardian_in(request._request)
    if guardian is None:
        raise Problem(401, "login_required")
    return guardian
