"""The catalogue over the API: what a form needs to offer a choice. Nothing here depends on who asks."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import AllowAny

from courses.models import (
    Campus,
    CampusQuerySet,
    City,
    CityQuerySet,
    Course,
    CourseQuerySet,
    Programme,
    ProgrammeQuerySet,
)
from courses.serializers import CampusSerializer, CitySerializer, CourseSerializer, ProgrammeSerializer


class _ForEverybody(GenericAPIView[Any]):
    """The whole list as one array, whoever asks."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    pagination_class = None


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class CityList(_ForEverybody, ListAPIView[City]):
    """可预约试听的城市，按拼音排列。"""

    serializer_class = CitySerializer

    def get_queryset(self) -> CityQuerySet:
        return City.objects.bookable()


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class CampusList(_ForEverybody, ListAPIView[Campus]):
    """一座城市的校区，以及现在是不是开着门。经纬度是 GCJ-02。"""

    serializer_class = CampusSerializer
    queryset = Campus.objects.open_to_parents()  # what the API's description looks at

    def get_queryset(self) -> CampusQuerySet:
        city = get_object_or_404(City.objects.bookable(), slug=self.kwargs["slug"])
        return Campus.objects.open_to_parents().in_city(city)


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class ProgrammeList(_ForEverybody, ListAPIView[Programme]):
    """课程线和它们的特色，按展示的顺序。"""

    serializer_class = ProgrammeSerializer

    def get_queryset(self) -> ProgrammeQuerySet:
        return Programme.objects.offered().prefetch_related("selling_points")


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class CourseList(_ForEverybody, ListAPIView[Course]):
    """可以试听的课程。月龄两头都包含。"""

    serializer_class = CourseSerializer

    def get_queryset(self) -> CourseQuerySet:
        return Course.objects.offered().select_related("programme")
