"""Classes that can be tried, by API. Nothing here depends on who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.api import read
from enrollment.models import ClassSession, ClassSessionQuerySet
from enrollment.serializers import (
    ClassSessionPageSerializer,
    ClassSessionSerializer,
    WantedClassesSerializer,
)
from enrollment.services.classes import find_class
from kit.api_schema import refuses
from kit.own_address import own_address

_NARROWED_BY: dict[str, Callable[[ClassSessionQuerySet, Any], ClassSessionQuerySet]] = {
    "city": ClassSessionQuerySet.in_city,
    "campus": ClassSessionQuerySet.at_campus,
    "course": ClassSessionQuerySet.of_course,
    "from": ClassSessionQuerySet.from_day,
    "to": ClassSessionQuerySet.to_day,
    "age_months": ClassSessionQuerySet.for_age,
}


class ClassSessions(APIView):
    """可以试听的课次，按时间排列。不写 full=1 时只列还有座位的。"""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    page_size = 50

    @refuses("invalid", "not_found")
    @extend_schema(parameters=[WantedClassesSerializer], responses=ClassSessionPageSerializer)
    def get(self, request: Request) -> Response:
        given = {name: value for name, value in request.query_params.items() if value}
        wanted = read(WantedClassesSerializer(data=given))
        classes = list(_wanted(wanted).in_order()[: self.page_size + 1])
        page, more = classes[: self.page_size], classes[self.page_size :]
        here = own_address(request._request)
        answer = Response(
            {
                "results": ClassSessionSerializer(page, many=True).data,
                "next": replace_query_param(here, "cursor", page[-1].public_id) if more else None,
            }
        )
        patch_cache_control(answer, public=True, max_age=5)  # what was refused is kept by nobody
        return answer


def _wanted(wanted: dict[str, Any]) -> ClassSessionQuerySet:
    """The classes asked for, from the one on that the cursor names, which the last page ended with."""
    at = timezone.now()
    classes = ClassSession.objects.upcoming(at) if wanted["full"] else ClassSession.objects.bookable(at)
    for name, narrow in _NARROWED_BY.items():
        if name in wanted:
            classes = narrow(classes, wanted[name])
    if "cursor" in wanted:
        last = find_class(public_id=wanted["cursor"])
        if last is None:
            raise NotFound
        classes = classes.after(last.starts_at, last.pk)
    return classes
