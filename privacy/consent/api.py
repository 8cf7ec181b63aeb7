"""The documents over the API: which versions have to be agreed to. Nothing here depends on who asks."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.consent.serializers import DocumentSerializer
from privacy.consent.services import current_notices


@method_decorator(cache_control(public=True, max_age=60), name="dispatch")
class DocumentList(APIView):
    """现行的文件：每份一个版本，分别同意。"""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=DocumentSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(DocumentSerializer(current_notices(), many=True).data)
