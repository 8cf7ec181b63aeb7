"""What the API says about the catalogue."""

from rest_framework import serializers

from courses.models import City


class CitySerializer(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ("slug", "name", "pinyin", "initial")
        read_only_fields = fields
