"""The bodies that the API of classes and bookings takes and gives: these fields and no others."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import AgreementsField, BirthMonthField, NicknameField
from courses.models import Campus, City, Course
from enrollment.models import ClassSession, TrialBooking
from enrollment.models.booking_laws import MOST_IN_A_PARTY
from enrollment.policies import can_cancel_until, can_move_until
from kit.api_fields import CodeField
from privacy.minors.ages import LAST_MONTH_OF_A_MINOR


class ClassCampusSerializer(serializers.ModelSerializer[Campus]):
    """Where to go."""

    class Meta:
        model = Campus
        fields = ("slug", "name", "address")
        read_only_fields = fields


class ClassCourseSerializer(serializers.ModelSerializer[Course]):
    """What it is and for whom: whole months, both ends included."""

    programme = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    age_months = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = ("slug", "name", "programme", "age_months")
        read_only_fields = fields

    def get_age_months(self, course: Course) -> list[int]:
        """From, to."""
        return [course.age_min_months, course.age_max_months]


class ClassSessionSerializer(serializers.ModelSerializer[ClassSession]):
    """A class that can be tried. Reads campus, city, course and programme."""

    id = serializers.CharField(source="public_id", read_only=True)
    seats_left = serializers.IntegerField(read_only=True)
    bookable = serializers.SerializerMethodField()
    city = serializers.SlugRelatedField[Any](source="campus.city", slug_field="slug", read_only=True)
    campus = ClassCampusSerializer(read_only=True)
    course = ClassCourseSerializer(read_only=True)

    class Meta:
        model = ClassSession
        fields = ("id", "starts_at", "ends_at", "seats_left", "bookable", "city", "campus", "course")
        read_only_fields = fields

    def get_bookable(self, session: ClassSession) -> bool:
        """Whether a seat can be had now."""
        return session.is_bookable(timezone.now())


class ClassSessionPageSerializer(serializers.Serializer[dict[str, object]]):
    """One page of classes, and where the next one is."""

    results = ClassSessionSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class WantedClassesSerializer(serializers.Serializer[dict[str, object]]):
    """What classes are asked for. Days are of Asia/Shanghai, both included."""

    city = serializers.SlugRelatedField(slug_field="slug", queryset=City.objects.bookable(), required=False)
    campus = serializers.SlugRelatedField(
        slug_field="slug", queryset=Campus.objects.open_to_parents(), required=False
    )
    course = serializers.SlugRelatedField(
        slug_field="slug", queryset=Course.objects.offered(), required=False
    )
    age_months = serializers.IntegerField(min_value=0, max_value=LAST_MONTH_OF_A_MINOR, required=False)
    full = serializers.BooleanField(default=False, help_text="1：约满的也列出")
    cursor = serializers.CharField(max_length=22, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The two days besides: `from` is no name for a variable."""
        return {
            **super().get_fields(),
            "from": serializers.DateField(required=False),
            "to": serializers.DateField(required=False),
        }


class ChildWishSerializer(serializers.Serializer[dict[str, object]]):
    """A child on file by its ``id``, or one to be taken down by nickname and month (``YYYY-MM``)."""

    id = serializers.CharField(max_length=22, required=False)
    nickname = NicknameField(required=False)
    birth_month = BirthMonthField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One or the other, whole."""
        if set(attrs) not in ({"id"}, {"nickname", "birth_month"}):
            raise serializers.ValidationError(_("填 id，或者同时填 nickname 和 birth_month。"))
        return attrs


class RequestTrialSerializer(serializers.Serializer[dict[str, object]]):
    """``challenge`` and ``code`` may be left out when signed in, or just after a number was proved."""

    challenge = serializers.CharField(max_length=64, required=False)
    code = CodeField(required=False)
    city = serializers.SlugRelatedField(slug_field="slug", queryset=City.objects.bookable())
    campus = serializers.SlugRelatedField(
        slug_field="slug", queryset=Campus.objects.open_to_parents(), required=False
    )
    session = serializers.SlugRelatedField(
        slug_field="public_id", queryset=ClassSession.objects.shown(), required=False
    )
    child = ChildWishSerializer(required=False)
    siblings = serializers.ListField(
        child=ChildWishSerializer(), required=False, max_length=MOST_IN_A_PARTY - 1
    )
    agreements = AgreementsField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Challenge and code come together or not at all; siblings with a child, to a class."""
        for name, other in (("challenge", "code"), ("code", "challenge")):
            if name in attrs and other not in attrs:
                raise serializers.ValidationError({other: [self.fields[other].error_messages["required"]]})
        for other in ("child", "session") if attrs.get("siblings") else ():
            if other not in attrs:
                raise serializers.ValidationError({other: [self.fields[other].error_messages["required"]]})
        return attrs


