"""The enrollment app: the trial class, from asking for it to sitting in it."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = "试听"

    def ready(self) -> None:
        from enrollment.services.ending import Trials
        from enrollment.services.wanted import Wanted
        from privacy import ports

        ports.register("still_wanted", Wanted())
        ports.register("service_of", Trials())
