"""What the API says about documents."""

from rest_framework import serializers

from privacy.consent.declarations import acting_role_for, declaration_text
from privacy.consent.models import ConsentNotice


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
