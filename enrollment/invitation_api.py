"""Another guardian of a child by API: invited by one who is, joined with a consent of one's own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import as_problem, read
from accounts.browser import guardian_in
from accounts.models import User
from accounts.serializers import (
    AcceptInvitationSerializer,
    ChildSerializer,
    GuardianInvitationSerializer,
)
from accounts.services.children import find_child
from accounts.services.guardianships import accept_invitation, withdraw_invitation
from enrollment.services.invitations import invite
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.minors.exceptions import ChildUnknown, GuardianshipRefused, InvitationOver, InvitationUnknown


class ChildInvitation(APIView):
    """请另一位监护人一起照看一个孩子的信息。别人的孩子等于不存在。"""

    @refuses("login_required", "forbidden", "rate_limited")
    @extend_schema(request=None, responses={201: GuardianInvitationSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """生成一个邀请链接，只给这一次；之前没用的那个随即作废。"""
        try:
            made = invite(guardian=_guardian(request), public_id=public_id)
        except (ChildUnknown, GuardianshipRefused) as error:
            raise _as_problem(error, request) from error
        return Response(GuardianInvitationSerializer(made).data, 201)

    @refuses("login_required")
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, public_id: str) -> Response:
        """收回还没用的邀请；没有可收回的，也算办好了。"""
        try:
            withdraw_invitation(guardian=_guardian(request), public_id=public_id)
        except ChildUnknown as error:
            raise _as_problem(error, request) from error
        return Response(status=204)


class AcceptInvitation(APIView):
    """接受邀请，一起照看一个孩子的信息。"""

    @refuses("login_required", "forbidden", "not_found", "agreements_required", "document_stale", "expired")
    @extend_schema(
        operation_id="v1_guardian_invitations_accept",
        request=AcceptInvitationSerializer,
        responses=ChildSerializer,
    )
    def post(self, request: Request) -> Response:
        """以自己的号码和同意加入；重复接受结果一样。"""
        guardian = _guardian(request)
        body: dict[str, Any] = read(AcceptInvitationSerializer(data=request.data))
        given = {entry["document"]: entry["version"] for entry in body.get("agreements", ())}
        try:
            child_id = accept_invitation(
                guardian=guardian, token=body["token"], agreements=given, channel=Channel.API
            )
            child = find_child(guardian=guardian, child_id=child_id)
        except _ERRORS as error:
            raise _as_problem(error, request) from error
        return Response(ChildSerializer(child).data)


_ERRORS = (
    AgreementsRequired,
    ChildUnknown,
    DocumentStale,
    GuardianshipRefused,
    InvitationOver,
    InvitationUnknown,
)


def _guardian(request: Request) -> User:
    guardian = guardian_in(request._request)
    if guardian is None:
        raise Problem(401, "login_required")
    return guardian


def _as_problem(error: Exception, request: Request) -> Exception:
    if isinstance(error, ChildUnknown | InvitationUnknown):
        return NotFound()
    if isinstance(error, InvitationOver):
        return Problem(410, "expired")
    if isinstance(error, GuardianshipRefused):
        return Problem(403, "forbidden", detail=error.hint)
    return as_problem(error, request)
