"""Codes, coming in, leaving and who one is, by API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.browser import (
    ensure_nonce,
    guardian_in,
    holder_in,
    note_proved,
    remember_browser,
    sign_in,
    sign_out,
)
from accounts.door import attempt, prove
from accounts.enums import CodePurpose
from accounts.exceptions import CodeExhausted, CodeInvalid, NoProof, SmsUnavailable
from accounts.serializers import (
    AskForCodeSerializer,
    ChildSerializer,
    LoginSerializer,
    MeSerializer,
    SentCodeSerializer,
)
from accounts.services.children import children_of
from accounts.services.codes import SentCode, Try, open_code, send_code, verify_code
from accounts.services.guardians import log_in, masked_phone_of, phone_of
from kit.api_schema import refuses
from kit.client_address import client_address
from kit.problem_json import Problem
from privacy.consent.enums import Channel, Document
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.serializers import DocumentSerializer
from privacy.consent.services import REQUIRED_TO_BOOK, current_notices


class AskForCode(APIView):
    """获取验证码。号码有没有账号，回答都一样。"""

    @refuses("phone_invalid", "rate_limited", "sms_unavailable")
    @extend_schema(request=AskForCodeSerializer, responses={202: SentCodeSerializer})
    def post(self, request: Request) -> Response:
        body = read(AskForCodeSerializer(data=request.data))
        try:
            sent = send_code(
                phone=body["phone"],
                purpose=CodePurpose(body["purpose"]),
                browser=ensure_nonce(request._request),
                address=client_address(request._request),
            )
        except SmsUnavailable as error:
            raise Problem(503, "sms_unavailable", retry_after=60) from error
        return code_sent(request, sent)


def code_sent(request: Request, sent: SentCode, **more: object) -> Response:
    """What is answered once a code has been sent, with ``more`` beside it; the browser is remembered."""
    answer = {"challenge": sent.challenge, "expires_in": sent.expires_in, "resend_in": sent.resend_in}
    response = Response({**answer, **more}, 202)
    remember_browser(request._request, response)
    return response


class Login(APIView):
    """凭验证码登录。还没有账号的号码，同意两份文件后才会有。"""

    @refuses(
        "code_invalid",
        "code_exhausted",
        "login_required",
        "agreements_required",
        "document_stale",
        "rate_limited",
    )
    @extend_schema(request=LoginSerializer, responses=MeSerializer)
    def post(self, request: Request) -> Response:
        """凭验证码登录。已经登录的，用 purpose 为 confirm 的验证码再确认一次是本人，十分钟内有效。"""
        body = read(LoginSerializer(data=request.data))
        plain = request._request
        tried = attempt(plain, challenge=body["challenge"], code=body["code"], purpose=CodePurpose.LOGIN)
        try:
            if _confirmed(plain, tried):
                return Response(_me(request))
            proof = prove(plain, tried)
            user = log_in(proof=proof, agreements=agreed(body.get("agreements")), channel=Channel.API)
        except ACCOUNT_ERRORS as error:
            raise as_problem(error, request) from error
        sign_in(plain, user)
        note_proved(plain, user, proof)
        return Response(_me(request))


def _confirmed(request: HttpRequest, tried: Try) -> bool:
    """Whether this was a code asked for to confirm, tried by whoever is signed in with that number.

    Such a code lets nobody in. Raises CodeInvalid, CodeExhausted, LimitReached.
    """
    holder, row = holder_in(request), open_code(challenge=tried.challenge, browser=tried.browser)
    number = phone_of(holder.pk) if holder else None
    if holder is None or number is None or row is None or row.purpose != CodePurpose.CONFIRM:
        return False
    right = replace(tried, purpose=CodePurpose.CONFIRM, phone=number)
    note_proved(request, holder, verify_code(right, address=client_address(request)))
    return True


class Logout(APIView):
    """退出登录。"""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        sign_out(request._request)
        return Response(status=204)


@method_decorator(ensure_csrf_cookie, name="dispatch")
class Me(APIView):
    """我是谁；没登录也能问。"""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(_me(request))


def _me(request: Request) -> dict[str, Any]:
    guardian = guardian_in(request._request)
    if guardian is None:
        return {"authenticated": False}
    return {
        "authenticated": True,
        "phone_masked": masked_phone_of(guardian.pk),
        "children": ChildSerializer(children_of(guardian=guardian), many=True).data,
    }


def read(serializer: Serializer[Any]) -> dict[str, Any]:
    """What the serializer declares, cleaned; whatever else was sent is dropped here."""
    serializer.is_valid(raise_exception=True)
    cleaned: dict[str, Any] = serializer.validated_data
    return cleaned


def agreed(agreements: list[dict[str, str]] | None) -> Mapping[str, str]:
    """Document to version, of the documents that are asked for here."""
    given = {entry["document"]: entry["version"] for entry in agreements or []}
    return {document: given[document] for document in REQUIRED_TO_BOOK if document in given}


ACCOUNT_ERRORS = (CodeInvalid, NoProof, AgreementsRequired, DocumentStale)


def as_problem(error: Exception, request: Request) -> Problem:
    """What the services refused, as the caller reads it."""
    if isinstance(error, CodeExhausted):
        return Problem(422, "code_exhausted")
    if isinstance(error, NoProof):
        return Problem(401, "login_required")
    if isinstance(error, CodeInvalid):
        return Problem(422, "code_invalid")
    documents = DocumentSerializer(current_notices(), many=True, context={"request": request}).data
    about = error.missing if isinstance(error, AgreementsRequired) else [getattr(error, "document", "")]
    # The children's rules are asked for by themselves, and nobody without a child need see them.
    wanted = (Document.CHILDREN,) if about == [Document.CHILDREN] else REQUIRED_TO_BOOK
    asked = [document for document in documents if document["document"] in wanted]
    code = "document_stale" if isinstance(error, DocumentStale) else "agreements_required"
    return Problem(409, code, documents=asked)
