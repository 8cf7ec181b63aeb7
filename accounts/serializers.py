"""The bodies that the API of accounts takes: these fields and no others."""

from typing import Any

from rest_framework import serializers

from accounts.enums import CodePurpose
from kit.api_fields import CodeField, PhoneField
from privacy.consent.enums import Document


class AgreementSerializer(serializers.Serializer[dict[str, str]]):
    """One document and the version of it that was shown."""

    document = serializers.ChoiceField(choices=Document.choices)
    version = serializers.CharField(max_length=20)


class AgreementsField(serializers.ListField):
    """What was agreed to; left out or empty where nothing was."""

    def __init__(self, **options: Any) -> None:
        options = {"child": AgreementSerializer(), "required": False, "max_length": 10, **options}
        super().__init__(**options)


class AskForCodeSerializer(serializers.Serializer[dict[str, str]]):
    phone = PhoneField()
    purpose = serializers.ChoiceField(choices=CodePurpose.choices)


class SentCodeSerializer(serializers.Serializer[dict[str, object]]):
    challenge = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="seconds")
    resend_in = serializers.IntegerField(help_text="seconds")


class LoginSerializer(serializers.Serializer[dict[str, object]]):
    challenge = serializers.CharField(max_length=64)
    code = CodeField()
    agreements = AgreementsField()


class MeSerializer(serializers.Serializer[dict[str, object]]):
    authenticated = serializers.BooleanField()
    phone_masked = serializers.CharField(required=False)
    children = serializers.ListField(child=serializers.DictField(), required=False)
