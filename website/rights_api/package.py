"""The copy of one's data by API: made in the background, fetched three times at the most."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.services.guardians import guardian_actor
from kit.api_schema import refuses
from kit.problem_json import Problem
from privacy.rights.enums import PackageState, RequestKind
from privacy.rights.exceptions import PackageNotReady, PackageOver, RequestUnknown, TicketRefused
from privacy.rights.services.export.taking import fetch, open_ticket, progress_of
from website.rights_api.requests import mine
from website.rights_api.who import holder_of, must_be_fresh
from website.services.own_requests import own_package

_OVER = (PackageState.EXPIRED, PackageState.FAILED)


class Package(APIView):
    """我的信息副本，一个加密的 zip。密码只在登录后的网页上显示。"""

    # A HEAD would count as a download.
    http_method_names = ("get", "options")

    @refuses("login_required", "forbidden", "not_ready", "expired")
    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """下载一次，最多三次，做好后七天内；要先用 confirm 验证码确认。"""
        found, by = mine(request, public_id), guardian_actor(holder_of(request))
        if not found.rights.filter(kind=RequestKind.EXPORT).exists():
            raise NotFound
        try:
            package = own_package(holder=holder_of(request), public_id=public_id)
            state = progress_of(package=package, by=by).state
            if state not in _OVER and state != PackageState.READY:
                raise PackageNotReady
            if state in _OVER:
                raise PackageOver
            must_be_fresh(request)
            chunks = fetch(token=open_ticket(package=package, by=by), by=by)
        except (RequestUnknown, PackageNotReady) as error:
            raise Problem(409, "not_ready") from error
        except (PackageOver, TicketRefused) as error:
            raise Problem(410, "expired") from error
        response = StreamingHttpResponse(chunks, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{found.reference}.zip"'
        return response
