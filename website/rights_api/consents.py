"""Taking a consent back by API: an optional purpose, a document with all that rests on it, children's."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.services.children import names_of
from accounts.services.consents import consents_of, withdraw_from
from accounts.services.guardians import guardian_actor
from enrollment.services.children import remove_child
from kit.api_schema import refuses
from privacy.consent.choices import OPTIONAL
from privacy.consent.enums import Channel, ConsentPurpose
from privacy.consent.models import ConsentRecord
from privacy.consent.serializers import ConsentSerializer
from privacy.rights.enums import Entrance
from privacy.rights.services.withdrawing import withdraw_all
from website.rights_api.who import holder_of, must_be_fresh
from website.services.receipts import given_receipt


class WithdrawConsent(APIView):
    """撤回对一项用途的同意，立刻生效。"""

    @refuses("login_required", "forbidden")
    @extend_schema(request=None, responses=ConsentSerializer)
    def post(self, request: Request, purpose: str) -> Response:
        """撤回同意，立刻生效。

        terms 和 privacy 撤回的是全部：停止使用，列出要删除的，要先用 confirm 验证码确认。
        children 是全部孩子，同时删除孩子的信息；只撤回一个的，用 DELETE children/{id}/。
        其余的没有同意过，记下您不同意。
        """
        holder = holder_of(request)
        if purpose not in ConsentPurpose.values:
            raise NotFound
        if purpose in OPTIONAL:
            kept = withdraw_from(guardian=holder, purpose=ConsentPurpose(purpose), channel=Channel.API)
            return Response(ConsentSerializer(kept).data)
        if purpose == ConsentPurpose.CHILDREN:
            for name in names_of(guardian=holder).values():
                remove_child(guardian=holder, public_id=name, channel=Channel.API)
        else:
            must_be_fresh(request)
            by = guardian_actor(holder)
            given_receipt(
                withdraw_all(subject_id=holder.pk, by=by, channel=Channel.API, entrance=Entrance.API)
            )
        return Response(ConsentSerializer(_newest(holder, purpose)).data)


def _newest(holder: User, purpose: str) -> ConsentRecord:
    decided = [kept for kept in consents_of(guardian=holder) if kept.purpose == purpose]
    if not decided:
        raise NotFound  # there never was a yes to take back
    return max(decided, key=lambda kept: kept.at)
