"""The app `privacy.minors`."""

from django.apps import AppConfig


class MinorsConfig(AppConfig):
    name = "privacy.minors"
    label = "minors"
