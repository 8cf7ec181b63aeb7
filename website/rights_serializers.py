"""Requests as the API takes and shows them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from privacy.erasure.enums import JobState, Reason
from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.services.progress import Progress, progress_of
from privacy.rights.enums import Entrance, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest, Reply, RequestedRight, RequestEvent
from privacy.rights.models.requests import WORDS
from website.services.receipts import ENDS_ACCOUNTS, receipt_of

_STATES = set(RequestState.values)
# Why somebody may ask to be erased; closing an account and erasing a child say themselves why.
_REASONS = (Reason.ASKED, Reason.NO_LONGER_NEEDED, Reason.UNLAWFUL, Reason.MINOR_ALONE)


class WardSerializer(serializers.Serializer[dict[str, str]]):
    """A child of one's own, by its random name."""

    id = serializers.CharField(max_length=64)


class AskSerializer(serializers.Serializer[dict[str, object]]):
    """What is asked for. One kind is enough; what else is wanted along with it stands in ``kinds``."""

    kind = serializers.ChoiceField(choices=RequestKind.choices)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=RequestKind.choices),
        required=False,
        max_length=len(RequestKind.values),
        help_text="同一件里还要的别的权利",
    )
    words = serializers.CharField(
        required=False, allow_blank=True, max_length=WORDS, default="", help_text="具体情况，可以不写"
    )
    on_behalf = serializers.ChoiceField(choices=OnBehalf.choices, default=OnBehalf.SELF.value)
    child = WardSerializer(required=False, help_text="on_behalf 为 ward 时：哪个孩子")
    reason = serializers.ChoiceField(
        choices=[(reason.value, reason.label) for reason in _REASONS],
        default=Reason.ASKED.value,
        help_text="删除的原因。minor_alone 不用批准，提交就删",
    )


class EventSerializer(serializers.ModelSerializer[RequestEvent]):
    state = serializers.ChoiceField(source="what", choices=RequestState.choices, read_only=True)

    class Meta:
        model = RequestEvent
        fields = ("at", "state")
        read_only_fields = fields


class RightSerializer(serializers.ModelSerializer[RequestedRight]):
    kind = serializers.ChoiceField(choices=RequestKind.choices, read_only=True)
    outcome = serializers.ChoiceField(choices=Outcome.choices, read_only=True)

    class Meta:
        model = RequestedRight
        fields = ("kind", "outcome")
        read_only_fields = fields


class ReplySerializer(serializers.Serializer[Reply]):
    """What we wrote. Field by field: a model's serializer would show sealed words masked."""

    at = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    body = serializers.CharField()
    remedies = serializers.CharField(help_text="不满意的，还可以怎么办")


class ErasureCourseSerializer(serializers.Serializer[Progress]):
    """How far the erasure is that a request led to."""

    state = serializers.ChoiceField(choices=JobState.choices)
    percent = serializers.IntegerField(help_text="做好了百分之几")
    unreadable_at = serializers.DateTimeField(allow_null=True, help_text="从何时起读不出来")
    final_by = serializers.DateTimeField(allow_null=True, help_text="最迟何时备份里的也没有用了")
    final_at = serializers.DateTimeField(allow_null=True, help_text="备份里的何时没有用了")


class RequestSerializer(serializers.ModelSerializer[DataSubjectRequest]):
    """A request as its list shows it, in five queries however many there are."""

    id = serializers.CharField(source="public_id", read_only=True)
    kind = serializers.ChoiceField(choices=RequestKind.choices, read_only=True)
    state = serializers.ChoiceField(choices=RequestState.choices, read_only=True)
    entrance = serializers.ChoiceField(choices=Entrance.choices, read_only=True)
    rights = RightSerializer(many=True, read_only=True)
    events = serializers.SerializerMethodField(help_text="每一步：何时到了哪个状态")

    class Meta:
        model = DataSubjectRequest
        fields: tuple[str, ...] = (
            *("id", "reference", "kind", "rights", "entrance", "state"),
            *("received_at", "due_at", "remains_until", "events"),
        )
        read_only_fields = fields

    def get_events(self, request: DataSubjectRequest) -> list[dict[str, Any]]:
        """The steps alone: what else happened is for the page to tell in words."""
        steps = [event for event in request.events.all() if event.what in _STATES]
        return [dict(step) for step in EventSerializer(steps, many=True).data]


class WholeRequestSerializer(RequestSerializer):
    """One request, with what was written to and fro."""

    question = serializers.SerializerMethodField(help_text="我们在等您回答的问题；没有就是 null")
    replies = ReplySerializer(many=True, read_only=True)
    erasure = serializers.SerializerMethodField(help_text="删除和注销的：做到哪里了；没有开始就是 null")
    receipt = serializers.SerializerMethodField(
        help_text="账号没有了以后，凭它在 /privacy/ask/ 里看结果和凭证"
    )

    class Meta(RequestSerializer.Meta):
        fields = (*RequestSerializer.Meta.fields, "question", "replies", "erasure", "receipt")
        read_only_fields = fields

    @extend_schema_field(ErasureCourseSerializer(allow_null=True))
    def get_erasure(self, request: DataSubjectRequest) -> dict[str, Any] | None:
        """How far it is."""
        if request.kind not in ENDS_ACCOUNTS:
            return None
        with suppress(ErasureUnknown):  # none has begun
            return dict(ErasureCourseSerializer(progress_of(request=request)).data)
        return None

    def get_receipt(self, request: DataSubjectRequest) -> str | None:
        """The receipt number."""
        return receipt_of(request) or None

    def get_question(self, request: DataSubjectRequest) -> str | None:
        """The one that waits for an answer."""
        if request.state != RequestState.NEED_INFO:
            return None
        return next((pause.question for pause in request.pauses.all() if pause.answered_at is None), None)


class RequestPageSerializer(serializers.Serializer[dict[str, object]]):
    """A page of one's own requests."""

    results = RequestSerializer(many=True)
    next = serializers.URLField(allow_null=True)
