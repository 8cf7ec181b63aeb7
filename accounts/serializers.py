"""The bodies that the API of accounts takes: these fields and no others."""

from datetime import date
from typing import Any

from rest_framework import serializers

from accounts.enums import CodePurpose
from kit.api_fields import CodeField, PhoneField
from privacy.consent.enums import Document
from privacy.minors.exceptions import ChildInvalid
from privacy.minors.typed import month_from, nickname_from


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


class NicknameField(serializers.CharField):
    """What a child is called at home, in one spelling."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return nickname_from(super().to_internal_value(data))
        except ChildInvalid as wrong:
            raise serializers.ValidationError(str(wrong.hint)) from wrong


class BirthMonthField(serializers.CharField):
    """Year and month, ``YYYY-MM``; never a day."""

    def to_internal_value(self, data: Any) -> date:  # type: ignore[override]  # a month is no text any more
        try:
            return month_from(super().to_internal_value(data))
        except ChildInvalid as wrong:
            raise serializers.ValidationError(str(wrong.hint)) from wrong

    def to_representation(self, value: Any) -> str:
        return f"{value:%Y-%m}"


class ChildSerializer(serializers.Serializer[Any]):
    """A child as its guardian sees it, by its random name."""

    id = serializers.CharField(source="public_id", read_only=True)
    nickname = NicknameField()
    birth_month = BirthMonthField()


class KeepChildSerializer(ChildSerializer):
    """A child with the children's rules agreed to, which a correction needs only when they have changed."""

    agreements = AgreementsField(write_only=True)


class ChildPageSerializer(serializers.Serializer[dict[str, object]]):
    """All of them: a guardian has few, so there is never a next page."""

    results = ChildSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class GuardianInvitationSerializer(serializers.Serializer[Any]):
    """An invitation as it is told once."""

    url = serializers.URLField(help_text="给另一位监护人的链接，只能用一次")
    expires_at = serializers.DateTimeField()


class AcceptInvitationSerializer(serializers.Serializer[dict[str, object]]):
    """The last part of an invitation's link, and the children's rules agreed to."""

    token = serializers.CharField(max_length=64)
    agreements = AgreementsField()


class MeSerializer(serializers.Serializer[dict[str, object]]):
    authenticated = serializers.BooleanField()
    phone_masked = serializers.CharField(required=False)
    children = ChildSerializer(many=True, required=False)
