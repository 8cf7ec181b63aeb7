"""The bodies that the API of bookings takes and gives: these fields and no others."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.serializers import AgreementsField
from courses.models import City
from enrollment.models import TrialBooking
from kit.api_fields import CodeField


class RequestTrialSerializer(serializers.Serializer[dict[str, object]]):
    """``challenge`` and ``code`` may be left out when signed in, or just after a number was proved."""

    challenge = serializers.CharField(max_length=64, required=False)
    code = CodeField(required=False)
    city = serializers.SlugRelatedField(slug_field="slug", queryset=City.objects.bookable())
    agreements = AgreementsField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Challenge and code come together or not at all."""
        for name, other in (("challenge", "code"), ("code", "challenge")):
            if name in attrs and other not in attrs:
                raise serializers.ValidationError({other: [self.fields[other].error_messages["required"]]})
        return attrs


class BookingSerializer(serializers.ModelSerializer[TrialBooking]):
    """A booking as its guardian sees it. What a request without a class does not have yet is null."""

    id = serializers.CharField(source="public_id", read_only=True)
    status = serializers.CharField(source="state", read_only=True)
    city = serializers.SlugRelatedField[City](slug_field="slug", read_only=True)
    campus = serializers.SerializerMethodField()
    session = serializers.SerializerMethodField()
    child = serializers.SerializerMethodField()
    can_cancel_until = serializers.SerializerMethodField()
    can_move_until = serializers.SerializerMethodField()
    ics_url = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = TrialBooking
        fields = (
            "id",
            "status",
            "reference",
            "city",
            "campus",
            "session",
            "child",
            "created_at",
            "can_cancel_until",
            "can_move_until",
            "ics_url",
            "url",
        )
        read_only_fields = fields

    def _not_before_a_class(self, booking: TrialBooking) -> str | None:
        """A request has no campus, class, child or cut-off."""
        return None

    get_campus = get_session = get_child = _not_before_a_class
    get_can_cancel_until = get_can_move_until = get_ics_url = _not_before_a_class

    def get_url(self, booking: TrialBooking) -> str:
        """The booking's page."""
        return settings.PUBLIC_URL + booking.get_absolute_url()


class BookingPageSerializer(serializers.Serializer[dict[str, object]]):
    """One page of bookings, and where the next one is."""

    results = BookingSerializer(many=True)
    next = serializers.URLField(allow_null=True)
