"""The enrollment app: the trial class, from asking for it to sitting in it."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = "试听"
