"""A guardian's children by API: the guardian's own and nobody else's."""

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
from accounts.serializers import ChildPageSerializer, ChildSerializer, KeepChildSerializer
from accounts.services.children import add_child, children_of, find_child, id_of
from enrollment.services.children import count_change, remove_child
from enrollment.services.corrections import correct_child
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.minors.exceptions import ChildInvalid, ChildUnknown

_ERRORS = (AgreementsRequired, ChildInvalid, ChildUnknown, DocumentStale)


class Children(APIView):
    """我的孩子。"""

    @refuses("login_required")
    @extend_schema(operation_id="v1_children_list", responses=ChildPageSerializer)
    def get(self, request: Request) -> Response:
        children = children_of(guardian=_guardian(request))
        return Response({"results": ChildSerializer(children, many=True).data, "next": None})

    @refuses("login_required", "agreements_required", "document_stale", "rate_limited")
    @extend_schema(request=KeepChildSerializer, responses={201: ChildSerializer})
    def post(self, request: Request) -> Response:
        """记下一个孩子：小名和出生年月，另要同意儿童个人信息规则。"""
        guardian = _guardian(request)
        body = _body(KeepChildSerializer(data=request.data))
        count_change(guardian=guardian)
        try:
            child_id = add_child(guardian=guardian, channel=Channel.API, **body)
        except _ERRORS as error:
            raise _as_problem(error, request) from error
        return Response(ChildSerializer(find_child(guardian=guardian, child_id=child_id)).data, 201)


class OneChild(APIView):
    """我的一个孩子。别人的孩子等于不存在。"""

    @refuses("login_required", "agreements_required", "document_stale", "rate_limited")
    @extend_schema(request=KeepChildSerializer, responses=ChildSerializer)
    def patch(self, request: Request, public_id: str) -> Response:
        """改正一个孩子的信息。别人的孩子等于不存在。"""
        guardian = _guardian(request)
        body = _body(KeepChildSerializer(data=request.data, partial=True))
        count_change(guardian=guardian)
        try:
            child = find_child(guardian=guardian, child_id=id_of(guardian=guardian, public_id=public_id))
            right = {"nickname": child.nickname, "birth_month": child.birth_month, **body}
            correct_child(guardian=guardian, child_id=child.id, channel=Channel.API, **right)
        except _ERRORS as error:
            raise _as_problem(error, request) from error
        return Response(ChildSerializer({"public_id": public_id, **right}).data)

    @refuses("login_required")
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, public_id: str) -> Response:
        """删除一个孩子的信息。别人的孩子等于不存在。"""
        try:
            remove_child(guardian=_guardian(request), public_id=public_id, channel=Channel.API)
        except ChildUnknown as error:
            raise NotFound from error
        return Response(status=204)


def _guardian(request: Request) -> User:
    guardian = guardian_in(request._request)
    if guardian is None:
        raise Problem(401, "login_required")
    return guardian


def _body(serializer: KeepChildSerializer) -> dict[str, Any]:
    body = read(serializer)
    given = body.get("agreements", ())
    return {**body, "agreements": {entry["document"]: entry["version"] for entry in given}}


def _as_problem(error: Exception, request: Request) -> Exception:
    if isinstance(error, ChildUnknown):
        return NotFound()
    if isinstance(error, ChildInvalid):
        return Problem(422, "invalid", errors={error.field: [str(error.hint)]})
    return as_problem(error, request)