class ChildNameSerializer(serializers.Serializer[dict[str, object]]):
    """A child of the guardian who asks, by its random name alone."""

    id = serializers.CharField()


_A_CAMPUS, _A_CLASS = ClassCampusSerializer(), ClassSessionSerializer()


class BookingSerializer(serializers.ModelSerializer[TrialBooking]):
    """A booking as those who may open it see it. What a request without a class does not have yet is null.

    ``context["children"]`` names the children that may be shown, by subject id: the guardian's own, and
    nobody's to whoever came by a link.
    """

    id = serializers.CharField(source="public_id", read_only=True)
    status = serializers.CharField(source="state", read_only=True)
    city = serializers.SlugRelatedField[City](slug_field="slug", read_only=True)
    campus = serializers.SerializerMethodField()
    session = serializers.SerializerMethodField()
    child = serializers.SerializerMethodField()
    party = serializers.SerializerMethodField()
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
            "party",
            "created_at",
            "can_cancel_until",
            "can_move_until",
            "ics_url",
            "url",
        )
        read_only_fields = fields

    # Serializers inside serializers are made anew for each answer: three times the work of all the rest.
    @extend_schema_field(ClassCampusSerializer(allow_null=True))
    def get_campus(self, booking: TrialBooking) -> Any:
        """Where, as far as it is settled."""
        return _A_CAMPUS.to_representation(booking.campus) if booking.campus else None

    @extend_schema_field(ClassSessionSerializer(allow_null=True))
    def get_session(self, booking: TrialBooking) -> Any:
        """When and what, once it is settled."""
        return _A_CLASS.to_representation(booking.session) if booking.session else None

    @extend_schema_field(ChildNameSerializer(allow_null=True))
    def get_child(self, booking: TrialBooking) -> dict[str, str] | None:
        """Which child it is for."""
        name = self.context.get("children", {}).get(booking.child_id)
        return {"id": name} if name else None

    def get_party(self, booking: TrialBooking) -> list[str]:
        """The bookings of siblings made together with it, its own included; empty for one alone."""
        names: list[str] = self.context.get("parties", {}).get(booking.party_id, [])
        return names

    def get_can_cancel_until(self, booking: TrialBooking) -> str | None:
        """The last moment to give the seat back by oneself."""
        until = can_cancel_until(booking)
        return timezone.localtime(until).isoformat() if until else None

    def get_can_move_until(self, booking: TrialBooking) -> str | None:
        """The last moment to move to another class by oneself."""
        until = can_move_until(booking)
        return timezone.localtime(until).isoformat() if until else None

    def get_ics_url(self, booking: TrialBooking) -> str | None:
        """The class as a calendar file, also after it was cancelled: the calendar has to hear of that."""
        if booking.session_id is None:
            return None
        return settings.PUBLIC_URL + booking.get_absolute_url().rstrip("/") + ".ics"

    def get_url(self, booking: TrialBooking) -> str:
        """The booking's page."""
        return settings.PUBLIC_URL + booking.get_absolute_url()


class MoveSerializer(serializers.Serializer[dict[str, object]]):
    """Which class to move to."""

    session = serializers.SlugRelatedField(slug_field="public_id", queryset=ClassSession.objects.shown())


class BookingPageSerializer(serializers.Serializer[dict[str, object]]):
    """One page of bookings, and where the next one is."""

    results = BookingSerializer(many=True)
    next = serializers.URLField(allow_null=True)
