"""What the API says about the catalogue."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from courses.models import Campus, City, Course, Programme, SellingPoint
from courses.services.hours import opening


class CitySerializer(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ("slug", "name", "pinyin", "initial")
        read_only_fields = fields


class CampusSerializer(serializers.ModelSerializer[Campus]):
    """Coordinates are numbers, in degrees of GCJ-02."""

    latitude = serializers.FloatField(read_only=True)
    longitude = serializers.FloatField(read_only=True)
    open_now = serializers.SerializerMethodField()

    class Meta:
        model = Campus
        fields = ("slug", "name", "address", "phone", "latitude", "longitude", "open_now")
        read_only_fields = fields

    def get_open_now(self, campus: Campus) -> bool:
        return opening(campus=campus, at=timezone.now()).open


class ProgrammeSerializer(serializers.ModelSerializer[Programme]):
    selling_points = serializers.SlugRelatedField[SellingPoint](slug_field="text", many=True, read_only=True)

    class Meta:
        model = Programme
        fields = ("slug", "name", "selling_points", "position")
        read_only_fields = fields


class CourseSerializer(serializers.ModelSerializer[Course]):
    """``age_months`` is the youngest and the oldest, both included; ``minutes`` how long a class takes."""

    programme = serializers.SlugRelatedField[Programme](slug_field="slug", read_only=True)
    age_months = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = ("slug", "name", "programme", "age_months", "minutes")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2))
    def get_age_months(self, course: Course) -> list[int]:
        return [course.age_min_months, course.age_max_months]
