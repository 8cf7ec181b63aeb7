"""Requests by API: asking, following, fetching the copy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import read
from accounts.browser import holder_in
from accounts.models import User
from accounts.services.children import id_of
from kit.api_pages import TimePages
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.erasure.enums import Reason
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.services.certifying import file_of
from privacy.erasure.services.progress import certificate_of
from privacy.minors.exceptions import ChildUnknown
from privacy.rights.enums import OnBehalf, RequestKind
from privacy.rights.exceptions import RequestMoved, RequestUnknown
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.filing import Asked
from website.browser import erased_here, leave_erased
from website.rights_api.who import holder_of, must_be_fresh
from website.rights_serializers import (
    AskSerializer,
    RequestPageSerializer,
    RequestSerializer,
    WholeRequestSerializer,
)
from website.services.asking_by_api import NEED_FRESH, NamedBefore, ask_by_api
from website.services.own_erasure import CERTIFIED, ended_account
from website.services.own_requests import of_asker, own_request
from website.step_up import fresh

_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="同一个编号重发，得到的是同一件请求"
)
_LONGEST_KEY = 200


class Pages(TimePages):
    """Newest first."""

    ordering = ("-received_at", "-pk")


class Requests(APIView):
    """我的个人信息请求。没有登录的，请用网页 /privacy/ask/。"""

    @refuses("login_required", "not_found")
    @extend_schema(operation_id="v1_data_subject_requests_list", responses=RequestPageSerializer)
    def get(self, request: Request) -> Response:
        pages = Pages()
        mine = DataSubjectRequest.objects.of(holder_of(request).pk).prefetch_related("rights", "events")
        page = pages.paginate_queryset(mine, request) or []
        results = RequestSerializer(page, many=True).data
        return Response({"results": results, "next": pages.get_next_link()})

    @refuses("login_required", "forbidden", "idempotency_conflict", "not_ready", "rate_limited")
    @extend_schema(parameters=[_KEY], request=AskSerializer, responses={201: WholeRequestSerializer})
    def post(self, request: Request) -> Response:
        """提出一件请求，能由程序办的当场就办。

        限制、撤回、删除、注销，以及替孩子办的，要先用 confirm 验证码确认。注销，和 reason 为 minor_alone
        的删除，马上开始，随即退出登录；这个会话还能看这件请求和凭证，别处凭 receipt 看。
        """
        holder = holder_of(request)
        body = read(AskSerializer(data=request.data))
        asked = _asked(holder, body)
        if asked.on_behalf == OnBehalf.WARD or set(asked.kinds) & set(NEED_FRESH):
            must_be_fresh(request)
        try:
            made = ask_by_api(
                holder=holder,
                asked=asked,
                proved=fresh(request._request),
                name=_name_given(request),
                reason=Reason(body["reason"]),
            )
        except (ErasureRefused, RequestMoved) as error:
            raise not_now(error) from error
        except NamedBefore as error:
            raise Problem(409, "idempotency_conflict") from error
        if ended_account(made):
            leave_erased(request._request, made.public_id)
        return Response(WholeRequestSerializer(made).data, 201)


class OneRequest(APIView):
    """我的一件请求。别人的等于不存在；注销了账号的会话，还能看注销的那一件。"""

    @refuses("login_required")
    @extend_schema(responses=WholeRequestSerializer)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(WholeRequestSerializer(asked_here(request, public_id)).data)


class Certificate(APIView):
    """删除的凭证，有签名：删完才有。"""

    @refuses("login_required", "not_ready")
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """最新的一版。删除和注销以外的请求没有凭证。"""
        found = asked_here(request, public_id)
        if not found.rights.filter(kind__in=CERTIFIED).exists():
            raise NotFound
        issued = certificate_of(request=found)
        if issued is None:
            raise Problem(409, "not_ready")
        return HttpResponse(file_of(issued), content_type="application/json")


def mine(request: Request, public_id: str) -> DataSubjectRequest:
    """The caller's own request of that name. Raises Problem, and NotFound for everybody else's."""
    try:
        return own_request(holder=holder_of(request), public_id=public_id)
    except RequestUnknown as error:
        raise NotFound from error


def asked_here(request: Request, public_id: str) -> DataSubjectRequest:
    """The caller's own request, or one that ended an account in this session. Raises as `mine`."""
    plain = request._request
    try:
        return of_asker(holder=holder_in(plain), remembered=erased_here(plain), public_id=public_id)
    except RequestUnknown as error:
        holder_of(request)  # nobody is told to sign in first
        raise NotFound from error


def not_now(error: Exception) -> Problem:
    """What is answered where an erasure cannot begin."""
    said = error.message if isinstance(error, ErasureRefused) else _("就在刚才有了变化，请再看一遍。")
    return Problem(409, "not_ready", title=_("现在还不能办"), detail=str(said))


def _asked(holder: User, body: dict[str, Any]) -> Asked:
    wanted = dict.fromkeys([body["kind"], *body.get("kinds", ())])
    return Asked(
        kinds=[RequestKind(kind) for kind in wanted],
        on_behalf=OnBehalf(body["on_behalf"]),
        concerning_id=_ward(holder, body),
        words=body["words"],
    )


def _ward(holder: User, body: dict[str, Any]) -> UUID | None:
    named = body.get("child")
    if body["on_behalf"] != OnBehalf.WARD:
        if named:
            raise Problem(422, "invalid", errors={"child": [_("替孩子办的，on_behalf 要写 ward")]})
        return None
    if not named:
        raise Problem(422, "invalid", errors={"child": [_("请说明是哪个孩子")]})
    try:
        return id_of(guardian=holder, public_id=named["id"])
    except ChildUnknown as error:
        raise Problem(422, "invalid", errors={"child.id": [_("没有找到这个孩子")]}) from error


def _name_given(request: Request) -> str | None:
    name = request.headers.get("Idempotency-Key", "").strip()
    if len(name) > _LONGEST_KEY:
        raise Problem(422, "invalid", errors={"Idempotency-Key": [_("最长 200 个字符。")]})
    return name or None
