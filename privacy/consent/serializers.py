"""What the API says about documents."""

from rest_framework import serializers

from privacy.consent.models import ConsentNotice


class DocumentSerializer(serializers.ModelSerializer[ConsentNotice]):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = ConsentNotice
        fields = ("document", "version", "title", "url", "sha256")
        read_only_fields = fields
