"""What the API says about documents and about what people decided."""

from rest_framework import serializers

from privacy.consent.choices import OPTIONAL
from privacy.consent.declarations import acting_role_for, declaration_text
from privacy.consent.enums import Document
from privacy.consent.models import ConsentNotice, ConsentRecord


class DocumentSerializer(serializers.ModelSerializer[ConsentNotice]):
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    declaration = serializers.SerializerMethodField(
        help_text="The sentence that whoever agrees declares; to be shown beside the document."
    )

    class Meta:
        model = ConsentNotice
        fields = ("document", "version", "title", "url", "sha256", "declaration")
        read_only_fields = fields

    def get_declaration(self, notice: ConsentNotice) -> str:
        """As it is recorded with the agreement."""
        return declaration_text(acting_role_for(notice.document))


class ConsentSerializer(serializers.ModelSerializer[ConsentRecord]):
    """One decision, with the document under which it was made. Reads its notice."""

    document = serializers.ChoiceField(source="notice.document", choices=Document.choices, read_only=True)
    version = serializers.CharField(source="notice.version", read_only=True)

    class Meta:
        model = ConsentRecord
        fields = ("purpose", "document", "version", "state", "at")
        read_only_fields = fields


class GiveConsentSerializer(serializers.Serializer[dict[str, str]]):
    """An optional purpose; documents are agreed to where they are asked for."""

    purpose = serializers.ChoiceField(choices=[(one.value, one.label) for one in OPTIONAL])
