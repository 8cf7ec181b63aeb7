"""The bodies that the API of the waiting list takes and gives: these fields and no others."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import AgreementsField
from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.policies import MOST_CLASSES_WAITED
from enrollment.serializers import ChildWishSerializer


class JoinWaitlistSerializer(serializers.Serializer[dict[str, object]]):
    """One full class or up to six of one city, any of which will do."""

    sessions = serializers.ListField(
        child=serializers.SlugRelatedField[Any](
            slug_field="public_id", queryset=ClassSession.objects.shown()
        ),
        min_length=1,
        max_length=MOST_CLASSES_WAITED,
    )
    child = ChildWishSerializer(required=False)
    agreements = AgreementsField()


class OfferSerializer(serializers.ModelSerializer[TrialBooking]):
    """A seat kept for who waited: the booking that holds it, its class, and until when."""

    booking = serializers.CharField(source="public_id", read_only=True)
    session = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    expires_at = serializers.DateTimeField(source="hold_expires_at", read_only=True)

    class Meta:
        model = TrialBooking
        fields = ("booking", "session", "expires_at")
        read_only_fields = fields


class EntrySerializer(serializers.ModelSerializer[WaitlistEntry]):
    """A place on the waiting list.

    ``context`` holds ``places`` (by entry, in the line that is shortest for it) and ``offers`` (by entry).
    """

    id = serializers.CharField(source="public_id", read_only=True)
    position = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()

    class Meta:
        model = WaitlistEntry
        fields = ("id", "state", "position", "offer")
        read_only_fields = fields

    def get_position(self, entry: WaitlistEntry) -> int | None:
        """1 is next; null where it no longer waits."""
        return min(self.context["places"].get(entry.pk, {}).values(), default=None)

    @extend_schema_field(OfferSerializer(allow_null=True))
    def get_offer(self, entry: WaitlistEntry) -> dict[str, Any] | None:
        """The seat that waits for an answer."""
        offer = self.context["offers"].get(entry.pk)
        return OfferSerializer(offer).data if offer else None


class EntryPageSerializer(serializers.Serializer[dict[str, object]]):
    """One page of entries, and where the next one is."""

    results = EntrySerializer(many=True)
    next = serializers.URLField(allow_null=True)
