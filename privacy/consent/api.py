"""The documents over the API: which versions have to be agreed to. Nothing here depends on who asks."""

from collections.abc import Sequence

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny

from privacy.consent.models import ConsentNotice
from privacy.consent.serializers import DocumentSerializer
from privacy.consent.services import current_notices


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class DocumentList(ListAPIView[ConsentNotice]):
    """现行的文件：每份一个版本，分别同意。"""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    pagination_class = None
    serializer_class = DocumentSerializer
    queryset = ConsentNotice.objects.none()

    def filter_queryset(self, queryset: object) -> Sequence[ConsentNotice]:
        return current_notices()
