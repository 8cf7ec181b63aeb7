"""The catalogue over the API: what a form needs to offer a choice. Nothing here depends on who asks."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny

from courses.models import City, CityQuerySet
from courses.serializers import CitySerializer


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class CityList(ListAPIView[City]):
    """可预约试听的城市，按拼音排列。"""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    pagination_class = None
    serializer_class = CitySerializer

    def get_queryset(self) -> CityQuerySet:
        return City.objects.bookable()
