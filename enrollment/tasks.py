"""What runs by the clock."""

from celery import shared_task
from django.conf import settings

from enrollment.services.classes import advance_classes
from enrollment.services.demo_classes import keep_classes_rolling


@shared_task
def advance() -> None:
    """Begin and end classes, and close the attendance of those that are over."""
    advance_classes()


@shared_task
def roll_demo_classes() -> None:
    """Where no message is really sent, see to it that the coming four weeks have classes to try."""
    if settings.SMS_GATEWAY in settings.DEMO_GATEWAYS:
        keep_classes_rolling()
